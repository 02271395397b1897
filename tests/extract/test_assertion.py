"""Assertion as a reader would judge it: in each sentence the word between * * is asserted as said."""

import pytest

import notecheck
from notecheck.extract.pipeline import Extractor


@pytest.fixture(scope="module")
def extractor() -> Extractor:
    return notecheck.load().extractor


@pytest.mark.parametrize(
    ("marked", "element", "status"),
    [
        ("Denies *fever*, chills, night sweats or weight loss.", "red_flag.constitutional", "denied"),
        ("Denies fever, chills, night sweats or *weight loss*.", "red_flag.constitutional", "denied"),
        ("No history of *cancer*, IV drug use, fever, or recent trauma was elicited.", "red_flag.cancer", "denied"),
        ("No history of cancer, IV drug use, fever, or recent *trauma* was elicited.", "red_flag.trauma", "denied"),
        ("*Fever*: no", "red_flag.constitutional", "denied"),
        ("[ ] *fever* [x] fatigue", "red_flag.constitutional", "denied"),
        ("[x] *fever* [ ] fatigue", "red_flag.constitutional", "documented"),
        ("ROS: *Constitutional: negative*.", "red_flag.constitutional", "denied"),
        ("neg for *f/c*/wt loss", "red_flag.constitutional", "denied"),
        ("No fever but has *lost weight*.", "red_flag.constitutional", "documented"),
        ("FAMILY HISTORY: Mother with breast *cancer*.", "red_flag.cancer", "missing"),
        ("Return at once for *loss of bladder control*.", "red_flag.cauda_equina", "missing"),
        ("Call if you develop *fever*.", "red_flag.constitutional", "missing"),
        ("PLAN: Order an *MRI of the lumbar spine*.", "imaging.study", "missing"),
        ("PLAN: Continue *physical therapy*.", "treatment.conservative", "documented"),
        ("No *bowel or bladder incontinence*; pain shoots into the left calf.", "red_flag.cauda_equina", "denied"),
    ],
)
def test_assertion(extractor: Extractor, marked: str, element: str, status: str) -> None:
    before, words, _ = marked.split("*")
    text = marked.replace("*", "")
    touching = [
        m for m in extractor.read(text, in_scope=True).mentions
        if m.element == element and m.start < len(before) + len(words) and m.end > len(before)
    ]  # fmt: skip
    assert {m.status for m in touching} - {"missing"} == {status} - {"missing"}


def test_a_negation_ends_where_a_new_statement_begins(extractor: Extractor) -> None:
    text = "No bowel or bladder incontinence; pain shoots into the left calf."
    assert any(m.element == "pain.radiation" and m.status == "documented" for m in extractor.read(text, in_scope=True).mentions)
