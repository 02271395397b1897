"""A pack's rules as medspaCy TargetRules, for a stock medspaCy TargetMatcher: one rule a phrase, the phrase written out as a regular expression.

notecheck's own matcher finds the same words without them, some hundred times faster; they are for pipelines that want a pack's targets and nothing else.
What hangs on a rule besides its phrases (sections, conditions, examples) stays behind in `metadata["rule"]`'s id.
"""

import re
from collections.abc import Iterable, Sequence

from medspacy.target_matcher import TargetRule

from notecheck.measures import MEASURES
from notecheck.packs import Pack
from notecheck.phrases import Either, Gap, Item, Lexicon, Measured, Raw, Ref, Word, normal

_JOIN = r"[\s\-]+"
_GAP_WORD = r"[^\w]+\w[\w'./%+]*"


def target_rules(pack: Pack) -> list[TargetRule]:
    """One TargetRule for each phrase of each mention rule; its category is the rule's element or concept."""
    return [
        TargetRule(
            phrase.source,
            c.rule.element or c.rule.concept or "response",
            pattern=rf"(?<!\w){phrase_regex(phrase.items, pack.lexicon)}(?!\w)",
            metadata={"rule": c.rule.id},
        )
        for c in pack.mention_rules
        for phrase in c.find
    ]


def phrase_regex(items: Sequence[Item], lexicon: Lexicon) -> str:
    """A regular expression, for use without regard to case, that finds about what the phrase finds."""
    out, gap, started = "", 0, False
    for item in items:
        if isinstance(item.node, Gap):
            gap = item.node.most
            continue
        body = _node_regex(item, lexicon)
        mark = isinstance(item.node, Word) and not any(c.isalnum() for c in item.node.text)
        join = rf"(?:{_GAP_WORD}){{0,{gap}}}?[^\w]+" if gap else r"[\s\-]*" if mark else _JOIN
        if started:
            out += f"(?:{join}{body})?" if item.optional else join + body
        else:
            out += f"(?:{body}{_JOIN})?" if item.optional else body
        gap, started = (gap if item.optional else 0), started or not item.optional
    return f"(?:{out})"


def _node_regex(item: Item, lexicon: Lexicon) -> str:
    node = item.node
    if isinstance(node, Either):
        return "(?:" + "|".join(phrase_regex(branch, lexicon) for branch in node.branches) + ")"
    if isinstance(node, Ref):
        entries = lexicon.below(node.name)
        return "(?:" + "|".join([*(e.pattern for e in entries if e.pattern), *_terms(t for e in entries for t in e.terms)]) + ")"
    if isinstance(node, Measured):
        return f"(?:{MEASURES[node.name].regex})"
    if isinstance(node, Raw):
        return f"(?:{node.regex})"
    assert isinstance(node, Word)
    return _literal(node.text) + (r"\w*" if node.star else "")


def _terms(terms: Iterable[str]) -> list[str]:
    return [
        _literal(t.rstrip("*")) + (r"\w*" if t.endswith("*") else "") for t in sorted({normal(t) for t in terms}, key=len, reverse=True)
    ]


def _literal(words: str) -> str:
    return _JOIN.join(re.escape(w) for w in words.split())
