"""HTML notes, as a browser would show them. Nothing is fetched."""

from __future__ import annotations

import codecs
import re

from lxml import etree

from notecheck.failures import InputError
from notecheck.read import markup
from notecheck.read.encoding import decode

_CHARSET = re.compile(rb"<(?:meta[^>]{0,200}?charset|\?xml[^>]{0,80}?encoding)\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE)


def text_of(data: bytes, name: str, charset: str | None = None) -> str:
    """The visible text. Raises InputError where there is no markup to read.

    >>> text_of(b"<p>Back pain<br>No fever &amp; chills<script>alert(1)</script></p>", "note.html").splitlines()
    ['Back pain', 'No fever & chills']
    """
    return _text(_decoded(data, name, charset), name)


def fragment(div: str, name: str) -> str:
    """The visible text of a piece of XHTML, such as a FHIR narrative."""
    return _text(div, name)


def _text(page: str, name: str) -> str:
    # The page is handed over as UTF-8 whatever its own head says, since it is decoded here already.
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, huge_tree=False, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(page.encode("utf-8", "replace"), parser)
    except etree.LxmlError as e:
        raise InputError(f"{name} is not HTML that can be read; save the note as plain text (UTF-8).") from e
    if root is None:
        raise InputError(f"{name} holds no text; export it again or leave it out.")
    return markup.text(root)


def _decoded(data: bytes, name: str, charset: str | None) -> str:
    told = charset or next((m.decode("ascii") for m in _CHARSET.findall(data[:4096])), None)
    if told and not data.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            return data.decode(told)
        except (LookupError, UnicodeDecodeError):
            pass  # the page says one thing and is another: tell it from the bytes
    return decode(data, name)
