"""Opens an audit's store. What can be wrong with the file is said in one sentence: not there, in use, damaged, of another version."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb

from notecheck.batch import schema
from notecheck.failures import InputError

FILE = "audit.duckdb"
# What does not fit is spilled to a folder beside the store, which DuckDB removes again.
_WRITING = {"memory_limit": "128MB", "threads": "1"}  # beside the workers, all through a run
_READING = {"memory_limit": "384MB", "threads": "2"}
_SETTINGS = {
    "checkpoint_threshold": "32MB",  # of the log, whose rows are held in memory until they are put into the file
    "max_vacuum_tasks": "0",  # else each checkpoint puts earlier rows in order too, and takes the longer the larger the file is
    "autoinstall_known_extensions": "false",  # nothing is fetched over the network
    "autoload_known_extensions": "false",
}


def create(folder: Path, *, with_text: bool) -> None:
    """Makes an empty store in this folder, readable by its owner alone. It takes its name when it is complete."""
    partial = folder / f"{FILE}.partial"
    for old in (partial, partial.with_name(partial.name + ".wal")):
        old.unlink(missing_ok=True)
    with private(), _connect(partial, read_only=False) as connection:
        for statement in schema.statements():
            connection.execute(statement)
        connection.execute("INSERT INTO store VALUES ($1, $2)", [schema.SCHEMA_VERSION, with_text])
    partial.replace(folder / FILE)


def connect(folder: Path, *, read_only: bool) -> duckdb.DuckDBPyConnection:
    """The store of this folder. Raises InputError where it cannot be used."""
    path = folder / FILE
    if not path.is_file():
        raise InputError(f"{folder} holds no audit (there is no {FILE} in it); make one with `notecheck audit SOURCE --output {folder}`.")
    with private():
        connection = _connect(path, read_only)
    try:
        version = connection.execute("SELECT schema_version FROM store").fetchone()
    except duckdb.Error as e:
        connection.close()
        if isinstance(e, duckdb.CatalogException):
            raise InputError(f"{path} is a database, but not an audit of notecheck; give another folder.") from None
        raise _damaged(path) from None
    if version is None or version[0] != schema.SCHEMA_VERSION:
        connection.close()
        raise InputError(
            f"{path} was written by another version of notecheck (tables of version {version[0] if version else '?'}, "
            f"this one reads {schema.SCHEMA_VERSION}); audit into another folder, or use the version that wrote it."
        )
    return connection


@contextmanager
def transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """All of what is done within, or nothing of it."""
    with private():
        try:
            connection.begin()
            yield
        except (duckdb.IOException, duckdb.OutOfMemoryException, duckdb.FatalException):
            _rolled_back(connection)
            raise _full() from None
        except BaseException:
            _rolled_back(connection)
            raise
        try:
            connection.commit()
        except duckdb.Error:  # of whatever kind: it could not be written
            _rolled_back(connection)
            raise _full() from None


def _rolled_back(connection: duckdb.DuckDBPyConnection) -> None:
    with suppress(duckdb.Error):  # a transaction that broke is over already
        connection.rollback()


def _full() -> InputError:
    return InputError("the store could not be written: look for room on the disk, and go on with --resume.")


@contextmanager
def told(path: Path) -> Iterator[None]:
    """What reading within finds broken is told as one sentence."""
    try:
        yield
    except (duckdb.IOException, duckdb.InternalException, duckdb.FatalException, duckdb.SerializationException):
        raise _damaged(path) from None


def _connect(path: Path, read_only: bool) -> duckdb.DuckDBPyConnection:
    try:
        return duckdb.connect(str(path), read_only=read_only, config={**_SETTINGS, **(_READING if read_only else _WRITING)})
    except duckdb.Error as e:
        said = str(e)
        if "lock on file" in said or "used by another process" in said:
            raise InputError(f"{path} is in use by another notecheck (a run or a page that is open); wait for it, or end it.") from None
        if "not a valid DuckDB database" in said or "version number" in said:
            raise InputError(
                f"{path} is no DuckDB database that this version of DuckDB can read; move it away or give another folder."
            ) from None
        for reason in ("permission denied", "read-only file system", "no space left on device"):
            if isinstance(e, duckdb.IOException) and reason in said.lower():
                raise InputError(f"{path} cannot be opened: {reason}.") from None
        raise _damaged(path) from None


def _damaged(path: Path) -> InputError:
    return InputError(f"{path} is damaged and cannot be read; move it (and {path.name}.wal) away and run the audit again.")


@contextmanager
def private() -> Iterator[None]:
    """Files made within (the database, its log) are their owner's alone."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)
