"""DuckDB as a reader: it writes nothing, asks nothing of the network, and gives its rows as they are needed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb

_ROWS = 256  # at a time


def connect(file: str = "") -> duckdb.DuckDBPyConnection:
    """The database in the file, read-only; without a file an empty one in memory, to query files with."""
    settings: dict[str, str | bool | int | float | list[str]] = {"autoinstall_known_extensions": False}
    if file:
        return duckdb.connect(file, read_only=True, config=settings)
    return duckdb.connect(":memory:", config=settings | {"threads": 1, "temp_directory": ""})


def fetched(result: duckdb.DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
    """The rows of an executed query."""
    while batch := result.fetchmany(_ROWS):
        yield from batch
