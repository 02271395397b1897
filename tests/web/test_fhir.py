"""The FHIR interface: documents in, a valid Bundle out, and errors as OperationOutcomes that repeat no note."""

import base64
import json
from typing import Any

import httpx
import pytest
from web.notes import NOTE, SECRET

import notecheck
from notecheck.models import Note
from notecheck.web.fhir import refusal
from notecheck.web.problems import Problem
from notecheck.write import fhir

Json = dict[str, Any]
FHIR = "application/fhir+json"
CHECK = "/fhir/$check-documentation"


def reference(id_: str = "d1", text: str = NOTE, **more: Any) -> Json:
    attachment = {"contentType": "text/plain", "data": base64.b64encode(text.encode()).decode()}
    return {
        "resourceType": "DocumentReference",
        "id": id_,
        "status": "current",
        "subject": {"reference": "Patient/7"},
        "context": {"encounter": [{"reference": "Encounter/3"}]},
        "content": [{"attachment": attachment}],
        **more,
    }


def chart(*documents: Json) -> Json:
    """A Bundle with the encounter and the claim of its documents."""
    encounter = {
        "resourceType": "Encounter",
        "id": "3",
        "status": "finished",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"},
        "period": {"start": "2025-11-25"},
    }
    codes = [{"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": code}]} for code in ("M54.5", "M54.16")]
    claim = {
        "resourceType": "Claim",
        "id": "c1",
        "status": "active",
        "type": {"text": "professional"},
        "use": "claim",
        "patient": {"reference": "Patient/7"},
        "created": "2025-11-26",
        "provider": {"display": "Dr. Okafor"},
        "priority": {"text": "normal"},
        "insurance": [{"sequence": 1, "focal": True, "coverage": {"display": "Medicare"}}],
        "diagnosis": [{"sequence": n, "diagnosisCodeableConcept": c} for n, c in enumerate(codes, 1)],
        "item": [{"sequence": 1, "productOrService": {"text": "visit"}, "encounter": [{"reference": "Encounter/3"}]}],
    }
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": r} for r in (encounter, claim, *documents)]}


def post(client: httpx.Client, resource: Any, **parameters: str) -> httpx.Response:
    content = resource if isinstance(resource, bytes) else json.dumps(resource).encode()
    return client.post(CHECK, content=content, headers={"Content-Type": FHIR}, params=parameters)


def resources(bundle: Json, kind: str) -> list[Json]:
    return [e["resource"] for e in bundle["entry"] if e["resource"]["resourceType"] == kind]


def refused(response: httpx.Response, status: int, code: str) -> str:
    """The sentence of an OperationOutcome with this status and code."""
    assert (response.status_code, response.headers["content-type"]) == (status, FHIR), response.text
    fhir.check_resource(response.json())
    (issue,) = response.json()["issue"]
    assert (issue["severity"], issue["code"]) == ("error", code)
    assert SECRET not in response.text
    return str(issue["details"]["text"])


@pytest.fixture(scope="module")
def checker() -> notecheck.Checker:
    return notecheck.load()


def test_a_document_is_answered_as_the_command_line_answers_it(client: httpx.Client, checker: notecheck.Checker) -> None:
    response = post(client, reference(), profile="esi-initial")
    assert (response.status_code, response.headers["content-type"]) == (200, FHIR)
    note = Note(note_id="d1", text=NOTE)
    report = checker.with_profile("esi-initial").check(note)
    subject = fhir.Subject(patient="Patient/7", encounter="Encounter/3", document="DocumentReference/d1")
    assert response.json() == fhir.bundle([fhir.Read(note, report, subject)], checker.pack)
    fhir.check_resource(response.json())


def test_the_encounter_gives_the_date_of_service_and_the_claim_the_billed_codes(client: httpx.Client) -> None:
    told = resources(post(client, chart(reference())).json(), "OperationOutcome")[0]
    verdicts = {
        c["code"]: i["details"]["coding"][0]["code"] for i in told["issue"] for c in i["details"]["coding"][1:] if "icd" in c["system"]
    }
    assert verdicts["M54.5"] == "not_valid_on_date"  # a header since 2021; the encounter was in 2025


def test_each_document_of_a_bundle_has_its_answer_and_a_bad_one_costs_only_itself(client: httpx.Client) -> None:
    link_only = reference("d2", content=[{"attachment": {"contentType": "text/plain", "url": "Binary/9"}}])
    bundle = post(client, chart(reference("d1"), link_only, reference("d3", NOTE + "Sleep: wakes twice a night.\n"))).json()
    fhir.check_resource(bundle)
    assert [r["identifier"]["value"] for r in resources(bundle, "QuestionnaireResponse")] == ["d1", "d3"]
    failed = [r["issue"][0] for r in resources(bundle, "OperationOutcome") if r["issue"][0]["code"] == "processing"]
    assert len(failed) == 1 and "not inline" in failed[0]["details"]["text"] and "d2" in failed[0]["diagnostics"]


