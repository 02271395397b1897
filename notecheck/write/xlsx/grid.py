"""The sheet Elements: a row a note, a column an element, so that gaps common to many notes show as stripes."""

from __future__ import annotations

from collections.abc import Mapping

from notecheck.models import NoteReport, Status
from notecheck.tables import Audit, page_of
from notecheck.write.text import ElementWords
from notecheck.write.xlsx.cells import Cell, Styled
from notecheck.write.xlsx.styles import OF_STATUS
from notecheck.write.xlsx.tables import Book, Column, Table, data_bars
from notecheck.write.xlsx.worklist import note_cell

# Short, for a narrow column; the caption explains them.
_WORDS: dict[Status, str] = {"documented": "yes", "denied": "denied", "partial": "partial", "missing": "missing", "not_applicable": "–"}
_ABOUT = (
    "Notes × elements, the worst note first. yes: documented; denied: stated to be absent; –: does not apply, or missing and not required."
)
_LEAD = (Column("Note", 26, "line"), Column("Provider", 16, "line", may_be_empty=True), Column("Complete", 10, "share"))


def write_grid(book: Book, audit: Audit, elements: Mapping[str, ElementWords], pages: int) -> None:
    """Writes the sheet: the notes in scope, the worst `pages` of them leading to their pages, and every element of the pack."""
    columns = (*_LEAD, *(Column(words.name, 7.3, "grey") for words in elements.values()))
    table = Table(book, "Elements", _ABOUT, columns, frozen=len(_LEAD), turned=len(_LEAD), finish=data_bars(2))
    for n, one in enumerate(audit.notes("worst")):
        if one.report.in_scope:
            lead = note_cell(one.report.note_id, page_of(one.seq) if n < pages else None), one.note.provider, one.report.completeness
            table.add([*lead, *(_cell(one.report, element) for element in elements)])
    table.close("No note was in scope.")


def _cell(report: NoteReport, element: str) -> Cell:
    finding = report.elements.get(element)
    if finding is None or (finding.status == "missing" and element not in report.required):
        return _WORDS["not_applicable"]
    return Styled(_WORDS[finding.status], OF_STATUS[finding.status])
