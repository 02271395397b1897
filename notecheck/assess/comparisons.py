"""What a note says held against what a payer asks for: numbers, lengths of time, dates, lists and counts, each answered in three values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from notecheck.assess.coverage_rules import Compared, Tally
from notecheck.assess.times import Days, Span, ages, lengths, periods
from notecheck.models import Evidence, Met

_QUOTED = 80  # characters of the note that a reason quotes


@dataclass(frozen=True)
class Judged:
    """An answer: met or not, why in words, on which evidence."""

    met: Met
    why: str = ""
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True)
class Reading:
    """One thing the note says on the matter of a leaf."""

    value: Mapping[str, Any]
    texts: tuple[str, ...]
    evidence: tuple[Evidence, ...]


def joined(parts: list[Judged], decisive: Met, otherwise: Met) -> Judged:
    """`all` and `any` in three values: one decisive part settles it, else one open part leaves it open."""
    answers = {p.met for p in parts}
    met: Met = otherwise
    if decisive in answers:
        met = decisive
    elif "not_documented" in answers:
        met = "not_documented"
    own = [p for p in parts if p.met == met]
    return Judged(met, _brief(own), tuple(dict.fromkeys(e for p in own for e in p.evidence)))


def compares(test: Compared) -> bool:
    return any(
        x not in (None, ()) for x in (test.at_least, test.more_than, test.at_most, test.within, test.older_than, test.one_of, test.includes)
    )


def compare(test: Compared, readings: list[Reading], on: date | None) -> Judged:
    """All readings against the leaf's comparison. Where a limit must hold for every reading (`older_than`) one that breaks it decides."""
    if test.fewer_than is not None and test.within is not None:
        return _count_within(test.within, test.fewer_than, readings, on)
    if test.older_than is not None:  # the service itself is no earlier occasion
        readings = [r for r in readings if on is None or any(days.high > 0 for t in r.texts for days in ages(t, on))]
    judged = [_compare_one(test, r, on) for r in readings]
    if test.older_than is not None:
        return joined(judged, decisive="no", otherwise="yes") if judged else Judged("not_documented", "no earlier date is given")
    passed = [j for j in judged if j.met == "yes"]
    if len(passed) >= test.times:
        return Judged("yes", _brief(passed[: test.times]), tuple(e for j in passed for e in j.evidence))
    undecided = len(judged) < test.times or any(j.met == "not_documented" for j in judged)
    return Judged("not_documented" if undecided else "no", _brief(judged[:2]), tuple(e for j in judged for e in j.evidence))


def _compare_one(test: Compared, reading: Reading, on: date | None) -> Judged:
    value = reading.value.get(test.field) if test.field else None
    if test.tally and isinstance(test.at_least, float):
        met, why = _tally(test.tally, test.at_least, value or [])
    elif test.one_of:
        met = "not_documented" if value is None or value in test.unclear else "yes" if value in test.one_of else "no"
        why = says(reading.evidence)
    elif test.includes:
        undecided = not value or set(value) & set(test.unclear)
        met = "yes" if set(value or ()) & set(test.includes) else "not_documented" if undecided else "no"
        why = says(reading.evidence)
    elif (near := test.within or test.older_than) is not None:
        met, why = _dated(near, test.older_than is not None, reading.texts, on)
    elif (limit := next((x for x in (test.at_least, test.more_than, test.at_most) if x is not None), None)) is None:
        met, why = "yes", says(reading.evidence)
    elif isinstance(limit, Span):
        met, why = _lasting(test, limit, _time_texts(value, reading.texts), None if test.field else on)
    else:
        met, why = _numbers(test, limit, value, reading.texts)
    return Judged(met, why or says(reading.evidence), reading.evidence)


def _numbers(test: Compared, limit: float, value: Any, texts: tuple[str, ...]) -> tuple[Met, str]:
    numbers = [float(x) for x in (value if isinstance(value, list | tuple) else [value]) if isinstance(x, int | float)]
    if not numbers:
        return "not_documented", ""
    most = max(numbers)
    passed = most >= limit if test.at_least is not None else most > limit if test.more_than is not None else most <= limit
    return ("yes" if passed else "no"), f"{most:g}{f' ({_quote(texts[0])})' if texts else ''}, {_asked(test)} {limit:g} is asked for"


def _time_texts(value: Any, texts: tuple[str, ...]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) and lengths(value) else texts


