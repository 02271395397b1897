"""The text of an HL7 v2 value: escapes undone, repetitions and formatting commands as lines, documents carried inside read as such."""

from __future__ import annotations

import base64
import binascii
import re

from notecheck.failures import InputError
from notecheck.read import documents

_MOST_BLANK_LINES = 20
_ENCAPSULATED_DATA = 5  # ED: source, type, subtype, encoding, data


class Escapes:
    """The separators of one message, as its MSH names them, and what its escapes stand for."""

    def __init__(self, separators: str, escape: str) -> None:
        _, self.field, self.repetition, self.component, self.subcomponent = tuple(separators)
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


def text_of_value(kind: str, value: str, escapes: Escapes) -> str:
    """The lines of an OBX-5 of type TX, FT, ST or ED. Raises InputError for a document inside that cannot be read."""
    repetitions = value.split(escapes.repetition) if escapes.repetition else [value]
    if kind == "ED":
        return "\n".join(_document(r.split(escapes.component), escapes) for r in repetitions)
    return "\n".join(escapes.undo(r) for r in repetitions)


def _document(parts: list[str], escapes: Escapes) -> str:
    if len(parts) < _ENCAPSULATED_DATA:
        raise InputError("the document in OBX-5 has no data; export it with its content.")
    encoding, data = parts[3].strip().lower(), parts[4]
    if encoding == "base64":
        return documents.text_of(_bytes(data.replace(f"{escapes.escape}.br{escapes.escape}", "")), "the document in OBX-5")
    if encoding == "hex":
        try:
            return documents.text_of(bytes.fromhex(data), "the document in OBX-5")
        except ValueError as e:
            if isinstance(e, InputError):
                raise
            raise InputError("the document in OBX-5 is damaged; export it again.") from e
    return documents.text_of(escapes.undo(data).encode(), "the document in OBX-5")


def _bytes(data: str) -> bytes:
    try:
        return base64.b64decode("".join(data.split()), validate=True)
    except (binascii.Error, ValueError) as e:
        raise InputError("the base64 of the document in OBX-5 is damaged; export it again.") from e


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
