"""An audit: every note of an input checked, each result stored as it comes, and the files for people and programs written at the end."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from notecheck.batch import database
from notecheck.batch.outcomes import Carried, Checked
from notecheck.batch.plan import Plan
from notecheck.batch.results import StoredAudit
from notecheck.batch.store import Store, open_store
from notecheck.failures import Failure, InputError
from notecheck.models import Note
from notecheck.write.files import private_file, private_folder
from notecheck.write.table import FailureWriter, SummaryWriter

if TYPE_CHECKING:
    from notecheck.rules import Element

Form = Literal["tables", "xlsx", "html", "sarif", "junit"]
FILES: dict[Form, tuple[str, ...]] = {
    "tables": ("reports.jsonl", "summary.csv", "failures.csv"),
    "xlsx": ("audit.xlsx",),
    "html": ("index.html",),
    "sarif": ("audit.sarif",),
    "junit": ("audit.junit.xml",),
}

_PAGES = 10_000  # the worst notes have a page each; beyond them the worklist would be slow to open, and nobody reads so far

Known = Callable[[Note], Carried | None]
Engine = Callable[[Known, date], Iterable[Checked | Failure | Carried]]
"""Checks the input: is given what tells the notes an earlier run has checked, and the day that counts as today."""


@dataclass(frozen=True)
class Done:
    """How a run went. `stopped`: it was interrupted, and what was done until then is stored."""

    run_id: int
    seconds: float
    done: int
    carried: int
    goes_on: bool
    stopped: bool = False


def audit(
    engine: Engine,
    output: Path,
    plan: Plan,
    *,
    resume: bool = False,
    with_text: bool = True,
    today: date | None = None,
    on_note: Callable[[], None] = lambda: None,
) -> Done:
    """Runs the engine, and stores each outcome in the folder `output` as it comes, in input order.

    Interrupted by Ctrl-C, or by an input that cannot be read on, it keeps what is done; with `resume` another call goes on from there.
    """
    if output.exists() and not output.is_dir():
        raise InputError(f"{output} is a file; give a folder to write the audit to.")
    private_folder(output)
    fresh = not (output / database.FILE).exists()
    start = time.monotonic()
    store = open_store(output, with_text=with_text)
    try:
        store.begin(plan, today or date.today(), resume=resume)
        stopped = _store_all(engine(store.known, store.run.as_of), store, on_note)
    except Exception:
        store.commit()
        raise
    finally:
        store.close()
        if fresh and not store.seq:  # an input that could not be read at all leaves nothing behind
            (output / database.FILE).unlink()
    return Done(store.run.run_id, time.monotonic() - start, store.seq, store.carried, store.goes_on, stopped)


def _store_all(outcomes: Iterable[Checked | Failure | Carried], store: Store, on_note: Callable[[], None]) -> bool:
    """Whether it was interrupted."""
    try:
        for outcome in outcomes:
            with _uninterrupted():
                store.add(outcome)
            on_note()
        with _uninterrupted():
            store.finish()
    except KeyboardInterrupt:
        with suppress(KeyboardInterrupt), _uninterrupted():
            store.commit()
        return True
    return False


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Ctrl-C waits until what is done within is done: the store would take it for an end of its transaction."""
    if threading.current_thread() is not threading.main_thread():  # no other gets to know of it
        yield
        return
    asked: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: asked.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if asked:
        raise KeyboardInterrupt


def write_files(audit: StoredAudit, elements: Mapping[str, Element], folder: Path, forms: Iterable[Form]) -> Iterator[str]:
    """Writes the files of each form from the store, and gives the name of each that was written. Imports a form's library when it is asked for."""
    forms = tuple(forms)
    for form in forms:
        match form:
            case "tables":
                _write_tables(audit, elements, folder)
            case "xlsx":
                from notecheck.write import xlsx

                xlsx.write(audit, elements, folder / "audit.xlsx", pages=_PAGES if "html" in forms else 0)
            case "html":
                from notecheck.write import html

                workbook = "audit.xlsx" if "xlsx" in forms or (folder / "audit.xlsx").exists() else None
                html.write(audit, elements, folder, pages=_PAGES, workbook=workbook)
            case "sarif":
                from notecheck.write import sarif

                sarif.write(audit, elements, folder / "audit.sarif")
            case "junit":
                from notecheck.write import junit

                junit.write(audit, elements, folder / "audit.junit.xml")
        yield from FILES[form]


def _write_tables(audit: StoredAudit, elements: Iterable[str], folder: Path) -> None:
    """`reports.jsonl` (one NoteReport a line), `summary.csv` and `failures.csv`, in input order."""
    with private_file(folder / "reports.jsonl") as reports, private_file(folder / "summary.csv") as summary:
        rows = SummaryWriter(summary, elements)
        for note, report in audit.reports():
            reports.write(report + "\n")
            rows.write(note, Checked(note, report).report)
    with private_file(folder / "failures.csv") as failed:
        failures = FailureWriter(failed)
        for failure in audit.failures():
            failures.write(failure)
