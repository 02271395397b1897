"""A CSV export: a header row, then a note a row. The delimiter and the encoding are told from the file."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from notecheck.failures import Failure, InputError
from notecheck.models import LONGEST_NOTE, Note
from notecheck.read import encoding, record

_DELIMITERS = ",;\t|"
_LONGEST_CELL = 64 * LONGEST_NOTE  # an unclosed quote runs on to the end of the file: stop it before memory does


def read(path: Path, columns: record.Columns) -> Iterator[Note | Failure]:
    """The notes of the rows; `row` of a failure is the line of the file at which the row ends."""
    with _rows(path) as (header, rows):
        try:
            found = columns.find(header)
        except InputError as e:
            raise InputError(f"{path.name}: {e}") from e
        places = {field: header.index(name) for field, name in found.items()}
        while True:
            try:
                row = next(rows)
            except StopIteration:
                return
            except csv.Error as e:
                yield Failure(source=path.name, row=rows.line_num, reason=f"the row is not valid CSV ({e}); look for a stray quote.")
                continue
            if not any(cell.strip() for cell in row):
                continue
            if len(row) < len(header) or any(cell.strip() for cell in row[len(header) :]):
                reason = f"the row has {len(row)} columns where the header has {len(header)}; look for a stray quote or delimiter."
                yield Failure(source=path.name, row=rows.line_num, reason=reason)
                continue
            yield record.note({field: row[place] for field, place in places.items()}, path.name, rows.line_num)


def count(path: Path) -> int:
    """How many rows `read` will speak of."""
    total = 0
    with _rows(path) as (_, rows):
        while True:
            try:
                total += any(cell.strip() for cell in next(rows))
            except StopIteration:
                return total
            except csv.Error:
                total += 1


@contextmanager
def _rows(path: Path) -> Iterator[tuple[list[str], Any]]:
    csv.field_size_limit(_LONGEST_CELL)
    try:
        stream = path.open(encoding=encoding.of_file(path), newline="", errors="replace")
    except OSError as e:
        raise InputError(f"{path} cannot be opened: {e.strerror or 'read error'}.") from e
    with stream:
        try:
            first = stream.readline(1 << 16)
            stream.seek(0)
            rows = csv.reader(stream, delimiter=max(_DELIMITERS, key=first.count), strict=True)
            header = next(rows, [])
        except csv.Error as e:
            raise InputError(f"{path.name} is not a CSV file that can be read; save it again as CSV (UTF-8).") from e
        if not header:
            raise InputError(f"{path.name} is empty; a CSV needs a header row with at least note_id and text.")
        yield header, rows
