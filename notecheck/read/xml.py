"""XML from strangers: no entities, no document type, no network, no endless depth or size."""

from __future__ import annotations

import codecs
import re

from lxml import etree

from notecheck.failures import InputError

LARGEST = 64_000_000  # bytes; a C-CDA document with scans inside is a tenth of that
_PROLOG = re.compile(rb"(?:\s|<\?.*?\?>|<!--.*?-->)*", re.DOTALL)


def parse(data: bytes, name: str) -> etree._Element:
    """The root element. Raises InputError, one sentence, for what is unsafe, damaged or too large."""
    if len(data) > LARGEST:
        raise InputError(f"{name} is larger than the {LARGEST // 1_000_000} MB an XML document may have; export its notes one by one.")
    if has_doctype(data):
        raise InputError(f"{name} declares a document type (DTD), which notes do not need and attacks do; export it without.")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True, strip_cdata=True
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as e:
        where = f" (line {e.lineno})" if e.lineno else ""
        raise InputError(f"{name} is not XML that can be read{where}: it is damaged, cut short or nested too deep; export it again.") from e
    if getattr(root.getroottree().docinfo, "doctype", ""):  # in an encoding that hid it above
        raise InputError(f"{name} declares a document type (DTD), which notes do not need and attacks do; export it without.")
    return root


def has_doctype(data: bytes) -> bool:
    """Whether a document type stands before the root element, where entities are declared."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        data = data.decode("utf-16", "replace").encode("utf-8")
    data = data.removeprefix(codecs.BOM_UTF8)
    prolog = _PROLOG.match(data)
    return prolog is not None and data.startswith(b"<!DOCTYPE", prolog.end())
