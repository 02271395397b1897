"""Assertion: medspaCy's ConText over the mentions of each sentence, and what section a sentence stands in.

The algorithm and its rules are medspaCy's (ConTextRule, ConTextModifier, ConTextGraph). It is run sentence by sentence, because its cost grows
with the square of the cues it sees at once, and no cue reaches past its sentence.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Sequence

from medspacy.common.util import prune_overlapping_matches
from medspacy.context import ConTextRule
from medspacy.context.context_graph import ConTextGraph
from medspacy.context.context_modifier import ConTextModifier
from spacy.language import Language
from spacy.matcher import PhraseMatcher
from spacy.tokens import Doc, Span

from notecheck.extract.analysis import Analysis, CueWords, Match, Sentence
from notecheck.models import Assertion as Asserted
from notecheck.packs import pack_at
from notecheck.rules import Cue

_MARKS = frozenset({"(-)", "(\u2013)", "(\u2212)"})
_OTHER_MARKS = frozenset({"(+)"})
_ENDS_ITEM = frozenset(".;|,")
_ENDS_ANSWERED = frozenset(").;,|:?")
ANSWERED = 8  # tokens before an answer that it answers
_SECTIONS: dict[str, Asserted] = {"family": "family", "plan": "hypothetical", "differential": "possible"}
_ORDER: tuple[tuple[str, Asserted], ...] = (
    ("FAMILY", "family"),
    ("HYPOTHETICAL", "hypothetical"),
    ("NEGATED", "absent"),
    ("POSSIBLE", "possible"),
    ("HISTORICAL", "historical"),
)


def context_rules(cues: Sequence[Cue]) -> list[ConTextRule]:
    """The pack's cues as medspaCy ConTextRules."""
    return [
        ConTextRule(
            term,
            cue.category,
            direction="BACKWARD" if cue.direction == "answer" else cue.direction.upper(),
            max_scope=cue.max_scope,
            max_targets=cue.max_targets,
            terminated_by=set(cue.terminated_by) or None,
        )
        for cue in cues
        for term in cue.terms
    ]


@Language.factory("notecheck_assertion", default_config={"pack": None})
class Assertion:
    """Pipeline component: sets the assertion and the cue of each match."""

    def __init__(self, nlp: Language, name: str, pack: str | None):
        cues = pack_at(pack).cues
        self.rules = context_rules(cues)
        self._answers = {term for cue in cues if cue.direction == "answer" for term in cue.terms}
        self.matcher = PhraseMatcher(nlp.vocab, attr="LOWER")
        for n, rule in enumerate(self.rules):
            self.matcher.add(str(n), [nlp.make_doc(rule.literal)])
        self._number = {nlp.vocab.strings[str(n)]: n for n in range(len(self.rules))}

    def __call__(self, doc: Doc) -> Doc:
        analysis: Analysis = doc._.notecheck
        targets: dict[int, list[tuple[Match, Span]]] = defaultdict(list)
        for match in analysis.matches:
            span = doc.char_span(match.start, match.end, label=match.rule.rule.element or "concept", alignment_mode="expand")
            targets[match.sentence].append((match, span))
        cues = self._cues(doc, analysis.sentences, targets.keys())
        for i, pairs in targets.items():
            reaching = _apply(cues[i], [span for _, span in pairs]) if cues[i] else {}
            for n, (match, _) in enumerate(pairs):
                match.assertion, match.cue = decide(reaching.get(n, {}), analysis.sentences[i].section)
        return doc

    def _cues(self, doc: Doc, sentences: Sequence[Sentence], wanted: Collection[int]) -> dict[int, list[ConTextModifier]]:
        """The cues by sentence, each with its reach in tokens. Words of a heading are no cues."""
        starts = [s.start for s in sentences]
        in_sentence: dict[int, int] = {}
        matches = []
        for match in self.matcher(doc):
            at = doc[match[1]].idx
            i = bisect_right(starts, at) - 1
            if i in wanted and at >= sentences[i].body:
                matches.append(match)
                in_sentence[match[1]] = i
        found: dict[int, list[ConTextModifier]] = defaultdict(list)
        for match_id, start, end in prune_overlapping_matches(matches):
            rule, i = self.rules[self._number[match_id]], in_sentence[start]
            sentence = doc.char_span(sentences[i].start, sentences[i].end, alignment_mode="expand")
            if rule.literal in _MARKS:
                found[i].append(ConTextModifier(rule, start, end, doc, *_reach_of_mark(doc, start, sentence.start, sentence.end)))
                continue
            answers = not any(c.isalnum() for token in doc[end : sentence.end] for c in token.text)
            if rule.literal in self._answers:
                answers = answers or doc[end].is_space or doc[end].text in _ENDS_ITEM
                if not (answers and start > sentence.start and (len(rule.literal) > 1 or _sets_off(doc[start - 1].text))):
                    continue
            first = _asked_from(doc, sentence.start, start) if answers else sentence.start
            found[i].append(ConTextModifier(rule, start, end, doc, *reach_of(rule, start, end, first, sentence.end, answers)))
        return found


