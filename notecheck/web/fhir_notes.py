"""Runs inside a checker process: the notes in a FHIR resource that was sent, each with the record's references to it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from pydantic import TypeAdapter

from notecheck.failures import Failure, InputError
from notecheck.models import Frozen, Note
from notecheck.web.worker import Answer
from notecheck.write.fhir.response import Subject

Json = dict[str, Any]


class Sent(Frozen):
    """One document that was sent: its note, or why it has none. `invalid` where it is not FHIR at all."""

    note: Note | None = None
    failure: Failure | None = None
    invalid: bool = False
    subject: Subject = Subject()


_LIST = TypeAdapter(list[Sent])


def notes_of(data: bytes) -> Answer:
    """The documents of this resource as JSON, for `sent` to read. Raises InputError."""
    return Answer(_LIST.dump_json(list(_sent(json.loads(data)))).decode())


def sent(answer: str) -> list[Sent]:
    return _LIST.validate_json(answer)


def _sent(resource: Json) -> Iterator[Sent]:
    from notecheck.read import fhir

    for item in fhir.notes_of(resource):
        document = _document(resource, item.row)
        if isinstance(item, Note):
            yield Sent(note=item, subject=_subject(document))
        else:
            yield Sent(failure=item, invalid=_is_invalid(document), subject=_subject(document))


def _document(resource: Json, row: int | None) -> Json:
    """The document an item came from: entry `row` of a Bundle, counted from 1, or the resource itself; {} for a fault of the Bundle."""
    if resource.get("resourceType") != "Bundle":
        return resource
    found: Any = resource["entry"][row - 1]["resource"] if row else {}
    return found if isinstance(found, dict) else {}


def _is_invalid(document: Json) -> bool:
    from notecheck.read.fhir_bundle import model

    try:
        model(document)
    except InputError:
        return True
    return False


def _subject(document: Json) -> Subject:
    kind, id_ = document.get("resourceType"), document.get("id")
    return Subject(
        patient=_string(document, "subject", "reference"),
        encounter=_string(document, "context", "encounter", "reference") or _string(document, "encounter", "reference"),
        document=f"{kind}/{id_}" if isinstance(id_, str) and id_.strip() else None,
    )


def _string(value: Any, *path: str) -> str | None:
    """The string at the end of this path, the first where a list is on the way."""
    for name in path:
        value = value[0] if isinstance(value, list) and value else value
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, str) and value.strip() else None
