"""FHIR R4: resources, Bundles, Bulk Data."""

from __future__ import annotations

import base64
import io
import json
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from read import made

from notecheck.failures import Failure, InputError
from notecheck.models import Note
from notecheck.read import fhir

EXPORT = Path(__file__).parents[3] / "shared" / "exports" / "DocumentReference.ndjson"
ICD = "http://hl7.org/fhir/sid/icd-10-cm"


def read(*resources: Any, indent: int | None = None) -> list[Note | Failure]:
    said = "\n".join(r if isinstance(r, str) else json.dumps(r, indent=indent) for r in resources)
    return list(fhir.read(io.BytesIO(said.encode()), "export.json"))


def attachment(data: bytes | str, content_type: str = "text/plain") -> dict[str, Any]:
    raw = data.encode() if isinstance(data, str) else data
    return {"attachment": {"contentType": content_type, "data": base64.b64encode(raw).decode()}}


def document(*content: dict[str, Any], **more: Any) -> dict[str, Any]:
    own = list(content) or [attachment("Back pain.")]
    return {"resourceType": "DocumentReference", "id": "d1", "status": "current", "content": own} | more


def bundle(*resources: dict[str, Any]) -> dict[str, Any]:
    entries = [{"fullUrl": f"http://ehr.example/{r['resourceType']}/{r.get('id')}", "resource": r} for r in resources]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


def coded(code: str, system: str = ICD) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code}]}


ENCOUNTER = {
    "resourceType": "Encounter",
    "id": "e1",
    "status": "finished",
    "class": {"code": "AMB"},
    "period": {"start": "2025-11-24T23:30:00-05:00"},
    "serviceProvider": {"reference": "Organization/o1"},
    "participant": [{"individual": {"reference": "Practitioner/p1"}}],
}
ORGANIZATION = {"resourceType": "Organization", "id": "o1", "name": "Harbor Point"}
PRACTITIONER = {"resourceType": "Practitioner", "id": "p1", "name": [{"family": "Okafor", "given": ["Ruth"], "prefix": ["Dr."]}]}
AT_E1: dict[str, Any] = {"context": {"encounter": [{"reference": "Encounter/e1"}]}}


def claim(*diagnoses: dict[str, Any], encounter: str | None = "e1", **more: Any) -> dict[str, Any]:
    item: dict[str, Any] = {"sequence": 1, "productOrService": {"text": "visit"}}
    if encounter:
        item["encounter"] = [{"reference": f"Encounter/{encounter}"}]
    return {
        "resourceType": "Claim", "id": "c1", "status": "active", "type": {"text": "professional"}, "use": "claim", "created": "2025-11-26",
        "patient": {"reference": "Patient/1"}, "provider": {"display": "Harbor"}, "priority": {"text": "normal"}, "insurer": {"display": "Aetna"},
        "insurance": [{"sequence": 1, "focal": True, "coverage": {"display": "plan"}}], "item": [item],
        "diagnosis": [{"sequence": i} | d for i, d in enumerate(diagnoses, start=1)],
    } | more  # fmt: skip


def condition(code: str, id: str = "k1", encounter: str | None = "e1", system: str = ICD, **more: Any) -> dict[str, Any]:
    at = {"encounter": {"reference": f"Encounter/{encounter}"}} if encounter else {}
    return {"resourceType": "Condition", "id": id, "subject": {"reference": "Patient/1"}, "code": coded(code, system)} | at | more


def test_a_document_reference_is_a_note_with_what_it_says_of_itself() -> None:
    told = document(
        type={"coding": [{"display": "Progress note"}]},
        author=[{"display": "Dr. Okafor"}],
        custodian={"display": "Harbor Point"},
        context={"period": {"start": "2025-11-24T23:30:00-05:00"}},
        date="2025-11-26T08:00:00Z",
    )
    expected = Note(
        note_id="d1",
        text="Back pain.",
        service_date=date(2025, 11, 24),
        provider="Dr. Okafor",
        site="Harbor Point",
        note_type="Progress note",
        source="export.json",
    )
    assert read(told) == [expected] == read(told, indent=2)


