"""The sheet Evidence: a row a quotation, for whoever has to defend a finding."""

from __future__ import annotations

from collections.abc import Mapping

from notecheck.tables import Audit
from notecheck.write.text import ElementWords, words
from notecheck.write.xlsx.styles import OF_STATUS
from notecheck.write.xlsx.tables import Book, Column, Table, chip, name_of

_COLUMNS = (
    Column("Note", 26, "line"),
    Column("Element", 32),
    Column("Status", 14, "grey"),
    Column("Words of the note", 64, may_be_empty=True),
    Column("Section", 18),
    Column("From", 8, "number"),
    Column("To", 8, "number"),
    Column("Rule", 34, may_be_empty=True),
)


def write_evidence(book: Book, audit: Audit, elements: Mapping[str, ElementWords]) -> None:
    """Writes the sheet, in input order."""
    about = "The words behind each finding, and the characters of the note where they stand."
    if not audit.run.with_text:
        about += " This run keeps no word of a note (--no-text): the places stand alone."
    table = Table(book, "Evidence", about, _COLUMNS)
    for row in audit.evidence():
        e = row.evidence
        name = name_of(row.element, elements)
        table.add([row.note_id, name, chip(row.status, OF_STATUS), e.text, words(e.section), e.start, e.end, row.rule])
    table.close("No note holds evidence for an element.")
