"""Sentences of clinical text: lines, bullets, lost line breaks, abbreviations, runs without a full stop.

`split` decides on characters alone and can be tested without a document; the component writes its decision to the tokens.
Blank lines and trailing spaces never matter, and upper case matters nowhere.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence

import numpy
from spacy.attrs import IDX, SENT_START
from spacy.language import Language
from spacy.tokens import Doc

from notecheck.extract.analysis import Analysis, Heading, Sentence
from notecheck.extract.sections import section_at

LONGEST = 1200  # characters; a longer run is cut at a space, so that no rule sees a whole note as one sentence
WRAPPED = 60  # a line this long that ends without punctuation goes on in the next one

_LINE = re.compile(r"[^\n\r]+")
_BULLET = r"[\u2022\u25cf\u25e6\u25aa\u25b8\u2023\u2043\u27a4\u2714\u2605\u25cb\u25a0\u2756*>]|-(?=\s)|\u00b7(?=\s)"
_ITEM = re.compile(rf"\s*(?:{_BULLET}|\(?\d{{1,2}}[.)](?=\s|[a-z])|[a-z]\)\s|\[[ x]?\]|[\u2610\u2611\u2612])")
_LABEL = re.compile(r"\s*[a-z][^:\n.]{0,40}:")
_STOP = re.compile(
    r"(?:[.!]|\?(?!\s+(?:y|n|yes|no|none)(?!\w)))+[\"')\]]*(?=\s)"  # an ordinary end; a question and its short answer are one sentence
    r"|:[ ]?,(?=\s*\d{1,2}[.)]\s)"  # the first item of a list whose line breaks were lost
    r"|\.[ ]?,(?=\s|\w)"  # a full stop and the comma that stands for a lost line break
    r"|(?<=[a-z)%\]]{2})\.(?=[a-z]{3})"  # None.ALLERGIES:
    r"|(?<=[a-z)\d]{2})\.(?=\d{1,2}\.\s)"  # daily.2. Lasix
    r"|\s(?=(?:[\u2022\u25cf\u25e6\u25aa\u25b8\u27a4])\s)"
)
_INITIALS = re.compile(r"(?:^|[^\w.])(?:[a-z]\.)+$")
_ABBREVIATIONS = {
    "dr.",
    "mr.",
    "mrs.",
    "ms.",
    "st.",
    "vs.",
    "e.g.",
    "i.e.",
    "approx.",
    "jr.",
    "sr.",
    "fig.",
    "dept.",
    "prof.",
    "est.",
    "ca.",
}
_STARTERS = {
    "he", "she", "they", "the", "it", "his", "her", "there", "this", "that", "these", "i", "we", "no", "patient", "pt", "on", "in", "at",
    "denies", "has", "had", "is", "was", "will", "currently", "today", "also", "mr", "mrs", "ms",
}  # fmt: skip


def split(folded: str, cuts: Sequence[int] = ()) -> list[tuple[int, int]]:
    """The sentences of folded text as (start, end), in order, without surrounding space. `cuts` are further places where one must begin."""
    out: list[tuple[int, int]] = []
    for start, end in _blocks(folded, frozenset(cuts)):
        at = start
        for stop in sorted({*_stops(folded, start, end), *(c for c in cuts if start < c < end)}):
            _add(out, folded, at, stop)
            at = stop
        _add(out, folded, at, end)
    return out


def _add(out: list[tuple[int, int]], folded: str, start: int, end: int) -> None:
    while end - start > LONGEST:
        cut = folded.rfind(" ", start + LONGEST // 2, start + LONGEST)
        cut = cut if cut > 0 else start + LONGEST
        _add(out, folded, start, cut)
        start = cut
    while start < end and (folded[start].isspace() or folded[start] == ","):
        start += 1
    while end > start and folded[end - 1].isspace():
        end -= 1
    if start < end:
        out.append((start, end))


def _blocks(folded: str, cuts: frozenset[int]) -> list[tuple[int, int]]:
    """Lines, with those joined that were only wrapped."""
    blocks: list[tuple[int, int]] = []
    last_line = ""
    for m in _LINE.finditer(folded):
        line = m.group().strip()
        if not line:
            continue
        start = m.start() + len(m.group()) - len(m.group().lstrip())
        wrapped = (
            blocks
            and len(last_line) >= WRAPPED
            and last_line[-1] not in ".:;!?"
            and not last_line.endswith((".,", ". ,"))
            and start not in cuts
            and not _ITEM.match(line)
            and not _LABEL.match(line)
        )
        end = m.start() + len(m.group().rstrip())
        if wrapped:
            blocks[-1] = (blocks[-1][0], end)
        else:
            blocks.append((start, end))
        last_line = line
    return blocks


def _stops(folded: str, start: int, end: int) -> list[int]:
    stops: list[int] = []
    begin = start
    for m in _STOP.finditer(folded, start, end):
        if folded[m.start()] == "." and m.group().startswith(".") and "," not in m.group() and not _ends(folded, begin, m):
            continue
        stops.append(m.end())
        begin = m.end()
    return stops


def _ends(folded: str, begin: int, m: re.Match[str]) -> bool:
    """Whether this full stop ends a sentence that began at `begin`."""
    before = folded[begin : m.start() + 1]
    word = before.rsplit(None, 1)[-1] if before.strip() else ""
    if word in _ABBREVIATIONS or (word.lstrip("(") in _ABBREVIATIONS):
        return False
    if re.fullmatch(r"\(?\d{1,2}\.", before.strip()):
        return False
    if _INITIALS.search(" " + word):
        after = re.match(r"[\s\"'(]*(\w+)", folded[m.end() : m.end() + 40])
        return bool(after and after[1] in _STARTERS) or m.end() == len(folded)
    return True


@Language.factory("notecheck_sentences")
class Sentences:
    """Pipeline component: fills `doc._.notecheck.sentences` and sets the tokens' sentence starts."""

    def __init__(self, nlp: Language, name: str):
        self.name = name

    def __call__(self, doc: Doc) -> Doc:
        analysis: Analysis = doc._.notecheck
        analysis.sentences = with_sections(split(analysis.folded, [h.start for h in analysis.headings]), analysis.headings)
        starts = doc.to_array(IDX)
        is_start = numpy.full(len(doc), -1, dtype="int64").astype("uint64")
        is_start[numpy.minimum(numpy.searchsorted(starts, [s.start for s in analysis.sentences]), len(doc) - 1)] = 1
        return doc.from_array([SENT_START], is_start)


def with_sections(spans: Sequence[tuple[int, int]], headings: Sequence[Heading]) -> list[Sentence]:
    """Sentences with the section each stands in and the end of the heading it begins with."""
    starts = [h.start for h in headings]
    out = []
    for start, end in spans:
        i = bisect_right(starts, start) - 1
        body = headings[i].end if i >= 0 and headings[i].start == start else start
        out.append(Sentence(start, end, section_at(headings, start, starts), min(body, end)))
    return out
