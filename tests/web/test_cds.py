"""CDS Hooks: discovery, the cards of an order and of a discharge, and what is refused. The requests follow the examples of the specification."""

import base64
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from web.notes import NOTE, SECRET

import notecheck
from notecheck.checker import Checker
from notecheck.packs import PackError, shipped_patterns
from notecheck.web.services import Services, load_services

Json = dict[str, Any]
CPT = "http://www.ama-assn.org/go/cpt"
HOOK_INSTANCE = "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea"


@pytest.fixture(scope="module")
def checker() -> Checker:
    return notecheck.load()


@pytest.fixture(scope="module")
def services(checker: Checker) -> Services:
    found = load_services(checker.pack)
    assert found is not None
    return found


def order(code: str = "62323", system: str | None = CPT, text: str = "", **more: Any) -> Json:
    coding = {"code": code, **({"system": system} if system else {})}
    concept = {**({"coding": [coding]} if code else {}), **({"text": text} if text else {})}
    return {"resourceType": "ServiceRequest", "id": "o1", "status": "draft", "intent": "order", "code": concept, **more}


def document(text: str = NOTE, id_: str = "d1", encounter: str = "Encounter/3", day: str = "2025-11-25") -> Json:
    return {
        "resourceType": "DocumentReference",
        "id": id_,
        "status": "current",
        "subject": {"reference": "Patient/7"},
        "context": {"encounter": [{"reference": encounter}], "period": {"start": day}},
        "content": [{"attachment": {"contentType": "text/plain", "data": base64.b64encode(text.encode()).decode()}}],
    }


def searchset(*resources: Json) -> Json:
    return {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": r} for r in resources]}


def signing(*orders: Json, **more: Any) -> Json:
    """A request of order-sign; the keywords stand in for members of the request."""
    context = {"userId": "Practitioner/1", "patientId": "7", "encounterId": "3", "draftOrders": searchset(*orders)}
    return {
        "hook": "order-sign",
        "hookInstance": HOOK_INSTANCE,
        "fhirServer": "https://ehr.example/fhir",
        "fhirAuthorization": {"access_token": SECRET, "token_type": "Bearer", "expires_in": 300, "scope": "user/*.read", "subject": "x"},
        "context": context,
        "prefetch": {"documents": searchset(document())},
        **more,
    }


def discharging(**more: Any) -> Json:
    context = {"userId": "Practitioner/1", "patientId": "7", "encounterId": "3"}
    prefetch = {"documents": searchset(document())}
    return {"hook": "encounter-discharge", "hookInstance": HOOK_INSTANCE, "context": context, "prefetch": prefetch, **more}


def cards(client: httpx.Client, call: Json) -> list[Json]:
    """The cards of the answer, each held against the specification."""
    response = client.post(f"/cds-services/notecheck-{call['hook']}", json=call)
    assert response.status_code == 200, response.text
    assert SECRET not in response.text
    found: list[Json] = response.json()["cards"]
    for card in found:
        UUID(card["uuid"])
        assert len(card["summary"]) < 140 and card["indicator"] in ("info", "warning", "critical") and card["source"]["label"]
    return found


def refused(client: httpx.Client, call: Json, service: str = "notecheck-order-sign") -> tuple[int, str]:
    response = client.post(f"/cds-services/{service}", json=call)
    assert response.headers["content-type"] == "application/problem+json" and SECRET not in response.text
    return response.status_code, response.json()["detail"]


def test_the_discovery_names_both_hooks_with_the_data_they_need(client: httpx.Client) -> None:
    found = {s["hook"]: s for s in client.get("/cds-services").json()["services"]}
    assert set(found) == {"order-sign", "encounter-discharge"}
    assert found["order-sign"]["prefetch"]["documents"].startswith("DocumentReference?patient={{context.patientId}}")
    assert "{{context.encounterId}}" in found["encounter-discharge"]["prefetch"]["documents"]
    assert all(s["id"] and s["title"] and s["description"] for s in found.values())


def test_an_order_for_a_known_service_gets_a_card_of_what_its_profile_lacks(client: httpx.Client, checker: Checker) -> None:
    (card,) = cards(client, signing(order("62323")))
    report = checker.with_profile("esi-initial").check(NOTE)
    assert card["indicator"] == "warning"
    assert card["summary"].startswith(f"Epidural steroid injection: {len(report.missing)} elements missing")
    assert all(checker.pack.elements[e].fix in card["detail"] for e in (*report.missing, *report.partial))
    assert card["source"]["topic"]["code"] == "esi-initial"
    assert "radiating to the left foot" not in card["detail"]  # a card is shown on screens of others: it quotes no note


def test_a_note_of_an_earlier_epidural_is_held_against_the_profile_of_a_repeat(client: httpx.Client) -> None:
    note = NOTE + "She had a lumbar epidural steroid injection on 2025-05-02 with 80% relief for 4 months.\n"
    (card,) = cards(client, signing(order("62323"), prefetch={"documents": searchset(document(note))}))
    assert card["source"]["topic"]["code"] == "esi-repeat"


def test_each_known_service_gets_its_card_and_an_unknown_one_or_one_not_to_be_done_none(client: httpx.Client) -> None:
    knee = order("29881", text="Knee arthroscopy")
    revoked = order("64628", status="revoked")
    both = cards(client, signing(order("62323"), order("", text="MRI Lumbar Spine W/O Contrast"), knee, revoked, order("62321")))
    assert [c["source"]["topic"]["code"] for c in both] == ["esi-initial", "lumbar-mri"]
    assert len({c["uuid"] for c in both}) == 2
    assert cards(client, signing(knee)) == []


def test_an_order_without_a_known_service_needs_no_documents(client: httpx.Client) -> None:
    assert cards(client, signing(order("29881"), prefetch=None)) == []


@pytest.mark.parametrize("documents", [None, searchset()])
def test_a_patient_without_notes_gets_a_card_that_says_so(client: httpx.Client, documents: Json | None) -> None:
    (card,) = cards(client, signing(order("62323"), prefetch={"documents": documents}))
    assert card["indicator"] == "info" and "no note" in card["summary"]
    assert cards(client, discharging(prefetch={"documents": documents})) == []


def test_documents_that_were_not_sent_or_hold_no_text_are_a_failed_precondition(client: httpx.Client) -> None:
    failed = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "exception"}]}
    link = {**document(), "content": [{"attachment": {"contentType": "text/plain", "url": "Binary/9"}}]}
    for prefetch in ({}, None, {"documents": failed}, {"documents": searchset(link)}):
        status, detail = refused(client, signing(order("62323"), prefetch=prefetch))
        assert status == 412 and detail


