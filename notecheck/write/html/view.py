"""One note and its report as plain data for the template: dicts, lists and strings, every name and line already looked up."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from typing import Any

from notecheck.models import ClaimFinding, CodeFinding, CoverageFinding, ElementFinding, Evidence, Note, NoteReport, Why
from notecheck.tables import NO_PROBLEM
from notecheck.write.highlight import Mark, code_marks, criterion_marks, element_marks, segments
from notecheck.write.html.environment import visible
from notecheck.write.text import ElementWords, shortened, value_words

_LINE_END = re.compile(r"\r\n?|\n")
_LAST_LINE_END = re.compile(r"(?:\r\n?|\n)\Z")
_PROMINENCE = {"partial": 0, "denied": 1, "documented": 2}

Item = dict[str, Any]


def view(note: Note, report: NoteReport, elements: Mapping[str, ElementWords]) -> Item:
    """What `_report.html` shows. The pack's `elements` give the names and the sentences that say what to add.

    Where the note's text is empty (a store that keeps none) `with_text` is false, there are no segments, and evidence has offsets only.
    """
    return _View(note, report, elements).whole()


class _View:
    def __init__(self, note: Note, report: NoteReport, elements: Mapping[str, ElementWords]) -> None:
        self.note, self.report, self.elements = note, report, elements
        self.line_ends = [m.end() for m in _LINE_END.finditer(note.text)]
        self.marks: dict[Mark, Item] = {}
        self.numbers: dict[tuple[str, str, int, int], int] = {}
        for kind, marks in (
            ("element", element_marks(report)),
            ("code", code_marks(report.codes)),
            ("criterion", criterion_marks(report.coverage)),
        ):
            for mark in marks:
                number = self.numbers.setdefault((kind, mark.about, mark.start, mark.end), len(self.numbers) + 1)
                self.marks[mark] = {"number": number, "of": kind, "item": f"{kind}-{mark.about}"}

    def whole(self) -> Item:
        r = self.report
        asked = {*r.missing, *r.partial}
        by_status = {s: [e for e, f in r.elements.items() if f.status == s] for s in ("documented", "denied")}
        return {
            "note_id": visible(r.note_id),
            "facts": self._facts(),
            "in_scope": r.in_scope,
            "with_text": bool(self.note.text),
            "headline": self._headline(),
            "missing": [self._element(e) for e in r.missing],
            "partial": [self._element(e) for e in r.partial],
            "documented": [self._element(e) for e in by_status["documented"]],
            "denied": [self._element(e) for e in by_status["denied"]],
            "not_asked": [self._element(e) for e, f in r.elements.items() if f.status not in ("documented", "denied") and e not in asked],
            "codes": [self._code(c) for c in r.codes],
            "claim": [_claim(c) for c in r.claim],
            "unbilled": list(r.unbilled),
            "coverage": [self._policy(p) for p in dict.fromkeys(c.policy for c in r.coverage)],
            "queries": [
                {"element": q.element, "name": self._name(q.element), "number": n, "text": visible(q.text)}
                for n, q in enumerate(r.queries, 1)
            ],
            "warnings": [visible(w) for w in r.warnings],
            "segments": self._segments(),
        }

    def _facts(self) -> list[tuple[str, str]]:
        n, r = self.note, self.report
        day = r.service_date or n.service_date
        told = (
            ("Service date", day.isoformat() if day else None),
            ("Kind", r.doc_type),
            ("Profile", r.profile),
            ("Provider", n.provider),
            ("Site", n.site),
            ("Payer", n.payer),
            ("Note type", n.note_type),
        )
        return [(label, visible(words)) for label, words in told if words]

    def _headline(self) -> Item:
        r = self.report
        required, missing, partial = len(r.required), len(r.missing), len(r.partial)
        return {
            "completeness": r.completeness,
            "required": required,
            "done": required - missing - partial,
            "missing": missing,
            "partial": partial,
            "claim_problems": sum(c.verdict not in NO_PROBLEM for c in r.claim),
            "coverage_open": sum(c.met != "yes" for c in r.coverage),
        }

    def _element(self, element: str) -> Item:
        finding = self.report.elements.get(element) or ElementFinding(status="missing")
        reasons: Iterable[Why | None] = finding.why if len(finding.why) == len(finding.evidence) else (None,) * len(finding.evidence)
        return {
            "id": element,
            "name": self._name(element),
            "status": finding.status,
            "fix": self.elements[element].fix if element in self.elements else "",
            "value": value_words(finding.value).strip().removeprefix("[").removesuffix("]"),
            "evidence": self._evidence("element", element, finding.evidence, reasons),
        }

    def _code(self, c: CodeFinding) -> Item:
        return {
            "code": c.code,
            "description": c.description,
            "support": c.support,
            "reason": visible(c.reason),
            "more_specific": list(c.more_specific),
            "billed": any(b.code == c.code for b in self.report.claim),
            "evidence": self._evidence("code", c.code, c.evidence),
        }

    def _policy(self, policy: str) -> Item:
        criteria = [self._criterion(c) for c in self.report.coverage if c.policy == policy]
        return {
            "policy": policy,
            "open": [c for c in criteria if c["met"] != "yes"],
            "met": [c for c in criteria if c["met"] == "yes"],
        }

    def _criterion(self, c: CoverageFinding) -> Item:
        dates = (f"from {c.in_force_from}" if c.in_force_from else "") + (f" to {c.in_force_to}" if c.in_force_to else "")
        return {
            "id": c.id,
            "criterion": visible(c.criterion),
            "source": c.source,
            "in_force": dates.strip(),
            "met": c.met,
            "reason": visible(c.reason),
            "evidence": self._evidence("criterion", c.id, c.evidence),
        }

    def _evidence(self, of: str, about: str, evidence: Iterable[Evidence], reasons: Iterable[Why | None] | None = None) -> list[Item]:
        quotations = list(evidence)
        return [
            {
                "mark": self.numbers[of, about, e.start, e.end],
                "line": bisect_right(self.line_ends, e.start) + 1 if self.note.text else None,
                "start": e.start,
                "end": e.end,
                "text": shortened(e.text) if self.note.text else "",
                "section": e.section,
                "why": _why(e, why),
            }
            for e, why in zip(quotations, reasons or (None,) * len(quotations), strict=True)
        ]

    def _segments(self) -> list[Item]:
        """The note's pieces. `kind` and `item` are those of the mark that shows where several overlap: of an element, and the shortest."""
        text = self.note.text
        pieces: list[Item] = []
        for s in segments(text, self.marks):
            words, end = s.text, s.start + len(s.text)
            if end == len(text):
                words = _LAST_LINE_END.sub("", words)  # it begins no line
            if words.endswith("\r") and text.startswith("\n", end):
                words = words[:-1]  # a line end cut in two counts once
            if not s.marks:
                pieces.append({"text": words, "marks": None})
                continue
            known = [self.marks[m] for m in s.marks]
            first = min(s.marks, key=lambda m: (self.marks[m]["of"] != "element", m.end - m.start, _PROMINENCE.get(m.kind, 3)))
            pieces.append(
                {
                    "text": words,
                    "start": s.start,
                    "end": end,
                    "marks": " ".join(str(k["number"]) for k in known),
                    "opens": [self.marks[m]["number"] for m in s.marks if m.start == s.start],
                    "described": " ".join(f"n-{k['item']} w{k['number']}" for k in known),
                    "item": self.marks[first]["item"],
                    "of": self.marks[first]["of"],
                    "kind": first.kind,
                }
            )
        return pieces

    def _name(self, element: str) -> str:
        return self.elements[element].name if element in self.elements else element


def _claim(c: ClaimFinding) -> Item:
    return {"code": visible(c.code), "verdict": c.verdict, "reason": visible(c.reason), "use_instead": list(c.use_instead)}


def _why(e: Evidence, why: Why | None) -> str:
    """What a mark says when pointed at, beside the name and the status: the rule, the assertion where it is none of the plain ones, the cue."""
    if why is None:
        return f"section {e.section}"
    turned = f" · {why.assertion}" if why.assertion != "present" else ""
    cue = f" · cue “{visible(why.cue)}”" if why.cue else ""
    return f"rule {why.rule}{turned}{cue} · section {why.section}"
