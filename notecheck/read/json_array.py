"""One JSON document with many notes: an array of objects, or an object that holds one (`{"notes": […]}`).

The standard library's decoder reads object after object from a window on the file: as fast as for JSON Lines, with the same answers, and safe from
endless nesting, which a streaming parser (ijson) is not; DuckDB's reader gives up the whole file for one odd record.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import BinaryIO

from notecheck.failures import Failure, InputError
from notecheck.models import Note
from notecheck.read import encoding, long
from notecheck.read.columns import Columns, Tell, untold
from notecheck.read.record import Objects


def read(stream: BinaryIO, name: str, columns: Columns = Columns(), tell: Tell = untold) -> Iterator[Note | Failure]:
    """The notes of the array; `row` counts its objects from 1. What follows damaged JSON cannot be read, and is told as one Failure."""
    objects = Objects(columns, name, tell)
    row = 0
    try:
        for row, value in enumerate(_records(_Window(stream, name)), start=1):
            yield objects.note(value, row)
    except _Damaged as e:
        if row == 0:
            raise InputError(f"{name} is not JSON with notes: {e}; write an array of objects with note_id and text.") from e
        yield Failure(source=name, row=row + 1, reason=f"{e}, so nothing after it was read; export it again.")


class _Damaged(ValueError):
    """Where the JSON cannot be read on; says why."""


class _Window:
    """The part of the document that is being read."""

    _PIECE = 1 << 18
    _SPACE = re.compile(r"[ \t\r\n]*")

    def __init__(self, stream: BinaryIO, name: str) -> None:
        self._text = encoding.opened(stream, name)
        self._decode = json.JSONDecoder().raw_decode
        self._buffer = ""
        self._at = 0

    def peek(self) -> str:
        """The next character that is no white space, which is passed over; nothing at the end."""
        while True:
            space = self._SPACE.match(self._buffer, self._at)
            self._at = space.end() if space else self._at
            if self._at < len(self._buffer) or not self._more():
                return self._buffer[self._at : self._at + 1]

    def take(self, character: str) -> bool:
        """Passes over the character if it is the next."""
        taken = self.peek() == character
        self._at += taken
        return taken

    def value(self) -> object:
        """The next value, whole."""
        self.peek()
        while True:
            try:
                value, end = self._decode(self._buffer, self._at)
            except RecursionError as e:
                raise _Damaged("the JSON is nested too deep here") from e
            except ValueError as e:
                if not self._more():
                    raise _Damaged("the JSON is damaged or cut short here") from e
                continue
            if end < len(self._buffer) or not self._more():  # a number may go on
                self._at = end
                return value

    def _more(self) -> bool:
        left = len(self._buffer) - self._at
        if left > long.LONGEST:
            raise _Damaged("the JSON is damaged, or has a record longer than any note, here")
        piece = self._text.read(max(self._PIECE, left))  # twice as much each time, so that a long value costs no more than twice its length
        self._buffer, self._at = self._buffer[self._at :] + piece, 0
        return bool(piece)


def _records(window: _Window) -> Iterator[object]:
    while window.peek():
        if window.take("["):
            yield from _items(window)
        elif window.take("{"):
            yield from _of_object(window)
        else:
            raise _Damaged("there is neither an array nor an object here")


def _of_object(window: _Window) -> Iterator[object]:
    """The objects of the arrays in an object; without such an array the object is a record itself."""
    own: dict[str, object] = {}
    arrays = False
    while not window.take("}"):
        key = window.value()
        if not isinstance(key, str) or not window.take(":"):
            raise _Damaged("the JSON is damaged here")
        if window.take("["):
            if window.peek() == "{":
                arrays = True
                yield from _items(window)
            else:
                own[key] = list(_items(window))
        else:
            own[key] = window.value()
        if not window.take(",") and window.peek() != "}":
            raise _Damaged("the JSON is damaged here")
    if not arrays:
        yield own


def _items(window: _Window) -> Iterator[object]:
    while not window.take("]"):
        yield window.value()
        if not window.take(",") and window.peek() != "]":
            raise _Damaged("the JSON is damaged or cut short here")
