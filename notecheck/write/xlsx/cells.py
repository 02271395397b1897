"""What a cell can hold: text that is never a formula, never breaks the file and never turns its own direction."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

from xlsxwriter.url import Url

from notecheck.write.xml_text import one_line

LONGEST_CELL = 32_767  # UTF-16 units, the format's own limit


class Link(NamedTuple):
    """Text that leads to a file beside the workbook (`external:…`) or to a place in it (`internal:…`)."""

    text: str
    target: str


class Styled(NamedTuple):
    """A value in another style than its column's."""

    value: Plain
    style: str


Plain = str | int | float | date | datetime | None
Cell = Plain | Link | Styled


def cell_text(text: str) -> str:
    """The text on one line, as a cell can hold it: what XML cannot say becomes a visible mark, and what is too long is cut."""
    text = one_line(text)
    if len(text) > LONGEST_CELL // 2 and len(text.encode("utf-16-le")) > 2 * LONGEST_CELL:
        text = text.encode("utf-16-le")[: 2 * (LONGEST_CELL - 2)].decode("utf-16-le", "ignore") + " …"
    # XlsxWriter takes a text between these marks for finished XML, and would write it as it stands.
    return text + " " if text.startswith("<r>") and text.endswith("</r>") else text


class RelativeUrl(Url):  # type: ignore[misc]  # XlsxWriter tells no types
    """A link to a file beside the workbook. XlsxWriter would write it with backslashes, which only Windows follows."""

    def _target(self) -> str:
        return str(super()._target()).replace("\\", "/")


def url_of(link: Link) -> Url:
    """The link as XlsxWriter takes it."""
    url = RelativeUrl(link.target)
    url.text = cell_text(link.text)
    return url
