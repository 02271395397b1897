"""What a file is, told by its content; its name decides only where content leaves it open."""

from __future__ import annotations

import codecs
import json
import re
import zipfile
from enum import StrEnum
from pathlib import PurePosixPath
from typing import BinaryIO

from notecheck.failures import InputError
from notecheck.read import archive, encoding, table
from notecheck.read.columns import Columns

_HEAD = 1 << 16
_TABLES = {".csv", ".tsv", ".tab", ".psv"}
_LINES = {".jsonl", ".ndjson"}
_SAVED = ".docx, .xlsx, PDF, CSV or plain text"
_OTHERS = (  # what stands in folders beside notes, by its first bytes
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"BM", "a picture"),
    (b"II*\0", "a picture (TIFF)"),
    (b"MM\0*", "a picture (TIFF)"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"BZh", "a bzip2 file"),
    (b"\xfd7zXZ", "an xz file"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard file"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
)
_RESOURCE = re.compile(r'(?<!\\)"resourceType"\s*:')
_OBJECT, _ARRAY = re.compile(r'\s*\{\s*["}]'), re.compile(r"\s*\[\s*[{\]]")
_HL7 = re.compile(r"[\s\x0b]*(?:FHS|BHS|MSH)[^\w\s]")
_CCDA = re.compile(r"<(?:\w+:)?ClinicalDocument[\s>]")
_XML = re.compile(r"\s*(?:<\?xml\b|<(?:\w+:)?ClinicalDocument\b)")
_HTML = re.compile(r"<(?:!doctype\s+html|html)\b", re.IGNORECASE)


class Kind(StrEnum):
    """The kinds of files that hold notes. A document (text, RTF, Word, PDF, HTML) holds one."""

    document = "document"
    table = "table"
    jsonl = "jsonl"
    json = "json"
    xlsx = "xlsx"
    parquet = "parquet"
    fhir = "fhir"
    hl7v2 = "hl7v2"
    ccda = "ccda"
    zip = "zip"
    gzip = "gzip"


def told(stream: BinaryIO, name: str, columns: Columns = Columns()) -> Kind:
    """What the file is; the stream stands at its beginning again. Raises InputError, naming the file, for what can hold no note that we could read."""
    head = stream.read(_HEAD)
    stream.seek(0)
    return _by_bytes(stream, head, name) or _by_words(head, name, columns)


def is_database(head: bytes) -> bool:
    """Whether a file's first bytes are those of a DuckDB or SQLite database."""
    return is_sqlite(head) or head[8:12] == b"DUCK"


def is_sqlite(head: bytes) -> bool:
    """Whether a file's first bytes are those of a SQLite database."""
    return head.startswith(b"SQLite format 3\0")


def _by_bytes(stream: BinaryIO, head: bytes, name: str) -> Kind | None:
    if head.startswith(b"PK\x03\x04"):
        return _zipped(stream, name)
    if head.startswith(b"PK\x05\x06"):
        raise InputError(f"{name} is an empty zip; zip the notes again.")
    if head.startswith(b"\x1f\x8b"):
        return Kind.gzip
    if head.startswith(b"PAR1"):
        return Kind.parquet
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise InputError(f"{name} is {_compound(stream, head)}; save it as {_SAVED}, without a password.")
    if is_database(head):
        raise InputError(f"{name} is a database; give it with --database and what to read with --query.")
    if b"%PDF-" in head[:1024] or head.removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"{\\rtf"):
        return Kind.document
    for magic, what in _OTHERS:
        if head.startswith(magic) and b"\0" in head:
            raise InputError(f"{name} is {what}, not a note; leave it out, or save what it says as {_SAVED}.")
    return None


def _by_words(head: bytes, name: str, columns: Columns) -> Kind:
    text = encoding.beginning(head, name)
    suffix = PurePosixPath(name.lower()).suffix
    if _HL7.match(text):
        return Kind.hl7v2
    if _XML.match(text) and not _HTML.search(text):
        return _xml(text, name)
    if suffix == ".json" or _OBJECT.match(text) or _ARRAY.match(text):
        return _json(text, suffix)
    if suffix in _LINES:
        return Kind.jsonl
    return Kind.table if suffix in _TABLES or table.is_table(text, columns) else Kind.document


def _json(text: str, suffix: str) -> Kind:
    if _RESOURCE.search(text):
        return Kind.fhir
    if suffix in _LINES:
        return Kind.jsonl
    if _ARRAY.match(text):
        return Kind.json
    first, end, rest = text.lstrip().partition("\n")
    try:
        json.loads(first)
    except (ValueError, RecursionError):
        return Kind.json if suffix == ".json" or not end or not first.rstrip().endswith("}") else Kind.jsonl
    return Kind.jsonl if rest.strip() or suffix != ".json" else Kind.json


def _xml(text: str, name: str) -> Kind:
    if _CCDA.search(text):
        return Kind.ccda
    if "http://hl7.org/fhir" in text:
        raise InputError(f"{name} is FHIR in XML; export it as FHIR JSON.")
    raise InputError(f"{name} is XML of a kind that holds no note (C-CDA documents do); export the notes as C-CDA, CSV or plain text.")


def _zipped(stream: BinaryIO, name: str) -> Kind:
    try:
        with zipfile.ZipFile(stream) as z:
            archive.refuse_bomb(z, name)
            names = set(z.namelist())
    except InputError:
        raise
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as e:
        raise InputError(f"{name} is a Word, Excel or zip file that is damaged or cut short; copy it or export it again.") from e
    finally:
        stream.seek(0)
    if "xl/workbook.xml" in names:
        return Kind.xlsx
    if "word/document.xml" in names:
        return Kind.document
    if "[Content_Types].xml" in names or "mimetype" in names:
        raise InputError(f"{name} is an Office or OpenDocument file of another kind; save it as {_SAVED}.")
    return Kind.zip


def _compound(stream: BinaryIO, head: bytes) -> str:
    """What an old Office file is, by the names in its directory, whose sector the header tells."""
    sector = 1 << int.from_bytes(head[30:32], "little") % 16
    stream.seek((int.from_bytes(head[48:52], "little") + 1) * sector)
    directory = stream.read(1 << 14)
    stream.seek(0)
    for entry, what in (
        ("EncryptedPackage", "an Office file locked with a password"),
        ("WordDocument", "an old Word document (.doc)"),
        ("Workbook", "an old Excel workbook (.xls)"),
        ("Book", "an old Excel workbook (.xls)"),
        ("__nameid_version1.0", "an Outlook message (.msg)"),
    ):
        if entry.encode("utf-16-le") in directory:
            return what
    return "an old Office file"
