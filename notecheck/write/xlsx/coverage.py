"""The sheets Coverage (a row a criterion of the payer's rule) and Coverage by note."""

from __future__ import annotations

from notecheck.tables import Audit
from notecheck.write.xlsx.styles import OF_MET
from notecheck.write.xlsx.tables import Book, Column, Table, chip, data_bars

_TOTALS = (
    Column("Policy", 18),
    Column("Criterion", 80),
    Column("Id", 26),
    Column("Met", 9, "number"),
    Column("Not met", 9, "number"),
    Column("Not documented", 12, "number"),
    Column("Share met", 10, "share"),
)
_SHARE = 6
_BY_NOTE = (
    Column("Note", 26, "line"),
    Column("Provider", 16, may_be_empty=True),
    Column("Date of service", 12, "date"),
    Column("Policy", 16),
    Column("Criterion", 50),
    Column("Met", 16, "grey"),
    Column("Reason", 54),
    Column("Words of the note", 50, may_be_empty=True),
    Column("Source", 16),
)


def write_coverage(book: Book, audit: Audit) -> None:
    """Writes both sheets. The second is left out where the profile asks for no payer's rule."""
    table = Table(book, "Coverage", "How often each criterion of the payer's rule is met.", _TOTALS, finish=data_bars(_SHARE))
    found = False
    for total in audit.coverage_totals():
        found = True
        met = [total.met.get("yes", 0), total.met.get("no", 0), total.met.get("not_documented", 0)]
        table.add([total.policy, total.criterion, total.id, *met, met[0] / sum(met) if sum(met) else None])
    table.close(f"The profile {audit.run.profile} holds no payer's rule against the notes; --profile names another.")
    if found:
        _write_by_note(book, audit)


def _write_by_note(book: Book, audit: Audit) -> None:
    table = Table(book, "Coverage by note", "Each criterion of the payer's rule, note by note.", _BY_NOTE)
    for row in audit.coverage():
        finding = row.finding
        quoted = " … ".join(e.text for e in finding.evidence)
        lead = row.note_id, row.provider, row.service_date, finding.policy, finding.criterion
        table.add([*lead, chip(finding.met, OF_MET), finding.reason, quoted, finding.source])
    table.close("No criterion was in force on the dates of service.")
