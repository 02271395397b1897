"""Errors as RFC 9457 problem details, or as a plain page for a browser. No detail ever quotes a note."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response

from notecheck.failures import InputError

MEDIA_TYPE = "application/problem+json"


class ProblemDetails(BaseModel):
    """RFC 9457: what is wrong with a request, and what to do."""

    type: str = "about:blank"
    title: str = Field(description="The HTTP status in words.")
    status: int
    detail: str = Field(description="One sentence: what is wrong, and what to do.")
    errors: list[dict[str, Any]] | None = Field(
        None, description="For a body of the wrong shape: each place (`at`) with what is wrong there."
    )


class Problem(HTTPException):
    """Stops a request with this status and one sentence. Raise it anywhere below a route."""

    def __init__(
        self, status: int, detail: str, *, headers: Mapping[str, str] | None = None, errors: list[dict[str, Any]] | None = None
    ) -> None:
        super().__init__(status, detail, dict(headers or {}))
        self.errors = errors

    def details(self) -> dict[str, Any]:
        """The members of the problem details object."""
        title = HTTPStatus(self.status_code).phrase
        found = ProblemDetails(title=title, status=self.status_code, detail=self.detail, errors=self.errors)
        return found.model_dump(exclude_none=True)


def answer(problem: Problem, accept: str = "") -> Response:
    """The response: problem details, or a page where the client is a browser that navigates (`accept` is its Accept header)."""
    if "text/html" in accept:
        from notecheck.web.pages import render

        page = render("problem.html", problem=problem.details())
        return HTMLResponse(page, problem.status_code, problem.headers)
    return Response(json.dumps(problem.details(), ensure_ascii=False), problem.status_code, problem.headers, MEDIA_TYPE)


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """For a route's `responses`: these statuses, described as problem details in the OpenAPI document."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}}
    return {status: {"description": HTTPStatus(status).phrase, "content": content} for status in sorted({*statuses, 400, 401, 403, 413})}


def install(app: FastAPI) -> None:
    """Turns every error of the app's routes into a problem."""
    app.add_exception_handler(InputError, lambda request, e: _respond(request, Problem(422, str(e))))
    app.add_exception_handler(RequestValidationError, lambda request, e: _respond(request, invalid(e)))
    app.add_exception_handler(HTTPException, lambda request, e: _respond(request, e if isinstance(e, Problem) else _plain(e)))


def sentence(reason: str) -> str:
    """The reason as a sentence of its own."""
    return reason[:1].upper() + reason[1:]


def describe(app: FastAPI) -> None:
    """Puts the problem details object into the app's OpenAPI document, in the place of the framework's own errors."""
    stock = app.openapi

    def openapi() -> dict[str, Any]:
        document = stock()
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        for name in ("HTTPValidationError", "ValidationError"):
            schemas.pop(name, None)
        schemas["ProblemDetails"] = ProblemDetails.model_json_schema()
        return document

    app.openapi = openapi  # type: ignore[method-assign]


def _respond(request: Request, problem: Problem) -> Response:
    return answer(problem, request.headers.get("accept", ""))


def invalid(error: Any) -> Problem:
    """What is wrong where. The error's own `input`, its message where that quotes the input, and names we did not give stay out: they may
    be words of the note."""
    errors = []
    for e in error.errors():
        place = [str(p) for p in e["loc"] if p != "__root__"]
        if e["type"] == "json_invalid":
            return Problem(400, "The body is not valid JSON; send one JSON object.")
        if e["type"] in _NO_OBJECT and place == ["body"]:
            return Problem(422, "The body is not a JSON object; send one, with Content-Type: application/json.")
        at = ".".join(place[:-1] if e["type"] == "extra_forbidden" else place)
        errors.append({"at": at, "problem": _SAID.get(e["type"], e["type"].replace("_", " "))})
    places = ", ".join(dict.fromkeys(e["at"] for e in errors[:10]))
    return Problem(422, f"The request does not have the shape it needs: see {places}.", errors=errors[:50])


_NO_OBJECT = {"missing", "dict_type", "model_type", "model_attributes_type"}
_SAID = {
    "missing": "is missing",
    "extra_forbidden": "has a member that is not known",
    "string_type": "is not a string",
    "string_unicode": "holds half of a character (a lone surrogate)",
    "string_too_short": "is too short",
    "string_too_long": "is too long",
    "uuid_parsing": "is not a UUID",
    "date_from_datetime_parsing": "is not a date; write YYYY-MM-DD",
    "date_from_datetime_inexact": "is not a date; write YYYY-MM-DD",
    "date_parsing": "is not a date; write YYYY-MM-DD",
    "date_type": "is not a date; write YYYY-MM-DD",
}
_PLAINLY = {
    400: "The body cannot be read; see /docs for what is taken here.",
    404: "There is nothing at this address; see /docs.",
    405: "This address does not take this method; see /docs.",
    415: "The body is not of a kind that is taken here; see /docs.",
}


def _plain(error: Any) -> Problem:
    said = _PLAINLY.get(error.status_code, HTTPStatus(error.status_code).phrase + ".")
    return Problem(error.status_code, said, headers=error.headers)
