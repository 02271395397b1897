"""Reports as FHIR: every resource holds against the R4 models and their value sets, and quotes the note it answers for."""

import json
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

import pytest
from e2e.command import SAMPLES
from fhir.resources.R4B.bundle import Bundle
from fhir_core.fhirabstractmodel import FHIRAbstractModel
from write.reports import note, report

import notecheck
from notecheck.checker import Checker
from notecheck.failures import Failure, InputError
from notecheck.models import ElementFinding, Evidence, Note, NoteReport
from notecheck.packs import read_yaml, shipped_patterns
from notecheck.rules import Profile
from notecheck.write import fhir
from notecheck.write.fhir import names

Json = dict[str, Any]
ITEM_TYPES = {"group", "display", "text", "string", "choice"}  # those we use; the library's own list is cut short
ISSUE_TYPES = {"required", "business-rule", "code-invalid", "conflict", "not-supported", "processing", "informational"}  # all of them R4's
BILLED = ("M54.5", "M51.16", "Z99.9")


@cache
def checker() -> Checker:
    return notecheck.load()


@cache
def samples(profile: str) -> tuple[tuple[Note, NoteReport], ...]:
    check = checker().with_profile(profile).check
    notes = [Note(note_id=p.stem, text=p.read_text(), codes=BILLED) for p in sorted(SAMPLES.glob("*.txt"))]
    return tuple((n, check(n)) for n in notes)


def bundle(done: Iterable[tuple[Any, ...] | Failure]) -> Json:
    return fhir.bundle((d if isinstance(d, Failure) else fhir.Read(*d) for d in done), checker().pack)


def resources(bundle: Json, kind: str) -> list[Json]:
    return [e["resource"] for e in bundle["entry"] if e["resource"]["resourceType"] == kind]


def items(holder: Json) -> Iterator[Json]:
    for item in holder.get("item", ()):
        yield item
        yield from items(item)


def wrong_codes(model: FHIRAbstractModel, at: str = "") -> Iterator[str]:
    """Codes that are in no value set of R4: the library knows the sets and does not hold codes against them."""
    for name, field in type(model).model_fields.items():
        value = getattr(model, name)
        allowed = (field.json_schema_extra or {}).get("enum_values")
        allowed = ITEM_TYPES if allowed and "group" in allowed else allowed
        if allowed and value is not None and value not in allowed:
            yield f"{at}.{name}={value}"
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, FHIRAbstractModel):
                yield from wrong_codes(part, f"{at}.{name}")


PROFILES = [p.id for p in read_yaml(shipped_patterns() / "spine" / "profiles.yaml", list[Profile], "profiles")]


@pytest.mark.parametrize("profile", PROFILES)
def test_every_sample_note_under_every_profile_is_valid_fhir_with_known_codes(profile: str) -> None:
    made = Bundle.model_validate(json.loads(fhir.dumps(samples(profile), checker().pack)))
    assert list(wrong_codes(made)) == []
    assert {i.code for e in made.entry if e.resource.get_resource_type() == "OperationOutcome" for i in e.resource.issue} <= ISSUE_TYPES
    assert len(made.entry) == 1 + 2 * 9 + 1  # one form, nine notes in scope, one out of it


@pytest.mark.parametrize("profile", PROFILES)
def test_every_answer_is_to_a_question_of_the_form_and_one_of_its_options(profile: str) -> None:
    made = bundle(samples(profile))
    (form,) = resources(made, "Questionnaire")
    asked = {i["linkId"]: i for i in items(form)}
    assert len(asked) == len(list(items(form))), "a linkId stands twice"
    for answered in resources(made, "QuestionnaireResponse"):
        assert answered["questionnaire"] == f"{form['url']}|{form['version']}"
        for item in items(answered):
            question = asked[item["linkId"]]
            assert question["text"] == item["text"]
            options = [o["valueCoding"] for o in question.get("answerOption", ())]
            assert all(a["valueCoding"] in options for a in item.get("answer", ()) if options)
            assert len(item.get("answer", ())) <= 1 or question.get("repeats")


def test_every_answer_is_marked_as_automatic() -> None:
    made = bundle(samples("esi-repeat"))
    answers = [a for r in resources(made, "QuestionnaireResponse") for i in items(r) for a in i.get("answer", ())]
    origin = {
        "url": "http://hl7.org/fhir/us/davinci-dtr/StructureDefinition/information-origin",
        "extension": [{"url": "source", "valueCode": "auto"}],
    }
    assert answers and all(origin in a["extension"] for a in answers)


def test_every_quotation_stands_in_the_note_where_it_says() -> None:
    done = samples("spine-visit")
    texts = {n.note_id: n.text for n, _ in done}
    quoted = 0
    for answered in resources(bundle(done), "QuestionnaireResponse"):
        for item in items(answered):
            for answer in item.get("answer", ()) if item["linkId"].endswith("/evidence") else ():
                place = next(e for e in answer["extension"] if e["url"] == names.EVIDENCE)
                told = {e["url"]: e.get("valueInteger", e.get("valueString")) for e in place["extension"]}
                assert texts[answered["identifier"]["value"]][told["start"] : told["end"]] == answer["valueString"]
                assert told["rule"] in checker().pack.rules
                quoted += 1
    assert quoted > 100


