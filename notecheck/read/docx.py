"""Word documents (.docx): paragraphs, lists, tables, content controls and text boxes in the order they stand in, headers before, footers after.

Deleted, hidden and struck words are not read; inserted ones are.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO

import docx
from docx.document import Document
from docx.opc.exceptions import OpcError
from lxml import etree

from notecheck.failures import InputError
from notecheck.read import xml
from notecheck.read.docx_lists import Lists
from notecheck.read.docx_lists import W as _W
from notecheck.read.lines import row

MOST_PARTS = 5_000
LARGEST_PART = 64_000_000  # bytes of XML; the words of a long note are a thousandth of that
LARGEST = 200_000_000  # bytes of everything, pictures too

_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"  # the same text box once more, for old programs
_CONTAINERS = {_W + name for name in ("sdt", "sdtContent", "customXml", "ins", "moveTo", "smartTag")}
_GONE = {_W + name for name in ("del", "moveFrom", "pPr", "instrText", "rPr", "sdtPr")} | {_FALLBACK}
_BOX = _W + "txbxContent"
_MARKS = {_W + "tab": "\t", _W + "br": "\n", _W + "cr": "\n", _W + "noBreakHyphen": "-", _W + "ptab": "\t"}
_UNSEEN = (_W + "vanish", _W + "strike", _W + "dstrike")
_OFF = {"0", "false", "off", "none"}
_SYMBOLS = {  # the boxes and bullets of Wingdings, by the character that stands for them in the file
    "F0A8": "\u2610", "F06F": "\u2610", "F071": "\u2610", "F0FE": "\u2612", "F0FD": "\u2612", "F078": "\u2612", "F052": "\u2611", "F0FC": "\u2713",
    "F0B7": "\u2022", "F0A7": "\u2022", "F0E0": "->",
}  # fmt: skip


def text_of(data: bytes, name: str) -> str:
    """The text of a Word document. Raises InputError for a damaged file and one that would unpack to something huge."""
    _check(data, name)
    try:
        document = docx.Document(BytesIO(data))
    except (OpcError, KeyError, ValueError, etree.LxmlError, zipfile.BadZipFile) as e:
        raise InputError(f"{name} is not a Word document that can be read; save it again as .docx.") from e
    lists = Lists(document)
    heads, feet = _margins(document, lists)
    return "\n".join([*heads, *_blocks(document.element.body, lists), *feet])


def is_word(data: bytes) -> bool:
    """Whether a zip holds a Word document."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as z:
            return any(n.startswith("word/") and n.endswith(".xml") for n in z.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return False


def _check(data: bytes, name: str) -> None:
    """Refuses what python-docx would unpack without asking: its sizes are those the zip declares, beyond which Python reads nothing."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as z:
            parts = z.infolist()
            if len(parts) > MOST_PARTS or sum(p.file_size for p in parts) > LARGEST:
                raise InputError(f"{name} unpacks to more than a Word document holds; it is refused. Save the note as plain text (UTF-8).")
            for part in parts:
                if not part.filename.endswith((".xml", ".rels")):
                    continue
                if part.file_size > LARGEST_PART:
                    raise InputError(
                        f"{name} unpacks to more than a Word document holds; it is refused. Save the note as plain text (UTF-8)."
                    )
                if xml.has_doctype(z.read(part)):
                    raise InputError(f"{name} holds XML with a document type (DTD), which Word never writes; it is refused.")
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, ValueError) as e:
        if isinstance(e, InputError):
            raise
        raise InputError(f"{name} is a damaged or locked Word document; save it again as .docx.") from e


def _margins(document: Document, lists: Lists) -> tuple[list[str], list[str]]:
    """The headers and the footers of all sections, each text once."""
    heads: dict[str, None] = {}
    feet: dict[str, None] = {}
    for section in document.sections:
        for found, margins in (
            (heads, (section.first_page_header, section.header, section.even_page_header)),
            (feet, (section.first_page_footer, section.footer, section.even_page_footer)),
        ):
            for margin in margins:
                if not margin.is_linked_to_previous and (text := "\n".join(_blocks(margin.part.element, lists)).strip()):
                    found[text] = None
    return list(heads), list(feet)


def _blocks(container: etree._Element, lists: Lists) -> Iterator[str]:
    """The paragraphs and table rows under an element, each a line or lines."""
    line = ""
    for child in container:
        if child.tag == _W + "p":
            boxes: list[str] = []
            words = _words(child, boxes, lists)
            line += lists.mark(child) + words if words.strip() else words
            if not _joined(child):
                yield line
                line = ""
            yield from boxes
        elif child.tag == _W + "tbl":
            yield from filter(None, (row(_cells(tr, lists)) for tr in child.iter(_W + "tr") if _own_table(tr) is child))
        elif child.tag in _CONTAINERS:
            yield from _blocks(child, lists)
    if line:
        yield line


def _cells(tr: etree._Element, lists: Lists) -> Iterator[str]:
    for child in tr:
        if child.tag == _W + "tc":
            yield "\n".join(_blocks(child, lists)).strip()
        elif child.tag in _CONTAINERS:
            yield from _cells(child, lists)


def _own_table(tr: etree._Element) -> etree._Element | None:
    return next(tr.iterancestors(_W + "tbl"), None)


def _words(element: etree._Element, boxes: list[str], lists: Lists) -> str:
    """The words of a paragraph; those of its text boxes go to `boxes`."""
    out = ""
    for child in element:
        if child.tag == _W + "t":
            out += child.text or ""
        elif child.tag in _MARKS:
            out += _MARKS[child.tag]
        elif child.tag == _BOX:
            boxes.extend(_blocks(child, lists))
        elif child.tag == _W + "sym":
            out += _SYMBOLS.get((child.get(_W + "char") or "").upper(), "")
        elif child.tag == _W + "checkBox":
            out += _box(child)
        elif child.tag not in _GONE and not (child.tag == _W + "r" and _unseen(child)):
            out += _words(child, boxes, lists)
    return out


def _unseen(run: etree._Element) -> bool:
    look = run.find(_W + "rPr")
    return look is not None and any(_on(look.find(kind)) for kind in _UNSEEN)


def _box(check: etree._Element) -> str:
    """A box of an old form: its own state, else what it was made with."""
    state = check.find(_W + "checked")
    return "[x] " if _on(state if state is not None else check.find(_W + "default")) else "[ ] "


def _on(switch: etree._Element | None) -> bool:
    return switch is not None and (switch.get(_W + "val") or "1").lower() not in _OFF


def _joined(paragraph: etree._Element) -> bool:
    """Whether the paragraph's end was deleted, so that the next one goes on in its line."""
    return paragraph.find(f"{_W}pPr/{_W}rPr/{_W}del") is not None
