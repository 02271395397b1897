"""The JSON interface: the checker's own answers, and errors that say what to do without repeating the note."""

import json
from datetime import date
from typing import Any

import httpx
import jsonschema
import pytest
from web.notes import NOTE, SECRET

import notecheck
from notecheck.models import Note, NoteReport

LINES = {"Content-Type": "application/x-ndjson"}


@pytest.fixture(scope="module")
def checker() -> notecheck.Checker:
    return notecheck.load()


def test_the_report_is_the_checkers(client: httpx.Client, checker: notecheck.Checker) -> None:
    sent = {"text": NOTE, "note_id": "n1", "service_date": "2025-11-25", "codes": ["M54.5", "M54.16"]}
    answer = client.post("/api/check", json=sent)
    note = Note(note_id="n1", text=NOTE, service_date=date(2025, 11, 25), codes=("M54.5", "M54.16"))
    assert answer.status_code == 200 and NoteReport.model_validate_json(answer.content) == checker.check(note)
    assert [c["verdict"] for c in answer.json()["claim"]] == ["not_valid_on_date", "supported"]


def test_codes_may_be_one_line_as_people_type_them(client: httpx.Client) -> None:
    listed = client.post("/api/check", json={"text": NOTE, "codes": ["M54.50", "M54.16"]}).json()
    typed = client.post("/api/check", json={"text": NOTE, "codes": "m5450; M54.16 Radiculopathy"}).json()
    assert listed == typed and len(typed["claim"]) == 2


def test_a_note_is_held_against_the_payers_rule_it_names(client: httpx.Client, checker: notecheck.Checker) -> None:
    answer = client.post("/api/check", json={"text": NOTE, "profile": "esi-initial"}).json()
    assert answer["profile"] == "esi-initial" and answer["coverage"]
    assert answer == json.loads(checker.with_profile("esi-initial").check(Note(note_id="note", text=NOTE)).model_dump_json())


FAULTY: dict[str, tuple[int, Any, str]] = {
    "no JSON": (400, f'{{"text": "{SECRET}', "not valid JSON"),
    "no object": (422, json.dumps([SECRET]), "not a JSON object"),
    "no text": (422, json.dumps({"note": SECRET}), "body.text"),
    "a name that is note text": (422, json.dumps({"text": NOTE, SECRET: 1}), "body"),
    "text that is no string": (422, json.dumps({"text": {"a": SECRET}}), "body.text"),
    "a date that is none": (422, json.dumps({"text": NOTE, "service_date": SECRET}), "body.service_date"),
    "codes of the wrong kind": (422, json.dumps({"text": NOTE, "codes": {"code": SECRET}}), "body.codes"),
    "an unknown profile": (422, json.dumps({"text": NOTE, "profile": SECRET}), "/api/profiles"),
    "an empty note": (422, json.dumps({"text": "  \n"}), "empty"),
    "a note with NUL": (422, json.dumps({"text": SECRET + "\0"}), "NUL"),
    "a lone surrogate": (422, f'{{"text": "back pain \\ud800 {SECRET}"}}', ""),
    "a note of a book's length": (422, json.dumps({"text": "back pain " * 110_000}), "body.text"),
    "nesting without end": (400, "[" * 100_000, ""),
}


@pytest.mark.parametrize("fault", FAULTY)
def test_a_faulty_request_is_told_as_problem_details_that_repeat_nothing_of_it(client: httpx.Client, fault: str) -> None:
    status, body, words = FAULTY[fault]
    answer = client.post("/api/check", content=body, headers={"Content-Type": "application/json"})
    problem = answer.json()
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert problem["status"] == status and problem["title"] and words in problem["detail"] and len(problem["detail"]) < 400
    assert not any(word in answer.text for word in SECRET.replace(",", "").split())


def test_an_address_and_a_method_that_are_not_there_are_problems_too(client: httpx.Client) -> None:
    for answer, status in ((client.get("/nothing"), 404), (client.delete("/api/check"), 405), (client.get("/api/explain/nothing"), 404)):
        assert (answer.status_code, answer.headers["content-type"], answer.json()["status"]) == (status, "application/problem+json", status)


