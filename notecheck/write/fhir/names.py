"""The addresses, codes and small data types of FHIR R4 that the other files of this folder share.

The addresses of HL7 are those of the published guides: SDC 3.0 and Da Vinci DTR 2.1. Our own stand below `BASE`, a name reserved for examples
(RFC 2606): nobody can own it, nothing answers there, and nothing is ever fetched from it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from notecheck.models import Evidence, Note, NoteReport, Status

Json = dict[str, Any]

BASE = "https://notecheck.example/fhir"
STATUS_SYSTEM = f"{BASE}/CodeSystem/status"
VALUE_SYSTEM = f"{BASE}/CodeSystem/value"
FINDING_SYSTEM = f"{BASE}/CodeSystem/finding"
NOTE_SYSTEM = f"{BASE}/NamingSystem/note-id"
EVIDENCE = f"{BASE}/StructureDefinition/evidence"
ABOUT = f"{BASE}/StructureDefinition/about"

ICD10CM = "http://hl7.org/fhir/sid/icd-10-cm"
INFORMATION_ORIGIN = "http://hl7.org/fhir/us/davinci-dtr/StructureDefinition/information-origin"
SHORT_TEXT = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-shortText"
ITEM_CONTROL = "http://hl7.org/fhir/StructureDefinition/questionnaire-itemControl"
ITEM_CONTROL_SYSTEM = "http://hl7.org/fhir/questionnaire-item-control"

# A missing element has no answer, as DTR has it: the form stays open for a person to fill.
ANSWERS: tuple[Status, ...] = ("documented", "denied", "partial", "not_applicable")


def questionnaire_url(profile: str) -> str:
    return f"{BASE}/Questionnaire/{resource_id(profile)}"


def resource_id(name: str) -> str:
    """The name as FHIR allows it for an id: letters, digits, hyphens and points, at most 64."""
    return re.sub(r"[^A-Za-z0-9.-]", "-", name)[:64]


def uuid(*parts: str) -> str:
    """The same id for the same parts, always."""
    return str(uuid5(NAMESPACE_URL, plain("\x1f".join((BASE, *parts)))))


def note_uuid(kind: str, note: Note, report: NoteReport, *references: str | None) -> str:
    """The id of what is said of this note, as it was given, under this profile; `references` tell it from one of another document or patient."""
    return uuid(kind, report.profile, note.note_id, str(note.service_date), *note.codes, note.text, *filter(None, references))


def status_link(element: str) -> str:
    return f"{element}/status"


def value_link(element: str, field: str) -> str:
    return f"{element}/value/{field}"


def evidence_link(element: str) -> str:
    return f"{element}/evidence"


def coding(system: str, code: str, display: str | None = None) -> Json:
    found = {"system": system, "code": code}
    return {**found, "display": plain(display)} if display else found


def status_coding(status: str) -> Json:
    return coding(STATUS_SYSTEM, status, words(status))


def value_coding(value: str) -> Json:
    return coding(VALUE_SYSTEM, value, words(value))


def words(code: str) -> str:
    """A code as words: `below_knee` is “Below knee”."""
    return code.replace("_", " ").capitalize()


def evidence(quotation: Evidence, rule: str | None = None, *, text: bool = True) -> Json:
    """The extension that says which words of the note, where they stand in characters from its start, and which rule read them."""
    told: list[Json] = [
        {"url": "start", "valueInteger": quotation.start},
        {"url": "end", "valueInteger": quotation.end},
        *({"url": name, "valueString": plain(value)} for name, value in (("section", quotation.section), ("rule", rule)) if value),
    ]
    quoted: list[Json] = [{"url": "text", "valueString": plain(quotation.text)}] if text else []
    return {"url": EVIDENCE, "extension": quoted + told}


def evidences(quotations: Iterable[Evidence]) -> Json:
    """`{"extension": […]}` with one extension a quotation; nothing where there is none."""
    found = [evidence(q) for q in quotations]
    return {"extension": found} if found else {}


def plain(text: str) -> str:
    """The text as FHIR allows it in a string: control characters and halves of a pair become a visible mark, one for one."""
    return "".join(c if c in "\t\r\n" or unicodedata.category(c) not in ("Cc", "Cs") else "\N{REPLACEMENT CHARACTER}" for c in text)
