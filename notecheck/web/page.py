"""The page that checks one note: as a form for any browser, and in pieces for its own script."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from notecheck.models import Note, NoteReport
from notecheck.packs import Pack
from notecheck.web.checking import Checking, Checks
from notecheck.web.forms import Form, read_form
from notecheck.web.pages import page, render
from notecheck.web.problems import Problem
from notecheck.web.sessions import COOKIE, LASTS
from notecheck.write.html import view

router = APIRouter(include_in_schema=False)


@router.get("/")
async def empty(request: Request) -> Response:
    """The page without a note."""
    return _page(request, Form())


@router.post("/")
async def submit(request: Request, checks: Checks) -> Response:
    """The page with its report, for a browser that runs no script."""
    form = await read_form(request)
    try:
        if form.document is not None:
            form = form._replace(text=await checks.text_of(form.document.data, form.document.name))
        note, report = await _check(form, request, checks)
    except Problem as e:
        return _page(request, form, status=e.status_code, message=e.detail)
    return await run_in_threadpool(lambda: _page(request, form, view=_view(note, report, _pack(request))))


@router.post("/report")
async def report(request: Request, checks: Checks) -> Response:
    """The report alone, as HTML to put into the page."""
    note, found = await _check(await read_form(request), request, checks)
    return HTMLResponse(await run_in_threadpool(lambda: render("_result.html", view=_view(note, found, _pack(request)))))


@router.post("/text")
async def text(request: Request, checks: Checks) -> Response:
    """The text of the chosen or dropped file."""
    form = await read_form(request)
    if form.document is None:
        raise Problem(422, "There is no file; choose or drop the file of one note.")
    return JSONResponse({"text": await checks.text_of(form.document.data, form.document.name)})


@router.get("/login")
async def ask_for_token(request: Request) -> Response:
    return page(request, "login.html", message=None)


@router.post("/login")
async def log_in(request: Request) -> Response:
    """Takes the token, and gives the browser a cookie for it."""
    form = await read_form(request)
    sessions = request.app.state.sessions
    if not sessions.opens(form.token.strip()):
        return page(request, "login.html", 401, message="That is not the server's token.")
    answer = RedirectResponse("/", 303)
    secure = request.url.scheme == "https"
    answer.set_cookie(COOKIE, sessions.new_cookie(), max_age=LASTS, httponly=True, samesite="strict", secure=secure)
    return answer


@router.post("/logout")
async def log_out(request: Request) -> Response:
    await read_form(request)
    answer = RedirectResponse("/login", 303)
    answer.delete_cookie(COOKIE, httponly=True, samesite="strict")
    return answer


async def _check(form: Form, request: Request, checks: Checking) -> tuple[Note, NoteReport]:
    note, profile = form.note(), form.profile or request.app.state.settings.profile
    if profile not in _pack(request).profiles:
        raise Problem(422, "There is no such payer rule; choose one of the list.")
    return note, await checks.check(note, profile)


def _page(request: Request, form: Form, status: int = 200, **values: Any) -> HTMLResponse:
    profile = form.profile or request.app.state.settings.profile
    shown = {"message": None, "view": None, **values}
    return page(request, "check.html", status, form=form, profile=profile, profiles=_pack(request).profiles.values(), **shown)


def _view(note: Note, found: NoteReport, pack: Pack) -> dict[str, Any]:
    """What the templates show of a report, with its profile and its policies under the names that the page's list has."""
    shown, names = view(note, found, pack.elements), {p.id: p.name for p in pack.profiles.values()}
    facts = [(label, names[found.profile] if label == "Profile" else words) for label, words in shown["facts"]]
    coverage = [{**policy, "policy": names.get(policy["policy"], policy["policy"])} for policy in shown["coverage"]]
    return {**shown, "facts": facts, "coverage": coverage}


def _pack(request: Request) -> Pack:
    pack: Pack = request.app.state.pack
    return pack
