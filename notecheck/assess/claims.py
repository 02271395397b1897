"""A verdict on each billed code: the codes of a claim held against the codes that the note supports."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from notecheck.assess.code_rules import CodeBook, Exclusion
from notecheck.codesets import CodeEntry, normalize, release_of
from notecheck.models import ClaimFinding, CodeFinding

Lookup = Callable[[str, date], CodeEntry | None]
_MOST_OPTIONS = 12  # codes offered in place of one that cannot be billed
_CODE = re.compile(r"[A-Z]\d[0-9A-Z](?:\.[0-9A-Z]{1,4})?")


@dataclass(frozen=True)
class _Claim:
    """What a verdict is made of."""

    billed: tuple[str, ...]
    findings: dict[str, CodeFinding]
    book: CodeBook
    day: date
    lookup: Lookup | None

    @property
    def supported(self) -> list[str]:
        return [c for c, f in self.findings.items() if f.support == "supported"]


def judge_claim(
    billed: Sequence[str], codes: Sequence[CodeFinding], book: CodeBook, on: date, lookup: Lookup | None = None
) -> tuple[ClaimFinding, ...]:
    """A verdict on each billed code, in the order billed, each code once.

    `codes` are the note's findings (`support_codes`), `on` the date of service. `lookup` says what the code sets know of a code that the pack does not.
    """
    claim = _Claim(tuple(dict.fromkeys(normalize(c) for c in billed if c.strip())), {f.code: f for f in codes}, book, on, lookup)
    return tuple(_judge(code, claim) for code in claim.billed)


def unbilled(billed: Sequence[str], codes: Sequence[CodeFinding]) -> tuple[CodeFinding, ...]:
    """The supported codes that the claim does not carry."""
    given = {normalize(c) for c in billed}
    return tuple(f for f in codes if f.support == "supported" and f.code not in given)


def _judge(code: str, claim: _Claim) -> ClaimFinding:
    """The first of these that applies: not a code of that day, at odds with another billed code, supported, too general, unsupported."""
    for step in (_not_a_code, _at_odds, _supported, _too_general, _part_of_another):
        if finding := step(code, claim):
            return finding
    finding_of_note = claim.findings.get(code)
    if finding_of_note:
        return ClaimFinding(code=code, verdict="unsupported", reason=finding_of_note.reason)
    rules = claim.book.rules_of.get(code)
    if not rules:
        return ClaimFinding(
            code=code, verdict="outside_pack", reason=f"The pack has no rule for {code}{_described(code, claim)}; it was not judged."
        )
    return ClaimFinding(
        code=code, verdict="unsupported", reason=f"Nothing in the note supports {code}{_described(code, claim)}. {rules[0].lacking}"
    )


def _described(code: str, claim: _Claim) -> str:
    known = claim.book.describe(code)
    if not known and claim.lookup and (entry := claim.lookup(code, claim.day)):
        known = entry.description
    return f" ({known})" if known else ""


def _not_a_code(code: str, claim: _Claim) -> ClaimFinding | None:
    """Headers, codes of another time, and what is no code at all."""
    book, day = claim.book, claim.day
    known = book.validity.get(code)
    if known and not known.valid_on(day):
        successors = tuple(c for c in known.replaced_by if book.on([c], day))
        if known.billable_from > day:
            reason = f"{code} is billable from {known.billable_from} on only."
            earlier = tuple(c for c, v in book.validity.items() if code in v.replaced_by and v.valid_on(day))
            return ClaimFinding(code=code, verdict="not_valid_on_date", reason=reason, use_instead=earlier)
        reason = f"{code} was billable until {known.billable_to}" + (
            " and is a header since; a code below it is needed." if successors else "."
        )
        if not any(c in claim.supported for c in successors):
            reason += _asked_by(successors, book)
        return ClaimFinding(code=code, verdict="not_valid_on_date", reason=reason, use_instead=_first(successors, claim))
    if known:
        return None
    if below := book.headers.get(code):
        valid = tuple(c for c in below if book.on([c], day))
        return ClaimFinding(
            code=code, verdict="not_billable", reason=f"{code} is a header: a code below it is needed.", use_instead=_first(valid, claim)
        )
    entry = claim.lookup(code, day) if claim.lookup else None
    if entry and not entry.billable:
        return ClaimFinding(
            code=code,
            verdict="not_billable",
            reason=f"{code} ({entry.description}) is a header in {entry.source}.",
            use_instead=entry.below[:_MOST_OPTIONS],
        )
    if entry is None and not _CODE.fullmatch(code):
        return ClaimFinding(code=code, verdict="not_valid_on_date", reason=f"{code} has not the shape of an ICD-10-CM code.")
    if entry is None and claim.lookup and (release := release_of(day)):
        reason = f"{release} has no code {code}: check how it is written."
        return ClaimFinding(code=code, verdict="not_valid_on_date", reason=reason, use_instead=_nearest_known(code, claim))
    return None


def _nearest_known(code: str, claim: _Claim) -> tuple[str, ...]:
    """The header or code that a wrong code begins with: what is billable of it on that day."""
    for n in range(len(code) - 1, 3, -1):
        above = code[:n]
        valid = tuple(c for c in (above, *claim.book.headers.get(above, ())) if claim.book.on([c], claim.day))
        if valid:
            return _first(valid, claim)
    return ()


def _asked_by(successors: Sequence[str], book: CodeBook) -> str:
    """What the note would have to say for one of the codes that took another's place."""
    asked = next((r.lacking for c in successors for r in book.rules_of.get(c, ())), "")
    return f" {asked}" if asked else ""


