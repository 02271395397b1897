"""The tables of one run as files, for a spreadsheet (CSV) or for a data frame (Parquet)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

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
_FORMATS = {"csv": "FORMAT csv, HEADER", "parquet": "FORMAT parquet, COMPRESSION zstd"}


def export(audit: StoredAudit, folder: Path, form: Literal["csv", "parquet"]) -> Iterator[Path]:
    """Writes each table of the run into the folder, for its owner alone, and gives the files. No cell of a CSV is taken for a formula."""
    private_folder(folder)
    connection = audit.cursor()
    for table, (source, order) in _SOURCES.items():
        path = folder / f"{table}.{form}"
        partial = path.with_name(path.name + ".partial")
        partial.unlink(missing_ok=True)
        rows = f"SELECT * EXCLUDE (run_id) FROM {source} WHERE run_id = {audit.run.run_id:d} ORDER BY {order}"
        if form == "csv":
            described = connection.execute(f"DESCRIBE {rows}").fetchall()
            rows = f"SELECT {', '.join(_cell(name, kind) for name, kind, *_ in described)} FROM ({rows})"
        with database.private():
            connection.execute(f"COPY ({rows}) TO '{str(partial).replace(chr(39), chr(39) * 2)}' ({_FORMATS[form]})")
        partial.replace(path)
        yield path


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
