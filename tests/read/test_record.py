"""Dates and codes as exports write them."""

from datetime import date

import pytest

from notecheck.read import record


@pytest.mark.parametrize(
    "written",
    [
        "2025-03-04",
        "2025-03-04T10:11:12",
        "2025-03-04 10:11",
        "3/4/2025",
        "03-04-2025",
        "3/4/25",
        "20250304",
        "2025/03/04",
        "04-MAR-2025",
        "Mar 4, 2025",
        "3/4/2025 8:30:00 AM",
        "2025-03-04 10:11:12.0000000",
    ],
)
def test_dates_of_exports_are_read(written: str) -> None:
    assert record.day(written) == date(2025, 3, 4)


@pytest.mark.parametrize("written", ["soon", "13/13/2025", "2025-02-30", "45720"])
def test_what_is_no_date_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="not a date"):
        record.day(written)


@pytest.mark.parametrize(
    "written", ["M54.50, M51.16", "M54.50;M51.16", "M54.50|M51.16", "m5450 M51.16", "M54.50\nM51.16", ["M54.50", "M51.16"]]
)
def test_codes_are_separated(written: object) -> None:
    assert record.codes(written) == ("M54.50", "M51.16")


def test_a_description_beside_a_code_is_left_out() -> None:
    assert record.codes("M54.50 Low back pain; m5116") == ("M54.50", "M51.16")
