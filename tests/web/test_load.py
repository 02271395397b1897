"""The server under fifty requests at a time, for a short while; tests/bench/test_serve.py does it for a minute and prints the figures."""

from __future__ import annotations

from web.loaded import under_load


def test_fifty_requests_at_a_time_are_answered_and_memory_stays() -> None:
    figures = under_load(3)
    assert set(figures["statuses"]) <= {"200", "503"} and figures["statuses"]["200"] > 50
    assert figures["memory_end"] < figures["memory_warm"] * 1.15