def test_ndjson_is_read_line_by_line_and_a_bad_line_costs_only_itself() -> None:
    items = read(document(), "", '{"resourceType": "Docu', "[1]", {"resourceType": "Patient", "id": "p"}, document(id="d2"))
    assert [(type(i).__name__, i.row) for i in items] == [("Note", 1), ("Failure", 3), ("Failure", 4), ("Note", 6)]


def test_a_broken_first_line_costs_only_itself() -> None:
    assert [(type(i).__name__, i.row) for i in read('{"resourceType": "Docu', document())] == [("Failure", 1), ("Note", 2)]


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ([attachment("Café".encode("latin-1"), "text/plain; charset=ISO-8859-1")], "Café"),
        ([attachment(made.rtf(["Back pain", "No fever"]), "text/rtf")], "Back pain\nNo fever"),
        ([attachment(made.pdf(["From PDF"]), "application/pdf"), attachment("<p>From HTML</p>", "text/html")], "From HTML"),
        ([attachment(b"\x00\x01", "text/plain"), attachment(made.word(["From Word"]), "application/msword")], "From Word"),
    ],
)
def test_the_attachment_that_reads_best_is_the_note(content: list[dict[str, Any]], text: str) -> None:
    (note,) = read(document(*content))
    assert isinstance(note, Note) and note.text == text


def test_an_attachment_by_address_is_found_in_its_bundle_and_nowhere_else() -> None:
    by_address = document({"attachment": {"url": "Binary/b1", "contentType": "text/plain"}})
    binary = {"resourceType": "Binary", "id": "b1", "contentType": "text/plain", "data": base64.b64encode(b"Back pain.").decode()}
    (note,) = read(bundle(by_address, binary))
    assert isinstance(note, Note) and note.text == "Back pain."
    (failure,) = read(by_address)
    assert isinstance(failure, Failure) and failure.note_id == "d1" and "the text is not inline, only its address" in failure.reason


def test_the_codes_of_the_claim_of_the_same_encounter_are_the_billed_ones() -> None:
    own = claim({"diagnosisCodeableConcept": coded("M54.16")}, {"diagnosisReference": {"reference": "Condition/k1"}})
    other = claim({"diagnosisCodeableConcept": coded("I10")}, encounter="e2", id="c2")
    cancelled = claim({"diagnosisCodeableConcept": coded("J00")}, id="c3", status="cancelled")
    second = ENCOUNTER | {"id": "e2"}
    everything = bundle(
        cancelled,
        other,
        own,
        ENCOUNTER,
        second,
        condition("M51.16"),
        condition("E11.9", "k2"),
        ORGANIZATION,
        PRACTITIONER,
        document(**AT_E1),
    )
    (note,) = read(everything)
    assert isinstance(note, Note)
    assert (note.codes, note.payer, note.provider, note.site) == (("M54.16", "M51.16"), "Aetna", "Dr. Ruth Okafor", "Harbor Point")
    assert (note.service_date, note.row) == (date(2025, 11, 24), 10)


@pytest.mark.parametrize(
    ("others", "codes"),
    [
        ([ENCOUNTER | {"diagnosis": [{"condition": {"reference": "Condition/k2"}, "rank": 2}, {"condition": {"reference": "Condition/k1"}, "rank": 1}]}, condition("M54.16"), condition("M51.16", "k2"), condition("I10", "k3")], ("M54.16", "M51.16")),
        ([ENCOUNTER, condition("M54.16"), condition("I10", "k2", encounter="e2"), ENCOUNTER | {"id": "e2"}], ("M54.16",)),
        ([ENCOUNTER, condition("M54.16", encounter=None)], ("M54.16",)),
        ([ENCOUNTER, ENCOUNTER | {"id": "e2"}, condition("M54.16", encounter=None)], ()),
        ([ENCOUNTER, condition("M54.16", category=[coded("problem-list-item", "x")])], ()),
        ([ENCOUNTER, condition("M54.16", verificationStatus=coded("refuted", "x"))], ()),
        ([ENCOUNTER, condition("279039007", system="http://snomed.info/sct")], ()),
        ([ENCOUNTER, condition("M54.16", subject={"reference": "Patient/2"})], ()),
    ],
)  # fmt: skip
def test_without_a_claim_the_diagnoses_of_the_encounter_are_the_codes(others: list[dict[str, Any]], codes: tuple[str, ...]) -> None:
    (note,) = read(bundle(*others, document(subject={"reference": "Patient/1"}, **AT_E1)))
    assert isinstance(note, Note) and note.codes == codes


