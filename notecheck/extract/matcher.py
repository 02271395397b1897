"""Matching phrases: every word and term of a pack is found in one Aho-Corasick pass over a sentence, then phrases are pieced together from the hits.

No regular expression is built from a lexicon: a thousand more terms cost nothing to load and next to nothing to run.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import ahocorasick_rs

from notecheck.measures import MEASURES
from notecheck.phrases import Either, Gap, Item, Lexicon, Measured, Phrase, Raw, Ref, Word, normal, unhyphenate

_WORD_START = re.compile(r"(?<!\w)\w")
_UNSPACED = re.compile(r"\S+")
_INSIDE_WORD = "'./%+"  # marks that hold a word together when the words of a gap are counted: 5/5, q.i.d.

Leaf = Word | Ref | Measured | Raw
Capture = tuple[str, str]  # a lexicon entry's or @measure's name, and the words it matched
Hits = dict[int, dict[int, list[int]]]  # leaf → where it begins → where it ends


@dataclass(slots=True)
class SentenceText:
    """One sentence in the form that phrases are matched against, with the hits of every leaf.

    `text` has single spaces; `words` is the same with spaces for hyphens inside words. `origin` leads a position back to the note.
    """

    text: str
    words: str
    note_starts: list[int]
    text_starts: list[int]
    hits: Hits = field(default_factory=dict)
    _starts: list[int] = field(default_factory=list)
    _ordinals: list[int] = field(default_factory=list)

    def origin(self, position: int) -> int:
        i = bisect_right(self.text_starts, position) - 1
        return self.note_starts[i] + position - self.text_starts[i]

    def limit(self, position: int, most: int) -> int:
        """The last position at which something may begin that at most so many words stand before, counted from `position`."""
        if not self._starts:
            n = -1
            for m in _WORD_START.finditer(self.words):
                at = m.start()
                n += not (at > 1 and self.words[at - 1] in _INSIDE_WORD and self.words[at - 2].isalnum())
                self._starts.append(at)
                self._ordinals.append(n)
        i = bisect_left(self._starts, position)
        first = self._ordinals[i - 1] if i else -1
        out = bisect_right(self._ordinals, first + 1 + most)
        return self._starts[out] - 1 if out < len(self._starts) else len(self.words)


@dataclass(frozen=True, slots=True)
class Found:
    """A match of a phrase in a sentence, in the sentence's own positions."""

    start: int
    end: int
    captures: tuple[Capture, ...]


@dataclass(frozen=True, slots=True)
class _Step:
    """One part of a compiled phrase: a leaf by number, or branches; what may stand before it, and whether it may be absent."""

    optional: bool
    gap: int
    without: tuple[int, ...]
    leaf: int = -1
    capture: str = ""
    is_measure: bool = False
    patterns: tuple[re.Pattern[str], ...] = ()
    branches: tuple[tuple[_Step, ...], ...] = ()
    plain: _Step | None = None  # of an optional step: itself, not optional, for where it is tried and must match


