"""Misspelled words of the pack are mended within a bounded distance; real words are left alone; positions lead back to the note."""

import pytest

import notecheck
from notecheck.extract.spelling import Speller

SPELLER = Speller(["radiculopathy", "sciatica", "stenosis"], ["sciatic", "stenoses"])


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ("left radiculpathy and sciactica", "left radiculopathy and sciatica"),
        ("radiculopathey", "radiculopathy"),
        ("sciatic notch, stenoses", "sciatic notch, stenoses"),
        ("sternosis of the canal", "stenosis of the canal"),
        ("ridicule", "ridicule"),
        ("senosis", "stenosis"),
    ],
)
def test_mending(text: str, mended: str) -> None:
    assert SPELLER.mend(text).text == mended


def test_positions_lead_back() -> None:
    old = "radiculpathy; sciactica, stenosis"
    new = SPELLER.mend(old)
    for right, wrong in (("radiculopathy", "radiculpathy"), ("sciatica", "sciactica"), ("stenosis", "stenosis")):
        start = new.text.index(right)
        assert old[new.origin(start) : new.origin(start + len(right))] == wrong


def test_evidence_of_a_misspelled_note_is_the_note_itself() -> None:
    text = "CHIEF COMPLAINT: Low back pain with radiculpathy into the left leg since May."
    report = notecheck.load().check(text)
    evidence = [e for f in report.elements.values() for e in f.evidence]
    assert all(text[e.start : e.end] == e.text for e in evidence)
    assert any("radiculpathy" in e.text for e in report.elements["pain.radiation"].evidence)
