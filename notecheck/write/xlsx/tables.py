"""A table of any length on a sheet: caption, header, rows as they come, and a second sheet where the first is full."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from math import ceil
from typing import NamedTuple, TypeVar

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from notecheck.write.text import ElementWords, words
from notecheck.write.xlsx.cells import Cell, Link, Styled, cell_text, url_of
from notecheck.write.xlsx.styles import make_styles

SHEET_ROWS = 1_048_576  # the format's own limit
SHEET_LINKS = 65_530  # likewise
_HEADER = 1  # the row of the header; the caption stands above it
_HEADERS = {"number": "header_right", "share": "header_right", "points": "header_right", "grey": "header_middle"}
_LINE = 12.75  # points
# A row's height must be told: a program that trusts the file does not fit it to wrapped text. Heights are kept in memory, so only the rows
# that people scroll to get one.
_FITTED = 20_000
_MOST_LINES = 12


class Column(NamedTuple):
    """A column: its header, its width in characters, the style of its cells. One that `may_be_empty` is hidden where no row fills it."""

    title: str
    width: float
    style: str = "text"
    may_be_empty: bool = False


class Listed(NamedTuple):
    """A table that was written, for the list of contents."""

    name: str
    about: str
    rows: int
    sheets: int
    unlinked: int


@dataclass
class Book:
    """The workbook, its styles, how many rows a sheet may have, and what has been written."""

    workbook: Workbook
    rows: int = SHEET_ROWS
    contents: list[Listed] = field(default_factory=list)
    styles: dict[str, Format] = field(init=False)

    def __post_init__(self) -> None:
        self.styles = make_styles(self.workbook)


Term = TypeVar("Term", bound=str)
Finish = Callable[[Worksheet, int, int], None]


class Table:
    """Rows go in order, one by one, and are not kept. `finish` is called with each sheet and its first and last row of values."""

    def __init__(
        self,
        book: Book,
        name: str,
        about: str,
        columns: Sequence[Column],
        *,
        frozen: int = 1,
        turned: int | None = None,
        finish: Finish | None = None,
    ) -> None:
        self._book, self._name, self._about, self._columns = book, name, about, columns
        self._frozen, self._turned, self._finish = frozen, turned, finish
        self._filled: set[int] = set()
        self._rows, self._unlinked, self._sheets = 0, 0, 0
        self._open()

    def _open(self) -> None:
        self._sheets += 1
        goes_on = f" ({self._sheets})" if self._sheets > 1 else ""
        self._sheet = sheet = self._book.workbook.add_worksheet(self._name + goes_on)
        self._row, self._links = _HEADER, 0
        sheet.hide_gridlines(2)
        sheet.freeze_panes(_HEADER + 1, self._frozen)
        sheet.set_row(0, 20)
        sheet.write_string(0, 0, (f"Continued from {self._name}. " if goes_on else "") + self._about, self._book.styles["caption"])
        sheet.set_row(_HEADER, 32 if self._turned is None else 175)
        for n, column in enumerate(self._columns):
            turned = self._turned is not None and n >= self._turned
            style = "header_turned" if turned else _HEADERS.get(column.style, "header")
            sheet.write_string(_HEADER, n, cell_text(column.title), self._book.styles[style])

    def add(self, cells: Sequence[Cell]) -> None:
        """One row, a cell a column."""
        if self._row + 1 >= self._book.rows:
            self._close_sheet()
            self._open()
        self._row += 1
        self._rows += 1
        if self._row <= _FITTED and (lines := self._lines(cells)) > 1:
            self._sheet.set_row(self._row, _LINE * lines + 2)
        for n, (cell, column) in enumerate(zip(cells, self._columns, strict=True)):
            if cell not in (None, "", 0):
                self._filled.add(n)
            self._put(n, cell, column.style)

    def _lines(self, cells: Sequence[Cell]) -> int:
        """How many lines the longest wrapped text of a row takes, about."""
        pairs = zip(cells, self._columns, strict=True)
        # A width is told in digits, and a letter is narrower; of each line some is lost to the next word.
        wrapped = (len(cell) / (1.2 * column.width - 2.5) for cell, column in pairs if isinstance(cell, str) and column.style == "text")
        return min(ceil(max(wrapped, default=1)), _MOST_LINES)

    def _put(self, n: int, cell: Cell, style: str) -> None:
        if isinstance(cell, Styled):
            cell, style = cell
        if isinstance(cell, Link) and self._links < SHEET_LINKS:
            self._links += 1
            self._sheet.write_url(self._row, n, url_of(cell), self._book.styles["link"])
        elif isinstance(cell, Link):
            self._unlinked += 1
            write(self._sheet, self._row, n, cell.text, self._book.styles["line"])
        else:
            write(self._sheet, self._row, n, cell, self._book.styles[style])

    def _close_sheet(self) -> None:
        sheet, last = self._sheet, self._row
        for n, column in enumerate(self._columns):
            unused = column.may_be_empty and n not in self._filled
            sheet.set_column(n, n, column.width, None, {"hidden": unused})
        if last > _HEADER:
            sheet.autofilter(_HEADER, 0, last, len(self._columns) - 1)
            if self._finish:
                self._finish(sheet, _HEADER + 1, last)
        sheet.repeat_rows(_HEADER)
        for_print(sheet, pages_high=0)

    def close(self, nothing: str) -> None:
        """Ends the table. One without a row says `nothing`, a sentence, instead."""
        if not self._rows:
            self._sheet.write_string(_HEADER + 1, 0, nothing, self._book.styles["caption"])
        self._close_sheet()
        self._book.contents.append(Listed(self._name, self._about, self._rows, self._sheets, self._unlinked))


def write(sheet: Worksheet, row: int, column: int, value: Cell, style: Format) -> None:
    """Writes a value as what it is. Text is always text: no formula, no number and no link is made of it."""
    if value is None or value == "":
        sheet.write_blank(row, column, None, style)
    elif isinstance(value, str):
        sheet.write_string(row, column, cell_text(value), style)
    elif isinstance(value, datetime):
        sheet.write_datetime(row, column, value.replace(tzinfo=None), style)
    elif isinstance(value, date):
        _write_date(sheet, row, column, value, style)
    elif isinstance(value, int | float):
        sheet.write_number(row, column, value, style)


def _write_date(sheet: Worksheet, row: int, column: int, value: date, style: Format) -> None:
    if value.year < 1900:  # the spreadsheet's calendar begins there
        sheet.write_string(row, column, value.isoformat(), style)
    else:
        sheet.write_datetime(row, column, value, style)


def for_print(sheet: Worksheet, *, pages_high: int) -> None:
    """Landscape, one page wide, with the sheet's name and the page's number below."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, pages_high)
    sheet.set_margins(left=0.4, right=0.4, top=0.4, bottom=0.6)
    sheet.set_footer("&L&8&A&R&8Page &P of &N")


def name_of(element: str, elements: Mapping[str, ElementWords]) -> str:
    """The name that people know the element by; its id where the pack has none."""
    return elements[element].name if element in elements else element


def names(ids: Iterable[str], elements: Mapping[str, ElementWords]) -> str:
    """The names of several elements, in their order. Names hold commas, so semicolons part them."""
    return "; ".join(name_of(e, elements) for e in ids)


def data_bars(column: int) -> Finish:
    """Bars from 0 to 100 % behind the shares of a column, for a table's `finish`."""
    look = {"type": "data_bar", "bar_solid": True, "bar_color": "#A9D3CF", "bar_border_color": "#7DB5AF"}
    limits = {"min_type": "num", "min_value": 0, "max_type": "num", "max_value": 1}

    def finish(sheet: Worksheet, first: int, last: int) -> None:
        sheet.conditional_format(first, column, last, column, {**look, **limits})

    return finish


def chip(term: Term | None, styles: Mapping[Term, str]) -> Cell:
    """A term of the report in plain words, in its colour."""
    return Styled(words(term), styles[term]) if term else None
