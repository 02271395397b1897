"""The tables of one run as files, for a spreadsheet (CSV) or for a data frame (Parquet)."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

import duckdb

from notecheck.batch import database
from notecheck.batch.results import StoredAudit
from notecheck.write.files import private_folder

_SOURCES = {
    "notes": ("run_notes", "seq"),
    "elements": ("run_elements", "seq, n"),
    "evidence": ("run_evidence", "seq, place, n"),
    "codes": ("run_codes", "seq, n"),
    "claims": ("run_claims", "seq, n"),
    "coverage": ("run_coverage", "seq, n"),
    "failures": ("failures", "seq"),
}
_WIDE = "notes"  # its rows hold a note and its report: a whole run of them cannot be sorted in the memory there is
_FORMATS = {"csv": "FORMAT csv, HEADER true", "parquet": "FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 8192"}

Format = Literal["csv", "parquet"]


def export(audit: StoredAudit, folder: Path, form: Format) -> Iterator[Path]:
    """Writes each table of the run into the folder, for its owner alone, and gives the files. No cell of a CSV is taken for a formula."""
    private_folder(folder)
    connection = audit.cursor()
    for table, (source, order) in _SOURCES.items():
        path = folder / f"{table}.{form}"
        partial = path.with_name(path.name + ".partial")
        partial.unlink(missing_ok=True)
        chosen = f"SELECT * EXCLUDE (run_id) FROM {source} WHERE run_id = {audit.run.run_id:d}"
        columns = "*"
        if form == "csv":
            columns = ", ".join(_cell(name, kind) for name, kind, *_ in connection.execute(f"DESCRIBE {chosen}").fetchall())
        with database.private(), TemporaryDirectory(dir=folder) as parts:
            if table == _WIDE:
                windows = (f"{chosen} AND seq BETWEEN {first:d} AND {last:d} ORDER BY {order}" for first, last in audit.windows())
                written = _copied(connection, (f"SELECT {columns} FROM ({rows})" for rows in windows), Path(parts), form)
                _joined(connection, written, partial, form)
            if not partial.exists():  # not wide, or of no note
                _copy(connection, f"SELECT {columns} FROM ({chosen} ORDER BY {order})", partial, _FORMATS[form])
        partial.replace(path)
        yield path


def _copied(connection: duckdb.DuckDBPyConnection, queries: Iterable[str], folder: Path, form: Format) -> list[Path]:
    """The rows of each query in a file of its own; of the CSV files, which are to be put together, the first alone has a header."""
    files: list[Path] = []
    for query in queries:
        files.append(folder / f"{len(files)}.{form}")
        _copy(connection, query, files[-1], _FORMATS[form] if len(files) == 1 else _FORMATS[form].replace("HEADER true", "HEADER false"))
    return files


def _joined(connection: duckdb.DuckDBPyConnection, parts: list[Path], path: Path, form: Format) -> None:
    if not parts:
        return
    if form == "csv":
        with path.open("wb") as whole:
            for part in parts:
                with part.open("rb") as rows:
                    shutil.copyfileobj(rows, whole)
    else:
        _copy(connection, f"FROM read_parquet([{', '.join(_quoted(part) for part in parts)}])", path, _FORMATS[form])


def _copy(connection: duckdb.DuckDBPyConnection, query: str, path: Path, form: str) -> None:
    connection.execute(f"COPY ({query}) TO {_quoted(path)} ({form})")


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def _cell(column: str, kind: str) -> str:
    """A column as cells: lists joined, other nested values as JSON, and an apostrophe before what begins like a formula."""
    name = f'"{column}"'
    if kind == "VARCHAR[]":
        value = f"array_to_string({name}, '; ')"
    elif kind == "VARCHAR":
        value = name
    elif kind.endswith("[]"):
        return f"to_json({name}) AS {name}"
    else:
        return name
    return f"CASE WHEN regexp_matches({value}, '^[=+\\-@\\t\\r]') THEN '''' || {value} ELSE {value} END AS {name}"
