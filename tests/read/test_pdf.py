"""PDF notes."""

from __future__ import annotations

import io
import logging
import shutil
import subprocess
from pathlib import Path

import pytest
from pypdf import PdfReader, PdfWriter
from read import made

from notecheck.failures import InputError
from notecheck.read.documents import text_of

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
LINES = ["ASSESSMENT", "Low back pain (axial), 5/10 – worse.", "No fever."]


def rewritten(data: bytes, **password: str) -> bytes:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(data)))
    if password:
        writer.encrypt(algorithm="RC4-128", **password)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def test_lines_stand_as_on_the_page_and_pages_follow_each_other() -> None:
    many = [f"Line {i}" for i in range(120)]
    assert text_of(made.pdf(LINES), "note.pdf").split("\n") == LINES
    assert text_of(made.pdf(many), "note.pdf").split("\n") == many


def test_a_file_locked_only_against_change_is_read() -> None:
    assert text_of(rewritten(made.pdf(LINES), user_password="", owner_password="x"), "note.pdf").split("\n") == LINES


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (rewritten(made.pdf(LINES), user_password="secret"), "is a PDF locked with a password; save it without one."),
        (made.pdf([""]), "is a PDF without a text layer, such as a scan; run text recognition (OCR) over it first."),
        (made.pdf(["x"] * 501, lines_a_page=1), "is a PDF of more than 500 pages; split it into its notes."),
        (made.pdf(["pain " * 100] * 2_100), "is longer than the 1,000,000 characters"),
        (b"%PDF-1.7\n%%EOF", "is a damaged PDF; export it again."),
    ],
)
def test_what_cannot_be_read_says_what_to_do(data: bytes, says: str) -> None:
    with pytest.raises(InputError) as e:
        text_of(data, "note.pdf")
    assert str(e.value).startswith(f"note.pdf {says}"[:60]) and "pain " not in str(e.value)


def test_a_page_tree_that_names_itself_does_no_harm() -> None:
    looped = made.pdf(LINES).replace(b"/Kids [4 0 R]", b"/Kids [2 0 R]")
    with pytest.raises(InputError, match=r"note\.pdf is"):
        text_of(looped, "note.pdf")


def test_the_flaws_of_a_file_are_not_logged_since_they_may_quote_it(caplog: pytest.LogCaptureFixture) -> None:
    flawed = made.pdf(LINES).replace(b"startxref\n", b"startxref\n9")
    with caplog.at_level(logging.DEBUG):
        assert "Low back pain" in text_of(flawed, "note.pdf")
    assert not caplog.records


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here to print a PDF")
def test_a_pdf_printed_by_a_browser_is_read(tmp_path: Path) -> None:
    (tmp_path / "note.html").write_text("<meta charset=utf-8>" + "".join(f"<div>{line}</div>" for line in LINES), encoding="utf-8")
    command = [
        CHROMIUM,
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
    ]
    command += ["--disable-component-update", "--disable-sync", f"--user-data-dir={tmp_path / 'profile'}", "--no-pdf-header-footer"]
    command += [f"--print-to-pdf={tmp_path / 'note.pdf'}", (tmp_path / "note.html").as_uri()]
    subprocess.run([str(part) for part in command], check=True, capture_output=True, timeout=60)
    assert text_of((tmp_path / "note.pdf").read_bytes(), "note.pdf").split("\n") == LINES
