"""An audit: every note of an input checked, three files written as it goes, and totals at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from notecheck.batch import Outcome
from notecheck.failures import Failure, InputError
from notecheck.models import NoteReport
from notecheck.write import jsonl
from notecheck.write.files import private_file, private_folder
from notecheck.write.table import FailureWriter, SummaryWriter


@dataclass
class Totals:
    """What an audit found, over all its notes. `stopped` when it was interrupted: then it holds what was done until then."""

    checked: int = 0
    failed: int = 0
    in_scope: int = 0
    incomplete: int = 0
    missing: Counter[str] = field(default_factory=Counter)
    partial: Counter[str] = field(default_factory=Counter)
    verdicts: Counter[str] = field(default_factory=Counter)
    stopped: bool = False
    _completeness: float = 0.0

    @property
    def notes(self) -> int:
        return self.checked + self.failed

    @property
    def mean_completeness(self) -> float | None:
        """Of the notes in scope, 0 to 1; None when there is none."""
        return self._completeness / self.in_scope if self.in_scope else None

    def add(self, report: NoteReport) -> None:
        self.checked += 1
        self.verdicts.update(c.verdict for c in report.claim)
        if report.in_scope:
            self.in_scope += 1
            self.incomplete += bool(report.missing)
            self._completeness += report.completeness or 0.0
            self.missing.update(report.missing)
            self.partial.update(report.partial)


def audit(outcomes: Iterable[Outcome], output: Path, elements: Iterable[str], on_note: Callable[[], None] = lambda: None) -> Totals:
    """Writes `reports.jsonl` (one NoteReport a line, in input order), `summary.csv` and `failures.csv` into the folder `output`.

    Interrupted by Ctrl-C it keeps what is done so far and returns its totals.
    """
    if output.exists() and not output.is_dir():
        raise InputError(f"{output} is a file; give a folder to write the audit to.")
    totals = Totals()
    private_folder(output)
    with (
        private_file(output / "reports.jsonl") as reports,
        private_file(output / "summary.csv") as summary,
        private_file(output / "failures.csv") as failed,
    ):
        rows, failures = SummaryWriter(summary, elements), FailureWriter(failed)
        try:
            for outcome in outcomes:
                if isinstance(outcome, Failure):
                    failures.write(outcome)
                    totals.failed += 1
                else:
                    reports.write(jsonl.line(outcome.report))
                    rows.write(outcome.note, outcome.report)
                    totals.add(outcome.report)
                on_note()
        except KeyboardInterrupt:
            totals.stopped = True
    return totals
