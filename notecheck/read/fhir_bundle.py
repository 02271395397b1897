"""What a FHIR Bundle says of a note: its encounter, the claim and the diagnoses of that encounter, who wrote it, where, and who pays."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from notecheck.codesets import parse_codes
from notecheck.failures import InputError
from notecheck.read.encoding import whole

_ICD10CM = {"http://hl7.org/fhir/sid/icd-10-cm", "urn:oid:2.16.840.1.113883.6.90"}
_NO_DIAGNOSIS = {"refuted", "entered-in-error"}
_NOTHING: tuple[object, ...] = (None, [], {})
_BASE64 = re.compile(r"[A-Za-z0-9+/\s]*=?\s*=?\s*")
_FIELD = re.compile(r"[A-Za-z_]\w{0,40}")


def model(resource: dict[str, Any]) -> Any:
    """The resource as fhir.resources (R4B) knows it. Raises InputError, naming the field at fault and never its content."""
    try:
        from fhir.resources.R4B import get_fhir_model_class
        from pydantic import ValidationError
    except ImportError as e:
        raise InputError("reading FHIR needs an extra: pip install 'notecheck[fhir]'.") from e
    kind = str(resource.get("resourceType"))
    if not all(map(_BASE64.fullmatch, _data(resource))):  # fhir.resources would pass over what is none, and the text be garbled
        raise InputError(f"the {kind} holds data that is not base64; export it again.")
    try:
        return get_fhir_model_class(kind).model_validate(_without_nulls(resource))
    except ValidationError as e:
        place, fault = _fault(e.errors(include_url=False, include_context=False, include_input=False))
        raise InputError(f"the {kind} is not valid FHIR R4 ({place or kind} {fault}); correct the export.") from e
    except Exception as e:  # its own checks of values raise several kinds, and may quote them
        raise InputError(f"the {kind} is not valid FHIR R4; correct the export.") from e


def _without_nulls(value: Any) -> Any:
    """The same JSON without what FHIR forbids to be there: null, and lists and objects of nothing. fhir.resources lets them stand for a required field."""
    if isinstance(value, dict):
        return {k: kept for k, v in value.items() if (kept := _without_nulls(v)) not in _NOTHING}
    return [kept for v in value if (kept := _without_nulls(v)) not in _NOTHING] if isinstance(value, list) else value


def _data(resource: dict[str, Any]) -> list[str]:
    """The encoded content of a document, wherever its kind of resource keeps it."""
    attachments = [c.get("attachment") for c in listed(resource.get("content")) if isinstance(c, dict)]
    holders = [resource if resource.get("resourceType") == "Binary" else None, *attachments, *listed(resource.get("presentedForm"))]
    return [h["data"] for h in holders if isinstance(h, dict) and isinstance(h.get("data"), str)]


def _fault(errors: list[Any]) -> tuple[str, str]:
    if not errors:
        return "", "is not valid"
    error = errors[0]
    path = ".".join(str(p) for p in error["loc"] if isinstance(p, int) or _FIELD.fullmatch(str(p)))
    said = {"missing": "is missing", "extra_forbidden": "is no field of it", "base64_decode": "is not base64"}
    return path, said.get(error["type"], "is not valid")


class Bundle:
    """The resources of one Bundle, looked up by reference. `problems` are the reasons why some could not be used."""

    def __init__(self, bundle: dict[str, Any]) -> None:
        self.problems: list[str] = []
        self.entries: list[tuple[int, dict[str, Any]]] = []
        self._by_reference: dict[str, dict[str, Any]] = {}
        self._models: dict[int, Any] = {}
        for number, entry in enumerate(listed(bundle.get("entry")), start=1):
            resource = entry.get("resource") if isinstance(entry, dict) else None
            if not isinstance(resource, dict):
                continue
            self.entries.append((number, resource))
            for key in (entry.get("fullUrl"), f"{resource.get('resourceType')}/{resource.get('id')}"):
                if isinstance(key, str):
                    self._by_reference.setdefault(key, resource)

    def resolve(self, reference: str | None, kind: str) -> Any:
        """The resource a reference means, if it is in the Bundle and of this kind; None otherwise."""
        resource = self._find(reference)
        return self._model(resource) if resource is not None and resource.get("resourceType") == kind else None

    def encounter_of(self, document: Any) -> Any:
        """The encounter the document is about; where it names none, the Bundle's only one."""
        context = getattr(document, "context", None)
        named = listed(getattr(document, "encounter", None)) + listed(getattr(context, "encounter", None))
        for reference in named:
            if found := self.resolve(reference.reference, "Encounter"):
                return found
        every = self._all("Encounter") if not named else []
        return every[0] if len(every) == 1 else None

    def patient_of(self, document: Any) -> str | None:
        subject = getattr(document, "subject", None)
        return subject.reference if subject else None

    def claims(self, encounter: Any, patient: str | None) -> list[Any]:
        """The claims of the encounter. One that names no encounter counts where the Bundle is about a single one."""
        found = []
        for claim in self._all("Claim"):
            visits = [v for item in listed(claim.item) for v in listed(item.encounter)]
            if claim.status not in {"cancelled", "entered-in-error"} and self._belongs(visits, claim.patient, encounter, patient):
                found.append(claim)
        return found

    def codes(self, claims: list[Any], encounter: Any, patient: str | None) -> tuple[str, ...]:
        """The ICD-10-CM codes of the claims; where there are none, the diagnoses of the encounter; then the conditions found at it."""
        conditions: list[Any] = []
        concepts: list[Any] = []
        for diagnosis in sorted((d for claim in claims for d in listed(claim.diagnosis)), key=lambda d: d.sequence or 0):
            if diagnosis.diagnosisCodeableConcept:
                concepts.append(diagnosis.diagnosisCodeableConcept)
            elif condition := self._condition(diagnosis.diagnosisReference):
                concepts.append(condition.code)
        if not (codes := _icd10cm(concepts)):
            at = sorted(listed(getattr(encounter, "diagnosis", None)), key=lambda d: d.rank or 99)
            conditions = [c for d in at if (c := self._condition(d.condition))]
            codes = _icd10cm(c.code for c in conditions)
        if not codes:
            codes = _icd10cm(
                c.code
                for c in self._all("Condition")
                if _is_diagnosis(c) and self._belongs(listed(c.encounter), c.subject, encounter, patient) and not _on_problem_list(c)
            )
        return codes

    def provider(self, document: Any, encounter: Any) -> str | None:
        authors = listed(getattr(document, "author", None)) + listed(getattr(document, "resultsInterpreter", None))
        authors += listed(getattr(document, "performer", None))
        authors += [p.individual for p in listed(getattr(encounter, "participant", None)) if p.individual]
        return first_words(self._named(a, ("Practitioner", "PractitionerRole")) for a in authors)

    def site(self, document: Any, encounter: Any) -> str | None:
        places = listed(getattr(document, "custodian", None)) + listed(getattr(encounter, "serviceProvider", None))
        return first_words(self._named(p, ("Organization",)) for p in places)

    def payer(self, claims: list[Any], patient: str | None) -> str | None:
        """Who the claim goes to, else who covers the patient."""
        payers = [r for claim in claims for r in listed(claim.insurer)]
        coverages = [c for claim in claims for i in listed(claim.insurance) if (c := self.resolve(i.coverage.reference, "Coverage"))]
        if not payers and not coverages:
            coverages = [c for c in self._all("Coverage") if c.status == "active" and self._same(c.beneficiary, patient)]
        payers += [r for c in coverages for r in listed(c.payor)]
        return first_words(self._named(p, ("Organization", "Patient")) for p in payers)

    def _belongs(self, visits: list[Any], subject: Any, encounter: Any, patient: str | None) -> bool:
        if not self._same(subject, patient):
            return False
        if not visits:
            return len(self._all("Encounter")) <= 1
        return encounter is not None and any(self.resolve(v.reference, "Encounter") is encounter for v in visits)

    def _same(self, subject: Any, patient: str | None) -> bool:
        told = subject.reference if subject else None
        return not told or not patient or told == patient or (self._find(told) is not None and self._find(told) is self._find(patient))

    def _condition(self, reference: Any) -> Any:
        condition = self.resolve(reference.reference, "Condition") if reference else None
        return condition if condition and _is_diagnosis(condition) else None

    def _named(self, reference: Any, kinds: Iterable[str]) -> str | None:
        if reference.display:
            return whole(reference.display)
        for kind in kinds:
            if (found := self.resolve(reference.reference, kind)) is not None:
                if kind == "PractitionerRole":
                    return self._named(found.practitioner, ("Practitioner",)) if found.practitioner else None
                return _name(found)
        return None

    def _find(self, reference: str | None) -> dict[str, Any] | None:
        if not reference:
            return None
        plain = reference.split("/_history/")[0]
        return self._by_reference.get(plain) or self._by_reference.get("/".join(plain.split("/")[-2:]))

    def _all(self, kind: str) -> list[Any]:
        models = (self._model(r) for _, r in self.entries if r.get("resourceType") == kind)
        return [m for m in models if m is not None]

    def _model(self, resource: dict[str, Any]) -> Any:
        """The validated resource, None where it is not valid; that is told once, and the note does without it."""
        if id(resource) not in self._models:
            try:
                self._models[id(resource)] = model(resource)
            except InputError as e:
                if isinstance(e.__cause__, ImportError):
                    raise
                self._models[id(resource)] = None
                self.problems.append(f"{str(e).removesuffix('.')}: the notes were checked without it.")
        return self._models[id(resource)]


