"""An audit held in memory, for the tests of the writers: the same rows as the store's, from reports made by hand."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime

from notecheck.failures import Failure
from notecheck.models import Note, NoteReport
from notecheck.tables import (
    AuditedNote,
    ClaimProblem,
    CodeRow,
    CodeTotals,
    CoverageRow,
    CoverageTotals,
    ElementTotals,
    EvidenceRow,
    Order,
    ProviderTotals,
    RunInfo,
    Totals,
    WorklistRow,
)

RUN = RunInfo(
    run_id=1,
    started=datetime(2026, 3, 4, 9, 30, tzinfo=UTC),
    finished=datetime(2026, 3, 4, 9, 31, tzinfo=UTC),
    source="=export.csv",
    profile="spine-visit",
    as_of=date(2026, 3, 4),
    notecheck_version="0.1.0",
    pack_name="spine",
    pack_version="1",
    pack_hash="0123456789abcdef" * 4,
)


class MemoryAudit:
    """The notes given, numbered from 1, in input order."""

    def __init__(self, done: Iterable[tuple[Note, NoteReport]], failed: Iterable[Failure] = (), run: RunInfo = RUN) -> None:
        self._done = [AuditedNote(seq=n, note=note, report=report) for n, (note, report) in enumerate(done, 1)]
        self._failed = list(failed)
        self.run = run

    def _scoped(self) -> list[AuditedNote]:
        return [a for a in self._done if a.report.in_scope]

    def totals(self) -> Totals:
        scoped = self._scoped()
        bins = Counter(min(int((a.report.completeness or 0) * 10), 9) for a in scoped)
        return Totals(
            notes=len(self._done) + len(self._failed),
            checked=len(self._done),
            failed=len(self._failed),
            in_scope=len(scoped),
            incomplete=sum(bool(a.report.missing) for a in scoped),
            mean_completeness=_mean(scoped),
            completeness_histogram=tuple(bins[n] for n in range(10)),
            verdicts=_verdicts(self._done),
            codes_supported=sum(c.support == "supported" for a in self._done for c in a.report.codes),
            codes_unbilled=sum(len(a.report.unbilled) for a in self._done),
        )

    def worklist(self, order: Order = "worst") -> Iterator[WorklistRow]:
        for a in self.notes(order):
            n, r = a.note, a.report
            yield WorklistRow(
                seq=a.seq,
                note_id=n.note_id,
                provider=n.provider,
                service_date=r.service_date,
                in_scope=r.in_scope,
                doc_type=r.doc_type,
                completeness=r.completeness,
                missing=r.missing,
                partial=r.partial,
                billed=n.codes,
                supported=tuple(c.code for c in r.codes if c.support == "supported"),
                claim_problems=tuple(ClaimProblem(code=c.code, verdict=c.verdict) for c in r.claim if c.verdict != "supported"),
                unbilled=r.unbilled,
                coverage_open=sum(c.met != "yes" for c in r.coverage),
                warnings=r.warnings,
            )

    def notes(self, order: Order = "input") -> Iterator[AuditedNote]:
        yield from sorted(self._done, key=_badness) if order == "worst" else self._done

    def note(self, seq: int) -> AuditedNote | None:
        return next((a for a in self._done if a.seq == seq), None)

    def failures(self) -> Iterator[Failure]:
        yield from self._failed

    def elements(self) -> list[ElementTotals]:
        scoped = self._scoped()
        return [
            ElementTotals(
                element=e,
                statuses=dict(Counter(a.report.elements[e].status for a in scoped if e in a.report.elements)),
                required=sum(e in a.report.required for a in scoped),
                missing=sum(e in a.report.missing for a in scoped),
                partial=sum(e in a.report.partial for a in scoped),
            )
            for e in dict.fromkeys(e for a in scoped for e in a.report.elements)
        ]

    def providers(self) -> list[ProviderTotals]:
        whole = _mean(self._scoped())
        found = []
        for name in dict.fromkeys(a.note.provider for a in self._done):
            own = [a for a in self._done if a.note.provider == name]
            mean = _mean([a for a in own if a.report.in_scope])
            verdicts = _verdicts(own)
            found.append(
                ProviderTotals(
                    provider=name,
                    notes=len(own),
                    in_scope=sum(a.report.in_scope for a in own),
                    mean_completeness=mean,
                    difference=None if mean is None or whole is None else mean - whole,
                    most_missed=tuple(Counter(e for a in own for e in a.report.missing).most_common(5)),
                    billed=sum(verdicts.values()),
                    claim_problems=sum(verdicts.values()) - verdicts.get("supported", 0),
                    verdicts=verdicts,
                )
            )
        return found

    def code_totals(self) -> list[CodeTotals]:
        rows = list(self.codes())
        return [
            CodeTotals(
                code=code,
                description=next((r.description for r in rows if r.code == code and r.description), ""),
                billed=sum(r.billed for r in rows if r.code == code),
                supported=sum(r.support == "supported" for r in rows if r.code == code),
                unbilled=sum(code in a.report.unbilled for a in self._done),
                verdicts=dict(Counter(r.verdict for r in rows if r.code == code and r.verdict)),
            )
            for code in sorted({r.code for r in rows})
        ]

    def codes(self) -> Iterator[CodeRow]:
        for a in self._done:
            said = {c.code: c for c in a.report.codes}
            claimed = {c.code: c for c in a.report.claim}
            for code in dict.fromkeys([*a.note.codes, *said]):
                claim, support = claimed.get(code), said.get(code)
                yield CodeRow(
                    seq=a.seq,
                    note_id=a.note.note_id,
                    provider=a.note.provider,
                    service_date=a.report.service_date,
                    code=code,
                    description=support.description if support else "",
                    billed=code in a.note.codes,
                    verdict=claim.verdict if claim else None,
                    support=support.support if support else None,
                    reason=claim.reason if claim else support.reason if support else "",
                    use_instead=claim.use_instead if claim else (),
                )

    def coverage(self) -> Iterator[CoverageRow]:
        for a in self._done:
            for finding in a.report.coverage:
                yield CoverageRow(
                    seq=a.seq, note_id=a.note.note_id, provider=a.note.provider, service_date=a.report.service_date, finding=finding
                )

    def coverage_totals(self) -> list[CoverageTotals]:
        findings = [row.finding for row in self.coverage()]
        return [
            CoverageTotals(policy=f.policy, id=f.id, criterion=f.criterion, met=dict(Counter(x.met for x in findings if x.id == f.id)))
            for f in {f.id: f for f in findings}.values()
        ]

    def evidence(self) -> Iterator[EvidenceRow]:
        for a in self._done:
            for element, finding in a.report.elements.items():
                for e in finding.evidence:
                    yield EvidenceRow(seq=a.seq, note_id=a.note.note_id, element=element, status=finding.status, evidence=e)


def _mean(notes: list[AuditedNote]) -> float | None:
    shares = [a.report.completeness for a in notes if a.report.completeness is not None]
    return sum(shares) / len(shares) if shares else None


def _verdicts(notes: list[AuditedNote]) -> dict[str, int]:
    return dict(Counter(c.verdict for a in notes for c in a.report.claim))


def _badness(a: AuditedNote) -> tuple[bool, int, float, int]:
    problems = sum(c.verdict != "supported" for c in a.report.claim)
    return (not a.report.in_scope, -problems, a.report.completeness if a.report.completeness is not None else 1.0, a.seq)
