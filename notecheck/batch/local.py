"""Checks many notes in processes of this machine: in input order, streaming, and a note that fails costs only itself.

Each worker process has a pipe of its own and a thread of this process that talks to it. So a worker may be killed at any moment, even
half-way through an answer, and nobody else notices: in a pool whose workers share one pipe and its lock, such a death can stop them all.
The threads also keep the workers busy while the results are being stored.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import TypeVar

from notecheck.batch import worker
from notecheck.batch.outcomes import Carried, Checked
from notecheck.batch.process import Died, Process, TooSlow
from notecheck.batch.worker import Answer, Task
from notecheck.failures import Failure, InputError
from notecheck.models import Note

TIME_LIMIT = 20.0  # seconds a note
MEMORY_LIMIT = 2 << 30  # bytes that notes may take in a worker, on top of what the checker takes
_NOTES, _CHARACTERS = 16, 100_000  # of one parcel: large enough to hide the cost of sending it, small enough to share out evenly
_AHEAD = 16  # parcels under way for each worker: enough for a second, as long as the store may take to put its log into the file
_STARTS, _ALONE = 5, 2  # attempts: to start a worker, and to check a note that had a worker to itself when the worker died

Passing = TypeVar("Passing", bound=Failure | Carried)  # what is no note goes through as it is


def cores() -> int:
    """The cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def check_all(
    items: Iterable[Note | Passing],
    *,
    patterns: Path | None = None,
    profile: str = "spine-visit",
    jobs: int | None = None,
    time_limit: float = TIME_LIMIT,
    memory_limit: int | None = MEMORY_LIMIT,
    today: date | None = None,
    with_text: bool = True,
) -> Iterator[Checked | Failure | Passing]:
    """One outcome an item, in input order; what is no note goes out in its place as it came in. Holds a bounded number of notes.

    A note that takes more than `time_limit` seconds or `memory_limit` bytes (where the system can be told so), or that ends its worker
    process twice, is a Failure; the others are done all the same. One without a date of service is judged as of `today`. With `with_text`
    false the reports hold no word of the notes.

    Raises PackError for patterns or a profile that cannot be used. A script that calls this needs the usual `if __name__ == "__main__":`, since
    its processes import the script.
    """
    jobs = max(1, jobs or cores())
    workers = _Workers(Task(patterns, profile, today, with_text, memory_limit), jobs, time_limit)
    waiting: deque[tuple[list[Note | Passing], Future[list[Answer]] | None]] = deque()
    try:
        for parcel in _parcels(items):
            notes = [item for item in parcel if isinstance(item, Note)]
            waiting.append((parcel, workers.send(notes) if notes else None))
            while waiting and (len(waiting) >= jobs * _AHEAD or _done(waiting[0][1])):
                yield from _settled(*waiting.popleft())
        while waiting:
            yield from _settled(*waiting.popleft())
    finally:
        workers.stop()


def _done(answered: Future[list[Answer]] | None) -> bool:
    return answered is None or answered.done()


def _settled(parcel: list[Note | Passing], answered: Future[list[Answer]] | None) -> Iterator[Checked | Failure | Passing]:
    """The outcomes of one parcel, once it is done."""
    answers = iter(answered.result() if answered else ())
    for item in parcel:
        if not isinstance(item, Note):
            yield item
            continue
        answer = next(answers)
        if answer.report is None:
            yield Failure(source=item.source, row=item.row, note_id=item.note_id, reason=answer.reason)
        else:
            yield Checked(item, answer.report)


class _Workers:
    """So many worker processes, each started when there is work for it, and started again when it has died."""

    def __init__(self, task: Task, jobs: int, time_limit: float) -> None:
        self._task, self._limit = task, time_limit
        self._threads = ThreadPoolExecutor(jobs, thread_name_prefix="notecheck-worker")
        self._own = threading.local()
        self._lock = threading.Lock()
        self._all: set[Process] = set()
        self._stopped = False

    def send(self, notes: list[Note]) -> Future[list[Answer]]:
        """Has these notes checked; the answers are in their order."""
        return self._threads.submit(self._check, notes)

    def stop(self) -> None:
        """Ends all workers, whatever they are at."""
        with self._lock:
            self._stopped = True
            for each in self._all:
                each.end()
        self._threads.shutdown(cancel_futures=True)

    def _check(self, notes: list[Note]) -> list[Answer]:
        try:
            return self._asked(notes)
        except (TooSlow, Died):
            # One of them may be to blame. Alone, each gets its own time and its own worker.
            return [self._alone(note) for note in notes]

    def _alone(self, note: Note) -> Answer:
        code: int | None = None
        for _ in range(_ALONE):  # once more, lest a worker that was killed from outside counts against a good note
            try:
                return self._asked([note])[0]
            except TooSlow:
                return Answer(None, f"the note took longer than the limit of {self._limit:g} s; split it, or raise --time-limit.")
            except Died as e:
                code = e.code
        return Answer(None, f"the note ended the process that checked it, twice (exit code {code}); please report it.")

    def _asked(self, notes: list[Note]) -> list[Answer]:
        mine: Process | None = getattr(self._own, "worker", None)
        if mine is None:
            mine = self._own.worker = self._started()
        try:
            answers: list[Answer] = mine.ask(notes, self._limit)
            return answers
        except (TooSlow, Died):
            self._own.worker = None
            with self._lock:
                self._all.discard(mine)
            raise

    def _started(self) -> Process:
        died = Died(None)
        for _ in range(_STARTS):
            with self._lock:
                if self._stopped:
                    raise InputError("the run was stopped.")
                new = Process(worker.start, worker.check, self._task)
                self._all.add(new)
            try:
                new.loaded()
                return new
            except Died as e:
                died = e
                with self._lock:
                    self._all.discard(new)
        raise InputError(
            f"the process that checks notes ended {_STARTS} times while it was starting (exit code {died.code}); "
            "is there enough memory? Try --jobs 1."
        )


def _parcels(items: Iterable[Note | Passing]) -> Iterator[list[Note | Passing]]:
    parcel: list[Note | Passing] = []
    characters = 0
    for item in items:
        parcel.append(item)
        characters += len(item.text) if isinstance(item, Note) else 0
        if len(parcel) == _NOTES or characters > _CHARACTERS:
            yield parcel
            parcel, characters = [], 0
    if parcel:
        yield parcel
