"""Misspelled long words of the pack's own vocabulary, mended at a bounded edit distance.

A word is mended only towards one of the pack's `spelling` words, only where it begins with the same letter, and only if it is not itself a word of
the pack: one edit from seven letters on, two from thirteen. Positions in the mended text lead back to the note through `Mended.origin`.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import OSA

SHORTEST, LONG = 7, 13
_WORD = re.compile(rf"(?<![\w])[a-z]{{{SHORTEST - 1},}}(?![\w])")


@dataclass(frozen=True, slots=True)
class Mended:
    """A text with its misspellings mended, and where its characters stood before."""

    text: str
    ends: tuple[int, ...] = ()  # where each mended word ends in the new text …
    shifts: tuple[int, ...] = ()  # … and how far the old text is behind from there on

    def origin(self, position: int) -> int:
        """The position in the old text of one in the new; within a mended word it is only near."""
        i = bisect_right(self.ends, position)
        return position + (self.shifts[i - 1] if i else 0)


class Speller:
    """Finds the pack word that a misspelled word means."""

    def __init__(self, words: Iterable[str], known: Iterable[str]):
        self._targets = sorted(words)
        self._known = frozenset(known) | frozenset(self._targets)
        self._by_deletion: dict[str, list[str]] = {}
        for word in self._targets:
            for part in _deletions(word, _most_edits(word)):
                self._by_deletion.setdefault(part, []).append(word)
        self._means = lru_cache(maxsize=50_000)(self._find)

    def mend(self, folded: str) -> Mended:
        """The folded text with every misspelling of a pack word mended."""
        out, ends, shifts = [], [], []
        last = length = shift = 0
        for m in _WORD.finditer(folded):
            right = self._means(m.group())
            if right is None:
                continue
            out += [folded[last : m.start()], right]
            length += m.start() - last + len(right)
            shift += len(m.group()) - len(right)
            ends.append(length)
            shifts.append(shift)
            last = m.end()
        return Mended("".join([*out, folded[last:]]), tuple(ends), tuple(shifts)) if out else Mended(folded)

    def _find(self, word: str) -> str | None:
        if word in self._known:
            return None
        close = {
            target
            for part in _deletions(word, 2 if len(word) >= LONG else 1)
            for target in self._by_deletion.get(part, ())
            if target[0] == word[0] and OSA.distance(word, target) <= _most_edits(target)
        }
        return close.pop() if len(close) == 1 else None


def _most_edits(word: str) -> int:
    return 2 if len(word) >= LONG else 1


def _deletions(word: str, most: int) -> Iterator[str]:
    level = {word}
    yield word
    for _ in range(most):
        level = {w[:i] + w[i + 1 :] for w in level for i in range(len(w))}
        yield from level
