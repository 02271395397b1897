"""The rows of a query, from a DuckDB file or any database that SQLAlchemy knows, fetched as they are needed.

A query is only ever read from: DuckDB and SQLite files are opened so that nothing can be written, and elsewhere nothing is committed.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb

from notecheck.failures import Failure, InputError
from notecheck.models import Note
from notecheck.read import duck, kinds, record
from notecheck.read.columns import Columns, Tell, untold

_ROWS = 200  # at a time


def read(query: str, database: str, columns: Columns = Columns(), tell: Tell = untold) -> Iterator[Note | Failure]:
    """The notes of the query's rows; `row` counts them from 1. `database` is an SQLAlchemy URL, `duckdb:///FILE`, or a DuckDB or SQLite file's path.

    Raises InputError, one sentence, for a database or query that cannot be used; it never shows a password.
    """
    file = _duckdb_file(database)
    yield from _duckdb(query, file, columns, tell) if file is not None else _sqlalchemy(query, database, columns, tell)


def _duckdb_file(database: str) -> str | None:
    """The file of a DuckDB database; None where the database is another. Empty for `duckdb://`, which can query files."""
    if database.startswith("duckdb:"):
        return database.removeprefix("duckdb:").removeprefix("//").removeprefix("/")
    if "://" in database:
        return None
    path = Path(database)
    if not path.is_file():
        raise InputError(
            f"there is no database {path.name}; give the path of a DuckDB or SQLite file, or a URL such as postgresql://HOST/NAME."
        )
    with path.open("rb") as f:
        head = f.read(16)
    if not kinds.is_database(head):
        raise InputError(
            f"{path.name} is neither a DuckDB nor a SQLite database; give another file or a URL such as postgresql://HOST/NAME."
        )
    return None if kinds.is_sqlite(head) else database


def _duckdb(query: str, file: str, columns: Columns, tell: Tell) -> Iterator[Note | Failure]:
    name = Path(file).name or "DuckDB"
    if file and not Path(file).is_file():
        raise InputError(f"there is no database {file}; duckdb:///FILE is relative to this folder, duckdb:////FILE begins at the root.")
    try:
        connection = duck.connect(file)
    except duckdb.Error as e:
        raise InputError(f"{name} cannot be opened as a DuckDB database; another program may hold it, or a newer version wrote it.") from e
    with connection:
        try:
            result = connection.execute(query)
            rows = record.Rows([str(column[0]) for column in result.description or ()], columns, name, tell)
            for number, row in enumerate(duck.fetched(result), start=1):
                yield rows.note(row, number)
        except (duckdb.ParserException, duckdb.BinderException, duckdb.CatalogException) as e:  # these speak of the query, not of the rows
            raise InputError(f"{name} does not understand the query: {_first_line(e)}.") from e
        except duckdb.Error as e:
            raise InputError(f"{name} could not answer the query ({type(e).__name__}); try it in DuckDB itself.") from e


def _sqlalchemy(query: str, database: str, columns: Columns, tell: Tell) -> Iterator[Note | Failure]:
    try:
        import sqlalchemy
    except ImportError:
        raise InputError("reading a database needs an extra: pip install 'notecheck[database]'.") from None
    url = _url(database)
    name = url.database.rsplit("/", 1)[-1] if url.database else url.get_backend_name()
    engine = _engine(url)
    try:
        with engine.connect() as connection:
            if url.get_backend_name() == "sqlite":
                connection.exec_driver_sql("PRAGMA query_only = ON")
            streamed = connection.execution_options(stream_results=True, yield_per=_ROWS)
            result = streamed.exec_driver_sql(query)
            if not result.returns_rows:
                raise InputError(f"{name}: the query gives no rows; write a SELECT.")
            rows = record.Rows(list(result.keys()), columns, name, tell)
            for number, row in enumerate(result, start=1):
                yield rows.note(row, number)
    except (sqlalchemy.exc.ProgrammingError, sqlalchemy.exc.OperationalError) as e:
        raise InputError(f"{name} could not answer: {_said(e, url)}.") from e
    except sqlalchemy.exc.SQLAlchemyError as e:
        raise InputError(f"{name} could not answer the query ({type(e).__name__}); try it in the database's own client.") from e
    finally:
        engine.dispose()


def _url(database: str) -> Any:
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        url = make_url(database if "://" in database else f"sqlite:///{database}")
    except (ArgumentError, ValueError):  # its message holds the URL, and with it a password
        raise InputError("the database URL cannot be read; write it as DIALECT://USER:PASSWORD@HOST/NAME.") from None
    if url.get_backend_name() == "sqlite" and url.database and not Path(url.database).is_file() and not url.database.startswith("file:"):
        raise InputError(
            f"there is no database {url.database}; sqlite:///FILE is relative to this folder, sqlite:////FILE begins at the root."
        )
    return url


def _engine(url: Any) -> Any:
    from sqlalchemy import create_engine
    from sqlalchemy.exc import NoSuchModuleError

    try:
        return create_engine(url, hide_parameters=True)
    except NoSuchModuleError:
        raise InputError(f"no library is installed for {url.drivername} databases; install its SQLAlchemy dialect with pip.") from None
    except ModuleNotFoundError as e:
        raise InputError(f"the driver of {url.get_backend_name()} is not installed: pip install {e.name}.") from None


def _said(error: Any, url: Any) -> str:
    """What the database said of the query or the connection, on one line and without the password."""
    said = _first_line(error.orig if error.orig is not None else error)
    return said.replace(url.password, "***") if url.password else said


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
