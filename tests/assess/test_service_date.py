"""The date of service that a note states, in the many ways notes write it."""

from __future__ import annotations

from datetime import date
from functools import cache

import pytest

from notecheck.assess.service_date import service_date
from notecheck.extract.pipeline import Extractor

TODAY = date(2026, 11, 22)
DAY = date(2025, 11, 25)


@cache
def _extractor() -> Extractor:
    return Extractor()


def _read(opening: str) -> date | None:
    text = f"{opening}\nCC: Low back pain."
    return service_date(None, _extractor().read(text, in_scope=True).mentions, TODAY, text)


@pytest.mark.parametrize(
    "opening",
    [
        "DOS: 11/25/2025",
        "Date of Service: November 25, 2025",
        "DATE: 11-25-2025",
        "Date: 11.25.2025",
        "Visit date: 11/25/25",
        "Encounter: 11/25/2025",
        "DATE OF EVALUATION: 25-Nov-2025",
        "Date/Time: 11/25/2025 10:30 AM",
        "DOB: 01/02/1960 DOS: 11/25/2025",
        "Date of Birth: 01/02/1960\nDate of Service: 11/25/2025",
        "MRI date: 03/04/2025. Seen on 11/25/2025",
        "11/25/2025",
        "2025-11-25",
        "25 Nov 2025",
        "November 25th, 2025",
        "Tuesday, November 25, 2025",
        "11/25/2025 Follow-up visit",
    ],
)
def test_a_stated_date_is_read(opening: str) -> None:
    assert _read(opening) == DAY


@pytest.mark.parametrize(
    "opening",
    [
        "DOB: 01/02/1960",
        "DOI 3/2/2025",
        "MRI date: 11/25/2024",
        "Date dictated: 11/26/2025",
        "DOS: 13/45/2025",
        "DOS: 11/25/2030",
        "LBP since 11/2/2025",
        "",
    ],
)
def test_another_date_is_not_the_date_of_service(opening: str) -> None:
    assert _read(opening) is None


def test_a_given_date_comes_first() -> None:
    assert service_date(date(2024, 2, 3), (), TODAY, "11/25/2025") == date(2024, 2, 3)
