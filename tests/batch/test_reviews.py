"""Reviews of an audit: kept in its store, counted rule by rule; and the worklist they are made from."""

import stat
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from write.audits import stored

import notecheck
from notecheck.batch import database
from notecheck.batch.results import open_audit
from notecheck.batch.reviews import wilson
from notecheck.batch.worklist import PAGE, SORTS, Worklist, open_worklist
from notecheck.failures import InputError
from notecheck.models import Note, NoteReport
from notecheck.tables import AuditedNote

TEXTS = {
    "leg": "CHIEF COMPLAINT: Low back pain for 3 weeks, 6/10, aching, radiating to the left calf. No fever. Sleep is poor.",
    "neck": "CHIEF COMPLAINT: Neck pain for 2 months. No numbness.",
    "throat": "CHIEF COMPLAINT: Sore throat for 2 days.",
}
NOTES = [
    Note(note_id="leg", text=TEXTS["leg"], provider="Okafor", codes=("M54.5",)),
    Note(note_id="neck", text=TEXTS["neck"], provider="Lind", codes=("M54.2",)),
    Note(note_id="throat", text=TEXTS["throat"]),
    Note(note_id="leg-2", text=TEXTS["leg"], provider="Okafor", codes=("M54.50",)),
]


@pytest.fixture(scope="module")
def checked() -> list[tuple[Note, NoteReport]]:
    checker = notecheck.load()
    return [(note, checker.check(note)) for note in NOTES]


@pytest.fixture
def folder(checked: list[tuple[Note, NoteReport]], tmp_path: Path) -> Path:
    stored(tmp_path / "audit", checked).close()
    return tmp_path / "audit"


@pytest.fixture
def worklist(folder: Path) -> Iterator[Worklist]:
    opened = open_worklist(folder)
    yield opened
    opened.close()


def note(worklist: Worklist, seq: int) -> AuditedNote:
    found = worklist.audit.note(seq)
    assert found
    return found


def test_a_mark_is_there_again_when_the_store_is_opened_anew(folder: Path) -> None:
    worklist = open_worklist(folder)
    worklist.reviews.add(
        1,
        note(worklist, 1),
        "element",
        "function.sleep",
        "overrule",
        corrected="partial",
        reason="“Sleep is poor” says little.",
        reviewer="RK",
    )
    worklist.reviews.add(1, note(worklist, 1), "note", "", "reviewed")
    worklist.close()
    worklist = open_worklist(folder)
    sleep, whole = worklist.reviews.of_note(1, 1)
    assert (sleep.note_id, sleep.about, sleep.decision, sleep.corrected, sleep.reviewer) == (
        "leg",
        "function.sleep",
        "overrule",
        "partial",
        "RK",
    )
    assert (
        sleep.reason == "“Sleep is poor” says little."
        and sleep.made.tzinfo
        and sleep.found == note(worklist, 1).report.elements["function.sleep"].status
    )
    assert (whole.kind, whole.decision) == ("note", "reviewed")
    worklist.close()


def test_the_last_mark_counts_and_an_undone_one_counts_for_nothing_but_all_are_kept(worklist: Worklist) -> None:
    leg = note(worklist, 1)
    worklist.reviews.add(1, leg, "element", "pain.severity", "overrule", corrected="partial", reason="No scale is named.")
    worklist.reviews.add(1, leg, "element", "pain.severity", "agree")
    assert [r.decision for r in worklist.reviews.of_note(1, 1)] == ["agree"]
    worklist.reviews.add(1, leg, "element", "pain.severity", "undo")
    assert worklist.reviews.of_note(1, 1) == list(worklist.reviews.every(1)) == []
    assert worklist.reviews.precision(1) == []
    kept = worklist._connection.execute("SELECT decision FROM reviews ORDER BY review_id").fetchall()
    assert kept == [("overrule",), ("agree",), ("undo",)]


