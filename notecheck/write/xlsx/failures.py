"""The sheet Failures: what could not be checked, where it stands, and why."""

from __future__ import annotations

from notecheck.tables import Audit
from notecheck.write.xlsx.tables import Book, Column, Table

_COLUMNS = (Column("Source", 36), Column("Row", 9, "number"), Column("Note", 26, "line"), Column("Why, and what to do", 110))
_ABOUT = "What could not be checked. Mend it at its source and run the audit again with --resume: only what is new or changed is checked."


def write_failures(book: Book, audit: Audit) -> None:
    """Writes the sheet."""
    table = Table(book, "Failures", _ABOUT, _COLUMNS, frozen=0)
    for failure in audit.failures():
        table.add([failure.source, failure.row, failure.note_id, failure.reason])
    table.close("Every note was checked.")
