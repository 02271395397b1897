"""Which ICD-10-CM codes the words of a note support on a date of service."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from notecheck.assess.code_candidates import Candidate, NoteFacts, beside, code_for, exclude, keys_for, of_rule, spots_for
from notecheck.assess.code_facts import Fact, Spot, is_study, read_facts, regions_taken_up
from notecheck.assess.code_rules import CodeBook, CodeRule
from notecheck.assess.stated_codes import stated_candidates
from notecheck.models import CodeFinding, DocType, Mention


def support_codes(mentions: Sequence[Mention], book: CodeBook, on: date, doc_type: DocType = "visit") -> tuple[CodeFinding, ...]:
    """The codes of a note, best supported first: supported, then excluded (with the reason), then what lacks documentation.

    `on` is the date of service; only codes billable on it are given. A finding's evidence is the words it rests on.
    """
    reading = book.reading
    if reading is None:
        return ()
    on, _ = book.day(on)
    note = NoteFacts(read_facts(mentions, book, doc_type), regions_taken_up(mentions, reading), reading)
    rules = [r for r in book.rules if not r.opened_by.isdisjoint(note.by_concept)]
    candidates: list[Candidate] = []
    for rule in rules:
        if not rule.needs_code:
            candidates.extend(of_rule(rule, note, book, on))
    exclude(candidates, note, book)
    for rule in rules:
        if rule.needs_code:
            candidates.extend(c for c in of_rule(rule, note, book, on) if beside(c, candidates, note))
    if not is_study(mentions, doc_type, reading):
        candidates = stated_candidates(mentions, candidates, book, on)
    exclude(candidates, note, book)
    findings = _findings(candidates, book)
    supported = [f for f in findings if f.support == "supported"][: reading.most]
    excluded = [f for f in findings if f.support == "excluded"]
    known = {f.code for f in findings}
    lacking = [f for f in _lacking(rules, note, candidates, book, on) if f.code not in known]
    return (*supported, *excluded, *lacking)


def _findings(candidates: Iterable[Candidate], book: CodeBook) -> list[CodeFinding]:
    """One finding a code, best supported first."""
    by_code: dict[str, list[Candidate]] = {}
    for c in sorted(candidates, key=lambda c: (bool(c.excluded), c.order)):
        by_code.setdefault(c.code, []).append(c)
    return [_finding(code, group, book) for code, group in by_code.items()]


def _finding(code: str, group: list[Candidate], book: CodeBook) -> CodeFinding:
    first = group[0]
    section = first.lead.mention.section.replace("_", " ")
    why = f"{first.excluded[:1].upper()}{first.excluded[1:]}." if first.excluded else f"{first.rule.title}: stated in the {section}."
    evidence = dict.fromkeys(f.mention.evidence for c in group if bool(c.excluded) == bool(first.excluded) for f in c.facts)
    return CodeFinding(
        code=code,
        description=book.describe(code),
        support="excluded" if first.excluded else "supported",
        reason=why,
        evidence=tuple(evidence)[:4],
        more_specific=tuple(first.excluded_by) if first.excluded else _more_specific(first.rule, code),
    )


def _more_specific(rule: CodeRule, code: str) -> tuple[str, ...]:
    """The codes that further words would make supportable, where this one is the rule's general code."""
    general = code in rule.less_specific or code in rule.codes.get("any", ()) or code in rule.codes.get("unspecified", ())
    return tuple(c for c in rule.more_specific if c != code) if general or rule.axis == "none" else ()


def _lacking(
    rules: Sequence[CodeRule], note: NoteFacts, candidates: Sequence[Candidate], book: CodeBook, on: date
) -> Iterator[CodeFinding]:
    """Codes the note points at and does not support, each with the one thing that lacks."""
    given = {(c.rule.id, note.region(c.spot)) for c in candidates}
    seen: set[str] = set()
    for rule in rules:
        for lead, spot, why in _pointers(rule, note, candidates):
            if (rule.id, note.region(spot)) in given or any(
                c.rule.names(rule.excluded_by) and note.region(c.spot) == note.region(spot) for c in candidates
            ):
                continue
            for key in keys_for(rule, spot, (lead,)):
                code = code_for(rule, key, (lead,), note, book, on)
                if code and code not in seen:
                    seen.add(code)
                    yield CodeFinding(
                        code=code,
                        description=book.describe(code),
                        support="needs_documentation",
                        reason=f"{why} {rule.lacking}",
                        evidence=(lead.mention.evidence,),
                    )


def _pointers(rule: CodeRule, note: NoteFacts, candidates: Sequence[Candidate]) -> Iterator[tuple[Fact, Spot, str]]:
    """Evidence that points at a rule's code without supporting it: a diagnosis in doubt, a finding no clinician diagnosed, a telling symptom."""
    if all([*note.meeting(n), *note.meeting(n, "uncertain")] for n in rule.needs):
        for lead in note.meeting(rule.needs[0], "uncertain"):
            cue = f" (“{lead.mention.cue}”)" if lead.mention.cue else ""
            for spot in spots_for(rule, lead, note):
                yield lead, spot, f"Named as uncertain{cue}; an outpatient diagnosis in doubt is not coded."
    if len(rule.needs) == 1:
        for lead in (f for c in rule.needs[0].any for f in note.by_concept.get(c, ()) if f.rank == "study" and f.certainty == "certain"):
            for spot in spots_for(rule, lead, note):
                yield lead, spot, "Found in a study and not stated as a diagnosis."
    symptoms = [c for c in candidates if not c.excluded and c.rule.names(rule.points_beside)]
    for lead in (f for need in rule.points for f in note.meeting(need)):
        for symptom in symptoms[:1]:
            yield lead, symptom.spot, "The note points that way."
