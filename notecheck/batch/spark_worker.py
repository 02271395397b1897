"""What runs inside a Spark worker's Python process: records in, reports out, with one checker loaded for the life of the process."""

from __future__ import annotations

import gc
import json
import signal
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, NamedTuple

from notecheck.failures import Failure, InputError, spoken
from notecheck.models import Note, NoteReport
from notecheck.read import record
from notecheck.read.columns import Columns

if TYPE_CHECKING:
    import pyarrow as pa

    from notecheck.batch.wordless import Wordless
    from notecheck.checker import Checker

_ROWS = 64  # reports of one batch on the way back: with their evidence they are several times the size of the notes

STRAY = "the row has not as many columns as the header; look for a stray quote or delimiter."


@dataclass(frozen=True)
class Job:
    """What every worker has to know. `today` is settled once, so that a run over midnight is of one day."""

    patterns: Path | None
    changed: int  # when the pattern files last were: a process that outlives a change of theirs loads them anew
    profile: str
    columns: Columns  # for records that are lines of JSON
    time_limit: float
    today: date
    with_text: bool = True


class Answer(NamedTuple):
    """A record's note and report as JSON, which is far cheaper to send than the models, or the reason why there is none."""

    source: str | None
    note: str | None
    report: str | None
    note_id: str | None = None
    reason: str = ""


class Overtime(BaseException):
    """The time of a note is up. No `Exception`, so that nothing on the way takes it for its own."""


def answers(job: Job, rows: Iterable[Any]) -> Iterator[Answer]:
    """One answer a row of `spark_source.rows`, in order."""
    objects: dict[str, record.Objects] = {}
    for row in rows:
        values = row.asDict()
        source = values.pop("source")
        if "line" in values:
            item = _of_line(values["line"], objects.setdefault(source, record.Objects(job.columns, "")))
        elif values.pop("stray", False):
            item = Failure(reason=STRAY)
        else:
            item = record.note(_decoded(values) if values.pop("as_bytes", False) else values, "", 0)
        report = _checked(job, item)
        if isinstance(report, Failure):
            yield Answer(source, None, None, report.note_id, report.reason)
        elif isinstance(item, Note):
            yield Answer(source, item.model_dump_json(), report.model_dump_json())


def audited(job: Job, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The rows of `spark.SCHEMA` for batches of notes' fields by our names, with their `position`."""
    import pyarrow as pa

    schema = _schema()
    for batch in batches:
        for start in range(0, batch.num_rows, _ROWS):
            rows = [_row(job, values) for values in batch.slice(start, _ROWS).to_pylist()]
            yield pa.RecordBatch.from_pylist(rows, schema=schema)


def _row(job: Job, values: dict[str, Any]) -> dict[str, Any]:
    place = values.pop("position")
    item = record.note(values, "row", place)
    report = _checked(job, item)
    if isinstance(report, Failure):
        return {"position": place, "note_id": report.note_id, "failure": report.reason}
    assert isinstance(item, Note)
    return {
        **item.model_dump(exclude={"text", "service_date", "codes", "source", "row"}),
        **report.model_dump(exclude={"elements"}),  # the schema takes of it what it has
        "position": place,
        "billed": item.codes,
        "elements": [(element, finding.status) for element, finding in report.elements.items()],
        "report": report.model_dump_json(),
    }


def _of_line(line: bytes, objects: record.Objects) -> Note | Failure:
    try:
        return objects.note(json.loads(_text(bytes(line))), 0)
    except (ValueError, RecursionError):
        return Failure(reason="the line is not valid JSON; write one JSON object a line.")


def _decoded(values: dict[str, Any]) -> dict[str, Any]:
    return {field: _text(cell.encode("latin-1")) if isinstance(cell, str) else cell for field, cell in values.items()}


def _text(data: bytes) -> str:
    """As every export is read: UTF-8, and CP-1252 where a byte is none."""
    return data.decode("utf-8", "notecheck.cp1252").removeprefix("\ufeff")


def _checked(job: Job, item: Note | Failure) -> NoteReport | Failure:
    """The report, or why there is none. Whatever the note does, short of ending the process, it costs only itself."""
    if isinstance(item, Failure):
        return item
    checker, wordless = _load(job.patterns, job.changed)
    try:
        with _limit(job.time_limit):
            report = checker.with_profile(job.profile).check(item, today=job.today)
            return report if job.with_text else wordless.report(report)
    except Overtime:
        _load.cache_clear()  # it was stopped anywhere: half an answer may stand in what it keeps between notes
        return Failure(
            note_id=item.note_id, reason=f"the note took longer than the limit of {job.time_limit:g} s; split it, or raise --time-limit."
        )
    except Exception as e:
        return Failure(note_id=item.note_id, reason=spoken(e))


@lru_cache(maxsize=1)
def _load(patterns: Path | None, changed: int) -> tuple[Checker, Wordless]:
    """This process's checker, and what takes the words from its reports.

    Raises, of whatever went wrong, one sentence: Spark writes an error of a worker to its logs.
    """
    try:
        from notecheck.batch.wordless import Wordless
        from notecheck.checker import load  # here, so that the driver, which only names these functions, need not wait for spaCy

        checker = load(patterns)
    except Exception as e:
        raise InputError(spoken(e)) from None
    # Spark looks for garbage after each task, through all of the pack: half a second for nothing.
    gc.collect()
    gc.freeze()
    return checker, Wordless(checker.pack)


@contextmanager
def _limit(seconds: float) -> Iterator[None]:
    """Raises Overtime in the block when its time is up. Only where there are timers and in the main thread, where Spark runs its functions."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:
        raise Overtime

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@lru_cache(maxsize=1)
def _schema() -> pa.Schema:
    """`spark.SCHEMA` as Arrow says it."""
    import pyarrow as pa

    word, words = pa.string(), pa.list_(pa.string())

    def several(**fields: pa.DataType) -> pa.DataType:
        return pa.list_(pa.struct(list(fields.items())))

    return pa.schema(
        [
            ("position", pa.int64()),
            ("note_id", word),
            ("provider", word),
            ("site", word),
            ("payer", word),
            ("note_type", word),
            ("service_date", pa.date32()),
            ("in_scope", pa.bool_()),
            ("doc_type", word),
            ("profile", word),
            ("completeness", pa.float64()),
            ("missing", words),
            ("partial", words),
            ("elements", pa.map_(word, word)),
            ("billed", words),
            ("codes", several(code=word, description=word, support=word, reason=word, more_specific=words)),
            ("claim", several(code=word, verdict=word, reason=word, use_instead=words)),
            ("unbilled", words),
            ("coverage", several(policy=word, id=word, criterion=word, met=word, reason=word)),
            ("warnings", words),
            ("report", word),
            ("failure", word),
        ]
    )