class PhraseMatcher:
    """Finds phrases of one lexicon. All phrases it will ever be asked for are given at the start."""

    def __init__(self, phrases: Iterable[Phrase], lexicon: Lexicon):
        self.lexicon = lexicon
        self._number: dict[Leaf, int] = {}
        self._patterns: dict[int, tuple[re.Pattern[str], ...]] = {}
        self._unannounced: set[int] = set()  # leaves with a pattern that no literal announces
        self._holders: dict[tuple[str, bool, bool], set[int]] = {}
        self._compiled = {p.source: self._steps(p.items) for p in phrases}
        self.weight = Counter(leaf for leaves in self._holders.values() for leaf in leaves)  # literals of a leaf: about how common it is
        self._literal = [(star, hint, tuple(leaves)) for (_, star, hint), leaves in self._holders.items()]
        self._automaton = ahocorasick_rs.AhoCorasick([text for text, _, _ in self._holders])

    # --- compiling ---------------------------------------------------------------------------------------------------------

    def _steps(self, items: Sequence[Item]) -> tuple[_Step, ...]:
        steps: list[_Step] = []
        gap, without = 0, tuple[int, ...]()
        for item in items:
            node = item.node
            if isinstance(node, Gap):
                gap, without = node.most, tuple(self._leaf(stop) for stop in node.without)
                continue
            if isinstance(node, Either):
                step = _Step(False, gap, without, branches=tuple(self._steps(b) for b in node.branches))
            else:
                leaf = self._leaf(node)
                name = node.name if isinstance(node, Ref) else "@" + node.name if isinstance(node, Measured) else ""
                step = _Step(False, gap, without, leaf, name, isinstance(node, Measured), self._patterns.get(leaf, ()))
            steps.append(replace(step, optional=True, plain=step) if item.optional else step)
            if not item.optional:
                gap, without = 0, ()  # an optional part leaves the gap before it to the part after it
        return tuple(steps)

    def _leaf(self, leaf: Leaf) -> int:
        if leaf in self._number:
            return self._number[leaf]
        number = self._number[leaf] = len(self._number)
        literals: list[tuple[str, bool, bool]] = []  # text, ends in a star, only a hint that a pattern may match
        if isinstance(leaf, Word):
            literals = [(leaf.text, leaf.star, False)]
        elif isinstance(leaf, Ref):
            entries = self.lexicon.below(leaf.name)
            literals = [(normal(t).rstrip("*"), t.endswith("*"), False) for e in entries for t in e.terms]
            self._patterns[number] = tuple(re.compile(e.pattern) for e in entries if e.pattern)
            literals += [(t, False, True) for e in entries for t in e.triggers]
            if any(e.pattern and not e.triggers for e in entries):
                self._unannounced.add(number)
        else:
            regex, hints = (MEASURES[leaf.name].regex, MEASURES[leaf.name].literals) if isinstance(leaf, Measured) else (leaf.regex, ())
            self._patterns[number] = (re.compile(regex),)
            literals = [(h, False, True) for h in hints]
            if not hints:
                self._unannounced.add(number)
        for literal in literals:
            self._holders.setdefault(literal, set()).add(number)
        return number

    def needed(self, phrase: Phrase) -> list[frozenset[int]]:
        """Sets of leaves of each of which any match has one. Leaves that no literal announces are left out."""
        return self._needed(self._compiled[phrase.source])

    def _needed(self, steps: Sequence[_Step]) -> list[frozenset[int]]:
        needed: list[frozenset[int]] = []
        for step in steps:
            if step.optional or step.leaf in self._unannounced:
                continue
            if step.branches:
                each = [self._needed(branch) for branch in step.branches]
                if all(each):
                    needed.append(frozenset().union(*(min(sets, key=len) for sets in each)))
            else:
                needed.append(frozenset([step.leaf]))
        return needed

    # --- reading -----------------------------------------------------------------------------------------------------------

    def read(self, folded: str, start: int, end: int) -> SentenceText:
        """The sentence at these positions of folded text, with all hits."""
        note_starts, text_starts, parts, length = [], [], [], 0
        for m in _UNSPACED.finditer(folded, start, end):
            note_starts.append(m.start())
            text_starts.append(length)
            parts.append(m.group())
            length += m.end() - m.start() + 1
        text = " ".join(parts)
        words = unhyphenate(text) if "-" in text else text
        hits: Hits = {}
        for n, at, to in self._automaton.find_matches_as_indexes(words, overlapping=True):
            star, hint, leaves = self._literal[n]
            if hint:
                for leaf in leaves:
                    hits.setdefault(leaf, {})
                continue
            if at and words[at].isalnum() and _in_word(words[at - 1]):
                continue
            if star:
                while to < length - 1 and _in_word(words[to]):
                    to += 1
            elif to < length - 1 and words[to - 1].isalnum() and _in_word(words[to]):
                continue
            for leaf in leaves:
                hits.setdefault(leaf, {}).setdefault(at, []).append(to)
        return SentenceText(text, words, note_starts, text_starts, hits)

    # --- matching ----------------------------------------------------------------------------------------------------------

    def find(self, phrase: Phrase, s: SentenceText, first: bool = False) -> list[Found]:
        """The matches of a phrase, from left to right, none overlapping another; only the first on request."""
        steps = self._compiled[phrase.source]
        out: list[Found] = []
        last = 0
        for start in sorted(self._begins(steps, s)):
            if start >= last and (found := self._match(steps, 0, start, s)) and found[0] > start:
                last = found[0]
                out.append(Found(start, *found))
                if first:
                    break
        return out

    def _begins(self, steps: Sequence[_Step], s: SentenceText) -> set[int]:
        """Where a sequence may begin."""
        found: set[int] = set()
        for step in steps:
            if not step.branches and not step.patterns:
                found.update(s.hits.get(step.leaf, ()))
            elif step.branches:
                for branch in step.branches:
                    found |= self._begins(branch, s)
            else:
                at = s.hits.get(step.leaf)
                found.update(at or ())
                if at is not None or step.leaf in self._unannounced:
                    for pattern in step.patterns:
                        found.update(m.start() for m in pattern.finditer(s.text))
            if not step.optional:
                break
        return found

    def _match(self, steps: tuple[_Step, ...], i: int, at: int, s: SentenceText) -> tuple[int, tuple[Capture, ...]] | None:
        """The preferred match of steps[i:] that begins exactly at `at`: its end and what it captured."""
        if i == len(steps):
            return at, ()
        step = steps[i]
        for branch in step.branches:
            if found := self._match(branch + steps[i + 1 :], 0, at, s):
                return found
        if not step.branches:
            for end in self._ends(step, at, s):
                if found := self._follow(steps, i + 1, end, s):
                    return (found[0], ((step.capture, s.text[at:end]), *found[1])) if step.capture else found
        return self._match(steps, i + 1, at, s) if step.optional else None

    def _follow(self, steps: tuple[_Step, ...], i: int, at: int, s: SentenceText) -> tuple[int, tuple[Capture, ...]] | None:
        """The preferred match of steps[i:] after `at`: behind a space or hyphen, around a mark also without, across a gap at any of the next words."""
        if i == len(steps):
            return at, ()
        step = steps[i]
        plain = step.plain or step
        starts: Iterable[int] = ()
        if step.gap:
            begins = self._begins((plain,), s)
            if not begins:
                return self._follow(steps, i + 1, at, s) if step.optional else None
            limit = s.limit(at, step.gap)
            for stop in step.without:
                limit = min([limit, *(p for p in s.hits.get(stop, ()) if p >= at)])
            starts = sorted(p for p in begins if at <= p <= limit)
        elif at < len(s.words):
            if s.words[at] == " ":
                starts = (at + 1,)
            elif not (s.words[at].isalnum() and s.words[at - 1].isalnum()):
                starts = (at,)
        rest = (plain, *steps[i + 1 :]) if step.optional else steps[i:]
        for start in starts:
            if found := self._match(rest, 0, start, s):
                return found
        return self._follow(steps, i + 1, at, s) if step.optional else None

    def _ends(self, step: _Step, start: int, s: SentenceText) -> list[int]:
        """Where a leaf that begins at `start` may end, the longest first."""
        ends = s.hits.get(step.leaf, _NONE).get(start, [])
        if step.patterns and not (step.is_measure and start > 1 and s.text[start - 1] in "/." and s.text[start - 2].isdigit()):
            # (the 10 of 7/10 is no number of its own)
            found = [
                m.end()
                for p in step.patterns
                if (m := p.match(s.text, start)) and m.end() > start and _stands_alone(s.text, start, m.end())
            ]
            ends = [*ends, *found]
        return sorted(ends, reverse=True) if len(ends) > 1 else ends


_NONE: dict[int, list[int]] = {}


def _in_word(c: str) -> bool:
    return c.isalnum() or c == "_"


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Whether no word is cut at either end."""
    return not (start and _in_word(text[start]) and _in_word(text[start - 1])) and not (
        end < len(text) and _in_word(text[end - 1]) and _in_word(text[end])
    )
