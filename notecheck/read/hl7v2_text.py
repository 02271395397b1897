"""The text of an HL7 v2 value: repetitions and formatting commands as lines, documents carried inside read as such."""

from __future__ import annotations

import base64
import binascii

from notecheck.failures import InputError
from notecheck.read import documents
from notecheck.read.hl7v2_message import Escapes

_ENCAPSULATED_DATA = 5  # ED: source, type, subtype, encoding, data


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
