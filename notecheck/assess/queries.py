"""Neutral questions to the clinician about what a note leaves open. The wording is the pack's (`query_rules.py`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from notecheck.assess.query_rules import CodeQuestion, QueryTexts, Question
from notecheck.models import CodeFinding, ElementFinding, Evidence, Query

_MOST_QUOTES = 4
_LONGEST_QUOTE = 160


def build_queries(
    elements: Mapping[str, ElementFinding],
    missing: Sequence[str],
    partial: Sequence[str],
    codes: Sequence[CodeFinding],
    pack_queries: QueryTexts,
) -> tuple[Query, ...]:
    """One query for each missing or partial element, in the pack's order, then one for each group of codes that need documentation.

    An element or code for which the pack has no question gets none. A code's query bears the code in `element`, but never in its text.
    """
    open_elements = {*missing, *partial}
    return tuple(
        [
            Query(element=q.element, text=_text(q, _opening(q, elements[q.element], pack_queries), elements, pack_queries))
            for q in pack_queries.elements
            if q.element in open_elements
        ]
        + [Query(element=code, text=text) for code, text in _for_codes(elements, codes, pack_queries)]
    )


def _for_codes(elements: Mapping[str, ElementFinding], codes: Iterable[CodeFinding], texts: QueryTexts) -> Iterator[tuple[str, str]]:
    asked: set[CodeQuestion] = set()
    for code in codes:
        if code.support != "needs_documentation":
            continue
        question = next((q for q in texts.codes if code.code.startswith(q.starts_with)), None)
        if question and question not in asked:  # two codes of one group ask the same thing
            asked.add(question)
            yield code.code, _text(question, "", elements, texts, code.evidence)


def _opening(question: Question, finding: ElementFinding, texts: QueryTexts) -> str:
    if finding.status == "partial" and finding.evidence:
        return texts.wording.partial.format(topic=question.topic, quotes=_quotes(finding.evidence))
    return texts.wording.missing.format(topic=question.topic)


def _text(
    question: Question, opening: str, elements: Mapping[str, ElementFinding], texts: QueryTexts, first: tuple[Evidence, ...] = ()
) -> str:
    found = [f.evidence[0] for e in question.indicators if (f := elements.get(e)) and f.evidence]
    lines = [texts.wording.heading.format(topic=question.topic), opening]
    if first or found:
        lines.append(texts.wording.context.format(quotes=_quotes((*first, *found))))
    lines.append(question.ask)
    if question.options:
        lines.append(texts.wording.options)
        lines.extend(f"[ ] {option}" for option in (*question.options, *texts.always_offered))
    return "\n".join(line for line in lines if line)


def _quotes(evidence: Iterable[Evidence]) -> str:
    flat = list(dict.fromkeys(" ".join(e.text.split()) for e in evidence))
    own = [t for t in flat if not any(t in other for other in flat if other != t)]
    return "; ".join(f"“{t if len(t) <= _LONGEST_QUOTE else t[: _LONGEST_QUOTE - 1].rstrip() + '…'}”" for t in own[:_MOST_QUOTES])
