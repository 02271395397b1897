"""What reviewers say of an audit's findings, kept in its store: a note reviewed, a finding agreed with or overruled, and how often each rule held.

Marks are only ever added, so that who said what, and when, stays; the last one of a finding counts, and one that is taken back counts for
nothing. They belong to a note's result: a later run that takes the result over keeps its marks.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Literal, get_args

import duckdb
from pydantic import Field

from notecheck.batch import database
from notecheck.failures import InputError
from notecheck.models import Frozen, NoteReport, Status, Support, Verdict
from notecheck.tables import AuditedNote

Kind = Literal["note", "element", "code", "claim"]
Decision = Literal["reviewed", "agree", "overrule", "undo"]

# What a finding can be corrected to.
ANSWERS: dict[Kind, tuple[str, ...]] = {"note": (), "element": get_args(Status), "code": get_args(Support), "claim": get_args(Verdict)}
LONGEST = 2000  # characters of a reason
_REVIEWER = 100

_TABLE = """
CREATE TABLE IF NOT EXISTS reviews (
    review_id BIGINT NOT NULL, run_id INTEGER NOT NULL, seq BIGINT NOT NULL, result_id BIGINT NOT NULL, note_id VARCHAR NOT NULL,
    kind VARCHAR NOT NULL, about VARCHAR NOT NULL, found VARCHAR, rules VARCHAR[] NOT NULL,
    decision VARCHAR NOT NULL, corrected VARCHAR, reason VARCHAR, reviewer VARCHAR, made TIMESTAMP NOT NULL
)"""
_COMMENTS = {
    "review_id": "Number of the mark, in the order in which they were made.",
    "run_id": "The run that the reviewer looked at.",
    "seq": "The note's place in that run.",
    "result_id": "The note's result: marks hold for every run that lists it.",
    "note_id": "The note's id in the export.",
    "kind": "note, element, code (its support by the note) or claim (the verdict on a billed code).",
    "about": "The element or the code; empty for the note as a whole.",
    "found": "The status, support or verdict that the report gave.",
    "rules": "The rules behind the finding.",
    "decision": "reviewed, agree, overrule, or undo: the mark before it is taken back.",
    "corrected": "What an overruled finding should have been.",
    "reason": "Why it is overruled.",
    "reviewer": "Who said so, if given.",
    "made": "When, UTC.",
}
# The marks that count: of each finding the last, where it is not taken back.
CURRENT = """(SELECT * FROM reviews QUALIFY row_number() OVER (PARTITION BY result_id, kind, about ORDER BY review_id DESC) = 1)"""


class Review(Frozen):
    """One mark. `made` is in UTC."""

    review_id: int
    run_id: int
    seq: int
    note_id: str
    kind: Kind
    about: str
    found: str | None = None
    rules: tuple[str, ...] = ()
    decision: Decision
    corrected: str | None = None
    reason: str | None = None
    reviewer: str | None = None
    made: datetime


class RulePrecision(Frozen):
    """How often reviewers agreed with what a rule found. The bounds are those of the Wilson interval at 95 %."""

    rule: str
    agreed: int
    overruled: int
    precision: float = Field(description="agreed / (agreed + overruled)")
    low: float
    high: float


class Reviews:
    """The marks in an open store. Safe to use from several threads: each query has a cursor of its own, and one mark is written at a time."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._lock = threading.Lock()
        with database.transaction(connection):
            connection.execute(_TABLE)
            connection.execute("COMMENT ON TABLE reviews IS 'One mark of a reviewer a row; the last one of a finding counts.'")
            for column, says in _COMMENTS.items():
                connection.execute(f"COMMENT ON COLUMN reviews.{column} IS $${says}$$")

    def add(
        self,
        run_id: int,
        note: AuditedNote,
        kind: Kind,
        about: str,
        decision: Decision,
        *,
        corrected: str = "",
        reason: str = "",
        reviewer: str = "",
    ) -> None:
        """Puts a mark on the note or one of its findings. Raises InputError for one that makes no sense, with a sentence for the reviewer."""
        found, rules = _finding(note.report, kind, about)
        corrected, reason, reviewer = corrected.strip(), reason.strip(), reviewer.strip()
        if decision == "overrule":
            if corrected not in ANSWERS[kind] or corrected == found:
                raise InputError("Say what the finding should have been: choose another answer than the one that is overruled.")
            if not reason:
                raise InputError("Say why the finding is overruled; the reason is what the rule is mended by.")
        else:
            corrected = reason = ""
        if decision != "undo" and (decision == "reviewed") != (kind == "note"):
            raise InputError("A note is marked reviewed; a finding is agreed with or overruled.")
        if len(reason) > LONGEST or len(reviewer) > _REVIEWER:
            raise InputError(f"The reason may have {LONGEST:,} characters and the reviewer's name {_REVIEWER}; shorten them.")
        made = datetime.now(UTC).replace(tzinfo=None)
        said = [kind, about, found, list(rules), decision, corrected or None, reason or None, reviewer or None, made]
        with self._lock, self._connection.cursor() as cursor, database.transaction(cursor):
            cursor.execute(
                """INSERT INTO reviews SELECT (SELECT coalesce(max(review_id), 0) + 1 FROM reviews), n.run_id, n.seq, n.result_id, n.note_id,
                    $3, $4, $5, $6, $7, $8, $9, $10, $11 FROM notes n WHERE n.run_id = $1 AND n.seq = $2""",
                [run_id, note.seq, *said],
            )

    def of_note(self, run_id: int, seq: int) -> list[Review]:
        """The marks that count on this note and its findings."""
        query = f"""SELECT r.* FROM {CURRENT} r JOIN notes n USING (result_id)
            WHERE n.run_id = $1 AND n.seq = $2 AND decision <> 'undo' ORDER BY review_id"""
        return [Review(**row) for row in self._rows(query, [run_id, seq])]

    def every(self, run_id: int) -> Iterator[Review]:
        """The marks that count on the notes of this run, as they were made."""
        query = f"""SELECT r.* REPLACE (n.run_id AS run_id, n.seq AS seq, n.note_id AS note_id) FROM {CURRENT} r JOIN notes n USING (result_id)
            WHERE n.run_id = $1 AND decision <> 'undo' ORDER BY review_id"""
        for row in self._rows(query, [run_id]):
            yield Review(**row)

    def precision(self, run_id: int) -> list[RulePrecision]:
        """Each rule that was marked on this run, the surest to be poor first."""
        query = f"""SELECT rule, count(*) FILTER (decision = 'agree'), count(*) FILTER (decision = 'overrule') FROM (
                SELECT DISTINCT review_id, unnest(rules) AS rule, decision FROM {CURRENT} r JOIN notes n USING (result_id)
                WHERE n.run_id = $1 AND decision IN ('agree', 'overrule')
            ) GROUP BY rule"""
        with self._cursor() as cursor:
            found = [_precision(*row) for row in cursor.execute(query, [run_id]).fetchall()]
        return sorted(found, key=lambda p: (p.high, p.rule))

    def _cursor(self) -> duckdb.DuckDBPyConnection:
        with self._lock:
            return self._connection.cursor()

    def _rows(self, query: str, values: list[Any]) -> Iterator[dict[str, Any]]:
        with self._cursor() as cursor:
            cursor.execute(query, values)
            names = [column[0] for column in cursor.description or ()]
            while rows := cursor.fetchmany(1000):
                for row in rows:
                    known = dict(zip(names, row, strict=True))
                    del known["result_id"]
                    known["made"] = known["made"].replace(tzinfo=UTC)
                    yield known


