"""The server's checker processes. A note that hangs or ends its process costs only its own request; a full queue is told at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated, TypeVar

from fastapi import Depends, Request

from notecheck.batch.process import Died, TooSlow
from notecheck.models import Note, NoteReport
from notecheck.web import fhir_notes, worker
from notecheck.web.problems import Problem, sentence
from notecheck.web.process import CheckerProcess
from notecheck.web.settings import Settings
from notecheck.web.worker import Answer, Question, Task

Result = TypeVar("Result")

RETRY_AFTER = 2  # seconds
_FULL = "The server has as many notes to check as it can hold; try again shortly."
_STARTS = 3  # attempts to start a process again that has died


class Checking:
    """Hands notes to the processes. As many are checked at a time as there are processes; so many more wait; the next one is refused (503)."""

    def __init__(self, settings: Settings) -> None:
        self.workers, self.waiting, self.time_limit = max(1, settings.workers), settings.waiting, settings.time_limit
        self.processes = [CheckerProcess(Task(settings.patterns, settings.profile)) for _ in range(self.workers)]
        self._threads = ThreadPoolExecutor(self.workers, thread_name_prefix="notecheck-checker")  # one to wait for each process
        self._free: asyncio.Queue[CheckerProcess] = asyncio.Queue()
        self._queued = 0
        self._closed = False
        self._renewals: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """Starts the processes and waits until each can answer. Raises PackError for patterns that cannot be used."""
        try:
            await asyncio.gather(*(self._in_thread(p.start) for p in self.processes))
        except BaseException:
            self.close()
            raise
        for p in self.processes:
            self._free.put_nowait(p)

    def close(self) -> None:
        """Ends the processes, whatever they are at."""
        self._closed = True
        for p in self.processes:
            p.end()
        self._threads.shutdown(cancel_futures=True)

    async def check(self, note: Note, profile: str, *, patient: bool = False) -> NoteReport:
        """The report on one note. Raises Problem."""
        return NoteReport.model_validate_json(await self.check_json(note, profile, patient=patient))

    async def check_json(self, note: Note, profile: str, *, patient: bool = False) -> str:
        """The report on one note, as JSON. A `patient` caller waits for its turn however many others wait. Raises Problem."""
        return await self._asked(Question(worker.check, (note, profile)), "note", patient)

    async def text_of(self, data: bytes, name: str) -> str:
        """The text of a document. Raises Problem where it is none that can be read."""
        return await self._asked(Question(worker.text_of, (data, name)), "document", False)

    async def notes_of(self, data: bytes) -> str:
        """The documents of a FHIR resource, for `fhir_notes.sent` to read. Raises Problem."""
        return await self._asked(Question(fhir_notes.notes_of, (data,)), "resource", False)

    async def _asked(self, question: Question, what: str, patient: bool) -> str:
        process = await self._turn(patient)
        answered = self._in_thread(process.ask, question, self.time_limit)
        answered.add_done_callback(lambda _: self._give_back(process))
        try:
            # A request that is given up leaves the process to finish: ending it would cost the next one seconds.
            answer: Answer = await asyncio.shield(answered)
        except TooSlow:
            raise Problem(422, f"The {what} took longer than the limit of {self.time_limit:g} s; split it into its parts.") from None
        except Died as e:
            raise Problem(500, f"The {what} ended the process that was at it (exit code {e.code}); please report it.") from None
        if answer.content is None:
            raise Problem(422 if answer.refused else 500, sentence(answer.reason))
        return answer.content

    async def _turn(self, patient: bool) -> CheckerProcess:
        if not patient and self._free.empty() and self._queued >= self.waiting:
            raise Problem(503, _FULL, headers={"Retry-After": str(RETRY_AFTER)})
        self._queued += 1
        try:
            return await self._free.get()
        finally:
            self._queued -= 1

    def _give_back(self, process: CheckerProcess) -> None:
        if process.ready:
            self._free.put_nowait(process)
        elif not self._closed:
            renewal = asyncio.get_running_loop().create_task(self._renewed(process))
            self._renewals.add(renewal)
            renewal.add_done_callback(self._renewals.discard)

    async def _renewed(self, process: CheckerProcess) -> None:
        """A process that has died is started again at once, so that the next note need not wait for that."""
        for _ in range(_STARTS):
            try:
                await self._in_thread(process.start)
                break
            except Exception:
                await asyncio.sleep(1)
        self._free.put_nowait(process)  # where it could not be started, the next note says so and it is tried again

    def _in_thread(self, function: Callable[..., Result], *arguments: object) -> asyncio.Future[Result]:
        return asyncio.get_running_loop().run_in_executor(self._threads, function, *arguments)


def _of(request: Request) -> Checking:
    found: Checking = request.app.state.checking
    return found


Checks = Annotated[Checking, Depends(_of)]
"""For a route's parameter: the server's checker processes."""
