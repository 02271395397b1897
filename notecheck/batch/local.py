"""Checks many notes in processes of this machine: in input order, streaming, and a note that fails costs only itself."""

from __future__ import annotations

import multiprocessing
import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from itertools import chain, islice
from pathlib import Path

from pebble import ProcessExpired, ProcessPool

from notecheck.batch import worker
from notecheck.batch.outcomes import Checked, Outcome
from notecheck.batch.worker import Answer
from notecheck.failures import Failure
from notecheck.models import Note

TIME_LIMIT = 20.0  # seconds a note
_NOTES, _CHARACTERS = 16, 100_000  # of one parcel: large enough to hide the cost of sending it, small enough to share out evenly
_AHEAD = 4  # parcels under way for each worker


def cores() -> int:
    """The cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def check_all(
    items: Iterable[Note | Failure],
    *,
    patterns: Path | None = None,
    profile: str = "spine-visit",
    jobs: int | None = None,
    time_limit: float = TIME_LIMIT,
) -> Iterator[Outcome]:
    """One outcome an item, in input order; failures that come in go out in their place. Holds a bounded number of notes.

    A note that takes more than `time_limit` seconds, or that ends its worker process, is a Failure; the others are done all the same.
    Raises PackError for patterns or a profile that cannot be used. A script that calls this needs the usual `if __name__ == "__main__":`, since
    its processes import the script.
    """
    parcels = _parcels(items)
    jobs = max(1, jobs or cores())
    first = list(islice(parcels, jobs))
    if not first:
        return
    # Workers start afresh (spawn): a fork of a process that has threads may hang.
    pool = ProcessPool(
        max_workers=min(jobs, len(first)),
        initializer=worker.start,
        initargs=(patterns, profile),
        context=multiprocessing.get_context("spawn"),
    )
    sender = _Sender(pool, time_limit)
    waiting: deque[tuple[list[Note | Failure], Future[list[Answer]]]] = deque()
    try:
        for parcel in chain(first, parcels):
            waiting.append((parcel, sender.send(_notes(parcel))))
            if len(waiting) >= jobs * _AHEAD:
                yield from sender.settle(*waiting.popleft())
        while waiting:
            yield from sender.settle(*waiting.popleft())
        pool.close()
    finally:
        pool.stop()
        pool.join()


class _Sender:
    def __init__(self, pool: ProcessPool, time_limit: float) -> None:
        self._pool, self._limit = pool, time_limit

    def send(self, notes: list[Note]) -> Future[list[Answer]]:
        return self._pool.schedule(worker.check, args=(notes,), timeout=self._limit)

    def settle(self, parcel: list[Note | Failure], future: Future[list[Answer]]) -> Iterator[Outcome]:
        """The outcomes of one parcel, once it is done."""
        notes = _notes(parcel)
        try:
            answers = iter(future.result())
        except (TimeoutError, ProcessExpired):
            # One of them is to blame. Alone, each gets its own time and its own worker.
            answers = (self._alone(note) for note in notes)
        for item in parcel:
            if isinstance(item, Failure):
                yield item
                continue
            answer = next(answers)
            if answer.report is None:
                yield Failure(source=item.source, row=item.row, note_id=item.note_id, reason=answer.reason)
            else:
                yield Checked(item, answer.report)

    def _alone(self, note: Note) -> Answer:
        try:
            return self.send([note]).result()[0]
        except TimeoutError:
            return Answer(None, f"the note took longer than the limit of {self._limit:g} s; split it, or raise --time-limit.")
        except ProcessExpired as e:
            return Answer(None, f"the note ended the process that checked it (exit code {e.exitcode}); please report it.")


def _notes(parcel: list[Note | Failure]) -> list[Note]:
    return [item for item in parcel if isinstance(item, Note)]


def _parcels(items: Iterable[Note | Failure]) -> Iterator[list[Note | Failure]]:
    parcel: list[Note | Failure] = []
    characters = 0
    for item in items:
        parcel.append(item)
        characters += len(item.text) if isinstance(item, Note) else 0
        if len(parcel) == _NOTES or characters > _CHARACTERS:
            yield parcel
            parcel, characters = [], 0
    if parcel:
        yield parcel
