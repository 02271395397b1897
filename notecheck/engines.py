"""What an audit reads, and where it is checked: the engines that `notecheck.audit.audit` runs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from notecheck import read
from notecheck.audit import Engine, Known
from notecheck.batch.local import MEMORY_LIMIT, TIME_LIMIT, check_all
from notecheck.batch.outcomes import Carried, Checked
from notecheck.batch.worker import can_limit_memory
from notecheck.failures import Failure, InputError
from notecheck.models import Note
from notecheck.read.columns import Columns, Tell, untold
from notecheck.read.sources import File, files


@dataclass(frozen=True)
class Source:
    """Where the notes come from: paths, or a query to a database. `tell` is told the columns of each table."""

    paths: tuple[Path, ...] = ()
    query: str | None = None
    database: str | None = None
    columns: Columns = Columns()
    tell: Tell = untold

    def __str__(self) -> str:
        return ", ".join(map(str, self.paths)) if self.paths else self.query or ""

    def read(self) -> Iterator[Note | Failure]:
        """The notes. Raises InputError where there is none, or the whole cannot be read."""
        if self.query and self.database:
            return read.read_query(self.query, self.database, self.columns, self.tell)
        return read.read_all(self.paths, self.columns, self.tell)

    def files(self) -> Iterator[tuple[str, Iterator[File]]]:
        """Each path with the files that are read of it; raises InputError, when they are asked for, where it is gone."""
        return ((str(path), files(path)) for path in self.paths)

    def count(self) -> int | None:
        """The number of notes, near enough for a progress bar; None where it is not known."""
        counts = [read.count(path, self.columns) for path in self.paths]
        known = [n for n in counts if n is not None]
        return sum(known) if known and len(known) == len(counts) else None


def local(
    source: Source,
    *,
    patterns: Path | None = None,
    profile: str = "spine-visit",
    jobs: int | None = None,
    time_limit: float = TIME_LIMIT,
    memory_limit: int | None = MEMORY_LIMIT,
    with_text: bool = True,
) -> Engine:
    """Processes of this machine. What an earlier run has checked is carried over."""

    def run(known: Known, today: date) -> Iterator[Checked | Failure | Carried]:
        items = (item if isinstance(item, Failure) else known(item) or item for item in source.read())
        return check_all(
            items,
            patterns=patterns,
            profile=profile,
            jobs=jobs,
            time_limit=time_limit,
            memory_limit=memory_limit if can_limit_memory() else None,
            today=today,
            with_text=with_text,
        )

    return run


def on_spark(
    source: Source,
    *,
    master: str,
    patterns: Path | None = None,
    profile: str = "spine-visit",
    time_limit: float = TIME_LIMIT,
    with_text: bool = True,
) -> Engine:
    """Spark, on this master. It checks every note, whatever an earlier run has checked. Raises InputError for a source that it cannot take."""
    from notecheck.batch import spark

    if len(source.paths) != 1:
        raise InputError("--engine spark reads one SOURCE, a file or a folder; for several, or a query, leave --engine spark out.")

    def run(_: Known, today: date) -> Iterator[Checked | Failure | Carried]:
        return spark.check_all(
            source.paths[0],
            source.columns,
            master=master,
            patterns=patterns,
            profile=profile,
            time_limit=time_limit,
            today=today,
            with_text=with_text,
            tell=source.tell,
        )

    return run
