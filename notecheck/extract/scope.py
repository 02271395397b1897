"""Scope and kind of a note, in rising order of cost: words that must be there, what the scope rules could give at best, weighed mentions."""

from collections.abc import Sequence

import ahocorasick_rs

from notecheck.extract.analysis import Sentence
from notecheck.extract.matcher import PhraseMatcher
from notecheck.extract.mentions import MentionFinder
from notecheck.extract.sections import SectionFinder, section_at
from notecheck.models import DocType, Mention
from notecheck.packs import Pack
from notecheck.rules import ScopeSignal

WINDOW = 1_000  # characters; windows that meet are joined up to this length, so that a long note takes time in proportion
AROUND = 120  # characters on either side of a word of the gate in which the scope rules are tried


class ScopeJudge:
    """The scope rules of a pack."""

    def __init__(self, pack: Pack):
        self.scope = pack.scope
        self._gate = ahocorasick_rs.AhoCorasick([g.lower() for g in pack.scope.gate])
        self._types = [(t, pack.phrases(t.find, f"{pack.root / 'scope.yaml'}: doc type {t.doc_type}")) for t in pack.scope.doc_types]
        self._type_within = max((t.within for t in pack.scope.doc_types), default=0)
        self._type_matcher = PhraseMatcher([p for _, phrases in self._types for p in phrases], pack.lexicon)
        leading = {s.concept for s in pack.scope.signals} & {c.rule.concept for c in pack.mention_rules}
        self._finder = MentionFinder([c for c in pack.mention_rules if c.rule.concept in leading], pack.lexicon)
        self._sections = SectionFinder(pack.sections)
        self._leading = [s for s in pack.scope.signals if s.concept in leading]
        self._others_at_best = sum(max(0.0, s.weight) * s.most for s in pack.scope.signals if s.concept not in leading)

    def may_be_in_scope(self, folded: str, doc_type: DocType) -> bool:
        """Whether the note could reach the threshold, were no mention of it negated. Most notes of other specialties end here."""
        windows: list[Sentence] = []
        for _, at, to in self._gate.find_matches_as_indexes(folded, overlapping=False):
            if at and folded[at - 1].isalnum():
                continue
            joins = windows and windows[-1].end >= at - AROUND and at - windows[-1].start < WINDOW
            start = windows.pop().start if joins else max(0, at - AROUND)
            windows.append(Sentence(start, min(len(folded), to + AROUND), "", start))
        matches = self._finder.find(folded, windows)
        if not matches:
            return False
        headings = self._sections.find(folded)
        starts = [h.start for h in headings]
        places = [(m.rule.rule.concept, section_at(headings, m.start, starts), m.start) for m in matches]
        best = self._others_at_best
        for signal in self._leading:
            if _counts_for(signal, doc_type) and signal.weight > 0:
                best += signal.weight * min(signal.most, sum(c == signal.concept and _in_place(signal, s, at) for c, s, at in places))
        return best >= self.scope.threshold

    def doc_type(self, folded: str) -> DocType:
        """What the beginning of the note says it is; a visit where it says nothing."""
        s = self._type_matcher.read(folded, 0, self._type_within)
        for rule, phrases in self._types:
            if any(s.origin(found.start) < rule.within for p in phrases for found in self._type_matcher.find(p, s)):
                return rule.doc_type
        return "visit"

    def weigh(self, mentions: Sequence[Mention], doc_type: DocType) -> float:
        """The sum of the signals' weights; the note is in scope from `scope.threshold` on."""
        total = 0.0
        for signal in self.scope.signals:
            if not _counts_for(signal, doc_type):
                continue
            hits = {
                m.sentence
                for m in mentions
                if signal.concept in (m.concept, m.element)
                and m.assertion in signal.assertion
                and (not signal.statuses or m.status in signal.statuses)
                and _in_place(signal, m.section, m.start)
            }
            total += signal.weight * min(len(hits), signal.most)
        return total


def _counts_for(signal: ScopeSignal, doc_type: DocType) -> bool:
    return not signal.doc_types or doc_type in signal.doc_types


def _in_place(signal: ScopeSignal, section: str, start: int) -> bool:
    if signal.within is not None and start >= signal.within:
        return False
    return (not signal.sections or section in signal.sections) and section not in signal.not_sections
