"""What must hold of any note: how it is typed, wrapped or batched never changes what it says.

The notes are the samples and, where the shared corpus is there, spine notes from it.
"""

import gzip
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import notecheck
from notecheck.checker import Checker
from notecheck.models import Note, NoteReport

ROOT = Path(__file__).resolve().parent.parent
CORPUS = ROOT.parent / "shared" / "corpus" / "mtsamples.jsonl.gz"
FROM_CORPUS = 60


@cache
def checker() -> Checker:
    return notecheck.load()


@cache
def notes() -> tuple[str, ...]:
    found = [p.read_text(encoding="utf-8") for p in sorted((ROOT / "sample_notes").glob("*.txt"))]
    if CORPUS.is_file():
        with gzip.open(CORPUS, "rt", encoding="utf-8") as lines:
            texts = [json.loads(line)["text"] for line in lines]
        found += [t for t in texts if len(t) < 6000 and checker().check(t).in_scope][:FROM_CORPUS]
    return tuple(found)


a_note = st.integers(0, 10_000).map(lambda i: notes()[i % len(notes())])
slowly = settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))


def statuses(report: NoteReport) -> dict[str, str]:
    return {id_: f.status for id_, f in report.elements.items()}


def said(report: NoteReport) -> tuple[bool, dict[str, tuple[str, object, list[str]]]]:
    """What a report says, without positions and without how its words are typed."""
    return report.in_scope, {
        id_: (f.status, plain(json.dumps(f.value)), [plain(e.text) for e in f.evidence]) for id_, f in report.elements.items()
    }


def plain(words: str) -> str:
    for typed, key in (
        ("\u2019", "'"),
        ("\u2018", "'"),
        ("\u201c", '"'),
        ("\u201d", '"'),
        ("\u2013", "-"),
        ("\u2011", "-"),
        ("\\u2013", "-"),
        ("\\u2011", "-"),
    ):
        words = words.replace(typed, key)
    return " ".join(words.replace("\\r", " ").replace("\\n", " ").split())


TYPING: dict[str, Callable[[str], str]] = {
    "CRLF line ends": lambda t: t.replace("\n", "\r\n"),
    "blank lines": lambda t: t.replace("\n", "\n\n"),
    "trailing spaces": lambda t: t.replace("\n", "   \n"),
    "curly apostrophes": lambda t: t.replace("'", "\u2019"),
    "en dashes for hyphens": lambda t: t.replace("-", "\u2013"),
    "non-breaking hyphens": lambda t: t.replace("-", "\u2011"),
}


@pytest.mark.parametrize("way", TYPING)
@slowly
@given(text=a_note)
def test_how_a_note_is_typed_changes_nothing(way: str, text: str) -> None:
    assert said(checker().check(TYPING[way](text))) == said(checker().check(text))


@slowly
@given(text=a_note)
def test_upper_case_changes_no_status(text: str) -> None:
    if len(text.upper()) == len(text):
        assert statuses(checker().check(text.upper())) == statuses(checker().check(text))


@slowly
@given(
    text=a_note,
    sentence=st.sampled_from(["The weather was mild that day.", "Parking was validated at the front desk.", "The form was mailed."]),
)
def test_an_unrelated_sentence_changes_nothing(text: str, sentence: str) -> None:
    assert statuses(checker().check(f"{text}\n\n{sentence}\n")) == statuses(checker().check(text))


@slowly
@given(texts=st.lists(a_note, min_size=2, max_size=4))
def test_a_note_alone_and_in_a_batch_gives_the_same_report(texts: list[str]) -> None:
    batch = [Note(note_id=str(i), text=t) for i, t in enumerate(texts)]
    assert list(checker().pipe(batch)) == [checker().check(n) for n in batch]


@slowly
@given(text=a_note)
def test_evidence_is_the_words_of_the_note(text: str) -> None:
    report = checker().check(text)
    for finding in report.elements.values():
        for e in finding.evidence:
            assert e.text == text[e.start : e.end] != ""


@slowly
@given(text=st.text(max_size=400).filter(str.strip))
def test_no_text_makes_it_fail(text: str) -> None:
    checker().check("Low back pain. " + text)
