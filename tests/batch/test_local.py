"""Many notes at once: in order, and each on its own account."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from batch import misbehaving

import notecheck
from notecheck.batch import Checked, check_all, local
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
    assert taken <= 40 + 16 * 4 * (jobs + 1)


def test_large_notes_are_sent_in_small_parcels() -> None:
    parcels = list(local._parcels(notes(*["x" * 60_000] * 5, *["y"] * 40)))
    assert [len(p) for p in parcels] == [2, 2, 16, 16, 9]
    assert [n.note_id for p in parcels for n in p] == [str(i) for i in range(45)]
