"""What runs inside a worker process: one checker, loaded once, and notes in, reports out."""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
from collections.abc import Callable
from datetime import date
from multiprocessing import parent_process
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from notecheck.failures import spoken
from notecheck.models import Note

if TYPE_CHECKING:
    from notecheck.batch.wordless import Wordless
    from notecheck.checker import Checker

_GIB = 1 << 30


class Answer(NamedTuple):
    """The report of one note as JSON (far cheaper to send than the models), or the reason why there is none."""

    report: str | None
    reason: str = ""


class Task(NamedTuple):
    """What every worker of a run has to know. `memory_limit`, in bytes, is what notes may take on top of the loaded checker."""

    patterns: Path | None = None
    profile: str = "spine-visit"
    today: date | None = None
    with_text: bool = True
    memory_limit: int | None = None


_task: Task
_checker: Checker
_wordless: Wordless | None


def serve(connection: Connection, start: Callable[[Task], None], check: Callable[[list[Note]], list[Answer]], task: Task) -> None:
    """The life of a worker: says when it is ready (None, or the error it cannot start with), then answers each list of notes it is sent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    _die_with_parent()
    try:
        start(task)
    except Exception as e:
        connection.send(e)
        return
    connection.send(None)
    try:
        while True:
            connection.send(check(connection.recv()))
    except (EOFError, OSError):  # the parent has closed its end
        return


def start(task: Task) -> None:
    """Loads this process's checker."""
    from notecheck.checker import load  # here, so that the parent, which only names these functions, need not wait for spaCy

    global _task, _checker, _wordless
    _task, _checker, _wordless = task, load(task.patterns, task.profile), None
    if not task.with_text:
        from notecheck.batch.wordless import Wordless

        _wordless = Wordless(_checker.pack)
    gc.freeze()  # the pack is no garbage: not to be looked through again and again
    if task.memory_limit:
        limit_memory(task.memory_limit)


def check(notes: list[Note]) -> list[Answer]:
    """One answer a note, in order."""
    return [_answer(note) for note in notes]


def _answer(note: Note) -> Answer:
    try:
        report = _checker.check(note, today=_task.today)
        return Answer((_wordless.report(report) if _wordless else report).model_dump_json())
    except MemoryError:
        gc.collect()
        return Answer(None, too_large(_task))
    except Exception as e:  # whatever this note did, the other notes are still to be checked
        return Answer(None, spoken(e))


def too_large(task: Task) -> str:
    """Why a note that ran out of memory was not checked."""
    limit = f"the limit of {task.memory_limit / _GIB:g} GiB" if task.memory_limit else "there is"
    return f"the note takes more memory than {limit}; split it, or raise --memory-limit."


def can_limit_memory() -> bool:
    """Whether this system holds a process to a limit of its own memory: Linux does, for all that it asks for."""
    return sys.platform == "linux"


def limit_memory(extra: int) -> None:
    """Lets this process ask for so many bytes more than it has; what goes beyond raises MemoryError."""
    if can_limit_memory():
        import resource

        held = next(int(line.split()[1]) for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmData:"))
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        wanted = held * 1024 + extra
        resource.setrlimit(resource.RLIMIT_DATA, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))


def _die_with_parent() -> None:
    """Sees to it that this process ends when its parent does, even by kill -9, and whatever it is at then."""
    if sys.platform == "linux":
        import ctypes

        set_death_signal = 1  # PR_SET_PDEATHSIG
        ctypes.CDLL(None).prctl(set_death_signal, signal.SIGKILL)
    parent = parent_process()
    if parent is not None:

        def wait() -> None:
            parent.join()
            os._exit(1)

        threading.Thread(target=wait, daemon=True).start()
