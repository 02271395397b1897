"""SARIF 2.1.0, for pipelines and editors: a result for each thing that a note lacks, each problem of its claim, each criterion not met.

A result stands where the note's words are: `charOffset` counts the characters of the note, lines and columns count from 1. A note that is
one row of an export is named by the file and the row. Results come first in the file and the tool after them, so that nothing is kept.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any, Protocol, get_args
from urllib.parse import quote

from notecheck import __version__
from notecheck.failures import Failure
from notecheck.models import CoverageFinding, Evidence, Note, NoteReport, Verdict
from notecheck.tables import Audit
from notecheck.write.files import private_file
from notecheck.write.text import line_number, words

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LINE_STARTS = re.compile(r"\r\n?|\n")
# What a pipeline may stop at is an error; a hint to do better is a warning or a note.
_VERDICT_LEVELS: dict[Verdict, str] = {"less_specific": "warning", "outside_pack": "note"}
_MET_LEVELS = {"no": "error", "not_documented": "warning"}

Result = dict[str, Any]


class ElementHelp(Protocol):
    """What a pack says of an element to whoever has to mend a note."""

    @property
    def name(self) -> str: ...
    @property
    def asks(self) -> str: ...
    @property
    def satisfied_by(self) -> str: ...
    @property
    def why(self) -> str: ...
    @property
    def fix(self) -> str: ...


def write(audit: Audit, elements: Mapping[str, ElementHelp], path: Path) -> None:
    """Writes the run's results to `path`, readable by its owner alone."""
    run = audit.run
    done = ((one.note, one.report) for one in audit.notes())
    with private_file(path) as f:
        f.writelines(_lines(done, audit.failures(), elements, run.profile, run.notecheck_version))


def dumps(done: Iterable[tuple[Note, NoteReport]], elements: Mapping[str, ElementHelp], failed: Iterable[Failure] = ()) -> str:
    """The results of a few notes, and the failures beside them, as one SARIF document."""
    pairs = list(done)
    profile = pairs[0][1].profile if pairs else "none"
    return "".join(_lines(pairs, failed, elements, profile, __version__))


def results(note: Note, report: NoteReport, elements: Mapping[str, ElementHelp]) -> Iterator[Result]:
    """The results of one note."""
    place = _Place(note)
    for status, level, ids in (("missing", "error", report.missing), ("partial", "warning", report.partial)):
        for element in ids:
            name, fix = (elements[element].name, elements[element].fix) if element in elements else (element, "")
            evidence = report.elements[element].evidence if element in report.elements else ()
            yield _result(element, level, f"{name}: {status}. {fix}".strip(), place, evidence)
    for claim in report.claim:
        if claim.verdict != "supported":
            instead = f"Use instead: {', '.join(claim.use_instead)}." if claim.use_instead else ""
            said = f"{claim.code}: {words(claim.verdict)}. {claim.reason} {instead}".strip()
            yield _result(f"claim.{claim.verdict}", _VERDICT_LEVELS.get(claim.verdict, "error"), said, place, (), about=claim.code)
    for finding in report.coverage:
        if finding.met != "yes":
            said = f"{finding.criterion} {words(finding.met).capitalize()}: {finding.reason}"
            yield _result(finding.id, _MET_LEVELS[finding.met], said, place, finding.evidence)


class _Place:
    """Where a note stands, and where in it a quotation does."""

    def __init__(self, note: Note) -> None:
        self._note = note
        # The fragment is that of RFC 7111; a row's characters are counted in the note, not in the export.
        row = f"#row={note.row}" if note.row is not None else ""
        self._uri = quote((note.source or note.note_id).replace("\\", "/"), safe="/!") + (row if note.source else "")

    @property
    def note_id(self) -> str:
        return self._note.note_id

    def location(self, evidence: Evidence | None = None) -> Result:
        physical: Result = {"artifactLocation": {"uri": self._uri}}
        if evidence:
            physical["region"] = self._region(evidence)
        return {"physicalLocation": physical, "logicalLocations": [{"name": self.note_id, "kind": "note"}]}

    def _region(self, evidence: Evidence) -> Result:
        region = {"charOffset": evidence.start, "charLength": evidence.end - evidence.start}
        text = self._note.text
        if not text:
            return region
        return {
            "startLine": line_number(text, evidence.start),
            "startColumn": evidence.start - _line_start(text, evidence.start) + 1,
            "endLine": line_number(text, evidence.end),
            "endColumn": evidence.end - _line_start(text, evidence.end) + 1,
            **region,
        }