@pytest.mark.parametrize(
    ("kind", "about", "decision", "more", "says"),
    [
        ("element", "pain.severity", "overrule", {"corrected": "missing"}, "Say why"),
        ("element", "pain.severity", "overrule", {"reason": "because"}, "Say what"),
        ("element", "pain.severity", "overrule", {"reason": "because", "corrected": "documented"}, "another answer"),
        ("element", "pain.severity", "overrule", {"reason": "x" * 2001, "corrected": "missing"}, "shorten"),
        ("element", "pain.nothing", "agree", {}, "no such finding"),
        ("note", "", "agree", {}, "marked reviewed"),
        ("code", "Z99", "agree", {}, "no such finding"),
    ],
)
def test_a_mark_that_makes_no_sense_is_refused_with_a_sentence(
    worklist: Worklist, kind: str, about: str, decision: str, more: dict[str, str], says: str
) -> None:
    with pytest.raises(InputError, match=says):
        worklist.reviews.add(1, note(worklist, 1), kind, about, decision, **more)  # type: ignore[arg-type]
    assert worklist.reviews.of_note(1, 1) == []


def test_precision_is_counted_rule_by_rule_the_surest_to_be_poor_first(worklist: Worklist) -> None:
    leg, again = note(worklist, 1), note(worklist, 4)
    rules = {why.rule for why in leg.report.elements["pain.severity"].why}
    for each in (leg, again):
        worklist.reviews.add(1, each, "element", "pain.severity", "agree")
        worklist.reviews.add(1, each, "element", "function.walking", "overrule", corrected="documented", reason="It is there.")
    worklist.reviews.add(1, leg, "claim", "M54.5", "agree")
    found = {p.rule: (p.agreed, p.overruled, p.precision) for p in worklist.reviews.precision(1)}
    assert found == {
        **dict.fromkeys(rules, (2, 0, 1.0)),
        "function.walking: nothing found": (0, 2, 0.0),
        "verdict not_valid_on_date": (1, 0, 1.0),
    }
    assert next(iter(found)) == "function.walking: nothing found"


def test_the_interval_is_wilsons() -> None:
    low, high = wilson(8, 10)
    assert (round(low, 4), round(high, 4)) == (0.4902, 0.9433)
    assert wilson(0, 0) == (0.0, 1.0)
    assert wilson(3, 3)[1] == 1.0 and wilson(0, 3)[0] == 0.0


def test_a_later_run_that_takes_the_results_over_keeps_their_marks(folder: Path) -> None:
    worklist = open_worklist(folder)
    worklist.reviews.add(1, note(worklist, 1), "note", "", "reviewed")
    worklist._connection.execute("INSERT INTO runs SELECT * REPLACE (2 AS run_id) FROM runs")
    worklist._connection.execute("INSERT INTO notes SELECT * REPLACE (2 AS run_id, seq + 10 AS seq) FROM notes")
    worklist.close()
    worklist = open_worklist(folder)
    assert worklist.audit.run.run_id == 2
    assert [(r.seq, r.note_id) for r in worklist.reviews.every(2)] == [(11, "leg")]
    assert [n.seq for n in worklist.page({"reviewed": "yes"}).notes] == [11]
    worklist.close()


def test_the_worklist_is_that_of_the_audit_worst_first(worklist: Worklist) -> None:
    page = worklist.page({})
    assert [n.seq for n in page.notes] == [row.seq for row in worklist.audit.worklist("worst")] and (page.first, page.total) == (1, 4)


def test_facets_narrow_the_worklist_and_each_counts_within_the_others(worklist: Worklist) -> None:
    assert worklist.facet("provider", {}) == [("Okafor", 2), ("", 1), ("Lind", 1)]
    assert worklist.facet("scope", {}) == [("in", 3), ("out", 1)]
    assert worklist.facet("scope", {"provider": "Okafor"}) == [("in", 2)]
    assert worklist.facet("provider", {"provider": "Okafor"}) == worklist.facet("provider", {})
    assert dict(worklist.facet("verdict", {}))["not_valid_on_date"] == 1
    assert [n.note_id for n in worklist.page({"verdict": "not_valid_on_date"}).notes] == ["leg"]
    missing = dict(worklist.facet("element", {"scope": "in"}))
    assert missing["function.walking"] == 3
    assert {n.note_id for n in worklist.page({"element": "pain.severity"}).notes} == {"neck"}
    worklist.reviews.add(1, note(worklist, 2), "note", "", "reviewed")
    assert worklist.facet("reviewed", {}) == [("no", 3), ("yes", 1)]
    assert [n.note_id for n in worklist.page({"reviewed": "yes"}).notes] == ["neck"]
    assert worklist.page({"provider": "nobody"}).total == 0


