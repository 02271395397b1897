"""`notecheck audit`, from the shell."""

import csv
import json
import os
import pty
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from e2e.command import ROOT, SAMPLES, notecheck

FILES = ("reports.jsonl", "summary.csv", "failures.csv")


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as f:
        return list(csv.DictReader(f))


def test_the_samples_are_audited(tmp_path: Path) -> None:
    out = tmp_path / "new" / "audit"
    done = notecheck("audit", SAMPLES, "--output", out)
    assert (done.returncode, done.stderr) == (0, "")
    assert "notes              10\n" in done.stdout and "mean completeness" in done.stdout and "most often missing" in done.stdout
    names = sorted(p.stem for p in SAMPLES.glob("*.txt"))
    assert [json.loads(line)["note_id"] for line in (out / "reports.jsonl").read_text(encoding="utf-8").splitlines()] == names
    summary = rows(out / "summary.csv")
    assert [r["note_id"] for r in summary] == names and summary[-1]["in_scope"] == "no"
    assert {"pain.location", "exam.provocative", "red_flag.cauda_equina", "imaging.correlation"} <= set(summary[0])
    assert rows(out / "failures.csv") == []
    assert stat.S_IMODE(out.stat().st_mode) == 0o700 and {stat.S_IMODE((out / f).stat().st_mode) for f in FILES} == {0o600}


def test_a_csv_export_gives_the_same_findings_whatever_the_number_of_workers(tmp_path: Path) -> None:
    for jobs in ("1", "2"):
        done = notecheck("audit", SAMPLES / "export.csv", "--output", tmp_path / jobs, "--jobs", jobs)
        assert (done.returncode, done.stderr) == (0, "")
    assert all((tmp_path / "1" / f).read_bytes() == (tmp_path / "2" / f).read_bytes() for f in FILES)
    first = rows(tmp_path / "1" / "summary.csv")[0]
    assert (first["provider"], first["service_date"], first["codes_billed"]) == ("Okafor", "2025-11-25", "M54.5")


def test_a_jsonl_with_bad_lines_says_which_and_does_the_others(tmp_path: Path) -> None:
    source = tmp_path / "export.jsonl"
    good = {"id": "1", "body": "Low back pain radiating to the left calf, 6/10."}
    source.write_text("\n".join([json.dumps(good), "{not json", json.dumps({**good, "id": "3", "body": " "}), json.dumps(good)]))
    done = notecheck("audit", source, "-o", tmp_path / "out", "--id-column", "id", "--text-column", "body")
    assert (done.returncode, done.stderr) == (2, "") and "not checked        3  (why: " in done.stdout
    failures = rows(tmp_path / "out/failures.csv")
    assert [(f["row"], f["note_id"]) for f in failures] == [("2", ""), ("3", "3"), ("", "1")]
    assert "earlier note" in failures[2]["reason"] and "pain" not in (tmp_path / "out/failures.csv").read_text()


def test_fail_on_missing_exits_with_1(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("CHIEF COMPLAINT: Low back pain, 6/10.")
    assert notecheck("audit", tmp_path, "-o", tmp_path / "out", "--fail-on", "missing").returncode == 1


def test_a_csv_without_the_column_lists_those_it_has_and_writes_nothing(tmp_path: Path) -> None:
    (tmp_path / "e.csv").write_text("visit,body\n1,Back pain.\n")
    done = notecheck("audit", tmp_path / "e.csv", "-o", tmp_path / "out")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "notecheck: e.csv: there is no column note_id; name the right one with --id-column (columns: visit, body).\n"
    assert not (tmp_path / "out" / "reports.jsonl").exists()


@pytest.mark.parametrize(
    ("source", "says"),
    [("gone", "does not exist"), ("empty", "holds no .txt note (found: nothing)"), ("note.pdf", "is a PDF")],
)
def test_a_source_that_cannot_be_used_is_told(tmp_path: Path, source: str, says: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "note.pdf").write_bytes(b"%PDF-1.4")
    done = notecheck("audit", tmp_path / source, "-o", tmp_path / "out")
    assert done.returncode == 2 and "Traceback" not in done.stderr
    told = done.stderr or (tmp_path / "out/failures.csv").read_text()
    assert says in told


def test_the_progress_bar_is_on_a_terminal_only(tmp_path: Path) -> None:
    controller, terminal = pty.openpty()
    command = [sys.executable, "-m", "notecheck", "audit", str(SAMPLES), "-o", str(tmp_path / "out")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=terminal, cwd=ROOT, env={**os.environ, "TERM": "xterm"}) as process:
        os.close(terminal)
        shown = b""
        while True:
            try:
                chunk = os.read(controller, 65536)
            except OSError:  # the other end is closed
                break
            if not chunk:
                break
            shown += chunk
    os.close(controller)
    assert process.returncode == 0 and b"/10" in shown and b"\x1b" in shown


def test_ctrl_c_keeps_what_is_done(tmp_path: Path) -> None:
    source, out = tmp_path / "export.jsonl", tmp_path / "out"
    text = (SAMPLES / "05-lost-line-breaks.txt").read_text(encoding="utf-8")
    source.write_text("".join(json.dumps({"note_id": i, "text": text}) + "\n" for i in range(20_000)))
    command = [sys.executable, "-m", "notecheck", "audit", str(source), "-o", str(out), "-j", "1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT, start_new_session=True) as process:
        partial = out / "reports.jsonl.partial"
        while process.poll() is None and not (partial.exists() and partial.stat().st_size):
            time.sleep(0.1)
        os.killpg(process.pid, signal.SIGINT)  # the terminal sends it to the workers too
        stdout, stderr = process.communicate(timeout=60)
    assert (process.returncode, stderr) == (130, b"")
    assert stdout.startswith(f"Stopped. What was done until then stands in {out}.\n".encode())
    done = [json.loads(line)["note_id"] for line in (out / "reports.jsonl").read_text(encoding="utf-8").splitlines()]
    assert done == [str(i) for i in range(len(done))] and 0 < len(done) < 20_000
    assert sorted(p.name for p in out.iterdir()) == sorted(FILES)
