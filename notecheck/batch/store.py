"""Writes an audit's store as a run proceeds: what is done so far stands in it, whole, whatever becomes of the process."""

from __future__ import annotations

import hashlib
import json
import time
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb

from notecheck.batch import database
from notecheck.batch.outcomes import Carried, Checked
from notecheck.batch.plan import Plan
from notecheck.failures import Failure, InputError
from notecheck.models import Note
from notecheck.tables import RunInfo

_NOTES, _SECONDS = 512, 5.0  # a commit holds this many outcomes, or those of this long: what a power cut costs
_HEX = 32  # digits of a key: 128 bits

_WORDS = '{"text":"VARCHAR","start":"INTEGER","end":"INTEGER","section":"VARCHAR"}'
_WHY = '{"rule":"VARCHAR","assertion":"VARCHAR","cue":"VARCHAR"}'
_REPORT = f"""{{
    "in_scope":"BOOLEAN", "doc_type":"VARCHAR", "profile":"VARCHAR", "service_date":"DATE", "completeness":"DOUBLE",
    "required":["VARCHAR"], "missing":["VARCHAR"], "partial":["VARCHAR"], "unbilled":["VARCHAR"], "warnings":["VARCHAR"],
    "elements":"MAP(VARCHAR, JSON)",
    "codes":[{{"code":"VARCHAR","description":"VARCHAR","support":"VARCHAR","reason":"VARCHAR","more_specific":["VARCHAR"],"evidence":[{_WORDS}]}}],
    "claim":[{{"code":"VARCHAR","verdict":"VARCHAR","reason":"VARCHAR","use_instead":["VARCHAR"]}}],
    "coverage":[{{"policy":"VARCHAR","id":"VARCHAR","criterion":"VARCHAR","source":"VARCHAR","in_force_from":"DATE","in_force_to":"DATE",
        "met":"VARCHAR","reason":"VARCHAR","evidence":[{_WORDS}]}}]
}}"""

_STAGE = """CREATE OR REPLACE TEMP TABLE staged AS
    SELECT *, from_json(report::JSON, $shape) AS r FROM (
        SELECT unnest($ids::BIGINT[]) AS result_id, unnest($keys::VARCHAR[]) AS key,
            unnest($reports::VARCHAR[]) AS report, unnest($texts::VARCHAR[]) AS text)"""
_FROM_STAGED = (
    """INSERT INTO results BY NAME SELECT result_id, key, r.in_scope, r.doc_type, r.profile, r.service_date, r.completeness,
        r.required, r.missing, r.partial, [c.code for c in r.codes if c.support = 'supported'] AS supported, r.unbilled,
        [{'code': c.code, 'verdict': c.verdict} for c in r.claim if c.verdict NOT IN ('supported', 'outside_pack')] AS claim_problems,
        len([c.met for c in r.coverage if c.met <> 'yes']) AS coverage_open, r.warnings,
        md5(concat_ws(';', r.in_scope, r.doc_type, r.completeness, [e.key || ' ' || (e.value->>'status') for e in map_entries(r.elements)],
            r.missing, r.partial, [c.code || ' ' || c.support for c in r.codes], [c.code || ' ' || c.verdict for c in r.claim], r.unbilled,
            [c.policy || ' ' || c.id || ' ' || c.met for c in r.coverage])) AS findings,
        report, text FROM staged""",
    """INSERT INTO elements BY NAME SELECT result_id, n, e.key AS element, e.value->>'status' AS status,
        list_contains(required, e.key) AS required, e.value->>'value' AS value
        FROM (SELECT result_id, r.required, unnest(map_entries(r.elements)) AS e, generate_subscripts(map_entries(r.elements), 1) AS n
            FROM staged WHERE r.in_scope)""",
    f"""INSERT INTO evidence BY NAME SELECT result_id, place, element, n, status, why.rule, why.assertion, why.cue, words.section,
        words.start, words.end, words.text
        FROM (SELECT result_id, place, element, status, unnest(quoted) AS words, generate_subscripts(quoted, 1) AS n,
                unnest(CASE WHEN len(reasons) = len(quoted) THEN reasons ELSE [] END) AS why
            FROM (SELECT result_id, place, e.key AS element, e.value->>'status' AS status,
                    from_json(e.value->'evidence', '[{_WORDS}]') AS quoted, from_json(e.value->'why', '[{_WHY}]') AS reasons
                FROM (SELECT result_id, unnest(map_entries(r.elements)) AS e, generate_subscripts(map_entries(r.elements), 1) AS place
                    FROM staged WHERE r.in_scope)))
        WHERE words IS NOT NULL""",
    """INSERT INTO codes BY NAME SELECT result_id, n, c.*
        FROM (SELECT result_id, unnest(r.codes) AS c, generate_subscripts(r.codes, 1) AS n FROM staged WHERE r.in_scope)""",
    """INSERT INTO claims BY NAME SELECT result_id, n, c.*
        FROM (SELECT result_id, unnest(r.claim) AS c, generate_subscripts(r.claim, 1) AS n FROM staged WHERE r.in_scope)""",
    """INSERT INTO coverage BY NAME SELECT result_id, n, c.*
        FROM (SELECT result_id, unnest(r.coverage) AS c, generate_subscripts(r.coverage, 1) AS n FROM staged WHERE r.in_scope)""",
)
# One list a column is the cheapest way in: a fifth of what the same rows cost as one JSON text.
_INSERT_NOTES = """INSERT INTO notes SELECT $run_id, unnest($seq::BIGINT[]), unnest($result_id::BIGINT[]), unnest($note_id::VARCHAR[]),
    unnest($provider::VARCHAR[]), unnest($site::VARCHAR[]), unnest($payer::VARCHAR[]), unnest($note_type::VARCHAR[]),
    unnest($given_date::DATE[]), unnest($billed::VARCHAR[][]), unnest($source::VARCHAR[]), unnest($row::BIGINT[])"""
