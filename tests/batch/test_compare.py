"""What changed between two runs."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from batch.outcomes import PLAN, TODAY, checked, note

from notecheck.batch.compare import causes, changes, fresh, lines
from notecheck.batch.outcomes import Checked
from notecheck.batch.plan import Plan
from notecheck.batch.results import open_audit
from notecheck.batch.store import open_store


def run(folder: Path, outcomes: Iterable[Checked], plan: Plan = PLAN) -> None:
    folder.mkdir(exist_ok=True)
    store = open_store(folder, with_text=True)
    store.begin(plan, TODAY, resume=False)
    for outcome in outcomes:
        store.add(outcome)
    store.finish()
    store.close()


BEFORE = [checked("same"), checked("gone"), checked("addendum", sleep="missing"), checked("billed")]
AFTER = [
    checked("new"),
    checked("addendum"),
    checked("billed", verdict="supported"),
    Checked(note("same", text="x"), checked("same").report_json),
]


def test_each_note_that_differs_is_told_with_what_was_and_what_is(tmp_path: Path) -> None:
    run(tmp_path / "a", BEFORE)
    run(tmp_path / "b", AFTER)
    with open_audit(tmp_path / "a") as old, open_audit(tmp_path / "b") as new:
        found = {change.note_id: change for change in changes(old, new)}
        assert fresh(old, new) == [1, 2, 3]
    assert {name: change.kind for name, change in found.items()} == {
        "addendum": "changed",
        "billed": "changed",
        "gone": "gone",
        "new": "new",
    }
    addendum, billed = found["addendum"], found["billed"]
    assert addendum.elements == {"function.sleep": ("missing", "documented")} and addendum.completeness == (0.5, 1.0)
    assert billed.verdicts == {"M54.5": ("not_valid_on_date", "supported")} and not billed.elements and billed.completeness is None
    assert lines(addendum) == ["addendum  complete 50% → 100%", "  function.sleep: missing → documented"]
    assert lines(billed) == ["billed", "  billed M54.5: not valid on date → supported"]
    assert lines(found["gone"]) == ["gone  gone"]


def test_two_runs_of_one_store_are_compared_as_two_stores_are(tmp_path: Path) -> None:
    run(tmp_path, BEFORE)
    run(tmp_path, AFTER)
    with open_audit(tmp_path, 1) as old, open_audit(tmp_path, 2) as new:
        assert [c.note_id for c in changes(old, new)] == ["addendum", "billed", "gone", "new"]
        assert list(changes(old, old)) == []


def test_a_note_that_comes_into_scope_is_a_change(tmp_path: Path) -> None:
    run(tmp_path, [checked("a", scope=False)])
    run(tmp_path, [checked("a")])
    with open_audit(tmp_path, 1) as old, open_audit(tmp_path, 2) as new:
        (change,) = changes(old, new)
    assert change.in_scope == (False, True) and change.elements["function.sleep"] == (None, "documented")
    assert "  in scope now" in lines(change)


def test_another_version_of_the_patterns_is_told_with_what_it_asks_for(tmp_path: Path) -> None:
    before = checked("a").report
    after = before.model_copy(update={"required": before.required[1:], "completeness": 0.998})
    run(tmp_path, [checked("a")])
    run(tmp_path, [Checked(note("a"), after.model_dump_json())], replace(PLAN, pack_version="2", pack_hash="x" * 64))
    with open_audit(tmp_path, 1) as old, open_audit(tmp_path, 2) as new:
        (change,) = changes(old, new)
        assert causes(old.run, new.run) == [f"patterns           spine 2.0 (hash) → spine 2 ({'x' * 12})"]
        assert causes(old.run, old.run) == []
    assert lines(change) == ["a  complete 100.0% → 99.8%", f"  {before.required[0]}: no longer required"]
