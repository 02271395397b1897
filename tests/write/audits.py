"""Audits for the tests of the writers: reports made by hand, in a store as a run leaves it."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path

from notecheck.batch.outcomes import Checked
from notecheck.batch.results import StoredAudit, open_audit
from notecheck.batch.store import Plan, open_store
from notecheck.failures import Failure
from notecheck.models import Note, NoteReport

PLAN = Plan(
    source="=export.csv",
    profile="spine-visit",
    notecheck_version="0.1.0",
    pack_name="spine",
    pack_version="1",
    pack_hash="0123456789abcdef" * 4,
    options={},
)


def stored(
    folder: Path, done: Iterable[tuple[Note, NoteReport]], failed: Iterable[Failure] = (), plan: Plan = PLAN, *, with_text: bool = True
) -> StoredAudit:
    """A finished run over these notes, then these failures. It is open: close it, or use it as a context manager."""
    folder.mkdir(exist_ok=True)
    store = open_store(folder, with_text=with_text)
    store.begin(plan, date(2026, 3, 4), resume=False)
    for note, report in done:
        store.add(Checked(note, report.model_dump_json()))
    for failure in failed:
        store.add(failure)
    store.finish()
    store.close()
    return open_audit(folder)
