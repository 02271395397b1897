"""The status, value and evidence of each element, from the mentions of a note."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from notecheck.models import ElementFinding, Mention, Status, Value, Why
from notecheck.rules import Condition, Element, NotApplicable, Profile, Rank
from notecheck.values import merge_values

MOST_EVIDENCE = 3
_STRENGTH: tuple[Status, ...] = ("documented", "denied", "partial")  # where mentions disagree, the first of these wins


def find_elements(mentions: Sequence[Mention], elements: Mapping[str, Element]) -> dict[str, ElementFinding]:
    """One finding for every element of the pack, in the pack's order."""
    by_element: dict[str, list[Mention]] = defaultdict(list)
    for m in mentions:
        if m.element and m.status != "missing":
            by_element[m.element].append(m)
    found = {id_: _finding(by_element[id_], e) for id_, e in elements.items()}
    for id_, e in elements.items():
        # A value of another element makes only an element that the note leaves open not applicable.
        if any(_holds(c, found) and not (c.value and found[id_].status != "missing") for c in e.not_applicable_when):
            found[id_] = ElementFinding(status="not_applicable")
    return found


def _finding(mentions: list[Mention], element: Element) -> ElementFinding:
    status = next((s for s in _STRENGTH if any(m.status == s for m in mentions)), None)
    if status is None:
        return ElementFinding(status="missing")
    speaking = [m for m in mentions if m.status == status]
    value = merge_values((m.value for m in speaking), element.values)
    if status == "denied":
        value = {**value, **element.denied_value}
    shown = _shown(speaking, {k: v for k, v in value.items() if isinstance(element.values.get(k), Rank)})
    return ElementFinding(
        status=status,
        value={k: v for k, v in value.items() if k in element.values} or None,
        evidence=tuple(m.evidence for m in shown),
        why=tuple(Why(rule=m.rule, assertion=m.assertion, cue=m.cue, section=m.section) for m in shown),
    )


def _shown(mentions: Sequence[Mention], decisive: Value) -> list[Mention]:
    """The mentions to show, in text order: those that decided a ranked value before others, the longer of two that overlap, no words twice, not too many."""
    kept: list[Mention] = []
    for m in sorted(mentions, key=lambda m: (m.start - m.end, m.start)):
        if not any(m.start < k.end and k.start < m.end for k in kept):
            kept.append(m)
    kept.sort(key=lambda m: (not all(m.value.get(k) == v for k, v in decisive.items()), m.start))
    distinct = list({m.text.lower(): m for m in reversed(kept)}.values())[::-1]
    return sorted(distinct[:MOST_EVIDENCE], key=lambda m: m.start)


def _holds(condition: NotApplicable, found: Mapping[str, ElementFinding]) -> bool:
    finding = found[condition.element]
    if condition.status and finding.status not in condition.status:
        return False
    return all((finding.value or {}).get(k) == v for k, v in condition.value.items())


def required_elements(profile: Profile, found: Mapping[str, ElementFinding]) -> tuple[str, ...]:
    """The elements a profile requires of this note: those without a condition and those whose condition holds."""

    def applies(when: Condition | None) -> bool:
        return when is None or found[when.element].status in when.status

    return tuple(r.element for r in profile.requires if applies(r.when) and found[r.element].status != "not_applicable")
