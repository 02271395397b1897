"""All that is known of one code, for `codes show` and `explain`: validity, what replaced it, what a note must say for it, what excludes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from pydantic import Field

from notecheck.assess.code_rules import CodeBook, CodeRule
from notecheck.codesets import TABULAR_DATES, TABULAR_RELEASE, find_code, normalize, tabular_notes
from notecheck.models import Frozen

_SHOWN = 12  # codes of a list that a terminal shows


class CodeNeed(Frozen):
    """What a note must hold for a code, by one rule of the pack."""

    rule: str
    title: str
    says: str
    against: str
    more_specific: dict[str, str]
    sources: tuple[str, ...]


class CodeCard(Frozen):
    """One code on one day. `billable` is None where no code set at hand holds for that day."""

    code: str
    day: date
    description: str
    billable: bool | None
    billable_from: date | None = None
    billable_to: date | None = None
    successors: tuple[str, ...] = ()
    predecessors: tuple[str, ...] = ()
    below: tuple[str, ...] = ()
    needs: tuple[CodeNeed, ...] = ()
    notes: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    warning: str | None = None
    source: str


def look_up(typed: str, on: date, book: CodeBook, citations: Mapping[str, str] | None = None, with_notes: bool = True) -> CodeCard | None:
    """The card of a code as people type it, or None where neither the pack, an installed order file nor the tabular list has it.

    `citations` turns the rules' source ids into text. The tabular list's own notes are read only `with_notes`: it takes a second.
    """
    code = normalize(typed)
    card = _from_pack(code, on, book, citations or {}) or _from_sets(code, on)
    return card.model_copy(update={"notes": tabular_notes(code)}) if card and with_notes else card


def _from_pack(code: str, on: date, book: CodeBook, citations: Mapping[str, str]) -> CodeCard | None:
    known = book.validity.get(code)
    below = tuple(c for c in book.headers.get(code, ()) if book.on([c], on))
    source = book.release.release if book.release else ""
    warning = book.day(on)[1]
    if known:
        return CodeCard(
            code=code,
            day=on,
            description=known.description,
            billable=known.valid_on(on),
            billable_from=known.billable_from,
            billable_to=known.billable_to,
            successors=known.replaced_by,
            predecessors=tuple(c for c, v in book.validity.items() if code in v.replaced_by),
            below=below,
            needs=tuple(_need(r, citations) for r in book.rules_of.get(code, ())),
            warning=warning,
            source=source,
        )
    return CodeCard(code=code, day=on, description="", billable=False, below=below, warning=warning, source=source) if below else None


def _need(rule: CodeRule, citations: Mapping[str, str]) -> CodeNeed:
    sources = tuple(citations.get(s, s) for s in rule.source)
    return CodeNeed(
        rule=rule.id, title=rule.title, says=rule.lacking, against=rule.against, more_specific=rule.more_specific, sources=sources
    )


def _from_sets(code: str, on: date) -> CodeCard | None:
    entry = find_code(code, on)
    if entry:
        return CodeCard(code=code, day=on, description=entry.description, billable=entry.billable, below=entry.below, source=entry.source)
    current = find_code(code, TABULAR_DATES[0])
    if current:
        return CodeCard(code=code, day=on, description=current.description, billable=None, below=current.below, source=TABULAR_RELEASE)
    return None


def lines(card: CodeCard) -> Iterable[str]:
    """The card as plain lines, for a terminal."""
    yield f"{card.code}  {card.description}".rstrip()
    yield f"  {_billable(card)}"
    if card.warning:
        yield f"  {card.warning}"
    if card.billable_from:
        yield f"  billable from {card.billable_from} to {card.billable_to or 'now'} ({card.source})"
    for label, codes in (("replaced by", card.successors), ("replaces", card.predecessors), ("below it", card.below)):
        if codes:
            more = f" and {len(codes) - _SHOWN} more" if len(codes) > _SHOWN else ""
            yield f"  {label}: {', '.join(codes[:_SHOWN])}{more}"
    for need in card.needs:
        yield f"  needs: {need.says}"
        if need.against:
            yield f"  against it: {need.against}"
        for code, words in need.more_specific.items():
            if code != card.code:
                yield f"  {code} instead: {words}"
        yield f"  rule {need.rule}; {' '.join(need.sources)}"
    for kind, notes in card.notes.items():
        yield f"  {kind}: {'; '.join(notes)}"


def _billable(card: CodeCard) -> str:
    if card.billable is None:
        return f"no code set at hand holds for {card.day}; install the order file of its fiscal year"
    if card.billable:
        return f"billable on {card.day}"
    return f"not billable on {card.day}" + (": a header, a code below it is needed" if card.below else "")
