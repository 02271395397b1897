"""One note in one document, whatever it was written with: the kind is told from the content, not from the file's name."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

from notecheck.failures import InputError
from notecheck.models import LONGEST_NOTE
from notecheck.read.encoding import decode, whole
from notecheck.read.lines import tidy

LARGEST = 64_000_000  # bytes; a note with pictures and scans inside is a tenth of that
_HTML = re.compile(
    r"\s*(?:<\?xml[^>]*\?>\s*|<!--.*?-->\s*)*<(?:!doctype\s+html|(?:html|head|body|meta|title|style|div|span|p|table|h[1-6]|ul|ol|font|b|pre|br)\b)",
    re.IGNORECASE | re.DOTALL,
)
_CDA = re.compile(rb"<(?:\w+:)?ClinicalDocument[\s>]")


def text_of(data: bytes, name: str, charset: str | None = None) -> str:
    """The text of a .txt, .rtf, .docx, .pdf, .html or C-CDA document. Plain text comes as it is, the others line by line as a reader sees them.

    `charset` is what a sender says of text and HTML. Raises InputError, one sentence that quotes nothing, for what cannot be read, is empty or too long.

    >>> text_of(b"{\\\\rtf1 Back pain.\\\\par No fever.}", "note.rtf")
    'Back pain.\\nNo fever.'
    """
    if len(data) > LARGEST:
        raise InputError(f"{name} is larger than the {LARGEST // 1_000_000} MB a document may have; save the note as plain text (UTF-8).")
    try:
        text = _text(data, name, charset)
    except InputError:
        raise
    except Exception as e:  # the libraries raise anything at all on a damaged file, and may quote it
        raise InputError(f"{name} is damaged and cannot be read; export it again or save it as plain text (UTF-8).") from e
    if not text.strip():
        raise InputError(f"{name} is empty; export it again or leave it out.")
    if len(text) > LONGEST_NOTE:
        raise InputError(f"{name} is longer than the {LONGEST_NOTE:,} characters a note may have; split it into its notes.")
    return text


def _text(data: bytes, name: str, charset: str | None) -> str:
    if reader := _binary(data, name):
        return tidy(whole(reader(data, name)))
    text = _plain(data, name, charset)
    if _HTML.match(text[:4096]):
        from notecheck.read import html

        return tidy(html.text_of(data, name, charset))
    return text


def _binary(data: bytes, name: str) -> Callable[[bytes, str], str] | None:
    """How to read what is no plain text; each library is loaded only where a note needs it."""
    start = data[:1024].lstrip(b"\xef\xbb\xbf\r\n\t ")
    if start.startswith(b"{\\rtf"):
        from notecheck.read import rtf

        return rtf.text_of
    if b"%PDF-" in data[:1024]:
        from notecheck.read import pdf

        return pdf.text_of
    if data.startswith(b"PK\x03\x04"):
        from notecheck.read import docx

        if docx.is_word(data):
            return docx.text_of
        raise InputError(
            f"{name} is a zip, Excel or OpenDocument file, or a damaged Word document; save the note as .docx or plain text (UTF-8)."
        )
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise InputError(f"{name} is an old or password-protected Word document; save it as .docx without a password.")
    if start.startswith(b"<") and _CDA.search(data[:65536]):
        from notecheck.read import ccda

        return partial(ccda.text_of, inside=text_of)
    return None


def _plain(data: bytes, name: str, charset: str | None) -> str:
    if charset:
        try:
            text = data.decode(charset)
            if "\0" not in text:
                return text.removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}")
        except (LookupError, UnicodeDecodeError):
            pass  # the sender says one thing and sent another: tell it from the bytes
    return decode(data, name)
