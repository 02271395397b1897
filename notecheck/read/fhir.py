"""FHIR R4: the notes in DocumentReference, DiagnosticReport and Composition, alone, in a Bundle or in a Bulk Data NDJSON export.

fhir.resources validates what a note is made of. What goes with a note, such as its encounter and its claim, is taken from the same Bundle
(`fhir_bundle`). A document entered in error is a failure with that reason: it must not be judged, and not vanish either.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import chain, islice
from typing import Any, BinaryIO

from notecheck.failures import Failure, InputError
from notecheck.models import LONGEST_NOTE, Note
from notecheck.read import documents
from notecheck.read.encoding import whole
from notecheck.read.fhir_bundle import Bundle, day, first_words, listed, model, words_of
from notecheck.read.lines import tidy, titled

LARGEST = 128_000_000  # bytes of one resource or Bundle; a patient's whole chart is a quarter of that
_CHUNK = 1 << 20
_NOTES = {"DocumentReference", "DiagnosticReport", "Composition"}
_BEST_FIRST = ("text/plain", "text/html", "application/xhtml+xml", "text/rtf", "application/rtf", "word", "xml", "application/pdf")


def read(stream: BinaryIO, name: str) -> Iterator[Note | Failure]:
    """The notes of a resource, a Bundle or NDJSON. `row` is the line of the NDJSON, or the entry of the Bundle."""
    start = stream.tell()
    lines = (numbered for numbered in _lines(stream) if numbered[1].strip())
    begin = list(islice(lines, 2))
    if len(begin) < 2 or not any(_object(line) for _, line in begin):  # one resource, on one line or over many
        stream.seek(start)
        yield from _alone(stream, name)
        return
    for row, line in chain(begin, lines):
        if resource := _object(line):
            yield from notes_of(resource, name, row)
        else:
            reason = "the line is too long for one resource" if len(line) > LARGEST else "the line is not a FHIR resource in JSON"
            yield Failure(source=name, row=row, reason=f"{reason}; write one resource a line.")


def _alone(stream: BinaryIO, name: str) -> Iterator[Note | Failure]:
    data = stream.read(LARGEST + 1)
    if len(data) > LARGEST:
        yield Failure(source=name, reason=f"{name} is larger than the {LARGEST // 1_000_000} MB a resource may have; export it as NDJSON.")
    elif resource := _object(data):
        yield from notes_of(resource, name)
    else:
        yield Failure(source=name, reason=f"{name} is not a FHIR resource in JSON; export it again.")


def notes_of(resource: dict[str, Any], source: str | None = None, row: int | None = None) -> Iterator[Note | Failure]:
    """The notes in a resource or Bundle, with what its Bundle says of them; nothing for a resource that is no note, such as a Patient.

    Raises InputError where fhir.resources is not installed.
    """
    kind = resource.get("resourceType")
    if not isinstance(kind, str):
        yield Failure(source=source, row=row, reason="the JSON is not a FHIR resource: it has no resourceType; export it as FHIR R4.")
    elif kind == "Bundle":
        bundle = Bundle(resource)
        seen: dict[tuple[str, str], set[str | None]] = {}  # whose the notes of these words and this day are
        for entry, inner in bundle.entries:
            if str(inner.get("resourceType")) not in _NOTES:
                continue
            item = _note(inner, bundle, source, row or entry)
            if isinstance(item, Note):  # a report is often there twice, as DiagnosticReport and as the DocumentReference that points to it
                patients = seen.setdefault((item.text, str(item.service_date)), set())
                patient = (inner.get("subject") or {}).get("reference")
                if patients and (patient in {None, *patients} or None in patients):
                    continue
                patients.add(patient)
            yield item
        for reason in bundle.problems:
            yield Failure(source=source, row=row, reason=reason)
    elif kind in _NOTES:
        yield _note(resource, Bundle({"entry": [{"resource": resource}]}), source, row)


def _note(resource: dict[str, Any], bundle: Bundle, source: str | None, row: int | None) -> Note | Failure:
    kind = resource["resourceType"]
    note_id = _id(resource)
    try:
        if "entered-in-error" in (resource.get("status"), resource.get("docStatus")):
            raise InputError(f"the {kind} is marked as entered in error and was not checked; leave it out of the export.")
        document = model(resource)
        encounter = bundle.encounter_of(document)
        patient = bundle.patient_of(document)
        claims = bundle.claims(encounter, patient)
        return Note(
            note_id=note_id or f"{source or 'bundle'}#{row or 1}",
            text=_text(document, bundle),
            service_date=_service_date(document, encounter),
            provider=bundle.provider(document, encounter),
            site=bundle.site(document, encounter),
            payer=bundle.payer(claims, patient),
            note_type=words_of(getattr(document, "type", None) or getattr(document, "code", None)),
            codes=bundle.codes(claims, encounter, patient),
            source=source,
            row=row,
        )
    except InputError as e:
        if isinstance(e.__cause__, ImportError):
            raise
        return Failure(source=source, row=row, note_id=note_id, reason=str(e))


def _id(resource: dict[str, Any]) -> str | None:
    """The resource's id, else the value of its identifier."""
    for identifier in (resource, resource.get("masterIdentifier"), *listed(resource.get("identifier"))):
        value = identifier.get("id" if identifier is resource else "value") if isinstance(identifier, dict) else None
        if isinstance(value, str) and value.strip():
            return whole(value.strip())
    return None


