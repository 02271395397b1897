"""One HL7 v2 message taken apart: segments, fields, components, escapes.

The `hl7` library would do this too; it splits every field to its last part before it is asked for one (six times the time for a note of 60
lines), and writes what it cannot undo to its log, which is note text. The tests hold this against it.
"""

from __future__ import annotations

import re

from notecheck.failures import InputError
from notecheck.read.encoding import whole

_USUAL = "^~\\&"  # component, repetition, escape, subcomponent
_MOST_FIELDS = 200  # of a segment; the longest that are defined have some sixty
_MOST_BLANK_LINES = 20
_NULL = '""'  # a field that is there and says nothing

Segment = list[str]  # its kind, then its fields: segment[5] is OBX-5


class Escapes:
    """The separators of one message, as its MSH names them, and what its escapes stand for."""

    def __init__(self, header: str) -> None:
        self.field = header[3:4]
        named = header[4:].split(self.field)[0][:4] if self.field else ""
        self.component, self.repetition, escape, self.subcomponent = tuple(named + _USUAL[len(named) :])
        if any(mark.isalnum() or mark.isspace() for mark in (self.field or " ") + named):
            raise InputError("the message's header (MSH) names no separators; export it again.")
        self.escape = escape
        self._stand_for = {"F": self.field, "R": self.repetition, "S": self.component, "T": self.subcomponent, "E": escape, "P": "#"}
        mark = re.escape(escape)
        self._sequence = re.compile(rf"{mark}([FRSTEPHN]|[XCMZ][0-9A-Za-z]{{0,200}}|\.(?:br|sp|fi|nf|in|ti|sk|ce)[ +]?-?\d{{0,4}}){mark}")

    def undo(self, text: str) -> str:
        """The text as it was before it was sent. A lone escape character stays what it is."""
        if self.escape not in text:
            return text
        mark = self.escape
        text = text.replace(f"{mark}X0D{mark}{mark}X0A{mark}", f"{mark}X0D0A{mark}")  # one line end, sent as two characters
        return self._sequence.sub(lambda found: self._meant(found[1]), text)

    def _meant(self, sequence: str) -> str:
        if sequence in self._stand_for:
            return self._stand_for[sequence]
        if sequence.startswith("X"):
            return _hex(sequence[1:])
        if not sequence.startswith("."):
            return ""  # highlighting, character sets within a text, and what a site made up
        number = int(re.sub(r"\D", "", sequence) or 1)
        command = sequence[1:3]
        if command in {"br", "sp", "ce"}:
            return "\n" * min(number, _MOST_BLANK_LINES)
        return " " * min(number, 80) if command == "sk" else ""


class Message:
    """The segments of one message, and the text of their fields. Raises InputError for a header without separators."""

    def __init__(self, text: str) -> None:
        self.escapes = Escapes(text)
        self.segments: list[Segment] = [self._segment(line) for line in text.split("\r") if line]

    def first(self, kind: str) -> Segment | None:
        """The first segment of a kind."""
        return next((s for s in self.segments if s[0] == kind), None)

    def part(self, segment: Segment | None, field: int, component: int = 1) -> str:
        """A component of a field's first repetition with its escapes undone; empty where there is none."""
        if segment is None or len(segment) <= field:
            return ""
        first = segment[field].split(self.escapes.repetition, 1)[0]
        parts = first.split(self.escapes.component, component)
        part = parts[component - 1].split(self.escapes.subcomponent, 1)[0] if len(parts) >= component else ""
        return "" if part == _NULL else whole(self.escapes.undo(part)).strip()

    def _segment(self, line: str) -> Segment:
        kind, *fields = line.split(self.escapes.field, _MOST_FIELDS)
        return [kind, self.escapes.field, *fields] if kind == "MSH" else [kind, *fields]  # MSH-1 is the separator itself


def _hex(digits: str) -> str:
    try:
        data = bytes.fromhex(digits)
    except ValueError:
        return ""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
    return text.replace("\r\n", "\n").replace("\r", "\n")