_INSERT_FAILURES = """INSERT INTO failures SELECT $run_id, unnest($seq::BIGINT[]), unnest($source::VARCHAR[]), unnest($row::BIGINT[]),
    unnest($note_id::VARCHAR[]), unnest($reason::VARCHAR[])"""
_RUN_COLUMNS = "run_id, started, finished, source, profile, as_of, notecheck_version, pack_name, pack_version, pack_hash, options"
_INSERT_RUN = f"INSERT INTO runs ({_RUN_COLUMNS}) VALUES ({', '.join(f'${name}' for name in _RUN_COLUMNS.split(', '))})"


class Store:
    """The store of one folder, open for one run to write. No other process can open it meanwhile."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, with_text: bool) -> None:
        self.connection, self.with_text = connection, with_text
        self.run: RunInfo
        self.goes_on = False
        self.carried = 0
        self._known: dict[str, int] = {}
        self._results = self._first("SELECT coalesce(max(result_id), 0) FROM results")
        self.seq = 0
        self._begun = False
        self._buffer = _Buffer()
        self._committed = time.monotonic()

    def begin(self, plan: Plan, today: date, *, resume: bool) -> None:
        """Begins a run. With `resume` it goes on with the last one where that was cut short, and takes over what earlier runs checked.

        The run stands in the file from the first commit on: an input that cannot be read at all leaves no run.
        """
        last = read_run(self.connection, None)
        going_on = resume and last is not None and last.finished is None and (last.source, last.profile) == (plan.source, plan.profile)
        if last and going_on:
            number, today, started = last.run_id, last.as_of, last.started
        else:
            number, started = last.run_id + 1 if last else 1, datetime.now(UTC)
        self.run = RunInfo(run_id=number, started=started, as_of=today, with_text=self.with_text, **vars(plan))
        self.goes_on, self._begun = going_on, False
        if resume:
            self._known = dict(self.connection.execute("SELECT key, result_id FROM results").fetchall())

    def key(self, note: Note) -> str:
        """A hash of all that a note's report rests on: the note, and who checks it by what."""
        run = self.run
        # The day counts where the note gives none; a month is fine enough, as code sets change at the start of one.
        when = note.service_date.isoformat() if note.service_date else f"as of {run.as_of:%Y-%m}"
        parts = (note.note_id, note.text, when, *note.codes, "", run.profile, run.notecheck_version, run.pack_hash)
        digest = hashlib.sha256()
        for part in parts:
            encoded = part.encode("utf-8", "surrogatepass")
            digest.update(len(encoded).to_bytes(8, "big") + encoded)
        return digest.hexdigest()[:_HEX]

    def known(self, note: Note) -> Carried | None:
        """The note with the result of an earlier run, where there is one to take over."""
        key = self.key(note) if self._known else ""
        return Carried(note, key) if key in self._known else None

    def add(self, outcome: Checked | Carried | Failure) -> None:
        """The next item of the input has this outcome."""
        self.seq += 1
        if isinstance(outcome, Failure):
            self._buffer.failures.append((self.seq, outcome))
        elif isinstance(outcome, Carried):
            self.carried += 1
            self._buffer.notes.append((self.seq, self._known[outcome.key], outcome.note))
        else:
            self._results += 1
            note, report = outcome
            # In this order: a result that no note lists does no harm, should Ctrl-C fall between the two.
            self._buffer.results.append((self._results, self.key(note), report, note.text if self.with_text else None))
            self._buffer.notes.append((self.seq, self._results, note))
        if self._buffer.size >= _NOTES or time.monotonic() - self._committed > _SECONDS:
            self.commit()

    def commit(self) -> None:
        """Puts what was added so far into the file: all of it or, where the process is killed meanwhile, nothing of it."""
        if self._buffer.size:
            with database.transaction(self.connection):
                if not self._begun:
                    self._write_run()
                self._buffer.write(self.connection, self.run.run_id)
            self._begun, self._buffer = True, _Buffer()
        self._committed = time.monotonic()

    def finish(self) -> None:
        """The run is done."""
        self.commit()
        self.run = self.run.model_copy(update={"finished": datetime.now(UTC)})
        with database.transaction(self.connection):
            self._write_run(again=self._begun)

    def close(self) -> None:
        with database.private():
            self.connection.close()

    def _write_run(self, *, again: bool = False) -> None:
        # A run that is gone on with lists its notes again as the input is read again; their results stay.
        for table in ("runs",) if again else ("runs", "notes", "failures"):
            self.connection.execute(f"DELETE FROM {table} WHERE run_id = $1", [self.run.run_id])
        run = self.run
        moments = {name: moment and moment.replace(tzinfo=None) for name, moment in (("started", run.started), ("finished", run.finished))}
        values = {**run.model_dump(exclude={"with_text"}), **moments, "options": json.dumps(run.options)}
        self.connection.execute(_INSERT_RUN, values)

    def _first(self, query: str) -> Any:
        row = self.connection.execute(query).fetchone()
        return row[0] if row else None


