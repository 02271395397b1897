"""Codes the clinician wrote beside the words: strong evidence where the wording agrees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from notecheck.assess.code_candidates import Candidate
from notecheck.assess.code_facts import WORD, Fact, Spot, rank_of
from notecheck.assess.code_rules import CodeBook, CodeRule, Reading
from notecheck.codesets import normalize
from notecheck.models import Mention

_SUBCATEGORY = 5  # characters of a subcategory: a letter, two digits, the point, one more


def stated_candidates(mentions: Sequence[Mention], candidates: Sequence[Candidate], book: CodeBook, on: date) -> list[Candidate]:
    """The candidates, with the codes that the note itself writes.

    A written code settles the side, level or kind of the wording beside it. Beside no wording that a rule reads it stands for itself;
    beside wording that supports another code it does not count.
    """
    reading = book.reading
    out = list(candidates)
    for m in mentions:
        if (
            reading is None
            or m.concept != reading.stated_code
            or m.assertion != "present"
            or rank_of(m, reading) not in ("diagnosis", "reason")
        ):
            continue
        code = normalize(m.text)
        if book.on([code], on) is None:
            continue
        beside = [c for c in out if any(f.mention.sentence == m.sentence for f in c.facts)]
        if any(c.code == code for c in beside):
            continue
        if akin := next((c for c in beside if code in c.rule.all_codes or c.code[:_SUBCATEGORY] == code[:_SUBCATEGORY]), None):
            out[out.index(akin)] = replace(akin, code=code)
        elif not beside and (rules := book.rules_of.get(code)):
            spot = _spot_of(rules[0], code, reading)
            out.append(Candidate(rules[0], code, spot, (Fact(m.concept, m, "certain", rank_of(m, reading), [spot]),)))
    return out


def _spot_of(rule: CodeRule, code: str, reading: Reading) -> Spot:
    """The place a rule's table has for a code."""
    site = next((k for k, codes in rule.codes.items() if any(code.startswith(c) for c in codes) and k in reading.regions), "unspecified")
    return Spot(site, exact=WORD)
