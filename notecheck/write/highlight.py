"""A note cut into pieces at the ends of its evidence, so that any page can mark what each stretch of it is evidence for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

from notecheck.models import CodeFinding, CoverageFinding, NoteReport


class Mark(NamedTuple):
    """One quotation: the characters `start` to `end` of the note speak for `about` (an element's id, a code, or a criterion's id)."""

    start: int
    end: int
    about: str
    kind: str  # an element's status, or a code's support, or a coverage criterion's met
    rule: str = ""
    assertion: str = ""
    cue: str | None = None


class Segment(NamedTuple):
    """A stretch of the note, with the marks that cover all of it. Joined, the texts of all segments are the note."""

    start: int
    text: str
    marks: tuple[Mark, ...]


def element_marks(report: NoteReport) -> list[Mark]:
    """The marks of the report's elements, in text order. The rule, assertion and cue stand there where the report tells them."""
    found = []
    for element, finding in report.elements.items():
        reasons = finding.why if len(finding.why) == len(finding.evidence) else (None,) * len(finding.evidence)
        for e, why in zip(finding.evidence, reasons, strict=True):
            told = (why.rule, why.assertion, why.cue) if why else ("", "", None)
            found.append(Mark(e.start, e.end, element, finding.status, *told))
    return _in_text_order(found)


def code_marks(codes: Iterable[CodeFinding]) -> list[Mark]:
    """The marks of the codes, in text order."""
    return _in_text_order(Mark(e.start, e.end, c.code, c.support) for c in codes for e in c.evidence)


def criterion_marks(coverage: Iterable[CoverageFinding]) -> list[Mark]:
    """The marks of the coverage criteria, in text order."""
    return _in_text_order(Mark(e.start, e.end, c.id, c.met) for c in coverage for e in c.evidence)


def segments(text: str, marks: Iterable[Mark]) -> Iterator[Segment]:
    """The whole text in order. Marks may overlap; one that reaches past the text is cut, an empty one is left out."""
    length = len(text)
    kept = [m for m in marks if 0 <= m.start < min(m.end, length)]
    waiting = sorted(kept, key=lambda m: m.start)[::-1]
    cuts = sorted({0, length, *(m.start for m in kept), *(min(m.end, length) for m in kept)})
    covering: list[Mark] = []
    for start, end in pairwise(cuts):
        covering = [m for m in covering if m.end > start]
        while waiting and waiting[-1].start == start:
            covering.append(waiting.pop())
        yield Segment(start, text[start:end], tuple(covering))


def _in_text_order(marks: Iterable[Mark]) -> list[Mark]:
    return sorted(marks, key=lambda m: (m.start, -m.end, m.about))