def _first(options: tuple[str, ...], claim: _Claim) -> tuple[str, ...]:
    """What the note supports of these, else (few) all."""
    fit = tuple(c for c in options if c in claim.supported)
    return fit or options[:_MOST_OPTIONS]


def _at_odds(code: str, claim: _Claim) -> ClaimFinding | None:
    """Excludes1 with another billed code that stands better: one the note supports, or else the one that does not carry the exclusion."""
    mine = code in claim.supported
    for other in sorted(claim.billed, key=lambda c: c not in claim.supported):  # a supported one is the better reason
        if other == code:
            continue
        theirs = other in claim.supported
        held = _exclusion(code, other, claim.book)
        exclusion = held or _exclusion(other, code, claim.book)
        if exclusion and (theirs > mine or (theirs == mine and held)):
            reason = f"{code} and {other} exclude each other (Excludes1 at {exclusion.code}: {exclusion.note})."
            return ClaimFinding(code=code, verdict="excluded", reason=reason, use_instead=(other,) if theirs else ())
    return None


def _exclusion(code: str, other: str, book: CodeBook) -> Exclusion | None:
    return next((e for e in book.exclusions if code.startswith(e.code) and any(other.startswith(x) for x in e.excludes)), None)


def _supported(code: str, claim: _Claim) -> ClaimFinding | None:
    finding = claim.findings.get(code)
    return ClaimFinding(code=code, verdict="supported", reason=finding.reason) if finding and finding.support == "supported" else None


def _too_general(code: str, claim: _Claim) -> ClaimFinding | None:
    better = tuple(s for s in claim.supported if any(code in r.less_specific for r in claim.book.rules_of.get(s, ())))
    if not better:
        return None
    reason = f"The note supports {better[0]} ({claim.book.describe(better[0])}), which says more than {code}."
    return ClaimFinding(code=code, verdict="less_specific", reason=reason, use_instead=better)


def _part_of_another(code: str, claim: _Claim) -> ClaimFinding | None:
    finding = claim.findings.get(code)
    if finding is None or finding.support != "excluded":
        return None
    return ClaimFinding(code=code, verdict="excluded", reason=finding.reason, use_instead=finding.more_specific)
