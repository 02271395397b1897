"""Style sheets, scripts and the icon: the server's own and those that the audit's pages share. Only the files listed here are served."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter
from starlette.responses import Response

from notecheck.web.problems import Problem
from notecheck.write.html import STATIC

_OWN = Path(__file__).with_name("static")
_KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_FILES = {path.name: path for folder in (STATIC, _OWN) for path in sorted(folder.iterdir()) if path.suffix in _KINDS}

router = APIRouter(include_in_schema=False)


@router.get("/static/{name}")
def static(name: str) -> Response:
    path = _FILES.get(name)
    if path is None:
        raise Problem(404, "There is no such file.")
    return Response(path.read_bytes(), media_type=_KINDS[path.suffix])
