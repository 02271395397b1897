"""The pages of a review, as forms for any browser: facets, marks, what they are counted to, and what they export."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import httpx
import pytest
from web.serving import serving
from web.test_guard import proof_of
from write.audits import stored

import notecheck
from notecheck.batch import database
from notecheck.models import Note, NoteReport
from notecheck.web.settings import Settings

EVIL = "CHIEF COMPLAINT: Low back pain </div><script>alert(1)</script> for 3 weeks, 6/10, aching, radiating to the left calf. No fever."
NOTES = [
    Note(note_id="evil <b>", text=EVIL, provider='Okafor "O"', codes=("M54.5",)),
    Note(note_id="neck", text="CHIEF COMPLAINT: Neck pain for 2 months. No numbness.", provider="Lind", codes=("M54.2",)),
    Note(note_id="throat", text="CHIEF COMPLAINT: Sore throat for 2 days."),
]
HTML = {"Accept": "text/html"}


@pytest.fixture(scope="module")
def checked() -> list[tuple[Note, NoteReport]]:
    checker = notecheck.load()
    return [(note, checker.check(note)) for note in NOTES]


@pytest.fixture(scope="module")
def address(checked: list[tuple[Note, NoteReport]], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("browse") / "audit"
    stored(folder, checked).close()
    with serving(Settings(workers=1, audit=folder)) as at:
        yield at


@pytest.fixture
def client(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address, timeout=60, headers=HTML, follow_redirects=True) as opened:
        yield opened


def send(client: httpx.Client, path: str, **fields: str) -> httpx.Response:
    return client.post(path, data={"proof": proof_of(client.get("/audit").text), **fields})


def listed(page: str) -> list[str]:
    return [unescape(name) for name in re.findall(r'<th scope="row" class="c-note"><a href="[^"]*">([^<]*)</a>', page)]


def link(page: str, words: str) -> str:
    found = re.search(rf'<a href="([^"]*)"[^>]*><span>{re.escape(words)}</span>', page)
    assert found, words
    return unescape(found.group(1))


def test_the_worklist_stands_worst_first_and_facets_narrow_it(client: httpx.Client) -> None:
    page = client.get("/audit").text
    assert listed(page)[-1] == "throat" and len(listed(page)) == 3
    assert listed(client.get(link(page, "out of scope")).text) == ["throat"]
    assert listed(client.get(link(page, "not valid on date")).text) == ["evil <b>"]
    assert "neck" in listed(client.get(link(page, "Pain severity (0-10)")).text)
    lind = client.get(link(page, "Lind")).text
    assert listed(lind) == ["neck"] and 'aria-current="true"' in lind
    assert listed(client.get(link(lind, "Lind")).text) == listed(page)  # chosen again, it is let go


def test_no_name_and_no_id_stands_in_an_address(client: httpx.Client) -> None:
    page = client.get("/audit").text
    addresses = " ".join(re.findall(r'(?:href|action)="([^"]*)"', page + client.get("/audit/notes/1").text))
    assert not re.search("Okafor|Lind|evil|throat", addresses)
    found = send(client, "/audit/find", words="THRO")
    assert listed(found.text) == ["throat"] and found.url.query == b""


def test_a_note_shows_its_report_and_nothing_in_it_is_markup(client: httpx.Client) -> None:
    page = client.get("/audit/notes/1").text
    assert "evil &lt;b&gt;" in page and "&lt;script&gt;alert(1)" in page and "<script>alert" not in page
    assert "complete" in page and 'id="judge-element-pain.severity"' in page


def test_a_finding_is_agreed_with_overruled_and_taken_back(client: httpx.Client) -> None:
    path = "/audit/notes/1?sort=note"
    done = send(client, path, kind="element", about="pain.severity", decision="agree")
    assert done.history[0].status_code == 303
    assert done.history[0].headers["location"] == "/audit/notes/1?sort=note#judge-element-pain.severity" and "Agreed" in done.text
    send(client, "/audit/reviewer", reviewer="R. König", back=path)
    said = send(client, path, kind="claim", about="M54.5", decision="overrule", corrected="supported", reason="=The date is wrong.")
    assert "Overruled</strong>: supported. =The date is wrong." in said.text and "R. König" in said.text
    send(client, path, kind="note", about="", decision="reviewed")
    assert listed(client.get(link(client.get("/audit").text, "yes")).text) == ["evil <b>"]

    precision = client.get("/audit/precision").text
    rules = [unescape(rule) for rule in re.findall(r'<th scope="row">([^<]*)</th>', precision)]
    assert rules[0] == "verdict not_valid_on_date" and len(rules) >= 2 and "0% to 79%" in precision

    answer = client.get("/audit/reviews.json")
    assert answer.headers["content-disposition"] == 'attachment; filename="reviews.json"'
    marks = {(m["kind"], m["about"]): m for m in json.loads(answer.text)}
    assert marks["claim", "M54.5"]["reviewer"] == "R. König" and marks["claim", "M54.5"]["corrected"] == "supported"
    assert marks["element", "pain.severity"]["decision"] == "agree" and marks["note", ""]["note_id"] == "evil <b>"
    rows = {row["kind"]: row for row in csv.DictReader(io.StringIO(client.get("/audit/reviews.csv").text))}
    assert rows["claim"]["reason"] == "'=The date is wrong." and rows["element"]["rules"]  # no cell is a formula

    for kind, about in marks:
        send(client, path, kind=kind, about=about, decision="undo")
    assert json.loads(client.get("/audit/reviews.json").text) == []
    assert "No finding is marked yet" in client.get("/audit/precision").text


@pytest.mark.parametrize(
    ("fields", "status", "says"),
    [
        ({"kind": "element", "about": "pain.severity", "decision": "overrule", "corrected": "missing"}, 422, "Say why"),
        ({"kind": "element", "about": "pain.severity", "decision": "overrule", "reason": "why"}, 422, "Say what"),
        ({"kind": "element", "about": "pain.nothing", "decision": "agree"}, 422, "no such finding"),
        ({"kind": "other", "about": "", "decision": "agree"}, 422, "load the page again"),
        ({"kind": "note", "about": "", "decision": "reviewed", "proof": "forged"}, 403, "older than the server"),
        ({"kind": "note", "about": "", "decision": "reviewed", "reason": "x" * 30_000}, 413, "too long"),
    ],
)
def test_a_mark_that_cannot_be_taken_is_refused_on_the_page(client: httpx.Client, fields: dict[str, str], status: int, says: str) -> None:
    answer = send(client, "/audit/notes/1", **fields)
    assert answer.status_code == status and says in answer.text
    assert json.loads(client.get("/audit/reviews.json").text) == []


@pytest.mark.parametrize("path", ["/audit/notes/0", "/audit/notes/4", "/audit/notes/99999999999999999999"])
def test_a_note_that_is_not_there_is_said_so(client: httpx.Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404 and "no checked note" in answer.text


@pytest.mark.parametrize(
    "query", ["provider=77", "provider=x", "element=nothing", "page=999999", "page=-1", "sort=nothing", "verdict='", "scope=%00"]
)
def test_an_address_that_was_tampered_with_is_answered(client: httpx.Client, query: str) -> None:
    assert client.get(f"/audit?{query}").status_code == client.get(f"/audit/notes/1?{query}").status_code == 200


def test_a_form_sends_a_browser_nowhere_else(client: httpx.Client) -> None:
    for back in ("https://example.org/", "//example.org", "/audit//example.org", "/auditor", "/audit\\..\\x"):
        answer = client.post(
            "/audit/reviewer", data={"proof": proof_of(client.get("/audit").text), "reviewer": "x", "back": back}, follow_redirects=False
        )
        assert answer.headers["location"] == "/audit"


def test_a_store_without_text_says_so(checked: list[tuple[Note, NoteReport]], tmp_path: Path) -> None:
    stored(tmp_path / "audit", checked, with_text=False).close()
    with serving(Settings(workers=1, audit=tmp_path / "audit")) as at:
        page = httpx.get(f"{at}/audit/notes/1", timeout=60).text
    assert "keeps no text" in page and "alert(1)" not in page and 'id="judge-element-pain.severity"' in page


def test_a_store_that_a_run_writes_to_is_one_sentence_and_there_again_afterwards(
    checked: list[tuple[Note, NoteReport]], tmp_path: Path
) -> None:
    folder = tmp_path / "audit"
    stored(folder, checked).close()
    script = "import duckdb, sys; held = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", script, str(folder / database.FILE)]
    with serving(Settings(workers=1, audit=folder)) as at, httpx.Client(base_url=at, timeout=60, headers=HTML) as client:
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as run:
            assert run.stdout and run.stdout.readline() == "held\n"
            busy = client.get("/audit")
            assert busy.status_code == 503 and "is in use by another notecheck" in busy.text and busy.headers["retry-after"]
            run.communicate()
        assert client.get("/audit").status_code == 200


def test_a_server_without_an_audit_says_how_to_show_one() -> None:
    with serving(Settings(workers=1)) as at:
        answer = httpx.get(f"{at}/audit", timeout=60)
    assert answer.status_code == 404 and "--audit DIR" in answer.json()["detail"]
