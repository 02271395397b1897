"""What an element, a profile or a code asks of a note, why, and on whose word: as data, for `notecheck explain` and for the HTTP interface."""

from __future__ import annotations

from datetime import date
from typing import Literal

from notecheck.assess import code_card
from notecheck.assess.code_card import CodeCard
from notecheck.assess.code_rules import CodeBook
from notecheck.assess.coverage_rules import load_policies
from notecheck.models import Frozen
from notecheck.packs import Pack


class ElementCard(Frozen):
    """What one documentation element asks for."""

    kind: Literal["element"] = "element"
    id: str
    name: str
    asks: str
    satisfied_by: str
    why: str
    source: str
    fix: str
    required_by: tuple[str, ...]


class RequiredElement(Frozen):
    """`conditional`: only where it applies."""

    id: str
    name: str
    conditional: bool


class CriterionCard(Frozen):
    """One coverage criterion and the dates of service it holds for."""

    id: str
    says: str
    source: str
    in_force_from: date | None
    in_force_to: date | None


class ProfileCard(Frozen):
    """What one kind of review, or one payer's rule, requires. `sources` spells out what the criteria name as their source."""

    kind: Literal["profile"] = "profile"
    id: str
    name: str
    description: str
    source: str
    requires: tuple[RequiredElement, ...]
    criteria: tuple[CriterionCard, ...]
    sources: dict[str, str]


class ExplainedCode(CodeCard):
    """All that is known of one code on one day."""

    kind: Literal["code"] = "code"


Card = ElementCard | ProfileCard | ExplainedCode


def element(pack: Pack, name: str) -> ElementCard | None:
    """The card of an element, or of the element that a rule speaks for; None where the pack has neither."""
    rule = pack.rules.get(name)
    e = pack.elements.get(name) or (pack.elements.get(rule.element or "") if rule else None)
    if e is None:
        return None
    return ElementCard(
        id=e.id,
        name=e.name,
        asks=e.asks,
        satisfied_by=e.satisfied_by,
        why=e.why,
        source=pack.info.sources[e.source],
        fix=e.fix,
        required_by=tuple(p.id for p in pack.profiles.values() if e.id in {r.element for r in p.requires}),
    )


def profile(pack: Pack, name: str) -> ProfileCard | None:
    """The card of a profile, with the criteria of its coverage policy where it has one; None where the pack has no such profile."""
    p = pack.profiles.get(name)
    if p is None:
        return None
    policy = load_policies(pack).get(name)
    criteria = policy.criteria if policy else ()
    named = dict.fromkeys(c.source for c in criteria)
    return ProfileCard(
        id=p.id,
        name=p.name,
        description=p.description,
        source=pack.info.sources[p.source],
        requires=tuple(
            RequiredElement(id=r.element, name=pack.elements[r.element].name, conditional=r.when is not None) for r in p.requires
        ),
        criteria=tuple(
            CriterionCard(id=c.id, says=c.says, source=c.source, in_force_from=c.in_force.from_, in_force_to=c.in_force.to)
            for c in criteria
        ),
        sources={s: pack.info.sources[s] for s in named if s in pack.info.sources},
    )


def code(pack: Pack, book: CodeBook, typed: str, on: date) -> ExplainedCode | None:
    """The card of a code as people type it; None where no code set at hand has it."""
    card = code_card.look_up(typed, on, book, pack.info.sources)
    return ExplainedCode(**dict(card)) if card else None
