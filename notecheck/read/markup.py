"""The text of marked-up words: HTML, the XHTML of a FHIR narrative, and the narrative block of a C-CDA section.

Lines end where a browser would end them. What a reader does not see is left out, and so is what is struck through.
"""

from __future__ import annotations

import re

from lxml import etree

from notecheck.read.lines import Lines, row

_BLOCKS = {
    "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "dir", "div", "dl", "dt", "fieldset", "figcaption",
    "figure", "footer", "form", "header", "hr", "item", "legend", "li", "list", "main", "menu", "nav", "ol", "p", "paragraph", "pre", "section",
    "summary", "table", "tbody", "tfoot", "thead", "tr", "ul",
}  # fmt: skip
_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
_UNSEEN = {
    "applet", "audio", "canvas", "del", "embed", "head", "iframe", "map", "noframes", "noscript", "object", "renderMultiMedia", "s", "script", "strike",
    "style", "svg", "template", "title", "video",
}  # fmt: skip
_CELLS = {"td", "th"}
_ITEMS = {"li", "item"}
_UNMARKED = re.compile(r"list-style(?:-type)?\s*:\s*none", re.IGNORECASE)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|line-through|mso-hide\s*:\s*all", re.IGNORECASE)


def text(root: etree._Element) -> str:
    """The lines of an element: blocks and breaks end them, table rows are lines with tabs, boxes of forms are [x] or [ ]."""
    gaps = _paragraphs_stand_apart(root)
    page = Lines()
    outer: list[tuple[Lines, list[str]]] = []  # a cell is read as a page of its own, then set into its row
    cells: list[str] = []
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        tag = _name(element)
        if event == "start":
            if _unseen(element, tag):
                walk.skip_subtree()  # its end comes all the same, and the words after it with it
                continue
            if tag in _CELLS:
                outer.append((page, cells))
                page, cells = Lines(), []
            elif tag in _HEADINGS or (tag == "p" and gaps and not _in_item(element)):
                page.gap()
            elif tag in _BLOCKS:
                page.end_line()
                if tag in _ITEMS:
                    page.mark(_mark(element))
            elif tag == "br":
                page.break_line()
            elif tag == "input":
                page.words(_answer(element))
            _add(page, element, element.text)
            continue
        if not _unseen(element, tag):
            if tag in _CELLS:
                cell = str(page)
                page, cells = outer.pop()
                cells.append(cell)
            elif tag == "tr":
                page.end_line()
                if line := row(cells):
                    page.verbatim(line)
                    page.break_line()
                cells.clear()
            elif tag == "p" and gaps and not _in_item(element):
                page.gap()
            elif tag in _BLOCKS or tag in _HEADINGS:
                page.end_line()
                page.mark("")
        if element is not root and tag not in _CELLS:
            parent = element.getparent()
            _add(page, element if parent is None else parent, element.tail)
    return str(page)


def _name(element: etree._Element) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _unseen(element: etree._Element, tag: str) -> bool:
    if tag in _UNSEEN or not tag or element.get("hidden") is not None or element.get("revised") == "delete":
        return True
    if tag == "option":
        return element.get("selected") is None
    style = element.get("style")
    return style is not None and _HIDDEN.search(style) is not None


def _add(page: Lines, within: etree._Element, words: str | None) -> None:
    if words and (_name(within) in {"pre", "textarea"} or (within.get("style") or "").replace(" ", "").find("white-space:pre") >= 0):
        page.verbatim(words)
    else:
        page.words(words)


def _in_item(paragraph: etree._Element) -> bool:
    within = paragraph.getparent()
    return within is not None and _name(within) in _ITEMS


def _mark(item: etree._Element) -> str:
    """The number or the bullet before an item. Without it a long item would run on into the next one."""
    within = item.getparent()
    if within is None or _UNMARKED.search(within.get("style") or ""):
        return ""
    if _name(within) == "ol" or within.get("listType") == "ordered":
        return f"{1 + sum(1 for before in item.itersiblings(preceding=True) if before.tag == item.tag)}. "
    return "- "


def _answer(element: etree._Element) -> str:
    kind = (element.get("type") or "text").lower()
    if kind in {"checkbox", "radio"}:
        return "[x] " if element.get("checked") is not None else "[ ] "
    return element.get("value") or "" if kind in {"text", "number", "date"} else ""


def _paragraphs_stand_apart(root: etree._Element) -> bool:
    """Whether an empty line stands between paragraphs, as in a browser. Where empty paragraphs make the empty lines, each paragraph is but a line."""
    paragraphs = [p for p in root.iter() if _name(p) == "p"]
    lines = [p for p in paragraphs if re.search(r"margin\s*:\s*0|margin-(?:top|bottom)\s*:\s*0", p.get("style") or "")]
    empty = any(not len(p) and not (p.text or "").strip() for p in paragraphs)
    return not empty and not lines
