"""Reports as JSON."""

import json

from write.reports import report

from notecheck.models import NoteReport
from notecheck.write import jsonl


def test_a_line_is_one_line_and_comes_back_as_the_same_report() -> None:
    line = jsonl.line(report())
    assert line.endswith("\n") and line.count("\n") == 1
    assert NoteReport.model_validate_json(line) == report()


def test_one_report_is_an_object_and_several_are_an_array() -> None:
    assert json.loads(jsonl.pretty([report()]))["note_id"] == "=visit-1"
    assert [r["note_id"] for r in json.loads(jsonl.pretty([report(), report()]))] == ["=visit-1", "=visit-1"]
