"""One checker process of the server, which may be started again when it has died."""

from __future__ import annotations

from notecheck.batch.process import Died, Process
from notecheck.web import worker
from notecheck.web.worker import Answer, Question, Task


class CheckerProcess:
    """Each method blocks, and is called by one thread at a time; `end` by any."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._process: Process | None = None

    @property
    def ready(self) -> bool:
        return self._process is not None and not self._process.gone

    def start(self) -> None:
        """Starts it, and waits until its checker is loaded. Raises what that cannot be loaded with, or Died."""
        self._process = Process(worker.start, worker.answer, self._task)
        self._process.loaded()

    def ask(self, question: Question, limit: float) -> Answer:
        """What the process answers within `limit` seconds. Raises TooSlow or Died; then it is to be started again."""
        if self._process is None:
            raise Died(None)
        answer: Answer = self._process.ask(question, limit)
        return answer

    def end(self) -> None:
        """Kills it, whatever it is at."""
        if self._process is not None:
            self._process.end()
