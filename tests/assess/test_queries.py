"""Queries to the clinician: what they quote, what they ask, and that they lead to no answer."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import pytest
import yaml

from notecheck.assess.queries import build_queries
from notecheck.assess.query_rules import QueryTexts, Question
from notecheck.models import CodeFinding, ElementFinding, Evidence, Query, Status
from notecheck.packs import shipped_patterns

PACK = shipped_patterns() / "spine"


def _yaml(name: str) -> Any:
    return yaml.safe_load((PACK / name).read_text(encoding="utf-8"))


@cache
def texts() -> QueryTexts:
    return QueryTexts.model_validate(_yaml("queries.yaml"))


IDS: tuple[str, ...] = tuple(e["id"] for e in _yaml("elements.yaml")["elements"])
QUESTIONS: tuple[Question, ...] = (*texts().elements, *texts().codes)


def said(*words: str) -> tuple[Evidence, ...]:
    return tuple(Evidence(text=w, start=0, end=len(w), section="hpi") for w in words)


def findings(**of: tuple[Status, str]) -> dict[str, ElementFinding]:
    found = {e: ElementFinding(status="missing") for e in IDS}
    return found | {e.replace("__", "."): ElementFinding(status=s, evidence=said(w)) for e, (s, w) in of.items()}


def lacking(code: str, *words: str) -> CodeFinding:
    return CodeFinding(
        code=code,
        description="Radiculopathy, lumbar region",
        support="needs_documentation",
        reason="needs a stated radiculopathy",
        evidence=said(*words),
    )


def ask(elements: dict[str, ElementFinding], codes: tuple[CodeFinding, ...] = ()) -> tuple[Query, ...]:
    missing = [e for e, f in elements.items() if f.status == "missing"]
    partial = [e for e, f in elements.items() if f.status == "partial"]
    return build_queries(elements, missing, partial, codes, texts())


def test_a_missing_element_is_asked_for_with_the_indicators_of_the_note() -> None:
    elements = findings(pain__location=("documented", "low back pain"), pain__quality=("documented", "a dull ache"))
    (query,) = build_queries(elements, ["pain.severity"], [], (), texts())
    assert query.element == "pain.severity"
    assert query.text.splitlines() == [
        "Documentation clarification: the severity of the pain on a scale",
        "The note does not address the severity of the pain on a scale.",
        "Clinical indicators in the note: “low back pain”; “a dull ache”.",
        "Please document the rating the patient gave and the scale used, if a rating was obtained.",
    ]


def test_a_partial_element_is_quoted_as_it_stands() -> None:
    (query,) = build_queries(findings(pain__severity=("partial", "severe pain")), [], ["pain.severity"], (), texts())
    assert "On the severity of the pain on a scale the note states: “severe pain”." in query.text
    assert "does not address" not in query.text


def test_a_documented_or_denied_element_is_not_asked_for() -> None:
    elements = findings(pain__radiation=("denied", "no radiation"), pain__location=("documented", "neck pain"))
    assert {q.element for q in ask(elements)} == set(IDS) - {"pain.radiation", "pain.location"}


def test_options_end_with_other_and_unable_to_determine() -> None:
    (query,) = build_queries(findings(), ["red_flag.cancer"], [], (), texts())
    assert query.text.splitlines()[-2:] == ["[ ] Other (please specify)", "[ ] Unable to determine"]


def test_a_code_that_lacks_documentation_is_asked_about_by_its_indicators_and_never_named() -> None:
    elements = findings(pain__radiation=("documented", "pain down to the left foot"), exam__provocative=("documented", "SLR positive"))
    (query,) = build_queries(elements, [], [], (lacking("M54.16", "left leg pain"),), texts())
    assert query.element == "M54.16"
    assert "“left leg pain”; “pain down to the left foot”; “SLR positive”" in query.text
    assert "M54" not in query.text and "needs a stated" not in query.text and "lumbar region" not in query.text


def test_two_codes_of_one_group_make_one_query_and_a_supported_code_none() -> None:
    supported = CodeFinding(code="M51.16", description="", support="supported", reason="")
    queries = build_queries(findings(), [], [], (lacking("M54.16"), lacking("M54.17"), lacking("M48.061"), supported), texts())
    assert [q.element for q in queries] == ["M54.16", "M48.061"]


def test_a_quote_inside_another_quote_is_not_repeated_and_a_long_one_is_cut() -> None:
    elements = findings(imaging__study=("documented", "MRI L/S"), imaging__findings=("documented", "MRI L/S 8/2024: " + "stenosis " * 40))
    (query,) = build_queries(elements, ["imaging.correlation"], [], (), texts())
    assert query.text.count("MRI L/S") == 1
    assert max(len(line) for line in query.text.splitlines()) < 260


def test_every_element_has_one_question_and_every_code_finds_one() -> None:
    assert [q.element for q in texts().elements] == list(IDS)
    codes = ["M54.16", "M54.41", "M51.16", "M51.362", "M50.20", "M48.062", "M47.816", "M43.16", "M96.1", "G89.4", "G83.4", "M80.08XA", "S39.012A", "M46.1",
             "M54.59", "M62.830", "R26.2", "M41.9"]  # fmt: skip
    queries = build_queries(findings(), [], [], tuple(lacking(c) for c in codes), texts())
    assert [q.element for q in queries] == codes


def test_each_group_of_codes_can_be_reached() -> None:
    groups = [q.starts_with for q in texts().codes]
    for i, own in enumerate(groups):
        reachable = [p for p in own if not any(p.startswith(earlier) for earlier in groups[:i])]
        assert reachable == list(own)


def test_indicators_are_elements_and_the_source_is_named() -> None:
    assert {i for q in QUESTIONS for i in q.indicators} <= set(IDS)
    assert texts().source in _yaml("pack.yaml")["sources"]


# --- compliant query practice: what no question of the pack may say ---------------------------------------------------------------

PAYMENT = (
    r"pay|reimburs|bill|claim|insur|medicare|covera|cover(s|ed)\b|deni(al|es)\b|cost|revenue|DRG|medical necessity|authoriz|approv|audit|"
    r"quality (score|metric)"
)
LEADING = (
    r"don't you|isn't it|would you agree|do you agree|we believe|we suggest|should be|must|please (confirm|add|change|state that)|as you know|"
    r"clearly|obviously|required"
)
CODE = r"\b[A-Z]\d{2}(\.\w+)?\b|ICD"


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: q.topic)
def test_a_question_is_neutral(question: Question) -> None:
    whole = "\n".join((question.topic, question.ask, *question.options))
    for what in (PAYMENT, LEADING):
        assert not (found := re.search(what, whole, re.IGNORECASE)), found
    assert not re.search(CODE, whole)
    assert question.ask.startswith(("Please ", "Based on your clinical judgment, please ", "If ")) and question.ask.endswith(".")


@pytest.mark.parametrize("question", [q for q in QUESTIONS if q.options], ids=lambda q: q.topic)
def test_options_offer_a_way_to_each_side(question: Question) -> None:
    assert len(question.options) >= 2
    assert len(set(question.options)) == len(question.options)
    assert not {o.lower() for o in texts().always_offered} & {o.lower() for o in question.options}
    neither = r"^(no|not|none|denied|without)\b|\bno\b|\bnot\b|only$|^(acute|chronic)$"
    assert any(re.search(neither, o, re.IGNORECASE) for o in question.options), "every option affirms the finding"


def test_the_always_offered_options_are_other_and_unable() -> None:
    offered = [o.lower() for o in texts().always_offered]
    assert any(o.startswith("other") for o in offered) and any("unable to determine" in o for o in offered)
