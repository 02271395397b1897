"""The templates of the pages. The report itself is the fragment that the audit's pages show too (write/html)."""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader

from notecheck import __version__
from notecheck.write import html


@cache
def environment() -> Environment:
    """The environment of the audit's pages, with the web templates before its own."""
    shared = html.environment()
    loader = ChoiceLoader([PackageLoader("notecheck.web"), *([shared.loader] if shared.loader else [])])
    return shared.overlay(loader=loader)


def render(template: str, **values: Any) -> str:
    """The page as HTML; all values are escaped."""
    return environment().get_template(template).render(version=__version__, **values)
