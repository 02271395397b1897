"""The sheet Worklist: a row a note, the worst first."""

from __future__ import annotations

from collections.abc import Mapping

from notecheck.tables import Audit, WorklistRow
from notecheck.write.text import ElementWords, words
from notecheck.write.xlsx.cells import Cell, Link, Styled
from notecheck.write.xlsx.tables import Book, Column, Table, data_bars, names

_COLUMNS = (
    Column("Note", 25, "line"),
    Column("Provider", 14, may_be_empty=True),
    Column("Site", 14, may_be_empty=True),
    Column("Payer", 14, may_be_empty=True),
    Column("Note type", 14, may_be_empty=True),
    Column("Date of service", 12, "date"),
    Column("Kind", 12),
    Column("Complete", 11, "share"),
    Column("Claim problems", 25, may_be_empty=True),
    Column("Missing", 40),
    Column("Partial", 28),
    Column("Billed", 15, may_be_empty=True),
    Column("Supported", 15),
    Column("Supported, not billed", 14, may_be_empty=True),
    Column("Coverage open", 10, "number", may_be_empty=True),
    Column("Remarks", 32, may_be_empty=True),
)
_COMPLETE = 7
_ABOUT = "Every checked note, the worst first: most claim problems, then least complete; notes out of scope last."


def write_worklist(book: Book, audit: Audit, elements: Mapping[str, ElementWords], pages: int) -> None:
    """Writes the sheet. Of the worst `pages` notes, each in scope leads to its page."""
    about = _ABOUT + (" A note's id opens its page." if pages else "")
    table = Table(book, "Worklist", about, _COLUMNS, finish=data_bars(_COMPLETE))
    for n, row in enumerate(audit.worklist("worst")):
        table.add(_cells(row, elements, n < pages))
    table.close("No note was checked.")


def _cells(row: WorklistRow, elements: Mapping[str, ElementWords], has_page: bool) -> list[Cell]:
    return [
        note_cell(row.note_id, row.page if has_page else None),
        row.provider,
        row.site,
        row.payer,
        row.note_type,
        row.service_date,
        row.doc_type if row.in_scope else Styled("out of scope", "grey"),
        row.completeness,
        "; ".join(f"{problem.code} {words(problem.verdict)}" for problem in row.claim_problems),
        names(row.missing, elements),
        names(row.partial, elements),
        ", ".join(row.billed),
        ", ".join(row.supported),
        ", ".join(row.unbilled),
        row.coverage_open,
        " ".join(row.warnings),
    ]


def note_cell(note_id: str, page: str | None) -> Cell:
    """The note's id, leading to its page where it has one."""
    return Link(note_id, f"external:{page}") if page else note_id
