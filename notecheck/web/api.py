"""The JSON interface: check a note or a stream of them, list what can be required, explain it."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from notecheck.models import Note, NoteReport
from notecheck.read import record
from notecheck.web import problems
from notecheck.web.checking import Checks
from notecheck.web.problems import Problem

router = APIRouter(tags=["check"])


class Submission(BaseModel):
    """One note to check."""

    model_config = ConfigDict(extra="forbid")

    text: Annotated[str, Field(description="The note.", repr=False)]
    note_id: Annotated[str, Field(min_length=1, max_length=200)] = "note"
    service_date: Annotated[date | None, Field(description="Its date of service.")] = None
    codes: Annotated[list[str] | str, Field(description="The billed ICD-10-CM codes: a list, or one line as people type them.")] = ""
    profile: Annotated[
        str | None, Field(description="What to require; see /api/profiles. By default what the server was started with.")
    ] = None

    def note(self) -> Note:
        return Note(note_id=self.note_id, text=self.text, service_date=self.service_date, codes=record.codes(self.codes))


@router.post("/api/check", response_model=NoteReport, responses=problems.responses(422, 500, 503))
async def check(submission: Submission, request: Request, checks: Checks) -> Response:
    """The report on one note: what is documented, denied, partial or missing, the codes its words support, verdicts on the billed ones."""
    profile = submission.profile or request.app.state.settings.profile
    if profile not in request.app.state.pack.profiles:
        raise Problem(422, "There is no such profile; see /api/profiles.")
    report = await checks.check_json(submission.note(), profile)
    return Response(report, media_type="application/json")
