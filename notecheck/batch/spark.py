"""The audit over a Spark DataFrame, and the same over files for the command line: for exports that outgrow one machine.

`audit` turns a DataFrame of notes into one of reports, and leaves when and where it runs to Spark. notecheck must be installed on every
worker, and a pack of one's own must stand there at the same path.

>>> from notecheck.batch import spark  # doctest: +SKIP
>>> reports = spark.audit(session.read.parquet("notes.parquet"))
>>> reports.where("failure is null").groupBy("provider").avg("completeness").show()
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from notecheck.batch import spark_worker
from notecheck.batch.local import TIME_LIMIT
from notecheck.batch.outcomes import Checked, Outcome
from notecheck.batch.spark_worker import Answer, Job
from notecheck.failures import Failure, InputError
from notecheck.models import Note, NoteReport
from notecheck.packs import PackError, load_pack
from notecheck.read import Columns
from notecheck.read.columns import Tell, untold

if TYPE_CHECKING:
    from pyspark import RDD
    from pyspark.sql import DataFrame, SparkSession

# One row a row of the input. `failure` says why a note could not be checked; all but position and note_id are null then.
SCHEMA = """
    position long, note_id string, provider string, site string, payer string, note_type string, service_date date,
    in_scope boolean, doc_type string, profile string, completeness double, missing array<string>, partial array<string>,
    elements map<string, string>, billed array<string>,
    codes array<struct<code: string, description: string, support: string, reason: string, more_specific: array<string>>>,
    claim array<struct<code: string, verdict: string, reason: string, use_instead: array<string>>>, unbilled array<string>,
    coverage array<struct<policy: string, id: string, criterion: string, met: string, reason: string>>,
    warnings array<string>, report string, failure string
"""
_BY_NAME = Columns()
_UNNAMED = ":0"  # a note without an id is called by its file and row, and a worker knows neither
_AHEAD = 3  # jobs under way, of as many partitions as there are cores: a free core never waits for the slowest of the others


def audit(
    df: DataFrame,
    *,
    patterns: Path | None = None,
    profile: str = "spine-visit",
    columns: Columns = _BY_NAME,
    position: str | None = None,
    time_limit: float = TIME_LIMIT,
    today: date | None = None,
) -> DataFrame:
    """The reports of a DataFrame of notes, as `SCHEMA` says: `elements` maps an element to its status, `report` is the whole as JSON.

    The columns of `df` are known by their names as in every export, or named in `columns`; a note without an id is `row:POSITION`.
    `position` names the column that is to say which row a report belongs to; by default rows are numbered in the order of the partitions,
    with gaps. Nothing is moved: each partition is checked where it is, so a DataFrame of fewer partitions than cores is worth a
    `repartition` before. A note may take `time_limit` seconds; one without a date of service is judged as of `today`.

    Raises PackError for patterns or a profile that cannot be used, InputError where a needed column is missing.
    """
    from pyspark.sql import functions as F

    from notecheck.batch.spark_source import fields

    job = _job(patterns, profile, columns, time_limit, today)
    place = F.col(f"`{position}`").cast("long") if position else F.monotonically_increasing_id()
    return df.select(place.alias("position"), *fields(df, columns)).mapInArrow(partial(spark_worker.audited, job), SCHEMA)


def check_all(
    source: Path | str,
    columns: Columns = _BY_NAME,
    *,
    master: str = "local[*]",
    patterns: Path | None = None,
    profile: str = "spine-visit",
    time_limit: float = TIME_LIMIT,
    today: date | None = None,
    with_text: bool = True,
    tell: Tell = untold,
    session: SparkSession | None = None,
) -> Iterator[Outcome]:
    """One outcome a row of the source, in input order, as `batch.check_all` gives: Parquet, CSV, JSON Lines or Delta, a file or a folder.

    Streams: the driver holds the answers of a few partitions. `tell` is told the columns of each kind of table. With `with_text` false the
    reports hold no word of the notes. Starts a Spark on `master` for itself, unless given a session. A note that ends its Python process is
    tried as often as Spark is set to, and then ends the run.

    Raises InputError where pyspark or Java is missing, the source cannot be read, or Spark fails; PackError for patterns that cannot be used.
    """
    from notecheck.batch import spark_session, spark_source

    job = replace(_job(patterns, profile, columns, time_limit, today), with_text=with_text)
    with ExitStack() as stack:
        session = session or stack.enter_context(spark_session.session(master))
        with _spoken():
            rows = spark_source.rows(session, str(source), columns, tell)
            yield from _outcomes(_streamed(rows.rdd, partial(spark_worker.answers, job)))


def _job(patterns: Path | None, profile: str, columns: Columns, time_limit: float, today: date | None) -> Job:
    pack = load_pack(patterns)
    if profile not in pack.profiles:
        raise PackError(f"there is no profile called {profile}; the pack has {', '.join(pack.profiles)}")
    changed = max(file.stat().st_mtime_ns for file in pack.root.rglob("*.yaml"))
    return Job(patterns and patterns.resolve(), changed, profile, columns, time_limit, today or date.today())


def _streamed(rows: RDD[Any], check: partial[Iterator[Answer]]) -> Iterator[Answer]:
    """The answers of all partitions in order. Spark's own iterator over an RDD would check one partition at a time, on one core."""
    context = rows.context
    width, last = context.defaultParallelism, rows.getNumPartitions()
    waves = (range(first, min(first + width, last)) for first in range(0, last, width))
    waiting: deque[Future[list[Answer]]] = deque()
    with ThreadPoolExecutor(_AHEAD, "notecheck-spark") as threads:
        try:
            for wave in waves:
                waiting.append(threads.submit(context.runJob, rows, check, list(wave)))
                if len(waiting) == _AHEAD:
                    yield from waiting.popleft().result()
            while waiting:
                yield from waiting.popleft().result()
        finally:
            if waiting:
                context.cancelAllJobs()
                threads.shutdown(wait=False, cancel_futures=True)


def _outcomes(answers: Iterable[Answer]) -> Iterator[Outcome]:
    """The answers as outcomes, each with its file and the number of its row there, and each note id once."""
    file, row, seen = None, 0, set[str]()
    for answer in answers:
        row = row + 1 if answer.source == file else 1
        file = answer.source
        name = unquote(file.rpartition("/")[2]) if file else None
        failure = partial(Failure, source=name, row=row)
        if answer.note is None or answer.report is None:
            yield failure(note_id=answer.note_id, reason=answer.reason)
            continue
        note, report = Note.model_validate_json(answer.note), answer.report
        if note.note_id == _UNNAMED:
            note = note.model_copy(update={"note_id": f"{name}:{row}"})
            report = NoteReport.model_validate_json(report).model_copy(update={"note_id": note.note_id}).model_dump_json()
        if note.note_id in seen:
            yield failure(note_id=note.note_id, reason="this note id was used by an earlier note; give each note an id of its own.")
            continue
        seen.add(note.note_id)
        yield Checked(note.model_copy(update={"source": name, "row": row}), report)


@contextmanager
def _spoken() -> Iterator[None]:
    """What Spark complains of, without what it quotes: an error of a row holds the row."""
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        yield
    except (PySparkException, Py4JError) as e:
        kind = (e.getCondition() if isinstance(e, PySparkException) else None) or type(e).__name__
        raise InputError(
            f"Spark could not do it ({kind}); see that the source is whole, and that notecheck is installed on every worker."
        ) from None
