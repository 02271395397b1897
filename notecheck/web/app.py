"""The server: its pages and interfaces put together behind one guard."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from notecheck import __version__
from notecheck.packs import load_pack
from notecheck.web import api, problems
from notecheck.web.checking import Checking
from notecheck.web.settings import Settings

# One router a part. A part takes the server's checker processes as a parameter `checks: Checks` (checking.py), the pack as
# `request.app.state.pack` and what the server was told as `request.app.state.settings`; it raises Problem (problems.py).
ROUTERS = (api.router,)


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application. Its checker processes start with it (lifespan). Raises PackError for patterns that cannot be used."""
    settings = settings or Settings()
    checking = Checking(settings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await checking.open()
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
    app.state.settings, app.state.pack, app.state.checking = settings, load_pack(settings.patterns), checking
    problems.install(app)
    for router in ROUTERS:
        app.include_router(router)
    return app