def _line_start(text: str, at: int) -> int:
    return max((m.end() for m in _LINE_STARTS.finditer(text, 0, at)), default=0)


def _result(rule: str, level: str, message: str, place: _Place, evidence: Iterable[Evidence], about: str = "") -> Result:
    locations = [place.location(e) for e in evidence] or [place.location()]
    result: Result = {"ruleId": rule, "level": level, "message": {"text": message}, "locations": locations[:1]}
    if locations[1:]:
        result["relatedLocations"] = [{"id": n, **location} for n, location in enumerate(locations[1:], 1)]
    known = json.dumps([place.note_id, rule, about])
    result["partialFingerprints"] = {"noteAndRule/v1": hashlib.sha256(known.encode()).hexdigest()[:32]}
    return result


def _lines(
    done: Iterable[tuple[Note, NoteReport]],
    failed: Iterable[Failure],
    elements: Mapping[str, ElementHelp],
    profile: str,
    version: str,
) -> Iterator[str]:
    """The document piece by piece, a result a line."""
    criteria: dict[str, CoverageFinding] = {}

    def all_results() -> Iterator[Result]:
        for note, report in done:
            criteria.update((c.id, c) for c in report.coverage)
            yield from results(note, report, elements)

    yield f'{{"$schema": {json.dumps(SCHEMA)}, "version": "2.1.0", "runs": [{{\n"columnKind": "unicodeCodePoints",\n'
    yield f'"newlineSequences": ["\\r\\n", "\\n", "\\r"],\n"automationDetails": {json.dumps({"id": f"notecheck/{profile}"})},\n'
    yield '"results": ['
    yield from _listed(all_results())
    yield '],\n"invocations": [{"executionSuccessful": true, "toolExecutionNotifications": ['
    yield from _listed(map(_notification, failed))
    yield ']}],\n"tool": {"driver": '
    yield f'{{"name": "notecheck", "version": {json.dumps(version)}, "rules": ['
    yield from _listed(chain(_element_rules(elements), _verdict_rules(), _criterion_rules(criteria.values())))
    yield "]}}\n}]}\n"


def _listed(items: Iterable[Result]) -> Iterator[str]:
    for position, item in enumerate(items):
        yield (",\n" if position else "\n") + json.dumps(item)


def _notification(failure: Failure) -> Result:
    said: Result = {"level": "error", "message": {"text": failure.reason}}
    if failure.source or failure.note_id:
        place = _Place(Note(note_id=failure.note_id or "", text="", source=failure.source, row=failure.row))
        said["locations"] = [place.location()]
    return said


def _element_rules(elements: Mapping[str, ElementHelp]) -> Iterator[Result]:
    for element, told in elements.items():
        yield _rule(element, told.name, told.asks, f"{told.why} Satisfied by: {told.satisfied_by} {told.fix}", "error")


def _verdict_rules() -> Iterator[Result]:
    for verdict in get_args(Verdict):
        if verdict != "supported":
            short = f"A billed code is {words(verdict)}"
            full = f"{short}: the message says which code, and what to use instead where that is known."
            yield _rule(f"claim.{verdict}", short, full, full, _VERDICT_LEVELS.get(verdict, "error"))


def _criterion_rules(criteria: Iterable[CoverageFinding]) -> Iterator[Result]:
    for c in criteria:
        yield _rule(c.id, c.criterion, c.criterion, f"A criterion of {c.policy}. Source: {c.source}.", "warning")


def _rule(name: str, short: str, full: str, helped: str, level: str) -> Result:
    return {
        "id": name,
        "shortDescription": {"text": short},
        "fullDescription": {"text": full},
        "help": {"text": helped},
        "defaultConfiguration": {"level": level},
    }
