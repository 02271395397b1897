"""The first screen after an audit."""

from pathlib import Path
from types import SimpleNamespace

from write.audits import stored
from write.reports import note, report

from notecheck.failures import Failure
from notecheck.models import ClaimFinding, Note, NoteReport
from notecheck.write.totals import lines

NAMES = {"function.sleep": SimpleNamespace(name="Sleep", fix="")}
OUT_OF_SCOPE = NoteReport(note_id="c", in_scope=False, doc_type="other", profile="spine-visit")


def named(note_id: str, **changes: object) -> tuple[Note, NoteReport]:
    return note().model_copy(update={"note_id": note_id}), report().model_copy(update={"note_id": note_id, **changes})


def said(tmp_path: Path, *done: tuple[Note, NoteReport], failed: tuple[Failure, ...] = ()) -> list[str]:
    with stored(tmp_path / "audit", done, failed) as audit:
        return list(lines(audit, NAMES))


def test_it_says_what_was_found_and_which_note_to_begin_with(tmp_path: Path) -> None:
    assert said(tmp_path, named("a", completeness=0.9, claim=()), named("b\x1b[2J"), failed=(Failure(reason="x."),)) == [
        "notes              3",
        "checked            2",
        "not checked        1",
        "in scope           2",
        "mean completeness  75%",
        "most often missing",
        "        2  100%  Sleep  (function.sleep)",
        "billed codes       0 of 1 supported; 1 not valid on date",
        "begin with         b\N{REPLACEMENT CHARACTER}[2J: 60% complete, M54.5 not valid on date",
    ]


def test_where_nothing_is_to_be_done_no_note_is_named(tmp_path: Path) -> None:
    assert said(tmp_path, (note(), OUT_OF_SCOPE)) == ["notes              1", "checked            1", "in scope           0"]


def test_a_code_that_was_not_judged_is_told_and_no_problem(tmp_path: Path) -> None:
    unjudged = ClaimFinding(code="E11.9", verdict="outside_pack", reason="The pack has no rule for it.")
    told = said(tmp_path, named("a", missing=(), partial=(), claim=(unjudged,)))
    assert "billed codes       0 of 1 supported; 1 outside pack" in told
