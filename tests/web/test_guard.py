"""Who may ask, from where and under which name, and what every answer carries."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import httpx
import pytest
from web.misbehaving import misbehaving
from web.notes import NOTE
from web.serving import serving

from notecheck.web.settings import Settings, is_loopback, names_of

TOKEN = "correct-horse-battery-staple"


def proof_of(page: str) -> str:
    found = re.search(r'name="proof" value="(\w+)"', page)
    assert found
    return found.group(1)


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/"), ("GET", "/docs"), ("GET", "/healthz"), ("GET", "/static/page.js"), ("GET", "/nothing"), ("POST", "/api/check")],
)
def test_every_answer_keeps_the_note_out_of_caches_frames_and_other_sites(client: httpx.Client, method: str, path: str) -> None:
    headers = client.request(method, path).headers
    policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
    assert (
        policy["default-src"] == "'none'"
        and policy["script-src"] == policy["style-src"] == "'self'"
        and policy["frame-ancestors"] == "'none'"
    )
    assert headers["cache-control"] == "no-store" and headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff" and "server" not in headers
    assert headers["cross-origin-opener-policy"] == headers["cross-origin-resource-policy"] == "same-origin"


def test_pages_hold_nothing_that_the_policy_forbids(client: httpx.Client) -> None:
    proof = proof_of(client.get("/").text)
    for page in (
        client.get("/"),
        client.get("/docs"),
        client.get("/login"),
        client.post("/", data={"text": NOTE, "codes": "M54.5", "proof": proof}),
    ):
        assert page.status_code == 200
        assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?! src=\"/static/)", page.text)
        assert not re.search(r"(?:src|href|action)=\"(?:https?:)?//", page.text)


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8347", "127.0.0.1.evil.example", "evil.example@127.0.0.1", "127.0.0.1/evil", "", "[::1"]
)
def test_a_request_under_a_foreign_name_is_refused(client: httpx.Client, host: str) -> None:
    answer = client.post("/api/check", json={"text": NOTE}, headers={"Host": host})
    assert answer.status_code in (400, 421) and "Low back" not in answer.text


def test_this_machines_names_are_known_at_any_port(client: httpx.Client) -> None:
    assert all(client.get("/healthz", headers={"Host": h}).status_code == 200 for h in ("localhost:1", "127.0.0.1", "[::1]:8347"))


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://[::1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
@pytest.mark.parametrize("path", ["/api/check", "/api/check/batch", "/", "/report", "/text", "/login"])
def test_what_a_page_of_another_site_sends_is_refused(client: httpx.Client, path: str, headers: dict[str, str]) -> None:
    assert client.post(path, json={"text": NOTE}, headers=headers).status_code == 403


def test_our_own_page_may_send(client: httpx.Client, site: str) -> None:
    assert client.post("/api/check", json={"text": NOTE}, headers={"Origin": "null", "Sec-Fetch-Site": "same-origin"}).status_code == 200
    assert client.post("/api/check", json={"text": NOTE}, headers={"Origin": site}).status_code == 200
    assert client.post("/api/check", json={"text": NOTE}, headers={"Origin": site, "Sec-Fetch-Site": "same-origin"}).status_code == 200


@pytest.mark.parametrize("path", ["/", "/report", "/text"])
def test_a_form_without_the_proof_of_our_page_is_refused(client: httpx.Client, path: str) -> None:
    for proof in ("", "0" * 64):
        answer = client.post(path, data={"text": NOTE, "proof": proof})
        assert answer.status_code == 403 and "load the page again" in answer.text


@pytest.mark.parametrize(("charset", "status"), [("unicode_escape", 403), ("undefined", 400), ("idna", 403)])
def test_a_form_in_an_odd_encoding_is_refused_as_any_other(client: httpx.Client, charset: str, status: int) -> None:
    body = b'--b\r\nContent-Disposition: form-data; name="proof"\r\n\r\n\\ud800\r\n--b--\r\n'
    answer = client.post("/report", content=body, headers={"Content-Type": f"multipart/form-data; boundary=b; charset={charset}"})
    assert answer.status_code == status and answer.headers["content-type"] == "application/problem+json"


@pytest.fixture(scope="module")
def locked(site: str) -> Iterator[str]:  # `site` starts before: its workers are real
    with misbehaving(), serving(Settings(workers=1, token=TOKEN)) as address:
        yield address


def test_with_a_token_nothing_is_answered_without_it(locked: str) -> None:
    with httpx.Client(base_url=locked) as c:
        for path in ("/", "/docs", "/healthz", "/openapi.json", "/api/profiles"):
            answer = c.get(path)
            assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
            assert c.get(path, headers={"Authorization": f"Bearer {TOKEN}x"}).status_code == 401
            assert c.get(path, headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200
        assert c.post("/api/check", json={"text": NOTE}).status_code == 401
        assert c.post("/api/check", json={"text": NOTE}, headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200


def test_a_browser_logs_in_and_out(locked: str) -> None:
    with httpx.Client(base_url=locked, headers={"Accept": "text/html"}) as c:
        sent_away = c.get("/")
        assert (sent_away.status_code, sent_away.headers["location"]) == (303, "/login")
        login = c.get("/login")
        assert login.status_code == 200 and c.get("/static/style.css").status_code == 200
        wrong = c.post("/login", data={"token": "wrong", "proof": proof_of(login.text)})
        assert wrong.status_code == 401 and "not the server" in wrong.text and "set-cookie" not in wrong.headers
        right = c.post("/login", data={"token": TOKEN, "proof": proof_of(login.text)})
        assert right.status_code == 303 and TOKEN not in right.headers["set-cookie"]
        assert {"httponly", "samesite=strict"} <= {p.strip().lower() for p in right.headers["set-cookie"].split(";")}
        page = c.get("/")
        assert page.status_code == 200 and "Log out" in page.text
        assert c.post("/report", data={"text": NOTE, "proof": proof_of(login.text)}).status_code == 403  # proof of another session
        assert c.post("/report", data={"text": NOTE, "proof": proof_of(page.text)}).status_code == 200
        c.post("/logout", data={"proof": proof_of(page.text)})
        assert c.get("/").status_code == 303


def test_a_cookie_that_was_made_up_or_has_ended_opens_nothing(locked: str) -> None:
    for cookie in ("1.abc", "99999999999." + "0" * 64, "", "x" * 4000):
        assert httpx.get(f"{locked}/healthz", headers={"Cookie": f"notecheck={cookie}"}).status_code == 401


def test_only_this_machine_is_loopback() -> None:
    assert all(map(is_loopback, ("127.0.0.1", "127.3.2.1", "localhost", "::1", "[::1]")))
    assert not any(map(is_loopback, ("0.0.0.0", "::", "192.168.1.5", "example.org", "127.0.0.1.example.org")))
    assert names_of("0.0.0.0") is None and names_of("notes.example.org") == {"notes.example.org"}
    assert names_of("FD00:0::1") == {"fd00::1"}  # as a browser writes it


def test_no_answer_waits_for_the_network_to_be_sure(client: httpx.Client) -> None:
    """Nagle's algorithm would hold the end of each answer to a POST for 40 ms."""
    quickest = 1.0
    for _ in range(20):
        start = time.perf_counter()
        client.post("/api/check/batch", content=b"\n", headers={"Content-Type": "application/x-ndjson"})
        quickest = min(quickest, time.perf_counter() - start)
    assert quickest < 0.03


def test_a_head_is_answered_as_a_get_without_the_body(client: httpx.Client) -> None:
    for path in ("/", "/healthz"):
        answer = client.head(path)
        assert answer.status_code == 200 and answer.headers["cache-control"] == "no-store" and not answer.content
