"""The examples that stand with the rules, run as tests."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from notecheck.extract.pipeline import Extractor
from notecheck.models import Mention
from notecheck.rules import Example, MentionRule


@dataclass(frozen=True)
class ExampleFailure:
    """An example that does not hold: of which rule, its text, what the rule says of it and what was found."""

    rule: str
    text: str
    expected: str
    got: str


def run_examples(extractor: Extractor, rules: Sequence[MentionRule] | None = None) -> Iterator[ExampleFailure]:
    """Every example of these rules (all by default) that does not hold."""
    for rule in rules if rules is not None else list(extractor.pack.rules.values()):
        for example in rule.match:
            found = [m for m in extractor.read(example.text, in_scope=True).mentions if m.rule == rule.id]
            if not _agrees([m for m in found if _speaks(m, example)], example):
                yield ExampleFailure(rule.id, example.text, f"a match with {_wanted(example)}", _told(found))
        for example in rule.no_match:
            found = [m for m in extractor.read(example.text, in_scope=True).mentions if m.rule == rule.id and m.status != "missing"]
            if found:
                yield ExampleFailure(rule.id, example.text, "no match", _told(found))


def _speaks(m: Mention, example: Example) -> bool:
    if example.element and m.element != example.element:
        return False
    return m.status == example.status if example.status else m.status != "missing"


def _agrees(found: Sequence[Mention], example: Example) -> bool:
    """Whether these mentions together hold what the example says: of a list each item, of a scalar the value itself."""
    return bool(found) and all(_holds([m.value.get(k) for m in found], wanted) for k, wanted in example.value.items())


def _holds(got: Sequence[Any], wanted: Any) -> bool:
    if isinstance(wanted, list):
        items = [x for g in got if isinstance(g, list | tuple) for x in g]
        return all(w in items for w in wanted) and (bool(wanted) or not items)
    return wanted in got


def _wanted(example: Example) -> str:
    parts = [f"{k} {v}" for k, v in (("status", example.status), ("element", example.element), ("value", example.value or None)) if v]
    return ", ".join(parts) or "any status but missing"


def _told(found: Sequence[Mention]) -> str:
    if not found:
        return "nothing"
    return "; ".join(
        f"“{m.text}” {m.element or m.concept} {m.status} ({m.assertion}{', ' + m.cue if m.cue else ''}) {m.value or ''}" for m in found
    )
