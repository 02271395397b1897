"""Candidates for a note's codes: what each rule gives for the evidence at hand, and which candidates another one makes redundant."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from notecheck.assess.code_facts import GUESSED, WORD, Fact, Spot
from notecheck.assess.code_rules import Authority, CodeBook, CodeRule, Need, Reading

RANKS = {"diagnosis": 0, "reason": 1, "story": 2, "plan": 3, "study": 4, "finding": 5, "past": 6}
UNKNOWN = Spot("unspecified", exact=GUESSED)


@dataclass
class Candidate:
    """A code that a rule gives for one place, before it is held against the others."""

    rule: CodeRule
    code: str
    spot: Spot
    facts: tuple[Fact, ...]
    excluded: str = ""
    excluded_by: tuple[str, ...] = ()

    @property
    def lead(self) -> Fact:
        return self.facts[0]

    @property
    def order(self) -> tuple[int, int]:
        return RANKS[self.lead.rank], self.lead.mention.start


class NoteFacts:
    """The facts of one note, asked by concept and authority."""

    def __init__(self, facts: Sequence[Fact], taken_up: Collection[str], reading: Reading):
        self.reading = reading
        self.taken_up = taken_up
        self.by_concept: dict[str, list[Fact]] = {}
        for f in facts:
            self.by_concept.setdefault(f.concept, []).append(f)
        self.diagnosed = any(f.rank == "diagnosis" for f in facts)
        self.settled = any(f.certainty == "certain" and f.rank in ("diagnosis", "reason") for f in facts)

    def meeting(self, need: Need, certainty: str = "certain") -> list[Fact]:
        return [
            f for c in need.any for f in self.by_concept.get(c, ()) if f.certainty == certainty and self._may(f, need.by) and _has(f, need)
        ]

    def _may(self, f: Fact, by: Authority) -> bool:
        if by == "note":
            return f.rank not in ("past", "plan")
        if f.rank in ("diagnosis", "reason") or (f.rank == "plan" and by == "complaint"):
            return True
        if f.rank != "story":
            return False
        if by == "narrative":
            return True
        if by == "complaint":
            return (
                not self.settled
                or any(g.rank == "plan" for g in self.by_concept[f.concept])
                or bool(f.regions(self.reading).intersection(self.taken_up))
            )
        return not self.diagnosed and not self.settled

    def same_region(self, a: Fact, b: Fact) -> bool:
        one, two = a.regions(self.reading), b.regions(self.reading)
        return not one or not two or bool(one & two)

    def region(self, spot: Spot) -> str:
        return self.reading.regions.get(spot.site, spot.site)


def _has(f: Fact, need: Need) -> bool:
    return all(f.mention.value.get(k) in (None, *wanted) for k, wanted in need.value.items())


def of_rule(rule: CodeRule, note: NoteFacts, book: CodeBook, on: date) -> Iterator[Candidate]:
    """What one rule gives: a candidate for each place of its leading evidence."""
    leads = [f for f in note.meeting(rule.needs[0]) if not any(_near(f, note.meeting(u), note, u) for u in rule.unless)]
    best: dict[str, tuple[int, int]] = {}
    found: list[Candidate] = []
    for lead in leads:
        others = [_near(lead, note.meeting(need), note, need) for need in rule.needs[1:]]
        if not all(others):
            continue
        facts = (lead, *(o for o in others if o))
        for spot in (_sharpened(s, facts, note) for s in spots_for(rule, lead, note)):
            for key in keys_for(rule, spot, facts):
                code = code_for(rule, key, facts, note, book, on)
                if code:
                    found.append(Candidate(rule, code, spot, facts))
    for c in found:
        # A guessed place gives way to a named one, a region to a level; of equals the assessment's word comes before the story's.
        region = note.region(c.spot)
        best[region] = min(best.get(region, (9, 9)), (min(RANKS[c.lead.rank], 2), -c.spot.exact))
    if any(r != UNKNOWN.site for r in best):
        best.pop(UNKNOWN.site, None)
    yield from (c for c in found if best.get(note.region(c.spot)) == (min(RANKS[c.lead.rank], 2), -c.spot.exact))


def _sharpened(spot: Spot, facts: Sequence[Fact], note: NoteFacts) -> Spot:
    """The same place as exactly as the other evidence of its sentence gives it: "lumbar disc herniation with radiculopathy, L5-S1"."""
    here = (s for f in facts[1:] if f.mention.sentence == facts[0].mention.sentence for s in f.spots)
    return max((spot, *(s for s in here if note.region(s) == note.region(spot))), key=lambda s: s.exact)


def spots_for(rule: CodeRule, lead: Fact, note: NoteFacts) -> list[Spot]:
    """The places of the leading evidence that the rule accepts: some take no guess, some know only certain regions."""
    known = [s for s in lead.spots if rule.place == "inferred" or s.exact >= WORD]
    fit = [s for s in known if not rule.regions or note.region(s) in rule.regions]
    return fit if fit or known else [UNKNOWN]


def _near(lead: Fact, others: Sequence[Fact], note: NoteFacts, need: Need) -> Fact | None:
    """The fact that best goes with the leading one: of the same region, in its sentence if there is one."""
    fit = [o for o in others if need.region == "any" or note.same_region(lead, o)]
    return min(fit, key=lambda o: (o.mention.sentence != lead.mention.sentence, RANKS[o.rank], o.mention.start), default=None)


def keys_for(rule: CodeRule, spot: Spot, facts: Sequence[Fact]) -> list[tuple[str, ...]]:
    """The keys to look a code up by, each with what to fall back on."""
    if rule.axis == "segment":
        return [(spot.key or "", spot.site)]
    if rule.axis == "vertebra":
        return [(spot.vertebra or "", spot.site)]
    sides = next((f.sides for f in facts if f.sides), ["unspecified"])
    if rule.axis == "side":
        return [(s,) for s in sides]
    if rule.axis == "limb":
        return [(f"{limb}.{side}", f"{limb}.unspecified") for limb in facts[0].limbs for side in sides]
    return [(spot.site,)] if rule.axis == "site" else [("any",)]


def versions(rule: CodeRule, key: tuple[str, ...], note: NoteFacts) -> tuple[str, ...]:
    """The codes for a key, newest first: of the key itself, of its region, or the rule's general one."""
    for k in (*key, *(note.reading.regions.get(k, "") for k in key), "any"):
        if k in rule.codes:
            return rule.codes[k]
    return ()


