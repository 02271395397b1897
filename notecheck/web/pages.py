"""The templates of the pages. The report itself is the fragment that the audit's pages show too (write/html)."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from fastapi import Request
from jinja2 import Environment
from starlette.responses import HTMLResponse

from notecheck import __version__
from notecheck.write import html

_TEMPLATES = Path(__file__).with_name("templates")


@cache
def environment() -> Environment:
    """The environment of the audit's pages, with the web templates before its own."""
    return html.environment(_TEMPLATES)


def render(template: str, **values: Any) -> str:
    """The page as HTML; all values are escaped."""
    return environment().get_template(template).render(version=__version__, **values)


def page(request: Request, template: str, status: int = 200, **values: Any) -> HTMLResponse:
    """A whole page of this server, with its navigation and the proof that its forms carry."""
    state = request.app.state
    shared = {
        "here": request.url.path,
        "proof": state.sessions.form_proof(request.headers.get("cookie", "")),
        "with_audit": state.settings.audit is not None,
        "with_token": state.sessions.needed,
    }
    return HTMLResponse(render(template, **shared, **values), status)