@pytest.mark.parametrize("sort", SORTS)
def test_neighbours_follow_the_order_of_the_list(worklist: Worklist, sort: str) -> None:
    listed = [n.seq for n in worklist.page({}, sort).notes]  # type: ignore[arg-type]
    assert sorted(listed) == [1, 2, 3, 4]
    for before, seq, after in zip([None, *listed], listed, [*listed[1:], None], strict=False):
        assert worklist.neighbours(seq, {}, sort) == (before, after)  # type: ignore[arg-type]


def test_a_note_that_is_no_longer_among_the_chosen_leads_back_to_their_first(worklist: Worklist) -> None:
    worklist.reviews.add(1, note(worklist, 1), "note", "", "reviewed")
    assert worklist.neighbours(1, {"reviewed": "no", "provider": "Okafor"}) == (None, 4)
    assert worklist.neighbours(1, {"provider": "nobody"}) == (None, None)


def test_a_note_is_found_by_part_of_its_id_the_same_id_first(worklist: Worklist) -> None:
    assert [n.note_id for n in worklist.find("LEG")] == ["leg", "leg-2"]
    assert [n.note_id for n in worklist.find("leg-2")] == ["leg-2"]
    assert worklist.find("%") == []


def test_marks_of_several_threads_are_all_kept(worklist: Worklist) -> None:
    leg = note(worklist, 1)
    elements = list(leg.report.elements)
    with ThreadPoolExecutor(6) as threads:
        list(threads.map(lambda e: (worklist.reviews.add(1, leg, "element", e, "agree"), worklist.page({})), elements))
    assert {r.about for r in worklist.reviews.of_note(1, 1)} == set(elements)
    ids = [i for (i,) in worklist._connection.execute("SELECT review_id FROM reviews ORDER BY 1").fetchall()]
    assert ids == list(range(1, len(elements) + 1))


def test_a_store_that_a_run_writes_to_is_said_to_be_in_use(folder: Path) -> None:
    script = "import duckdb, sys; held = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", script, str(folder / database.FILE)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout and other.stdout.readline() == "held\n"
        with pytest.raises(InputError, match="is in use by another notecheck"):
            open_worklist(folder)
        other.communicate()
    open_worklist(folder).close()


def test_the_store_stays_its_owners_alone_and_is_still_an_audit(folder: Path) -> None:
    worklist = open_worklist(folder)
    worklist.reviews.add(1, note(worklist, 1), "note", "", "reviewed")
    assert all(stat.S_IMODE(p.stat().st_mode) == 0o600 for p in folder.iterdir() if p.is_file())
    worklist.close()
    with open_audit(folder) as audit:
        assert audit.totals().checked == 4


def test_a_page_holds_a_part_of_a_long_list(tmp_path: Path, checked: list[tuple[Note, NoteReport]]) -> None:
    first, report = checked[1]
    many = [
        (first.model_copy(update={"note_id": f"n{i:03}"}), report.model_copy(update={"note_id": f"n{i:03}"})) for i in range(PAGE * 2 + 3)
    ]
    stored(tmp_path / "audit", many).close()
    worklist = open_worklist(tmp_path / "audit")
    pages = [worklist.page({}, "note", number) for number in (1, 2, 3, 9)]
    assert [(len(p.notes), p.first, p.total) for p in pages] == [(50, 1, 103), (50, 51, 103), (3, 101, 103), (3, 101, 103)]
    assert pages[1].notes[0].note_id == "n050"
    worklist.close()
