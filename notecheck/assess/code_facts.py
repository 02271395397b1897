"""Evidence for codes: each mention of a concept with its certainty, its rank (who says it) and its place, side and limb."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from notecheck.assess.code_rules import CodeBook, Place, Reading
from notecheck.models import DocType, Mention

Certainty = Literal["certain", "uncertain", "denied", "past", "planned"]
Rank = Literal["diagnosis", "reason", "story", "study", "finding", "past", "plan"]
_CERTAINTY: dict[str, Certainty] = {
    "present": "certain",
    "possible": "uncertain",
    "absent": "denied",
    "historical": "past",
    "hypothetical": "planned",
}
_LIST = 6  # characters: what stands between the items of a list (", ", " and ")
_REACH = 60  # characters: a level or side farther from a diagnosis than this is somebody else's

# How exactly a place is known, from a guess to a level of two vertebrae.
GUESSED, LIMB, WORD, VERTEBRA, LEVEL = range(5)


@dataclass(frozen=True)
class Spot:
    """One place: a site of the code set, the segment key or vertebra where a code asks for it, and how exactly it is known."""

    site: str
    key: str | None = None
    vertebra: str | None = None
    exact: int = WORD


@dataclass
class Fact:
    """A mention that some code rule reads."""

    concept: str
    mention: Mention
    certainty: Certainty
    rank: Rank
    spots: list[Spot] = field(default_factory=list)
    sides: list[str] = field(default_factory=list)
    limbs: list[str] = field(default_factory=list)

    def regions(self, reading: Reading) -> set[str]:
        return {reading.regions.get(s.site, s.site) for s in self.spots}


def read_facts(mentions: Sequence[Mention], book: CodeBook, doc_type: DocType = "visit") -> list[Fact]:
    """The facts of a note, in text order, each placed as exactly as the note allows.

    What a study found is no clinician's diagnosis: a study named before it in the story, or a document that is itself a study.
    """
    reading = book.reading
    if reading is None:
        return []
    facts: list[Fact] = []
    where: dict[int, list[Mention]] = defaultdict(list)
    kinds = set(reading.where.values())
    for m in mentions:
        if m.concept in kinds:
            where[m.sentence].append(m)
        else:
            names = {m.concept, m.element} & book.concepts
            facts.extend(
                Fact(n, m, _certainty(m, reading), rank_of(m, reading)) for n in sorted(x for x in names if x) if m.assertion != "family"
            )
    by_sentence: dict[int, list[Fact]] = defaultdict(list)
    for f in facts:
        by_sentence[f.mention.sentence].append(f)
    for sentence, group in by_sentence.items():
        _attach(group, where.get(sentence, ()), reading)
    _refine(facts, reading)
    for sentence, group in by_sentence.items():
        _share(group, where.get(sentence, ()), reading)
    _infer(facts, mentions, where, book)
    studies = [m for m in mentions if m.element in reading.studies]
    study = is_study(mentions, doc_type, reading)
    for f in facts:
        if (study and f.rank == "diagnosis") or (f.rank == "story" and any(_reports(s, f.mention) for s in studies)):
            f.rank = "study"
    return facts


def is_study(mentions: Iterable[Mention], doc_type: DocType, reading: Reading) -> bool:
    """Whether the note is the report of a study and no more: an electrodiagnostic consultation has an examination, and diagnoses of its own."""
    return doc_type in reading.study_documents and not any(m.element in reading.examined_by for m in mentions)


def _reports(study: Mention, finding: Mention) -> bool:
    return study.sentence == finding.sentence and study.start <= finding.start


def regions_taken_up(mentions: Iterable[Mention], reading: Reading) -> frozenset[str]:
    """The regions that the plan does something about."""
    named = (m.value.get("sites", ()) for m in mentions if m.concept == reading.where["site"] and m.section in reading.addressed_in)
    return frozenset(reading.regions.get(s, s) for sites in named for s in sites)


def _certainty(m: Mention, reading: Reading) -> Certainty:
    if m.element and m.status == "denied":
        return "denied"
    if m.assertion == "historical" and m.concept in reading.lasting:
        return "certain"
    if m.assertion == "hypothetical" and m.cue is None and m.section in reading.addressed_in:
        return "certain"  # "PLAN: heat for the neck pain" speaks of a pain that is there, and of a plan for it
    return _CERTAINTY.get(m.assertion, "past")


def rank_of(m: Mention, reading: Reading) -> Rank:
    """Who says it: by the section a mention stands in."""
    for rank, sections in reading.ranks.items():
        if m.section in sections:
            return rank
    return "plan" if m.section in reading.addressed_in else "past"


def _attach(group: list[Fact], near: Sequence[Mention], reading: Reading) -> None:
    """Gives each level, region, side and limb of a sentence to the diagnosis it stands closest to, and to those that share its words."""
    for f in group:
        f.spots = [Spot(s) for s in f.mention.value.get("sites", ())]
        f.sides = list(f.mention.value.get("sides", ()))
        f.limbs = list(f.mention.value.get("limbs", ()))
    group = [f for f in group if f.mention.concept]
    level = reading.where["level"]
    own_level = [f for f in group if any(w.concept == level and _gap(f.mention, w) < 0 for w in near)]
    last: tuple[Mention, list[Fact]] | None = None
    for w in near if group else ():
        open_to = [f for f in group if f not in own_level] if w.concept == level else group
        owners = [f for f in group if _gap(f.mention, w) < 0] or _nearest(open_to, w)
        if last and last[0].concept == w.concept and _gap(last[0], w) <= _LIST and all(_gap(f.mention, w) > _LIST for f in owners):
            owners = last[1]  # "at C5-6 and C6-7, ...": a list goes where its first item goes
        for f in owners:
            _take(f, w, reading)
        last = (w, owners)


def _nearest(group: Sequence[Fact], w: Mention) -> list[Fact]:
    nearest = min(group, key=lambda f: (_gap(f.mention, w), f.mention.start < w.start), default=None)
    if nearest is None or _gap(nearest.mention, w) > _REACH:
        return []
    return [f for f in group if f is nearest or _gap(f.mention, nearest.mention) < 0]


def _take(fact: Fact, w: Mention, reading: Reading) -> None:
    if w.concept == reading.where["side"]:
        fact.sides.extend(s for s in w.value.get("sides", ()) if s not in fact.sides)
    elif w.concept == reading.where["limb"]:
        if "limbs" not in fact.mention.value:
            fact.limbs.extend(x for x in w.value.get("limbs", ()) if x not in fact.limbs)
    elif w.concept == reading.where["site"]:
        fact.spots.extend(Spot(s) for s in w.value.get("sites", ()) if all(s != x.site for x in fact.spots))
    else:
        for spot in spots_of(w.text, reading):
            same = reading.regions.get(spot.site)
            fact.spots = [x for x in fact.spots if x.exact >= spot.exact or reading.regions.get(x.site) != same]
            if spot not in fact.spots:
                fact.spots.append(spot)


def _gap(a: Mention, b: Mention) -> int:
    """Characters between two mentions; negative where they overlap."""
    return max(a.start - b.end, b.start - a.end)


_PART = re.compile(r"([a-z]?)(\d{1,2})")


def spots_of(text: str, reading: Reading) -> list[Spot]:
    """The places a level names: "L4-5" one, "L4-S1" two, "C6" a root or vertebra."""
    names: list[str] = []
    letter = ""
    for given, digits in _PART.findall(text.lower()):
        letter = given or letter
        if letter + digits in reading.vertebrae or letter + digits in reading.roots:
            names.append(letter + digits)
        else:  # "L45"
            names.extend(letter + d for d in digits)
    order = reading.vertebrae
    if len(names) == 2 and all(n in order for n in names) and order.index(names[0]) < order.index(names[1]):
        first, last = order.index(names[0]), order.index(names[1])
        pairs = [f"{order[i]}-{order[i + 1]}" for i in range(first, last)]
        found = [_spot(reading.segments.get(p), None, LEVEL) for p in pairs]
    else:
        found = [_spot(reading.roots.get(n), n, VERTEBRA) for n in names[:1]]
    return list(dict.fromkeys(s for s in found if s))


def _spot(place: Place | None, vertebra: str | None, exact: int) -> Spot | None:
    return Spot(place.site, place.key, vertebra, exact) if place else None


def _refine(facts: Sequence[Fact], reading: Reading) -> None:
    """A diagnosis stated by region takes the level that the note gives for it elsewhere, where all such levels agree on the site."""
    levels: dict[tuple[str, str], list[Spot]] = defaultdict(list)
    for f in facts:
        if f.certainty != "denied":
            for s in f.spots:
                if s.exact == LEVEL:
                    levels[f.concept, reading.regions.get(s.site, s.site)].append(s)
    for f in facts:
        f.spots = list(dict.fromkeys(_refined(s, levels.get((f.concept, reading.regions.get(s.site, s.site)), [])) for s in f.spots))


def _refined(spot: Spot, levels: list[Spot]) -> Spot:
    if spot.exact >= LEVEL or len({x.site for x in levels}) != 1:
        return spot
    return Spot(levels[0].site, spot.key or levels[0].key, spot.vertebra, spot.exact)


def _share(group: list[Fact], near: Sequence[Mention], reading: Reading) -> None:
    """A diagnosis without a place of its own stands where its limb or its neighbours in the sentence stand."""
    placed = [f for f in group if f.spots]
    for f in group:
        if f.spots:
            continue
        limbs = f.limbs if f.concept in reading.placed_by_limb else ()
        sites = dict.fromkeys(reading.limb_sites[x] for x in limbs if x in reading.limb_sites)
        if sites:
            f.spots = [Spot(s, exact=LIMB) for s in sites]
        elif placed:
            nearest = min(placed, key=lambda p: abs(_gap(p.mention, f.mention)))
            f.spots = [Spot(s.site, s.key, s.vertebra, LIMB) for s in nearest.spots]
    sides = [s for w in near if w.concept == reading.where["side"] for s in w.value.get("sides", ())]
    for f in group:
        if not f.sides and len(set(sides)) == 1:
            f.sides = sides[:1]


def _infer(facts: Sequence[Fact], mentions: Sequence[Mention], where: dict[int, list[Mention]], book: CodeBook) -> None:
    """What is still without place or side takes it from the same diagnosis elsewhere, then from the note as a whole, where that is of one mind."""
    reading = book.reading
    assert reading is not None
    story_sites = _story_regions(where, reading)
    told = {
        str(m.value["side"]) for m in mentions if m.element in reading.side_elements and m.assertion == "present" and m.value.get("side")
    }
    for f in facts:
        if not f.spots:
            same = [s for g in facts if g.concept == f.concept for s in g.spots if s.exact > LIMB]
            ranked = [s for g in facts if g.rank == "diagnosis" and g.certainty == "certain" for s in g.spots if s.exact >= WORD]
            allowed = book.regions_of(f.concept)
            for every in (same, ranked, [Spot(s) for s in story_sites]):
                pool = [s for s in every if not allowed or reading.regions.get(s.site) in allowed]
                if len({reading.regions.get(s.site, s.site) for s in pool}) == 1:
                    best = max(pool, key=lambda s: s.exact)
                    one = len({s.site for s in pool}) == 1
                    f.spots = [
                        Spot(best.site if one else reading.regions.get(best.site, best.site), best.key if one else None, None, GUESSED)
                    ]
                    break
        if not f.sides:
            same_sides = {tuple(sorted(g.sides)) for g in facts if g.concept == f.concept and g.sides}
            if len(same_sides) == 1:
                f.sides = list(next(iter(same_sides)))
            elif len(told) == 1:
                f.sides = [s for s in reading.sides if s in told]


def _story_regions(where: dict[int, list[Mention]], reading: Reading) -> list[str]:
    """The sites that history and examination speak of; imaging alone does not say where the pain is."""
    found = [
        site
        for near in where.values()
        for w in near
        if w.concept == reading.where["site"] and w.section in reading.tells_where and w.assertion != "absent"
        for site in w.value.get("sites", ())
    ]
    return list(dict.fromkeys(found))
