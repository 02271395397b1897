"""An audit's files and totals."""

import csv
import json
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from notecheck.audit import audit
from notecheck.batch import Checked, Outcome
from notecheck.failures import Failure, InputError
from notecheck.models import ClaimFinding, ElementFinding, Note, NoteReport

ELEMENTS = ("pain.severity", "function.sleep")


def checked(note_id: str, missing: tuple[str, ...] = (), completeness: float = 1.0, scope: bool = True) -> Checked:
    elements = {e: ElementFinding(status="missing" if e in missing else "denied") for e in ELEMENTS}
    report = NoteReport(
        note_id=note_id,
        in_scope=scope,
        doc_type="visit",
        profile="spine-visit",
        elements=elements if scope else {},
        required=ELEMENTS if scope else (),
        missing=missing,
        completeness=completeness if scope else None,
        claim=(ClaimFinding(code="M54.5", verdict="not_valid_on_date", reason="It ended."),) if scope else (),
    )
    return Checked(Note(note_id=note_id, text="Back pain."), report)


OUTCOMES: list[Outcome] = [
    checked("b", ("function.sleep",), 0.5),
    Failure(source="x.txt", note_id="x", reason="x.txt is empty."),
    checked("a"),
    checked("c", scope=False),
    checked("d", ("function.sleep", "pain.severity"), 0.0),
]


def test_the_files_follow_the_input(tmp_path: Path) -> None:
    audit(OUTCOMES, tmp_path / "out", ELEMENTS)
    lines = (tmp_path / "out/reports.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["note_id"] for line in lines] == ["b", "a", "c", "d"]
    with (tmp_path / "out/summary.csv").open(newline="") as f:
        assert [(r["note_id"], r["function.sleep"]) for r in csv.DictReader(f)] == [
            ("b", "missing"),
            ("a", "denied"),
            ("c", ""),
            ("d", "missing"),
        ]
    with (tmp_path / "out/failures.csv").open(newline="") as f:
        assert [r["note_id"] for r in csv.DictReader(f)] == ["x"]
    assert {stat.S_IMODE(p.stat().st_mode) for p in (tmp_path / "out").iterdir()} == {0o600}


def test_totals_are_over_the_notes_in_scope(tmp_path: Path) -> None:
    seen = []
    totals = audit(OUTCOMES, tmp_path, ELEMENTS, lambda: seen.append(1))
    assert (totals.notes, totals.checked, totals.failed, totals.in_scope, totals.incomplete, len(seen)) == (5, 4, 1, 3, 2, 5)
    assert totals.mean_completeness == 0.5
    assert totals.missing.most_common() == [("function.sleep", 2), ("pain.severity", 1)]
    assert totals.verdicts == {"not_valid_on_date": 3} and not totals.stopped


def test_no_note_in_scope_has_no_mean(tmp_path: Path) -> None:
    assert audit([checked("c", scope=False)], tmp_path, ELEMENTS).mean_completeness is None


def test_an_interrupted_run_keeps_what_is_done(tmp_path: Path) -> None:
    def outcomes() -> Iterator[Outcome]:
        yield OUTCOMES[0]
        raise KeyboardInterrupt

    totals = audit(outcomes(), tmp_path, ELEMENTS)
    assert totals.stopped and totals.checked == 1
    assert (tmp_path / "reports.jsonl").read_text().count("\n") == 1


def test_a_run_that_fails_leaves_an_earlier_audit_as_it_was(tmp_path: Path) -> None:
    def outcomes() -> Iterator[Outcome]:
        yield OUTCOMES[0]
        raise InputError("export.csv: there is no column text.")

    audit(OUTCOMES, tmp_path, ELEMENTS)
    before = {p.name: p.read_bytes() for p in tmp_path.iterdir()}
    with pytest.raises(InputError):
        audit(outcomes(), tmp_path, ELEMENTS)
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == before


def test_an_output_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("x")
    with pytest.raises(InputError, match="is a file; give a folder"):
        audit(OUTCOMES, tmp_path / "out", ELEMENTS)
