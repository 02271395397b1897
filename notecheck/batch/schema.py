"""The tables of an audit's store, `audit.duckdb`: their columns, what each holds (COMMENT ON), and the views that join a run's rows.

A note that was checked has one row in `results`, with its report, whatever the runs that list it; `notes` says which result a run has at
which place. So a run that is resumed or repeated takes over results and copies nothing. An analyst asks the views: `run_elements` and the
like bear the run's number and the note's id on every row.
"""

from __future__ import annotations

from collections.abc import Iterator

SCHEMA_VERSION = 1

_EVIDENCE = 'STRUCT("text" VARCHAR, "start" INTEGER, "end" INTEGER, section VARCHAR)[]'

# table: (what it holds, {column: (type, what it holds)})
_TABLES: dict[str, tuple[str, dict[str, tuple[str, str]]]] = {
    "store": (
        "One row: what this file is.",
        {
            "schema_version": ("INTEGER NOT NULL", "Version of these tables; another version of notecheck may need another."),
            "with_text": ("BOOLEAN NOT NULL", "False: no word of a note stands anywhere in this file (--no-text)."),
        },
    ),
    "runs": (
        "One run of an audit a row.",
        {
            "run_id": ("INTEGER NOT NULL", "The run's number, from 1."),
            "started": ("TIMESTAMP NOT NULL", "When it was begun, UTC."),
            "finished": ("TIMESTAMP", "When it was done, UTC; empty while it goes on or was cut short."),
            "source": ("VARCHAR NOT NULL", "What it read."),
            "profile": ("VARCHAR NOT NULL", "What it required of a note."),
            "as_of": ("DATE NOT NULL", "What counts as today for a note that gives no date of service."),
            "notecheck_version": ("VARCHAR NOT NULL", "The version that checked."),
            "pack_name": ("VARCHAR NOT NULL", "The pattern pack."),
            "pack_version": ("VARCHAR NOT NULL", "Its version."),
            "pack_hash": ("VARCHAR NOT NULL", "SHA-256 of the pattern files."),
            "options": ("VARCHAR NOT NULL", "The other options, as JSON."),
        },
    ),
    "notes": (
        "One checked note of one run a row: its place in the input and what the export says of it.",
        {
            "run_id": ("INTEGER NOT NULL", "Its run."),
            "seq": ("BIGINT NOT NULL", "Its place in the input, from 1; notes and failures are counted together."),
            "result_id": ("BIGINT NOT NULL", "Its row in results, elements, evidence, codes, claims and coverage."),
            "note_id": ("VARCHAR NOT NULL", "The note's id in the export."),
            "provider": ("VARCHAR", "As the export names it."),
            "site": ("VARCHAR", "As the export names it."),
            "payer": ("VARCHAR", "As the export names it."),
            "note_type": ("VARCHAR", "As the export names it."),
            "given_date": ("DATE", "The date of service that the export gives."),
            "billed": ("VARCHAR[] NOT NULL", "The codes that the export gives, as written there."),
            "source": ("VARCHAR", "The file it stood in."),
            "row": ("BIGINT", "The row or line it stood at."),
        },
    ),
    "results": (
        "One checked note a row, whatever the runs that list it.",
        {
            "result_id": ("BIGINT NOT NULL", "Number of the result."),
            "key": ("VARCHAR NOT NULL", "Hash of all that the report rests on; a later run takes over results whose key is the same."),
            "in_scope": ("BOOLEAN NOT NULL", "Whether the pattern pack speaks of this note."),
            "doc_type": ("VARCHAR NOT NULL", "visit, procedure, imaging, discharge or other."),
            "profile": ("VARCHAR NOT NULL", "What was required of it."),
            "service_date": ("DATE", "The date of service, as given or as read in the note."),
            "completeness": ("DOUBLE", "Share of the required elements that are documented or denied, 0 to 1; empty out of scope."),
            "required": ("VARCHAR[]", "The elements it should document."),
            "missing": ("VARCHAR[]", "Those that are missing."),
            "partial": ("VARCHAR[]", "Those that are partial."),
            "supported": ("VARCHAR[]", "The codes that its words support."),
            "unbilled": ("VARCHAR[]", "Those of them that the claim does not carry."),
            "claim_problems": (
                "STRUCT(code VARCHAR, verdict VARCHAR)[]",
                "The billed codes whose verdict is neither supported nor outside_pack.",
            ),
            "coverage_open": ("INTEGER NOT NULL", "Coverage criteria that are not met or not documented."),
            "warnings": ("VARCHAR[]", "What else is to be known."),
            "findings": ("VARCHAR NOT NULL", "Hash of statuses, codes, verdicts and criteria: equal where none of them has changed."),
            "report": ("VARCHAR NOT NULL", "The whole report as JSON, see `notecheck schema`."),
            "text": ("VARCHAR", "The note; empty in a store that keeps no text."),
        },
    ),
    "elements": (
        "One documentation element of one checked note a row; only notes in scope have any.",
        {
            "result_id": ("BIGINT NOT NULL", "The result."),
            "n": ("INTEGER NOT NULL", "Its place in the report, from 1."),
            "element": ("VARCHAR NOT NULL", "The element's id, see `notecheck patterns list`."),
            "status": ("VARCHAR NOT NULL", "documented, denied, partial, missing or not_applicable."),
            "required": ("BOOLEAN NOT NULL", "Whether the profile requires it of this note."),
            "value": ("VARCHAR", "What was read, as JSON."),
        },
    ),
    "evidence": (
        "One quotation behind an element's status a row.",
        {
            "result_id": ("BIGINT NOT NULL", "The result."),
            "place": ("INTEGER NOT NULL", "The element's place in the report, from 1."),
            "element": ("VARCHAR NOT NULL", "The element's id."),
            "n": ("INTEGER NOT NULL", "Its place among the quotations of the element, from 1."),
            "status": ("VARCHAR NOT NULL", "The element's status."),
            "rule": ("VARCHAR", "The rule that read it, see `notecheck patterns show`."),
            "assertion": ("VARCHAR", "present, absent, possible, historical, hypothetical or family."),
            "cue": ("VARCHAR", "The word that turned it, if any."),
            "section": ("VARCHAR NOT NULL", "The note's section it stands in."),
            "start": ("INTEGER NOT NULL", "Its first character in the note, from 0."),
            "end": ("INTEGER NOT NULL", "The character after its last."),
            "text": ("VARCHAR NOT NULL", "The words; empty in a store that keeps no text."),
        },
    ),
    "codes": (
        "One ICD-10-CM code that a note supports or points at a row.",
        {
            "result_id": ("BIGINT NOT NULL", "The result."),
            "n": ("INTEGER NOT NULL", "Its place in the report, best supported first, from 1."),
            "code": ("VARCHAR NOT NULL", "The code."),
            "description": ("VARCHAR NOT NULL", "What it stands for."),
            "support": ("VARCHAR NOT NULL", "supported, needs_documentation or excluded."),
            "reason": ("VARCHAR NOT NULL", "Why, in a sentence."),
            "more_specific": ("VARCHAR[]", "Codes that say more."),
            "evidence": (_EVIDENCE, "The words it rests on."),
        },
    ),
    "claims": (
        "One billed code of one note a row.",
        {
            "result_id": ("BIGINT NOT NULL", "The result."),
            "n": ("INTEGER NOT NULL", "Its place on the claim, from 1."),
            "code": ("VARCHAR NOT NULL", "The billed code."),
            "verdict": (
                "VARCHAR NOT NULL",
                "supported, unsupported, not_billable, not_valid_on_date, excluded, less_specific or outside_pack.",
            ),
            "reason": ("VARCHAR NOT NULL", "Why, in a sentence."),
            "use_instead": ("VARCHAR[]", "Codes to bill in its place."),
        },
    ),
    "coverage": (
        "One criterion of a payer's rule, judged on one note, a row.",
        {
            "result_id": ("BIGINT NOT NULL", "The result."),
            "n": ("INTEGER NOT NULL", "Its place in the rule, from 1."),
            "policy": ("VARCHAR NOT NULL", "The rule."),
            "id": ("VARCHAR NOT NULL", "The criterion's id."),
            "criterion": ("VARCHAR NOT NULL", "What it asks."),
            "source": ("VARCHAR NOT NULL", "Where it is written."),
            "in_force_from": ("DATE", "First date of service it holds for."),
            "in_force_to": ("DATE", "Last date of service it holds for."),
            "met": ("VARCHAR NOT NULL", "yes, no or not_documented."),
            "reason": ("VARCHAR NOT NULL", "Why, in a sentence."),
            "evidence": (_EVIDENCE, "The words it rests on."),
        },
    ),
    "failures": (
        "One note of one run that could not be checked a row.",
        {
            "run_id": ("INTEGER NOT NULL", "Its run."),
            "seq": ("BIGINT NOT NULL", "Its place in the input, from 1; notes and failures are counted together."),
            "source": ("VARCHAR", "The file it stood in."),
            "row": ("BIGINT", "The row or line it stood at."),
            "note_id": ("VARCHAR", "The note's id, where it could be read."),
            "reason": ("VARCHAR NOT NULL", "Why, in a sentence that quotes no note."),
        },
    ),
}

