"""CDS Hooks 2.0, in the style of Da Vinci CRD: before an order is signed or a patient goes home, what the note still lacks.

An EHR calls from its server. A page in a browser on another site cannot: no cross-origin request is answered (see guard.py).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any, NamedTuple, TypeVar
from uuid import NAMESPACE_URL, uuid5

from fastapi import APIRouter, Request
from pydantic import ValidationError
from starlette.responses import Response

from notecheck.models import Note, NoteReport
from notecheck.packs import Pack
from notecheck.web import cds_hooks, fhir_notes, problems
from notecheck.web.cds_hooks import Card, Cards, Coding, Discovery, EncounterDischarge, OrderSign, Source
from notecheck.web.checking import Checking, Checks
from notecheck.web.fhir_notes import Json
from notecheck.web.problems import Problem
from notecheck.web.services import Service, Services
from notecheck.write.fhir.names import BASE

router = APIRouter(prefix="/cds-services", tags=["cds-hooks"])

ORDER_SIGN, DISCHARGE = "notecheck-order-sign", "notecheck-encounter-discharge"
NOT_ORDERED = {"revoked", "completed", "entered-in-error"}
_INLINE = "The documents must carry their text (attachment.data), or the Binary that holds it must come with them: nothing is fetched."
_WITH_ENCOUNTER = {
    "encounter": "Encounter/{{context.encounterId}}",
    "conditions": "Condition?patient={{context.patientId}}&category=encounter-diagnosis",
}
_SERVICES = (
    cds_hooks.Service(
        hook="order-sign",
        id=ORDER_SIGN,
        title="Documentation of an ordered service",
        description="Says what the note still lacks of what payers ask for the service that is ordered.",
        prefetch={
            "documents": "DocumentReference?patient={{context.patientId}}&status=current&_sort=-date&_count=10",
            **_WITH_ENCOUNTER,
        },
        usageRequirements=_INLINE,
    ),
    cds_hooks.Service(
        hook="encounter-discharge",
        id=DISCHARGE,
        title="Documentation of the encounter",
        description="Says what the note of the encounter still lacks, and which of its diagnoses the note does not support.",
        prefetch={"documents": "DocumentReference?encounter={{context.encounterId}}&status=current&_sort=-date", **_WITH_ENCOUNTER},
        usageRequirements=_INLINE,
    ),
)
_DOCUMENTS = {"DocumentReference", "DiagnosticReport", "Composition"}
_SETTLED = {"supported", "outside_pack"}

Context = TypeVar("Context", OrderSign, EncounterDischarge)


@router.get("", response_model=Discovery)
async def discovery() -> Discovery:
    """The services of this server, as the discovery of CDS Hooks has them."""
    return Discovery(services=_SERVICES)


@router.post(f"/{ORDER_SIGN}", response_model=Cards, response_model_exclude_none=True, responses=problems.responses(412, 422, 500, 503))
async def order_sign(call: cds_hooks.Request, request: Request, checks: Checks) -> Cards:
    """A card for each ordered service that is known and whose note lacks something."""
    context, services = _context(call, "order-sign", OrderSign), request.app.state.services
    ordered = _ordered(services, context.draftOrders) if services else []
    if not ordered:
        return Cards()
    notes = await _notes(call, context.encounterId, checks)
    if not notes:
        return Cards(cards=tuple(_no_note(call, s.name, s.id) for s in ordered))
    pack: Pack = request.app.state.pack
    cards = [await _card_of_order(call, s, notes, checks, pack) for s in ordered]
    return Cards(cards=tuple(c for c in cards if c))


@router.post(f"/{DISCHARGE}", response_model=Cards, response_model_exclude_none=True, responses=problems.responses(412, 422, 500, 503))
async def encounter_discharge(call: cds_hooks.Request, request: Request, checks: Checks) -> Cards:
    """A card where the note of the encounter lacks something that any such note should hold."""
    context = _context(call, "encounter-discharge", EncounterDischarge)
    notes = await _notes(call, context.encounterId, checks)
    found = _chosen(await _checked(notes, request.app.state.settings.profile, checks))
    if found is None:
        return Cards()
    pack: Pack = request.app.state.pack
    card = _card(call, pack.profiles[found.report.profile].name, "", found, pack)
    return Cards(cards=(card,) if card else ())


@router.post("/{service}", include_in_schema=False)
async def nothing(service: str) -> Response:
    raise Problem(404, "There is no such CDS service; see /cds-services.")


class Found(NamedTuple):
    note: Note
    report: NoteReport


def _context(call: cds_hooks.Request, hook: str, kind: type[Context]) -> Context:
    if call.hook != hook:
        raise Problem(400, f"This service answers the hook {hook}; see /cds-services.")
    try:
        return kind.model_validate(call.context)
    except ValidationError as e:
        places = ", ".join(sorted({"context." + ".".join(map(str, error["loc"])) for error in e.errors(include_input=False)}))
        raise Problem(422, f"The request does not have the shape it needs: see {places}.") from None


def _ordered(services: Services, orders: Json) -> list[Service]:
    """The services that are ordered and known, each once, in order."""
    resources = (r for r in _resources(orders) if r.get("status") not in NOT_ORDERED and r.get("doNotPerform") is not True)
    found = {s.id: s for r in resources if (s := services.ordered(r)) is not None}
    return list(found.values())


async def _notes(call: cds_hooks.Request, encounter: str | None, checks: Checking) -> list[Note]:
    """The notes that were sent: those of the encounter where any is, else all.

    Raises Problem 412, as CDS Hooks has it, where the client did not send its documents, or none of them with its text.
    """
    resources = [r for sent in call.prefetch.values() for r in _resources(sent)]
    if not any(r.get("resourceType") in _DOCUMENTS for r in resources):
        if "documents" in call.prefetch and _answers(call.prefetch["documents"]):
            return []
        raise Problem(412, "The request holds no documents (prefetch “documents”), and nothing is fetched; send them with it.")
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": r} for r in resources]}
    sent = fhir_notes.sent(await checks.notes_of(json.dumps(bundle).encode()))
    found = [s for s in sent if s.note is not None]
    if not found:
        reason = next((s.failure.reason for s in sent if s.failure), "none could be read.")
        raise Problem(412, f"No document of the request can be used: {reason}")
    here = [s for s in found if encounter and s.subject.encounter and s.subject.encounter.split("/")[-1] == encounter]
    return [s.note for s in here or found if s.note]


def _resources(sent: Any) -> Iterator[Json]:
    """The resources in a Bundle, or the resource itself; none of an OperationOutcome, which tells that a prefetch failed."""
    if not isinstance(sent, dict) or sent.get("resourceType") == "OperationOutcome":
        return
    if sent.get("resourceType") != "Bundle":
        yield sent
        return
    entries = sent.get("entry")
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, dict) and isinstance(entry.get("resource"), dict):
            yield entry["resource"]


def _answers(sent: Any) -> bool:
    """Whether a prefetch was answered, if only with nothing: null, or an empty Bundle."""
    return sent is None or (isinstance(sent, dict) and sent.get("resourceType") == "Bundle")


async def _checked(notes: list[Note], profile: str, checks: Checking) -> list[Found]:
    """The notes with their reports. One that cannot be checked is left out, unless it is the last hope."""
    found, told = [], None
    for note in notes:
        try:
            found.append(Found(note, await checks.check(note, profile, patient=True)))
        except Problem as e:
            told = e
    if told and not found:
        raise told
    return found


def _chosen(found: Iterable[Found]) -> Found | None:
    """The note that is judged: of those in scope the latest, and of one day's the most complete."""
    in_scope = [f for f in found if f.report.in_scope]
    return max(in_scope, key=lambda f: (f.report.service_date or date.min, f.report.completeness or 0), default=None)


