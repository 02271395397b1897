"""C-CDA documents: the narrative of every section under its title. The coded entries repeat it and are not read, but for the diagnoses of the visit."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterator
from datetime import date
from typing import BinaryIO, cast

from lxml import etree

from notecheck.codesets import parse_codes
from notecheck.failures import Failure, InputError
from notecheck.models import LONGEST_NOTE, Note
from notecheck.read import markup, xml
from notecheck.read.encoding import whole
from notecheck.read.lines import tidy, titled
from notecheck.read.record import day

_V3 = "urn:hl7-org:v3"
_NS = {"h": _V3}
_ICD10CM = "2.16.840.1.113883.6.90"
_DIAGNOSES_OF_A_VISIT = "2.16.840.1.113883.10.20.22.4.80"  # template: Encounter Diagnosis
_DISCHARGE_DIAGNOSES = "2.16.840.1.113883.10.20.22.4.33"  # template: Hospital Discharge Diagnosis
_VISIT = "2.16.840.1.113883.10.20.22.4.49"  # template: Encounter Activity


Inside = Callable[[bytes, str], str]  # gives the text of a document that is carried inside, such as RTF or PDF


def read(stream: BinaryIO, name: str, inside: Inside) -> Iterator[Note | Failure]:
    """The note of one document, or the reason why there is none."""
    try:
        document = _document(stream.read(xml.LARGEST + 1), name)
        yield Note(
            note_id=_id(document) or name,
            text=_narrative(document, name, inside),
            service_date=_service_date(document),
            provider=_provider(document),
            site=_words(document, "h:custodian//h:representedCustodianOrganization/h:name"),
            note_type=_words(document, "h:title") or _value(document, "h:code/@displayName"),
            codes=_codes(document),
            source=name,
        )
    except InputError as e:
        yield Failure(source=name, reason=str(e))


def text_of(data: bytes, name: str, inside: Inside) -> str:
    """The narrative of a document alone. Raises InputError."""
    return _narrative(_document(data, name), name, inside)


def _document(data: bytes, name: str) -> etree._Element:
    root = xml.parse(data, name)
    if root.tag != f"{{{_V3}}}ClinicalDocument":
        raise InputError(f"{name} is XML but not a C-CDA ClinicalDocument; export the note as C-CDA, FHIR or plain text.")
    return root


def _narrative(document: etree._Element, name: str, inside: Inside) -> str:
    sections = [_section(s) for s in _all(document, "h:component/h:structuredBody/h:component/h:section")]
    bodies = [*filter(None, sections), *(_other_body(b, name, inside) for b in _all(document, "h:component/h:nonXMLBody/h:text"))]
    if not bodies:
        raise InputError(f"{name} has no section with words in it; export the document with its narrative.")
    text = titled(_words(document, "h:title") or "", "\n\n".join(bodies))
    if len(text) > LONGEST_NOTE:
        raise InputError(f"{name} is longer than the {LONGEST_NOTE:,} characters a note may have; split it into its notes.")
    return text


def _section(section: etree._Element) -> str:
    own = "\n".join(filter(None, (_block(text) for text in section.findall("h:text", _NS))))
    inner = [_section(s) for s in _all(section, "h:component/h:section")]
    body = "\n\n".join(filter(None, (own, *inner)))
    return titled(_words(section, "h:title") or "", body) if body else ""


def _block(text: etree._Element) -> str:
    if len(text):
        return tidy(markup.text(text))
    lines = (line.strip() for line in (text.text or "").splitlines())  # a system that writes no markup means its line ends
    return tidy("\n".join(lines))


def _other_body(text: etree._Element, name: str, inside: Inside) -> str:
    """The words of a document carried inside."""
    words = "".join(str(part) for part in text.itertext())
    if text.get("representation") != "B64":
        if not words.strip():
            raise InputError(f"{name} only points to its text, which is not inside; export it with the text.")
        return tidy(words)
    try:
        data = base64.b64decode("".join(words.split()), validate=True)
    except (binascii.Error, ValueError) as e:
        raise InputError(f"{name} holds a document whose base64 is damaged; export it again.") from e
    if b"ClinicalDocument" in data[:4096]:
        raise InputError(f"{name} holds another C-CDA document; export that one itself.")
    return inside(data, name)


def _service_date(document: etree._Element) -> date | None:
    visit, event = "h:componentOf/h:encompassingEncounter/h:effectiveTime", "h:documentationOf/h:serviceEvent/h:effectiveTime"
    for place in (f"{visit}/h:low/@value", f"{visit}/@value", f"{event}/h:low/@value", f"{event}/@value", "h:effectiveTime/@value"):
        try:
            if found := day(_value(document, place)[:8]):
                return found
        except ValueError:
            continue
    return None


def _provider(document: etree._Element) -> str | None:
    """Who wrote it; where a device did, who answered for the visit."""
    visit = "h:componentOf/h:encompassingEncounter"
    for place in (
        "h:author/h:assignedAuthor/h:assignedPerson/h:name",
        f"{visit}/h:responsibleParty/h:assignedEntity/h:assignedPerson/h:name",
        f"{visit}/h:encounterParticipant/h:assignedEntity/h:assignedPerson/h:name",
    ):
        if found := _words(document, place):
            return found
    return None


def _codes(document: etree._Element) -> tuple[str, ...]:
    """The ICD-10-CM diagnoses of the visit the document is about; other visits and the problem list are history."""
    values: list[etree._Element] = []
    for visit in _this_visit(document):
        values += _all(visit, f".//h:act[h:templateId/@root='{_DIAGNOSES_OF_A_VISIT}']//h:observation[not(@negationInd='true')]/h:value")
    values += _all(document, f".//h:act[h:templateId/@root='{_DISCHARGE_DIAGNOSES}']//h:observation[not(@negationInd='true')]/h:value")
    coded = [c for v in values for c in (v, *_all(v, "h:translation")) if c.get("codeSystem") == _ICD10CM]
    return parse_codes("\n".join(whole(c.get("code") or "") for c in coded))


def _this_visit(document: etree._Element) -> list[etree._Element]:
    ids = _ids(document, "h:componentOf/h:encompassingEncounter/h:id")
    visits = _all(document, f".//h:encounter[h:templateId/@root='{_VISIT}']")
    same = [v for v in visits if ids & _ids(v, "h:id")]
    return same or (visits if len(visits) == 1 else [])


def _ids(element: etree._Element, place: str) -> set[tuple[str, str]]:
    return {(i.get("root") or "", i.get("extension") or "") for i in _all(element, place)}


def _id(document: etree._Element) -> str:
    return whole(_value(document, "h:id/@extension") or _value(document, "h:id/@root"))


def _all(element: etree._Element, place: str) -> list[etree._Element]:
    return cast(list[etree._Element], element.xpath(place, namespaces=_NS))


def _value(element: etree._Element, place: str) -> str:
    found = cast(list[str], element.xpath(place, namespaces=_NS))
    return str(found[0]).strip() if found else ""


def _words(element: etree._Element, place: str) -> str | None:
    """The words of the first such element that has any, such as the parts of a name."""
    for found in _all(element, place):
        if words := " ".join(" ".join(str(part) for part in found.itertext()).split()):
            return words
    return None
