"""An Excel workbook, row by row: every visible sheet that has the columns of notes, else a hidden one."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any, BinaryIO

from notecheck.failures import Failure, InputError
from notecheck.models import Note
from notecheck.read import record, xlsx_strings
from notecheck.read.columns import Columns, Tell, untold

_HEADER_WITHIN = 10  # rows; reports put a title and a date above the header


def read(stream: BinaryIO, name: str, columns: Columns = Columns(), tell: Tell = untold) -> Iterator[Note | Failure]:
    """The notes of the rows; `row` is the row of the sheet. With several sheets of notes the source names the sheet too (`export.xlsx!June`)."""
    workbook = _opened(stream, name)
    try:
        sheets = _with_notes(workbook, name, columns)
        for sheet, header_row, header in sheets:
            rows = record.Rows(header, columns, f"{name}!{sheet.title}" if len(sheets) > 1 else name, tell)
            for number, row in enumerate(sheet.iter_rows(min_row=header_row + 1, values_only=True), start=header_row + 1):
                if any(cell is not None and cell != "" for cell in row):
                    yield rows.note((*row, *(None,) * (rows.width - len(row))), number)
    except InputError:
        raise
    except _DAMAGED as e:
        raise InputError(f"{name} is a damaged workbook; save it again as .xlsx or CSV.") from e
    finally:
        workbook.close()


def count(stream: BinaryIO, name: str, columns: Columns = Columns()) -> int | None:
    """How many rows the sheets of notes say they have; None where they do not say."""
    workbook = _opened(stream, name)
    try:
        said = {sheet.title: sheet.max_row for sheet in workbook.worksheets}
        rows = [said[sheet.title] and said[sheet.title] - header_row for sheet, header_row, _ in _with_notes(workbook, name, columns)]
    except _DAMAGED:  # an InputError too
        return None
    finally:
        workbook.close()
    return None if None in rows else sum(rows)


# What openpyxl raises for a file it did not expect; SyntaxError is what both XML parsers call theirs.
_DAMAGED = (SyntaxError, KeyError, ValueError, TypeError, AttributeError, IndexError)


def _opened(stream: BinaryIO, name: str) -> Any:
    from openpyxl.reader.excel import ExcelReader
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        reader = ExcelReader(stream, read_only=True, data_only=True, keep_links=False)
        reader.read_strings = lambda: _keep_strings(reader)
        reader.read()
        return reader.wb
    except (InvalidFileException, *_DAMAGED) as e:
        raise InputError(f"{name} is a damaged workbook; save it again as .xlsx or CSV.") from e


def _keep_strings(reader: Any) -> None:
    """In place of openpyxl's own reading of them, which takes as much memory as the text of all notes."""
    from openpyxl.xml.constants import SHARED_STRINGS

    part = reader.package.find(SHARED_STRINGS)
    if part is not None:
        with reader.archive.open(part.PartName.removeprefix("/")) as strings:
            reader.shared_strings = xlsx_strings.read(strings)


def _with_notes(workbook: Any, name: str, columns: Columns) -> list[tuple[Any, int, list[str]]]:
    """The sheets that have the columns, with the row and the names of their header. Raises InputError where none has."""
    visible = [sheet for sheet in workbook.worksheets if sheet.sheet_state == "visible"]
    first: InputError | None = None
    for sheets in (visible, [sheet for sheet in workbook.worksheets if sheet not in visible]):
        found = []
        for sheet in sheets:
            try:
                found.append((sheet, *_header(sheet, columns)))
            except InputError as e:
                first = first or e
        if found:
            return found
    raise InputError(f"{name}: {first or 'the workbook is empty; it needs a sheet with at least the text of notes.'}")


def _header(sheet: Any, columns: Columns) -> tuple[int, list[str]]:
    first: InputError | None = None
    sheet.reset_dimensions()  # some exporters write that a sheet has one cell, and openpyxl would believe it
    for number, row in enumerate(islice(sheet.iter_rows(values_only=True), _HEADER_WITHIN), start=1):
        names = ["" if cell is None else str(cell) for cell in row]
        if any(names):
            try:
                columns.find(names)
            except InputError as e:
                first = first or e
            else:
                return number, names
    raise first or InputError("the sheet is empty.")