_VIEWS = {
    "run_notes": (
        "A run's checked notes, each with its result: `FROM run_notes WHERE run_id = 1`.",
        "SELECT n.*, r.* EXCLUDE (result_id) FROM notes n JOIN results r USING (result_id)",
    ),
    "run_codes": (
        "A run's codes, one row a note and code: billed, supported, or both.",
        """SELECT n.run_id, n.seq, n.note_id, n.provider, r.service_date, c.* EXCLUDE (result_id)
        FROM notes n JOIN results r USING (result_id) JOIN (
            SELECT coalesce(b.result_id, s.result_id) AS result_id, coalesce(b.code, s.code) AS code,
                coalesce(s.description, '') AS description, b.code IS NOT NULL AS billed, b.verdict, s.support,
                coalesce(b.reason, s.reason) AS reason, coalesce(b.use_instead, []) AS use_instead,
                coalesce(s.more_specific, []) AS more_specific, coalesce(b.n, 100000 + s.n) AS n
            FROM claims b FULL JOIN codes s ON b.result_id = s.result_id AND b.code = s.code
        ) c USING (result_id)""",
    ),
    **{
        f"run_{table}": (
            f"A run's {table}: `FROM run_{table} WHERE run_id = 1`.",
            f"SELECT n.run_id, n.seq, n.note_id, n.provider, r.service_date, t.* EXCLUDE (result_id) "
            f"FROM notes n JOIN results r USING (result_id) JOIN {table} t USING (result_id)",
        )
        for table in ("elements", "evidence", "claims", "coverage")
    },
}

RUN_VIEWS = tuple(_VIEWS)


def statements() -> Iterator[str]:
    """The SQL that makes an empty store."""
    for table, (about, columns) in _TABLES.items():
        yield f"CREATE TABLE {table} ({', '.join(f'{_name(c)} {kind}' for c, (kind, _) in columns.items())})"
        yield f"COMMENT ON TABLE {table} IS {_quoted(about)}"
        for column, (_, says) in columns.items():
            yield f"COMMENT ON COLUMN {table}.{_name(column)} IS {_quoted(says)}"
    for view, (about, query) in _VIEWS.items():
        yield f"CREATE VIEW {view} AS {query}"
        yield f"COMMENT ON VIEW {view} IS {_quoted(about)}"


def _name(column: str) -> str:
    return f'"{column}"'


def _quoted(words: str) -> str:
    return "'" + words.replace("'", "''") + "'"
