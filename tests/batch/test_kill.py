"""kill -9 at any moment: of the whole run, which is then resumed, or of a worker. The results are those of a run that nobody touched."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

NOTES, KILLS = 40, 10
LOG = 30_000  # bytes of the store's log by the end of such a run
SCRIPT = Path(__file__).with_name("audited.py")


@contextmanager
def run(output: Path, *options: str, notes: int = NOTES) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, str(SCRIPT), str(output), str(notes), *options], start_new_session=True)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def finished(output: Path, *options: str, notes: int = NOTES) -> dict[str, bytes]:
    """The files of the run, once it is done."""
    with run(output, *options, notes=notes) as process:
        assert process.wait(timeout=120) == 0
    return files(output)


def files(output: Path) -> dict[str, bytes]:
    found = [output / name for name in ("reports.jsonl", "summary.csv", "failures.csv")] + sorted((output / "tables").iterdir())
    return {path.name: path.read_bytes() for path in found}


def workers(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    try:
        return [p for p in psutil.Process(process.pid).children(recursive=True) if "spawn_main" in " ".join(p.cmdline())]
    except psutil.Error:
        return []


def all_gone(processes: list[psutil.Process]) -> bool:
    _, alive = psutil.wait_procs(processes, timeout=10)
    return not [p for p in alive if p.status() != psutil.STATUS_ZOMBIE]


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    found = finished(tmp_path_factory.mktemp("untouched") / "out")
    assert found["reports.jsonl"].count(b"\n") == NOTES - NOTES // 9 and found["failures.csv"].count(b"\n") == 1 + NOTES // 9
    return found


def test_a_run_killed_at_random_moments_and_resumed_ends_as_one_that_was_not_and_leaves_no_orphan(
    tmp_path: Path, untouched: dict[str, bytes]
) -> None:
    rng = random.Random(20260304)
    kills, round_ = 0, 0
    while kills < KILLS:
        output, options = tmp_path / str(round_), list[str]()
        for _ in range(rng.randrange(2, 6)):
            with run(output, *options) as process:
                wait_for_log(output, process, rng.uniform(0, LOG))
                time.sleep(rng.uniform(0, 0.02))
                left = workers(process)
                kills += process.poll() is None
                os.kill(process.pid, signal.SIGKILL)
                process.wait()
                assert all_gone(left)
            options = ["--resume"]
        assert finished(output, "--resume") == untouched
        round_ += 1


def wait_for_log(output: Path, process: subprocess.Popen[bytes], size: float) -> None:
    """Waits until so many bytes stand in the store's log, or the run has ended."""
    log = output / "audit.duckdb.wal"
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None and not (log.exists() and log.stat().st_size >= size):
        time.sleep(0.005)


def test_workers_killed_at_random_moments_cost_nothing(tmp_path: Path, untouched: dict[str, bytes]) -> None:
    rng = random.Random(42)
    kills, round_ = 0, 0
    while kills < KILLS:
        output = tmp_path / str(round_)
        with run(output) as process:
            for _ in range(4):
                time.sleep(rng.uniform(0.1, 0.5))
                alive = workers(process)
                if alive:
                    victim = rng.choice(alive)
                    victim.kill()
                    kills += 1
            assert process.wait(timeout=120) == 0
        assert files(output) == untouched
        round_ += 1


def test_a_run_of_the_real_checker_killed_and_resumed_ends_as_one_that_was_not(tmp_path: Path) -> None:
    untouched = finished(tmp_path / "untouched", "--real", notes=40)
    output = tmp_path / "killed"
    with run(output, "--real", notes=40) as process:
        wait_for_log(output, process, 200_000)
        os.kill(process.pid, signal.SIGKILL)
    assert finished(output, "--real", "--resume", notes=40) == untouched
