"""What the components of the pipeline leave for one another on a Doc: `doc._.notecheck`."""

from __future__ import annotations

from dataclasses import dataclass, field

from spacy.tokens import Doc

from notecheck.models import Assertion, Value
from notecheck.packs import PackRule


@dataclass(frozen=True, slots=True)
class Heading:
    """A section heading: its characters and the section it opens."""

    start: int
    end: int
    section: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence by characters, the section it stands in, and where its text begins after a heading."""

    start: int
    end: int
    section: str
    body: int


@dataclass(frozen=True, slots=True)
class CueWords:
    """The words that decided an assertion, and where they stand."""

    text: str
    start: int
    end: int


@dataclass(slots=True)
class Match:
    """A rule's match before and after its assertion is known."""

    rule: PackRule
    start: int
    end: int
    sentence: int
    value: Value
    assertion: Assertion = "present"
    cue: CueWords | None = None


@dataclass(slots=True)
class Analysis:
    folded: str
    headings: list[Heading] = field(default_factory=list)
    sentences: list[Sentence] = field(default_factory=list)
    matches: list[Match] = field(default_factory=list)


if not Doc.has_extension("notecheck"):
    Doc.set_extension("notecheck", default=None)
