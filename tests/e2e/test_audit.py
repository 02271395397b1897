"""`notecheck audit`, from the shell."""

import csv
import json
import os
import pty
import re
import shlex
import shutil
import signal
import stat
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import duckdb
import pytest
from e2e.command import ROOT, SAMPLES, notecheck

FILES = ("reports.jsonl", "summary.csv", "failures.csv")
PLAIN = ("--no-xlsx", "--no-html", "-j", "1")


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as f:
        return list(csv.DictReader(f))


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder of the samples' audit, and what was printed."""
    out = tmp_path_factory.mktemp("e2e") / "new" / "audit"
    done = notecheck("audit", SAMPLES / "export.csv", "--output", out)
    assert (done.returncode, done.stderr) == (0, "")
    return out, done.stdout


def test_the_samples_are_audited_and_the_screen_says_what_was_found_and_what_to_open(audited: tuple[Path, str]) -> None:
    out, printed = audited
    assert "notes              10\n" in printed and "mean completeness" in printed and "most often missing" in printed
    assert "begin with " in printed and printed.endswith(f"to open            {out}/audit.xlsx, {out}/index.html\n")
    names = sorted(p.stem for p in SAMPLES.glob("*.txt"))
    assert [json.loads(line)["note_id"] for line in (out / "reports.jsonl").read_text(encoding="utf-8").splitlines()] == names
    summary = rows(out / "summary.csv")
    assert [r["note_id"] for r in summary] == names and summary[-1]["in_scope"] == "no"
    assert {"pain.location", "exam.provocative", "red_flag.cauda_equina", "imaging.correlation"} <= set(summary[0])
    assert (summary[0]["provider"], summary[0]["service_date"], summary[0]["codes_billed"]) == ("Okafor", "2025-11-25", "M54.5")
    assert rows(out / "failures.csv") == []
    assert stat.S_IMODE(out.stat().st_mode) == 0o700 and {stat.S_IMODE((out / f).stat().st_mode) for f in FILES} == {0o600}
    assert json.loads((out / "manifest.json").read_text())["inputs"][0]["files"] == 1


def test_a_folder_with_its_own_audit_gives_the_same_findings_with_one_worker(audited: tuple[Path, str], tmp_path: Path) -> None:
    shutil.copytree(SAMPLES, tmp_path / "here")
    shutil.copytree(audited[0], tmp_path / "here" / "audit")
    done = notecheck("audit", ".", *PLAIN, cwd=tmp_path / "here", PYTHONPATH=str(ROOT))
    assert (done.returncode, done.stderr) == (0, "") and "notes              10\n" in done.stdout
    assert all((tmp_path / "here" / "audit" / f).read_bytes() == (audited[0] / f).read_bytes() for f in FILES)


def test_a_jsonl_with_bad_lines_says_which_and_does_the_others(tmp_path: Path) -> None:
    source = tmp_path / "export.jsonl"
    good = {"id": "1", "body": "Low back pain radiating to the left calf, 6/10."}
    source.write_text("\n".join([json.dumps(good), "{not json", json.dumps({**good, "id": "3", "body": " "}), json.dumps(good)]))
    done = notecheck("audit", source, "-o", tmp_path / "out", *PLAIN, "--id-column", "id", "--text-column", "body")
    assert (done.returncode, done.stderr) == (2, "") and f"why not            {tmp_path / 'out' / 'failures.csv'}\n" in done.stdout
    failures = rows(tmp_path / "out/failures.csv")
    assert [(f["row"], f["note_id"]) for f in failures] == [("2", ""), ("3", "3"), ("4", "1")]
    assert "earlier note" in failures[2]["reason"] and "pain" not in (tmp_path / "out/failures.csv").read_text()