def test_a_missing_element_has_no_answer_and_an_error_with_the_sentence_that_mends_it() -> None:
    made = bundle([(note(), report())])
    (answered,), (told,) = resources(made, "QuestionnaireResponse"), resources(made, "OperationOutcome")
    sleep = next(i for i in answered["item"] if i["linkId"] == "function.sleep")
    assert "item" not in sleep and answered["status"] == "in-progress"
    first = told["issue"][0]
    assert (first["severity"], first["code"], first["expression"]) == (
        "error",
        "required",
        ["QuestionnaireResponse.item.where(linkId='function.sleep')"],
    )
    assert first["details"]["text"] == checker().pack.elements["function.sleep"].fix


def test_the_outcome_tells_partial_elements_billed_codes_criteria_and_supported_codes() -> None:
    made = bundle([(note(), report())])
    issues = resources(made, "OperationOutcome")[0]["issue"]
    about = {i["details"]["coding"][0]["code"]: (i["severity"], i["code"], i.get("diagnostics")) for i in issues}
    assert about["pain.severity"] == ("warning", "required", "Pain severity (0-10) is partial.")
    assert about["not_valid_on_date"] == ("error", "code-invalid", "Use instead: M54.50, M54.59.")
    assert about["esi.relief"][:2] == ("warning", "business-rule")
    assert about["supported"][0] == "information"
    assert about["needs_documentation"] == ("warning", "business-rule", "More specific: M51.16.")
    assert [c["code"] for i in issues for c in i["details"]["coding"] if c["system"] == names.ICD10CM] == ["M54.5", "M54.50", "M54.16"]


def test_a_complete_note_has_a_completed_response_and_an_outcome_that_says_so() -> None:
    bare = report().model_copy(update={"missing": (), "partial": (), "codes": (), "claim": (), "coverage": (), "warnings": ()})
    made = bundle([(note(), bare)])
    assert resources(made, "QuestionnaireResponse")[0]["status"] == "completed"
    assert [i["details"]["text"] for i in resources(made, "OperationOutcome")[0]["issue"]] == ["Nothing required is missing."]


def test_a_note_out_of_scope_and_one_that_failed_have_an_outcome_alone() -> None:
    sore_throat = samples("spine-visit")[-1]
    made = bundle([sore_throat, Failure(note_id="n-2", reason="n-2 is empty.")])
    fhir.check_resource(made)
    assert [r["issue"][0]["code"] for r in resources(made, "OperationOutcome")] == ["not-supported", "processing"]
    assert len(made["entry"]) == 2


def test_an_element_asked_for_only_where_another_is_found_is_enabled_by_it() -> None:
    form = fhir.questionnaire(checker().pack.profiles["spine-visit"], checker().pack)
    groups = {i["linkId"]: i for i in form["item"]}
    assert [t["answerCoding"]["code"] for t in groups["imaging.findings"]["enableWhen"]] == ["documented", "partial"]
    assert groups["imaging.findings"]["enableWhen"][0]["question"] in {i["linkId"] for i in items(groups["imaging.study"])}
    assert "enableWhen" not in groups["imaging.study"] and not groups["imaging.study"]["required"]
    no_imaging = report().model_copy(update={"elements": {e: ElementFinding(status="missing") for e in checker().pack.elements}})
    answered = resources(bundle([(note(), no_imaging)]), "QuestionnaireResponse")[0]
    assert "imaging.findings" not in {i["linkId"] for i in items(answered)}


def test_the_same_notes_give_the_same_bytes_and_a_note_given_twice_is_answered_once() -> None:
    done = samples("esi-initial")
    assert fhir.dumps(done, checker().pack) == fhir.dumps(list(done), checker().pack)
    addresses = [e["fullUrl"] for e in bundle([*done, *done])["entry"]]
    assert len(addresses) == len(set(addresses)) == len(bundle(done)["entry"])


def test_control_characters_and_broken_pairs_become_marks_one_for_one() -> None:
    text = "back\x00pain \ud83d here"
    found = ElementFinding(status="documented", evidence=(Evidence(text=text, start=0, end=len(text), section="hpi"),))
    odd = report().model_copy(update={"elements": {**report().elements, "pain.location": found}})
    made = fhir.dumps([(Note(note_id="\x1b[31m", text=text), odd)], checker().pack)
    made.encode("utf-8")
    assert "back�pain � here" in made


def test_references_of_the_record_are_carried_over() -> None:
    subject = fhir.Subject(patient="Patient/7", encounter="Encounter/3", document="DocumentReference/d1")
    made = bundle([(note(), report(), subject)])
    fhir.check_resource(made)
    answered, told = resources(made, "QuestionnaireResponse")[0], resources(made, "OperationOutcome")[0]
    assert answered["subject"] == {"reference": "Patient/7"} and answered["encounter"] == {"reference": "Encounter/3"}
    assert answered["extension"][0]["valueReference"] == {"reference": "DocumentReference/d1"}
    assert told["extension"][0]["valueReference"] == {"reference": f"urn:uuid:{answered['id']}"}


def test_a_resource_that_fhir_does_not_allow_is_told_by_its_place_without_the_note() -> None:
    with pytest.raises(fhir.FhirError, match=r"item\.0\.text") as told:
        fhir.check_resource(
            {"resourceType": "Questionnaire", "status": "active", "item": [{"linkId": "a", "type": "group", "text": ["private"]}]}
        )
    assert "private" not in str(told.value)


def test_without_the_library_that_validates_it_nothing_is_written_and_the_install_line_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fhir.resources.R4B", None)
    with pytest.raises(InputError, match=r"pip install 'notecheck\[fhir\]'"):
        fhir.dumps([(note(), report())], checker().pack)
