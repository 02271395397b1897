"""What one client, or one note, can cost the others: its own request, and no more."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import httpx
import psutil
import pytest
from web.misbehaving import misbehaving
from web.notes import NOTE
from web.serving import serving

from notecheck.web import limits, server
from notecheck.web.settings import Settings


@pytest.fixture(scope="module")
def impatient(site: str) -> Iterator[str]:
    """A server with misbehaving workers, short patience, one process and room for two in the queue. `site` starts before: its workers are real."""
    with pytest.MonkeyPatch.context() as patch, misbehaving():
        patch.setattr(limits, "IDLE", 0.7)
        patch.setattr(limits, "WHOLE", 1.2)
        patch.setattr(server, "PATIENCE", 0.7)
        with serving(Settings(workers=1, waiting=2, time_limit=1)) as address:
            yield address


def check(address: str, text: str) -> httpx.Response:
    return httpx.post(f"{address}/api/check", json={"text": text}, timeout=30)


def connected(address: str) -> socket.socket:
    host, port = address.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), 30)


def test_a_note_that_ends_its_process_costs_only_its_own_request(impatient: str) -> None:
    answer = check(impatient, "die")
    assert answer.status_code == 500 and "ended the process" in answer.json()["detail"]
    assert check(impatient, "fine").status_code == 200


def test_a_note_over_the_time_limit_costs_only_its_own_request(impatient: str) -> None:
    start = time.monotonic()
    answer = check(impatient, "hang")
    assert answer.status_code == 422 and "limit of 1 s" in answer.json()["detail"] and time.monotonic() - start < 5
    assert check(impatient, "fine").status_code == 200


def test_requests_wait_their_turn_and_beyond_the_queue_are_told_when_to_come_back(impatient: str) -> None:
    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(lambda _: check(impatient, "slow"), range(6)))
    statuses = [a.status_code for a in answers]
    assert statuses.count(200) == 3 and statuses.count(503) == 3  # one at work and two waiting
    assert all(a.headers["retry-after"].isdecimal() and "again" in a.json()["detail"] for a in answers if a.status_code == 503)
    assert check(impatient, "fine").status_code == 200


def test_a_batch_waits_for_its_turn_instead_of_failing(impatient: str) -> None:
    body = "".join(json.dumps({"text": "slow" if i == 0 else "fine", "note_id": str(i)}) + "\n" for i in range(20))
    answer = httpx.post(f"{impatient}/api/check/batch", content=body, headers={"Content-Type": "application/x-ndjson"}, timeout=30)
    assert [json.loads(line)["note_id"] for line in answer.text.splitlines()] == [str(i) for i in range(20)]


def test_a_request_that_is_given_up_leaves_the_process_to_the_next(impatient: str) -> None:
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(f"{impatient}/api/check", json={"text": "slow"}, timeout=0.2)
    assert check(impatient, "fine").status_code == 200


def test_a_body_of_50_mb_is_refused_and_does_no_harm(client: httpx.Client) -> None:
    for content in (b"x" * 50_000_000, (b"x" * 1_000_000 for _ in range(50))):
        with suppress(httpx.TransportError):  # the server may hang up on what it will not read
            assert client.post("/api/check", content=content, headers={"Content-Type": "application/json"}).status_code == 413
        assert client.post("/api/check", json={"text": NOTE}).status_code == 200


def test_a_long_line_of_a_batch_is_refused_alone(client: httpx.Client) -> None:
    lines = [json.dumps({"text": NOTE}).encode(), b'{"text": "' + b"x" * 12_000_000 + b'"}', json.dumps({"text": NOTE}).encode()]
    answer = client.post("/api/check/batch", content=b"\n".join(lines), headers={"Content-Type": "application/x-ndjson"})
    first, second, third = map(json.loads, answer.text.splitlines())
    assert first == third and first["in_scope"] and (second["status"], second["line"]) == (413, 2)


def test_a_body_that_stops_coming_is_given_up(impatient: str) -> None:
    with connected(impatient) as s:
        s.sendall(b"POST /api/check HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{")
        assert s.recv(100).startswith(b"HTTP/1.1 408 ")


def test_a_body_that_trickles_is_given_up(impatient: str) -> None:
    start = time.monotonic()
    with connected(impatient) as s:
        s.sendall(b"POST /api/check HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n")
        s.settimeout(0.2)
        got = b""
        while not got:
            s.sendall(b" ")
            try:
                got = s.recv(100)
            except TimeoutError:
                assert time.monotonic() - start < 10
        assert got.startswith(b"HTTP/1.1 408 ")


@pytest.mark.parametrize("head", [b"", b"POST /api/check HTTP/1.1\r\nHost: loc"])
def test_a_client_that_sends_no_whole_head_is_hung_up_on(impatient: str, head: bytes) -> None:
    with connected(impatient) as s:
        s.sendall(head)
        with suppress(ConnectionResetError):
            assert s.recv(100) == b""
    assert check(impatient, "fine").status_code == 200


def test_many_hung_clients_do_not_keep_others_out(impatient: str) -> None:
    hung = [connected(impatient) for _ in range(100)]
    try:
        for s in hung:
            s.sendall(b"POST /api/check HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n")
        assert check(impatient, "fine").status_code == 200
    finally:
        for s in hung:
            s.close()


def test_a_server_that_stops_leaves_no_process_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "GRACE", 1)
    before = {p.pid for p in psutil.Process().children(recursive=True)}
    with misbehaving(), serving(Settings(workers=2)) as address:
        started = {p.pid for p in psutil.Process().children(recursive=True)} - before
        hung = connected(address)
        hung.sendall(
            b"POST /api/check HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 16\r\n\r\n"
            + b'{"text": "hang"}'
        )
        time.sleep(0.5)
        assert len(started) >= 2
    hung.close()
    assert not started & {p.pid for p in psutil.Process().children(recursive=True) if "spawn_main" in " ".join(p.cmdline())}
