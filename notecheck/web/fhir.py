"""FHIR R4: documents in, a Bundle out that says what they document and what they lack. Errors are OperationOutcomes, as FHIR clients expect."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.responses import Response

from notecheck import __version__
from notecheck.failures import Failure, InputError
from notecheck.web import fhir_notes
from notecheck.web.checking import Checking, Checks
from notecheck.web.fhir_notes import Json, Sent
from notecheck.web.problems import Problem, invalid, sentence
from notecheck.write import fhir
from notecheck.write.fhir import issues, names
from notecheck.write.fhir.questionnaire import PackWords

MEDIA_TYPE = "application/fhir+json"
_TAKEN = {MEDIA_TYPE, "application/json"}
_CHANGED = "2026-11-30"  # when what follows was last changed; FHIR wants a capability statement to say so
_ISSUE = {
    400: "invalid",
    401: "login",
    403: "forbidden",
    404: "not-found",
    405: "not-supported",
    408: "timeout",
    413: "too-long",
    415: "not-supported",
    422: "processing",
    503: "transient",
}


class FhirRoute(APIRoute):
    """A route whose errors are OperationOutcomes."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()

        async def answered(request: Request) -> Response:
            try:
                return await handler(request)
            except RequestValidationError as e:
                return refusal(invalid(e))
            except InputError as e:
                return refusal(Problem(422, str(e)))
            except HTTPException as e:
                return refusal(e)

        return answered


router = APIRouter(prefix="/fhir", tags=["fhir"], route_class=FhirRoute)

_JSON = {MEDIA_TYPE: {"schema": {"type": "object", "required": ["resourceType"]}}}
_OUTCOME = {"description": "An OperationOutcome that says what is wrong.", "content": _JSON}
_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"description": "The resource.", "content": _JSON},
    **dict.fromkeys((400, 401, 403, 404, 408, 413, 415, 422, 500, 503), _OUTCOME),
}
_DOCUMENTS = {
    "requestBody": {
        "required": True,
        "description": "A DocumentReference, DiagnosticReport or Composition, a Bundle of them with the Encounter, Claim and Condition they "
        "belong to, or Parameters with the parameter `document` (and `profile`).",
        "content": _JSON,
    }
}


class FhirResponse(Response):
    media_type = MEDIA_TYPE


def refusal(error: HTTPException) -> Response:
    """The error as an OperationOutcome, with its status and headers."""
    issue = issues.issue(("error", _ISSUE.get(error.status_code, "exception")), str(error.status_code), error.detail)
    return FhirResponse(json.dumps(issues.of_issues([issue]), ensure_ascii=False), error.status_code, error.headers)


@router.post("/$check-documentation", response_class=FhirResponse, responses=_ANSWERS, openapi_extra=_DOCUMENTS)
async def check_documentation(
    request: Request, checks: Checks, profile: Annotated[str | None, Query(description="What to require; see /fhir/metadata.")] = None
) -> Response:
    """What each document says of what the profile asks: a Bundle with a QuestionnaireResponse, whose answers are marked as automatic and quote
    the note, and an OperationOutcome of what is missing or partial, of the billed codes and of the payer's criteria."""
    data, named = await _resource(request)
    chosen = profile or named or request.app.state.settings.profile
    pack: PackWords = request.app.state.pack
    if chosen not in pack.profiles:
        raise Problem(400, f"There is no such profile; there are {', '.join(pack.profiles)}.")
    found = fhir_notes.sent(await checks.notes_of(data))
    done = [await _checked(s, chosen, checks, alone=len(found) == 1, patient=position > 0) for position, s in enumerate(found)]
    if not any(isinstance(d, fhir.Read) for d in done):
        raise _nothing_checked(found)
    return FhirResponse(await asyncio.to_thread(_written, done, pack))


@router.get("/metadata", response_class=FhirResponse, responses=_ANSWERS)
async def metadata(request: Request) -> Response:
    """What this server can do, as a CapabilityStatement."""
    pack: PackWords = request.app.state.pack
    operation = {"name": "check-documentation", "definition": f"{names.BASE}/OperationDefinition/check-documentation"}
    forms = ", ".join(f"{p.id} ({p.name})" for p in pack.profiles.values())
    questionnaires = {"type": "Questionnaire", "interaction": [{"code": "read"}], "documentation": f"One for each profile: {forms}."}
    return _sent(
        {
            "resourceType": "CapabilityStatement",
            "status": "active",
            "date": _CHANGED,
            "kind": "instance",
            "software": {"name": "notecheck", "version": __version__},
            "implementation": {"description": f"notecheck with the patterns {pack.info.name} {pack.info.version}"},
            "fhirVersion": "4.0.1",
            "format": ["json"],
            "rest": [{"mode": "server", "resource": [questionnaires], "operation": [operation]}],
        }
    )


