"""From bytes to text, whichever of the usual encodings an export came in."""

from __future__ import annotations

import codecs
import io
import re
from typing import BinaryIO

from notecheck.failures import InputError

_BOMS = (  # UTF-32 first: its little-endian mark begins with that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DOCUMENTS = (
    (b"%PDF-", "a PDF"),
    (b"PK\x03\x04", "a Word, Excel or zip file"),
    (b"\xd0\xcf\x11\xe0", "an old Word or Excel file"),
    (b"{\\rtf", "an RTF document"),
    (b"\x1f\x8b", "a gzip file"),
    (b"PAR1", "a Parquet file"),
)
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_HALVES = re.compile("[\ud800-\udfff]")
_SAMPLE = 4096
LEGACY = "cp1252"  # Latin-1 too: they differ only in bytes that Latin-1 text does not have


def decode(data: bytes, name: str) -> str:
    """The text of a whole file. Line ends stay as they are, so that offsets hold. Raises InputError for what is not text."""
    encoding = _told(data[:_SAMPLE], name)
    try:
        text = data.decode(encoding or "utf-8")
    except UnicodeDecodeError as e:
        if encoding is not None:
            raise InputError(f"{name} begins like {encoding.upper()} text but is damaged; save it again as UTF-8 text.") from e
        text = data.decode(LEGACY, errors="replace")
    if "\0" in text or _is_binary(text):
        raise InputError(f"{name} is not a text file; export the note as plain text (UTF-8).")
    return text


def _is_binary(text: str) -> bool:
    return len(_CONTROLS.findall(text)) > len(text) / 50


def whole(text: str) -> str:
    """The text without halves of characters, which a JSON escape or a file name can hold but no output could write."""
    return text if text.isascii() else _HALVES.sub("\N{REPLACEMENT CHARACTER}", text)


def opened(stream: BinaryIO, name: str, newline: str = "") -> io.TextIOWrapper:
    """The text of a file too large to hold, to be read in pieces. Raises InputError for what is not text.

    UTF-8 unless its first bytes tell otherwise. Exports are pasted together from many hands: a byte that is not UTF-8 is read as CP-1252 in the
    midst of it, wherever it stands.
    """
    sample = stream.read(_SAMPLE)
    stream.seek(0)
    encoding = _told(sample, name)
    if encoding is None and _is_binary(sample.decode("latin-1")):  # a stray control character is a matter of its row alone
        raise InputError(f"{name} is not a text file; export the notes as CSV or JSONL (UTF-8).")
    utf8 = encoding in (None, "utf-8-sig")
    return io.TextIOWrapper(stream, encoding or "utf-8", _AS_LEGACY if utf8 else "replace", newline)


def beginning(data: bytes, name: str) -> str:
    """The text of a file's first bytes, as far as it can be told. Raises InputError for what is not text."""
    return data.decode(_told(data[:_SAMPLE], name) or "utf-8", "replace").removeprefix("\ufeff")


def _as_legacy(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode(LEGACY, "replace"), error.end


_AS_LEGACY = "notecheck.cp1252"
codecs.register_error(_AS_LEGACY, _as_legacy)


def _told(sample: bytes, name: str) -> str | None:
    for mark, encoding in _BOMS:
        if sample.startswith(mark):
            return encoding
    for magic, kind in _DOCUMENTS:
        if sample.startswith(magic):
            raise InputError(f"{name} is {kind}, not text; export the notes as plain text, CSV or JSONL.")
    zeros = sample.count(0)
    if zeros > len(sample) / 4:  # mostly Latin letters in UTF-16 without a mark: every other byte is zero, on one side
        odd, even = sample[1::2].count(0), sample[::2].count(0)
        if even < zeros / 20:
            return "utf-16-le"
        if odd < zeros / 20:
            return "utf-16-be"
    return None
