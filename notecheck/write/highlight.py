"""A note cut into pieces at the ends of its evidence, so that any page can mark what each stretch of it is evidence for."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from notecheck.models import NoteReport


class Mark(NamedTuple):
    """One quotation: the characters `start` to `end` of the note speak for `about` (an element's id, or a code)."""

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
    return sorted(found, key=lambda m: (m.start, -m.end, m.about))


def segments(text: str, marks: list[Mark]) -> Iterator[Segment]:
    """The whole text in order. Marks may overlap; one that reaches past the text is cut, an empty one is left out."""
    kept = [m for m in marks if 0 <= m.start < min(m.end, len(text))]
    cuts = sorted({0, len(text), *(m.start for m in kept), *(min(m.end, len(text)) for m in kept)})
    for start, end in pairwise(cuts):
        yield Segment(start, text[start:end], tuple(m for m in kept if m.start <= start and end <= m.end))