def _lasting(test: Compared, limit: Span, texts: tuple[str, ...], on: date | None) -> tuple[Met, str]:
    """Lengths of time against the limit; where none is named, periods by their dates, else the time from a date to the service `on`."""
    found = [(t, days) for t in texts for days in (lengths(t) or periods(t, on) or ages(t, on))]
    if test.at_most is not None:
        verdicts = [(_at_most(days, limit.days), t) for t, days in found]
    else:
        verdicts = [(_reaches(days, limit.days, test.more_than is not None), t) for t, days in found]
    for wanted in ("yes", "not_documented", "no"):
        if hit := next((t for met, t in verdicts if met == wanted), None):
            return wanted, f"{_quote(hit)}, {_asked(test)} {limit} is asked for"
    return "not_documented", ""


def _asked(test: Compared) -> str:
    return "at least" if test.at_least is not None else "more than" if test.more_than is not None else "at most"


def _reaches(days: Days, limit: float, strictly: bool) -> Met:
    if days.low > limit or (days.low == limit and not strictly):
        return "yes"
    return "no" if days.high < limit or (strictly and days.high == limit) else "not_documented"


def _at_most(days: Days, limit: float) -> Met:
    return "yes" if days.high <= limit else "no" if days.low > limit else "not_documented"


def _dated(limit: Span, older: bool, texts: tuple[str, ...], on: date | None) -> tuple[Met, str]:
    if on is None:
        return "not_documented", "the service date is not known"
    reach = float((on - limit.before(on)).days)
    found = [(t, days) for t in texts for days in ages(t, on)]
    verdicts = [(_reaches(days, reach, False) if older else _at_most(days, reach), t) for t, days in found]
    for wanted in ("no", "not_documented", "yes") if older else ("yes", "not_documented", "no"):
        if hit := next((t for met, t in verdicts if met == wanted), None):
            return wanted, f"{_quote(hit)}, judged on {on.isoformat()}: {'at least' if older else 'within'} {limit} is asked for"
    return "not_documented", "no date is given"


def _count_within(limit: Span, fewer_than: int, readings: list[Reading], on: date | None) -> Judged:
    if on is None:
        return Judged("not_documented", "the service date is not known")
    reach = float((on - limit.before(on)).days)
    dated = {days: r for r in readings for t in r.texts for days in ages(t, on) if days.high > 0}  # what is done today does not lie behind
    sure = [d for d in dated if _at_most(d, reach) == "yes"]
    possible = [d for d in dated if _at_most(d, reach) != "no"]
    met: Met = "no" if len(sure) >= fewer_than else "yes" if dated and len(possible) < fewer_than else "not_documented"
    why = f"{len(sure)} dated within {limit} before {on.isoformat()}, fewer than {fewer_than} is asked for"
    return Judged(met, why, tuple(e for d in (sure or list(dated)) for e in dated[d].evidence))


def _tally(tally: Tally, wanted: float, items: Sequence[Mapping[str, Any]]) -> tuple[Met, str]:
    tested = positive = 0
    for names in tally.names:
        pattern = re.compile("|".join(rf"\b{re.escape(n)}\b" for n in names), re.IGNORECASE)
        results = [i.get("result") for i in items if pattern.search(str(i.get("name"))) and not _named(tally.not_names, str(i.get("name")))]
        tested += any(r is not None for r in results)
        positive += tally.result in results
    met: Met = "yes" if positive >= wanted else "no" if tested >= wanted else "not_documented"
    if not tested:
        return "not_documented", ""
    return (
        met,
        f"{positive} of {tested} tests with a result {'is' if positive == 1 else 'are'} {tally.result}, at least {wanted:g} are asked for",
    )


def _named(names: Iterable[str], text: str) -> bool:
    return any(n.lower() in text.lower() for n in names)


def _brief(parts: Iterable[Judged]) -> str:
    return "; ".join(dict.fromkeys(p.why for p in parts if p.why))


def says(evidence: Iterable[Evidence], denied: bool = False) -> str:
    words = list(dict.fromkeys(_quote(e.text) for e in evidence))[:2]
    return f"the note {'denies this:' if denied else 'says'} {' and '.join(words)}" if words else ""


def _quote(text: str) -> str:
    flat = " ".join(text.split())
    return f"“{flat if len(flat) <= _QUOTED else flat[: _QUOTED - 1].rstrip() + '…'}”"
