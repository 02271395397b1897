"""Reports as JSON: one a line for programs, one indented for people."""

from __future__ import annotations

import json
from collections.abc import Iterable

from notecheck.models import NoteReport


def line(report: NoteReport) -> str:
    """The report as one line of JSON, with its line end."""
    return report.model_dump_json() + "\n"


def pretty(reports: Iterable[NoteReport]) -> str:
    """One report as an indented object; several as an array."""
    dumped = [report.model_dump(mode="json") for report in reports]
    return json.dumps(dumped[0] if len(dumped) == 1 else dumped, ensure_ascii=False, indent=2)
