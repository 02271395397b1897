"""Stands before every route: who may ask, from where, under which name; and what every answer carries."""

from __future__ import annotations

import re
import sys

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from notecheck.failures import spoken
from notecheck.web import fhir
from notecheck.web.problems import Problem, answer, sentence
from notecheck.web.sessions import Sessions
from notecheck.web.settings import Settings

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_OPEN = ("/login", "/static/")  # what a browser needs to show the login form
_SAFE = {"GET", "HEAD", "OPTIONS"}
_HOST = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([0-9A-Za-z._-]+))(?::[0-9]*)?")


class Guard:
    """Lets a request through, or answers it. An error below becomes a plain 500, said in the log without a word of the request."""

    def __init__(self, app: ASGIApp, settings: Settings, sessions: Sessions) -> None:
        self.app, self.hosts, self.sessions = app, settings.hosts, sessions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def sealed(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        headers = Headers(scope=scope)
        refusal = self._refuse(scope, headers)
        if refusal is not None:
            await refusal(scope, receive, sealed)
            return
        if scope["method"] == "HEAD":  # answered as GET is; the server leaves the body out
            scope = {**scope, "method": "GET"}
        try:
            await self.app(scope, receive, sealed)
        except ClientDisconnect:
            return
        except Problem as e:
            response = _answer(scope, e, headers.get("accept", ""))
        except Exception as e:
            print(f"notecheck: {spoken(e)}", file=sys.stderr, flush=True)
            response = _answer(scope, Problem(500, sentence(spoken(e))), headers.get("accept", ""))
        if not started:
            await response(scope, receive, sealed)

    def _refuse(self, scope: Scope, headers: Headers) -> Response | None:
        accept = headers.get("accept", "")
        if not self._known_host(headers.get("host", "")):
            return _answer(
                scope, Problem(421, "The server does not go by that name; call it by the address it printed when it was started."), accept
            )
        if scope["method"] not in _SAFE and not _same_origin(headers):
            return _answer(scope, Problem(403, "The request was sent by a page of another site and is not answered."), accept)
        if scope["path"].startswith(_OPEN) or self.sessions.admits(headers.get("authorization", ""), headers.get("cookie", "")):
            return None
        if "text/html" in accept and scope["method"] == "GET":
            return RedirectResponse("/login", 303)
        told = "The server needs its token: send it as Authorization: Bearer TOKEN, or log in at /login."
        return _answer(scope, Problem(401, told, headers={"WWW-Authenticate": "Bearer"}), accept)

    def _known_host(self, host: str) -> bool:
        """Whether the request calls us by a name of ours. A site whose name is made to point here (DNS rebinding) does not."""
        if self.hosts is None:
            return True
        named = _HOST.fullmatch(host)
        return named is not None and (named[1] or named[2]).lower() in self.hosts


def _same_origin(headers: Headers) -> bool:
    """Whether a browser says that our own page sent this. What is no browser says nothing, and may.

    The origin is asked only where the browser does not name the site: as our pages send no referrer, their forms have the origin `null`.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = headers.get("origin")
    return origin is None or origin.partition("://")[2] == headers.get("host")


def _answer(scope: Scope, problem: Problem, accept: str) -> Response:
    """The problem in the form that the clients of this address read."""
    return fhir.refusal(problem) if scope["path"].startswith("/fhir/") else answer(problem, accept)
