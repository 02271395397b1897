"""JSON Lines: a note a line, as an object."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from notecheck.failures import Failure, InputError
from notecheck.models import Note
from notecheck.read import encoding, record


def read(path: Path, columns: record.Columns) -> Iterator[Note | Failure]:
    """The notes of the lines; blank lines are passed over."""
    with _open(path) as lines:
        for row, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                values = json.loads(line)
            except (ValueError, RecursionError):
                yield Failure(source=path.name, row=row, reason="the line is not valid JSON; write one JSON object a line.")
                continue
            if not isinstance(values, dict):
                yield Failure(source=path.name, row=row, reason="the line is not a JSON object with note_id and text.")
                continue
            try:
                found = columns.find(values)
            except InputError as e:
                yield Failure(source=path.name, row=row, reason=str(e))
                continue
            yield record.note({field: values[name] for field, name in found.items()}, path.name, row)


def count(path: Path) -> int:
    """How many lines `read` will speak of."""
    with _open(path) as lines:
        return sum(1 for line in lines if line.strip())


def _open(path: Path) -> IO[str]:
    try:
        return path.open(encoding=encoding.of_file(path), newline="\n", errors="replace")
    except OSError as e:
        raise InputError(f"{path} cannot be opened: {e.strerror or 'read error'}.") from e
