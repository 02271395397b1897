"""The server under fifty requests at a time, printed: pytest -s -o addopts= tests/bench/test_serve.py

NOTECHECK_LOAD_SECONDS says for how long (60). Latency is that of a client in another process, the wait in the queue included.
"""

from __future__ import annotations

import os

from web.loaded import under_load


def test_latency_throughput_and_memory_under_load() -> None:
    seconds = float(os.environ.get("NOTECHECK_LOAD_SECONDS", "60"))
    figures = under_load(seconds)
    print(f"\n50 requests at a time for {seconds:g} s, 2 checker processes: {figures['per_second']} notes/s, answers {figures['statuses']}")
    print(f"latency: median {figures['p50']} s, p95 {figures['p95']} s, longest {figures['longest']} s")
    print(f"memory of all processes: {figures['memory_warm']} MB warm, {figures['memory_end']} MB at the end")
    assert set(figures["statuses"]) <= {"200", "503"}
    assert figures["memory_end"] < figures["memory_warm"] * 1.05
