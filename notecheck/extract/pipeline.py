"""The pipeline put together: text in, Reading out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from spacy.attrs import LOWER
from spacy.lang.en import English
from spacy.language import Language

from notecheck.extract import assertion, mentions, sections, sentences  # noqa: F401  (registers the factories)
from notecheck.extract.analysis import Analysis, Match
from notecheck.extract.attachment import anchor_of, is_about_spine
from notecheck.extract.mentions import TOPIC
from notecheck.extract.scope import ScopeJudge
from notecheck.extract.spelling import Mended, Speller
from notecheck.extract.tokens import ClinicalTokenizer
from notecheck.models import Mention, Reading, Status
from notecheck.packs import Pack, pack_at
from notecheck.phrases import fold
from notecheck.rules import MentionRule

CLOSE = 40  # characters
MATCHED = "$match"  # in a rule's value: the words it matched
COMPONENTS = ("notecheck_sections", "notecheck_sentences", "notecheck_mentions", "notecheck_assertion")


def build_pipeline(root: Path | None = None) -> Language:
    """A spaCy pipeline of notecheck's components for the pack in this folder. It neither logs nor prints."""
    nlp = English(max_length=10_000_000, create_tokenizer=lambda nlp: ClinicalTokenizer(nlp.vocab))
    nlp.vocab.lex_attr_getters[LOWER] = fold  # cues match curly quotes and dashes in their plain form
    for name in COMPONENTS:
        nlp.add_pipe(name, config={} if name == "notecheck_sentences" else {"pack": str(root) if root else None})
    return nlp


class Extractor:
    """Reads notes with one pack. `nlp` is the pipeline, `read` the way in."""

    def __init__(self, root: Path | None = None):
        self.pack = pack_at(str(root) if root else None)
        self.scope = ScopeJudge(self.pack)
        self.speller = Speller(self.pack.spelling.words, {*self.pack.spelling.leave, *self.pack.lexicon.words()})
        self.nlp = build_pipeline(root)

    def read(self, text: str, in_scope: bool | None = None) -> Reading:
        """The note's scope, kind and mentions. `in_scope=True` takes the scope as given, as the pack's own examples do."""
        folded = fold(text)
        doc_type = self.scope.doc_type(folded)
        if not in_scope and not self.scope.may_be_in_scope(folded, doc_type):
            return Reading(in_scope=False, scope_reason="no word of what the pack is about", doc_type=doc_type)
        mended = self.speller.mend(folded)
        analysis: Analysis = self.nlp(mended.text if mended.ends else text)._.notecheck
        found = list(resolve(self.pack, analysis, text, mended))
        if in_scope is None:
            in_scope = self.scope.weigh(found, doc_type) >= self.pack.scope.threshold
        if not in_scope:
            return Reading(in_scope=False, scope_reason="it is mentioned, but not as a problem of this encounter", doc_type=doc_type)
        return Reading(in_scope=True, scope_reason="", doc_type=doc_type, mentions=tuple(found))


def resolve(pack: Pack, analysis: Analysis, text: str, mended: Mended) -> Iterator[Mention]:
    """The matches as mentions of the note as given: each with its element, its status, and whose it is.

    Status `missing` marks a mention that its context took back.
    """
    topics: dict[int, list[Match]] = defaultdict(list)
    anchors: dict[str, list[Match]] = defaultdict(list)
    for m in analysis.matches:
        concept = m.rule.rule.concept or ""
        if concept.startswith(TOPIC):
            topics[m.sentence].append(m)
        elif m.rule.rule.element and not m.rule.rule.attach:
            anchors[m.rule.rule.element].append(m)
    default = next((any(t.rule.rule.concept != TOPIC + "other" for t in topics[i]) for i in sorted(topics)), True)
    for m in analysis.matches:
        rule = m.rule.rule
        if (rule.concept or "").startswith(TOPIC):
            continue
        element, taken_back = _element(m, anchors, analysis)
        if not (element or rule.concept):
            continue
        status: Status = "missing" if taken_back else status_of(rule, m)
        about = rule.about or (pack.elements[element].about if element else "any")
        if status != "missing" and about == "spine" and not is_about_spine(m, topics, analysis.sentences, analysis.folded, default):
            status = "missing"
        first, last = _with_denial(m) if status == "denied" else (m.start, m.end)
        start, end = mended.origin(first), mended.origin(last)
        yield Mention(
            rule=rule.id,
            element=element,
            concept=rule.concept,
            status=status,
            assertion=m.assertion,
            cue=m.cue.text if m.cue else None,
            value={k: text[start:end] if v == MATCHED else v for k, v in m.value.items()},
            text=text[start:end],
            start=start,
            end=end,
            section=analysis.sentences[m.sentence].section,
            sentence=m.sentence,
        )


def _with_denial(m: Match) -> tuple[int, int]:
    """A denied match together with the cue that denies it, where that stands close by: “no fever” shows more than “fever”."""
    if m.cue is None or max(m.start - m.cue.end, m.cue.start - m.end) > CLOSE:
        return m.start, m.end
    return min(m.start, m.cue.start), max(m.end, m.cue.end)


def _element(m: Match, anchors: dict[str, list[Match]], analysis: Analysis) -> tuple[str | None, bool]:
    """The element a match speaks for, and whether the treatment it hangs on never happened."""
    rule = m.rule.rule
    if not rule.attach:
        return rule.element, False
    candidates = [a for element in rule.attach for a in anchors[element]]
    anchor = anchor_of(m, candidates, analysis.sentences)
    if anchor is None:
        return rule.element, False
    return rule.attach[anchor.rule.rule.element or ""], status_of(anchor.rule.rule, anchor) in ("missing", "denied")


def status_of(rule: MentionRule, m: Match) -> Status:
    """What a match says for its element, given its assertion. `missing` where the context takes it back."""
    if m.assertion == "family" or (m.assertion == "hypothetical" and rule.hypothetical == "ignore"):
        return "missing"
    if (m.assertion == "possible" and rule.uncertain == "ignore") or (m.assertion == "historical" and rule.historical == "ignore"):
        return "missing"
    if rule.means == "denied":
        return "denied"
    if m.assertion == "absent":
        return "missing" if rule.absent == "ignore" else rule.absent
    return rule.status
