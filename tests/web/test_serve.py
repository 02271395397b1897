"""The command: what it refuses to do, what it prints, and what it leaves behind."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Iterator
from subprocess import Popen

import httpx
import psutil
import pytest
from e2e.command import notecheck
from web.loaded import command
from web.notes import NOTE, SECRET

from notecheck import cli

TOKEN = "a-token-of-some-length"


@pytest.fixture(scope="module")
def locked() -> Iterator[tuple[str, Popen[str]]]:
    """A server with a token, as a shell starts it."""
    with command("--workers", "1", NOTECHECK_TOKEN=TOKEN) as started:
        yield started


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--host", "0.0.0.0"), "give a token"),
        (("--host", "192.0.2.1"), "give a token"),
        (("--host", "0.0.0.0", "--token", "short"), "at least 16"),
        (("--profile", "nothing"), "there is no profile called nothing"),
        (("--host", "192.0.2.1", "--token", "a-token-of-some-length"), "--port"),
    ],
)
def test_what_cannot_be_served_is_one_sentence(
    options: tuple[str, ...], says: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["notecheck", "serve", "--port", "0", *options])
    with pytest.raises(SystemExit, match="2"):
        cli.main()
    out, err = capsys.readouterr()
    assert out == "" and says in err and err.count("\n") == 1


def test_a_pack_that_is_none_is_one_sentence(tmp_path: object) -> None:
    done = notecheck("--patterns", str(tmp_path), "serve", "--port", "0")
    assert (done.returncode, done.stdout) == (2, "") and "is not a pattern pack" in done.stderr and done.stderr.count("\n") == 1


def test_the_token_may_come_by_the_environment(locked: tuple[str, Popen[str]]) -> None:
    address, _ = locked
    assert httpx.get(f"{address}/healthz").status_code == 401
    assert httpx.get(f"{address}/healthz", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200


def test_nothing_of_a_note_is_printed_whatever_is_sent(locked: tuple[str, Popen[str]]) -> None:
    address, started = locked
    with httpx.Client(base_url=address, headers={"Authorization": f"Bearer {TOKEN}"}) as c:
        for body in ('{"text": "%s"}', '{"text": "%s', '{"text": ["%s"]}', '{"%s": 1}'):
            c.post("/api/check", content=body % SECRET, headers={"Content-Type": "application/json"})
        c.post("/api/check/batch", content=SECRET, headers={"Content-Type": "application/x-ndjson"})
        c.post("/", data={"text": SECRET})
        c.get(f"/{SECRET}", params={"q": SECRET})
        c.get(f"/api/explain/{SECRET}")
        assert c.post("/api/check", json={"text": NOTE}).status_code == 200
    started.send_signal(signal.SIGINT)
    assert started.communicate(timeout=30) == ("", "")


def test_a_server_that_is_killed_takes_its_processes_along() -> None:
    with command("--workers", "2") as (_, started):
        children = psutil.Process(started.pid).children(recursive=True)
        assert len(children) >= 2
        started.kill()
        started.wait()
        until = time.monotonic() + 10
        while any(c.is_running() and c.status() != psutil.STATUS_ZOMBIE for c in children):
            assert time.monotonic() < until
            time.sleep(0.1)
