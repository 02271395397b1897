"""RTF notes."""

from __future__ import annotations

import time

import pytest

from notecheck.read.documents import text_of


def lines(body: bytes, head: bytes = rb"\ansi\ansicpg1252\deff0{\fonttbl{\f0\fswiss Arial;}}\f0 ") -> list[str]:
    return text_of(b"{\\rtf1" + head + body + b"}", "note.rtf").split("\n")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (rb"Back pain.\par No fever.\line No chills.\par", ["Back pain.", "No fever.", "No chills."]),
        (rb"HPI\par\par Pain", ["HPI", "", "Pain"]),
        (rb"Caf\'e9 \'96 \'93worse\'94 \u8805?5 \emdash \~end", ["Café – “worse” ≥5 — end"]),
        (rb"\{5\\6\}", ["{5\\6}"]),
        (b"Caf\xe9", ["Café"]),
        ("Café".encode(), ["Café"]),
        (rb"\u-10179?\u-8640? pain", ["\U0001f640 pain"]),
        (rb"{\b {\i Back {\ul pain}}} worse", ["Back pain worse"]),
        (rb"L4\_5 dis\-c", ["L4-5 disc"]),
    ],
)
def test_characters_and_lines(body: bytes, expected: list[str]) -> None:
    assert lines(body) == expected


@pytest.mark.parametrize(
    ("head", "body", "expected"),
    [
        (rb"\ansi\ansicpg1251 ", rb"\'c1\'ee\'eb\'fc", "Боль"),
        (rb"\ansi\ansicpg1252{\fonttbl{\f0\fcharset0 Arial;}{\f1\fcharset204 Arial;}}", rb"\f1 \'c1\'ee\'eb\'fc\f0  \'e9", "Боль é"),
        (rb"\ansi\ansicpg932 ", rb"\'8d\'98\'92\'c9", "腰痛"),
        (rb"\ansi\ansicpg65001 ", rb"\'c3\'a9", "é"),
    ],
)
def test_code_pages_of_the_document_and_of_its_fonts(head: bytes, body: bytes, expected: str) -> None:
    assert lines(body, head) == [expected]


def test_a_table_is_a_line_a_row_with_tabs_between_its_cells() -> None:
    body = rb"\trowd\cellx100\cellx200 Strength\cell 5/5\cell\row\trowd\cellx100\cellx200\pard\intbl Reflexes\cell 2+\cell\row\pard End"
    assert lines(body) == ["Strength\t5/5", "Reflexes\t2+", "End"]


def test_a_table_within_a_table_keeps_its_rows() -> None:
    inner = rb"\itap2 EHL\nestcell 4/5\nestcell{\*\nesttableprops\trowd\cellx100\cellx200\nestrow}{\nonesttables\par}Hip\nestcell 5/5\nestcell{\*\nesttableprops\trowd\nestrow}"
    assert lines(rb"\trowd\cellx900 " + inner + rb"\itap1\cell\row\pard End") == ["EHL\t4/5", "Hip\t5/5", "", "End"]


def test_list_marks_stand_before_their_items() -> None:
    body = rb"{\pntext\f0 1.\tab}{\*\pn\pnlvlbody}Lumbar strain\par {\listtext\f0 2.\tab}Obesity\par"
    assert lines(body) == ["1.\tLumbar strain", "2.\tObesity"]


def test_headers_stand_before_the_text_and_footers_and_footnotes_after_it() -> None:
    body = rb"{\header Harbor Clinic\par}{\footer {\b Signed} by Dr. R.}{\info{\title Secret}}Back pain{\footnote Since May.} today.\par"
    assert [line for line in lines(body) if line] == ["Harbor Clinic", "Back pain today.", "Signed by Dr. R.", "Since May."]


@pytest.mark.parametrize(
    "unseen",
    [
        rb"{\v hidden}",
        rb"\v hidden\'e9\u233?\v0 ",
        rb"{\deleted was \b there}",
        rb"\strike gone\strike0 ",
        rb"{\*\generator Writer;}",
        rb"{\field{\*\fldinst HYPERLINK \"http://x\"}}",
        rb"{\pict\pngblip 89504e470d0a1a0a}",
        rb"{\pict\pngblip\bin8 }}{{\\}}}",
        rb"{\object{\*\objdata 0105}{\result {\pict 00}}}",
        rb"{\stylesheet{\s0 Normal;}}",
    ],
)
def test_what_a_reader_does_not_see_is_left_out(unseen: bytes) -> None:
    assert lines(rb"Back " + unseen + rb"pain") == ["Back pain"]


def test_the_words_of_a_link_stay_and_its_address_goes() -> None:
    assert lines(rb'See {\field{\*\fldinst{HYPERLINK "http://x.example"}}{\fldrslt{\ul the MRI}}} report') == ["See the MRI report"]


def test_what_follows_the_document_is_no_part_of_it() -> None:
    assert text_of(b"{\\rtf1 Back pain}\x00\x00{\\rtf1 other}", "note.rtf") == "Back pain"


def test_a_document_cut_short_gives_what_is_there() -> None:
    assert text_of(rb"{\rtf1\ansi {\b Back pain {\i and", "note.rtf") == "Back pain and"


@pytest.mark.parametrize(
    "hostile",
    [
        b"{" * 200_000,
        b"}" * 200_000,
        rb"{\field{\*\fldinst{" * 20_000,
        rb"\bin999999999 x",
        rb"{\*" * 100_000,
        b"{\\pict " + b"0f" * 10_000_000 + b"}",
    ],
)
def test_hostile_rtf_costs_no_more_than_a_moment(hostile: bytes) -> None:
    start = time.perf_counter()
    assert text_of(b"{\\rtf1 Back pain " + hostile, "note.rtf").startswith("Back pain")
    assert time.perf_counter() - start < 5
