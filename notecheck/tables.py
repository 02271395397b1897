"""The rows of an audit: what the store answers and the writers put on paper. The vocabulary between `batch/` and `write/`.

An `Audit` is one run over one export. Rows come in the order of the input unless a method says otherwise; `seq` counts the input's
notes and failures from 1.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, Literal, Protocol

from pydantic import Field

from notecheck.failures import Failure
from notecheck.models import CoverageFinding, DocType, Evidence, Frozen, Met, Note, NoteReport, Status, Support, Verdict

Order = Literal["input", "worst"]

NO_PROBLEM: tuple[Verdict, ...] = ("supported", "outside_pack")
"""The verdicts that find no fault in a claim: a code outside the pack was not judged."""


class RunInfo(Frozen):
    """One run: what it read, with which version of what, and how far it came. `finished` is None while it goes on or was cut short."""

    run_id: int
    started: datetime
    finished: datetime | None = None
    source: str
    profile: str
    as_of: date = Field(description="What counts as today for a note that gives no date of service: the day the run was begun.")
    notecheck_version: str
    pack_name: str
    pack_version: str
    pack_hash: str = Field(description="SHA-256 of the pattern files.")
    with_text: bool = Field(True, description="False where the store keeps no word of a note (`--no-text`).")
    options: dict[str, Any] = Field(default_factory=dict)


class ClaimProblem(Frozen):
    """A billed code whose verdict is neither `supported` nor `outside_pack`: the latter was not judged, and is no problem found."""

    code: str
    verdict: Verdict


class WorklistRow(Frozen):
    """One checked note, in brief."""

    seq: int
    note_id: str
    provider: str | None = None
    site: str | None = None
    payer: str | None = None
    note_type: str | None = None
    service_date: date | None = None
    in_scope: bool
    doc_type: DocType
    completeness: float | None = None
    missing: tuple[str, ...] = ()
    partial: tuple[str, ...] = ()
    billed: tuple[str, ...] = ()
    supported: tuple[str, ...] = ()
    claim_problems: tuple[ClaimProblem, ...] = ()
    unbilled: tuple[str, ...] = ()
    coverage_open: int = Field(0, description="Coverage criteria that are not met or not documented.")
    warnings: tuple[str, ...] = ()

    @property
    def page(self) -> str | None:
        """The note's page, relative to the audit's folder; None where a note gets none (out of scope)."""
        return page_of(self.seq) if self.in_scope else None


class AuditedNote(Frozen):
    """One checked note with its report. `note.text` and all quotations are empty in a run that keeps no text."""

    seq: int
    note: Note
    report: NoteReport


class Totals(Frozen):
    """A whole run in figures. `mean_completeness` is over the notes in scope, 0 to 1; None where there is none."""

    notes: int = 0
    checked: int = 0
    failed: int = 0
    in_scope: int = 0
    incomplete: int = Field(0, description="Notes in scope with at least one required element missing.")
    mean_completeness: float | None = None
    completeness_histogram: tuple[int, ...] = Field(
        (0,) * 10, description="Notes in scope by completeness: below 10 %, below 20 %, …, 90 % and more."
    )
    doc_types: dict[str, int] = Field(default_factory=dict)
    verdicts: dict[str, int] = Field(default_factory=dict)
    codes_supported: int = 0
    codes_unbilled: int = 0

    @property
    def claim_problems(self) -> int:
        """How many billed codes have a verdict that finds a fault."""
        return sum(n for verdict, n in self.verdicts.items() if verdict not in NO_PROBLEM)


class ElementTotals(Frozen):
    """One element over the notes in scope: how many have each status, and how many lack it though it is required."""

    element: str
    statuses: dict[Status, int]
    required: int
    missing: int
    partial: int


class ProviderTotals(Frozen):
    """One provider (None: notes that name none) against the whole."""

    provider: str | None
    notes: int
    in_scope: int
    mean_completeness: float | None
    difference: float | None = Field(None, description="Its mean completeness less that of all notes in scope.")
    most_missed: tuple[tuple[str, int], ...] = Field(
        (), description="Up to five elements with the number of notes that lack them, most first."
    )
    billed: int = 0
    claim_problems: int = 0
    verdicts: dict[str, int] = Field(default_factory=dict)


class CodeTotals(Frozen):
    """One code over the run: how often billed, with which verdicts, how often supported, and supported but not billed."""

    code: str
    description: str = ""
    billed: int = 0
    supported: int = 0
    unbilled: int = 0
    verdicts: dict[str, int] = Field(default_factory=dict)


class CodeRow(Frozen):
    """One code of one note, billed, supported or pointed at."""

    seq: int
    note_id: str
    provider: str | None = None
    service_date: date | None = None
    code: str
    description: str = ""
    billed: bool
    verdict: Verdict | None = None
    support: Support | None = None
    reason: str = ""
    use_instead: tuple[str, ...] = ()


class CoverageRow(Frozen):
    """One coverage criterion of one note."""

    seq: int
    note_id: str
    provider: str | None = None
    service_date: date | None = None
    finding: CoverageFinding


class CoverageTotals(Frozen):
    """One criterion over the run."""

    policy: str
    id: str
    criterion: str
    met: dict[Met, int]


class EvidenceRow(Frozen):
    """One quotation behind one element's status."""

    seq: int
    note_id: str
    element: str
    status: Status
    rule: str = ""
    evidence: Evidence


class Audit(Protocol):
    """One run, to read from. Iterators stream; nothing holds the whole run."""

    @property
    def run(self) -> RunInfo: ...
    def totals(self) -> Totals: ...
    def worklist(self, order: Order = "worst") -> Iterator[WorklistRow]:
        """Worst first: most claim problems, then the least complete, then input order; notes out of scope last."""
        ...

    def notes(self, order: Order = "input") -> Iterator[AuditedNote]: ...
    def note(self, seq: int) -> AuditedNote | None: ...
    def failures(self) -> Iterator[Failure]: ...
    def elements(self) -> list[ElementTotals]: ...
    def providers(self) -> list[ProviderTotals]: ...
    def code_totals(self) -> list[CodeTotals]: ...
    def codes(self) -> Iterator[CodeRow]: ...
    def coverage(self) -> Iterator[CoverageRow]: ...
    def coverage_totals(self) -> list[CoverageTotals]: ...
    def evidence(self) -> Iterator[EvidenceRow]: ...


def page_of(seq: int) -> str:
    """The path of a note's page in the audit's folder. A number only: a file name carries nothing of the patient."""
    return f"notes/{seq // 1000:04}/{seq:07}.html"
