"""C-CDA documents."""

from __future__ import annotations

import base64
import io
import time
from datetime import date
from pathlib import Path

import pytest
from read import made

from notecheck.failures import Failure
from notecheck.models import Note
from notecheck.read import ccda, documents

EXPORTS = Path(__file__).parents[3] / "shared" / "exports"
ICD = "2.16.840.1.113883.6.90"
HEADER = """
  <id root="1.2.3" extension="N-1"/><code code="11506-3" displayName="Progress note"/><title>Spine visit</title><effectiveTime value="20251126080000-0500"/>
  <author><assignedAuthor><assignedPerson><name><given>Ruth</given><family>Okafor</family><suffix>MD</suffix></name></assignedPerson></assignedAuthor></author>
  <custodian><assignedCustodian><representedCustodianOrganization><name>Harbor Point</name></representedCustodianOrganization></assignedCustodian></custodian>
  <componentOf><encompassingEncounter><id root="9" extension="E1"/><effectiveTime><low value="20251124233000-0500"/></effectiveTime></encompassingEncounter></componentOf>
"""


def document(*sections: str, header: str = HEADER, prolog: str = '<?xml version="1.0" encoding="UTF-8"?>') -> bytes:
    body = "".join(f"<component><section>{s}</section></component>" for s in sections)
    within = f"{header}<component><structuredBody>{body}</structuredBody></component>"
    return f'{prolog}<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:sdtc="urn:hl7-org:sdtc">{within}</ClinicalDocument>'.encode()


def read(data: bytes) -> Note | Failure:
    (item,) = ccda.read(io.BytesIO(data), "visit.xml", documents.text_of)
    return item


def text_of(*sections: str) -> str:
    note = read(document(*sections))
    assert isinstance(note, Note), note
    return note.text.removeprefix("Spine visit\n")


def encounter(code: str, extension: str = "E1", system: str = ICD, negated: str = "false") -> str:
    problem = f'<observation classCode="OBS" moodCode="EVN" negationInd="{negated}"><value codeSystem="2.16.840.1.113883.6.96" code="1"><translation code="{code}" codeSystem="{system}"/></value></observation>'
    act = f'<act><templateId root="2.16.840.1.113883.10.20.22.4.80"/><entryRelationship>{problem}</entryRelationship></act>'
    return f'<entry><encounter><templateId root="2.16.840.1.113883.10.20.22.4.49"/><id root="9" extension="{extension}"/><entryRelationship>{act}</entryRelationship></encounter></entry>'


def test_a_document_is_a_note_with_what_its_header_says() -> None:
    note = read(document("<title>HPI</title><text>Back pain.</text>", "<title>Plan</title><text><paragraph>Rest.</paragraph></text>"))
    expected = Note(
        note_id="N-1",
        text="Spine visit\nHPI\nBack pain.\n\nPlan\nRest.",
        service_date=date(2025, 11, 24),
        provider="Ruth Okafor MD",
        site="Harbor Point",
        note_type="Spine visit",
        source="visit.xml",
    )
    assert note == expected


@pytest.mark.parametrize(
    ("block", "lines"),
    [
        ("<paragraph>One</paragraph><paragraph>Two<br/>Three</paragraph>", ["One", "Two", "Three"]),
        ("<content styleCode='Bold'>Pain:</content> 7/10, <content ID='x'>left</content>", ["Pain: 7/10, left"]),
        (
            "<list><caption>Meds</caption><item>Ibuprofen</item><item><paragraph>Ice</paragraph></item></list>",
            ["Meds", "- Ibuprofen", "- Ice"],
        ),
        ("<list listType='ordered'><item>Strain</item><item>Obesity</item></list>", ["1. Strain", "2. Obesity"]),
        (
            "<table><thead><tr><th>Muscle</th><th>R</th></tr></thead><tbody><tr><td>EHL</td><td>4/5</td></tr></tbody></table>",
            ["Muscle\tR", "EHL\t4/5"],
        ),
        ("<paragraph>No <content revised='delete'>leg </content>pain</paragraph>", ["No pain"]),
        (
            "<paragraph>Pain<!-- secret --> &lt; 5 &amp; <linkHtml href='http://x.example'>worse</linkHtml></paragraph>",
            ["Pain < 5 & worse"],
        ),
        ("Onset: May\n   Severity: 7/10\n", ["Onset: May", "Severity: 7/10"]),
    ],
)
def test_the_narrative_stands_in_lines_as_a_reader_sees_it(block: str, lines: list[str]) -> None:
    assert text_of(f"<title>HPI</title><text>{block}</text>").split("\n") == ["HPI", *lines]


def test_sections_within_sections_and_without_words() -> None:
    inner = "<component><section><title>Strength</title><text>EHL 4/5</text></section></component>"
    assert (
        text_of("<title>Exam</title><text>Seen.</text>" + inner, "<title>Vitals</title>", "<text>Signed.</text>")
        == "Exam\nSeen.\n\nStrength\nEHL 4/5\n\nSigned."
    )


def test_coded_entries_are_not_read_as_words() -> None:
    entry = "<entry><observation><text>Coded pain</text><value displayName='Coded'/></observation></entry>"
    assert text_of(f"<title>Problems</title><text>Back pain</text>{entry}") == "Problems\nBack pain"


