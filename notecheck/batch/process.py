"""A process that answers what it is asked, and this end of its pipe.

Nobody else holds the pipe, so that the process may be killed at any moment, even half-way through an answer: its death is seen at once and hurts nobody.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from multiprocessing.context import SpawnProcess
from typing import Any

from notecheck.batch import worker

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


class Process:
    """Starts at once. Each method blocks, and is called by one thread at a time; `end` by any."""

    def __init__(self, start: Callable[[Any], None], answer: Callable[[Any], Any], task: object) -> None:
        self._pipe, theirs = _processes.Pipe()
        self._process: SpawnProcess = _processes.Process(
            target=worker.serve, args=(theirs, start, answer, task), name="notecheck-worker", daemon=True
        )
        self._process.start()
        theirs.close()

    @property
    def gone(self) -> bool:
        """Whether it has been found dead, or was ended for being too slow."""
        return self._pipe.closed

    def loaded(self) -> None:
        """Waits until `start` is done. Raises what it raised, or Died."""
        error: Exception | None = self._received(None)
        if error is not None:
            self._close()
            raise error

    def ask(self, question: object, limit: float) -> Any:
        """What the process answers within `limit` seconds. Raises TooSlow or Died; then it is gone."""
        return self._received(limit, question)

    def end(self) -> None:
        """Kills it, whatever it is at."""
        self._process.kill()
        self._process.join(_LAST_BREATH)

    def _received(self, limit: float | None, sent: object = None) -> Any:
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
        self._pipe.close()
