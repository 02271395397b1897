"""`notecheck watch` on a real folder, as a process of its own."""

import io
import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import docx
import pytest
from e2e.command import ROOT, SAMPLES, notecheck

PATIENCE = 30.0
NOTE = (SAMPLES / "09-telehealth.txt").read_text()


class Watch:
    """A running `notecheck watch`, its folder, and what it said."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.folder = folder
        self.log = (folder.parent / "out").open("w+"), (folder.parent / "err").open("w+")
        command = [sys.executable, "-m", "notecheck", "watch", str(folder), *arguments]
        self.process = subprocess.Popen(command, stdout=self.log[0], stderr=self.log[1], cwd=ROOT)
        until(lambda: "watching" in self.said() or self.process.poll() is not None)
        assert self.process.poll() is None, self.complained()

    def said(self) -> str:
        return (self.folder.parent / "out").read_text()

    def complained(self) -> str:
        return (self.folder.parent / "err").read_text()

    def stop(self, how: signal.Signals = signal.SIGINT) -> int:
        self.process.send_signal(how)
        return self.process.wait(PATIENCE)


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.05)


def report(path: Path) -> Path:
    return path.with_name(path.name + ".report.json")


def error(path: Path) -> Path:
    return path.with_name(path.name + ".report.error.txt")


def read(path: Path) -> dict[str, object]:
    loaded: dict[str, object] = json.loads(report(path).read_text())
    return loaded


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watch]:
    folder = tmp_path_factory.mktemp("watch") / "in"
    folder.mkdir()
    shutil.copy(SAMPLES / "01-new-patient-template.txt", folder)
    found = Watch(folder)
    yield found
    if found.process.poll() is None:
        found.stop(signal.SIGKILL)


def test_a_note_that_was_there_is_checked_and_its_report_is_for_its_owner_alone(running: Watch) -> None:
    path = running.folder / "01-new-patient-template.txt"
    until(report(path).exists)
    assert read(path)["note_id"] == "01-new-patient-template"
    assert report(path).stat().st_mode & 0o777 == 0o600


def test_a_note_written_bit_by_bit_is_checked_whole_and_only_once(running: Watch) -> None:
    path = running.folder / "slow.txt"
    with path.open("w") as f:
        for start in range(0, len(NOTE), 100):
            f.write(NOTE[start : start + 100])
            f.flush()
            time.sleep(0.2)
            assert not report(path).exists()
    until(report(path).exists)
    assert running.said().count("slow.txt:") == 1


def test_a_note_that_is_renamed_into_place_and_one_in_a_new_inner_folder_are_checked(running: Watch) -> None:
    (running.folder / ".upload").write_text(NOTE)
    (running.folder / ".upload").rename(running.folder / "renamed.txt")
    inner = running.folder / "june" / "visit 7.txt"
    inner.parent.mkdir()
    inner.write_text(NOTE)
    until(lambda: report(running.folder / "renamed.txt").exists() and report(inner).exists())
    assert read(inner)["note_id"] == "june/visit 7"
    assert read(inner)["elements"] == read(running.folder / "slow.txt")["elements"]  # which was read whole, then


def test_a_word_document_is_read(running: Watch) -> None:
    document, data = docx.Document(), io.BytesIO()
    for line in NOTE.splitlines():
        document.add_paragraph(line)
    document.save(data)
    path = running.folder / "visit.docx"
    path.write_bytes(data.getvalue())
    until(report(path).exists)
    assert read(path)["missing"] == read(running.folder / "renamed.txt")["missing"]


def test_many_at_once_each_get_their_report(running: Watch) -> None:
    paths = [running.folder / f"many-{n:02}.txt" for n in range(30)]
    for path in paths:
        path.write_text(NOTE)
    until(lambda: all(report(p).exists() for p in paths))
    assert {str(read(p)["note_id"]) for p in paths} == {p.stem for p in paths}


def test_a_changed_note_gets_a_new_report_and_an_unreadable_one_the_reason_in_its_place(running: Watch) -> None:
    path = running.folder / "changing.txt"
    path.write_text(NOTE)
    until(report(path).exists)
    before = read(path)["missing"]
    path.write_text("HPI: The pain wakes her twice a night.\n" + NOTE)
    until(lambda: read(path)["missing"] != before)
    path.write_bytes(b"%PDF-1.7 private words, cut off")
    until(error(path).exists)
    assert not report(path).exists()
    assert "changing.txt" in error(path).read_text() and error(path).stat().st_mode & 0o777 == 0o600
    assert "changing.txt" in running.complained() and "private" not in running.complained()
    path.write_text(NOTE)
    until(report(path).exists)
    until(lambda: not error(path).exists())


def test_its_own_reports_and_other_files_are_left_alone(running: Watch) -> None:
    (running.folder / "export.csv").write_text("note_id,text\n1,Back pain\n")
    (running.folder / "last.txt").write_text(NOTE)
    until(report(running.folder / "last.txt").exists)
    made = [p.name for p in running.folder.rglob("*.report*")]
    assert not any(name.count(".report") > 1 or name.startswith("export") for name in made)


def test_ctrl_c_ends_it_with_its_totals_and_exit_code_0(running: Watch) -> None:
    assert running.stop() == 0
    lines = running.said().splitlines()
    assert lines[-1] == f"{len(lines) - 2} checked, 1 not checked"  # after the first, a line a report
    assert "Traceback" not in running.complained()
    assert not list(running.folder.rglob("*.partial"))


def test_once_checks_what_is_there_into_another_folder_as_text_and_stops(tmp_path: Path) -> None:
    shutil.copytree(SAMPLES, tmp_path / "in" / "june")
    done = notecheck("watch", tmp_path / "in", "--once", "--output", tmp_path / "out", "--format", "text", "--profile", "esi-repeat")
    assert done.returncode == 0, done.stderr
    made = sorted(p.relative_to(tmp_path / "out").as_posix() for p in (tmp_path / "out").rglob("*.txt"))
    assert made == [f"june/{p.name}.report.txt" for p in sorted(SAMPLES.glob("*.txt"))]
    page = (tmp_path / "out" / made[0]).read_text()
    assert "profile esi-repeat" in page and "Coverage: esi-repeat" in page
    assert not list((tmp_path / "in").rglob("*.report*"))
    assert {p.stat().st_mode & 0o777 for p in (tmp_path / "out", tmp_path / "out" / "june")} == {0o700}


def test_what_cannot_be_watched_is_one_sentence_and_exit_code_2(tmp_path: Path) -> None:
    gone = notecheck("watch", tmp_path / "nowhere")
    assert (gone.returncode, gone.stderr.count("\n")) == (2, 1) and "nowhere" in gone.stderr
    other = notecheck("watch", tmp_path, "--profile", "knee-visit", "--once")
    assert other.returncode == 2 and "there is no profile called knee-visit" in other.stderr
