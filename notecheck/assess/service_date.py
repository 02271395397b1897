"""The day a note is judged by: the one given, else the one it states."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from notecheck.assess.times import dates
from notecheck.models import Mention

STATED = "note.service_date"  # the concept of mention rules that read a date of service
_OPENING = re.compile(
    r"\s*(?:[a-z]{3,6}day,?\s+)?(\d{1,2}[/.\-]\d{1,2}[/.\-]\d{2,4}|\d{4}-\d{2}-\d{2}|\d{1,2}[\s\-][a-z]{3,9}[\s\-]\d{4}"
    r"|[a-z]{3,9}\.?\s\d{1,2}(?:st|nd|rd|th)?,?\s\d{4})(?![\w/])",
    re.IGNORECASE,
)


def service_date(given: date | None, mentions: Sequence[Mention], today: date, text: str = "") -> date | None:
    """The date of service, given or stated, else the date that opens the note's text; None where there is none.

    A date that is read counts if it names one day that is not in the future.
    """
    if given:
        return given
    stated = [str(m.value.get("text", "")) or m.text for m in mentions if m.concept == STATED]
    opening = [found[1]] if (found := _OPENING.match(text)) else []
    for words in (*stated, *opening):
        for first, last in dates(words, today):
            if first == last <= today:
                return first
    return None
