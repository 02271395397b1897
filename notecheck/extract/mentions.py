"""Finding mentions: which rules of the pack match where, and what their matches are worth."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from types import MappingProxyType

from spacy.language import Language
from spacy.tokens import Doc

from notecheck.extract.analysis import Analysis, Match, Sentence
from notecheck.extract.leaves import SentenceText
from notecheck.extract.matcher import Found, PhraseMatcher
from notecheck.measures import MEASURES
from notecheck.models import Value
from notecheck.packs import Pack, PackRule, pack_at
from notecheck.phrases import Lexicon, Phrase
from notecheck.rules import Element, MentionRule
from notecheck.values import merge_values

NEARBY = 2  # `after:` looks at so many sentences before
TOPIC = "topic."  # concepts of this family say which body part the words around a mention speak of


def topic_rules(pack: Pack) -> list[PackRule]:
    """The topic phrases of scope.yaml as rules, so that they are found in the same pass."""
    where = f"{pack.root / 'scope.yaml'}: topic"
    return [
        PackRule(MentionRule(id=TOPIC + kind, concept=TOPIC + kind, find=found), "scope.yaml", pack.phrases(found, where), [], [], [], [])
        for kind, found in pack.scope.topics.items()
    ]


class MentionFinder:
    """All rules of a pack over the sentences of a note."""

    def __init__(self, rules: Sequence[PackRule], lexicon: Lexicon, elements: Mapping[str, Element] = MappingProxyType({})):
        self.lexicon = lexicon
        self._merges = {id_: e.values for id_, e in elements.items()}
        self.phrases = [(rule, p) for rule in rules for p in rule.find]
        asked = [p for r in rules for p in (*r.find, *r.with_, *r.after, *r.unless, *r.but_not)]
        self.matcher = PhraseMatcher(asked, lexicon)
        self._needed: list[tuple[int, ...]] = []  # for each phrase, bit sets of leaves of each of which a sentence must have one
        self._by_leaf: dict[int, list[int]] = defaultdict(list)
        self._always: list[int] = []
        for i, (_, phrase) in enumerate(self.phrases):
            needed = sorted(self.matcher.needed(phrase), key=lambda leaves: sum(self.matcher.leaves.weight[leaf] for leaf in leaves))
            self._needed.append(tuple(_bits(leaves) for leaves in needed[1:]))
            if needed:
                for leaf in needed[0]:
                    self._by_leaf[leaf].append(i)
            else:
                self._always.append(i)

    def find(self, folded: str, sentences: Sequence[Sentence]) -> list[Match]:
        """Every match that the rules' own conditions allow, in text order."""

        @cache
        def text_of(i: int) -> SentenceText:
            return self.matcher.read(folded, sentences[i].start, sentences[i].end)

        @cache
        def has(phrase: Phrase, i: int) -> bool:
            return bool(self.matcher.find(phrase, text_of(i), first=True))

        def allowed(found: Found, rule: PackRule, i: int) -> bool:
            """Whether `with`, `after`, `unless` and `but_not` let this match stand."""
            if rule.with_ and not any(has(p, i) for p in rule.with_):
                return False
            if any(has(p, i) for p in rule.unless):
                return False
            if rule.after and not any(has(p, j) for j in range(max(0, i - NEARBY), i + 1) for p in rule.after):
                return False
            return not any(x.start < found.end and found.start < x.end for p in rule.but_not for x in self.matcher.find(p, text_of(i)))

        out: list[Match] = []
        for i, sentence in enumerate(sentences):
            s = text_of(i)
            by_rule: dict[str, list[tuple[Found, PackRule]]] = defaultdict(list)
            for n in self._worth_trying(s):
                rule, phrase = self.phrases[n]
                if _may_stand_in(rule.rule, sentence.section):
                    by_rule[rule.rule.id].extend((found, rule) for found in self.matcher.find(phrase, s))
            for matches in by_rule.values():
                for found, rule in _longest(matches):
                    if allowed(found, rule, i):
                        start, end = s.origin(found.start), s.origin(found.end - 1) + 1
                        out.append(Match(rule, start, end, i, self._value(rule.rule, found)))
        return sorted(out, key=lambda m: (m.start, m.end, m.rule.rule.id))

    def _worth_trying(self, s: SentenceText) -> list[int]:
        """The phrases of which the sentence has a leaf for every part, in the pack's order."""
        here = _bits(s.spans)
        candidates = set(self._always)
        for leaf in s.spans:
            if leaf in self._by_leaf:
                candidates.update(self._by_leaf[leaf])
        out = []
        for n in candidates:
            for need in self._needed[n]:
                if not here & need:
                    break
            else:
                out.append(n)
        return sorted(out)

    def _value(self, rule: MentionRule, found: Found) -> Value:
        values: list[Value] = []
        for name, text in found.captures:
            if name.startswith("@"):
                read = MEASURES[name[1:]].value(text)
                values.append({rule.measure.get(k, k): v for k, v in read.items() if k != "number" or "number" in rule.measure})
            else:
                values.extend(dict(e.value) for e in self.lexicon.resolve(name, text) if e.value)
        # A rule's own value is the last word: a denial may name the very thing it denies.
        return {**merge_values(values, self._merges.get(rule.element or "", {})), **rule.value}


def _bits(leaves: Iterable[int]) -> int:
    out = 0
    for leaf in leaves:
        out |= 1 << leaf
    return out


def _may_stand_in(rule: MentionRule, section: str) -> bool:
    return (not rule.sections or section in rule.sections) and section not in rule.not_sections


def _longest(matches: list[tuple[Found, PackRule]]) -> list[tuple[Found, PackRule]]:
    """Of overlapping matches of one rule in one sentence, the longest."""
    kept: list[tuple[Found, PackRule]] = []
    for found, rule in sorted(matches, key=lambda x: (x[0].start - x[0].end, x[0].start)):
        if not any(found.start < k.end and k.start < found.end for k, _ in kept):
            kept.append((found, rule))
    return kept


@Language.factory("notecheck_mentions", default_config={"pack": None})
class Mentions:
    """Pipeline component: fills `doc._.notecheck.matches`."""

    def __init__(self, nlp: Language, name: str, pack: str | None):
        known = pack_at(pack)
        self.finder = MentionFinder([*known.mention_rules, *topic_rules(known)], known.lexicon, known.elements)

    def __call__(self, doc: Doc) -> Doc:
        analysis: Analysis = doc._.notecheck
        analysis.matches = self.finder.find(analysis.folded, analysis.sentences)
        return doc
