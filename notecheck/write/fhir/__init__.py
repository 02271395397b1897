"""Reports as FHIR R4: a Bundle with, for each note, its answers to the profile's Questionnaire and what is missing as an OperationOutcome.

The same notes give the same bytes: ids come from the notes, and no clock is read.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import NamedTuple

from notecheck.failures import Failure, InputError
from notecheck.models import Note, NoteReport
from notecheck.write.fhir.issues import of_failure, outcome
from notecheck.write.fhir.names import Json
from notecheck.write.fhir.questionnaire import PackWords, questionnaire
from notecheck.write.fhir.response import Subject, response

__all__ = ["FhirError", "Read", "Subject", "bundle", "check_resource", "dumps", "questionnaire"]


class FhirError(RuntimeError):
    """A resource of ours that FHIR does not allow. The message says where in it, without a word of the note."""


class Read(NamedTuple):
    """A note with its report, and what of the record it belongs to."""

    note: Note
    report: NoteReport
    subject: Subject = Subject()


def dumps(done: Iterable[tuple[Note, NoteReport]], pack: PackWords) -> str:
    """The Bundle of these notes as indented JSON. Raises InputError where the library that validates it is not installed."""
    found = bundle((Read(note, report) for note, report in done), pack)
    check_resource(found)
    return json.dumps(found, ensure_ascii=False, indent=2)


def bundle(done: Iterable[Read | Failure], pack: PackWords) -> Json:
    """A Bundle of type collection: the Questionnaires, then a QuestionnaireResponse and an OperationOutcome a note, in order.

    A note out of scope, and one that could not be checked, has its OperationOutcome alone.
    """
    forms: dict[str, Json] = {}
    answers: dict[str, Json] = {}  # by address: a note given twice is answered once, for a Bundle holds no address twice

    def add(resource: Json) -> str:
        address = f"urn:uuid:{resource['id']}"
        answers[address] = {"fullUrl": address, "resource": resource}
        return address

    for item in done:
        if isinstance(item, Failure):
            add(of_failure(item))
            continue
        note, report, subject = item
        speaks_of = subject.document
        if report.in_scope:
            forms.setdefault(report.profile, questionnaire(pack.profiles[report.profile], pack))
            speaks_of = add(response(note, report, pack, subject))
        add(outcome(note, report, pack.elements, speaks_of))
    entries = [{"fullUrl": form["url"], "resource": form} for form in forms.values()]
    entries.extend(answers.values())
    return {"resourceType": "Bundle", "type": "collection", **({"entry": entries} if entries else {})}


def check_resource(resource: Json) -> None:
    """Nothing where the resource is valid FHIR. Raises FhirError where it is not, InputError where the library is not installed."""
    try:
        from fhir.resources.R4B import get_fhir_model_class
        from pydantic import ValidationError
    except ImportError:
        raise InputError("writing FHIR needs an extra: pip install 'notecheck[fhir]'.") from None
    try:
        get_fhir_model_class(resource["resourceType"]).model_validate(resource)
    except ValidationError as e:
        first = e.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(p) for p in first["loc"])
        # from None: the library's own message quotes what it was given
        raise FhirError(
            f"notecheck made a {resource['resourceType']} that FHIR does not allow ({place}: {first['type']}); please report this line."
        ) from None
