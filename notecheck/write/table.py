"""`summary.csv` (a row a note, a column an element) and `failures.csv`, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from typing import TextIO

from notecheck.failures import Failure
from notecheck.models import Note, NoteReport
from notecheck.tables import NO_PROBLEM

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_LEAD = ("note_id", "provider", "service_date", "in_scope", "doc_type", "profile", "completeness", "missing", "partial")
_TAIL = ("codes_supported", "codes_billed", "claim_problems", "warnings")


def cell(value: object) -> str:
    """The value as a cell that no spreadsheet takes for a formula: one that begins like a formula gets a leading apostrophe."""
    text = "" if value is None else str(value)
    return "'" + text if text.startswith(_FORMULA) else text


class SummaryWriter:
    """Writes one row a note. `missing` and `partial` count required elements; `claim_problems` lists each code with its verdict."""

    def __init__(self, stream: TextIO, elements: Iterable[str]) -> None:
        self._elements = tuple(elements)
        self._rows = csv.writer(stream, lineterminator="\n")
        self._rows.writerow([*_LEAD, *self._elements, *_TAIL])

    def write(self, note: Note, report: NoteReport) -> None:
        statuses = (report.elements[e].status if e in report.elements else "" for e in self._elements)
        completeness = "" if report.completeness is None else f"{report.completeness:.2f}"
        counts = (len(report.missing), len(report.partial)) if report.in_scope else ("", "")
        lead = (
            note.note_id,
            note.provider,
            report.service_date,
            _yes(report.in_scope),
            report.doc_type,
            report.profile,
            completeness,
            *counts,
        )
        tail = (
            _joined(c.code for c in report.codes if c.support == "supported"),
            _joined(note.codes),
            _joined(f"{c.code} {c.verdict}" for c in report.claim if c.verdict not in NO_PROBLEM),
            _joined(report.warnings),
        )
        self._rows.writerow([cell(v) for v in (*lead, *statuses, *tail)])


class FailureWriter:
    """Writes one row a note that could not be checked."""

    def __init__(self, stream: TextIO) -> None:
        self._rows = csv.writer(stream, lineterminator="\n")
        self._rows.writerow(["source", "row", "note_id", "reason"])

    def write(self, failure: Failure) -> None:
        self._rows.writerow([cell(v) for v in (failure.source, failure.row, failure.note_id, failure.reason)])


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _joined(values: Iterable[str] | Sequence[str]) -> str:
    return "; ".join(values)
