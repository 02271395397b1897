"""The pages on which an audit is reviewed: its worklist with facets, its notes, and how often each rule held. Forms all through; a script only eases them."""

from __future__ import annotations

import csv
import io
import re
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast, get_args
from urllib.parse import urlencode

from fastapi import APIRouter, FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from starlette.datastructures import QueryParams
from starlette.formparsers import FormParser
from starlette.responses import JSONResponse, RedirectResponse, Response

from notecheck.batch.reviews import ANSWERS, Decision, Kind, Review
from notecheck.batch.worklist import FACETS, PAGE, SORTS, Sort, Worklist, open_worklist
from notecheck.failures import InputError
from notecheck.models import NoteReport
from notecheck.packs import Pack
from notecheck.tables import AuditedNote
from notecheck.web.pages import page
from notecheck.web.problems import Problem
from notecheck.write.html import view
from notecheck.write.table import cell

REVIEWER = "notecheck-reviewer"  # the cookie that keeps the reviewer's name from one note to the next
_OURS = re.compile(r"/audit(/notes/\d+)?(\?[\w.=&%+-]*)?")
_LONGEST_BODY = 20_000  # bytes of a form of these pages
_COLUMNS = ("note_id", "kind", "about", "found", "decision", "corrected", "reason", "reviewer", "made", "rules", "run_id", "seq")


class _Open:
    """The audit that this server shows, opened when it is first asked for."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._worklist: Worklist | None = None

    def get(self, request: Request) -> Worklist:
        folder = request.app.state.settings.audit
        if folder is None:
            raise Problem(404, "This server shows no audit; start it with notecheck serve --audit DIR.")
        with self._lock:
            if self._worklist is None:
                try:
                    self._worklist = open_worklist(folder)
                except InputError as e:
                    busy = "is in use" in str(e)
                    raise Problem(503 if busy else 422, str(e), headers={"Retry-After": "10"} if busy else None) from None
            return self._worklist

    def close(self) -> None:
        with self._lock:
            if self._worklist is not None:
                self._worklist.close()
                self._worklist = None


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    app.state.reviewed = _Open()
    try:
        yield
    finally:
        app.state.reviewed.close()


router = APIRouter(prefix="/audit", include_in_schema=False, lifespan=_lifespan)


class View:
    """Which notes are looked at, and in which order: what the addresses of these pages hold. A provider is a number there, since a name is not
    for a browser's history."""

    def __init__(self, worklist: Worklist, asked: QueryParams) -> None:
        self._providers = worklist.providers()
        self.chosen = {facet: asked[facet] for facet in FACETS if asked.get(facet)}
        if "provider" in self.chosen:
            number = self.chosen["provider"]
            known = number.isdecimal() and int(number) < len(self._providers)
            self.chosen["provider"] = self._providers[int(number)] if known else "\0"  # nobody's name
        sort = asked.get("sort", "worst")
        self.sort = cast(Sort, sort if sort in SORTS else "worst")
        number = asked.get("page", "1")
        self.page = int(number) if number.isdecimal() and len(number) < 8 else 1

    def address(self, path: str, **changed: str | int | None) -> str:
        """The path with what is chosen; a facet that is given here takes this value, or none where it is None."""
        values: dict[str, str | int | None] = {**self.chosen, "sort": self.sort if self.sort != "worst" else None, **changed}
        provider = values.get("provider")
        if isinstance(provider, str):
            values["provider"] = self._providers.index(provider) if provider in self._providers else None
        query = urlencode({name: value for name, value in values.items() if value is not None})
        return path + ("?" + query if query else "")


@router.get("")
def worklist(request: Request) -> Response:
    """The notes that are to be looked at, with the facets that narrow them."""
    return _listed(request, _worklist(request))


@router.post("/find")
async def find(request: Request) -> Response:
    """The notes whose id holds what was typed; a form, so that an id stands in no address."""
    words = (await _posted(request)).get("words", "").strip()
    opened = await run_in_threadpool(_worklist, request)
    return await run_in_threadpool(_listed, request, opened, words)


@router.get("/notes/{seq}")
def note(request: Request, seq: int) -> Response:
    return _note(request, seq)


