"""A server under load, with its memory before, in the middle and at the end."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

LOAD = Path(__file__).with_name("load.py")


@contextmanager
def command(*options: str, **environment: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """`notecheck serve` as a shell starts it, on a free port: its address and its process."""
    import os

    started = subprocess.Popen(
        [sys.executable, "-m", "notecheck", "serve", "--port", "0", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
    )
    try:
        assert started.stdout
        found = re.search(r"http://\S+?(?=/ )", started.stdout.readline())
        assert found, started.stderr.read() if started.stderr else ""
        yield found.group(), started
    finally:
        started.kill()
        started.wait()


def memory(process: psutil.Process) -> float:
    """What the process and its children hold, in MB. Pages that they share count once for each."""
    return sum(p.memory_info().rss for p in [process, *process.children(recursive=True)]) / 1e6


def under_load(seconds: float, at_a_time: int = 50) -> dict[str, Any]:
    """The figures of the load, and the server's memory once it is warm and at the end. Meanwhile a client hangs and others send rubbish."""
    with command("--workers", "2") as (address, started):
        tree = psutil.Process(started.pid)
        run(address, min(5.0, seconds), at_a_time)  # each process meets each note
        warm = memory(tree)
        host, port = address.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as hung:
            hung.sendall(b"POST /api/check HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{")
            with subprocess.Popen([sys.executable, LOAD, address, str(seconds), str(at_a_time)], stdout=subprocess.PIPE, text=True) as load:
                time.sleep(seconds / 3)
                rubbish(host, int(port))
                said, _ = load.communicate()
        return {**json.loads(said), "memory_warm": round(warm), "memory_end": round(memory(tree))}


def run(address: str, seconds: float, at_a_time: int) -> dict[str, Any]:
    done = subprocess.run([sys.executable, LOAD, address, str(seconds), str(at_a_time)], capture_output=True, text=True, check=True)
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


def rubbish(host: str, port: int) -> None:
    """A body of 50 MB, a broken JSON, and no HTTP at all."""
    head = b"POST /api/check HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    for sent in (head % 50_000_000 + b"x" * 5_000_000, head % 9 + b'{"text": ', b"\x16\x03\x01\x00\xff" * 100):
        with socket.create_connection((host, port)) as s:
            try:
                s.sendall(sent)
                s.recv(100)
            except OSError:  # hung up on
                pass