class _Buffer:
    """What waits for the next commit."""

    def __init__(self) -> None:
        self.notes: list[tuple[int, int, Note]] = []
        self.results: list[tuple[int, str, str, str | None]] = []
        self.failures: list[tuple[int, Failure]] = []

    @property
    def size(self) -> int:
        return len(self.notes) + len(self.failures)

    def write(self, connection: duckdb.DuckDBPyConnection, run_id: int) -> None:
        if self.results:
            ids, keys, reports, texts = (list(column) for column in zip(*self.results, strict=True))
            connection.execute(_STAGE, {"ids": ids, "keys": keys, "reports": reports, "texts": texts, "shape": _REPORT})
            for statement in _FROM_STAGED:
                connection.execute(statement)
            connection.execute("DROP TABLE staged")
        if self.notes:
            notes = [note for _, _, note in self.notes]
            values: dict[str, Any] = {
                "run_id": run_id,
                "seq": [seq for seq, _, _ in self.notes],
                "result_id": [result_id for _, result_id, _ in self.notes],
                "given_date": [note.service_date for note in notes],
                "billed": [list(note.codes) for note in notes],
            }
            for name in ("note_id", "provider", "site", "payer", "note_type", "source", "row"):
                values[name] = [getattr(note, name) for note in notes]
            connection.execute(_INSERT_NOTES, values)
        if self.failures:
            values = {"run_id": run_id, "seq": [seq for seq, _ in self.failures]}
            for name in ("source", "row", "note_id", "reason"):
                values[name] = [getattr(failure, name) for _, failure in self.failures]
            connection.execute(_INSERT_FAILURES, values)


def open_store(folder: Path, *, with_text: bool) -> Store:
    """The store of this folder, made where there is none. Raises InputError where it cannot be used, or keeps text and should not."""
    if not (folder / database.FILE).exists():
        database.create(folder, with_text=with_text)
    connection = database.connect(folder, read_only=False)
    kept = connection.execute("SELECT with_text FROM store").fetchone()
    if kept != (with_text,):
        connection.close()
        raise InputError(
            f"the audit in {folder} {'keeps' if kept and kept[0] else 'does not keep'} the words of the notes, "
            f"and this run {'would' if with_text else 'must not'}; give another folder, or {'add' if with_text else 'leave out'} --no-text."
        )
    return Store(connection, with_text)


def read_run(connection: duckdb.DuckDBPyConnection, number: int | None) -> RunInfo | None:
    """The run of this number, the last one by default; None where there is none."""
    query = f"SELECT {_RUN_COLUMNS}, (SELECT with_text FROM store) FROM runs WHERE run_id = coalesce($1, (SELECT max(run_id) FROM runs))"
    row = connection.execute(query, [number]).fetchone()
    if row is None:
        return None
    *values, with_text = row
    known = dict(zip(_RUN_COLUMNS.split(", "), values, strict=True))
    for moment in ("started", "finished"):
        known[moment] = known[moment] and known[moment].replace(tzinfo=UTC)
    return RunInfo(**{**known, "options": json.loads(known["options"])}, with_text=with_text)
