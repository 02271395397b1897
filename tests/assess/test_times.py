"""Lengths of time and dates as notes write them."""

from __future__ import annotations

from datetime import date

import pytest

from notecheck.assess.times import ages, dates, lengths, periods, span

ON = date(2025, 9, 17)


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("10 wks", 70, 70),
        ("x6 weeks", 42, 42),
        ("x 3 mo", 91.3, 91.3),
        ("about three and a half months", 106.5, 106.5),
        ("3 1/2 months", 106.5, 106.5),
        ("2-3 weeks", 14, 21),
        ("two to three months", 60.9, 91.3),
        ("an 11-week history", 77, 77),
        ("a couple of years ago", 730.5, 730.5),
        ("half a day", 0.5, 0.5),
        ("6 hours", 0.25, 0.25),
        ("for the past three years", 1095.8, 1095.8),
        ("over the past three years", 1095.8, 1095.8),
        ("over a year", 365.2, float("inf")),
        ("3+ months", 91.3, float("inf")),
        ("at least 15 years", 5478.8, float("inf")),
        ("several months", 60.9, float("inf")),
        ("less than 2 weeks", 0, 14),
        ("nearly 3 months", 68.5, 91.3),
        ("two decades", 7305, 7305),
    ],
)
def test_a_length_of_time_is_read_in_days(text: str, low: float, high: float) -> None:
    (found,) = lengths(text)
    assert found.low == pytest.approx(low, abs=0.06)
    assert found.high == pytest.approx(high, abs=0.06)


@pytest.mark.parametrize("text", ["a 44-year-old man", "chronic", "L4-5", "gabapentin 300 mg", "no relief"])
def test_what_is_no_length_of_time_is_not_read_as_one(text: str) -> None:
    assert lengths(text) == ()


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("08/22/2025", date(2025, 8, 22), date(2025, 8, 22)),
        ("8/2024", date(2024, 8, 1), date(2024, 8, 31)),
        ("1/14/25", date(2025, 1, 14), date(2025, 1, 14)),
        ("03/04/98", date(1998, 3, 4), date(1998, 3, 4)),
        ("2025-09-01", date(2025, 9, 1), date(2025, 9, 1)),
        ("October 12, 2023", date(2023, 10, 12), date(2023, 10, 12)),
        ("March 2025", date(2025, 3, 1), date(2025, 3, 31)),
        ("since 2004", date(2004, 1, 1), date(2004, 12, 31)),
        ("in October", date(2024, 10, 1), date(2024, 10, 31)),
        ("May 19", date(2025, 5, 19), date(2025, 5, 19)),
        ("yesterday", date(2025, 9, 16), date(2025, 9, 16)),
    ],
)
def test_a_date_is_read_as_first_and_last_possible_day(text: str, first: date, last: date) -> None:
    assert dates(text, ON) == ((first, last),)


@pytest.mark.parametrize("text", ["MM/DD/YYYY", "13/45/2020", "the pain may return", "strength 5/5", "Norco 10/325"])
def test_what_is_no_date_is_not_read_as_one(text: str) -> None:
    assert dates(text, ON) == ()


def test_the_age_of_a_month_runs_from_its_last_to_its_first_day() -> None:
    (age,) = ages("March 2025", ON)
    assert (age.low, age.high) == (170, 200)


def test_a_date_after_the_service_has_no_age() -> None:
    assert ages("follow-up 11/03/2025", ON) == ()


def test_without_a_service_date_only_lengths_count() -> None:
    assert ages("since 03/2025", None) == ()
    assert len(ages("for 3 months", None)) == 1


@pytest.mark.parametrize(
    ("limit", "day", "expected"),
    [
        ("24 months", date(2026, 3, 31), date(2024, 3, 31)),
        ("1 month", date(2025, 3, 31), date(2025, 2, 28)),
        ("1 year", date(2024, 2, 29), date(2023, 2, 28)),
        ("2 weeks", date(2025, 9, 17), date(2025, 9, 3)),
    ],
)
def test_a_limit_in_months_follows_the_calendar(limit: str, day: date, expected: date) -> None:
    assert span(limit).before(day) == expected


def test_a_limit_of_another_shape_is_refused() -> None:
    with pytest.raises(ValueError, match="is not a length of time"):
        span("a while")


def test_a_period_runs_between_its_dates() -> None:
    (months,) = periods("9 visits, 03/2025 to 06/2025", ON)
    assert (months.low, months.high) == (62, 121)
    (days,) = periods("PT 3/1/25-4/12/25", ON)
    assert (days.low, days.high) == (42, 42)
    assert periods("06/2025 to 03/2025", ON) == periods("03/2025", ON) == ()
