"""Matching phrases: pieced together from the hits of their leaves (`leaves.py`), from left to right, the first branch that leads to an end."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from notecheck.extract.leaves import Leaves, SentenceText
from notecheck.phrases import Either, Gap, Item, Lexicon, Measured, Phrase, Ref

Capture = tuple[str, str]  # a lexicon entry's or @measure's name, and the words it matched
_Matched = tuple[int, tuple[Capture, ...]]  # where a match ends, and what it captured


@dataclass(frozen=True, slots=True)
class Found:
    """A match of a phrase in a sentence, in the sentence's own positions."""

    start: int
    end: int
    captures: tuple[Capture, ...]


@dataclass(slots=True)
class _Part:
    """One part of a compiled phrase: a leaf by number, or branches; what may stand before it, whether it may be absent, and what comes next.

    The last part of a branch leads on to what follows the branches. `first` numbers the set of leaves it may begin with.
    """

    optional: bool
    gap: int
    without: tuple[int, ...]
    next: _Part | None
    first: int
    leaf: int = -1
    capture: str = ""
    is_measure: bool = False
    patterns: tuple[re.Pattern[str], ...] = ()
    branches: tuple[_Part | None, ...] = ()
    foreseeable: bool = False  # branches that begin with literals only, and are never empty: where none begins, none matches