def _text(document: Any, bundle: Bundle) -> str:
    kind = document.get_resource_type()
    if kind == "DocumentReference":
        text = _attached([content.attachment for content in document.content], bundle)
    elif kind == "Composition":
        body = "\n\n".join(filter(None, map(_section, listed(document.section)))) or _narrative(document)
        text = titled(whole(document.title), body) if body else ""
    elif document.presentedForm:
        text = _attached(document.presentedForm, bundle)
    else:
        conclusion, narrative = tidy(whole(document.conclusion or "")), _narrative(document)
        text = "\n\n".join(filter(None, (narrative, conclusion if conclusion not in narrative else "")))
    if not text.strip():
        raise InputError(f"the {kind} holds no text; export it with its narrative or attachment.")
    if len(text) > LONGEST_NOTE:
        raise InputError(f"the note is longer than {LONGEST_NOTE:,} characters; split it into its notes.")
    return text


def _section(section: Any) -> str:
    inner = [_section(s) for s in listed(section.section)]
    body = "\n\n".join(filter(None, (_narrative(section), *inner)))
    return titled(whole(section.title or ""), body) if body else ""


def _narrative(element: Any) -> str:
    from notecheck.read import html

    return tidy(html.fragment(whole(element.text.div), "the narrative")) if element.text and element.text.div.strip() else ""


def _attached(attachments: list[Any], bundle: Bundle) -> str:
    """The text of the first that can be read, plain text before other forms: they all hold the same document."""
    reasons: list[str] = []
    for attachment in sorted(attachments, key=lambda a: _rank(a.contentType or "")):
        data, content_type = attachment.data, attachment.contentType or ""
        if not data and attachment.url:
            binary = bundle.resolve(attachment.url, "Binary")
            data, content_type = (binary.data, binary.contentType or content_type) if binary else (None, content_type)
        if not data:
            told = "the text is not inline, only its address; export the documents with their content (attachment.data)."
            reasons.append(told if attachment.url else "the attachment has no data; export the documents with their content.")
            continue
        try:
            return documents.text_of(data, "the attachment", _charset(content_type))
        except InputError as e:
            reasons.append(str(e))
    raise InputError(first_words(reasons) or "the document has no attachment; export the documents with their content.")


def _rank(content_type: str) -> int:
    return next((i for i, kind in enumerate(_BEST_FIRST) if kind in content_type.lower()), len(_BEST_FIRST))


def _charset(content_type: str) -> str | None:
    for part in content_type.split(";")[1:]:
        name, _, value = part.partition("=")
        if name.strip().lower() == "charset":
            return value.strip().strip("\"'") or None
    return None


def _service_date(document: Any, encounter: Any) -> Any:
    """When the patient was seen; where nothing says it, when the document was written."""
    context, period = getattr(document, "context", None), getattr(encounter, "period", None)
    dates = [
        context and context.period and context.period.start,
        getattr(document, "effectiveDateTime", None),
        document.effectivePeriod.start if getattr(document, "effectivePeriod", None) else None,
        period and period.start,
        getattr(document, "date", None),
        getattr(document, "issued", None),
    ]
    return next((found for date in dates if (found := day(date))), None)


def _object(data: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(data) if len(data) <= LARGEST else None
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _lines(stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """The lines with their numbers. Of one that is too long only as much as shows it."""
    row = 0
    while line := stream.readline(LARGEST + 1):
        row += 1
        end = line
        while len(line) > LARGEST and end and not end.endswith(b"\n"):
            end = stream.readline(_CHUNK)
        yield row, line
