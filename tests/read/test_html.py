"""HTML notes."""

from __future__ import annotations

import time

import pytest

from notecheck.failures import InputError
from notecheck.read.documents import text_of


def lines(body: str) -> list[str]:
    return text_of(f"<html><body>{body}</body></html>".encode(), "note.html").split("\n")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<div>Back pain.</div><div>No\n   fever.</div>", ["Back pain.", "No fever."]),
        ("Back pain<br>No fever<br/><br>Plan", ["Back pain", "No fever", "", "Plan"]),
        ("<p>One</p><p>Two</p>", ["One", "", "Two"]),
        ("<p>One</p><p>&nbsp;</p><p>Two</p><p>Three</p>", ["One", "", "Two", "Three"]),
        ("<p style='margin: 0in'>One</p><p style='margin:0in'>Two</p>", ["One", "Two"]),
        ("<h2>HPI</h2>Pain<h2>Plan</h2>Rest", ["HPI", "Pain", "", "Plan", "Rest"]),
        ("5 &lt; 6 &amp; caf&eacute; &#8805;3&nbsp;weeks", ["5 < 6 & café ≥3 weeks"]),
        ("<b>Back</b> <i>pa</i>in<!-- secret -->, worse", ["Back pain, worse"]),
        ("<ul><li>Strain</li><li><p>Obesity</p></li></ul>End", ["- Strain", "- Obesity", "End"]),
        ("<ol><li>Strain<li>Obesity</ol>", ["1. Strain", "2. Obesity"]),
        ("<ul style='list-style: none'><li>Strain</ul>", ["Strain"]),
        ("<pre>Strength  R  L\n  hip     5  5</pre>", ["Strength  R  L", "hip     5  5"]),
        ("<label><input type=checkbox checked> Fever</label><br><input type='radio'>Chills", ["[x] Fever", "[ ] Chills"]),
        ("Pain: <select><option>3<option selected>7</select>/10, <input value='left leg'>", ["Pain: 7/10, left leg"]),
        ("<center>Clinic</center>Pain", ["Clinic", "Pain"]),
    ],
)
def test_lines_stand_as_in_a_browser(body: str, expected: list[str]) -> None:
    assert lines(body) == expected


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ("<tr><th>Muscle</th><th>R</th></tr><tr><td>Hip</td><td>5/5</td></tr>", ["Muscle\tR", "Hip\t5/5"]),
        ("<tr><td><p>Muscle</p></td><td><div>5/5</div></td></tr>", ["Muscle\t5/5"]),
        ("<tr><td>Plan</td><td>Rest<br>Ice</td></tr>", ["Plan\tRest", "Ice"]),
        ("<tr><td>Rest<br>Ice</td><td>Heat</td></tr>", ["Rest", "Ice", "Heat"]),
        ("<tr><td><table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table></td></tr>", ["a\tb", "c"]),
        ("<tr><td>Muscle</td><td></td><td>5/5</td><td></td></tr>", ["Muscle\t\t5/5"]),
    ],
)
def test_a_table_is_a_line_a_row(table: str, expected: list[str]) -> None:
    assert lines(f"Before<table>{table}</table>after") == ["Before", *expected, "after"]


@pytest.mark.parametrize(
    "unseen",
    [
        "<script>alert('x')</script>",
        "<style>p {color: red}</style>",
        "<span style='display:none'>x</span>",
        "<span hidden>x</span>",
        "<del>x</del>",
        "<s>x</s>",
        "<span style='text-decoration: line-through'>x</span>",
        "<noscript>x</noscript>",
        "<svg><text>x</text></svg>",
        "<img src='http://x.example/a.png' alt='x'>",
    ],
)
def test_what_a_reader_does_not_see_is_left_out(unseen: str) -> None:
    assert lines(f"Back {unseen}pain") == ["Back pain"]


@pytest.mark.parametrize(
    "data",
    [
        "<meta charset='windows-1252'><p>Café".encode("cp1252"),
        b"<html><head><meta http-equiv='Content-Type' content='text/html; charset=iso-8859-1'></head><body>Caf\xe9</body>",
        "<meta charset='us-ascii'><p>Café".encode(),
        "<p>Café".encode(),
        "<p>Café".encode("cp1252"),
        "<p>Café".encode("utf-16"),
        '<?xml version="1.0" encoding="iso-8859-1"?><html xmlns="http://www.w3.org/1999/xhtml"><body>Café</body></html>'.encode("latin-1"),
    ],
)
def test_the_encoding_is_the_page_s_own_word_where_it_is_true(data: bytes) -> None:
    assert text_of(data, "note") == "Café"


def test_a_note_that_speaks_of_tags_is_not_html() -> None:
    assert text_of(b"Pain <5/10> at rest", "note.txt") == "Pain <5/10> at rest"


@pytest.mark.parametrize(
    "hostile",
    [
        "<div>" * 100_000 + "Back pain",
        "<table><tr><td>" * 5_000 + "Back pain",
        "Back pain" + "<b" * 100_000,
        '<!DOCTYPE html [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><p>Back pain &b;',
        "Back pain" + "&lt;" * 200_000,
    ],
)
def test_hostile_html_costs_no_more_than_a_moment(hostile: str) -> None:
    start = time.perf_counter()
    try:
        assert "Back pain" in text_of(f"<html>{hostile}".encode(), "note.html")
    except InputError as e:
        assert str(e).startswith("note.html ")
    assert time.perf_counter() - start < 5


def test_nothing_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.socket.connect", lambda *_: pytest.fail("a connection was made"))
    body = "<link rel=stylesheet href='http://x.example/a.css'><iframe src='http://x.example'></iframe><img src='http://x.example/a'>Pain"
    assert lines(body) == ["Pain"]
