"""Payer criteria judged on one note: each met yes, no or not_documented, with the reason and the words it rests on.

What a payer asks for is data (`coverage_rules.py`); this evaluates it. Three values all the way: what the note leaves open is never guessed,
a vague time ("several months") decides only what it can decide.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from notecheck.assess.comparisons import Judged, Reading, compare, compares, joined, says
from notecheck.assess.coverage_rules import All, AnyOf, CodeTest, ConceptTest, Criterion, ElementTest, Not, Policy, Test
from notecheck.models import CodeFinding, CoverageFinding, ElementFinding, Mention, Met, Status

_MOST_EVIDENCE = 3


@dataclass(frozen=True)
class Facts:
    """All that is known of one note when a criterion is judged."""

    elements: Mapping[str, ElementFinding]
    mentions: Sequence[Mention]
    codes: Sequence[CodeFinding]
    service_date: date | None


def judge_coverage(
    report_elements: Mapping[str, ElementFinding],
    mentions: Sequence[Mention],
    policy: Policy,
    service_date: date | None,
    codes: Sequence[CodeFinding] = (),
) -> tuple[CoverageFinding, ...]:
    """The policy's criteria in force on the service date, judged in pack order; one that does not apply to the note is left out."""
    facts = Facts(report_elements, mentions, codes, service_date)
    return tuple(
        _finding(criterion, policy.id, facts)
        for criterion in policy.on(service_date)
        if criterion.applies_when is None or judge(criterion.applies_when, facts).met == "yes"
    )


def judge(test: Test, facts: Facts) -> Judged:
    """One test on one note."""
    match test:
        case All():
            return joined([judge(t, facts) for t in test.all], decisive="no", otherwise="yes")
        case AnyOf():
            return joined([judge(t, facts) for t in test.any], decisive="yes", otherwise="no")
        case Not():
            inner = judge(test.not_, facts)
            turned: dict[Met, Met] = {"yes": "no", "no": "yes", "not_documented": "not_documented"}
            return Judged(turned[inner.met], inner.why, inner.evidence)
        case CodeTest():
            found = [c for c in facts.codes if c.support == "supported" and c.code.startswith(test.codes)]
            if not found:
                return Judged(test.silent)
            return Judged("yes", f"the note supports {found[0].code} ({found[0].description})", found[0].evidence)
        case ElementTest():
            return _judge_element(test, facts)
        case ConceptTest():
            own = [m for m in facts.mentions if m.concept == test.concept]
            return _judge_concept(test, own, facts.service_date)


def _finding(criterion: Criterion, policy: str, facts: Facts) -> CoverageFinding:
    judged = judge(criterion.test, facts)
    reason = judged.why
    if judged.met == "not_documented":
        reason = f"{criterion.lacks.rstrip('.')}{f' ({judged.why})' if judged.why else ''}"
    reason = reason or criterion.lacks.rstrip(".")
    return CoverageFinding(
        policy=policy,
        id=criterion.id,
        criterion=criterion.says,
        source=criterion.source,
        in_force_from=criterion.in_force.from_,
        in_force_to=criterion.in_force.to,
        met=judged.met,
        reason=f"{reason[0].upper()}{reason[1:]}.",
        evidence=judged.evidence[:_MOST_EVIDENCE],
    )


def _judge_element(test: ElementTest, facts: Facts) -> Judged:
    finding = facts.elements.get(test.element)
    if finding is None or finding.status in ("missing", "not_applicable"):
        return Judged(test.silent)
    if finding.status in test.failed_by:
        return Judged("no", says(finding.evidence, denied=finding.status == "denied"), finding.evidence)
    if not compares(test):
        met: Met = "yes" if finding.status in test.met_by else "not_documented"
        return Judged(met, says(finding.evidence, denied=finding.status == "denied"), finding.evidence)
    readings = [Reading(finding.value or {}, tuple(e.text for e in finding.evidence), finding.evidence)]
    if test.mentions:
        own = [m for m in facts.mentions if m.element == test.element and m.status in ("documented", "partial")]
        readings = _distinct([_of_mention(m) for m in own], test) or readings
    return compare(test, readings, facts.service_date)


def _judge_concept(test: ConceptTest, own: Sequence[Mention], on: date | None) -> Judged:
    """What is affirmed comes first, then what is denied, then what is only half said."""
    if readings := [_of_mention(m) for m in own if m.status == "documented"]:
        return compare(test, readings, on)
    outcomes: dict[Status, Met] = {"denied": "no", "partial": "not_documented"}
    for status, met in outcomes.items():
        if found := tuple(m.evidence for m in own if m.status == status):
            return Judged(met, says(found, denied=status == "denied"), found)
    return Judged(test.silent)


def _of_mention(mention: Mention) -> Reading:
    return Reading(mention.value, (mention.text,), (mention.evidence,))


def _distinct(readings: list[Reading], test: ElementTest) -> list[Reading]:
    """Where a test counts occasions, the assessment's repetition of the history is no second occasion: the section that says most counts."""
    if test.times == 1:
        return readings
    sections: dict[str, list[Reading]] = {}
    for reading in readings:
        if test.field is None or reading.value.get(test.field) is not None:
            told = sections.setdefault(reading.evidence[0].section, [])
            if not any(_overlap(reading, other) for other in told):  # two rules that read the same words tell of one occasion
                told.append(reading)
    return max(sections.values(), key=len, default=[])


def _overlap(a: Reading, b: Reading) -> bool:
    return any(x.start < y.end and y.start < x.end for x in a.evidence for y in b.evidence)
