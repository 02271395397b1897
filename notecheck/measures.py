"""Numbers as notes write them: scores of ten, percentages, durations, dates, distances. Shape and value only; what they mean is the packs'."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

_WORDS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "forty-five": 45, "fifty": 50, "sixty": 60,
    "seventy": 70, "eighty": 80, "ninety": 90, "hundred": 100, "half": 0.5, "couple": 2,
}  # fmt: skip
_NUM = r"(?<![\d/])\d{1,3}(?:\.\d+)?"  # never the tail of a date
_COUNT = (
    rf"(?:{_NUM}|(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty(?:-five)?|fifty|sixty|seventy|eighty|ninety)"
    r"(?:\s(?:hundred|thousand))?|half(?:\san?)?|a\shalf|an?\scouple(?:\sof)?|couple(?:\sof)?|several|a\sfew|few|many|an?)"
)
_AND_HALF = r"(?:[\s\-]and[\s\-]a[\s\-]half|[\s\-](?:1/2|one-half))?"
_TO = r"\s?(?:-|to|or|and)\s?"
_UNIT = r"(?:seconds?|secs?|minutes?|mins?|hours?|hrs?|days?|weeks?|wks?|wk|months?|mos?|mths?|years?|yrs?|decades?)"
_SHORT_UNIT = r"(?:min|hr|h|d|w|wk|mo|m|y|yr)"
_MONTH = r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
_WEEKDAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_LENGTH = r"(?:blocks?|blks?|miles?|mi|feet|ft|yards?|yds?|meters?|metres?|kilometers?|km|steps?|houses?|city\sblocks?|football\sfields?|laps?|house\slengths?)"


def number(text: str) -> float:
    """The number these digits or words say. Raises ValueError where they say none."""
    text = text.strip().lower()
    return float(_WORDS[text]) if text in _WORDS else float(text)


def _scores(text: str) -> dict[str, object]:
    head = re.split(r"/|out\sof|of\s", text)[0]
    return {"scores": [_tidy(number(n)) for n in re.findall(rf"{_NUM}|[a-z]+", head) if n in _WORDS or n[0].isdigit()]}


def _number(text: str) -> dict[str, object]:
    return {"number": [_tidy(number(n)) for n in re.findall(rf"{_NUM}|[a-z]+", text) if n in _WORDS or n[0].isdigit()]}


def _percent(text: str) -> dict[str, object]:
    found = [number(n) for n in re.findall(rf"{_NUM}|[a-z\-]+", text) if n in _WORDS or n[0].isdigit()]
    return {"percent": _tidy(sum(found) / len(found))} if found else {}


def _tidy(x: float) -> float | int:
    return int(x) if x == int(x) else x


@dataclass(frozen=True)
class Measure:
    """A kind of measure: its regular expression over folded text (no groups), literals each match holds, and what its words are worth."""

    regex: str
    literals: tuple[str, ...]
    value: Callable[[str], dict[str, object]]


MEASURES: dict[str, Measure] = {
    "score": Measure(
        rf"(?:{_NUM}|(?:one|two|three|four|five|six|seven|eight|nine|ten|zero))(?:{_TO}(?:{_NUM}|(?:one|two|three|four|five|six|seven|eight|nine|ten)))?"
        r"(?:\s?/\s?10(?![\d/]|\.\d)|\s(?:out\s)?(?:of|over)\s(?:a\s(?:possible\s)?)?(?:10|ten)\b)",
        ("10", "ten"),
        _scores,
    ),
    "number": Measure(rf"{_NUM}(?:{_TO}{_NUM})?(?!\s?(?:/|%|mg|mcg|ml|cc))", (), _number),
    "percent": Measure(
        rf"(?:{_NUM}|[a-z]+(?:-five)?)(?:\s?%?{_TO}{_NUM})?\s?(?:%|percent\b|per\scent\b)",
        ("%", "percent", "per cent"),
        _percent,
    ),
    "duration": Measure(
        rf"(?:(?:about|approximately|approx\.?|roughly|almost|nearly|over|more\sthan|less\sthan|at\sleast|~|>|<|the\s(?:past|last))\s?)*"
        rf"(?:{_COUNT}{_AND_HALF}(?:{_TO}{_COUNT}{_AND_HALF})?[\s\-]?(?:full\s)?{_UNIT}(?:{_AND_HALF})|\d{{1,3}}\s?{_SHORT_UNIT})(?!\w)",
        ("sec", "min", "hour", "hr", "day", "week", "wk", "month", "mo", "mth", "year", "yr", "decade", "h", "d", "w", "y", "m"),
        lambda text: {"text": text},
    ),
    "date": Measure(
        rf"(?:\d{{1,2}}/\d{{1,2}}/\d{{2,4}}|\d{{1,2}}/\d{{4}}|\d{{4}}-\d{{2}}-\d{{2}}|mm/dd/yyyy|{_MONTH}\s(?:of\s)?(?:\d{{1,2}}(?:st|nd|rd|th)?,?\s)?(?:\d{{4}})"
        rf"|{_MONTH}(?:\s\d{{1,2}}(?:st|nd|rd|th)?)?|(?:19|20)\d{{2}}|{_WEEKDAY}|yesterday)(?![\w/])",
        (),
        lambda text: {"text": text},
    ),
    "distance": Measure(
        rf"(?:(?:about|approximately|perhaps|roughly|only|less\sthan|more\sthan|~|>|<|up\sto|over)\s?)*"
        rf"(?:{_COUNT}|\d[\d,]*|a\squarter(?:\sof\sa)?|half\sa|a)(?:{_AND_HALF})(?:{_TO}(?:{_COUNT}|\d+))?[\s\-]?{_LENGTH}(?:{_AND_HALF})(?!\w)",
        ("block", "blk", "mile", "mi", "feet", "ft", "yard", "yd", "met", "km", "step", "house", "field", "lap", "kilometer"),
        lambda text: {"amount": text},
    ),
}
