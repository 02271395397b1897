"""The page as a form, without its script: what a browser that runs none shows, and what every fault of a note says."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from html import unescape

import docx
import httpx
import pytest
from web.notes import NOTE
from web.test_guard import proof_of

from notecheck.models import LONGEST_NOTE


@pytest.fixture
def page(client: httpx.Client) -> Iterator[Page]:
    yield Page(client)


class Page:
    """Sends the page's form as a browser does."""

    def __init__(self, client: httpx.Client) -> None:
        self.client, self.proof = client, proof_of(client.get("/").text)

    def send(self, path: str = "/", document: tuple[str, bytes] | None = None, **fields: str) -> httpx.Response:
        files = {"document": document or ("", b"")}  # what a browser sends for a file that was not chosen
        return self.client.post(path, data={**fields, "proof": self.proof}, files=files, headers={"Accept": "text/html"})


def message(answer: httpx.Response) -> str:
    found = re.search(r'id="message" role="alert">([^<]*)<', answer.text)
    assert found
    return unescape(found.group(1))


def test_the_form_answers_with_the_note_and_its_report(page: Page) -> None:
    answer = page.send(text=NOTE.replace("\n", "\r\n"), codes="M54.5 M54.16", service_date="2025-11-25", profile="esi-initial")
    assert answer.status_code == 200 and message(answer) == ""
    words = re.sub(r"<[^>]+>", " ", answer.text)
    for told in ("complete", "Missing", "Billed codes", "not valid on date", "Coverage", "Queries for the clinician", "The note"):
        assert told in words
    assert (
        '<option value="esi-initial" selected>' in answer.text
        and 'value="M54.5 M54.16"' in answer.text
        and 'value="2025-11-25"' in answer.text
    )
    assert "Service date  2025-11-25" in words and "Profile  First epidural steroid injection" in words
    assert "Coverage: First epidural steroid injection" in words
    assert NOTE.splitlines()[0] in answer.text  # the note is still there to be edited


def test_a_word_document_becomes_the_note(page: Page) -> None:
    written = docx.Document()
    for line in NOTE.splitlines():
        written.add_paragraph(line)
    data = io.BytesIO()
    written.save(data)
    answer = page.send(document=("visit.docx", data.getvalue()))
    assert answer.status_code == 200 and "Straight leg raise" in answer.text and 'class="score"' in answer.text


FAULTY = {
    "nothing": ({}, None, "There is no note yet"),
    "an empty note": ({"text": " \n "}, None, "There is no note yet"),
    "a huge note": ({"text": "back pain " * (LONGEST_NOTE // 10 + 1)}, None, "1,000,000 characters"),
    "a note with NUL": ({"text": "back\0pain"}, None, "NUL"),
    "a date that is none": ({"text": NOTE, "service_date": "soon"}, None, "YYYY-MM-DD"),
    "codes without end": ({"text": NOTE, "codes": "M54.5 " * 1000}, None, "codes of one claim"),
    "an unknown payer rule": ({"text": NOTE, "profile": "nothing"}, None, "choose one of the list"),
    "an empty file": ({}, ("a.txt", b""), "is empty"),
    "a picture": ({}, ("scan.png", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20), "scan.png"),
    "a damaged Word document": ({}, ("a.docx", b"PK\x03\x04" + b"x" * 500), "a.docx"),
    "a file with no ending": ({}, ("scan", b"\x89PNG\r\n\x1a\n"), "“scan” is not a text file"),
    "a name that turns its direction": ({}, ("\N{RIGHT-TO-LEFT OVERRIDE}gnp.txt", b""), "“\N{REPLACEMENT CHARACTER}gnp.txt” is empty"),
    "a damaged PDF": ({}, ("a.pdf", b"%PDF-1.7\n" + b"x" * 500), "a.pdf"),
}


@pytest.mark.parametrize("fault", FAULTY)
def test_each_fault_has_its_sentence_and_what_was_typed_stays(page: Page, fault: str) -> None:
    fields, document, words = FAULTY[fault]
    answer = page.send(document=document, **fields)
    assert answer.status_code == 422 and words in message(answer) and 'class="score"' not in answer.text
    assert f'value="{fields.get("service_date", "")}"' in answer.text


def test_a_file_that_is_too_large_has_its_sentence(page: Page) -> None:
    answer = page.send(document=("a.txt", b"back pain " * 1_200_000))
    assert answer.status_code == 413 and "10 MB" in unescape(answer.text) and answer.headers["content-type"].startswith("text/html")


def test_what_stands_in_a_note_is_never_markup(page: Page) -> None:
    note = NOTE + "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&amp; \N{RIGHT-TO-LEFT OVERRIDE}evil {{ 11111*7 }}"
    for path in ("/", "/report"):
        answer = page.send(path, text=note, codes='"><script>alert(2)</script>')
        assert answer.status_code == 200 and "<script>alert" not in answer.text and "<img" not in answer.text and "77777" not in answer.text
        report = answer.text.split('class="report"')[1]
        assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in report and "evil {{ 11111*7 }}" in report


def test_the_script_gets_the_report_and_a_documents_text_in_pieces(page: Page) -> None:
    fragment = page.send("/report", text=NOTE).text
    assert "<html" not in fragment and 'class="score"' in fragment
    read = page.send("/text", document=("folder\\my note.rtf", rb"{\rtf1 Low back pain.\par No fever.}")).json()
    assert read == {"text": "Low back pain.\nNo fever."}


def test_the_script_gets_problems_as_data(client: httpx.Client, page: Page) -> None:
    answer = client.post("/report", data={"text": "", "proof": page.proof}, headers={"Accept": "application/problem+json"})
    assert (answer.status_code, answer.json()["detail"]) == (422, "There is no note yet: paste its text, or choose a file.")


def test_a_browser_gets_errors_as_pages(client: httpx.Client) -> None:
    answer = client.get("/nothing", headers={"Accept": "text/html"})
    assert answer.status_code == 404 and "<h1>Not Found</h1>" in answer.text
