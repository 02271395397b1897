"""A real Chromium for the tests of pages: the one that is installed, driven by Playwright. Tests that ask for it are skipped where there is none.

A test in this folder takes the parameter `page`; `page.seen` tells what the page said to its console and every address it asked for.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@dataclass
class Seen:
    """What a page did: errors and warnings of its console, errors of its scripts, and the addresses it asked for."""

    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


def executable() -> str | None:
    """The path of the Chromium or Chrome that is installed; None where there is none."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.fixture(scope="module")  # not the session: while Playwright runs, this thread can run no other event loop
def browser() -> Iterator[Any]:
    """A headless browser, the same for all tests of a module."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="needs Playwright: pip install playwright")
    path = executable()
    if path is None:
        pytest.skip("needs Chromium: install the package chromium")
    with sync_api.sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=list(_FLAGS))
        yield launched
        launched.close()


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A page in a profile of its own, 1,300 pixels wide, that waits 10 seconds at most. `page.seen` tells what it did."""
    context = browser.new_context(viewport={"width": 1300, "height": 900}, reduced_motion="reduce")
    opened = context.new_page()
    opened.set_default_timeout(10_000)
    opened.seen = watched(opened)
    yield opened
    context.close()


def watched(page: Any) -> Seen:
    """A record of what this page does from now on."""
    seen = Seen()
    page.on("console", lambda said: said.type in ("error", "warning") and seen.complaints.append(said.text))
    page.on("pageerror", lambda error: seen.complaints.append(str(error)))
    page.on("request", lambda request: seen.requests.append(request.url))
    return seen
