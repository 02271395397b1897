"""A CSV or TSV export: a header row, then a note a row. The delimiter and the encoding are told from the file, and damage is kept small."""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO, TextIO

from notecheck.failures import Failure, InputError
from notecheck.models import Note
from notecheck.read import encoding, long, record
from notecheck.read.columns import Columns, Tell, untold

_DELIMITERS = ",;\t|^~"
_HEADER_WITHIN = 10  # lines; reports put a title and a date above the header
_STATED = re.compile(r'"?sep=(.)"?\r?\n', re.IGNORECASE)  # how Excel states the delimiter
_LONGEST_ID = 64
_DIGIT = re.compile(r"\d")


def read(stream: BinaryIO, name: str, columns: Columns = Columns(), tell: Tell = untold) -> Iterator[Note | Failure]:
    """The notes of the rows; `row` is the line of the file at which the row begins.

    A row that cannot be read, by a stray quote or delimiter, is one Failure together with what follows it, up to the next line that is a row again.
    """
    csv.field_size_limit(2 * long.LONGEST)  # the lines are counted instead, which also bounds a row of many cells
    lines = _Lines(encoding.opened(stream, name))
    header, delimiter = _header(lines, name, columns)
    rows = record.Rows(header, columns, name, tell)
    for number, row in _rows(lines, delimiter, rows):
        yield Failure(source=name, row=number, reason=row) if isinstance(row, str) else rows.note(row, number)


def count(stream: BinaryIO, name: str, columns: Columns = Columns()) -> int:
    """About how many rows `read` will speak of: exactly, where no quote is astray."""
    lines = _Lines(encoding.opened(stream, name))
    _, delimiter = _header(lines, name, columns)
    rows = csv.reader(lines, delimiter=delimiter)
    total = 0
    while True:
        lines.begin()
        try:
            total += any(map(str.strip, next(rows)))
        except StopIteration:
            return total
        except (csv.Error, _Damaged):
            total += 1


def is_table(text: str, columns: Columns) -> bool:
    """Whether a text begins like a table of notes: its first line names the note's text and another column we know."""
    line = text.lstrip().partition("\n")[0]
    cells = _cells(line, _delimiter(line, columns))
    return len(cells) > 1 and columns.known(cells) > 1 and _fits(cells, columns)


class _Damaged(Exception):
    """A row that is none; says why."""


class _Lines:
    """The lines of the file, with those of the row that is being read at hand, to read them again another way."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._again: deque[str] = deque()
        self.row: list[str] = []
        self._size = 0
        self._number = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else self._stream.readline(long.LONGEST + 1)
        if not line:
            raise StopIteration
        self.row.append(line)
        self._size += len(line)
        if self._size > long.LONGEST:
            if not long.is_whole(line):
                long.pass_over(self._stream)
            raise _Damaged(long.TOO_LONG)
        return line

    def begin(self) -> int:
        """A row begins: its line of the file, counted from 1."""
        self._number += len(self.row)
        self.row, self._size = [], 0
        return self._number + 1

    def again(self, after: int = 0) -> None:
        """Gives the lines of the row once more, but for the first `after` of them; of one that is too long to hold, only its end."""
        if self.row and len(self.row[-1]) > long.LONGEST:
            self.row[-1] = "\n"
        self._again.extendleft(reversed(self.row[after:]))
        del self.row[after:]
        self._size = sum(map(len, self.row))


def _rows(lines: _Lines, delimiter: str, rows: record.Rows) -> Iterator[tuple[int, list[str] | str]]:
    """Each row with the line it begins at; in place of what cannot be read, the reason."""
    width = rows.width
    strict = csv.reader(lines, delimiter=delimiter, strict=True)
    mended = csv.reader(map(_Quotes(delimiter).doubled, lines), delimiter=delimiter, strict=True)
    shape: str | None = None  # an id that was read well
    bad: tuple[int, str] | None = None  # where the damage began, and why
    reason = ""
    while True:
        number = lines.begin()
        row: list[str] | None
        try:
            row = _row(strict, width)
        except _Damaged as e:
            row, reason = _mended(mended, lines, delimiter, rows, shape), str(e)
        if row and bad and not _plausible(rows.values(row), shape):
            row = None  # a line of a broken note that has as many delimiters as a row
        if row is None:
            bad = bad or (number, reason)
            lines.again(after=1)
            continue
        if bad and (row or not lines.row):
            first, reason = bad
            yield first, reason if number == first + 1 else f"{reason.removesuffix('.')} (lines {first} to {number - 1} were passed over)."
            bad = None
        if row:
            shape = shape or str(rows.values(row).get("note_id", ""))
            yield number, row
        elif not lines.row:
            return


def _row(reader: Iterator[list[str]], width: int) -> list[str]:
    """The next row that is not blank; an empty one at the end, and for a blank row. Raises _Damaged."""
    try:
        row = next(reader, [])
    except csv.Error as e:
        raise _Damaged(f"the row is not valid CSV ({e}); look for a stray quote.") from e
    if not any(cell and not cell.isspace() for cell in row):
        return []
    if len(row) < width or any(cell.strip() for cell in row[width:]):
        raise _Damaged(f"the row has {len(row)} columns where the header has {width}; look for a stray quote or delimiter.")
    return row


def _mended(mended: Iterator[list[str]], lines: _Lines, delimiter: str, rows: record.Rows, shape: str | None) -> list[str] | None:
    """The row once more, with the quotes inside of its words taken as they are; None where that does not make it a row.

    Nor where a line within it could be a row of its own: then a quote is missing, and the row has swallowed another.
    """
    if not any('"' in line for line in lines.row):
        return None
    lines.again()
    try:
        row = _row(mended, rows.width)
    except _Damaged:
        return None
    others = (_cells(line, delimiter) for line in lines.row[1:])
    return None if any(len(o) >= rows.width and _plausible(rows.values(o), shape) for o in others) else row or None


class _Quotes:
    """Tells quotes that open or close a cell, which stand beside a delimiter or a line's end, from those that someone typed."""

    def __init__(self, delimiter: str) -> None:
        edge = re.escape(delimiter)
        self._typed = re.compile(rf'(?<=[^{edge}"\r\n])"(?=[^{edge}"\r\n])')

    def doubled(self, line: str) -> str:
        """The line with typed quotes doubled, as CSV wants them."""
        return self._typed.sub('""', line)


