"""A note cut at the ends of its evidence."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from write.reports import TEXT, report

from notecheck.write.highlight import Mark, code_marks, criterion_marks, element_marks, segments

NOTE = "Sharp low back pain, no fever."


def mark(words: str, about: str = "pain.quality") -> Mark:
    start = NOTE.index(words)
    return Mark(start, start + len(words), about, "documented")


def cut(*marks: Mark) -> list[tuple[str, list[str]]]:
    return [(s.text, [m.about for m in s.marks]) for s in segments(NOTE, marks)]


def test_the_text_before_between_and_after_marks_has_none() -> None:
    assert cut(mark("low back"), mark("fever", "flag")) == [
        ("Sharp ", []),
        ("low back", ["pain.quality"]),
        (" pain, no ", []),
        ("fever", ["flag"]),
        (".", []),
    ]


def test_where_marks_overlap_the_shared_words_carry_both() -> None:
    assert cut(mark("Sharp low back", "a"), mark("low back pain", "b"))[:3] == [
        ("Sharp ", ["a"]),
        ("low back", ["a", "b"]),
        (" pain", ["b"]),
    ]


def test_a_mark_inside_another_cuts_it_in_three() -> None:
    assert cut(mark("low back pain", "outer"), mark("back", "inner"))[1:4] == [
        ("low ", ["outer"]),
        ("back", ["outer", "inner"]),
        (" pain", ["outer"]),
    ]


def test_two_marks_on_the_same_words_are_one_piece() -> None:
    assert cut(mark("fever", "a"), mark("fever", "b"))[1] == ("fever", ["a", "b"])


def test_a_mark_past_the_end_is_cut_and_an_empty_or_backward_one_left_out() -> None:
    assert cut(Mark(len(NOTE) - 1, len(NOTE) + 9, "a", "partial"))[-1] == (".", ["a"])
    assert cut(Mark(3, 3, "a", "partial"), Mark(9, 4, "a", "partial"), Mark(-2, 4, "a", "partial")) == [(NOTE, [])]


def test_an_empty_note_has_no_pieces() -> None:
    assert list(segments("", [Mark(0, 4, "a", "partial")])) == []


@given(st.text(max_size=40), st.lists(st.tuples(st.integers(-3, 45), st.integers(-3, 45)), max_size=8))
def test_the_pieces_joined_are_the_note_and_each_mark_covers_its_characters(text: str, spans: list[tuple[int, int]]) -> None:
    marks = [Mark(start, end, str(n), "documented") for n, (start, end) in enumerate(spans)]
    pieces = list(segments(text, marks))
    assert "".join(p.text for p in pieces) == text
    for m in marks:
        if 0 <= m.start < min(m.end, len(text)):
            assert "".join(p.text for p in pieces if m in p.marks) == text[m.start : m.end]


def test_the_marks_of_a_report_stand_in_text_order_with_what_is_told_of_them() -> None:
    marks = element_marks(report())
    assert [TEXT[m.start : m.end] for m in marks] == ["back pain", "[x] sharp", "Severe", "No fever"]
    assert (marks[1].about, marks[1].kind, marks[1].rule, marks[1].cue) == ("pain.quality", "documented", "quality.word", "[x]")
    assert (marks[2].kind, marks[2].rule, marks[2].cue) == ("partial", "", None)


def test_codes_and_criteria_have_marks_of_their_own() -> None:
    assert [(m.about, m.kind) for m in code_marks(report().codes)] == [("M54.50", "supported")]
    criterion = report().coverage[0].model_copy(update={"evidence": report().codes[0].evidence})
    assert [(m.about, m.kind) for m in criterion_marks([criterion])] == [("esi.relief", "not_documented")]
