"""A large audit on this machine, in figures. Not part of the plain test run: pytest -s -o addopts= tests/bench/test_audit.py

The corpus over and over with new ids, NOTECHECK_BENCH_NOTES of them (100,000). Only memory passes or fails, the clock never does: a machine
that is busy with something else says nothing about time.
"""

import gzip
import json
import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from statistics import median

import psutil

ROOT = Path(__file__).parents[2]
CORPUS = ROOT.parent / "shared" / "corpus" / "mtsamples.jsonl.gz"
NOTES = int(os.environ.get("NOTECHECK_BENCH_NOTES", "100000"))
FEW = min(NOTES, 9_000)  # for one worker against two
_EVERY = 0.5  # seconds between two looks at the memory
_WARM = 1_000  # notes after which all workers are loaded and at work
_MIB = 1 << 20


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


@dataclass(frozen=True)
class Sizes:
    """Resident bytes at a moment (seconds since the epoch)."""

    at: float
    tree: int
    parent: int


@dataclass(frozen=True)
class Run:
    """One audit: when it began and ended, when so many notes were stored, and its memory all along."""

    began: float
    ended: float
    stored: dict[int, float]
    sizes: list[Sizes]

    @property
    def last(self) -> int:
        return max(self.stored)

    @property
    def warm(self) -> int:
        return self.near(min(_WARM, self.last / 4))

    def near(self, notes: float) -> int:
        """The number of notes closest to this one at which the time was taken."""
        return min(self.stored, key=lambda n: abs(n - notes))

    def took(self, last: int, first: int) -> float:
        """Seconds from one number of notes to another."""
        return self.stored[last] - self.stored[first]

    def between(self, first: int, last: int) -> list[Sizes]:
        return [s for s in self.sizes if self.stored[first] <= s.at <= self.stored[last]]


def audited(folder: Path, notes: int, jobs: int, *options: str) -> Run:
    """Runs the command, in a process of its own."""
    folder.mkdir()
    source, stamps, out = export(folder / "export.jsonl", notes), folder / "stamps", folder / "out"
    command = ["audit", str(source), "-o", str(out), "--jobs", str(jobs), *options]
    began = time.time()
    with subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("stamped.py")), str(stamps), *command], cwd=ROOT, stdout=subprocess.DEVNULL
    ) as process:
        sizes: list[Sizes] = []
        watch = threading.Thread(target=_look, args=(psutil.Process(process.pid), sizes), daemon=True)
        watch.start()
        assert process.wait() == 0
        watch.join()
    stored = [line.split() for line in stamps.read_text(encoding="utf-8").splitlines()]
    return Run(began, time.time(), {int(count): float(at) for count, at in stored}, sizes)


def _look(process: psutil.Process, seen: list[Sizes]) -> None:
    while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
        try:
            sizes = [p.memory_info().rss for p in (process, *process.children(recursive=True))]
        except psutil.Error:
            continue
        seen.append(Sizes(time.time(), sum(sizes), sizes[0]))
        time.sleep(_EVERY)


def test_the_memory_of_a_large_audit_is_flat_and_its_time_linear(tmp_path: Path) -> None:
    run = audited(tmp_path / "large", NOTES, 2)
    warm, whole = run.warm, run.last
    quarter, half, most = (run.near(whole * part / 4) for part in (1, 2, 3))
    checking = run.took(whole, warm)

    print(f"\n{NOTES:,} notes, 2 workers, {run.ended - run.began:.0f} s in all:", end=" ")
    print(
        f"{run.stored[whole] - run.began:.0f} s until the last note was stored, {run.ended - run.stored[whole]:.0f} s for the files; ",
        end="",
    )
    print(f"{(whole - warm) / checking:.0f} notes/s while checking")
    print("time: " + ", ".join(f"{n:,} notes {run.stored[n] - run.began:.1f} s" for n in (quarter, half, whole)), end="; ")
    quarters = [(warm, quarter), (quarter, half), (half, most), (most, whole)]
    print("each quarter " + ", ".join(f"{1e3 * run.took(n, before) / (n - before):.2f}" for before, n in quarters) + " ms a note")

    early, late = max(s.tree for s in run.between(warm, half)), max(s.tree for s in run.between(half, whole))
    middle = median(s.tree for s in run.between(quarter, half))
    end = median(s.tree for s in run.between(most, whole))
    peak, parent = max(s.tree for s in run.sizes), max(s.parent for s in run.sizes)
    print(
        f"memory of the tree: in the second quarter {middle / _MIB:.0f} MiB, in the last {end / _MIB:.0f} MiB ({end / middle - 1:+.1%}); ",
        end="",
    )
    print(f"most in the first half {early / _MIB:.0f} MiB, in the second {late / _MIB:.0f} MiB ({late / early - 1:+.1%})")
    print(f"peak with the files {peak / _MIB:.0f} MiB; the parent alone at most {parent / _MIB:.0f} MiB", end="; ")
    print(f"the store takes {(tmp_path / 'large' / 'out' / 'audit.duckdb').stat().st_size / NOTES:,.0f} bytes a note")
    assert late < early * 1.05 and peak < 2048 * _MIB


def test_two_workers_against_one(tmp_path: Path) -> None:
    one, two = (audited(tmp_path / str(jobs), FEW, jobs, "--no-xlsx", "--no-html") for jobs in (1, 2))
    rates = [(run.last - run.warm) / run.took(run.last, run.warm) for run in (one, two)]
    print(f"\n{FEW:,} notes: 1 worker {rates[0]:.0f} notes/s, 2 workers {rates[1]:.0f} notes/s: ", end="")
    print(f"{rates[1] / rates[0]:.2f} times as fast; with what it takes to start, load and write the tables ", end="")
    print(f"{one.ended - one.began:.0f} s and {two.ended - two.began:.0f} s: {(one.ended - one.began) / (two.ended - two.began):.2f} times")