def _plausible(values: dict[str, object], shape: str | None) -> bool:
    """Whether values are those of a row, and not of a line of a note: by the date, and by the id, which has digits if others have, and no blanks."""
    if "note_id" in values and not _is_like(str(values["note_id"]).strip(), shape):
        return False
    try:
        record.day(str(values.get("service_date", "")).strip())
    except ValueError:
        return False
    return True


def _is_like(note_id: str, shape: str | None) -> bool:
    """Whether an id could be one of those of which one is known."""
    if not note_id or len(note_id) > _LONGEST_ID or "\n" in note_id:
        return False
    if shape is None:
        return " " not in note_id
    return (" " not in note_id or " " in shape) and (_DIGIT.search(note_id) is not None or _DIGIT.search(shape) is None)


def _header(lines: _Lines, name: str, columns: Columns) -> tuple[list[str], str]:
    """The header's names and the delimiter: of the first row that names the columns of notes, else of the first that is not blank."""
    lines.begin()
    stated, pending = "", ""
    seen: list[tuple[list[str], str, int]] = []
    try:
        for line in islice(lines, _HEADER_WITHIN):
            if match := _STATED.fullmatch(line):
                stated = match[1]
                continue
            pending += line
            if pending.count('"') % 2:
                continue  # a name with a line end inside
            delimiter = stated or _delimiter(pending, columns)
            cells, pending = _cells(pending, delimiter), ""
            if len(cells) > 1 and _fits(cells, columns):
                return cells, delimiter
            if cells:
                seen.append((cells, delimiter, len(lines.row)))
    except _Damaged as e:
        if not seen:
            raise InputError(f"{name} has no header row: {e}") from e
    if not seen:
        raise InputError(f"{name} is empty; a table needs a header row with at least the note's text.")
    cells, delimiter, end = next((s for s in seen if _fits(s[0], columns)), seen[0])
    lines.again(after=end)
    return cells, delimiter


def _delimiter(row: str, columns: Columns) -> str:
    """What parts the cells of a header: it gives the most names we know, and then the most cells."""

    def names(delimiter: str) -> tuple[int, int]:
        cells = _cells(row, delimiter)
        return columns.known(cells), len(cells)

    return max(_DELIMITERS, key=names)


def _cells(row: str, delimiter: str) -> list[str]:
    """The cells of one row, without blank ones at its end."""
    try:
        cells = next(csv.reader([row], delimiter=delimiter), [])
    except csv.Error:
        return []
    while cells and not cells[-1].strip():
        cells.pop()
    return cells


def _fits(names: list[str], columns: Columns) -> bool:
    try:
        columns.find(names)
    except InputError:
        return False
    return True
