"""One checker process of the server, and this end of its pipe. Nobody else holds the pipe, so that its death is seen at once and hurts nobody."""

from __future__ import annotations

import multiprocessing
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import Any

from notecheck.batch.worker import serve
from notecheck.web import worker
from notecheck.web.worker import Answer, Question, Task

_LAST_BREATH = 5.0  # seconds to wait for the exit code of a process whose pipe is closed

# It starts afresh (spawn): a fork of a process that has threads may hang.
_processes = multiprocessing.get_context("spawn")


class TooSlow(Exception):
    """The process did not answer in time, and was ended."""


class Died(Exception):
    """The process ended of itself, or was killed."""

    def __init__(self, code: int | None) -> None:
        super().__init__(f"a checker process ended (exit code {code})")
        self.code = code


class CheckerProcess:
    """Each method blocks, and is called by one thread at a time; `end` by any."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._pipe: Connection | None = None
        self._process: SpawnProcess | None = None

    @property
    def ready(self) -> bool:
        return self._pipe is not None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Starts it, again where it has died, and waits until its checker is loaded. Raises what that cannot be loaded with, or Died."""
        pipe, theirs = _processes.Pipe()
        process = _processes.Process(
            target=serve, args=(theirs, worker.start, worker.answer, self._task), name="notecheck-checker", daemon=True
        )
        process.start()
        theirs.close()
        self._process, self._pipe = process, pipe
        error: Exception | None = self._received(None)
        if error is not None:
            self._close()
            raise error

    def ask(self, question: Question, limit: float) -> Answer:
        """What the process answers within `limit` seconds. Raises TooSlow or Died; then it is to be started again."""
        answer: Answer = self._received(limit, question)
        return answer

    def end(self) -> None:
        """Kills it, whatever it is at."""
        if self._process is not None:
            self._process.kill()
            self._process.join(_LAST_BREATH)

    def _received(self, limit: float | None, sent: Question | None = None) -> Any:
        if self._pipe is None or self._process is None:
            raise Died(None)
        try:
            if sent is not None:
                self._pipe.send(sent)
            if self._pipe.poll(limit):
                return self._pipe.recv()
        except (EOFError, OSError):
            self._process.join(_LAST_BREATH)
            code = self._process.exitcode
            self._close()
            raise Died(code) from None
        self._close()
        raise TooSlow

    def _close(self) -> None:
        self.end()
        if self._pipe is not None:
            self._pipe.close()
        self._pipe = None
