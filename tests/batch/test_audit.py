"""An audit: stored as it goes, gone on with where it was cut short, and its files."""

import csv
import json
import signal
import stat
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

import pytest
from batch.outcomes import ELEMENTS, PLAN, TODAY, checked, note

from notecheck.audit import Done, Engine, Known, audit, write_files
from notecheck.batch.outcomes import Carried, Checked
from notecheck.batch.results import open_audit
from notecheck.batch.store import Store
from notecheck.failures import Failure, InputError
from notecheck.packs import load_pack
from notecheck.read import sources
from notecheck.write import manifest

GONE = Failure(source="x.txt", note_id="x", reason="x.txt is empty.")
OUTCOMES = [checked("b", sleep="missing"), GONE, checked("a"), checked("c", scope=False), checked("d", sleep="partial")]


def engine(outcomes: Iterable[Checked | Failure], seen: list[str] | None = None) -> Engine:
    """Gives these outcomes, but only lists as seen the notes that are not known."""

    def run(known: Known, today: date) -> Iterator[Checked | Failure | Carried]:
        for outcome in outcomes:
            carried = None if isinstance(outcome, Failure) else known(outcome.note)
            if carried is None and isinstance(outcome, Checked) and seen is not None:
                seen.append(outcome.note.note_id)
            yield carried or outcome

    return run


def cut_short(outcomes: Iterable[Checked | Failure], by: BaseException) -> Engine:
    def run(known: Known, today: date) -> Iterator[Checked | Failure | Carried]:
        yield from engine(outcomes)(known, today)
        raise by

    return run


def files(folder: Path, done: Done) -> dict[str, bytes]:
    with open_audit(folder, done.run_id) as finished:
        names = list(write_files(finished, dict.fromkeys(ELEMENTS), folder, ["tables"]))  # type: ignore[arg-type]
    return {name: (folder / name).read_bytes() for name in names}


def test_the_files_follow_the_input(tmp_path: Path) -> None:
    out = tmp_path / "new" / "out"
    found = files(out, audit(engine(OUTCOMES), out, PLAN, today=TODAY))
    assert [json.loads(line)["note_id"] for line in found["reports.jsonl"].splitlines()] == ["b", "a", "c", "d"]
    assert found["reports.jsonl"].decode().splitlines() == [o.report_json for o in OUTCOMES if isinstance(o, Checked)]
    rows = list(csv.DictReader(found["summary.csv"].decode().splitlines()))
    assert [(r["note_id"], r["function.sleep"]) for r in rows] == [("b", "missing"), ("a", "documented"), ("c", ""), ("d", "partial")]
    assert [r["note_id"] for r in csv.DictReader(found["failures.csv"].decode().splitlines())] == ["x"]
    assert stat.S_IMODE(out.stat().st_mode) == 0o700 and {stat.S_IMODE(p.stat().st_mode) for p in out.iterdir()} == {0o600}


def test_the_engine_is_told_what_counts_as_today(tmp_path: Path) -> None:
    told = []

    def run(known: Known, today: date) -> Iterator[Checked]:
        told.append(today)
        yield checked("a")

    audit(run, tmp_path, PLAN, today=TODAY)
    assert told == [TODAY]


def test_a_run_stopped_by_ctrl_c_keeps_what_is_done_and_is_gone_on_with(tmp_path: Path) -> None:
    expected = files(tmp_path / "whole", audit(engine(OUTCOMES), tmp_path / "whole", PLAN, today=TODAY))
    out = tmp_path / "out"
    first = audit(cut_short(OUTCOMES[:3], KeyboardInterrupt()), out, PLAN, today=TODAY)
    assert first.stopped and first.done == 3
    seen: list[str] = []
    second = audit(engine(OUTCOMES, seen), out, PLAN, resume=True, today=date(2027, 1, 1))
    assert (second.run_id, second.goes_on, second.carried, seen) == (1, True, 2, ["c", "d"])
    assert files(out, second) == expected


def test_a_run_whose_input_breaks_off_keeps_what_is_done(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="breaks off"):
        audit(cut_short(OUTCOMES[:3], InputError("export.csv breaks off.")), tmp_path, PLAN, today=TODAY)
    seen: list[str] = []
    assert audit(engine(OUTCOMES, seen), tmp_path, PLAN, resume=True).carried == 2 and seen == ["c", "d"]


def test_an_input_that_cannot_be_read_leaves_no_run_and_an_earlier_audit_as_it_was(tmp_path: Path) -> None:
    broken = cut_short([], InputError("export.csv: there is no column text."))
    with pytest.raises(InputError):
        audit(broken, tmp_path / "none", PLAN)
    assert list((tmp_path / "none").iterdir()) == []
    before = files(tmp_path / "out", audit(engine(OUTCOMES), tmp_path / "out", PLAN, today=TODAY))
    with pytest.raises(InputError):
        audit(broken, tmp_path / "out", PLAN)
    with open_audit(tmp_path / "out") as last:
        assert last.run.run_id == 1 and last.run.finished
    assert {name: (tmp_path / "out" / name).read_bytes() for name in before} == before


