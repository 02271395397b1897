"""Lengths of time and dates as notes write them, compared in days. What is vague stays an interval, so that no comparison guesses."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from math import inf

from notecheck.measures import MEASURES, number
from notecheck.phrases import fold

_DAYS = {"h": 1 / 24, "d": 1.0, "w": 7.0, "mo": 30.4375, "y": 365.25, "dec": 3652.5, "min": 1 / 1440, "s": 1 / 86400}
_DURATION = re.compile(rf"(?<![\w/.])({MEASURES['duration'].regex})(?!\s*-?\s*old\b)")
_DATE = re.compile(rf"(?<![\w/])({MEASURES['date'].regex})")
_PERIOD = re.compile(rf"(?<![\w/])({MEASURES['date'].regex})\s?(?:-|to|through|thru|until)\s?({MEASURES['date'].regex})")
_COUNT = re.compile(r"\d+(?:\.\d+)?|[a-z]+")
_MORE = re.compile(r"\bover\b(?! the)|\b(?:more than|at least|greater than|in excess of)\b|>")
_LESS = re.compile(r"\b(?:less than|under|up to|within)\b|<")
_NEARLY = re.compile(r"\b(?:almost|nearly|close to)\b")
_VAGUE = re.compile(r"\b(?:several|few|many|multiple|some)\b")
_UNIT = re.compile(
    r"(decade|hours?|hrs?|h|days?|d|weeks?|wks?|w|months?|mos?|mths?|m|years?|yrs?|y|minutes?|mins?|seconds?|secs?)s?"
    r"(?:[\s\-](?:1/2|and a half|one-half))?$"
)
_HALF = re.compile(r"\b(?:and[\s\-]a[\s\-]half|1/2|one-half)\b")
_PLAIN_DAY = re.compile(r"(?<![\w.\-])(\d{1,2})([-.])(\d{1,2})\2(\d{4})(?!\d)")  # 11-25-2025
_NAMED_DAY = re.compile(r"(?<![\w.])(\d{1,2})[\s-]([a-z]{3,9})\.?[\s-](\d{4})(?!\d)")  # 25-Nov-2025
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_PLUS, _TIMES = re.compile(r"(\d+)\s?\+(?=\s?[a-z])"), re.compile(r"\bx(?=\d)")
_BARE_MONTH = re.compile(r"\b(?:in|of|since|from|last|this|mid|early|late|until|to|through|onset:?|dated?:?|done|performed)[\s\-]*$")
_LAST = re.compile(r"\blast (week|month|year)\b|\b(yesterday|today)\b")
_SPAN = re.compile(r"^(\d+(?:\.\d+)?) (hour|day|week|month|year)s?$")


@dataclass(frozen=True)
class Days:
    """A length of time in days, between `low` and `high`; both are the same where the note is exact."""

    low: float
    high: float


@dataclass(frozen=True)
class Span:
    """A limit such as "24 months", kept in its own unit: a month's end is a matter of the calendar."""

    count: float
    unit: str

    @property
    def days(self) -> float:
        return self.count * _DAYS[_unit(self.unit)]

    def before(self, day: date) -> date:
        """The day this span before `day`: 24 months before 31 March is 31 March, before 29 February the 28th."""
        if self.unit in ("month", "year") and self.count == int(self.count):
            months = day.year * 12 + day.month - 1 - int(self.count) * (12 if self.unit == "year" else 1)
            year, month = months // 12, months % 12 + 1
            return date(year, month, min(day.day, monthrange(year, month)[1]))
        return day - timedelta(days=round(self.days))

    def __str__(self) -> str:
        return f"{self.count:g} {self.unit}{'' if self.count == 1 else 's'}"


def span(text: str) -> Span:
    """The limit that a pack writes as "3 months". Raises ValueError for any other shape."""
    if not (found := _SPAN.match(text.strip().lower())):
        raise ValueError(f"'{text}' is not a length of time; write for example '3 months'")
    return Span(float(found[1]), found[2])


def lengths(text: str) -> tuple[Days, ...]:
    """The lengths of time named in the text: "10 wks", "two to three months", "over a year"."""
    plain = _TIMES.sub("", _PLUS.sub(r"over \1", fold(text)))
    return tuple(days for found in _DURATION.finditer(plain) if (days := _length(found[1])))


def ages(text: str, on: date | None) -> tuple[Days, ...]:
    """How long before the day `on` lie the times the text names, as lengths ("2 days ago", "for 3 months") or as dates."""
    found = list(lengths(text))
    if on is not None:
        for first, last in dates(text, on):
            if first <= on:
                found.append(Days(float(max(0, (on - last).days)), float((on - first).days)))
    return tuple(found)