def test_fail_on_missing_exits_with_1(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("CHIEF COMPLAINT: Low back pain, 6/10.")
    assert notecheck("audit", tmp_path / "a.txt", "-o", tmp_path / "out", *PLAIN, "--fail-on", "missing").returncode == 1


def test_a_csv_without_the_column_lists_those_it_has_and_writes_nothing(tmp_path: Path) -> None:
    (tmp_path / "e.csv").write_text("visit,remark\n1,Back pain.\n")
    done = notecheck("audit", tmp_path / "e.csv", "-o", tmp_path / "out")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "notecheck: e.csv: there is no column text; name the right one with --text-column (columns: visit, remark).\n"
    assert not (tmp_path / "out" / "reports.jsonl").exists()


@pytest.mark.parametrize(
    ("source", "says"),
    [("gone", "does not exist"), ("empty", "holds no note that can be read (found: nothing)"), ("note.pdf", "is a damaged PDF")],
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
    command = [sys.executable, "-m", "notecheck", "audit", str(SAMPLES / "*.txt"), "-o", str(tmp_path / "out"), *PLAIN]
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


def started(source: Path, out: Path) -> subprocess.Popen[bytes]:
    """A run that has stored something, and has more to do."""
    command = [sys.executable, "-m", "notecheck", "audit", str(source), "-o", str(out), *PLAIN]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT, start_new_session=True)
    log = out / "audit.duckdb.wal"
    until = time.monotonic() + 120
    while process.poll() is None and time.monotonic() < until and not (log.exists() and log.stat().st_size > 100_000):
        time.sleep(0.05)
    return process


def large_export(folder: Path, count: int = 20_000) -> Path:
    source = folder / "export.jsonl"
    text = "CC: cough.\nASSESSMENT: Cold."
    source.write_text("".join(json.dumps({"note_id": f"n{i}", "text": f"{text} {i}"}) + "\n" for i in range(count)))
    return source


def test_ctrl_c_keeps_what_is_done_says_how_to_go_on_and_that_does(tmp_path: Path) -> None:
    source, out = large_export(tmp_path), tmp_path / "out"
    with started(source, out) as process:
        os.killpg(process.pid, signal.SIGINT)  # the terminal sends it to the workers too
        stdout, stderr = process.communicate(timeout=60)
    assert (process.returncode, stderr) == (130, b"")
    said = stdout.decode()
    kept = int(re.findall(r"What was done until then, ([\d,]+) notes, is kept in", said)[0].replace(",", ""))
    assert 0 < kept < 20_000 and f"notecheck audit {source} -o {out} {shlex.join(PLAIN)} --resume\n" in said
    assert [p.name for p in out.iterdir()] == ["audit.duckdb"]
    source.write_text("".join(source.read_text().splitlines(keepends=True)[: kept + 30]))
    done = notecheck("audit", source, "-o", out, *PLAIN, "--resume")
    assert (done.returncode, done.stderr) == (0, "") and f"carried over       {kept:,} " in done.stdout
    ids = [json.loads(line)["note_id"] for line in (out / "reports.jsonl").read_text().splitlines()]
    assert ids == [f"n{i}" for i in range(kept + 30)]


def test_two_runs_at_once_on_one_folder_are_refused_clearly(tmp_path: Path) -> None:
    source, out = large_export(tmp_path), tmp_path / "out"
    with started(source, out) as process:
        second = notecheck("audit", SAMPLES / "export.csv", "-o", out, *PLAIN)
        process.kill()
        process.communicate()
    assert (second.returncode, second.stdout) == (2, "")
    told = f"notecheck: {out}/audit.duckdb is in use by another notecheck (a run or a page that is open); wait for it, or end it.\n"
    assert second.stderr == told


def test_a_full_disk_is_told_in_a_sentence_and_once_there_is_room_the_run_goes_on(tmp_path: Path) -> None:
    source, out = large_export(tmp_path, 3000), tmp_path / "out"
    command = [sys.executable, "-m", "notecheck", "audit", str(source), "-o", str(out), *PLAIN]
    full = subprocess.run(["bash", "-c", 'ulimit -f 1200; exec "$@"', "-", *command], capture_output=True, cwd=ROOT, check=False)
    assert full.returncode == 2
    assert full.stderr.decode() == "notecheck: the store could not be written: look for room on the disk, and go on with --resume.\n"
    done = notecheck("audit", source, "-o", out, *PLAIN, "--resume")
    assert (done.returncode, done.stderr) == (0, "") and "carried over " in done.stdout and "notes              3,000\n" in done.stdout


def fours(text: str) -> set[str]:
    """Every four words in a row."""
    words = re.findall(r"[a-z]+", text.lower())
    return {" ".join(words[i : i + 4]) for i in range(len(words) - 3)}


def test_without_text_no_words_of_a_note_stand_in_any_file(tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = notecheck(
        "audit", SAMPLES / "export.csv", "-o", out, "--no-text", "--profile", "esi-repeat", "--format", "sarif", "--format", "junit"
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert notecheck("report", out, "--csv", "--parquet").returncode == 0
    ours = {w for p in (ROOT / "patterns").rglob("*") if p.suffix in (".yaml", ".csv") for w in fours(p.read_text(encoding="utf-8"))}
    notes = {w for r in rows(SAMPLES / "export.csv") for w in fours(r["text"])} - ours
    notes -= {"straight leg raise positive"}  # two values of the pack, side by side on a page
    assert len(notes) > 500
    found = {}
    for path in (p for p in out.rglob("*") if p.is_file()):
        data = path.read_bytes()
        if path.suffix == ".xlsx":
            with zipfile.ZipFile(path) as book:
                data = b" ".join(book.read(name) for name in book.namelist())
        found[path.name] = fours(data.decode("utf-8", "replace")) & notes
    with duckdb.connect(str(out / "audit.duckdb"), read_only=True) as con:
        for (table,) in con.execute("SELECT table_name FROM duckdb_tables()").fetchall():
            found[table] = fours(" ".join(map(str, con.execute(f"FROM {table}").fetchall()))) & notes
    assert not {name: words for name, words in found.items() if words}


def test_a_second_run_checks_only_what_is_new_and_reports_it_alone(tmp_path: Path) -> None:
    notes, out = tmp_path / "notes", tmp_path / "out"
    notes.mkdir()
    for name in ("01-new-patient-template.txt", "09-telehealth.txt"):
        shutil.copy(SAMPLES / name, notes)
    assert notecheck("audit", notes, "-o", out, *PLAIN).returncode == 0
    addendum = notes / "09-telehealth.txt"
    addendum.write_text(
        addendum.read_text(encoding="utf-8") + "\nADDENDUM: Pain is 6/10. Sleep is not disturbed by the pain.\n", encoding="utf-8"
    )
    shutil.copy(SAMPLES / "05-lost-line-breaks.txt", notes)
    done = notecheck("audit", notes, "-o", out, *PLAIN, "--resume", "--baseline", "1")
    assert done.returncode == 0 and "carried over       1 " in done.stdout and "new since          1\n" in done.stdout
    assert [r["note_id"] for r in rows(out / "summary.csv")] == ["05-lost-line-breaks", "09-telehealth"]
    changed = notecheck("diff", out, "1", "2")
    assert changed.returncode == 1 and changed.stdout.endswith("2 notes differ.\n")
    assert "05-lost-line-breaks  new\n" in changed.stdout and "  pain.severity: partial → documented\n" in changed.stdout
    as_json = notecheck("diff", f"{out}@1", out, "--format", "json")
    assert [json.loads(line)["kind"] for line in as_json.stdout.splitlines()] == ["new", "changed"]
    assert notecheck("diff", f"{out}@2", out).stdout == "Nothing differs.\n"


def test_the_files_are_made_again_from_the_store(audited: tuple[Path, str], tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    shutil.copy(audited[0] / "audit.duckdb", out)
    done = notecheck("report", out)
    assert (done.returncode, done.stderr) == (0, "")
    for name in (*FILES, "index.html", "audit.xlsx"):
        assert (out / name).read_bytes() == (audited[0] / name).read_bytes(), name
    assert notecheck("report", out, "--run", "9").stderr == f"notecheck: {out} holds no run 9: its runs are 1.\n"


def test_a_site_sets_its_columns_once(tmp_path: Path) -> None:
    (tmp_path / "e.csv").write_text("Besuch,Bericht\n1,Low back pain.\n", encoding="utf-8")
    (tmp_path / "notecheck.toml").write_text(
        '[columns]\nnote_id = "Besuch"\ntext = "Bericht"\n[audit]\noutput = "here"\n', encoding="utf-8"
    )
    done = notecheck("audit", "e.csv", *PLAIN, cwd=tmp_path, PYTHONPATH=str(ROOT))
    assert (done.returncode, done.stderr) == (0, "") and done.stdout.startswith(
        "columns            e.csv: note_id ← Besuch, text ← Bericht; none for service_date, provider, codes, site, payer, note_type\n"
    )
    assert (tmp_path / "here" / "reports.jsonl").exists()
