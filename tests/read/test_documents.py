"""One note in one document, whatever it was written with."""

from __future__ import annotations

from pathlib import Path

import pytest
from read import made

import notecheck
from notecheck.checker import Checker
from notecheck.failures import InputError
from notecheck.read.documents import text_of

SAMPLES = Path(__file__).parents[2] / "sample_notes"
LINES = ["ASSESSMENT", "Low back pain, 5/10 – worse.", "", "PLAN", "Return in 2 weeks."]


@pytest.fixture(scope="module")
def checker() -> Checker:
    return notecheck.load()


@pytest.mark.parametrize("kind", made.KINDS)
@pytest.mark.parametrize("sample", ["01-new-patient-template", "07-epidural-procedure"])
def test_a_note_is_found_to_lack_the_same_in_whatever_form_it_comes(checker: Checker, sample: str, kind: str) -> None:
    written = (SAMPLES / f"{sample}.txt").read_text(encoding="utf-8")
    read = text_of(made.KINDS[kind](written.split("\n")), kind)
    before, after = checker.check(written), checker.check(read)
    assert (after.missing, after.partial) == (before.missing, before.partial)
    assert before.missing or before.partial  # else there would be nothing to tell apart


@pytest.mark.parametrize("kind", made.KINDS)
def test_the_kind_is_told_from_the_content_and_not_from_the_name(kind: str) -> None:
    text = text_of(made.KINDS[kind](LINES), "note")
    assert [line for line in text.split("\n") if line] == [line for line in LINES if line]


def test_plain_text_comes_as_it_is_so_that_offsets_hold() -> None:
    written = "\tBack pain \r\n\r\n\r\n  5 < 6 and <no tag>\r\n"
    assert text_of(written.encode(), "note.txt") == written


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
def test_the_encoding_of_plain_text_is_told_and_line_ends_are_kept(encoding: str) -> None:
    written = "Céline’s neck pain – 5/10.\r\nNo weakness.\n"
    assert text_of(written.encode(encoding), "note.txt") == written


def test_latin_1_is_read() -> None:
    written = "Señor Núñez, dolor lumbar, 37 °C"
    assert text_of(written.encode("latin-1"), "note.txt") == written


def test_a_byte_that_no_encoding_knows_costs_one_character_not_the_note() -> None:
    assert text_of(b"caf\xe9 \x81 pain", "note.txt") == "café \N{REPLACEMENT CHARACTER} pain"


@pytest.mark.parametrize(
    ("data", "charset", "text"),
    [
        ("Café".encode("cp1252"), None, "Café"),
        ("Боль в спине".encode("koi8-r"), "koi8-r", "Боль в спине"),
        ("Café".encode(), "us-ascii", "Café"),
        ("Café".encode(), "no-such-thing", "Café"),
        ("\ufeffCafé".encode("utf-16-le"), "utf-16", "Café"),
    ],
)
def test_the_sender_s_word_on_the_encoding_is_taken_where_it_is_true(data: bytes, charset: str | None, text: str) -> None:
    assert text_of(data, "note", charset) == text


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "is empty"),
        (b" \n\t", "is empty"),
        (b"{\\rtf1\\ansi }", "is empty"),
        (b"<html><body><script>pain()</script></body></html>", "is empty"),
        (b"Back\0 pain" * 3, "is not a text file"),
        (bytes(range(256)) * 20, "is not a text file"),
        (b"\xd0\xcf\x11\xe0" + b"pain" * 100, "is an old or password-protected Word document; save it as .docx"),
        (made.zipped({"xl/workbook.xml": b"<pain/>"}), "is a zip, Excel or OpenDocument file"),
        (made.word(["pain"])[:2000], "or a damaged Word document"),
        (b"PK\x03\x04 pain", "or a damaged Word document"),
        (b"%PDF-1.7 pain", "is a damaged PDF"),
        (b"{\\rtf1\\ansi\\uc pain}", "is damaged and cannot be read"),
        (b"pain " * 200_001, "is longer than the 1,000,000 characters"),
        (b"<html><body>" + b"pain " * 200_001 + b"</body></html>", "is longer than the 1,000,000 characters"),
        (bytes(64_000_001), "is larger than the 64 MB"),
    ],
)
def test_what_cannot_be_read_is_said_in_one_sentence_that_quotes_nothing(data: bytes, says: str) -> None:
    with pytest.raises(InputError) as e:
        text_of(data, "x.doc")
    assert str(e.value).startswith("x.doc ") and says in str(e.value) and str(e.value).endswith((".", ")."))
    assert "pain" not in str(e.value) and "\n" not in str(e.value)


@pytest.mark.parametrize("kind", made.KINDS)
def test_a_document_that_is_cut_short_or_damaged_gives_text_or_a_sentence(kind: str) -> None:
    whole = made.KINDS[kind](LINES)
    for place in range(8, len(whole), max(1, len(whole) // 60)):
        for damaged in (whole[:place], whole[:place] + b"\x00\xff{<(" + whole[place + 5 :]):
            try:
                assert text_of(damaged, kind).strip()
            except InputError as e:
                assert str(e).startswith(kind) and str(e).endswith(".")