def periods(text: str, on: date | None) -> tuple[Days, ...]:
    """The lengths of the periods the text gives by first and last date: "03/2025 to 06/2025" is two months at the least, four at the most."""
    if on is None:
        return ()
    found = []
    for start, end in _PERIOD.findall(fold(text)):
        first, last = dates(start, on), dates(end, on)
        if first and last and first[0][0] <= last[0][1]:
            found.append(Days(float(max(0, (last[0][0] - first[0][1]).days)), float((last[0][1] - first[0][0]).days)))
    return tuple(found)


def dates(text: str, on: date) -> tuple[tuple[date, date], ...]:
    """The dates in the text as first and last possible day. A date with no year is the latest one not after `on`."""
    folded = _NAMED_DAY.sub(r"\2 \1, \3", _PLAIN_DAY.sub(r"\1/\3/\4", fold(text)))
    spans = [days for found in _DATE.finditer(folded) if (days := _date(found[1], on, folded[: found.start()]))]
    for found in _LAST.finditer(folded):
        ago = {"week": 7, "month": 31, "year": 366, "yesterday": 1, "today": 0}[found[1] or found[2]]
        spans.append((on - timedelta(days=2 * ago if found[1] else ago), on - timedelta(days=0 if found[1] else ago)))
    return tuple(spans)


def _unit(word: str) -> str:
    for start in ("min", "mo", "mth", "dec"):
        if word.startswith(start):
            return "mo" if start == "mth" else start
    return "mo" if word == "m" else word[0]


def _length(text: str) -> Days | None:
    unit = _UNIT.search(text)
    if unit is None:
        return None
    head, scale = text[: unit.start()], _DAYS[_unit(unit[1])]
    if _VAGUE.search(head):
        return Days(2 * scale, inf)
    if re.search(r"\bhalf an?\b", head):
        return Days(0.5 * scale, 0.5 * scale)
    half = 0.5 if _HALF.search(text) else 0.0
    counts = [number(word) for word in _COUNT.findall(_HALF.sub(" ", head)) if _is_number(word)]
    if not counts:
        return None
    low, high = (min(counts) + half) * scale, (max(counts) + half) * scale
    if re.search(r"\bcouple\b", head):
        low = high = 2 * scale
    if _MORE.search(head):
        return Days(low, inf)
    if _LESS.search(head):
        return Days(0.0, high)
    if _NEARLY.search(head):
        return Days(0.75 * low, high)
    return Days(low, high)


def _is_number(word: str) -> bool:
    try:
        number(word)
    except ValueError:
        return False
    return True


def _date(text: str, on: date, before: str) -> tuple[date, date] | None:
    try:
        if found := re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})", text):
            return (day := date(int(found[1]), int(found[2]), int(found[3])), day)
        if found := re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{2}|\d{4})", text):
            return (day := date(_year(found[3], on), int(found[1]), int(found[2])), day)
        if found := re.fullmatch(r"(\d{1,2})/(\d{4})", text):
            return _month(int(found[2]), int(found[1]))
        if found := re.fullmatch(r"(\d{4})", text):
            return date(int(text), 1, 1), date(int(text), 12, 31)
        if text == "yesterday":
            return None  # read among the relative days
        if found := re.fullmatch(r"([a-z]{3})[a-z]*\.?\s(?:of\s)?(?:(\d{1,2})(?:st|nd|rd|th)?,?\s)?(\d{4})", text):
            return _named(found[1], found[2], int(found[3]))
        if found := re.fullmatch(r"([a-z]{3})[a-z]*\.?(?:\s(\d{1,2})(?:st|nd|rd|th)?)?", text):
            if not found[2] and not _BARE_MONTH.search(before):
                return None  # "may" and "march" are words too
            named = _named(found[1], found[2], on.year)
            return named if named is None or named[0] <= on else _named(found[1], found[2], on.year - 1)
    except ValueError:  # 13/45/2020 and the like are no dates
        return None
    return None


def _named(month: str, day: str | None, year: int) -> tuple[date, date] | None:
    if month not in _MONTHS:
        return None
    number_of_month = _MONTHS.index(month) + 1
    return (exact := date(year, number_of_month, int(day)), exact) if day else _month(year, number_of_month)


def _month(year: int, month: int) -> tuple[date, date]:
    return date(year, month, 1), date(year, month, monthrange(year, month)[1])


def _year(text: str, on: date) -> int:
    if len(text) == 4:
        return int(text)
    year = on.year // 100 * 100 + int(text)
    return year if year <= on.year else year - 100
