"""What the page of a note says, as data and as HTML, without a browser."""

from __future__ import annotations

import html
import re
from types import SimpleNamespace
from typing import Any

import pytest
from write.reports import TEXT, note, report

from notecheck.models import ElementFinding, Evidence, Note, NoteReport
from notecheck.write.html import environment, view
from notecheck.write.html.environment import lines, percent, visible

NAMES = {e: SimpleNamespace(name=e.split(".")[1].capitalize(), fix=f"Add {e}.") for e in report().elements}


def shown(of: Note | None = None, told: NoteReport | None = None) -> dict[str, Any]:
    return view(of or note(), told or report(), NAMES)


def rendered(of: Note | None = None, told: NoteReport | None = None) -> str:
    return environment().get_template("_report.html").render(view=shown(of, told))


def marked(text: str, *spans: tuple[str, int, int]) -> tuple[Note, NoteReport]:
    """A note, and a report in which each element (its name first) rests on the characters from one offset to another."""
    found: dict[str, ElementFinding] = {}
    for element, start, end in spans:
        evidence = Evidence(text=text[start:end], start=start, end=end, section="hpi")
        before = found[element].evidence if element in found else ()
        found[element] = ElementFinding(status="documented", evidence=(*before, evidence))
    told = NoteReport(
        note_id="n", in_scope=True, doc_type="visit", profile="spine-visit", elements=found, required=tuple(found), completeness=1.0
    )
    return Note(note_id="n", text=text), told


def note_html(page: str) -> str:
    (inside,) = re.findall(r'<div class="text"[^>]*>(.*?)</div>', page, re.S)
    return inside


def words_of(page: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "", note_html(page)))


def test_the_headline_counts_what_is_required() -> None:
    assert shown()["headline"] == {
        "completeness": 0.6,
        "required": 5,
        "done": 3,
        "missing": 1,
        "partial": 1,
        "claim_problems": 1,
        "coverage_open": 1,
    }


def test_what_is_missing_comes_with_its_fix_and_what_is_partial_with_its_line_too() -> None:
    (sleep,), (severity,) = shown()["missing"], shown()["partial"]
    assert (sleep["name"], sleep["fix"], sleep["evidence"]) == ("Sleep", "Add function.sleep.", [])
    assert (severity["evidence"][0]["line"], severity["evidence"][0]["text"]) == (3, "Severe")


def test_elements_that_are_not_asked_for_stand_apart() -> None:
    assert [(e["id"], e["status"]) for e in shown()["not_asked"]] == [
        ("imaging.study", "missing"),
        ("treatment.injection_relief", "not_applicable"),
    ]


def test_each_mark_says_the_rule_the_cue_and_the_section() -> None:
    location, quality = shown()["documented"]
    assert quality["evidence"][0]["why"] == "rule quality.word · cue “[x]” · section hpi"
    assert location["evidence"][0]["why"] == "section hpi" and location["value"] == "lumbar"


def test_a_code_outside_the_pack_was_not_judged_and_is_no_problem() -> None:
    claim = report().claim[0].model_copy(update={"verdict": "outside_pack"})
    assert shown(told=report().model_copy(update={"claim": (claim,)}))["headline"]["claim_problems"] == 0


def test_the_pieces_of_the_note_are_the_note_and_every_mark_leads_to_a_finding_on_the_page() -> None:
    assert "".join(s["text"] for s in shown()["segments"]) == TEXT.removesuffix("\r\n")
    page = rendered()
    ids = set(re.findall(r' id="([^"]+)"', page))
    targets = re.findall(r' href="#([^"]+)"', page)
    described = [i for told in re.findall(r'aria-describedby="([^"]*)"', page) for i in told.split()]
    assert targets and described and {t for t in targets if not t.startswith("i-")} | set(described) <= ids


def test_no_id_is_given_twice() -> None:
    ids = re.findall(r' id="([^"]+)"', rendered())
    assert len(ids) == len(set(ids))


def test_where_marks_overlap_the_words_belong_to_both_and_lead_to_the_shorter() -> None:
    of, told = marked("low back pain", ("pain.location", 0, 13), ("pain.quality", 4, 8))
    whole = shown(of, told)["segments"]
    assert [(s["text"], s["item"]) for s in whole] == [
        ("low ", "element-pain.location"),
        ("back", "element-pain.quality"),
        (" pain", "element-pain.location"),
    ]
    assert len(whole[1]["marks"].split()) == 2 and "n-element-pain.location" in whole[1]["described"]


def test_words_of_a_note_are_never_markup() -> None:
    text = "<script>alert(1)</script> \"quoted\" & 'so' <img src=x onerror=alert(2)> </div>"
    of, told = marked(text, ("pain.location", 0, 25))
    page = rendered(of, told)
    assert "<script>alert" not in page and "<img" not in page
    assert words_of(page) == text


@pytest.mark.parametrize("evil", ["\u202e", "\u2066", "\u200b", "\x00", "\x1b", "\x85", "\u061c", "\ufeff"])
def test_characters_that_turn_or_hide_text_become_one_visible_mark_each(evil: str) -> None:
    text = f"back {evil}pain{evil} today"
    of, told = marked(text, ("pain.location", 0, 11))
    page = rendered(of, told)
    assert evil not in page and words_of(page) == text.replace(evil, "\ufffd")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_are_numbered_alike_whatever_their_ends(end: str) -> None:
    text = end.join(["one", "two", "back pain", ""])
    of, told = marked(text, ("pain.location", text.index("back"), text.index("back") + 9))
    assert shown(of, told)["documented"][0]["evidence"][0]["line"] == 3
    assert note_html(rendered(of, told)).count("<i></i>") == 3
    assert words_of(rendered(of, told)) == "one\ntwo\nback pain"


def test_a_line_end_that_a_mark_cuts_in_two_counts_once() -> None:
    of, told = marked("back\r\npain", ("pain.location", 0, 5), ("pain.quality", 5, 10))
    assert words_of(rendered(of, told)) == "back\npain"


def test_a_store_without_text_shows_offsets_only() -> None:
    of = note().model_copy(update={"text": ""})
    page = rendered(of)
    assert shown(of)["with_text"] is False and shown(of)["segments"] == []
    assert "keeps no text" in page and "<q>" not in page and "4–13" in page


def test_a_note_out_of_scope_says_so_and_still_shows_its_words() -> None:
    other = NoteReport(note_id="n", in_scope=False, doc_type="other", profile="spine-visit", warnings=("Out of scope: no spine pain.",))
    page = rendered(told=other)
    assert "Out of scope" in page and "no spine pain" in page and "complete" not in page
    assert "back pain" in words_of(page)


def test_a_note_of_a_million_characters_is_shown_whole() -> None:
    text = "back pain. " * 90_000
    of, told = marked(text, *(("pain.location", n * 1100, n * 1100 + 9) for n in range(900)))
    assert words_of(rendered(of, told)) == text


def test_names_of_the_vocabulary_are_shown_as_words_and_shares_as_percent() -> None:
    page = rendered()
    assert "not valid on date" in page and "needs documentation" in page and "not_valid" not in re.sub(r'class="[^"]*"', "", page)
    assert (percent(0.825), percent(1.0), percent(None)) == ("82%", "100%", "–")


def test_tabs_and_line_ends_stay() -> None:
    assert visible("a\tb\nc") == "a\tb\nc" and lines("a\n\tb") == "a\n<i></i>\tb"