def _reach_of_mark(doc: Doc, at: int, first: int, last: int) -> tuple[int, int]:
    """What a (-) speaks of: the words up to the next mark where the marks of the sentence stand before their items, else those back to the last one."""
    marks = [i for i in range(first, last) if doc[i].text in _MARKS or doc[i].text in _OTHER_MARKS]
    opening = next((i for i in range(marks[0] - 1, first - 1, -1) if doc[i].text in {":", "|"}), first - 1) + 1
    begins_with_mark = not any(c.isalnum() for i in range(opening, marks[0]) for c in doc[i].text)
    ends_with_mark = not any(c.isalnum() for i in range(marks[-1] + 1, last) for c in doc[i].text)
    stand_before = begins_with_mark or (len(marks) > 1 and not ends_with_mark)
    if stand_before:
        end = next((i for i in range(at + 1, last) if i in marks or doc[i].text in _ENDS_ITEM), last)
        return at + 1, end
    begin = next((i for i in range(at - 1, first - 1, -1) if i in marks or doc[i].text in _ENDS_ITEM), first - 1)
    return begin + 1, at


def _sets_off(before: str) -> bool:
    """Whether this token sets an answer off from what it answers: a colon, a question mark, the wide space of a table."""
    return before in {":", "?", "|"} or before.isspace()


def _asked_from(doc: Doc, first: int, answer: int) -> int:
    """Where the question begins that the word at `answer` answers: after the last mark or wide space before it but the one that sets it off."""
    for i in range(answer - 2, first - 1, -1):
        if doc[i].text in _ENDS_ANSWERED or doc[i].is_space or answer - i > ANSWERED:
            return i + 1
    return first


def reach_of(rule: ConTextRule, start: int, end: int, first: int, last: int, answers: bool) -> tuple[int, int]:
    """The tokens a cue at [start, end) reaches in a sentence of the tokens [first, last). ConText would look them up on the Doc, at a far higher cost.

    A forward cue after which no word follows is an answer (“Fever: no”): it reaches back.
    """
    most = rule.max_scope or last - first
    if rule.direction.lower() == "forward" and answers and rule.category.upper() == "NEGATED":
        return first, start
    if rule.direction.lower() == "forward":
        return end, min(last, end + most)
    if rule.direction.lower() == "backward":
        return max(first, start - most), start
    return max(first, start - most), min(last, end + most)


def _apply(cues: list[ConTextModifier], spans: list[Span]) -> dict[int, dict[str, CueWords]]:
    """For the n-th span, the categories that reach it and the words of the cue."""
    graph = ConTextGraph(targets=spans, modifiers=cues)
    graph.update_scopes()
    graph.apply_modifiers()
    index = {id(s): n for n, s in enumerate(spans)}
    out: dict[int, dict[str, CueWords]] = defaultdict(dict)
    for target, modifier in graph.edges:
        start, end = modifier.modifier_span
        words = target.doc[start:end]
        out[index[id(target)]].setdefault(modifier.category.upper(), CueWords(words.text, words.start_char, words.end_char))
    return out


def decide(reaching: dict[str, CueWords], section: str) -> tuple[Asserted, CueWords | None]:
    """The assertion, and the cue it rests on, from the cue categories that reach a mention and the section it stands in."""
    by_section = _SECTIONS.get(section)
    if by_section == "family":
        return "family", None
    for category, asserted in _ORDER:
        if asserted == "hypothetical" and "CURRENT" in reaching:
            continue
        if category in reaching:
            return asserted, reaching[category]
        if asserted == by_section:
            return asserted, None
    return "present", None