@router.post("/notes/{seq}")
async def mark(request: Request, seq: int) -> Response:
    """Puts a mark on the note or on one of its findings, and shows the note again."""
    said = await _posted(request)
    return await run_in_threadpool(_mark, request, seq, said)


@router.post("/reviewer")
async def name_reviewer(request: Request) -> Response:
    """Remembers who reviews, for this browser."""
    said = await _posted(request)
    answer = RedirectResponse(_back(said.get("back", "")), 303)
    answer.set_cookie(REVIEWER, _quoted(said.get("reviewer", "").strip()[:100]), httponly=True, samesite="strict", path="/audit")
    return answer


@router.get("/precision")
def precision(request: Request) -> Response:
    """How often reviewers agreed with each rule."""
    opened = _worklist(request)
    return page(request, "browse_precision.html", rules=opened.reviews.precision(opened.audit.run.run_id), run=opened.audit.run)


@router.get("/reviews.csv")
def as_csv(request: Request) -> Response:
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(_COLUMNS)
    for review in _reviews(request):
        values = review.model_dump(mode="json") | {"rules": "; ".join(review.rules)}
        rows.writerow([cell(values[name]) for name in _COLUMNS])
    return Response(out.getvalue(), media_type="text/csv; charset=utf-8", headers=_attached("reviews.csv"))


@router.get("/reviews.json")
def as_json(request: Request) -> Response:
    values = [{name: review.model_dump(mode="json")[name] for name in _COLUMNS} for review in _reviews(request)]
    return JSONResponse(values, headers=_attached("reviews.json"))


def _listed(request: Request, opened: Worklist, words: str = "") -> Response:
    shown = View(opened, request.query_params)
    found = opened.find(words) if words else None
    listed = opened.page(shown.chosen, shown.sort, shown.page)
    number = (listed.first - 1) // PAGE + 1
    return page(
        request,
        "browse.html",
        view=shown,
        run=opened.audit.run,
        totals=opened.totals,
        facets=[_facet(request, opened, shown, name) for name in _TITLES],
        notes=listed.notes if found is None else found,
        words=words,
        total=listed.total if found is None else len(found),
        first=listed.first,
        earlier=shown.address("/audit", page=number - 1) if found is None and number > 1 else None,
        later=shown.address("/audit", page=number + 1) if found is None and listed.first + PAGE <= listed.total else None,
        sorts=[(sort, shown.address("/audit", sort=sort if sort != "worst" else None)) for sort in SORTS],
        elements=_pack(request).elements,
    )


def _facet(request: Request, opened: Worklist, shown: View, name: str) -> dict[str, Any]:
    """A facet as the page shows it: its values with their counts, and the address that chooses each or, where it is chosen, lets it go."""
    chosen, elements = shown.chosen.get(name), _pack(request).elements
    values = []
    for value, count in opened.facet(name, shown.chosen):
        label = elements[value].name if name == "element" and value in elements else _LABELS.get((name, value)) or value.replace("_", " ")
        address = shown.address("/audit", **{name: None if value == chosen else value})
        values.append({"label": label, "count": count, "address": address, "chosen": value == chosen})
    return {"name": name, "title": _TITLES[name], "values": values, "chosen": chosen is not None}


_TITLES = {"scope": "Scope", "reviewed": "Reviewed", "verdict": "Verdict on a code", "provider": "Provider", "element": "Missing"}
_LABELS = {("provider", ""): "not named", ("scope", "in"): "in scope", ("scope", "out"): "out of scope"}


def _note(request: Request, seq: int, status: int = 200, message: str = "", at: str = "") -> Response:
    opened = _worklist(request)
    found = _audited(opened, seq)
    shown, run = View(opened, request.query_params), opened.audit.run
    earlier, later = opened.neighbours(seq, shown.chosen, shown.sort)
    marks = {(r.kind, r.about): r for r in opened.reviews.of_note(run.run_id, seq)}

    groups = _findings(found.report, marks, _pack(request))
    if at not in (f"{f['kind']}-{f['about']}" for group in groups for f in group["findings"]):
        at = ""  # the message stands above all findings

    def address(number: int | None) -> str | None:
        return None if number is None else shown.address(f"/audit/notes/{number}")

    return page(
        request,
        "browse_note.html",
        status,
        note=found.note,
        view=view(found.note, found.report, _pack(request).elements),
        groups=groups,
        whole=marks.get(("note", "")),
        message=message,
        at=at,
        action=shown.address(f"/audit/notes/{seq}"),
        list=shown.address("/audit"),
        earlier=address(earlier),
        later=address(later),
        reviewer=_reviewer(request),
    )


