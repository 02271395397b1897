"""Where sentences begin and end in clinical text. `|` in an example marks each boundary."""

import pytest

from notecheck.extract.sentences import LONGEST, split
from notecheck.phrases import fold


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in split(fold(text))]


@pytest.mark.parametrize(
    "marked",
    [
        "He has low back pain. |It began in May.",
        "Seen by Dr. Hale for pain. |She agrees.",
        "Takes gabapentin 300 mg p.o. t.i.d. with food.",
        "Takes tramadol p.r.n. |He also stretches.",
        "Allergies: None.|MEDICATIONS: naproxen.",
        "Pain at L4-5 and 0.5 mL of dye was used.",
        "No fever., |He rates it 6/10.",
        "Medications:, |1.  Naproxen 500 mg daily.,|2.  Tizanidine.",
        "PLAN: ice\n|1. Physical therapy\n|2. Naproxen 500 mg",
        "\u2022 low back pain\n|\u2022 numb toes",
        "[ ] fever  [ ] chills  [x] fatigue",
        "Severity: 7/10\n|Sleep: wakes twice",
        "The pain began after he lifted a heavy crate at the warehouse on Monday, and\nit has kept him awake since.",
        "Does it radiate? No.",
        "Did it help? |It did.",
        "Grade 1. |Stable.",
    ],
)
def test_boundaries(marked: str) -> None:
    expected = [part.strip() for part in marked.split("|")]
    assert [s.rstrip(", ") for s in sentences(marked.replace("|", ""))] == [e.rstrip(", ") for e in expected]


@pytest.mark.parametrize("change", [str.upper, lambda t: t.replace("\n", "\r\n"), lambda t: t.replace("\n", "  \n\n")])
def test_case_blank_lines_and_line_ends_change_no_boundary(change) -> None:
    text = "HPI: Seen by Dr. Hale. Pain for 2 wks.\n- worse sitting\n- better lying\nPLAN: 1. Ice. 2. Rest q.i.d. as needed."
    assert [s.lower() for s in sentences(change(text))] == [s.lower() for s in sentences(text)]


def test_a_run_without_a_full_stop_is_cut_where_words_end() -> None:
    parts = sentences("pain and " * 1000)
    assert max(map(len, parts)) <= LONGEST
    assert all(set(p.split()) <= {"pain", "and"} for p in parts)
