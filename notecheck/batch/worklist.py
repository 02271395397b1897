"""The worklist of a run a page at a time, with its facets: questions to the store, so that a hundred thousand notes are no more than ten."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, get_args

import duckdb

from notecheck.batch import database
from notecheck.batch.results import StoredAudit
from notecheck.batch.reviews import CURRENT, Reviews
from notecheck.batch.store import read_run
from notecheck.failures import InputError
from notecheck.models import Frozen
from notecheck.tables import ClaimProblem, Totals

Sort = Literal["worst", "note", "date", "provider", "complete", "missing", "problems", "input"]
SORTS = get_args(Sort)
PAGE = 50  # notes

_ORDERS: dict[str, str] = {
    "worst": "in_scope DESC, len(claim_problems) DESC, completeness NULLS LAST, seq",
    "note": "note_id, seq",
    "date": "service_date DESC NULLS LAST, seq",
    "provider": "provider NULLS LAST, completeness NULLS LAST, seq",
    "complete": "completeness NULLS LAST, seq",
    "missing": "len(missing) DESC NULLS LAST, seq",
    "problems": "len(claim_problems) DESC NULLS LAST, seq",
    "input": "seq",
}
# Each facet: which notes have a value of it, which value or values a note has, and where they stand if not with the note.
_FACETS = {
    "provider": ("coalesce(provider, '') = {value}", "coalesce(provider, '')", ""),
    "element": ("list_contains(missing, {value})", "unnest(missing)", ""),
    "verdict": (
        "w.result_id IN (SELECT result_id FROM claims WHERE verdict = {value})",
        "c.verdict",
        "JOIN (SELECT DISTINCT result_id, verdict FROM claims) c USING (result_id)",
    ),
    "scope": ("CASE WHEN in_scope THEN 'in' ELSE 'out' END = {value}", "CASE WHEN in_scope THEN 'in' ELSE 'out' END", ""),
    "reviewed": ("CASE WHEN reviewed THEN 'yes' ELSE 'no' END = {value}", "CASE WHEN reviewed THEN 'yes' ELSE 'no' END", ""),
}
FACETS = tuple(_FACETS)
_NOTES = f"""(SELECT n.*, r.* EXCLUDE (result_id, report, "text"),
        n.result_id IN (SELECT result_id FROM {CURRENT} WHERE kind = 'note' AND decision = 'reviewed') AS reviewed
    FROM notes n JOIN results r USING (result_id) WHERE n.run_id = $run) w"""
_ROW = "seq, note_id, provider, service_date, in_scope, doc_type, completeness, missing, partial, claim_problems, reviewed"


class ListedNote(Frozen):
    """One note of the worklist."""

    seq: int
    note_id: str
    provider: str | None
    service_date: Any
    in_scope: bool
    doc_type: str
    completeness: float | None
    missing: tuple[str, ...] | None
    partial: tuple[str, ...] | None
    claim_problems: tuple[ClaimProblem, ...] | None
    reviewed: bool


class Page(Frozen):
    """A page of the notes that were asked for: `first` is the place of its first note, from 1; `total` counts all pages."""

    notes: tuple[ListedNote, ...]
    first: int
    total: int


class Worklist:
    """A run of an open store, with its notes in pages and its reviews. Safe to use from several threads. Close it."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, audit: StoredAudit) -> None:
        self._connection, self.audit = connection, audit
        self._lock = threading.Lock()
        self.reviews = Reviews(connection)

    def close(self) -> None:
        self._connection.close()

    @cached_property
    def totals(self) -> Totals:
        """The run in figures: while the store is open here, no run changes them."""
        return self.audit.totals()

    def page(self, chosen: dict[str, str], sort: Sort = "worst", number: int = 1) -> Page:
        """The notes that have all the chosen values of facets; page numbers count from 1."""
        where, values = _where(chosen)
        ((total,),) = self._ask(f"SELECT count(*) FROM {_NOTES} WHERE {where}", values)
        number = max(1, min(number, -(-total // PAGE)))
        first = (number - 1) * PAGE
        rows = self._ask(
            f"SELECT {_ROW} FROM {_NOTES} WHERE {where} ORDER BY {_ORDERS[sort]} LIMIT {PAGE} OFFSET $offset", {**values, "offset": first}
        )
        return Page(notes=tuple(_listed(row) for row in rows), first=first + 1, total=total)

    def facet(self, name: str, chosen: dict[str, str]) -> list[tuple[str, int]]:
        """The values of this facet with their notes, among the notes that have the chosen values of the others; most first."""
        where, values = _where({facet: value for facet, value in chosen.items() if facet != name})
        _, value_of, joined = _FACETS[name]
        query = f"SELECT {value_of} AS value FROM {_NOTES} {joined} WHERE {where}"
        return list(self._ask(f"SELECT value, count(*) AS n FROM ({query}) WHERE value IS NOT NULL GROUP BY 1 ORDER BY n DESC, 1", values))

    def providers(self) -> list[str]:
        """The providers of the run by name, "" for notes that name none: their places stand for them in addresses."""
        query = "SELECT DISTINCT coalesce(provider, '') AS provider FROM notes WHERE run_id = $run ORDER BY 1"
        return [name for (name,) in self._ask(query, {})]

    def neighbours(self, seq: int, chosen: dict[str, str], sort: Sort = "worst") -> tuple[int | None, int | None]:
        """The notes before and after this one among the chosen. A note that is none of them has the first after it."""
        where, values = _where(chosen)
        order = _ORDERS[sort]
        query = f"""SELECT earlier, later FROM (
                SELECT seq, lag(seq) OVER (ORDER BY {order}) AS earlier, lead(seq) OVER (ORDER BY {order}) AS later FROM {_NOTES} WHERE {where}
            ) WHERE seq = $seq"""
        for earlier, later in self._ask(query, {**values, "seq": seq}):
            return earlier, later
        for (first,) in self._ask(f"SELECT seq FROM {_NOTES} WHERE {where} ORDER BY {order} LIMIT 1", values):
            return None, first
        return None, None

    def find(self, note_id: str, most: int = PAGE) -> list[ListedNote]:
        """The notes whose id holds these characters, the one that equals them first."""
        query = f"""SELECT {_ROW} FROM {_NOTES} WHERE contains(lower(note_id), lower($words))
            ORDER BY note_id <> $words, note_id, seq LIMIT {most}"""
        return [_listed(row) for row in self._ask(query, {"words": note_id})]

    def _ask(self, query: str, values: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
        with self._lock:
            cursor = self._connection.cursor()
        with cursor:
            yield from cursor.execute(query, {"run": self.audit.run.run_id, **values}).fetchall()


def open_worklist(folder: Path, run: int | None = None) -> Worklist:
    """The run of the audit in this folder, by default the last, to be reviewed. While it is open, no run can write to the store.

    Raises InputError where there is none, or it cannot be read or is in use.
    """
    connection = database.connect(folder, read_only=False)
    info = read_run(connection, run)
    if info is None:
        connection.close()
        raise InputError(f"{folder} holds no run{'' if run is None else f' {run}'}; make one with `notecheck audit`.")
    return Worklist(connection, StoredAudit(connection, info, folder / database.FILE))


def _where(chosen: dict[str, str]) -> tuple[str, dict[str, str]]:
    conditions = [_FACETS[facet][0].format(value=f"${facet}") for facet in chosen]
    return " AND ".join(conditions) or "true", dict(chosen)


def _listed(row: tuple[Any, ...]) -> ListedNote:
    values = dict(zip(_ROW.split(", "), row, strict=True))
    problems = values["claim_problems"]
    return ListedNote(**{**values, "claim_problems": problems and tuple(ClaimProblem(**p) for p in problems)})
