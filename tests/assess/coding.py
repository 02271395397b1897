"""What the tests of codes and claims share: the shipped rules, and a note read and coded in one step."""

from __future__ import annotations

from datetime import date
from functools import cache

from notecheck.assess.code_rules import CodeBook, load_code_book
from notecheck.assess.codes import support_codes
from notecheck.extract.pipeline import Extractor
from notecheck.models import CodeFinding
from notecheck.packs import shipped_patterns

DAY = date(2026, 3, 1)


@cache
def book() -> CodeBook:
    return load_code_book(shipped_patterns() / "spine")


@cache
def _extractor() -> Extractor:
    return Extractor()


@cache
def coded(text: str, on: date = DAY) -> tuple[CodeFinding, ...]:
    """The code findings of a note about spine pain."""
    return support_codes(_extractor().read(text, in_scope=True).mentions, book(), on)


def supported(text: str, on: date = DAY) -> set[str]:
    return {f.code for f in coded(text, on) if f.support == "supported"}


def finding(text: str, code: str, on: date = DAY) -> CodeFinding:
    return next(f for f in coded(text, on) if f.code == code)
