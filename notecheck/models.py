"""The one vocabulary of notecheck: what goes in (Note), what passes between the parts (Mention), what comes out (NoteReport).

Every model is frozen. Offsets are character positions in the note as given: `evidence.text == note.text[evidence.start:evidence.end]`.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

SCHEMA_VERSION = 1
LONGEST_NOTE = 1_000_000  # characters; a clinical note is a hundredth of that, so more is a file read wrongly

Status = Literal["documented", "denied", "partial", "missing", "not_applicable"]
Assertion = Literal["present", "absent", "possible", "historical", "hypothetical", "family"]
Support = Literal["supported", "needs_documentation", "excluded"]
Verdict = Literal["supported", "unsupported", "not_billable", "not_valid_on_date", "excluded", "less_specific", "outside_pack"]
Met = Literal["yes", "no", "not_documented"]
DocType = Literal["visit", "procedure", "imaging", "discharge", "other"]

Value = dict[str, Any]
_HALVES = re.compile("[\ud800-\udfff]")


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Note(Frozen):
    """One clinical note and what the export says of it. `source` and `row` say where it stood, for messages; the findings rest on none of them."""

    note_id: str
    text: str = Field(repr=False)
    service_date: date | None = None
    provider: str | None = None
    site: str | None = None
    payer: str | None = None
    note_type: str | None = None
    codes: tuple[str, ...] = ()
    source: str | None = None
    row: int | None = None

    @field_validator("note_id", "text", mode="before")
    @classmethod
    def _whole_characters(cls, value: Any) -> Any:
        """Halves of characters, which a JSON escape can hold but no output could write, become a visible mark each: offsets hold."""
        return value if not isinstance(value, str) or value.isascii() else _HALVES.sub("\N{REPLACEMENT CHARACTER}", value)


class Evidence(Frozen):
    """Words of the note: `text == note.text[start:end]`."""

    text: str
    start: int
    end: int
    section: str


class Why(Frozen):
    """How a finding came about: the rule that read it, and the cue that turned it, if any."""

    rule: str
    assertion: Assertion
    cue: str | None = None
    section: str


class Mention(Frozen):
    """One match of one mention rule, after its assertion and attachment are decided. It knows no spaCy."""

    rule: str
    element: str | None
    concept: str | None
    status: Status
    assertion: Assertion
    cue: str | None = None
    value: Value = Field(default_factory=dict)
    text: str
    start: int
    end: int
    section: str
    sentence: int

    @property
    def evidence(self) -> Evidence:
        return Evidence(text=self.text, start=self.start, end=self.end, section=self.section)


class Reading(Frozen):
    """What extraction hands to assessment: one note's scope, kind and mentions, in text order."""

    in_scope: bool
    scope_reason: str
    doc_type: DocType
    mentions: tuple[Mention, ...] = ()


class ElementFinding(Frozen):
    status: Status
    value: Value | None = None
    evidence: tuple[Evidence, ...] = ()
    why: tuple[Why, ...] = ()


class CodeFinding(Frozen):
    code: str
    description: str
    support: Support
    reason: str
    evidence: tuple[Evidence, ...] = ()
    more_specific: tuple[str, ...] = ()


class ClaimFinding(Frozen):
    code: str
    verdict: Verdict
    reason: str
    use_instead: tuple[str, ...] = ()


class CoverageFinding(Frozen):
    policy: str
    id: str
    criterion: str
    source: str
    in_force_from: date | None = None
    in_force_to: date | None = None
    met: Met
    reason: str
    evidence: tuple[Evidence, ...] = ()


class Query(Frozen):
    element: str
    text: str


class NoteReport(Frozen):
    """The answer for one note. Its JSON is stable and versioned (`schema_version`)."""

    schema_version: int = SCHEMA_VERSION
    note_id: str
    in_scope: bool
    doc_type: DocType
    profile: str
    service_date: date | None = None
    elements: dict[str, ElementFinding] = Field(default_factory=dict)
    required: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    partial: tuple[str, ...] = ()
    completeness: float | None = Field(None, description="Share of the required elements that are documented or denied, 0 to 1.")
    codes: tuple[CodeFinding, ...] = ()
    claim: tuple[ClaimFinding, ...] = ()
    unbilled: tuple[str, ...] = Field((), description="Supported codes that the claim does not carry; empty where no codes were billed.")
    coverage: tuple[CoverageFinding, ...] = ()
    queries: tuple[Query, ...] = ()
    warnings: tuple[str, ...] = ()