class PhraseMatcher:
    """Finds phrases of one lexicon. All phrases it will ever be asked for are given at the start."""

    def __init__(self, phrases: Iterable[Phrase], lexicon: Lexicon):
        self.lexicon = lexicon
        self.leaves = Leaves(lexicon)
        self._first_number: dict[tuple[int, ...], int] = {}
        self._compiled = {p.source: (self._parts(p.items, None), self._first(self._first_leaves(p.items))) for p in phrases}
        self.leaves.close()
        self._firsts = list(self._first_number)

    # --- compiling ---------------------------------------------------------------------------------------------------------

    def _parts(self, items: Sequence[Item], then: _Part | None) -> _Part | None:
        """The first part of these items; the last one leads on to `then`."""
        spaced: list[tuple[Item, int, tuple[int, ...]]] = []
        gap, without = 0, tuple[int, ...]()
        for item in items:
            if isinstance(item.node, Gap):
                gap, without = item.node.most, tuple(self.leaves.number(stop) for stop in item.node.without)
                continue
            spaced.append((item, gap, without))
            if not item.optional:
                gap, without = 0, ()  # an optional part leaves the gap before it to the part after it
        for item, gap, without in reversed(spaced):
            then = self._part(item, gap, without, then)
        return then

    def _part(self, item: Item, gap: int, without: tuple[int, ...], then: _Part | None) -> _Part:
        node = item.node
        leaves = self._first_leaves([Item(node, False)])
        part = _Part(item.optional, gap, without, then, self._first(leaves))
        if isinstance(node, Either):
            part.branches = tuple(self._parts(b, then) for b in node.branches)
            full = all(any(not i.optional and not isinstance(i.node, Gap) for i in b) for b in node.branches)
            part.foreseeable = full and not any(self.leaves.patterns.get(leaf) for leaf in leaves)
        elif not isinstance(node, Gap):
            part.leaf = self.leaves.number(node)
            part.capture = node.name if isinstance(node, Ref) else "@" + node.name if isinstance(node, Measured) else ""
            part.is_measure = isinstance(node, Measured)
            part.patterns = self.leaves.patterns.get(part.leaf, ())
        return part

    def _first_leaves(self, items: Sequence[Item]) -> tuple[int, ...]:
        """The leaves that a sequence may begin with."""
        found: list[int] = []
        for item in items:
            if isinstance(item.node, Gap):
                continue
            if isinstance(item.node, Either):
                found += [leaf for branch in item.node.branches for leaf in self._first_leaves(branch)]
            else:
                found.append(self.leaves.number(item.node))
            if not item.optional:
                break
        return tuple(dict.fromkeys(found))

    def _first(self, leaves: tuple[int, ...]) -> int:
        """The number of a set of leaves."""
        return self._first_number.setdefault(leaves, len(self._first_number))

    def needed(self, phrase: Phrase) -> list[frozenset[int]]:
        """Sets of leaves of each of which any match has one. Leaves that no literal announces are left out."""
        return self._needed(phrase.items)

    def _needed(self, items: Sequence[Item]) -> list[frozenset[int]]:
        needed: list[frozenset[int]] = []
        for item in items:
            if item.optional or isinstance(item.node, Gap):
                continue
            if isinstance(item.node, Either):
                each = [self._needed(branch) for branch in item.node.branches]
                if all(each):
                    needed.append(frozenset().union(*(min(sets, key=len) for sets in each)))
            elif (leaf := self.leaves.number(item.node)) not in self.leaves.unannounced:
                needed.append(frozenset([leaf]))
        return needed

    # --- matching ----------------------------------------------------------------------------------------------------------

    def read(self, folded: str, start: int, end: int) -> SentenceText:
        """The sentence at these positions of folded text, with all hits."""
        return self.leaves.read(folded, start, end)

    def find(self, phrase: Phrase, s: SentenceText, first: bool = False) -> list[Found]:
        """The matches of a phrase, from left to right, none overlapping another; only the first on request."""
        part, begin = self._compiled[phrase.source]
        out: list[Found] = []
        last = 0
        for start in self._begins(begin, s):
            if start >= last and (found := self._match(part, start, s)) and found[0] > start:
                last = found[0]
                out.append(Found(start, *found))
                if first:
                    break
        return out

    def _begins(self, first: int, s: SentenceText) -> tuple[int, ...]:
        """Where something may begin that begins with one of these leaves, from left to right."""
        begun = s.begun.get(first)
        if begun is None:
            found: set[int] = set()
            for leaf in self._firsts[first]:
                spans = s.spans.get(leaf)
                if spans:
                    found.update([at for at, _ in spans])
                patterns = self.leaves.patterns.get(leaf)
                if patterns and (spans is not None or leaf in self.leaves.unannounced):
                    for pattern in patterns:
                        found.update([m.start() for m in pattern.finditer(s.text)])
            begun = s.begun[first] = tuple(sorted(found))
        return begun

    def _match(self, part: _Part | None, at: int, s: SentenceText, required: bool = False) -> _Matched | None:
        """The preferred match of a part and all that follows it, beginning exactly at `at`: its end and what it captured."""
        if part is None:
            return at, ()
        if part.branches:
            if not part.foreseeable or at in self._begins(part.first, s):
                for branch in part.branches:
                    if found := self._match(branch, at, s):
                        return found
        elif part.patterns or (part.leaf in s.spans and at in s.ends(part.leaf)):
            for end in self._ends(part, at, s):
                if found := self._follow(part.next, end, s):
                    return (found[0], ((part.capture, s.text[at:end]), *found[1])) if part.capture else found
        return self._match(part.next, at, s) if part.optional and not required else None

    def _follow(self, part: _Part | None, at: int, s: SentenceText) -> _Matched | None:
        """The preferred match of a part after `at`: behind a space or hyphen, around a mark also without, across a gap at any of the next words."""
        if part is None:
            return at, ()
        starts: Sequence[int] = ()
        if part.gap:
            begins = self._begins(part.first, s)
            if begins:
                limit = s.limit(at, part.gap)
                for stop in part.without:
                    limit = min([limit, *(p for p in s.ends(stop) if p >= at)])
                i = bisect_left(begins, at)
                starts = [p for p in begins[i:] if p <= limit]
        elif at < len(s.words):
            if s.words[at] == " ":
                starts = (at + 1,)
            elif not (s.words[at].isalnum() and s.words[at - 1].isalnum()):
                starts = (at,)
        for start in starts:
            if found := self._match(part, start, s, required=True):
                return found
        return self._follow(part.next, at, s) if part.optional else None

    def _ends(self, part: _Part, start: int, s: SentenceText) -> list[int]:
        """Where a leaf that begins at `start` may end, the longest first."""
        ends = s.ends(part.leaf).get(start, [])
        if part.patterns and not (part.is_measure and start > 1 and s.text[start - 1] in "/." and s.text[start - 2].isdigit()):
            # (the 10 of 7/10 is no number of its own)
            found = [
                m.end()
                for p in part.patterns
                if (m := p.match(s.text, start)) and m.end() > start and _stands_alone(s.text, start, m.end())
            ]
            ends = [*ends, *found]
        return sorted(ends, reverse=True) if len(ends) > 1 else ends


def _in_word(c: str) -> bool:
    return c.isalnum() or c == "_"


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Whether no word is cut at either end."""
    return not (start and _in_word(text[start]) and _in_word(text[start - 1])) and not (
        end < len(text) and _in_word(text[end - 1]) and _in_word(text[end])
    )
