"""The leaves of phrases (words, lexicon entries, measures, patterns), all found in a sentence by one Aho-Corasick pass.

No regular expression is built from a lexicon: a thousand more terms cost nothing to load and next to nothing to run.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from dataclasses import dataclass, field

import ahocorasick_rs

from notecheck.measures import MEASURES
from notecheck.phrases import Lexicon, Measured, Raw, Ref, Word, normal, unhyphenate

_WORD_START = re.compile(r"(?<!\w)\w")
_WORD_END = re.compile(r"\w(?!\w)")
_UNSPACED = re.compile(r"\S+")
_INSIDE_WORD = "'./%+"  # marks that hold a word together when the words of a gap are counted: 5/5, q.i.d.

Leaf = Word | Ref | Measured | Raw
Ends = dict[int, list[int]]  # where a leaf begins → where it ends


@dataclass(slots=True)
class SentenceText:
    """One sentence in the form that phrases are matched against, with the hits of every leaf.

    `text` has single spaces; `words` is the same with spaces for hyphens inside words. `origin` leads a position back to the note.
    `spans` holds, by leaf, where its literals stand; a leaf whose pattern a literal announces is there too, if only with nothing.
    """

    text: str
    words: str
    note_starts: list[int]
    text_starts: list[int]
    spans: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    begun: dict[int, tuple[int, ...]] = field(default_factory=dict)  # what the matcher has worked out of this sentence
    _ends: dict[int, Ends] = field(default_factory=dict)
    _starts: list[int] = field(default_factory=list)
    _ordinals: list[int] = field(default_factory=list)

    def origin(self, position: int) -> int:
        i = bisect_right(self.text_starts, position) - 1
        return self.note_starts[i] + position - self.text_starts[i]

    def ends(self, leaf: int) -> Ends:
        """Where the literals of a leaf begin, and where each ends. Most leaves are never asked for, so this is worked out when one is."""
        found = self._ends.get(leaf)
        if found is None:
            found = self._ends[leaf] = {}
            for at, to in self.spans.get(leaf, ()):
                found.setdefault(at, []).append(to)
        return found

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


class Leaves:
    """All leaves of a lexicon's phrases, numbered; `close` them once all are known, then `read` sentences."""

    def __init__(self, lexicon: Lexicon):
        self._lexicon = lexicon
        self._number: dict[Leaf, int] = {}
        self._holders: dict[tuple[str, bool, bool], set[int]] = {}  # (text, ends in a star, only a hint that a pattern may match) → leaves
        self.patterns: dict[int, tuple[re.Pattern[str], ...]] = {}
        self.unannounced: set[int] = set()  # leaves with a pattern that no literal announces
        self.weight: Counter[int] = Counter()  # literals of a leaf: about how common it is

    def number(self, leaf: Leaf) -> int:
        """The number of a leaf, the same for equal leaves."""
        if leaf in self._number:
            return self._number[leaf]
        number = self._number[leaf] = len(self._number)
        literals: list[tuple[str, bool, bool]] = []
        if isinstance(leaf, Word):
            literals = [(leaf.text, leaf.star, False)]
        elif isinstance(leaf, Ref):
            entries = self._lexicon.below(leaf.name)
            literals = [(normal(t).rstrip("*"), t.endswith("*"), False) for e in entries for t in e.terms]
            self.patterns[number] = tuple(re.compile(e.pattern) for e in entries if e.pattern)
            literals += [(t, False, True) for e in entries for t in e.triggers]
            if any(e.pattern and not e.triggers for e in entries):
                self.unannounced.add(number)
        else:
            regex, hints = (MEASURES[leaf.name].regex, MEASURES[leaf.name].literals) if isinstance(leaf, Measured) else (leaf.regex, ())
            self.patterns[number] = (re.compile(regex),)
            literals = [(h, False, True) for h in hints]
            if not hints:
                self.unannounced.add(number)
        for literal in literals:
            self._holders.setdefault(literal, set()).add(number)
        return number

    def close(self) -> None:
        """Builds the automaton of all literals."""
        self.weight = Counter(leaf for leaves in self._holders.values() for leaf in leaves)
        self._literal = [
            (bool(text) and text[0].isalnum(), bool(text) and text[-1].isalnum(), star, hint, tuple(leaves))
            for (text, star, hint), leaves in self._holders.items()
        ]
        self._automaton = ahocorasick_rs.AhoCorasick([text for text, _, _ in self._holders])

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
        starts = {m.start() for m in _WORD_START.finditer(words)}
        ends = {m.end() for m in _WORD_END.finditer(words)}
        spans: dict[int, list[tuple[int, int]]] = {}
        for n, at, to in self._automaton.find_matches_as_indexes(words, overlapping=True):
            begins_word, ends_word, star, hint, leaves = self._literal[n]
            if hint:
                for leaf in leaves:
                    spans.setdefault(leaf, [])
                continue
            if begins_word and at not in starts:
                continue
            if star:
                while to < length - 1 and (words[to].isalnum() or words[to] == "_"):
                    to += 1
            elif ends_word and to not in ends:
                continue
            span = (at, to)
            for leaf in leaves:
                held = spans.get(leaf)
                if held is None:
                    spans[leaf] = [span]
                else:
                    held.append(span)
        return SentenceText(text, words, note_starts, text_starts, spans)
