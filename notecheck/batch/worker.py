"""What runs inside a worker process: one checker, loaded once, and notes in, reports out."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from notecheck.failures import spoken
from notecheck.models import Note

if TYPE_CHECKING:
    from notecheck.checker import Checker

_checker: Checker | Exception


class Answer(NamedTuple):
    """The report of one note as JSON (far cheaper to send than the models), or the reason why there is none."""

    report: str | None
    reason: str = ""


def start(patterns: Path | None, profile: str) -> None:
    """Loads this process's checker. What goes wrong is kept for `check` to raise: an error here would not reach the parent."""
    global _checker
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    try:
        from notecheck.checker import load  # here, so that the parent, which only names these functions, need not wait for spaCy

        _checker = load(patterns, profile)
    except Exception as e:
        _checker = e


def check(notes: list[Note]) -> list[Answer]:
    """One answer a note, in order. Raises the error of a checker that could not be loaded."""
    if isinstance(_checker, Exception):
        raise _checker
    return [_answer(_checker, note) for note in notes]


def _answer(checker: Checker, note: Note) -> Answer:
    try:
        return Answer(checker.check(note).model_dump_json())
    except Exception as e:  # whatever this note did, the other notes are still to be checked
        return Answer(None, spoken(e))
