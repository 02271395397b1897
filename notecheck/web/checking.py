"""The server's checker processes. A note that hangs or ends its process costs only its own request; a full queue is told at once."""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Depends, Request
from pebble import ProcessExpired, ProcessPool

from notecheck.models import Note, NoteReport
from notecheck.web import fhir_notes, worker
from notecheck.web.problems import Problem
from notecheck.web.settings import Settings
from notecheck.web.worker import Answer

RETRY_AFTER = 2  # seconds


class Checking:
    """Hands notes to the processes. As many run as there are processes; so many more wait; the next one is refused with 503."""

    def __init__(self, settings: Settings) -> None:
        self.workers, self.waiting, self.time_limit = max(1, settings.workers), settings.waiting, settings.time_limit
        self._start = (settings.patterns, settings.profile)
        self._pool: ProcessPool | None = None
        self._free = asyncio.Semaphore(self.workers)
        self._queued = 0

    async def open(self) -> None:
        """Starts the processes and waits until each can answer. Raises PackError for patterns that cannot be used."""
        # Workers start afresh (spawn): a fork of a process that has threads may hang.
        context = multiprocessing.get_context("spawn")
        self._pool = ProcessPool(self.workers, initializer=worker.start, initargs=self._start, context=context)
        seen: set[int] = set()
        while len(seen) < self.workers:
            pool = self._pool
            futures = [pool.schedule(worker.ready) for _ in range(self.workers)]
            seen.update(await asyncio.gather(*map(asyncio.wrap_future, futures)))
            await asyncio.sleep(0.05)

    def close(self) -> None:
        """Ends the processes, whatever they are at."""
        if self._pool is not None:
            self._pool.stop()
            self._pool.join()
            self._pool = None

    async def check(self, note: Note, profile: str, *, patient: bool = False) -> NoteReport:
        """The report on one note. Raises Problem."""
        return NoteReport.model_validate_json(await self.check_json(note, profile, patient=patient))

    async def check_json(self, note: Note, profile: str, *, patient: bool = False) -> str:
        """The report on one note, as JSON. A `patient` caller waits for its turn however many others wait. Raises Problem."""
        return await self._run(worker.check, (note, profile), "note", patient)

    async def text_of(self, data: bytes, name: str) -> str:
        """The text of a document. Raises Problem where it is none that can be read."""
        return await self._run(worker.text_of, (data, name), "document", False)

    async def notes_of(self, data: bytes) -> str:
        """The documents of a FHIR resource, for `fhir_notes.sent` to read. Raises Problem."""
        return await self._run(fhir_notes.notes_of, (data,), "resource", False)

    async def _run(self, function: Callable[..., Answer], arguments: tuple[Any, ...], what: str, patient: bool) -> str:
        await self._turn(patient)
        assert self._pool is not None
        future = self._pool.schedule(function, args=arguments, timeout=self.time_limit)
        loop = asyncio.get_running_loop()
        future.add_done_callback(lambda _: loop.call_soon_threadsafe(self._free.release))
        try:
            # A request that is given up must not end the process that serves it.
            answer: Answer = await asyncio.shield(asyncio.wrap_future(future))
        except TimeoutError:
            raise Problem(422, f"The {what} took longer than the limit of {self.time_limit:g} s; split it into its parts.") from None
        except ProcessExpired as e:
            raise Problem(500, f"The {what} ended the process that was at it (exit code {e.exitcode}); please report it.") from None
        if answer.content is None:
            reason = answer.reason[:1].upper() + answer.reason[1:]
            raise Problem(422 if answer.refused else 500, reason)
        return answer.content

    async def _turn(self, patient: bool) -> None:
        if not patient and self._free.locked() and self._queued >= self.waiting:
            raise Problem(
                503, "The server has as many notes to check as it can hold; try again shortly.", headers={"Retry-After": str(RETRY_AFTER)}
            )
        self._queued += 1
        try:
            await self._free.acquire()
        finally:
            self._queued -= 1


def _of(request: Request) -> Checking:
    found: Checking = request.app.state.checking
    return found


Checks = Annotated[Checking, Depends(_of)]
"""For a route's parameter: the server's checker processes."""
