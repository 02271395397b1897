"""The process in which the files of a watched folder are read and checked: one that hangs it or ends it costs only itself."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

from notecheck.batch.process import Died, TooSlow
from notecheck.failures import Failure
from notecheck.models import Note, NoteReport
from notecheck.read.documents import LARGEST
from notecheck.web import worker
from notecheck.web.process import CheckerProcess
from notecheck.web.worker import Answer, Question, Task

TIME_LIMIT = 20.0  # seconds a file


class Desk:
    """A process with its checker loaded, for as long as it is open. Raises PackError for patterns or a profile that cannot be used."""

    def __init__(self, patterns: Path | None, profile: str, time_limit: float = TIME_LIMIT) -> None:
        self._process, self._profile, self._limit = CheckerProcess(Task(patterns, profile)), profile, time_limit

    def __enter__(self) -> Desk:
        self._start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._process.end()

    def check(self, path: Path, note_id: str, name: str) -> tuple[Note, NoteReport] | Failure | None:
        """The note of this file with its report, or why there is none; None where the file is gone. `name` is for messages."""
        try:
            with path.open("rb") as f:
                data = f.read(LARGEST + 1)
        except FileNotFoundError:
            return None
        except OSError as e:
            return Failure(source=name, note_id=note_id, reason=f"{name} cannot be opened: {e.strerror or 'read error'}.")
        read = self._ask(worker.text_of, data, name)
        if read.content is None:
            return Failure(source=name, note_id=note_id, reason=read.reason if name in read.reason else f"{name}: {read.reason}")
        note = Note(note_id=note_id, text=read.content)
        answer = self._ask(worker.check, note, self._profile)
        if answer.content is None:
            return Failure(source=name, note_id=note_id, reason=f"{name}: {answer.reason}")
        return note, NoteReport.model_validate_json(answer.content)

    def _start(self) -> None:
        with _ctrl_c_ignored():  # which the process takes over while it starts: Ctrl-C is ours to handle
            self._process.start()

    def _ask(self, function: Callable[..., Answer], *arguments: Any) -> Answer:
        if not self._process.ready:
            self._start()
        try:
            return self._process.ask(Question(function, arguments), self._limit)
        except TooSlow:
            return Answer(None, f"it took longer than the limit of {self._limit:g} s; split it into its notes.")
        except Died as e:
            return Answer(None, f"it ended the process that was at it (exit code {e.code}); please report it.")


@contextmanager
def _ctrl_c_ignored() -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():  # only that one gets signals, and only it may say what becomes of them
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
