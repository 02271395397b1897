"""Which files of a watched folder are checked, and when."""

import os
import sys
import time
from pathlib import Path

import pytest
from web.misbehaving import misbehaving

from notecheck import watch
from notecheck.failures import Failure, InputError
from notecheck.watch import Arrivals, Totals, is_note
from notecheck.watch_worker import Desk

LONG_AGO = (1_700_000_000, 1_700_000_000)


def complete(path: Path, text: str = "Back pain.") -> Path:
    """A file that was written long ago."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    os.utime(path, LONG_AGO)
    return path


def ready(arrivals: Arrivals) -> list[str]:
    return [p.name for p in arrivals.ready()]


@pytest.mark.parametrize(
    ("name", "taken"),
    [
        ("visit.txt", True),
        ("june/visit.DOCX", True),
        ("visit.pdf", True),
        ("mri.report.txt", True),
        ("visit.txt.report.json", False),
        ("visit.txt.report.txt", False),
        ("visit.txt.report.error.txt", False),
        ("visit.txt.report.json.partial", False),
        (".visit.txt", False),
        (".cache/visit.txt", False),
        ("~$visit.docx", False),
        ("visit.txt.tmp", False),
        ("export.csv", False),
        ("photo.jpg", False),
        ("README", False),
    ],
)
def test_documents_are_taken_and_hidden_files_half_files_exports_and_reports_are_not(name: str, taken: bool) -> None:
    assert is_note(Path("in") / name, Path("in")) is taken


def test_what_is_there_at_the_start_is_given_once_in_order(tmp_path: Path) -> None:
    complete(tmp_path / "b.txt")
    complete(tmp_path / "a" / "c.txt")
    arrivals = Arrivals(tmp_path)
    arrivals.scan()
    assert ready(arrivals) == ["c.txt", "b.txt"]
    arrivals.scan()
    assert ready(arrivals) == [] and not arrivals.waiting


def test_a_file_that_grows_is_given_when_it_has_kept_still(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    path, arrivals = tmp_path / "a.txt", Arrivals(tmp_path)
    for size in (1, 2, 3):
        path.write_text("x" * size)
        arrivals.see(path)
        assert ready(arrivals) == [] and arrivals.waiting
        now += 0.9
    assert ready(arrivals) == []
    now += 0.2
    assert ready(arrivals) == ["a.txt"]


def test_a_changed_file_is_given_again_and_one_that_went_away_is_not(tmp_path: Path) -> None:
    path, arrivals = complete(tmp_path / "a.txt"), Arrivals(tmp_path)
    arrivals.scan()
    assert ready(arrivals) == ["a.txt"]
    complete(path, "Back pain, 6/10.")
    arrivals.see(path)
    assert ready(arrivals) == ["a.txt"]
    complete(path, "Back pain.")
    arrivals.see(path)
    path.unlink()
    assert ready(arrivals) == [] and not arrivals.waiting


def test_a_link_is_left_alone(tmp_path: Path) -> None:
    outside, folder = complete(tmp_path / "private.txt"), tmp_path / "in"
    folder.mkdir()
    (folder / "a.txt").symlink_to(outside)
    (folder / "inner").symlink_to(tmp_path)
    arrivals = Arrivals(folder)
    arrivals.scan()
    assert ready(arrivals) == [] and not arrivals.waiting


def test_a_name_cannot_write_lines_of_its_own_into_the_log(tmp_path: Path) -> None:
    complete(tmp_path / "a\nb.txt: complete 100%\x1b[2J.txt", "fine")
    complete(tmp_path / "c\nd.txt", "die")
    told: list[str] = []
    with misbehaving():
        watch.watch(tmp_path, Totals(), once=True, say=told.append, complain=told.append)
    assert len(told) == 2 and all(line.isprintable() for line in told)


def test_a_folder_that_is_none_is_refused_before_anything_is_loaded(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is no folder"):
        watch.watch(complete(tmp_path / "a.txt"), Totals(), once=True)


def test_a_file_that_takes_too_long_or_ends_the_process_costs_only_itself(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    with misbehaving(), Desk(None, "spine-visit", time_limit=0.5) as desk:
        killed = desk.check(complete(path, "die"), "a", "a.txt")
        assert isinstance(killed, Failure) and killed.reason.startswith("a.txt: it ended the process")
        assert isinstance(desk.check(complete(path, "fine"), "a", "a.txt"), tuple)
        slow = desk.check(complete(path, "hang"), "a", "a.txt")
        assert isinstance(slow, Failure) and slow.reason.startswith("a.txt: it took longer than the limit of 0.5 s")
        path.unlink()
        assert desk.check(path, "a", "a.txt") is None


def test_without_the_library_that_watches_the_install_line_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "watchdog.events", None)
    with pytest.raises(InputError, match=r"pip install 'notecheck\[web\]'; --once does without"):
        watch.watch(tmp_path, Totals())
