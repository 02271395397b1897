"""What a file is, told by its content."""

import io
import sqlite3
from pathlib import Path

import pytest

from notecheck.failures import InputError
from notecheck.read.kinds import Kind, told


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.txt", b"CHIEF COMPLAINT: back pain, worse; sitting | standing", Kind.document),
        ("a.txt", b"[Template] Back pain\n{placeholder}", Kind.document),
        ("a.txt", b"Note, dictated in the clinic\nBack pain", Kind.document),
        ("a", b"VisitID|NoteText|DOS\n1|Back pain|2025-11-25\n", Kind.table),
        ("a.txt", "\ufeffnote_id\ttext\n1\tBack pain\n".encode("utf-16-le"), Kind.table),
        ("a.csv", b"anything,at all\n", Kind.table),
        ("a.txt", b"{\\rtf1 Back pain}", Kind.document),
        ("a.csv", b"%PDF-1.7\n", Kind.document),
        ("a.txt", b"<!DOCTYPE html><p>Back pain", Kind.document),
        ("a.txt", b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><body/></html>', Kind.document),
        ("a.txt", b'{"note_id": "1", "text": "a"}\n{"note_id": "2", "text": "b"}\n', Kind.jsonl),
        ("a.csv", b'{"note_id": "1", "text": "a"}\n', Kind.jsonl),
        ("a.jsonl", b"{broken\n", Kind.jsonl),
        ("a.jsonl", b'{"note_id": "1", "text": "a \\"resourceType\\": b"}\n', Kind.jsonl),
        ("a.txt", b'[\n  {"note_id": "1"}]', Kind.json),
        ("a.txt", b'{\n  "notes": [', Kind.json),
        ("a.json", b'{"resourceType": "Bundle", "entry": []}', Kind.fhir),
        ("a.ndjson", b'{"resourceType":"DocumentReference"}\n', Kind.fhir),
        ("a.txt", b"MSH|^~\\&|LAB|", Kind.hl7v2),
        ("a.dat", b"\x0bMSH|^~\\&|LAB|", Kind.hl7v2),
        ("a.txt", b'<?xml version="1.0"?>\n<ClinicalDocument xmlns="urn:hl7-org:v3">', Kind.ccda),
        ("a.bin", b"PAR1....", Kind.parquet),
        ("a", b"\x1f\x8b\x08\x00", Kind.gzip),
    ],
)
def test_the_content_decides(name: str, content: bytes, kind: Kind) -> None:
    stream = io.BytesIO(content)
    assert told(stream, name) is kind and stream.tell() == 0


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0", "is a picture, not a note"),
        (b"\xd0\xcf\x11\xe0" + bytes(600), "is an old Office file; save it as"),
        (b"MZ\x90\0", "is a program"),
        (b"<?xml version='1.0'?><invoice/>", "is XML of a kind that holds no note"),
        (b'<?xml version="1.0"?><Bundle xmlns="http://hl7.org/fhir">', "is FHIR in XML; export it as FHIR JSON"),
    ],
)
def test_what_holds_no_note_is_told_by_what_it_is(content: bytes, says: str) -> None:
    with pytest.raises(InputError, match=f"^x.dat {says}"):
        told(io.BytesIO(content), "x.dat")


def test_a_database_is_read_another_way(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "x.db") as connection:
        connection.execute("CREATE TABLE t (a)")
    connection.close()
    with (tmp_path / "x.db").open("rb") as f, pytest.raises(InputError, match=r"x.db is a database; give it with --database"):
        told(f, "x.db")
