"""The server: its pages and interfaces put together behind one guard."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from notecheck import __version__
from notecheck.assess.coverage_rules import load_policies
from notecheck.packs import PackError, load_pack
from notecheck.web import api, browse, cds, docs, fhir, page, problems, static_files
from notecheck.web.checking import Checking
from notecheck.web.guard import Guard
from notecheck.web.limits import Limits
from notecheck.web.services import load_services
from notecheck.web.sessions import Sessions
from notecheck.web.settings import Settings

# One router a part. A part takes the server's checker processes as a parameter `checks: Checks` (checking.py), the pack as
# `request.app.state.pack` and what the server was told as `request.app.state.settings`; it raises Problem (problems.py).
ROUTERS = (page.router, api.router, fhir.router, cds.router, docs.router, browse.router, static_files.router)


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application. Its checker processes start with it (lifespan). Raises PackError for patterns that cannot be used."""
    settings = settings or Settings()
    pack = load_pack(settings.patterns)
    if settings.profile not in pack.profiles:
        raise PackError(f"there is no profile called {settings.profile}; the pack has {', '.join(pack.profiles)}")
    checking = Checking(settings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        try:
            await checking.open()
        except Exception as e:
            app.state.broken = e
            raise
        try:
            yield
        finally:
            checking.close()

    app = FastAPI(
        title="notecheck",
        version=__version__,
        description="Says what a clinical note documents, what it lacks, and which codes its words support. Nothing is kept.",
        docs_url=None,  # the stock pages load their script from elsewhere
        redoc_url=None,
        lifespan=lifespan,
    )
    sessions = Sessions(settings.token)
    app.state.settings, app.state.sessions, app.state.checking, app.state.pack = settings, sessions, checking, pack
    app.state.services = load_services(pack)
    app.state.policies, app.state.book = load_policies(pack), None  # the code book is read when a code is first asked for
    app.state.broken = None  # the error of a checker process that could not start
    problems.install(app)
    problems.describe(app)
    for router in ROUTERS:
        app.include_router(router)
    app.add_middleware(Limits)
    app.add_middleware(Guard, settings=settings, sessions=sessions)  # the last one added is the first one asked
    return app
