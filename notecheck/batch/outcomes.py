"""What becomes of each note of an input, whichever engine checks it."""

from __future__ import annotations

from typing import NamedTuple

from notecheck.failures import Failure
from notecheck.models import Note, NoteReport


class Checked(NamedTuple):
    """A note and its report, as the JSON that the worker sent: most of what is done with a report needs no more."""

    note: Note
    report_json: str

    @property
    def report(self) -> NoteReport:
        """The report, read from its JSON at each call."""
        return NoteReport.model_validate_json(self.report_json)


class Carried(NamedTuple):
    """A note whose report an earlier run has made: it goes through an engine in its place and is not checked. `key` names the report."""

    note: Note
    key: str


Outcome = Checked | Failure
