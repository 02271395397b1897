"""The files that people open in a spreadsheet."""

import csv
import io

import pytest
from write.reports import note, report

from notecheck.failures import Failure
from notecheck.models import Note, NoteReport
from notecheck.write.table import FailureWriter, SummaryWriter, cell

ELEMENTS = ("pain.location", "pain.severity", "function.sleep", "imaging.findings")


def summary(*pairs: tuple[Note, NoteReport]) -> list[dict[str, str]]:
    out = io.StringIO()
    writer = SummaryWriter(out, ELEMENTS)
    for n, r in pairs:
        writer.write(n, r)
    return list(csv.DictReader(io.StringIO(out.getvalue())))


def test_a_row_a_note_and_a_column_an_element() -> None:
    (row,) = summary((note(), report()))
    assert row == {
        "note_id": "'=visit-1",
        "provider": "'@Okafor",
        "service_date": "2025-11-25",
        "in_scope": "yes",
        "doc_type": "visit",
        "profile": "spine-visit",
        "completeness": "0.60",
        "missing": "1",
        "partial": "1",
        "pain.location": "documented",
        "pain.severity": "partial",
        "function.sleep": "missing",
        "imaging.findings": "",
        "codes_supported": "M54.50",
        "codes_billed": "M54.5",
        "claim_problems": "M54.5 not_valid_on_date",
        "warnings": "The service date was read from the note.",
    }


def test_a_note_out_of_scope_has_empty_columns() -> None:
    other = NoteReport(note_id="n", in_scope=False, doc_type="other", profile="spine-visit")
    (row,) = summary((note(), other))
    assert row["in_scope"] == "no" and [row[c] for c in ("completeness", "missing", "partial", *ELEMENTS)] == [""] * 7


@pytest.mark.parametrize("value", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_cell_is_never_a_formula(value: str) -> None:
    assert cell(value) == "'" + value


@pytest.mark.parametrize("value", ["M54.5", "a=b", "", None, 7])
def test_other_cells_stay_as_they_are(value: object) -> None:
    assert cell(value) == ("" if value is None else str(value))


def test_failures_are_listed_with_their_place() -> None:
    out = io.StringIO()
    FailureWriter(out).write(Failure(source="=export.csv", row=7, reason="the note's text is empty."))
    assert list(csv.DictReader(io.StringIO(out.getvalue()))) == [
        {"source": "'=export.csv", "row": "7", "note_id": "", "reason": "the note's text is empty."}
    ]