@router.get("/OperationDefinition/check-documentation", response_class=FhirResponse, responses=_ANSWERS)
async def operation_definition() -> Response:
    """What the operation takes and gives."""

    def parameter(name: str, use: str, least: int, most: str, type_: str, documentation: str) -> Json:
        return {"name": name, "use": use, "min": least, "max": most, "type": type_, "documentation": documentation}

    return _sent(
        {
            "resourceType": "OperationDefinition",
            "id": "check-documentation",
            "url": f"{names.BASE}/OperationDefinition/check-documentation",
            "version": __version__,
            "name": "CheckDocumentation",
            "title": "Check documentation",
            "status": "active",
            "kind": "operation",
            "affectsState": False,
            "code": "check-documentation",
            "system": True,
            "type": False,
            "instance": False,
            "parameter": [
                parameter("document", "in", 1, "*", "Resource", "A document, or a Bundle of documents with what belongs to them."),
                parameter("profile", "in", 0, "1", "code", "What to require: the id of a Questionnaire of this server."),
                parameter("return", "out", 1, "1", "Bundle", "For each document a QuestionnaireResponse and an OperationOutcome."),
            ],
        }
    )


@router.get("/Questionnaire/{profile}", response_class=FhirResponse, responses=_ANSWERS)
async def questionnaire(profile: str, request: Request) -> Response:
    """What a profile asks of a note, as a Questionnaire."""
    pack: PackWords = request.app.state.pack
    found = next((p for p in pack.profiles.values() if names.resource_id(p.id) == profile), None)
    if found is None:
        raise Problem(404, f"There is no such Questionnaire; there are {', '.join(map(names.resource_id, pack.profiles))}.")
    return _sent(fhir.questionnaire(found, pack))


@router.api_route("/{rest:path}", methods=["GET", "POST", "PUT", "PATCH", "DELETE"], include_in_schema=False)
async def nothing(rest: str) -> Response:
    raise Problem(404, "There is nothing at this address; see /fhir/metadata.")


async def _resource(request: Request) -> tuple[bytes, str | None]:
    """The resource that was sent, out of its Parameters, and the profile that they name."""
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind not in _TAKEN:
        raise Problem(415, f"The body is not FHIR in JSON; send it with Content-Type: {MEDIA_TYPE}.")
    data = await request.body()
    try:
        resource = json.loads(data)
        if not isinstance(resource, dict) or not isinstance(resource.get("resourceType"), str):
            raise Problem(400, "The body is not a FHIR resource: it has no resourceType.")
        if resource["resourceType"] != "Parameters":
            return data, None
        document, profile = _unwrapped(resource)
        return json.dumps(document).encode(), profile
    except (ValueError, RecursionError):
        raise Problem(400, "The body is not valid JSON; send one FHIR resource.") from None


def _unwrapped(parameters: Json) -> tuple[Json, str | None]:
    listed = parameters.get("parameter")
    given = [p for p in listed if isinstance(p, dict)] if isinstance(listed, list) else []
    documents = [p["resource"] for p in given if p.get("name") == "document" and isinstance(p.get("resource"), dict)]
    if not documents:
        raise Problem(400, "The Parameters have no parameter “document” with a resource.")
    told = (p.get("valueCode") or p.get("valueString") for p in given if p.get("name") == "profile")
    profile = next((p for p in told if isinstance(p, str)), None)
    if len(documents) == 1:
        return documents[0], profile
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": d} for d in documents]}, profile


async def _checked(sent: Sent, profile: str, checks: Checking, *, alone: bool, patient: bool) -> fhir.Read | Failure:
    """A note with its report, or why it has none. A server that is busy refuses the whole request, and only at its first note."""
    if sent.note is None:
        return sent.failure or Failure(reason="The document has no note.")
    try:
        return fhir.Read(sent.note, await checks.check(sent.note, profile, patient=patient), sent.subject)
    except Problem as e:
        if alone or e.status_code == 503:
            raise
        return Failure(note_id=sent.note.note_id, reason=e.detail)


def _nothing_checked(found: list[Sent]) -> Problem:
    """Why no document of a request could be checked."""
    if not found:
        return Problem(400, "There is no document in it: send a DocumentReference, DiagnosticReport or Composition, or a Bundle of them.")
    reasons = dict.fromkeys(s.failure.reason for s in found if s.failure)
    said = " ".join(sentence(r) for r in list(reasons)[:5]) or "No document could be checked."
    return Problem(400 if all(s.invalid for s in found) else 422, said)


def _written(done: list[fhir.Read | Failure], pack: PackWords) -> str:
    found = fhir.bundle(done, pack)
    fhir.check_resource(found)
    return json.dumps(found, ensure_ascii=False)


def _sent(resource: Json) -> Response:
    return FhirResponse(json.dumps(resource, ensure_ascii=False))