def test_after_a_finished_run_resume_makes_a_new_one_of_what_is_new_or_changed(tmp_path: Path) -> None:
    audit(engine(OUTCOMES), tmp_path, PLAN, today=TODAY)
    changed = Checked(note("a", text="Another text."), checked("a", sleep="missing").report_json)
    seen: list[str] = []
    done = audit(engine([*OUTCOMES[:2], changed, *OUTCOMES[3:], checked("e")], seen), tmp_path, PLAN, resume=True, today=TODAY)
    assert (done.run_id, done.goes_on, done.carried, seen) == (2, False, 3, ["a", "e"])
    with open_audit(tmp_path) as new, open_audit(tmp_path, 1) as old:
        assert [a.note.note_id for a in new.notes()] == ["b", "a", "c", "d", "e"] and new.totals().checked == 5
        assert [a.note.note_id for a in old.notes()] == ["b", "a", "c", "d"]
        assert new.note(3).report.missing == ("function.sleep",) and old.note(3).report.missing == ()  # type: ignore[union-attr]


def test_without_resume_everything_is_checked_again(tmp_path: Path) -> None:
    audit(engine(OUTCOMES), tmp_path, PLAN)
    seen: list[str] = []
    done = audit(engine(OUTCOMES, seen), tmp_path, PLAN)
    assert (done.run_id, done.carried, seen) == (2, 0, ["b", "a", "c", "d"])


def test_a_failure_is_tried_again(tmp_path: Path) -> None:
    slow = Failure(note_id="s", reason="the note took longer than the limit of 20 s; split it, or raise --time-limit.")
    audit(engine([slow, checked("a")]), tmp_path, PLAN)
    done = audit(engine([checked("s"), checked("a")]), tmp_path, PLAN, resume=True)
    with open_audit(tmp_path, done.run_id) as audited:
        assert audited.totals().failed == 0 and audited.totals().checked == 2


def test_a_run_of_another_source_does_not_go_on_with_one_cut_short(tmp_path: Path) -> None:
    audit(cut_short(OUTCOMES[:3], KeyboardInterrupt()), tmp_path, PLAN)
    other = type(PLAN)(**{**vars(PLAN), "source": "other.csv"})
    assert audit(engine(OUTCOMES), tmp_path, other, resume=True).run_id == 2


def test_ctrl_c_while_an_outcome_is_being_stored_waits_until_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add = Store.add

    def interrupted(store: Store, outcome: Checked | Carried | Failure) -> None:
        signal.raise_signal(signal.SIGINT)
        add(store, outcome)

    monkeypatch.setattr(Store, "add", interrupted)
    done = audit(engine(OUTCOMES), tmp_path, PLAN)
    assert (done.stopped, done.done) == (True, 1)
    with open_audit(tmp_path) as kept:
        assert kept.totals().notes == 1


def test_an_output_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("x")
    with pytest.raises(InputError, match="is a file; give a folder"):
        audit(engine(OUTCOMES), tmp_path / "out", PLAN)


def test_every_form_is_written_from_the_store(tmp_path: Path) -> None:
    done = audit(engine(OUTCOMES), tmp_path, PLAN)
    with open_audit(tmp_path, done.run_id) as finished:
        written = list(write_files(finished, load_pack().elements, tmp_path, ["tables", "xlsx", "html", "sarif", "junit"]))
        manifest.write(finished, [], tmp_path / "manifest.json", files=written)
    assert all((tmp_path / name).stat().st_size for name in written) and {"audit.xlsx", "index.html"} <= set(written)
    told = json.loads((tmp_path / "manifest.json").read_text())
    assert (told["counts"]["checked"], told["patterns"]["sha256"], told["run"]["id"]) == (4, "hash", 1)
    assert "Sleeps" not in (tmp_path / "manifest.json").read_text()


def test_the_manifest_tells_inputs_by_their_hash(tmp_path: Path) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "a.txt").write_text("Back pain.")
    done = audit(engine(OUTCOMES), tmp_path / "out", PLAN)

    def inputs() -> list[dict[str, object]]:
        with open_audit(tmp_path / "out", done.run_id) as finished:
            paths = [folder, folder / "a.txt"]
            manifest.write(finished, [(str(p), sources.files(p)) for p in paths], tmp_path / "m.json")
        found: list[dict[str, object]] = json.loads((tmp_path / "m.json").read_text())["inputs"]
        return found

    before = inputs()
    assert [(i["files"], i["bytes"]) for i in before] == [(1, 10), (1, 10)]
    (folder / "a.txt").write_text("Neck pain.")
    assert all(old["sha256"] != new["sha256"] for old, new in zip(before, inputs(), strict=True))
