"""A whole audit in a process of its own, for tests that kill it: python audited.py OUTPUT NOTES [--resume] [--real].

Without --real the workers are the stand-in of `misbehaving.py`, each note takes a few milliseconds, and one in nine fails.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parents[1]))

if TYPE_CHECKING:
    from notecheck.audit import Known
    from notecheck.batch.outcomes import Carried, Checked
    from notecheck.failures import Failure
    from notecheck.models import Note

SAMPLES = sorted((Path(__file__).parents[2] / "sample_notes").glob("*.txt"))


def items(count: int, real: bool) -> Iterator[Note | Failure]:
    from notecheck.failures import Failure
    from notecheck.models import Note

    for n in range(1, count + 1):
        if n % 9 == 0:
            yield Failure(source="export.csv", row=n, note_id=f"n{n}", reason="the note's text is empty.")
            continue
        text = SAMPLES[n % len(SAMPLES)].read_text(encoding="utf-8") if real else f"sleep 0.01{n % 7}"
        yield Note(note_id=f"n{n}", text=text, provider=f"p{n % 3}", codes=("M54.5",), source="export.csv", row=n)


def main(output: Path, count: int, resume: bool, real: bool) -> None:
    # Here, since every worker imports this file, and should start fast.
    from batch import misbehaving

    from notecheck.audit import audit, write_files
    from notecheck.batch import local, store
    from notecheck.batch.exports import export
    from notecheck.batch.plan import Plan
    from notecheck.batch.results import open_audit
    from notecheck.failures import Failure

    store._NOTES = 4  # commits often: there is something to lose at any time
    if not real:
        local.worker = misbehaving  # type: ignore[assignment]

    def engine(known: Known, today: date) -> Iterator[Checked | Failure | Carried]:
        known_or_not = (item if isinstance(item, Failure) else known(item) or item for item in items(count, real))
        return local.check_all(known_or_not, jobs=1 if real else 2, today=today)

    done = audit(engine, output, Plan("input", "spine-visit", "0", "spine", "1", "hash"), resume=resume, today=date(2026, 3, 4))
    with open_audit(output, done.run_id) as finished:
        list(write_files(finished, {}, output, ["tables"]))
        list(export(finished, output / "tables", "csv"))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), "--resume" in sys.argv, "--real" in sys.argv)