def test_the_note_of_the_encounter_counts_and_of_several_the_latest(client: httpx.Client) -> None:
    complete = "Severity 7/10. "
    other = document(NOTE + complete, "d2", encounter="Encounter/9", day="2025-12-01")
    earlier = document("CHIEF COMPLAINT: Low back pain.", "d3", day="2025-11-01")
    (card,) = cards(client, signing(order("62323"), prefetch={"documents": searchset(other, document(), earlier)}))
    assert "the note of 2025-11-25" in card["summary"]


def test_a_discharge_gets_a_card_of_the_visit_with_the_diagnoses_that_the_note_does_not_support(client: httpx.Client) -> None:
    condition = {
        "resourceType": "Condition",
        "id": "c1",
        "subject": {"reference": "Patient/7"},
        "encounter": {"reference": "Encounter/3"},
        "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "M48.062"}]},
    }
    encounter = {
        "resourceType": "Encounter",
        "id": "3",
        "status": "in-progress",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"},
    }
    prefetch = {"documents": searchset(document()), "encounter": encounter, "conditions": searchset(condition)}
    (card,) = cards(client, discharging(prefetch=prefetch))
    assert card["source"]["topic"]["code"] == "spine-visit"
    assert "### Diagnoses\n- **M48.062**" in card["detail"] and "1 diagnosis not supported" in card["summary"]


def test_a_discharge_whose_notes_are_out_of_scope_gets_no_card(client: httpx.Client) -> None:
    sore_throat = document("CC: sore throat for two days. Exam: red pharynx. Plan: rest and fluids.")
    assert cards(client, discharging(prefetch={"documents": searchset(sore_throat)})) == []


def test_a_request_of_another_hook_or_of_the_wrong_shape_is_refused_without_repeating_it(client: httpx.Client) -> None:
    assert refused(client, {**signing(order()), "hook": "patient-view"})[0] == 400
    status, detail = refused(client, signing(order(), context={"userId": SECRET}))
    assert status == 422 and "context.draftOrders" in detail
    assert refused(client, {"hook": SECRET, "context": {}})[0] == 422
    assert refused(client, signing(order(), hookInstance=SECRET))[0] == 422
    assert refused(client, signing(order()), "nothing-of-ours")[0] == 404


@pytest.mark.parametrize(
    ("asked", "known_as"),
    [
        (order("62323"), "epidural-injection"),
        (order("62323", system=None), "epidural-injection"),
        (order("62323", system="http://local.example/codes"), None),
        (order("G0260", system="https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"), "sacroiliac-injection"),
        (order("", text="Lumbar medial-branch block, left"), "facet-block"),
        (order("", text="Referral to physical therapy"), None),
        ({"resourceType": "ServiceRequest", "code": {"coding": [{"display": "SI Joint Injection"}]}}, "sacroiliac-injection"),
        ({"resourceType": "ServiceRequest", "code": [SECRET]}, None),
        ({"resourceType": "ServiceRequest"}, None),
    ],
)
def test_an_order_is_known_by_its_code_or_the_words_of_its_name(services: Services, asked: Json, known_as: str | None) -> None:
    found = services.ordered(asked)
    assert (found.id if found else None) == known_as


@pytest.mark.parametrize(
    ("was", "becomes", "says"),
    [
        ("profile: si-joint", "profile: si-joints", "the profile si-joints"),
        ("source: lcd-esi", "source: hearsay", "the source hearsay"),
        ("element: treatment.injection,", "element: treatment.jab,", "treatment.jab"),
        ('"27096"', '"62323"', "62323"),
        ("texts: [mri lumbar", "text: [mri lumbar", "Extra inputs"),
    ],
)
def test_a_services_file_that_cannot_be_right_is_refused_with_its_place(
    checker: Checker, tmp_path: Path, was: str, becomes: str, says: str
) -> None:
    file = tmp_path / "services.yaml"
    file.write_text((shipped_patterns() / "spine" / "services.yaml").read_text().replace(was, becomes, 1))
    with pytest.raises(PackError, match=says) as told:
        load_services(replace(checker.pack, root=tmp_path))
    assert "services.yaml" in str(told.value)
