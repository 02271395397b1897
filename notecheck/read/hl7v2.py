"""HL7 v2: the notes of MDM and ORU messages, one message at a time, from files, batches and MLLP captures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import BinaryIO

from notecheck.codesets import parse_codes
from notecheck.failures import Failure, InputError
from notecheck.models import LONGEST_NOTE, Note
from notecheck.read.encoding import whole
from notecheck.read.hl7v2_message import Message, Segment
from notecheck.read.hl7v2_stream import messages
from notecheck.read.hl7v2_text import text_of_value
from notecheck.read.lines import tidy
from notecheck.read.record import day

_WITHDRAWN = {"CA"}  # TXA-19 and TXA-17: the document was cancelled
_WRONG = {"D", "W", "X"}  # OBX-11: deleted, posted to the wrong patient, no result
_TEXTS = {"TX", "FT", "ST", "ED"}
_CANCELLATION = "T11"
_ICD10CM = {"I10", "I10C", "ICD10", "ICD-10", "ICD10CM", "ICD-10-CM", "ICD10-CM", "10"}
_OBX_TYPE, _OBX_NAME, _OBX_VALUE, _OBX_STATUS = 2, 3, 5, 11


def read(stream: BinaryIO, name: str) -> Iterator[Note | Failure]:
    """The notes of the messages; `row` is the number of the message. Messages of other kinds, and results that are all numbers, hold no note."""
    for row, text in messages(stream):
        if isinstance(text, InputError):
            yield Failure(source=name, row=row, reason=str(text))
            continue
        try:
            message = Message(text)
        except InputError as e:
            yield Failure(source=name, row=row, reason=str(e))
            continue
        yield from _notes(message, name, row)


@dataclass(frozen=True)
class _Report:
    """The segment that heads a report, and the observations that are its words."""

    head: Segment | None
    observations: list[Segment]


def _notes(message: Message, name: str, row: int) -> Iterator[Note | Failure]:
    kind, event = message.part(message.first("MSH"), 9, 1), message.part(message.first("MSH"), 9, 2)
    if kind not in {"MDM", "ORU"}:
        return
    reports = [r for r in _reports(message) if r.observations]
    document = message.first("TXA")
    if event == _CANCELLATION or _WITHDRAWN & {message.part(document, 17), message.part(document, 19)}:
        reason = "the document was cancelled by its sender and was not checked; leave it out of the export."
        yield Failure(source=name, row=row, note_id=_document_id(message) or None, reason=reason)
        return
    if not reports and kind == "MDM":
        reason = "the message holds no text in OBX-5 (TX, FT, ST or ED); export the documents with their content."
        yield Failure(source=name, row=row, note_id=_document_id(message) or None, reason=reason)
    for number, report in enumerate(reports, start=1):
        note_id = _note_id(message, report, number, len(reports))
        try:
            yield Note(
                note_id=note_id,
                text=_text(message, report),
                service_date=_service_date(message, report),
                provider=_provider(message, report),
                site=message.part(message.first("MSH"), 4)
                or message.part(message.first("PV1"), 3, 4)
                or message.part(message.first("PV1"), 3)
                or None,
                payer=message.part(message.first("IN1"), 4) or None,
                note_type=_note_type(message, report),
                codes=_codes(message),
                source=name,
                row=row,
            )
        except InputError as e:
            yield Failure(source=name, row=row, note_id=note_id, reason=str(e))


def _reports(message: Message) -> Iterator[_Report]:
    """An MDM is one document. An ORU has a report under each OBR."""
    document = message.first("TXA")
    head, observations = message.first("OBR") if document is not None else None, list[Segment]()
    for segment in message.segments:
        if segment[0] == "OBR" and document is None:
            yield _Report(head, observations)
            head, observations = segment, []
        elif segment[0] == "OBX" and message.part(segment, _OBX_TYPE) in _TEXTS and message.part(segment, _OBX_STATUS) not in _WRONG:
            observations.append(segment)
    yield _Report(head, observations)


def _text(message: Message, report: _Report) -> str:
    """The lines of the observations; where they go by several names, each name stands above its own as a heading."""
    named = [(message.part(obx, _OBX_NAME, 2), obx) for obx in report.observations]
    headed = len({name for name, _ in named}) > 1
    pieces: list[str] = []
    for name, group in groupby(named, key=lambda pair: pair[0]):
        body = "\n".join(
            text_of_value(message.part(obx, _OBX_TYPE), obx[_OBX_VALUE], message.escapes) for _, obx in group if len(obx) > _OBX_VALUE
        )
        if body.strip():
            pieces.append(f"\n{name}\n{body}" if headed and name else body)
    text = tidy(whole("\n".join(pieces)))
    if not text.strip():
        raise InputError("the document's text is empty; export it again or leave it out.")
    if len(text) > LONGEST_NOTE:
        raise InputError(f"the note is longer than {LONGEST_NOTE:,} characters; split it into its notes.")
    return text


def _document_id(message: Message) -> str:
    return message.part(message.first("TXA"), 12) or message.part(message.first("MSH"), 10)


def _note_id(message: Message, report: _Report, number: int, of: int) -> str:
    if unique := message.part(message.first("TXA"), 12):
        return unique
    if order := message.part(report.head, 3):
        return order
    control = message.part(message.first("MSH"), 10)
    return f"{control}-{number}" if of > 1 else control


def _service_date(message: Message, report: _Report) -> date | None:
    for segment, field in ((message.first("TXA"), 4), (report.head, 7), (message.first("PV1"), 44)):
        try:
            if found := day(message.part(segment, field)[:8]):
                return found
        except ValueError:
            continue
    return None


def _provider(message: Message, report: _Report) -> str | None:
    """The author of the document, else who dictated it, ordered the report, or attended."""
    for segment, field in ((message.first("TXA"), 9), (message.first("TXA"), 5), (report.head, 16), (message.first("PV1"), 7)):
        name = " ".join(filter(None, (message.part(segment, field, n) for n in (3, 4, 2, 5))))
        if found := name or message.part(segment, field):
            return found
    return None


def _note_type(message: Message, report: _Report) -> str | None:
    document = message.first("TXA")
    words = (message.part(document, 2, 2), message.part(report.head, 4, 2), message.part(document, 2), message.part(report.head, 4))
    return next((w for w in words if w), None)


def _codes(message: Message) -> tuple[str, ...]:
    """The ICD-10-CM codes of the diagnoses; other code systems are left out."""
    found = []
    for segment in message.segments:
        if segment[0] == "DG1":
            systems = {message.part(segment, 3, 3).upper(), message.part(segment, 2).upper()} - {""}
            if not systems or systems & _ICD10CM:
                found.append(message.part(segment, 3))
    return parse_codes("\n".join(found))
