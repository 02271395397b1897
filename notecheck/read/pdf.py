"""PDF notes: the text layer of each page. What is only a picture of text is said to be one."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from io import BytesIO

from pypdf import PdfReader
from pypdf.errors import DependencyError, PyPdfError

from notecheck.failures import InputError
from notecheck.models import LONGEST_NOTE

MOST_PAGES = 500  # a note has a few; a whole chart is not a note
logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it tells of each flaw of a file, and that may hold words of the note


def text_of(data: bytes, name: str) -> str:
    """The text of all pages. Raises InputError for an encrypted or damaged file, and for one without a text layer."""
    try:
        reader = PdfReader(BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):  # many are locked against change only, and open without a password
            raise InputError(f"{name} is a PDF locked with a password; save it without one.")
        if len(reader.pages) > MOST_PAGES:
            raise InputError(f"{name} is a PDF of more than {MOST_PAGES} pages; split it into its notes.")
        text = "\n".join(_pages(reader, name))
    except DependencyError as e:
        raise InputError(f"{name} is an encrypted PDF; save it without encryption.") from e
    except PyPdfError as e:
        raise InputError(f"{name} is a damaged PDF; export it again.") from e
    if not text.strip():
        raise InputError(f"{name} is a PDF without a text layer, such as a scan; run text recognition (OCR) over it first.")
    return text


def _pages(reader: PdfReader, name: str) -> Iterator[str]:
    length = 0
    for page in reader.pages:
        text = page.extract_text().strip("\n")
        length += len(text)
        if length > LONGEST_NOTE:
            raise InputError(f"{name} is longer than the {LONGEST_NOTE:,} characters a note may have; split it into its notes.")
        yield text
