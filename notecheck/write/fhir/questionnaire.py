"""A profile as a FHIR R4 Questionnaire in the style of Da Vinci DTR: what a payer's form would ask, one group an element.

A group has the element's id for its linkId and holds the status, the fields of the value where the element has any, and the words of the note.
An element that a profile requires only where another one is found is asked only then (enableWhen).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from notecheck.models import ElementFinding, NoteReport, Status
from notecheck.write.fhir import names
from notecheck.write.fhir.names import Json
from notecheck.write.text import ElementWords

SIDES = ("left", "right", "bilateral")


class AskedElement(ElementWords, Protocol):
    """What a pack says of an element, as far as a form asks it. `values` maps a field to how its values merge."""

    @property
    def asks(self) -> str: ...
    @property
    def satisfied_by(self) -> str: ...
    @property
    def values(self) -> Mapping[str, object]: ...


class Condition(Protocol):
    @property
    def element(self) -> str: ...
    @property
    def status(self) -> Sequence[Status]: ...


class Requirement(Protocol):
    @property
    def element(self) -> str: ...
    @property
    def when(self) -> Condition | None: ...


class ProfileWords(Protocol):
    """What a pack says of a profile."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def description(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def requires(self) -> Sequence[Requirement]: ...


class PackLabel(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def sources(self) -> Mapping[str, str]: ...


class PackWords(Protocol):
    """What a pack says to people; `notecheck.packs.Pack` is one."""

    @property
    def info(self) -> PackLabel: ...
    @property
    def elements(self) -> Mapping[str, AskedElement]: ...
    @property
    def profiles(self) -> Mapping[str, ProfileWords]: ...


def questionnaire(profile: ProfileWords, pack: PackWords) -> Json:
    """The Questionnaire of this profile. Its url and version are those of profile and pack, so that a response can name it."""
    source = pack.info.sources.get(profile.source)
    return {
        "resourceType": "Questionnaire",
        "id": names.resource_id(profile.id),
        "url": names.questionnaire_url(profile.id),
        "version": pack.info.version,
        "name": "Notecheck" + "".join(part.capitalize() for part in names.resource_id(profile.id).replace(".", "-").split("-")),
        "title": profile.name,
        "status": "active",
        "subjectType": ["Patient"],
        "description": profile.description,
        **({"purpose": f"Source: {source}"} if source else {}),
        "item": [_group(r, pack.elements[r.element], _condition(r, profile)) for r in profile.requires],
    }


def asked(profile: ProfileWords, report: NoteReport) -> Iterator[str]:
    """The elements that the form asks of this note: those whose condition, where they have one, holds."""
    for r in profile.requires:
        when = _condition(r, profile)
        if when is None or finding(report, when.element).status in when.status:
            yield r.element


def finding(report: NoteReport, element: str) -> ElementFinding:
    """What the report says of an element; one that it does not speak of is missing."""
    return report.elements.get(element, ElementFinding(status="missing"))


def options(kind: object) -> tuple[str, ...]:
    """What a field of a value may be, where its merge rule lists it; else nothing, and the field is free text."""
    return SIDES if kind == "side" else tuple(getattr(kind, "rank", ()))


def _condition(requirement: Requirement, profile: ProfileWords) -> Condition | None:
    """What must be answered first. “Required where it is mentioned” is no condition: the question may always be answered, and left open."""
    when = requirement.when
    inside = when is not None and any(r.element == when.element for r in profile.requires)
    return when if inside and when is not None and when.element != requirement.element else None


def _group(requirement: Requirement, element: AskedElement, when: Condition | None) -> Json:
    id_, required = requirement.element, requirement.when is None or when is not None
    return {
        "extension": [{"url": names.SHORT_TEXT, "valueString": element.name}],
        "linkId": id_,
        "text": element.asks,
        "type": "group",
        "required": required,
        **(_enabled(when) if when else {}),
        "item": [
            _help(id_, element),
            {
                "linkId": names.status_link(id_),
                "text": "Status",
                "type": "choice",
                "required": required,
                "answerOption": [{"valueCoding": names.status_coding(s)} for s in names.ANSWERS],
            },
            *(_value(id_, field, kind) for field, kind in element.values.items()),
            {"linkId": names.evidence_link(id_), "text": "Words of the note", "type": "text", "repeats": True},
        ],
    }


def _enabled(when: Condition) -> Json:
    question = names.status_link(when.element)
    tests = [{"question": question, "operator": "=", "answerCoding": names.status_coding(s)} for s in when.status]
    return {"enableWhen": tests, "enableBehavior": "any"}


def _help(id_: str, element: AskedElement) -> Json:
    control = {"coding": [names.coding(names.ITEM_CONTROL_SYSTEM, "help", "Help-Button")]}
    return {
        "extension": [{"url": names.ITEM_CONTROL, "valueCodeableConcept": control}],
        "linkId": f"{id_}/help",
        "text": element.satisfied_by,
        "type": "display",
    }


def _value(id_: str, field: str, kind: object) -> Json:
    item: Json = {"linkId": names.value_link(id_, field), "text": names.words(field)}
    listed = options(kind)
    if listed:
        return {**item, "type": "choice", "answerOption": [{"valueCoding": names.value_coding(o)} for o in listed]}
    return {**item, "type": "string", **({"repeats": True} if kind == "union" else {})}