def test_documents_with_one_id_keep_each_their_patient(client: httpx.Client) -> None:
    report = {
        "resourceType": "DiagnosticReport",
        "id": "d1",
        "status": "final",
        "code": {"text": "Note"},
        "subject": {"reference": "Patient/8"},
    }
    form = {"presentedForm": [reference()["content"][0]["attachment"]]}
    answered = resources(post(client, chart(reference(), report | form)).json(), "QuestionnaireResponse")
    assert [r["subject"]["reference"] for r in answered] == ["Patient/7", "Patient/8"]


def test_parameters_carry_the_document_and_the_profile(client: httpx.Client) -> None:
    given = [{"name": "document", "resource": reference()}, {"name": "profile", "valueCode": "lumbar-mri"}]
    answered = post(client, {"resourceType": "Parameters", "parameter": given})
    assert answered.json() == post(client, reference(), profile="lumbar-mri").json()
    two = [{"name": "document", "resource": reference("d1")}, {"name": "document", "resource": reference("d2", NOTE + "\n")}]
    assert len(resources(post(client, {"resourceType": "Parameters", "parameter": two}).json(), "QuestionnaireResponse")) == 2


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        (b'{"resourceType": "Docu' + SECRET.encode(), "not valid JSON"),
        (b"\xff\xfe\x00", "not valid JSON"),
        (b"[" * 100_000, "not valid JSON"),
        ([SECRET], "no resourceType"),
        ({"resourceType": "Patient", "id": "7", "name": [{"text": SECRET}]}, "no document in it"),
        ({"resourceType": "Bundle", "type": "collection"}, "no document in it"),
        ({"resourceType": "Parameters", "parameter": [{"name": "profile", "valueCode": "esi-initial"}]}, "no parameter “document”"),
        ({"resourceType": "DocumentReference", "status": SECRET, "content": SECRET}, "not valid FHIR"),
        ({"resourceType": "DocumentReference", "status": "current", SECRET: 1, "content": []}, "not valid FHIR"),
    ],
)
def test_what_is_no_valid_resource_is_a_bad_request(client: httpx.Client, sent: Any, says: str) -> None:
    assert says in refused(post(client, sent), 400, "invalid")


def test_a_document_without_text_cannot_be_processed(client: httpx.Client) -> None:
    link = reference(content=[{"attachment": {"contentType": "text/plain", "url": "Binary/9"}}])
    assert "not inline" in refused(post(client, link), 422, "processing")
    empty = reference(text="  \n")
    assert "empty" in refused(post(client, empty), 422, "processing")
    broken = reference(text="%PDF-1.7 " + SECRET)
    refused(post(client, broken), 422, "processing")


def test_an_unknown_profile_kind_of_body_and_address_are_told(client: httpx.Client) -> None:
    assert "esi-initial" in refused(post(client, reference(), profile="knee"), 400, "invalid")
    text = client.post(CHECK, content=b"{}", headers={"Content-Type": "text/plain"})
    assert FHIR in refused(text, 415, "not-supported")
    refused(client.get("/fhir/Patient/7"), 404, "not-found")
    refused(client.get("/fhir/Questionnaire/knee"), 404, "not-found")


def test_a_body_that_is_too_large_is_told_before_it_is_read(client: httpx.Client) -> None:
    refused(post(client, b" " * 11_000_000), 413, "too-long")


def test_the_questionnaire_is_the_one_that_the_responses_name(client: httpx.Client) -> None:
    form = client.get("/fhir/Questionnaire/esi-initial").json()
    fhir.check_resource(form)
    bundle = post(client, reference(), profile="esi-initial").json()
    assert resources(bundle, "Questionnaire") == [form]
    assert resources(bundle, "QuestionnaireResponse")[0]["questionnaire"] == f"{form['url']}|{form['version']}"


def test_the_capability_statement_and_the_operation_are_valid_and_name_each_other(client: httpx.Client) -> None:
    statement = client.get("/fhir/metadata").json()
    fhir.check_resource(statement)
    definition = client.get("/fhir/OperationDefinition/check-documentation").json()
    fhir.check_resource(definition)
    assert statement["rest"][0]["operation"][0] == {"name": definition["code"], "definition": definition["url"]}


def test_nothing_that_is_sent_may_be_kept_by_a_cache(client: httpx.Client) -> None:
    assert post(client, reference()).headers["cache-control"] == "no-store"


def test_a_busy_server_and_a_request_of_another_site_are_told_as_outcomes_too(client: httpx.Client) -> None:
    busy = refusal(Problem(503, "Try again shortly.", headers={"Retry-After": "2"}))
    assert (busy.status_code, busy.headers["retry-after"]) == (503, "2")
    fhir.check_resource(json.loads(bytes(busy.body)))
    other_site = client.post(CHECK, content=b"{}", headers={"Content-Type": FHIR, "Origin": "https://elsewhere.example"})
    refused(other_site, 403, "forbidden")
