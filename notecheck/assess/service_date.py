"""The day a note is judged by: the one given, else the one it states."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from notecheck.assess.times import dates
from notecheck.models import Mention

STATED = "note.service_date"  # the concept of mention rules that read a date of service


def service_date(given: date | None, mentions: Sequence[Mention], today: date) -> date | None:
    """The date of service, given or stated; None where the note gives none. A stated date counts if it names one day that is not in the future."""
    if given:
        return given
    for m in mentions:
        if m.concept == STATED:
            for first, last in dates(str(m.value.get("text", "")) or m.text, today):
                if first == last <= today:
                    return first
    return None