def _findings(report: NoteReport, marks: dict[tuple[Kind, str], Review], pack: Pack) -> list[dict[str, Any]]:
    """What can be agreed with or overruled, in the order of the report, each with the mark it has."""

    def finding(kind: Kind, about: str, name: str, found: str) -> dict[str, Any]:
        answers = [answer for answer in ANSWERS[kind] if answer != found]
        return {"kind": kind, "about": about, "name": name, "found": found, "answers": answers, "mark": marks.get((kind, about))}

    names = {id_: element.name for id_, element in pack.elements.items()}
    asked = [*report.missing, *report.partial]
    rest = [id_ for id_ in report.elements if id_ not in asked]
    groups = (
        ("Elements", [finding("element", id_, names.get(id_, id_), report.elements[id_].status) for id_ in asked + rest]),
        ("Billed codes", [finding("claim", c.code, c.code, c.verdict) for c in report.claim]),
        ("Codes in the note", [finding("code", c.code, f"{c.code} {c.description}", c.support) for c in report.codes]),
    )
    return [{"title": title, "findings": findings} for title, findings in groups if findings]


def _mark(request: Request, seq: int, said: dict[str, str]) -> Response:
    opened = _worklist(request)
    found = _audited(opened, seq)
    kind, about, decision = said.get("kind", ""), said.get("about", ""), said.get("decision", "")
    if kind not in get_args(Kind) or decision not in get_args(Decision):
        raise Problem(422, "The form is not one of this page; load the page again.")
    more = {"corrected": said.get("corrected", ""), "reason": said.get("reason", ""), "reviewer": _reviewer(request)}
    place = f"{kind}-{about}"
    try:
        opened.reviews.add(opened.audit.run.run_id, found, cast(Kind, kind), about, cast(Decision, decision), **more)
    except InputError as e:
        return _note(request, seq, 422, str(e), place)
    address = View(opened, request.query_params).address(f"/audit/notes/{seq}")
    return RedirectResponse(f"{address}#judge-{place}" if about else address, 303)


async def _posted(request: Request) -> dict[str, str]:
    """The fields of a form that one of our pages sent. Raises Problem for any other."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise Problem(415, "The body is no form; send it from the page.")
    if int(request.headers.get("content-length", "0") or 0) > _LONGEST_BODY:
        raise Problem(413, "The form is too long; shorten the reason.")
    form = await FormParser(request.headers, request.stream(), max_fields=20, max_part_size=_LONGEST_BODY).parse()
    fields = {name: value for name, value in form.multi_items() if isinstance(value, str)}
    if not request.app.state.sessions.proven(fields.get("proof", ""), request.headers.get("cookie", "")):
        raise Problem(403, "This page is older than the server it talks to: copy what you typed, and load the page again.")
    return fields


def _worklist(request: Request) -> Worklist:
    return cast(_Open, request.app.state.reviewed).get(request)


def _reviews(request: Request) -> list[Review]:
    opened = _worklist(request)
    return list(opened.reviews.every(opened.audit.run.run_id))


def _audited(opened: Worklist, seq: int) -> AuditedNote:
    found = opened.audit.note(seq) if 0 < seq < 1 << 62 else None
    if found is None:
        raise Problem(404, "The audit has no checked note at this place; look for it in the worklist.")
    return found


def _back(address: str) -> str:
    """An address of ours to return to: no form can send a browser elsewhere."""
    return address if _OURS.fullmatch(address) else "/audit"


def _reviewer(request: Request) -> str:
    try:
        return bytes.fromhex(request.cookies.get(REVIEWER, "")).decode()[:100]
    except ValueError:
        return ""


def _quoted(name: str) -> str:
    """A name as a cookie can hold it."""
    return name.encode().hex()


def _attached(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}


def _pack(request: Request) -> Pack:
    return cast(Pack, request.app.state.pack)
