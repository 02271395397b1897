"""The sheets Codes (a row a code) and Codes by note: what was billed against what the notes support."""

from __future__ import annotations

from typing import get_args

from notecheck.models import Verdict
from notecheck.tables import Audit
from notecheck.write.text import words
from notecheck.write.xlsx.styles import OF_SUPPORT, OF_VERDICT
from notecheck.write.xlsx.tables import Book, Column, Table, chip

_VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
_TOTALS = (
    Column("Code", 11),
    Column("Description", 58),
    Column("Billed", 9, "number"),
    *(Column(f"Billed: {words(verdict)}", 13, "number", may_be_empty=True) for verdict in _VERDICTS),
    Column("Notes that support it", 13, "number"),
    Column("Supported, not billed", 13, "number"),
)
_BY_NOTE = (
    Column("Note", 26, "line"),
    Column("Provider", 16, may_be_empty=True),
    Column("Date of service", 12, "date"),
    Column("Code", 11),
    Column("Description", 40),
    Column("Billed", 9),
    Column("Verdict on the claim", 19, "grey", may_be_empty=True),
    Column("What the note says", 21, "grey"),
    Column("Reason", 60),
    Column("Use instead", 20, may_be_empty=True),
)


def write_codes(book: Book, audit: Audit) -> None:
    """Writes both sheets. The second is left out where no note has a code."""
    table = Table(book, "Codes", "Every code that was billed or that a note supports, with the verdicts on its claims.", _TOTALS)
    found = False
    for total in audit.code_totals():
        found = True
        verdicts = (total.verdicts.get(verdict, 0) for verdict in _VERDICTS)
        table.add([total.code, total.description, total.billed, *verdicts, total.supported, total.unbilled])
    table.close("No code was billed, and no note supports one.")
    if found:
        _write_by_note(book, audit)


def _write_by_note(book: Book, audit: Audit) -> None:
    table = Table(book, "Codes by note", "Each code of each note: billed, supported by its words, or short of a statement.", _BY_NOTE)
    for row in audit.codes():
        table.add(
            [
                row.note_id,
                row.provider,
                row.service_date,
                row.code,
                row.description,
                "yes" if row.billed else "no",
                chip(row.verdict, OF_VERDICT),
                chip(row.support, OF_SUPPORT),
                row.reason,
                ", ".join(row.use_instead),
            ]
        )
    table.close("No note has a code.")
