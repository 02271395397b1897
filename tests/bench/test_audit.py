"""A large audit on this machine, in figures. Not part of the plain test run: pytest -s -o addopts= tests/bench/test_audit.py

The corpus over and over with new ids, NOTECHECK_BENCH_NOTES of them (100,000). Nothing here passes or fails by the clock: read the figures.
"""

import gzip
import json
import os
import subprocess
import sys
import threading
import time
from itertools import cycle, islice
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).parents[2]
CORPUS = ROOT.parent / "shared" / "corpus" / "mtsamples.jsonl.gz"
NOTES = int(os.environ.get("NOTECHECK_BENCH_NOTES", "100000"))
_EVERY = 0.5  # seconds between two looks at the memory


def export(path: Path, count: int) -> Path:
    if CORPUS.exists():
        with gzip.open(CORPUS, "rt", encoding="utf-8") as f:
            texts = [json.loads(line)["text"] for line in f]
    else:
        texts = [p.read_text(encoding="utf-8") for p in sorted((ROOT / "sample_notes").glob("*.txt"))]
    with path.open("w", encoding="utf-8") as f:
        for n, text in enumerate(islice(cycle(texts), count)):
            f.write(json.dumps({"note_id": f"n{n}", "text": text, "provider": f"p{n % 50}", "codes": "M54.50"}) + "\n")
    return path


class Watch:
    """The resident memory of a process and all its children, looked at all along: (seconds, bytes of the tree, bytes of the parent)."""

    def __init__(self, pid: int) -> None:
        self.seen: list[tuple[float, int, int]] = []
        self._process, self._start = psutil.Process(pid), time.monotonic()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def _look(self) -> None:
        while self._process.is_running() and self._process.status() != psutil.STATUS_ZOMBIE:
            try:
                sizes = [p.memory_info().rss for p in (self._process, *self._process.children(recursive=True))]
            except psutil.Error:
                continue
            self.seen.append((time.monotonic() - self._start, sum(sizes), sizes[0]))
            time.sleep(_EVERY)

    def most(self, first: float, last: float, column: int = 1) -> int:
        return max((row[column] for row in self.seen if first <= row[0] <= last), default=0)


def audited(source: Path, out: Path, *options: str) -> tuple[float, Watch, str]:
    """How long the command took, its memory and what it printed."""
    start = time.monotonic()
    command = [sys.executable, "-m", "notecheck", "audit", str(source), "-o", str(out), *options]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        watch = Watch(process.pid)
        printed, _ = process.communicate()
    assert process.returncode == 0
    return time.monotonic() - start, watch, printed


def test_memory_and_time_of_a_large_audit(tmp_path: Path) -> None:
    took, watch, printed = audited(export(tmp_path / "export.jsonl", NOTES), tmp_path / "out", "--jobs", "2")
    mib = 1 << 20
    checking = float(printed.split("took ")[1].split()[0]) * (60 if " min," in printed else 1)
    half = checking / 2
    early, late = watch.most(0, half), watch.most(half, checking)
    print(f"\n{NOTES:,} notes, 2 workers: {took:.0f} s, of which {took - checking:.0f} s for the files at the end")
    print(f"memory of the tree: first half {early / mib:.0f} MiB, second half {late / mib:.0f} MiB ({late / early - 1:+.1%}), ", end="")
    print(f"with the files {watch.most(0, took) / mib:.0f} MiB; the parent alone {watch.most(0, took, 2) / mib:.0f} MiB")
    print(f"the store takes {(tmp_path / 'out' / 'audit.duckdb').stat().st_size / NOTES:,.0f} bytes a note")


@pytest.mark.parametrize("share", [4, 2])
def test_time_is_linear_in_the_notes(tmp_path: Path, share: int) -> None:
    notes = NOTES // share
    took, _, printed = audited(export(tmp_path / "export.jsonl", notes), tmp_path / "out", "--jobs", "2")
    print(f"\n{notes:,} notes, 2 workers: {took:.0f} s, {printed.split('took ')[1].splitlines()[0].strip()}")


def test_two_workers_against_one(tmp_path: Path) -> None:
    notes = min(NOTES, 10_000)
    source = export(tmp_path / "export.jsonl", notes)
    rates = {}
    for jobs in ("1", "2"):
        took, _, _ = audited(source, tmp_path / jobs, "--jobs", jobs, "--no-xlsx", "--no-html")
        short, _, _ = audited(
            export(tmp_path / "few.jsonl", notes // 10), tmp_path / f"{jobs}-few", "--jobs", jobs, "--no-xlsx", "--no-html"
        )
        rates[jobs] = (notes - notes // 10) / (took - short)  # without what it takes to start and to end
    print(f"\n1 worker {rates['1']:.0f} notes/s, 2 workers {rates['2']:.0f} notes/s: {rates['2'] / rates['1']:.2f} times as many")
