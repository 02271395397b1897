"""The marks before a Word list's items. Word keeps them out of the text, yet a reader sees them and sentences end by them."""

from __future__ import annotations

from collections import Counter

from docx.document import Document
from lxml import etree

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_NUMBERING = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/numbering"
_MOST_STYLES_ABOVE = 20

_Place = tuple[str, str]  # which list, and how deep in it


class Lists:
    """The lists of one document, counted as its paragraphs come."""

    def __init__(self, document: Document) -> None:
        self._styles = {s.get(W + "styleId"): s for s in document.styles.element.findall(W + "style")}
        self._formats = _formats(document)
        self._counts: Counter[_Place] = Counter()

    def mark(self, paragraph: etree._Element) -> str:
        """`1. ` or `- ` before an item, nothing before any other paragraph. A numbered heading stays bare, so that it is known as one."""
        place = self._place(paragraph)
        if place is None:
            return ""
        kind = self._formats.get(place, "bullet")
        if kind in {"bullet", "none"}:
            return "- " if kind == "bullet" else ""
        number, depth = place
        for deeper in [p for p in self._counts if p[0] == number and p[1] > depth]:
            del self._counts[deeper]
        self._counts[place] += 1
        return f"{self._counts[place]}. "

    def _place(self, paragraph: etree._Element) -> _Place | None:
        look = paragraph.find(W + "pPr")
        for _ in range(_MOST_STYLES_ABOVE):
            if look is None:
                return None
            listed = look.find(W + "numPr")
            if listed is not None:
                number = _value(listed.find(W + "numId"), "0")
                return (number, _value(listed.find(W + "ilvl"), "0")) if number != "0" else None
            name = _value(look.find(W + "pStyle" if look.tag == W + "pPr" else W + "basedOn"), "")
            style = self._styles.get(name)
            if style is None or name.lower().startswith("heading"):
                return None
            own = style.find(W + "pPr")
            look = own if own is not None and own.find(W + "numPr") is not None else style
        return None


def _formats(document: Document) -> dict[_Place, str]:
    """How each list writes its marks at each depth: bullet, decimal and so on."""
    part = next((r.target_part for r in document.part.rels.values() if r.reltype == _NUMBERING and not r.is_external), None)
    root = getattr(part, "element", None)
    if root is None:
        return {}
    kinds = {
        (abstract.get(W + "abstractNumId"), level.get(W + "ilvl")): _value(level.find(W + "numFmt"), "bullet")
        for abstract in root.iter(W + "abstractNum")
        for level in abstract.iter(W + "lvl")
    }
    uses = {num.get(W + "numId"): _value(num.find(W + "abstractNumId"), "") for num in root.iter(W + "num")}
    return {(number, depth): kind for number, abstract in uses.items() for (of, depth), kind in kinds.items() if of == abstract}


def _value(element: etree._Element | None, default: str) -> str:
    return default if element is None else element.get(W + "val") or default