def test_a_batch_answers_line_by_line_in_order_and_says_which_line_is_wrong(client: httpx.Client) -> None:
    lines = [
        {"text": NOTE, "note_id": "a"},
        "",
        f'{{"text": "{SECRET}',
        {"text": "", "note_id": "c"},
        {"text": NOTE, "note_id": "d", "codes": "M54.5"},
    ]
    body = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    answer = client.post("/api/check/batch", content=body, headers=LINES)
    first, second, third, fourth = map(json.loads, answer.text.splitlines())
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/x-ndjson")
    assert first["note_id"] == "a" and first["in_scope"] and first == client.post("/api/check", json=lines[0]).json()
    assert (second["status"], second["line"], second["note_id"]) == (400, 3, None) and "Zebulon" not in answer.text
    assert (third["status"], third["line"], third["note_id"]) == (422, 4, "c")
    assert (fourth["note_id"], fourth["claim"][0]["code"]) == ("d", "M54.5")


def test_a_client_that_sends_a_whole_batch_before_it_reads_gets_every_answer(client: httpx.Client) -> None:
    count = 400
    body = "".join(json.dumps({"text": NOTE, "note_id": str(i)}) + "\n" for i in range(count))
    answer = client.post("/api/check/batch", content=body, headers=LINES)
    assert [json.loads(line)["note_id"] for line in answer.text.splitlines()] == [str(i) for i in range(count)]


def test_answers_come_while_notes_are_still_being_sent(site: str) -> None:
    import socket

    host, port = site.removeprefix("http://").split(":")
    line = (json.dumps({"text": NOTE}) + "\n").encode()
    with socket.create_connection((host, int(port)), 30) as s:
        head = f"POST /api/check/batch HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n"
        s.sendall(head.encode())
        got = b""
        for n in range(6):
            s.sendall(b"%x\r\n%s\r\n" % (len(line), line))
            if n >= 2:  # as many as there may be under way for one checker process
                while got.count(b'"schema_version"') < n - 1:
                    got += s.recv(65536)
        s.sendall(b"0\r\n\r\n")
        while got.count(b'"schema_version"') < 6:
            got += s.recv(65536)


def test_a_batch_of_another_kind_is_refused(client: httpx.Client) -> None:
    assert client.post("/api/check/batch", json={"text": NOTE}).status_code == 415


def test_profiles_are_listed_with_the_default_marked(client: httpx.Client, checker: notecheck.Checker) -> None:
    listed = client.get("/api/profiles").json()
    assert {p["id"] for p in listed} == set(checker.pack.profiles)
    assert [p["id"] for p in listed if p["default"]] == ["spine-visit"]
    assert {p["id"] for p in listed if p["coverage"]} == set(checker.policies)


def test_an_element_a_rule_a_profile_and_a_code_are_explained(client: httpx.Client, checker: notecheck.Checker) -> None:
    e = checker.pack.elements["pain.radiation"]
    told = client.get("/api/explain/pain.radiation").json()
    assert (told["kind"], told["asks"], told["fix"]) == ("element", e.asks, e.fix) and "spine-visit" in told["required_by"]
    rule = next(r for r in checker.pack.rules.values() if r.element == "pain.quality")
    assert client.get(f"/api/explain/{rule.id}").json()["id"] == "pain.quality"
    profile = client.get("/api/explain/esi-repeat").json()
    assert profile["kind"] == "profile" and profile["requires"] and profile["criteria"]
    code = client.get("/api/explain/m545", params={"on": "2025-11-25"}).json()
    assert (code["kind"], code["code"], code["billable"]) == ("code", "M54.5", False) and "M54.50" in code["successors"]


def test_health_names_the_pack(client: httpx.Client, checker: notecheck.Checker) -> None:
    told = client.get("/healthz").json()
    assert told == {
        "status": "ok",
        "version": notecheck.__version__,
        "pack": checker.pack.info.name,
        "pack_version": checker.pack.info.version,
        "workers": 1,
    }


def test_the_openapi_document_describes_the_errors_as_they_are(client: httpx.Client) -> None:
    document = client.get("/openapi.json").json()
    problem = client.post("/api/check", json={}).json()
    jsonschema.validate(problem, document["components"]["schemas"]["ProblemDetails"])
    assert "HTTPValidationError" not in json.dumps(document)
    content = document["paths"]["/api/check"]["post"]["responses"]["422"]["content"]
    assert list(content) == ["application/problem+json"]


def test_the_page_of_the_interface_names_every_operation_and_loads_nothing_from_elsewhere(client: httpx.Client) -> None:
    document, page = client.get("/openapi.json").json(), client.get("/docs").text
    for path, methods in document["paths"].items():
        for method in methods:
            assert f'<h2 id="{method}-{path}"><b class="method">{method.upper()}</b> {path}</h2>' in page
    assert "<script" not in page and 'src="http' not in page and 'href="http' not in page
