"""JUnit XML, for pipelines that show tests: a suite a note, a test for each required element, billed code and coverage criterion.

What could not be checked is an error in a suite of its own; a note out of scope is skipped.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import quoteattr

from notecheck.failures import Failure
from notecheck.models import Note, NoteReport
from notecheck.tables import Audit
from notecheck.write.files import private_file
from notecheck.write.text import ElementWords, words
from notecheck.write.xml_text import one_line


class Case(NamedTuple):
    """One test: `outcome` is `passed`, `failure`, `skipped` or `error`; `kind` and `message` say why it did not pass."""

    name: str
    outcome: str = "passed"
    kind: str = ""
    message: str = ""


def write(audit: Audit, elements: Mapping[str, ElementWords], path: Path) -> None:
    """Writes the run's tests to `path`, readable by its owner alone."""
    done = ((one.note, one.report) for one in audit.notes())
    with private_file(path) as f:
        f.writelines(_lines(done, audit.failures(), audit.totals().failed, elements))


def dumps(done: Iterable[tuple[Note, NoteReport]], elements: Mapping[str, ElementWords], failed: Iterable[Failure] = ()) -> str:
    """The tests of a few notes, and the failures beside them, as one document."""
    failures = list(failed)
    return "".join(_lines(done, failures, len(failures), elements))


def cases(report: NoteReport, elements: Mapping[str, ElementWords]) -> Iterator[Case]:
    """The tests of one note."""
    if not report.in_scope:
        yield Case("in scope", "skipped", "out_of_scope", " ".join(report.warnings))
    for element in report.required:
        yield _element_case(element, report, elements)
    for claim in report.claim:
        instead = f"Use instead: {', '.join(claim.use_instead)}." if claim.use_instead else ""
        said = f"{claim.code}: {words(claim.verdict)}. {claim.reason} {instead}".strip()
        name = f"billed code {claim.code}"
        yield Case(name) if claim.verdict == "supported" else Case(name, "failure", claim.verdict, said)
    for finding in report.coverage:
        name = f"{finding.policy}: {finding.criterion}"
        yield Case(name) if finding.met == "yes" else Case(name, "failure", finding.met, finding.reason)


def _element_case(element: str, report: NoteReport, elements: Mapping[str, ElementWords]) -> Case:
    name, fix = (elements[element].name, elements[element].fix) if element in elements else (element, "")
    for status, ids in (("missing", report.missing), ("partial", report.partial)):
        if element in ids:
            return Case(name, "failure", status, f"{status.capitalize()}. {fix}".strip())
    return Case(name)


def _lines(
    done: Iterable[tuple[Note, NoteReport]],
    failed: Iterable[Failure],
    failures: int,
    elements: Mapping[str, ElementWords],
) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="notecheck">\n'
    for note, report in done:
        found = list(cases(report, elements))
        owner = f"{note.provider}.{note.note_id}" if note.provider else note.note_id
        yield _suite_start(note.note_id, len(found), {o: sum(c.outcome == o for c in found) for o in ("failure", "error", "skipped")})
        for case in found:
            yield _case(owner, case)
        yield "  </testsuite>\n"
    if failures:
        yield _suite_start("not checked", failures, {"failure": 0, "error": failures, "skipped": 0})
        for failure in failed:
            row = f" row {failure.row}" if failure.row is not None else ""
            name = failure.note_id or f"{failure.source or 'input'}{row}"
            yield _case(failure.source or "input", Case(name, "error", "not_checked", failure.reason))
        yield "  </testsuite>\n"
    yield "</testsuites>\n"


def _suite_start(name: str, tests: int, counts: Mapping[str, int]) -> str:
    told = f'tests="{tests}" failures="{counts["failure"]}" errors="{counts["error"]}" skipped="{counts["skipped"]}"'
    return f"  <testsuite name={_quoted(name)} {told}>\n"


def _case(owner: str, case: Case) -> str:
    start = f"    <testcase classname={_quoted(owner)} name={_quoted(case.name)}"
    if case.outcome == "passed":
        return f"{start}/>\n"
    kind = "" if case.outcome == "skipped" else f" type={_quoted(case.kind)}"  # a test that is skipped has no kind in this format
    return f"{start}><{case.outcome}{kind} message={_quoted(case.message)}/></testcase>\n"


def _quoted(text: str) -> str:
    return quoteattr(one_line(text))