@pytest.mark.parametrize(
    ("entries", "codes"),
    [
        (encounter("M54.16"), ("M54.16",)),
        (encounter("M54.16") + encounter("I10", "E0"), ("M54.16",)),
        (encounter("M54.16", "other"), ("M54.16",)),
        (encounter("M54.16", "A") + encounter("I10", "B"), ()),
        (encounter("M54.16", system="2.16.840.1.113883.6.103"), ()),
        (encounter("M54.16", negated="true"), ()),
        (
            f"<entry><act><entryRelationship><observation><value code='I10' codeSystem='{ICD}'/></observation></entryRelationship></act></entry>",
            (),
        ),
    ],
)
def test_only_the_diagnoses_of_this_visit_are_its_codes(entries: str, codes: tuple[str, ...]) -> None:
    note = read(document("<text>Back pain</text>" + entries))
    assert isinstance(note, Note) and note.codes == codes


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (HEADER.replace('<low value="20251124233000-0500"/>', '<low nullFlavor="UNK"/>'), date(2025, 11, 26)),
        (HEADER.replace('><low value="20251124233000-0500"/></effectiveTime>', ' value="20251123"/>'), date(2025, 11, 23)),
        ('<effectiveTime value="2025"/>', None),
        ('<effectiveTime value="soon"/>', None),
    ],
)
def test_the_date_is_that_of_the_visit_else_that_of_the_document(header: str, expected: date | None) -> None:
    note = read(document("<text>Back pain</text>", header=header))
    assert isinstance(note, Note) and note.service_date == expected


def test_who_answers_for_the_visit_is_named_where_a_device_wrote() -> None:
    author = HEADER.replace("assignedPerson", "assignedAuthoringDevice").replace(
        "<encompassingEncounter>",
        "<encompassingEncounter><responsibleParty><assignedEntity><assignedPerson><name>Dr. Sand</name></assignedPerson></assignedEntity></responsibleParty>",
    )
    note = read(document("<text>Back pain</text>", header=author))
    assert isinstance(note, Note) and note.provider == "Dr. Sand"


def carrying(words: str, representation: str = ' mediaType="text/rtf" representation="B64"') -> bytes:
    body = f"<component><nonXMLBody><text{representation}>{words}</text></nonXMLBody></component>"
    return f'<ClinicalDocument xmlns="urn:hl7-org:v3"><title>Visit</title>{body}</ClinicalDocument>'.encode()


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (carrying(base64.b64encode(made.rtf(["Back pain", "No fever"])).decode()), "Visit\nBack pain\nNo fever"),
        (carrying(base64.b64encode(made.pdf(["Back pain", "No fever"])).decode()), "Visit\nBack pain\nNo fever"),
        (carrying("Back pain", ' mediaType="text/plain"'), "Visit\nBack pain"),
    ],
)
def test_a_document_carried_inside_is_read(data: bytes, text: str) -> None:
    note = read(data)
    assert isinstance(note, Note) and (note.text, note.note_id) == (text, "visit.xml")


LAUGHS = "<!DOCTYPE a [" + '<!ENTITY l0 "lol">' + "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 12)) + "]>"


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (document("<text>&l11;</text>", prolog=LAUGHS), "declares a document type (DTD)"),
        (document("<text>&x;</text>", prolog='<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'), "declares a document type (DTD)"),
        (document("<text>x</text>", prolog='<?xml version="1.0"?><!-- <a> --><!DOCTYPE a SYSTEM "http://x.example/a.dtd">'), "declares a document type (DTD)"),
        (document("<text>x</text>", prolog='<?xml version="1.0" encoding="UTF-16"?>' + LAUGHS).decode().encode("utf-16"), "declares a document type (DTD)"),
        (document("<text>&nosuch;</text>"), "is not XML that can be read"),
        (document("<content>" * 100_000), "is not XML that can be read"),
        (document("<text>" + "<content>" * 300 + "</content>" * 300 + "</text>"), "nested too deep"),
        (document("<text>Back pain</text>")[:-30], "is not XML that can be read"),
        (document("<text>Back \0pain</text>"), "is not XML that can be read"),
        (document("<text>Café</text>").decode().encode("latin-1"), "is not XML that can be read"),
        (b"", "is not XML that can be read"),
        (b"\0" * 100, "is not XML that can be read"),
        (b"<html/>", "is XML but not a C-CDA ClinicalDocument"),
        (document("<title>Plan</title>"), "has no section with words in it"),
        (document("<text>" + "pain " * 200_001 + "</text>"), "is longer than the 1,000,000 characters"),
        (carrying("pain!"), "holds a document whose base64 is damaged"),
        (carrying(base64.b64encode(carrying("x")).decode()), "holds another C-CDA document"),
        (carrying('<reference value="note.pdf"/>', ' mediaType="application/pdf"'), "only points to its text"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_one_sentence_and_a_moment(data: bytes, says: str) -> None:
    start = time.perf_counter()
    failure = read(data)
    assert isinstance(failure, Failure) and failure.source == "visit.xml"
    assert says in failure.reason and failure.reason.endswith(".") and "pain" not in failure.reason
    assert time.perf_counter() - start < 2


@pytest.mark.parametrize(
    ("name", "note_id", "day", "headings"),
    [
        ("Progress_Note.xml", "999022", date(2005, 3, 29), ["ASSESSMENT", "CHIEF COMPLAINT", "REVIEW OF SYSTEMS", "VITAL SIGNS"]),
        ("Consultation_Note.xml", "TT988", date(2013, 7, 31), ["HISTORY OF PRESENT ILLNESS", "Physical Examination", "RESULTS"]),
    ],
)
def test_documents_of_another_program_are_read(name: str, note_id: str, day: date, headings: list[str]) -> None:
    if not (EXPORTS / name).exists():
        pytest.skip("the shared exports of other programs are not here")
    with (EXPORTS / name).open("rb") as stream:
        (note,) = ccda.read(stream, name, documents.text_of)
    assert isinstance(note, Note) and (note.note_id, note.service_date) == (note_id, day)
    lines = note.text.split("\n")
    assert all(heading in lines for heading in headings) and not any("<" in line for line in lines)
