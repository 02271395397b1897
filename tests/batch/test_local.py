"""Many notes at once: in order, and each on its own account."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from batch import misbehaving

import notecheck
from notecheck.batch import Checked, check_all, local
from notecheck.batch.outcomes import Carried
from notecheck.batch.worker import can_limit_memory
from notecheck.failures import Failure
from notecheck.models import Note

SAMPLES = Path(__file__).parents[2] / "sample_notes"


def notes(*texts: str) -> list[Note]:
    return [Note(note_id=str(i), text=t) for i, t in enumerate(texts)]


def test_a_pack_that_cannot_be_used_is_an_error_and_not_a_wait(tmp_path: Path) -> None:
    with pytest.raises(notecheck.PackError, match="is not a pattern pack"):
        list(check_all(notes("Low back pain."), patterns=tmp_path))


@pytest.fixture
def misbehave(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "worker", misbehaving)


def test_nothing_in_nothing_out() -> None:
    assert list(check_all([])) == []


def test_reports_equal_those_of_the_checker_in_input_order_whatever_the_number_of_workers() -> None:
    texts = [p.read_text(encoding="utf-8") for p in sorted(SAMPLES.glob("*.txt"))]
    items = notes(*texts * 6)
    checker = notecheck.load()
    alone = {text: checker.check(text) for text in texts}
    expected = [Checked(n, alone[n.text].model_copy(update={"note_id": n.note_id}).model_dump_json()) for n in items]
    assert list(check_all(items, jobs=1)) == expected
    assert list(check_all(items, jobs=3)) == expected


def test_failures_that_come_in_go_out_in_their_place() -> None:
    gone = Failure(source="b.txt", note_id="b", reason="b.txt is empty.")
    first, second, third = check_all([*notes("Back pain."), gone, *notes("Neck pain.")], jobs=1)
    assert isinstance(first, Checked) and second is gone and isinstance(third, Checked)


def test_a_note_that_the_checker_refuses_is_a_failure() -> None:
    refused, done = check_all(notes(" ", "Low back pain."), jobs=1)
    assert isinstance(refused, Failure) and refused.note_id == "0" and "empty" in refused.reason
    assert isinstance(done, Checked)


@pytest.mark.usefixtures("misbehave")
@pytest.mark.parametrize(
    ("text", "says"), [("die", "ended the process"), ("exit", "ended the process"), ("hang", "longer than the limit of 2 s")]
)
def test_a_worker_that_dies_or_hangs_costs_only_the_note_it_was_at(text: str, says: str) -> None:
    *outcomes, last = check_all(notes("Low back pain.", "Neck pain.", text, "Sciatica."), jobs=1, time_limit=2)
    assert [isinstance(o, Checked) for o in outcomes] == [True, True, False] and isinstance(last, Checked)
    assert isinstance(outcomes[2], Failure) and outcomes[2].note_id == "2" and says in outcomes[2].reason


@pytest.mark.usefixtures("misbehave")
def test_a_worker_that_is_killed_from_outside_costs_no_note(tmp_path: Path) -> None:
    outcomes = list(check_all(notes("Low back pain.", f"die once {tmp_path / 'died'}", "Sciatica."), jobs=1))
    assert (tmp_path / "died").exists() and all(isinstance(o, Checked) for o in outcomes)


@pytest.mark.usefixtures("misbehave")
@pytest.mark.skipif(not can_limit_memory(), reason="this system holds no process to a limit of memory")
def test_a_note_that_takes_too_much_memory_costs_only_itself() -> None:
    first, hog, last = check_all(notes("Low back pain.", "hog", "Sciatica."), jobs=1, memory_limit=1 << 30)
    assert isinstance(first, Checked) and isinstance(last, Checked)
    assert (
        isinstance(hog, Failure) and hog.reason == "the note takes more memory than the limit of 1 GiB; split it, or raise --memory-limit."
    )


@pytest.mark.usefixtures("misbehave")
def test_a_failure_says_where_its_note_stood() -> None:
    stands = Note(note_id="7", text="exit", source="export.csv", row=12)
    (failure,) = check_all([stands], jobs=1)
    assert isinstance(failure, Failure) and (failure.source, failure.row, failure.note_id) == ("export.csv", 12, "7")


@pytest.mark.usefixtures("misbehave")
def test_a_note_that_an_earlier_run_checked_goes_through_in_its_place() -> None:
    known = Carried(notes("Known.")[0], "key")
    first, second, third = check_all([*notes("Back pain."), known, *notes("Neck pain.")], jobs=1)
    assert isinstance(first, Checked) and second is known and isinstance(third, Checked)
    assert list(check_all([known] * 40)) == [known] * 40


def test_without_text_no_report_holds_a_word_of_its_note_and_the_day_is_the_runs() -> None:
    text = "CHIEF COMPLAINT: Low back pain for eleven weeks, 6/10, radiating to the left calf.\nASSESSMENT: Possible lumbar radiculopathy."
    (kept,) = check_all(notes(text), jobs=1, today=date(2026, 3, 4))
    (bare,) = check_all(notes(text), jobs=1, today=date(2026, 3, 4), with_text=False)
    assert isinstance(kept, Checked) and isinstance(bare, Checked)
    with_words, wordless = kept.report, bare.report
    assert {e: f.status for e, f in wordless.elements.items()} == {e: f.status for e, f in with_words.elements.items()}
    assert wordless.elements["pain.radiation"].value == {"extent": "below_knee", "side": "left"}
    assert wordless.elements["pain.severity"].value == {"scores": [6]}
    assert with_words.elements["pain.duration"].value and not wordless.elements["pain.duration"].value
    words = {e.text for f in with_words.elements.values() for e in f.evidence} | {"eleven", "Possible", "calf"}
    assert words and not [w for w in words if w in bare.report_json]


@pytest.mark.usefixtures("misbehave")
@pytest.mark.parametrize("jobs", [1, 2])
def test_input_is_read_as_it_is_used(jobs: int) -> None:
    taken = 0

    def endless() -> Iterator[Note]:
        nonlocal taken
        while True:
            taken += 1
            yield Note(note_id=str(taken), text="Low back pain.")

    outcomes = check_all(endless(), jobs=jobs)
    for _ in range(40):
        next(outcomes)
    outcomes.close()  # type: ignore[attr-defined]
    assert taken <= 40 + 16 * 16 * (jobs + 1)


def test_large_notes_are_sent_in_small_parcels() -> None:
    parcels = list(local._parcels(notes(*["x" * 60_000] * 5, *["y"] * 40)))
    assert [len(p) for p in parcels] == [2, 2, 16, 16, 9]
    assert [n.note_id for p in parcels for n in p] == [str(i) for i in range(45)]
