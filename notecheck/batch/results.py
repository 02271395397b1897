"""One run of an audit, read from its store: the `Audit` of `tables.py` in SQL. Nothing here holds the whole run."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb

from notecheck.batch import database, schema
from notecheck.batch.store import read_run
from notecheck.failures import Failure, InputError
from notecheck.models import CoverageFinding, Evidence, Note, NoteReport
from notecheck.tables import (
    NO_PROBLEM,
    AuditedNote,
    ClaimProblem,
    CodeRow,
    CodeTotals,
    CoverageRow,
    CoverageTotals,
    ElementTotals,
    EvidenceRow,
    Order,
    ProviderTotals,
    RunInfo,
    Totals,
    WorklistRow,
)

_WINDOW, _WINDOWS = 1000, 200  # notes read at a time; more where there would be more windows than this, as each looks through the tables
_WORST = "in_scope DESC, len(claim_problems) DESC, completeness NULLS LAST, seq"
_MEAN = "avg(completeness::DECIMAL(6, 4))"  # of decimals, so that the order of summing changes no digit
_WORKLIST = """seq, note_id, provider, site, payer, note_type, service_date, in_scope, doc_type, completeness, missing, partial, billed,
    supported, claim_problems, unbilled, coverage_open, warnings"""
_NOTE = "seq, report, note_id, text, given_date AS service_date, provider, site, payer, note_type, billed AS codes, source, row"

Row = dict[str, Any]


def open_audit(folder: Path, run: int | None = None) -> StoredAudit:
    """The run of this number of the audit in this folder, by default the last. Raises InputError where there is none, or it cannot be read."""
    connection = database.connect(folder, read_only=True)
    info = read_run(connection, run)
    if info is None:
        numbers = [n for (n,) in connection.execute("SELECT run_id FROM runs ORDER BY run_id").fetchall()]
        connection.close()
        has = f"its runs are {', '.join(map(str, numbers))}" if numbers else "no run was begun in it"
        raise InputError(f"{folder} holds no run{'' if run is None else f' {run}'}: {has}.")
    return StoredAudit(connection, info, folder / database.FILE)


class StoredAudit:
    """An `Audit` over an open store. Close it, or use it as a context manager: while it is open, no run can write to the store."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, run: RunInfo, path: Path) -> None:
        self.connection, self.run, self.path = connection, run, path
        self._kept: list[int] | None = None

    def __enter__(self) -> StoredAudit:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.connection.close()

    def restrict(self, seqs: list[int]) -> None:
        """From now on the run is only these notes, with all of its failures."""
        self._kept = seqs

    def totals(self) -> Totals:
        (row,) = self.rows(
            f"""SELECT count(*) AS checked, count(*) FILTER (in_scope) AS in_scope, count(*) FILTER (in_scope AND len(missing) > 0) AS incomplete,
                {_MEAN} FILTER (in_scope) AS mean_completeness,
                coalesce(sum(len(supported)), 0)::BIGINT AS codes_supported, coalesce(sum(len(unbilled)), 0)::BIGINT AS codes_unbilled
            FROM run_notes WHERE run_id = $run"""
        )
        failed = self._count("SELECT count(*) FROM failures WHERE run_id = $run")
        tenths = self._counts(
            "SELECT least(floor(completeness * 10)::INTEGER, 9), count(*) FROM run_notes WHERE run_id = $run AND in_scope GROUP BY 1"
        )
        return Totals(
            **row,
            notes=row["checked"] + failed,
            failed=failed,
            completeness_histogram=tuple(tenths.get(tenth, 0) for tenth in range(10)),
            doc_types=self._counts("SELECT doc_type, count(*) AS n FROM run_notes WHERE run_id = $run GROUP BY 1 ORDER BY n DESC, 1"),
            verdicts=self._counts("SELECT verdict, count(*) AS n FROM run_claims WHERE run_id = $run GROUP BY 1 ORDER BY n DESC, 1"),
        )

    def worklist(self, order: Order = "worst") -> Iterator[WorklistRow]:
        for row in self._ordered(_WORKLIST, order):
            row["claim_problems"] = [ClaimProblem(**problem) for problem in row["claim_problems"]]
            yield WorklistRow(**row)

    def notes(self, order: Order = "input") -> Iterator[AuditedNote]:
        if order == "input":
            for row in self._ordered(_NOTE, order):
                yield _audited(row)
            return
        # Sorted without the texts, which are then fetched some at a time: a reader may want the first thousand of a million.
        places = (row["seq"] for row in self._ordered("seq", order))
        while some := list(islice(places, _WINDOW)):
            query = f"SELECT {_NOTE} FROM run_notes WHERE run_id = $run AND seq IN (SELECT unnest($some::BIGINT[]))"
            found = {row["seq"]: row for row in self.rows(query, some=some)}
            yield from (_audited(found[seq]) for seq in some)

    def note(self, seq: int) -> AuditedNote | None:
        row = next(self.rows(f"SELECT {_NOTE} FROM run_notes WHERE run_id = $run AND seq = $seq", seq=seq), None)
        return _audited(row) if row else None

    def reports(self) -> Iterator[tuple[Note, str]]:
        """Each note with its report as JSON, in input order."""
        for row in self._ordered(_NOTE, "input"):
            del row["seq"]
            report = row.pop("report")
            yield _note(row), report

    def failures(self) -> Iterator[Failure]:
        for row in self._windows("SELECT source, row, note_id, reason FROM failures WHERE {window} ORDER BY seq", "failures"):
            yield Failure(**row)

    def elements(self) -> list[ElementTotals]:
        rows = self.rows(
            """WITH counted AS (
                SELECT element, status, min(n) AS n, count(*) AS notes, count(*) FILTER (required) AS required
                FROM run_elements WHERE run_id = $run GROUP BY element, status
            ) SELECT element, map_from_entries(list((status, notes) ORDER BY status)) AS statuses, sum(required)::BIGINT AS required,
                coalesce(sum(required) FILTER (status = 'missing'), 0)::BIGINT AS missing,
                coalesce(sum(required) FILTER (status = 'partial'), 0)::BIGINT AS partial
            FROM counted GROUP BY element ORDER BY min(n), element"""
        )
        return [ElementTotals(**row) for row in rows]

    def providers(self) -> list[ProviderTotals]:
        whole = self._count(f"SELECT {_MEAN} FROM run_notes WHERE run_id = $run AND in_scope")
        rows = self.rows(
            f"""WITH missed AS (
                SELECT provider, element, count(*) AS n, min(e.n) AS place FROM run_elements e
                WHERE run_id = $run AND required AND status = 'missing' GROUP BY ALL
            ), most AS (
                SELECT provider, list((element, n) ORDER BY n DESC, place)[:5] AS most_missed FROM missed GROUP BY ALL
            ), judged AS (
                SELECT provider, verdict, count(*) AS n FROM run_claims WHERE run_id = $run GROUP BY ALL
            ), verdicts AS (
                SELECT provider, map_from_entries(list((verdict, n) ORDER BY n DESC, verdict)) AS verdicts FROM judged GROUP BY ALL
            ), own AS (
                SELECT provider, count(*) AS notes, count(*) FILTER (in_scope) AS in_scope, {_MEAN} FILTER (in_scope) AS mean_completeness
                FROM run_notes WHERE run_id = $run GROUP BY ALL
            ) SELECT own.*, mean_completeness - $whole AS difference, most_missed, verdicts
            FROM own LEFT JOIN most ON own.provider IS NOT DISTINCT FROM most.provider
                LEFT JOIN verdicts ON own.provider IS NOT DISTINCT FROM verdicts.provider
            ORDER BY notes DESC, own.provider NULLS LAST""",
            whole=whole,
        )
        return [_provider(row) for row in rows]

    def code_totals(self) -> list[CodeTotals]:
        rows = self.rows(
            """WITH judged AS (
                SELECT code, verdict, count(*) AS n FROM run_claims WHERE run_id = $run GROUP BY ALL
            ), billed AS (
                SELECT code, sum(n)::BIGINT AS billed, map_from_entries(list((verdict, n) ORDER BY n DESC, verdict)) AS verdicts
                FROM judged GROUP BY ALL
            ), pointed AS (
                SELECT code, max(description) AS description, count(*) FILTER (support = 'supported') AS supported
                FROM run_codes WHERE run_id = $run GROUP BY ALL
            ), unbilled AS (
                SELECT code, count(*) AS unbilled FROM (SELECT unnest(unbilled) AS code FROM run_notes WHERE run_id = $run) GROUP BY ALL
            ) SELECT code, description, coalesce(billed, 0) AS billed, supported, coalesce(unbilled, 0) AS unbilled, verdicts
            FROM pointed LEFT JOIN billed USING (code) LEFT JOIN unbilled USING (code)
            ORDER BY billed DESC, unbilled DESC, supported DESC, code"""
        )
        return [CodeTotals(**{**row, "verdicts": row["verdicts"] or {}}) for row in rows]

    def codes(self) -> Iterator[CodeRow]:
        columns = "seq, note_id, provider, service_date, code, description, billed, verdict, support, reason, use_instead"
        for row in self._windows(f"SELECT {columns} FROM run_codes WHERE {{window}} ORDER BY seq, n"):
            yield CodeRow(**row)

    def coverage(self) -> Iterator[CoverageRow]:
        about = ("seq", "note_id", "provider", "service_date")
        for row in self._windows("SELECT * EXCLUDE (run_id, n) FROM run_coverage WHERE {window} ORDER BY seq, n"):
            known = {name: row.pop(name) for name in about}
            yield CoverageRow(**known, finding=CoverageFinding(**row))

    def coverage_totals(self) -> list[CoverageTotals]:
        rows = self.rows(
            """WITH counted AS (
                SELECT policy, id, criterion, met, min(n) AS n, count(*) AS notes FROM run_coverage WHERE run_id = $run GROUP BY ALL
            ) SELECT policy, id, criterion, map_from_entries(list((met, notes) ORDER BY met)) AS met
            FROM counted GROUP BY policy, id, criterion ORDER BY policy, min(n), id"""
        )
        return [CoverageTotals(**row) for row in rows]

    def evidence(self) -> Iterator[EvidenceRow]:
        query = """SELECT seq, note_id, element, status, coalesce(rule, '') AS rule, "text", "start", "end", section
            FROM run_evidence WHERE {window} ORDER BY seq, place, n"""
        for row in self._windows(query):
            words = Evidence(**{name: row.pop(name) for name in ("text", "start", "end", "section")})
            yield EvidenceRow(**row, evidence=words)

    def _ordered(self, columns: str, order: Order) -> Iterator[Row]:
        if order == "input":
            return self._windows(f"SELECT {columns} FROM run_notes WHERE {{window}} ORDER BY seq")
        return self.rows(f"SELECT {columns} FROM run_notes WHERE run_id = $run ORDER BY {_WORST}")

    def _windows(self, query: str, table: str = "notes") -> Iterator[Row]:
        """The rows of a query that is ordered by seq, asked some notes at a time: sorting a whole run would take its whole size."""
        query = query.format(window="run_id = $run AND seq BETWEEN $first AND $last")
        for first, last in self.windows(table):
            yield from self.rows(query, first=first, last=last)

    def windows(self, table: str = "notes") -> Iterator[tuple[int, int]]:
        """The places of the run's notes or failures in spans of some, each from its first to its last."""
        last = self._count(f"SELECT coalesce(max(seq), 0) FROM {table} WHERE run_id = $run")
        size = max(_WINDOW, -(-last // _WINDOWS))
        return ((first, first + size - 1) for first in range(1, last + 1, size))

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A connection of its own to this run."""
        cursor = self.connection.cursor()
        if self._kept is not None:  # a temporary view is one connection's alone, and comes before the one of the store
            cursor.execute("CREATE TEMP TABLE kept AS SELECT unnest($1::BIGINT[]) AS seq", [self._kept])
            store = cursor.execute("SELECT current_database()").fetchone() or ("",)
            for view in schema.RUN_VIEWS:
                cursor.execute(f'CREATE TEMP VIEW {view} AS SELECT * FROM "{store[0]}".main.{view} WHERE seq IN (FROM kept)')
        return cursor

    def rows(self, query: str, **values: Any) -> Iterator[Row]:
        """The rows of a query in which `$run` is this run's number."""
        # A cursor of its own: rows of several queries may be asked for in turn.
        with database.told(self.path), self.cursor() as cursor:
            cursor.execute(query, {"run": self.run.run_id, **values})
            names = [column[0] for column in cursor.description or ()]
            while rows := cursor.fetchmany(_WINDOW):
                for row in rows:
                    yield dict(zip(names, row, strict=True))

    def _counts(self, query: str) -> dict[Any, int]:
        return dict(tuple(row.values()) for row in self.rows(query))

    def _count(self, query: str) -> Any:
        (row,) = self.rows(query)
        (value,) = row.values()
        return value


def _audited(row: Row) -> AuditedNote:
    seq, report = row.pop("seq"), row.pop("report")
    return AuditedNote(seq=seq, note=_note(row), report=NoteReport.model_validate_json(report))


def _note(row: Row) -> Note:
    return Note(**{**row, "text": row["text"] or ""})


def _provider(row: Row) -> ProviderTotals:
    verdicts = row["verdicts"] or {}
    billed = sum(verdicts.values())
    return ProviderTotals(
        **{**row, "verdicts": verdicts, "most_missed": row["most_missed"] or ()},
        billed=billed,
        claim_problems=sum(n for verdict, n in verdicts.items() if verdict not in NO_PROBLEM),
    )