def test_a_claim_that_names_no_encounter_goes_with_the_only_one() -> None:
    (note,) = read(bundle(document(), claim({"diagnosisCodeableConcept": coded("M54.16")}, encounter=None)))
    assert isinstance(note, Note) and note.codes == ("M54.16",)


def narrative(div: str) -> dict[str, str]:
    return {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{div}</div>'}


def test_a_composition_is_its_sections_in_order_under_their_titles() -> None:
    sections = [
        {"title": "HPI", "text": narrative("<p>Back &amp; leg pain<br/>7/10</p>")},
        {"title": "Exam", "section": [{"title": "Strength", "text": narrative("<table><tr><td>EHL</td><td>4/5</td></tr></table>")}]},
        {"title": "Plan", "text": narrative("<h3>Plan</h3><ul><li>Rest</li></ul>")},
        {"title": "Vitals", "entry": [{"reference": "Observation/1"}]},
    ]
    composition = {
        "resourceType": "Composition", "id": "k", "status": "final", "type": {"text": "Visit note"}, "date": "2025-11-25", "title": "Spine visit",
        "author": [{"reference": "Practitioner/p1"}], "encounter": {"reference": "Encounter/e1"}, "section": sections,
    }  # fmt: skip
    (note,) = read(bundle(composition, ENCOUNTER, PRACTITIONER))
    assert isinstance(note, Note)
    assert note.text == "Spine visit\nHPI\nBack & leg pain\n7/10\n\nExam\nStrength\nEHL\t4/5\n\nPlan\n- Rest"
    assert (note.note_type, note.service_date, note.provider) == ("Visit note", date(2025, 11, 24), "Dr. Ruth Okafor")


def test_a_diagnostic_report_is_its_form_or_its_narrative_and_conclusion() -> None:
    report = {
        "resourceType": "DiagnosticReport",
        "id": "r",
        "status": "final",
        "code": {"text": "MRI lumbar spine"},
        "effectiveDateTime": "2025-11-20",
    }
    said = {"text": narrative("<p>L4-5 protrusion.</p>"), "conclusion": "Root contact."}
    (form,) = read(report | said | {"presentedForm": [attachment("Full report.")["attachment"]]})
    (words,) = read(report | said)
    assert isinstance(form, Note) and isinstance(words, Note)
    assert (form.text, words.text) == ("Full report.", "L4-5 protrusion.\n\nRoot contact.")
    assert (words.note_type, words.service_date) == ("MRI lumbar spine", date(2025, 11, 20))


def test_a_report_that_is_there_twice_in_a_bundle_is_one_note() -> None:
    report = {
        "resourceType": "DiagnosticReport",
        "id": "r",
        "status": "final",
        "code": {"text": "Note"},
        "encounter": {"reference": "Encounter/e1"},
    }
    both = bundle(report | {"presentedForm": [attachment("Back pain.")["attachment"]]}, ENCOUNTER, document(**AT_E1))
    assert [type(item) for item in read(both)] == [Note]


def test_the_same_words_about_two_patients_are_two_notes() -> None:
    first, second = document(subject={"reference": "Patient/1"}), document(subject={"reference": "Patient/2"}, id="d2")
    assert [note.note_id for note in read(bundle(first, second, document(id="d3"))) if isinstance(note, Note)] == ["d1", "d2"]


@pytest.mark.parametrize(
    ("resource", "says"),
    [
        (document(status="entered-in-error"), "marked as entered in error"),
        (document(docStatus="entered-in-error"), "marked as entered in error"),
        ({"resourceType": "DocumentReference", "id": "d1", "status": "current"}, "not valid FHIR R4 (content is missing)"),
        (document(content=[{"attachment": None}]), "not valid FHIR R4 (content is missing)"),
        (document(secret="Back pain"), "not valid FHIR R4 (secret is no field of it)"),
        (document({"attachment": {"data": "Back pain!"}}), "holds data that is not base64"),
        (document(date="Back pain"), "not valid FHIR R4 (date is not valid)"),
        (document({"attachment": {"contentType": "text/plain"}}), "the attachment has no data"),
        (document(attachment("  ")), "the attachment is empty"),
        (document(attachment(b"\x89PNG\r\n\x1a\n\0\0\0", "image/png")), "the attachment is not a text file"),
        ({"resourceType": "Composition", "id": "d1", "status": "final", "type": {"text": "x"}, "date": "2025", "author": [{"display": "x"}], "title": "Back pain", "section": [{"title": "a"}]}, "holds no text"),
    ],
)  # fmt: skip
def test_a_resource_that_cannot_be_checked_says_why_without_its_words(resource: dict[str, Any], says: str) -> None:
    (failure,) = read(resource)
    assert isinstance(failure, Failure) and failure.note_id == "d1" and says in failure.reason
    assert failure.reason.endswith(".") and "Back pain" not in failure.reason


def test_an_invalid_neighbour_is_told_and_the_note_checked_without_it() -> None:
    note, failure = read(bundle(document(**AT_E1), ENCOUNTER | {"period": {"start": "last week"}}))
    assert isinstance(note, Note) and note.service_date is None
    assert isinstance(failure, Failure) and "the Encounter is not valid FHIR R4 (period.start is not valid)" in failure.reason


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0" * 100,
        b"{" * 200_000,
        b'{"a": ' * 100_000,
        b"[[]]",
        b'"x"',
        b'{"resourceType": 7}',
        b"\xff\xfe{",
        json.dumps(document()).encode()[:-5],
    ],
)
def test_what_is_no_fhir_is_one_sentence(data: bytes) -> None:
    start = time.perf_counter()
    (failure,) = fhir.read(io.BytesIO(data), "x.json")
    assert isinstance(failure, Failure) and failure.source == "x.json" and failure.reason.endswith(".")
    assert time.perf_counter() - start < 2


