"""One note in one text file, in whatever encoding it came."""

from pathlib import Path

import pytest

from notecheck.failures import Failure
from notecheck.models import Note
from notecheck.read import text

WORDS = "Céline’s neck pain – 5/10.\r\nNo weakness.\n"


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"],
)
def test_the_encoding_is_told_and_line_ends_are_kept(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "visit-7.txt"
    file.write_bytes(WORDS.encode(encoding))
    assert next(text.read(file)) == Note(note_id="visit-7", text=WORDS)


def test_latin_1_is_read(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes("Señor Núñez, dolor lumbar, 37 °C".encode("latin-1"))
    note = next(text.read(file))
    assert isinstance(note, Note) and note.text == "Señor Núñez, dolor lumbar, 37 °C"


def test_a_byte_that_no_encoding_knows_costs_one_character_not_the_note(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(b"caf\xe9 \x81 pain")
    note = next(text.read(file))
    assert isinstance(note, Note) and note.text == "café \N{REPLACEMENT CHARACTER} pain"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b" \r\n\t\n", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (b"%PDF-1.7 ...", "is a PDF"),
        (b"PK\x03\x04....", "is a Word, Excel or zip file"),
        (b"{\\rtf1\\ansi back pain}", "is an RTF document"),
        (b"\x7fELF\x02\x01\x01\x00\x00\x10\x80 back pain and more back pain", "is not a text file"),
        (bytes(range(1, 32)) * 4, "is not a text file"),
        (b"\xff\xfeb\x00a\x00c", "is damaged"),
        (b"pain " * 1_000_000, "is longer than the 1,000,000 characters"),
        (b"pain " * 200_001, "is longer than the 1,000,000 characters"),
    ],
)
def test_what_is_no_note_is_said_in_one_sentence(tmp_path: Path, content: bytes, says: str) -> None:
    file = tmp_path / "x.txt"
    file.write_bytes(content)
    failure = next(text.read(file))
    assert isinstance(failure, Failure)
    assert failure.note_id == "x" and failure.reason.startswith("x.txt ") and says in failure.reason
    assert failure.reason.endswith(".") and "back pain" not in failure.reason


def test_a_file_that_cannot_be_opened_is_a_failure(tmp_path: Path) -> None:
    failure = next(text.read(tmp_path / "gone.txt"))
    assert isinstance(failure, Failure) and "cannot be opened" in failure.reason
