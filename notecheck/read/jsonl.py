"""JSON Lines: a note a line, as an object."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import BinaryIO

from notecheck.failures import Failure
from notecheck.models import Note
from notecheck.read import encoding, long
from notecheck.read.columns import Columns, Tell, untold
from notecheck.read.record import Objects


def read(stream: BinaryIO, name: str, columns: Columns = Columns(), tell: Tell = untold) -> Iterator[Note | Failure]:
    """The notes of the lines; blank lines are passed over. A line that is no note, or endless, costs only itself."""
    objects = Objects(columns, name, tell)
    lines = encoding.opened(stream, name, newline="\n")
    row = 0
    while line := lines.readline(long.LONGEST + 1):
        row += 1
        if not long.is_whole(line):
            long.pass_over(lines)
            yield Failure(source=name, row=row, reason=long.TOO_LONG)
            continue
        if line.isspace():
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            yield Failure(source=name, row=row, reason="the line is not valid JSON; write one JSON object a line.")
            continue
        yield objects.note(value, row)


def count(stream: BinaryIO) -> int:
    """About how many lines `read` will speak of: exactly, in UTF-8 with no blank lines but empty ones."""
    total, in_line = 0, False
    while chunk := stream.read(1 << 20):
        total += chunk.count(b"\n") - chunk.count(b"\n\n")
        in_line = not chunk.endswith(b"\n")
    return total + in_line
