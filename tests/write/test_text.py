"""What a person reads in the terminal."""

import io
from types import SimpleNamespace

import pytest
from rich.console import Console
from write.reports import note, report

from notecheck.models import NoteReport
from notecheck.write import text

NAMES = {e: SimpleNamespace(name=e.split(".")[1].capitalize(), fix=f"Add {e}.") for e in report().elements}


def printed(color: bool = False, **options: bool) -> str:
    out = io.StringIO()
    text.write(
        Console(file=out, width=100, force_terminal=color, color_system="truecolor" if color else None), note(), report(), NAMES, **options
    )
    return out.getvalue()


def test_the_completeness_line_comes_first_then_what_to_add() -> None:
    lines = printed().splitlines()
    assert lines[0] == "=visit-1  (visit, 2025-11-25; profile spine-visit)"
    assert lines[1] == "Complete 60%: 3 of 5 required elements; 1 missing, 1 partial"
    assert lines[3:6] == ["Missing", "  Sleep  function.sleep", "      Add function.sleep."]
    at = lines.index("Partial")
    assert lines[at + 1 : at + 4] == ["  Severity  pain.severity", "      line 3: “Severe”", "      Add pain.severity."]


def test_what_is_there_comes_with_its_words_its_line_and_its_value() -> None:
    out = printed()
    assert "  Location  pain.location  [lumbar]\n      line 1: “back pain”\n" in out
    assert "Denied\n  Constitutional  red_flag.constitutional\n      line 3: “No fever”\n" in out
    assert out.index("Missing\n") < out.index("Partial\n") < out.index("Documented\n") < out.index("Denied\n")


def test_a_checkbox_is_no_markup() -> None:
    assert "“[x] sharp”" in printed()


def test_the_elements_not_required_are_named_only() -> None:
    assert "\nMissing, not required: Study\n" in printed()
    assert "\nNot applicable: Injection_relief\n" in printed()


def test_codes_claims_coverage_and_warnings_are_told() -> None:
    out = printed()
    assert "  M54.50   supported  Low back pain\n      It is named.\n      line 1: “back pain”\n" in out
    assert "      More specific: M51.16\n" in out
    assert "  M54.5    not valid on date\n      It ended on 2021-09-30.\n      Use instead: M54.50, M54.59\n" in out
    assert "Coverage: esi-repeat\n  not documented Relief of at least half  esi.relief, lcd-esi\n      No percent.\n" in out
    assert "Note: The service date was read from the note.\n" in out


def test_the_lines_of_a_long_criterion_stand_under_its_first_word() -> None:
    long = report().model_copy(update={"coverage": (report().coverage[0].model_copy(update={"criterion": "relief " * 20}),)})
    out = io.StringIO()
    text.write(Console(file=out, width=60), note(), long, NAMES)
    assert "\n  not documented relief relief" in out.getvalue() and f"\n{' ' * 17}relief relief" in out.getvalue()


def test_why_and_queries_are_told_when_asked_for() -> None:
    assert "why:" not in printed() and "Please document" not in printed()
    assert "        why: rule quality.word, present, cue “[x]”, section hpi\n" in printed(why=True)
    assert "Queries for the clinician\n  Sleep\n      Please document how the pain affects sleep.\n      [ ] other\n" in printed(
        queries=True
    )


def test_it_is_plain_where_there_is_no_terminal_and_coloured_where_there_is() -> None:
    assert "\x1b" not in printed()
    assert "\x1b[" in printed(color=True)
    assert not any(line != line.rstrip() for line in printed().splitlines())


def test_a_note_out_of_scope_says_so_and_no_more() -> None:
    out = io.StringIO()
    other = NoteReport(note_id="n", in_scope=False, doc_type="other", profile="spine-visit", warnings=("Out of scope: no spine pain.",))
    text.write(Console(file=out, width=100), note(), other, NAMES)
    assert "Not in the scope" in out.getvalue() and "Out of scope: no spine pain." in out.getvalue() and "Missing" not in out.getvalue()


@pytest.mark.parametrize("evil", ["\x1b]0;title\x07", "\x9b31m", "\u202ereversed", "a\x00b"])
def test_nothing_in_a_note_can_drive_the_terminal(evil: str) -> None:
    shown = text.shown(f"pain {evil} today")
    assert not set(shown) & set("\x1b\x07\x9b\u202e\x00") and shown.startswith("pain ") and shown.endswith(" today")


@pytest.mark.parametrize(("end", "line"), [("\n", 3), ("\r\n", 3), ("\r", 3)])
def test_lines_are_counted_whatever_their_ends(end: str, line: int) -> None:
    note = f"one{end}two{end}three"
    assert text.line_number(note, note.index("three")) == line
    assert text.line_number(note, 0) == 1


def test_long_quotations_lose_their_middle() -> None:
    quoted = text.shortened("first\n  words " + "and more " * 40 + "last words")
    assert quoted.startswith("first words and") and quoted.endswith("last words") and " ... " in quoted and len(quoted) <= 72