def listed(value: Any) -> list[Any]:
    """A field that may be absent, one thing or many, as a list."""
    return [] if value is None else value if isinstance(value, list) else [value]


def first_words(said: Iterable[str | None]) -> str | None:
    return next((words for words in said if words and words.strip()), None)


def words_of(concept: Any) -> str | None:
    """What a CodeableConcept is called."""
    if concept is None:
        return None
    said = first_words([concept.text, *(c.display for c in listed(concept.coding))])
    return whole(said) if said else None


def day(value: Any) -> date | None:
    """The day of a FHIR date, as it was on the clock there; None for a year or month alone."""
    return value.date() if isinstance(value, datetime) else value if isinstance(value, date) else None


def _icd10cm(concepts: Iterable[Any]) -> tuple[str, ...]:
    codings = (coding for concept in concepts if concept for coding in listed(concept.coding))
    return parse_codes("\n".join(c.code for c in codings if c.system in _ICD10CM and c.code))


def _is_diagnosis(condition: Any) -> bool:
    return _NO_DIAGNOSIS.isdisjoint(_coded(condition.verificationStatus))


def _on_problem_list(condition: Any) -> bool:
    categories = {code for category in listed(condition.category) for code in _coded(category)}
    return "problem-list-item" in categories and "encounter-diagnosis" not in categories


def _coded(concept: Any) -> set[str]:
    return {c.code for c in listed(getattr(concept, "coding", None)) if c.code}


def _name(named: Any) -> str | None:
    name = named.name
    if name is None or isinstance(name, str):
        return whole(name) if name else None
    first = listed(name)[0]
    return whole(first.text or " ".join([*listed(first.prefix), *listed(first.given), *listed(first.family)])) or None
