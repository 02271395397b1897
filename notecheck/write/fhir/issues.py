"""What a note lacks, as a FHIR R4 OperationOutcome: one issue a finding, the worst kinds first, each saying how to mend it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from notecheck.failures import Failure
from notecheck.models import Evidence, Met, Note, NoteReport, Support, Verdict
from notecheck.write.fhir import names
from notecheck.write.fhir.names import Json
from notecheck.write.fhir.questionnaire import finding
from notecheck.write.fhir.response import about
from notecheck.write.text import ElementWords

Grade = tuple[str, str]  # severity and type of an issue, from the two value sets of R4

MISSING: Grade = ("error", "required")
PARTIAL: Grade = ("warning", "required")
TOLD: Grade = ("information", "informational")
OUT_OF_SCOPE: Grade = ("warning", "not-supported")
VERDICTS: dict[Verdict, Grade] = {
    "unsupported": ("error", "business-rule"),
    "not_billable": ("error", "code-invalid"),
    "not_valid_on_date": ("error", "code-invalid"),
    "excluded": ("error", "conflict"),
    "less_specific": ("warning", "code-invalid"),
    "outside_pack": ("information", "not-supported"),
    "supported": TOLD,
}
SUPPORT: dict[Support, Grade] = {"needs_documentation": ("warning", "business-rule"), "supported": TOLD, "excluded": TOLD}
MET: dict[Met, Grade] = {"no": ("error", "business-rule"), "not_documented": ("warning", "business-rule"), "yes": TOLD}


def outcome(note: Note, report: NoteReport, elements: Mapping[str, ElementWords], speaks_of: str | None) -> Json:
    """The OperationOutcome of one note; `speaks_of` is the reference of the response or document it belongs to.

    R4 wants at least one issue, so a note that lacks nothing has one that says so.
    """
    issues = list(_issues(report, elements)) or [issue(TOLD, "complete", "Nothing required is missing.")]
    return of_issues(issues, names.note_uuid("outcome", note, report, speaks_of), speaks_of)


def of_failure(failure: Failure) -> Json:
    """The OperationOutcome of a note that could not be checked."""
    place = ", ".join(str(p) for p in (failure.source, f"row {failure.row}" if failure.row else None, failure.note_id) if p)
    found = issue(("error", "processing"), "not_checked", failure.reason, diagnostics=place)
    return of_issues([found], names.uuid("failure", failure.reason, place))


def of_issues(issues: list[Json], id_: str | None = None, speaks_of: str | None = None) -> Json:
    return {
        "resourceType": "OperationOutcome",
        **({"id": id_} if id_ else {}),
        **({"extension": [about(speaks_of)]} if speaks_of else {}),
        "issue": issues,
    }


def issue(
    grade: Grade,
    code: str,
    text: str,
    *,
    system: str = names.FINDING_SYSTEM,
    also: Json | None = None,
    diagnostics: str = "",
    at: str = "",
    evidence: Iterable[Evidence] = (),
) -> Json:
    """One issue: what it is about (`code`, and a second coding `also`), the sentence for people, more of it, where in the response, and the quotations."""
    severity, kind = grade
    return {
        **names.evidences(e for e in evidence if e.text.strip()),
        "severity": severity,
        "code": kind,
        "details": {"coding": [names.coding(system, names.plain(code)), *([also] if also else [])], "text": names.plain(text)},
        **({"diagnostics": names.plain(diagnostics)} if diagnostics.strip() else {}),
        **({"expression": [at]} if at else {}),
    }


def _issues(report: NoteReport, elements: Mapping[str, ElementWords]) -> Iterator[Json]:
    if not report.in_scope:
        yield from (issue(OUT_OF_SCOPE, "out_of_scope", warning) for warning in report.warnings or ("Out of scope of the patterns.",))
        return
    yield from (_lack(e, MISSING, report, elements) for e in report.missing)
    yield from (_lack(e, PARTIAL, report, elements) for e in report.partial)
    for claim in report.claim:
        instead = f"Use instead: {', '.join(claim.use_instead)}." if claim.use_instead else ""
        yield _of_code(VERDICTS[claim.verdict], claim.code, claim.verdict, claim.reason, instead)
    for unbilled in report.unbilled:
        yield _of_code(TOLD, unbilled, "unbilled", f"{unbilled} is supported by the note and not billed.")
    for criterion in report.coverage:
        said = f"{criterion.criterion} {criterion.reason}"
        also = names.coding(names.FINDING_SYSTEM, criterion.met)
        yield issue(
            MET[criterion.met], criterion.id, said, also=also, diagnostics=f"Policy {criterion.policy}.", evidence=criterion.evidence
        )
    for code in report.codes:
        finer = f"More specific: {', '.join(code.more_specific)}." if code.more_specific else ""
        yield _of_code(SUPPORT[code.support], code.code, code.support, code.reason, finer, code.description, code.evidence)
    yield from (issue(TOLD, "warning", warning) for warning in report.warnings)


def _lack(element: str, grade: Grade, report: NoteReport, elements: Mapping[str, ElementWords]) -> Json:
    found, words = finding(report, element), elements.get(element)
    also = names.coding(names.FINDING_SYSTEM, found.status)
    at = f"QuestionnaireResponse.item.where(linkId='{element}')"
    name, fix = (words.name, words.fix) if words else (element, "Document it.")
    return issue(grade, element, fix, also=also, diagnostics=f"{name} is {found.status}.", at=at, evidence=found.evidence)


def _of_code(
    grade: Grade, code: str, verdict: str, reason: str, more: str = "", display: str = "", evidence: Iterable[Evidence] = ()
) -> Json:
    text = reason if reason.strip() else names.words(verdict)
    also = names.coding(names.ICD10CM, names.plain(code), display or None)
    return issue(grade, verdict, text, also=also, diagnostics=more, evidence=evidence)
