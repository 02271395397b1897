"""What a note answers to its profile's Questionnaire: a QuestionnaireResponse whose every answer is marked as automatic and quotes the note.

The mark is DTR's information-origin with the source “auto” (so in DTR 2.1; 2.2 means to split that code): a person who changes an answer changes it
to “override”. An element that is missing has no answer. The response is `completed` where nothing is missing and nothing partial, else `in-progress`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from notecheck import __version__
from notecheck.models import ElementFinding, Note, NoteReport
from notecheck.write.fhir import names
from notecheck.write.fhir.names import Json
from notecheck.write.fhir.questionnaire import AskedElement, PackWords, asked, finding, options


class Subject(NamedTuple):
    """References of the record a note came from, such as `Patient/7`: whose it is, of which encounter, and the document itself."""

    patient: str | None = None
    encounter: str | None = None
    document: str | None = None


def response(note: Note, report: NoteReport, pack: PackWords, subject: Subject) -> Json:
    """The QuestionnaireResponse of one note in scope."""
    profile = pack.profiles[report.profile]
    return {
        "resourceType": "QuestionnaireResponse",
        "id": names.note_uuid("response", note, report, subject.document, subject.patient),
        **({"extension": [about(subject.document)]} if subject.document else {}),
        "identifier": {"system": names.NOTE_SYSTEM, "value": names.plain(note.note_id)},
        "questionnaire": f"{names.questionnaire_url(profile.id)}|{pack.info.version}",
        "status": "in-progress" if report.missing or report.partial else "completed",
        **({"subject": {"reference": names.plain(subject.patient)}} if subject.patient else {}),
        **({"encounter": {"reference": names.plain(subject.encounter)}} if subject.encounter else {}),
        "author": {"type": "Device", "display": f"notecheck {__version__}, patterns {pack.info.name} {pack.info.version}"},
        "item": [_item(e, pack.elements[e], finding(report, e)) for e in asked(profile, report)],
    }


def about(reference: str) -> Json:
    """The extension that says what a resource speaks of."""
    return {"url": names.ABOUT, "valueReference": {"reference": names.plain(reference)}}


def _item(id_: str, element: AskedElement, found: ElementFinding) -> Json:
    item: Json = {"linkId": id_, "text": element.asks}
    if found.status == "missing":
        return item
    values = found.value or {}
    nested = [
        _answered(names.status_link(id_), "Status", [{"valueCoding": names.status_coding(found.status)}]),
        *(
            _answered(names.value_link(id_, field), names.words(field), list(_value(values[field], options(kind))))
            for field, kind in element.values.items()
            if field in values
        ),
        _answered(names.evidence_link(id_), "Words of the note", list(_quoted(found))),
    ]
    return {**item, "item": [n for n in nested if n["answer"]]}


def _answered(link: str, text: str, answers: list[Json]) -> Json:
    origin = {"url": names.INFORMATION_ORIGIN, "extension": [{"url": "source", "valueCode": "auto"}]}
    marked = [{**answer, "extension": [origin, *answer.get("extension", ())]} for answer in answers]
    return {"linkId": link, "text": text, "answer": marked}


def _value(value: Any, listed: tuple[str, ...]) -> Iterator[Json]:
    """One answer an item of the value; a part that is not said, and an empty one, is none."""
    for part in value if isinstance(value, list | tuple) else (value,):
        if isinstance(part, dict):
            part = " ".join(str(v) for v in part.values() if v is not None)
        if part is None or not str(part).strip():
            continue
        yield {"valueCoding": names.value_coding(str(part))} if listed else {"valueString": names.plain(str(part))}


def _quoted(found: ElementFinding) -> Iterator[Json]:
    """The words as the answer, where they stand as its extension; a run that keeps no text has the place alone and so no answer."""
    rules = [w.rule for w in found.why] if len(found.why) == len(found.evidence) else [None] * len(found.evidence)
    for quotation, rule in zip(found.evidence, rules, strict=True):
        if quotation.text.strip():
            yield {"valueString": names.plain(quotation.text), "extension": [names.evidence(quotation, rule, text=False)]}
