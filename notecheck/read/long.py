"""Lines that may be longer than memory: how much of one is read before it is given up."""

from __future__ import annotations

from typing import TextIO

from notecheck.models import LONGEST_NOTE

LONGEST = 16 * LONGEST_NOTE  # characters of one line, row or record; no note takes a tenth of that however it is escaped
TOO_LONG = f"this is longer than {LONGEST:,} characters, which no note is; look for a line end or a quote that is missing."


def is_whole(line: str) -> bool:
    """Whether `stream.readline(LONGEST + 1)` came to the line's end, or the file's."""
    return len(line) <= LONGEST or line.endswith(("\n", "\r"))


def pass_over(stream: TextIO) -> None:
    """Reads on to the end of the line, keeping nothing of it."""
    while (piece := stream.readline(1 << 20)) and not piece.endswith(("\n", "\r")):
        pass