async def _card_of_order(call: cds_hooks.Request, service: Service, notes: list[Note], checks: Checking, pack: Pack) -> Card | None:
    found = _chosen(await _checked(notes, service.profile, checks))
    if found is None:
        return _no_note(call, service.name, service.id)
    profile = service.profile_for(found.report)
    if profile != service.profile:
        (found,) = await _checked([found.note], profile, checks)
    return _card(call, service.name, service.id, found, pack)


def _card(call: cds_hooks.Request, name: str, about: str, found: Found, pack: Pack) -> Card | None:
    """What the note lacks, in a card; None where it lacks nothing."""
    report = found.report
    open_criteria = [c for c in report.coverage if c.met != "yes"]
    unsupported = [c for c in report.claim if c.verdict not in _SETTLED]
    if not (report.missing or report.partial or open_criteria or unsupported):
        return None
    counts = (
        (len(report.missing), "element missing", "elements missing"),
        (len(report.partial), "element partial", "elements partial"),
        (len(open_criteria), "criterion open", "criteria open"),
        (len(unsupported), "diagnosis not supported", "diagnoses not supported"),
    )
    said = ", ".join(f"{n} {one if n == 1 else many}" for n, one, many in counts if n)
    profile = pack.profiles[report.profile]
    lines = [f"{_of(report)}, checked against “{profile.name}”: {said}."]
    lines += _listed("Missing", (f"**{pack.elements[e].name}**: {pack.elements[e].fix}" for e in report.missing))
    lines += _listed("Partial", (f"**{pack.elements[e].name}**: {pack.elements[e].fix}" for e in report.partial))
    lines += _listed("Coverage criteria not shown", (f"{c.criterion} {c.reason}" for c in open_criteria))
    lines += _listed("Diagnoses", (f"**{c.code}**: {c.reason}" for c in unsupported))
    lines += ["", f"Source: {pack.info.sources[profile.source]}"]
    serious = report.missing or unsupported or any(c.met == "no" for c in open_criteria)
    return Card(
        uuid=uuid5(NAMESPACE_URL, f"{BASE}/{call.hookInstance}/{about}"),
        summary=_cut(f"{name}: {said} in {_of(report).lower()}"),
        detail="\n".join(lines),
        indicator="warning" if serious else "info",
        source=Source(label="notecheck", topic=Coding(system=f"{BASE}/CodeSystem/profile", code=profile.id, display=profile.name)),
    )


def _no_note(call: cds_hooks.Request, name: str, about: str) -> Card:
    return Card(
        uuid=uuid5(NAMESPACE_URL, f"{BASE}/{call.hookInstance}/{about}"),
        summary=_cut(f"{name}: no note was found that supports the order"),
        detail="None of the documents that were sent is a note that this service can judge.",
        indicator="info",
        source=Source(label="notecheck"),
    )


def _of(report: NoteReport) -> str:
    return f"The note of {report.service_date}" if report.service_date else "The note"


def _listed(heading: str, entries: Iterable[str]) -> list[str]:
    listed = [f"- {entry}" for entry in entries]
    return ["", f"### {heading}", *listed] if listed else []


def _cut(text: str) -> str:
    return text if len(text) <= cds_hooks.SUMMARY else text[: cds_hooks.SUMMARY - 1] + "…"
