"""Which section a heading opens, however it is written."""

import pytest

from notecheck.extract.sections import SectionFinder, close_family
from notecheck.phrases import fold
from notecheck.rules import Section

FINDER = SectionFinder(
    [
        Section(name="hpi", headings=("history of present illness",), only_with_colon=("hpi", "s")),
        Section(name="exam", headings=("physical examination", "exam")),
        Section(name="family", headings=("family history",)),
        Section(name="plan", headings=("plan", "recommendations")),
        Section(name="imaging", headings=("imaging", "imaging studies")),
        Section(name="pmh", one_line=("past medical",)),
    ]
)


def opened(text: str) -> list[str]:
    return [h.section for h in FINDER.find(fold(text))]


@pytest.mark.parametrize(
    ("text", "sections"),
    [
        ("PHYSICAL EXAMINATION: normal", ["exam"]),
        ("Physical examination\nnormal", ["exam"]),
        ("2) Plan - ice", ["plan"]),
        ("S: pain", ["hpi"]),
        ("S1 radiculopathy", []),
        ("None.PLAN: ice", ["plan"]),
        ("No rash.,PHYSICAL EXAMINATION: , normal", ["exam"]),
        ("PREOP NOTE Date 5/1 PHYSICAL EXAMINATION: normal", ["exam"]),
        ("On exam: he is well", []),
        ("The plan is to wait", []),
        ("EXAM (limited): gait normal", ["exam"]),
    ],
)
def test_headings(text: str, sections: list[str]) -> None:
    assert opened(text) == sections


def test_a_one_line_heading_gives_the_section_back() -> None:
    assert opened("HPI: pain\nPast medical: asthma\nIt goes down the leg") == ["hpi", "pmh", "hpi"]


def test_a_label_inside_a_plan_says_what_is_planned() -> None:
    assert opened("PLAN:\n1. Imaging: MRI lumbar spine\nEXAM: gait normal\nIMAGING: MRI") == ["plan", "exam", "imaging"]


def test_an_unknown_label_ends_a_family_history() -> None:
    text = fold("FAMILY HISTORY: mother had cancer\nHABITS: smokes")
    assert [h.section for h in close_family(FINDER.find(text), text)] == ["family", "other"]