def code_for(rule: CodeRule, key: tuple[str, ...], facts: Sequence[Fact], note: NoteFacts, book: CodeBook, on: date) -> str | None:
    """The rule's code for a key that is billable on that day, with its encounter character: A, unless the note says it is healing (D) or left (S)."""
    codes = versions(rule, key, note)
    if not rule.episode:
        return book.on(codes, on)
    letter = "A"
    for concept, other in note.reading.episode.items():
        if any(f.mention.sentence == facts[0].mention.sentence and f.certainty == "certain" for f in note.by_concept.get(concept, ())):
            letter = other
    return book.on((code + letter for code in codes), on)


def beside(c: Candidate, candidates: Sequence[Candidate], note: NoteFacts) -> bool:
    """Whether a code that only accompanies another has one to accompany."""
    return any(
        not o.excluded
        and o.rule.names(c.rule.needs_code)
        and (
            note.region(o.spot) == note.region(c.spot)
            or UNKNOWN.site in (o.spot.site, c.spot.site)
            or o.lead.mention.sentence == c.lead.mention.sentence
        )
        for o in candidates
    )


def exclude(candidates: Sequence[Candidate], note: NoteFacts, book: CodeBook) -> None:
    """Marks what is part of a more certain or more specific code of the same region, naming a code that itself stands where there is one."""
    over = {id(c): [o for o in candidates if o is not c and _outranks(o, c, note)] for c in candidates}
    for c in candidates:
        if over[id(c)] and not c.excluded:
            by = next((o for o in over[id(c)] if not over[id(o)] and not o.excluded), over[id(c)][0])
            c.excluded = f"{c.rule.excluded_because} ({by.code} {book.describe(by.code)})"
            c.excluded_by = (by.code,)


def _outranks(o: Candidate, c: Candidate, note: NoteFacts) -> bool:
    if not o.rule.names(c.rule.excluded_by):
        return False
    mine, other = note.region(c.spot), note.region(o.spot)
    if mine == UNKNOWN.site and c.rule.regions:
        return other == UNKNOWN.site or other in c.rule.regions
    return mine == other or UNKNOWN.site in (mine, other)