def wilson(successes: int, of: int) -> tuple[float, float]:
    """The Wilson interval at 95 % of a share; 0 to 1 where nothing was counted.

    Source: E. B. Wilson, Probable inference, the law of succession, and statistical inference, J. Am. Stat. Assoc. 22 (1927) 209-212.
    """
    if not of:
        return 0.0, 1.0
    z2 = 1.959963984540054**2
    share = successes / of
    middle = share + z2 / (2 * of)
    spread = math.sqrt(z2 * (share * (1 - share) / of + z2 / (4 * of * of)))
    return max(0.0, (middle - spread) / (1 + z2 / of)), min(1.0, (middle + spread) / (1 + z2 / of))


def _precision(rule: str, agreed: int, overruled: int) -> RulePrecision:
    low, high = wilson(agreed, agreed + overruled)
    return RulePrecision(rule=rule, agreed=agreed, overruled=overruled, precision=agreed / (agreed + overruled), low=low, high=high)


def _finding(report: NoteReport, kind: Kind, about: str) -> tuple[str | None, tuple[str, ...]]:
    """What the report says, and the rules behind it. What no rule read has the name of what was not found: there is a rule that should have."""
    if kind == "note" and not about:
        return None, ()
    if kind == "element" and about in report.elements:
        element = report.elements[about]
        return element.status, tuple(dict.fromkeys(why.rule for why in element.why)) or (f"{about}: nothing found",)
    for code in report.codes:
        if kind == "code" and code.code == about:
            return code.support, (f"code {about}",)
    for billed in report.claim:
        if kind == "claim" and billed.code == about:
            return billed.verdict, (f"verdict {billed.verdict}",)
    raise InputError("The note has no such finding; load the page again.")
