"""Parquet, read by DuckDB a vector at a time: memory grows with a row group of the columns that are read, not with the file."""

from __future__ import annotations

import glob
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import duckdb

from notecheck.failures import Failure, InputError
from notecheck.models import Note
from notecheck.read import duck, record
from notecheck.read.columns import Columns, Tell, untold

_MAGIC = b"PAR1"


def read(stream: BinaryIO, name: str, columns: Columns = Columns(), tell: Tell = untold) -> Iterator[Note | Failure]:
    """The notes of the rows; `row` counts them from 1."""
    with _named(stream, name) as file, duck.connect() as database:
        try:
            names = [str(column[0]) for column in database.execute("DESCRIBE SELECT * FROM read_parquet(?)", [file]).fetchall()]
            rows = record.Rows(names, columns, name, tell)
            wanted = list(dict.fromkeys(column for columns_of in rows.found.values() for column in columns_of))
            rows = record.Rows(wanted, columns, name)
            selected = ", ".join('"' + column.replace('"', '""') + '"' for column in wanted)
            result = database.execute(f"SELECT {selected} FROM read_parquet(?)", [file])
            for number, row in enumerate(duck.fetched(result), start=1):
                yield rows.note(row, number)
        except duckdb.Error as e:
            raise InputError(f"{name} is a damaged Parquet file; copy it or export it again.") from e


def count(stream: BinaryIO, name: str) -> int:
    """How many rows the file says it has."""
    with _named(stream, name) as file, duck.connect() as database:
        try:
            (total,) = database.execute("SELECT sum(num_rows)::BIGINT FROM parquet_file_metadata(?)", [file]).fetchall()[0]
        except duckdb.Error as e:
            raise InputError(f"{name} is a damaged Parquet file; copy it or export it again.") from e
    return int(total)


@contextmanager
def _named(stream: BinaryIO, name: str) -> Iterator[str]:
    """A path by which DuckDB can open the file: its own, or that of a copy, readable by its owner alone, that goes when it is done with."""
    _refuse_half(stream, name)
    path = getattr(stream, "name", None)
    if isinstance(path, str) and Path(path).is_file() and not glob.has_magic(path):
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="notecheck-") as folder:
        copy = Path(folder, "export.parquet")
        with copy.open("wb") as file:
            shutil.copyfileobj(stream, file)
        yield str(copy)


def _refuse_half(stream: BinaryIO, name: str) -> None:
    stream.seek(-len(_MAGIC), os.SEEK_END)
    whole = stream.read() == _MAGIC
    stream.seek(0)
    if not whole:
        raise InputError(f"{name} is a Parquet file that is cut short; copy it or export it again.")