@pytest.mark.parametrize("entry", ["x", [7, None, {}], {"resource": 7}, [{"resource": {"resourceType": ["x"]}}], [{"resource": {}}]])
def test_a_bundle_of_nonsense_holds_no_note(entry: object) -> None:
    assert read({"resourceType": "Bundle", "entry": entry}) == []


def test_a_line_too_long_for_memory_costs_only_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fhir, "LARGEST", 10_000)
    first, long, last = read(document(), json.dumps(document(attachment("pain " * 5_000))), document(id="d2"))
    assert isinstance(first, Note) and isinstance(last, Note)
    assert isinstance(long, Failure) and long.row == 2 and "too long for one resource" in long.reason


def test_a_missing_library_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fhir.resources.R4B", None)
    with pytest.raises(InputError, match=r"pip install 'notecheck\[fhir\]'"):
        read(document())


@pytest.mark.skipif(not EXPORT.exists(), reason="the shared export of another program is not here")
def test_a_bulk_export_of_another_program_is_read_whole() -> None:
    with EXPORT.open("rb") as stream:
        notes = list(fhir.read(stream, EXPORT.name))
    assert len(notes) == 150
    assert all(
        isinstance(n, Note) and n.text.lstrip().startswith(str(n.service_date)) and n.provider and n.site and n.note_type for n in notes
    )
