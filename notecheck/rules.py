"""What a pack's YAML files may say: one pydantic model a kind of item. `packs.py` reads the files into these."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from notecheck.models import DocType, Status, Value

Reach = Literal["forward", "backward", "bidirectional", "terminate", "pseudo", "answer"]
CueCategory = Literal["NEGATED", "POSSIBLE", "HISTORICAL", "HYPOTHETICAL", "FAMILY", "CURRENT", "TERMINATE"]
Phrases = tuple[str, ...]


class Item(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PackInfo(Item):
    """`pack.yaml`."""

    name: str
    version: str
    description: str
    sources: dict[str, str]


class NotApplicable(Item):
    """A state of another element that makes this one not applicable."""

    element: str
    status: tuple[Status, ...] = ()
    value: Value = Field(default_factory=dict)


class Rank(Item):
    """Of several values keep the one that stands last in `rank`."""

    rank: tuple[str, ...]


Merge = Literal["union", "first", "last", "side"] | Rank


class Element(Item):
    """One documentation element: what it asks for, and how its findings are put together."""

    id: str
    name: str
    asks: str
    satisfied_by: str
    why: str
    source: str
    fix: str
    about: Literal["spine", "any"] = "any"
    values: dict[str, Merge] = Field(default_factory=dict)
    denied_value: Value = Field(default_factory=dict)
    not_applicable_when: tuple[NotApplicable, ...] = ()


class Condition(Item):
    element: str
    status: tuple[Status, ...]


class Requirement(Item):
    element: str
    when: Condition | None = None


class Profile(Item):
    """What one kind of review requires."""

    id: str
    name: str
    description: str
    source: str
    requires: tuple[Requirement, ...]


class Section(Item):
    """The headings that open a section: anywhere, only before a colon, or (`one_line`) before a colon and for their own line only."""

    name: str
    headings: Phrases = ()
    only_with_colon: Phrases = ()
    one_line: Phrases = ()


class Cue(Item):
    """ConText cues of one kind: their words, the way they reach and how far (in tokens). An `answer` reaches back from the end of a cell or line."""

    category: CueCategory
    direction: Reach
    terms: Phrases
    max_scope: int | None = None
    max_targets: int | None = None
    terminated_by: tuple[CueCategory, ...] = ()


class Scope(Item):
    """`scope.yaml`: the words without which no note is in scope, what the words around a mention speak of, and what kind a document is."""

    gate: Phrases
    topics: dict[Literal["spine", "other", "neutral"], Phrases]
    doc_types: tuple[DocTypeRule, ...]
    signals: tuple[ScopeSignal, ...]
    threshold: float


class DocTypeRule(Item):
    doc_type: DocType
    find: Phrases
    within: int = Field(description="only in the first so many characters")


class ScopeSignal(Item):
    """Mentions of `concept` in `sections` add `weight` (below zero: take it from) to the evidence that a note is in scope."""

    concept: str
    sections: tuple[str, ...] = ()
    not_sections: tuple[str, ...] = ()
    assertion: tuple[str, ...] = ("present",)
    statuses: tuple[Status, ...] = ()
    doc_types: tuple[DocType, ...] = ()
    within: int | None = Field(None, description="only in the first so many characters of the note")
    weight: float
    most: int = 1


Scope.model_rebuild()


class Example(Item):
    """A short note. A `match` example must give its rule's mention, with this element, status and value where they are given."""

    text: str
    status: Status | None = None
    element: str | None = None
    value: Value = Field(default_factory=dict)


def _as_example(x: Any) -> Any:
    return {"text": x} if isinstance(x, str) else x


ExampleOrText = Annotated[Example, BeforeValidator(_as_example)]
Effect = Literal["denied", "documented", "partial", "ignore"]


class MentionRule(Item):
    """One mention rule; `patterns/README.md` explains each field."""

    id: str
    element: str | None = None
    concept: str | None = None
    find: Phrases = Field(min_length=1)
    status: Literal["documented", "partial"] = "documented"
    means: Literal["present", "denied"] = "present"
    absent: Effect = "denied"
    uncertain: Literal["keep", "ignore"] = "keep"
    historical: Literal["keep", "ignore"] = "keep"
    hypothetical: Literal["keep", "ignore"] = "ignore"
    value: Value = Field(default_factory=dict)
    measure: dict[str, str] = Field(default_factory=dict)
    sections: tuple[str, ...] = ()
    not_sections: tuple[str, ...] = ()
    about: Literal["spine", "any"] | None = None
    with_: Phrases = Field((), alias="with")
    after: Phrases = ()
    unless: Phrases = ()
    but_not: Phrases = ()
    attach: dict[str, str] = Field(default_factory=dict)
    match: tuple[ExampleOrText, ...] = ()
    no_match: tuple[ExampleOrText, ...] = ()

    @model_validator(mode="after")
    def _speaks_for_something(self) -> MentionRule:
        if not (self.element or self.concept or self.attach):
            raise ValueError("a rule names an element, a concept or attach")
        return self


class Spelling(Item):
    """`spelling.yaml`: long words to mend towards, and real words near them to leave alone."""

    words: tuple[str, ...] = ()
    leave: tuple[str, ...] = ()


class LexiconEntry(Item):
    terms: tuple[str, ...] = ()
    value: Value = Field(default_factory=dict)
    pattern: str | None = None
    triggers: tuple[str, ...] = ()
