"""The pattern language of packs: a phrase as written, parsed to a small tree. `patterns/README.md` describes it for people who write packs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from notecheck.measures import MEASURES

_FOLD = str.maketrans(
    {
        "\u2018": "'", "\u2019": "'", "\u201b": "'", "\u2032": "'", "\u201c": '"', "\u201d": '"', "\u201e": '"', "\u2033": '"',
        "\u2010": "-", "\u2011": "-", "\u2012": "-", "\u2013": "-", "\u2014": "-", "\u2015": "-", "\u2212": "-", "\u00ad": "-",
        "\u00a0": " ", "\u2002": " ", "\u2003": " ", "\u2007": " ", "\u2009": " ", "\u202f": " ", "\u3000": " ", "\t": " ", "\ufeff": " ",
    }
)  # fmt: skip
_INNER_HYPHEN = re.compile(r"(?<=\w)-(?=\w)")


def fold(text: str) -> str:
    """The text in lower case with plain quotes, dashes and spaces, character for character as long as the original."""
    plain = text.translate(_FOLD)
    lower = plain.lower()
    if len(lower) == len(plain):
        return lower
    return "".join(low if len(low := c.lower()) == 1 else c for c in plain)


def unhyphenate(text: str) -> str:
    """The text with a space for each hyphen inside a word: `low-back` and `low back` are the same words."""
    return _INNER_HYPHEN.sub(" ", text)


class PhraseError(ValueError):
    """A phrase that the pattern language does not allow; the message says where and why."""


@dataclass(frozen=True)
class Entry:
    """One lexicon entry: its terms, or a raw pattern with trigger literals, and the value it stands for."""

    name: str
    terms: tuple[str, ...]
    value: Mapping[str, object] = field(default_factory=dict)
    pattern: str | None = None
    triggers: tuple[str, ...] = ()


class Lexicon:
    """The named term lists of a pack."""

    def __init__(self, entries: Iterable[Entry]):
        self.entries = {e.name: e for e in entries}
        self._below: dict[str, list[Entry]] = {}
        self._meaning: dict[str, dict[str, list[Entry]]] = {}
        for entry in self.entries.values():
            parts = entry.name.split(".")
            for i in range(1, len(parts) + 1):
                self._below.setdefault(".".join(parts[:i]), []).append(entry)

    def below(self, name: str) -> list[Entry]:
        """The entry of this name and all entries under it."""
        if name not in self._below:
            raise PhraseError(f"no lexicon entry is called <{name}>")
        return self._below[name]

    def words(self) -> set[str]:
        """Every single word of every term."""
        return {w for e in self.entries.values() for term in e.terms for w in normal(term).split()}

    def resolve(self, name: str, text: str) -> list[Entry]:
        """The entries under `name` of which these words are a term, or match the pattern."""
        if name not in self._meaning:
            terms: dict[str, list[Entry]] = {}
            for entry in self.below(name):
                for term in entry.terms:
                    terms.setdefault(normal(term), []).append(entry)
            self._meaning[name] = terms
        words = normal(text)
        if exact := self._meaning[name].get(words):
            return exact
        starred = [
            e for term, entries in self._meaning[name].items() if term.endswith("*") and words.startswith(term[:-1]) for e in entries
        ]
        return starred or [e for e in self.below(name) if e.pattern and re.fullmatch(e.pattern, text)]


@lru_cache(maxsize=50_000)
def normal(words: str) -> str:
    """Words in the form in which they are compared: folded, one space between them, hyphens inside words as spaces."""
    return unhyphenate(" ".join(fold(words).split()))


@dataclass(frozen=True)
class Word:
    """A literal word or mark; with `star` any word that begins so."""

    text: str
    star: bool = False


@dataclass(frozen=True)
class Ref:
    """Any term of a lexicon entry or of one below it."""

    name: str


@dataclass(frozen=True)
class Measured:
    """A measure by name (without its @)."""

    name: str


@dataclass(frozen=True)
class Raw:
    """A regular expression."""

    regex: str


@dataclass(frozen=True)
class Gap:
    """Up to `most` words of any kind, none of which begins a term of one of `without`."""

    most: int
    without: tuple[Ref, ...] = ()


@dataclass(frozen=True)
class Either:
    """One of several sequences."""

    branches: tuple[tuple[Item, ...], ...]


Node = Word | Ref | Measured | Raw | Gap | Either


@dataclass(frozen=True)
class Item:
    """A part of a sequence."""

    node: Node
    optional: bool = False


@dataclass(frozen=True)
class Phrase:
    """A parsed phrase."""

    source: str
    items: tuple[Item, ...]


_TOKEN = re.compile(
    r"""\s*(?:
      /(?P<raw>(?:\\/|[^/\s]|(?<!\s)\ (?!\s))(?:\\/|[^/])*)/(?P<rawopt>\?)?(?=[\s()|]|$)
    | <(?P<ref>@?[\w.]+)>(?P<refopt>\?)?
    | \.\.(?P<gap>\d+)(?P<without>(?:!<[\w.]+>)*)
    | (?P<open>\()
    | (?P<close>\))(?P<closeopt>\?)?
    | (?P<bar>\|)
    | (?P<word>(?:\\.|[^\s()|<>*?\\])+)(?P<star>\*)?(?P<wordopt>\?)?
    )""",
    re.X,
)


def parse_phrase(source: str, lexicon: Lexicon, searched_for: bool = True) -> Phrase:
    """The tree of one phrase. One that is searched for in every note needs a word, term or measure to be found by.

    Raises PhraseError naming the phrase where its syntax is wrong or it names a lexicon entry that is not there.
    """
    parser = _Parser(source, lexicon)
    items = parser.whole()
    if searched_for and not any(_is_found_by(i.node) for i in items if not i.optional):
        raise PhraseError(f"the phrase “{source}” holds no literal word that every match needs")
    return Phrase(source, items)


def _is_found_by(node: Node) -> bool:
    if isinstance(node, Either):
        return all(any(_is_found_by(i.node) for i in branch if not i.optional) for branch in node.branches)
    return not isinstance(node, Gap) and (not isinstance(node, Measured) or bool(MEASURES[node.name].literals))


class _Parser:
    def __init__(self, source: str, lexicon: Lexicon):
        self.source, self.lexicon, self.pos = source.rstrip(), lexicon, 0

    def fail(self, why: str) -> PhraseError:
        return PhraseError(f"the phrase “{self.source}” is not well formed: {why}")

    def whole(self) -> tuple[Item, ...]:
        branches = self.branches()
        if self.pos < len(self.source):
            raise self.fail("a closing bracket too many")
        return branches[0] if len(branches) == 1 else (Item(Either(tuple(branches))),)

    def branches(self) -> list[tuple[Item, ...]]:
        found = [self.sequence()]
        while (m := _TOKEN.match(self.source, self.pos)) and m["bar"]:
            self.pos = m.end()
            found.append(self.sequence())
        return found

    def sequence(self) -> tuple[Item, ...]:
        items: list[Item] = []
        while self.pos < len(self.source):
            m = _TOKEN.match(self.source, self.pos)
            if not m or m.end() == self.pos:
                raise self.fail(f"cannot read “{self.source[self.pos : self.pos + 12]}”")
            if m["close"] or m["bar"]:
                break
            self.pos = m.end()
            items.append(self.item(m))
        if not items:
            raise self.fail("an empty alternative")
        return tuple(items)

    def item(self, m: re.Match[str]) -> Item:
        if m["gap"]:
            names = re.findall(r"[\w.]+", m["without"])
            for name in names:
                self.lexicon.below(name)
            return Item(Gap(int(m["gap"]), tuple(Ref(name) for name in names)))
        if m["open"]:
            branches = self.branches()
            close = _TOKEN.match(self.source, self.pos)
            if not close or not close["close"]:
                raise self.fail("a bracket is not closed")
            self.pos = close.end()
            return Item(Either(tuple(branches)), bool(close["closeopt"]))
        if m["ref"]:
            return Item(self.reference(m["ref"]), bool(m["refopt"]))
        if m["raw"] is not None:
            raw = m["raw"].replace("\\/", "/")
            try:
                if re.compile(raw).groups:
                    raise self.fail("use (?:…) instead of (…) inside /…/")
            except re.error as e:
                raise self.fail(str(e)) from None
            return Item(Raw(raw), bool(m["rawopt"]))
        word = re.sub(r"\\(.)", r"\1", m["word"]) if "\\" in m["word"] else m["word"]
        return Item(Word(normal(word), bool(m["star"])), bool(m["wordopt"]))

    def reference(self, name: str) -> Node:
        if not name.startswith("@"):
            self.lexicon.below(name)
            return Ref(name)
        if name[1:] not in MEASURES:
            raise self.fail(f"no measure is called <{name}>; there are {', '.join('@' + k for k in MEASURES)}")
        return Measured(name[1:])
