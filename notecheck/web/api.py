"""The JSON interface: check a note or a stream of them, list what can be required, explain it."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag
from starlette.responses import Response

from notecheck import __version__, explained
from notecheck.assess.code_rules import CodeBook, load_code_book
from notecheck.explained import Card
from notecheck.models import LONGEST_NOTE, Note, NoteReport
from notecheck.packs import Pack
from notecheck.read import record
from notecheck.web import lines, problems
from notecheck.web.checking import Checking, Checks
from notecheck.web.problems import Problem

router = APIRouter(tags=["check"])

Code = Annotated[str, Field(max_length=200)]


class Submission(BaseModel):
    """One note to check."""

    model_config = ConfigDict(extra="forbid")

    text: Annotated[str, Field(description="The note.", max_length=LONGEST_NOTE, repr=False)]
    note_id: Annotated[str, Field(description="What the report calls it.", min_length=1, max_length=200)] = "note"
    service_date: Annotated[date | None, Field(description="Its date of service; by default the one the note gives.")] = None
    codes: Annotated[
        Annotated[list[Code], Field(max_length=100), Tag("list")] | Annotated[str, Field(max_length=4000), Tag("line")],
        Discriminator(lambda given: "list" if isinstance(given, list) else "line"),
        Field(description="The billed ICD-10-CM codes: a list, or one line as people type them."),
    ] = ""
    profile: Annotated[
        str | None, Field(description="What to require; see /api/profiles. By default what the server was started with.")
    ] = None

    def note(self) -> Note:
        if "\0" in self.text:
            raise Problem(422, "The note's text holds NUL characters; send it as plain text.")
        return Note(note_id=self.note_id, text=self.text, service_date=self.service_date, codes=record.codes(self.codes))


class ProfileBrief(BaseModel):
    """A profile: what one kind of review requires. `coverage` where it checks a note against a payer's criteria too."""

    id: str
    name: str
    description: str
    coverage: bool
    default: bool = Field(description="Whether it is the one a note is checked against unless it names another.")


class Health(BaseModel):
    """That the server answers, and what with."""

    status: Literal["ok"] = "ok"
    version: str
    pack: str
    pack_version: str
    workers: int


@router.post("/api/check", response_model=NoteReport, responses=problems.responses(408, 422, 500, 503))
async def check(submission: Submission, request: Request, checks: Checks) -> Response:
    """The report on one note: what is documented, denied, partial or missing, the codes its words support, verdicts on the billed ones."""
    return Response(await _report(submission, request, checks), media_type="application/json")


@router.post(
    "/api/check/batch",
    responses={200: {"description": "One line a line", "content": {lines.MEDIA_TYPE: {}}}, **problems.responses(408, 415)},
    response_class=Response,
    openapi_extra={
        "requestBody": {"required": True, "content": {lines.MEDIA_TYPE: {"schema": {"type": "string", "description": "One note a line."}}}}
    },
)
async def check_batch(request: Request, checks: Checks) -> Response:
    """Reports on a stream of notes: one JSON object a line, each as for /api/check.

    Answers come in the order of the lines, one line each: a report, or a problem object with the `line` it is about and its `note_id`. They
    come while the notes are still being sent: read them as they come. A line may have up to 10 MB.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() not in lines.TAKEN:
        raise Problem(415, f"Send one JSON object a line, with Content-Type: {lines.MEDIA_TYPE}.")

    async def answer(number: int, line: bytes) -> str:
        submission: Submission | None = None
        try:
            submission = lines.parse(line, Submission)
            return await _report(submission, request, checks, patient=True)
        except Problem as e:
            return lines.problem(e, number, submission.note_id if submission else None)

    return await lines.respond(request, answer, ahead=checks.workers * 2)


@router.get("/api/profiles")
async def profiles(request: Request) -> list[ProfileBrief]:
    """What a note can be checked against: a plain visit, or a payer's rule."""
    state = request.app.state
    return [
        ProfileBrief(
            id=p.id, name=p.name, description=p.description, coverage=p.id in state.policies, default=p.id == state.settings.profile
        )
        for p in state.pack.profiles.values()
    ]


@router.get("/api/explain/{id}", responses=problems.responses(404, 422))
def explain(
    request: Request,
    id: Annotated[str, Path(description="An element, a rule or a profile, or an ICD-10-CM code.", max_length=200)],
    on: Annotated[date | None, Query(description="The date of service that a code is judged for; by default today.")] = None,
) -> Card:
    """What an element, a profile or a code asks of a note, why, on whose word, what satisfies it and how to fix it."""
    pack: Pack = request.app.state.pack
    card: Card | None = explained.element(pack, id) or explained.profile(pack, id)
    if card is None and _CODE.fullmatch(id):
        card = explained.code(pack, _book(request.app.state), id, on or date.today())
    if card is None:
        raise Problem(404, "Nothing by that id is known: give an element, a rule or a profile of the pack, or an ICD-10-CM code.")
    return card


@router.get("/healthz")
async def health(request: Request) -> Health:
    """Answers once the checker processes are loaded."""
    state = request.app.state
    return Health(version=__version__, pack=state.pack.info.name, pack_version=state.pack.info.version, workers=state.checking.workers)


_CODE = re.compile(r"[A-Za-z]\d[0-9A-Za-z]\.?[0-9A-Za-z]{0,4}")


async def _report(submission: Submission, request: Request, checks: Checking, patient: bool = False) -> str:
    profile = submission.profile or request.app.state.settings.profile
    if profile not in request.app.state.pack.profiles:
        raise Problem(422, "There is no such profile; see /api/profiles.")
    return await checks.check_json(submission.note(), profile, patient=patient)


def _book(state: Any) -> CodeBook:
    """The code book, read when a code is first asked for: the checker processes have their own."""
    if state.book is None:
        state.book = load_code_book(state.pack.root)
    book: CodeBook = state.book
    return book
