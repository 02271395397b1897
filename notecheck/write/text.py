"""A report for people to read in a terminal: what is missing first, then what is there, with the words it rests on."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Protocol

from rich.console import Console
from rich.text import Text

from notecheck.models import ElementFinding, Evidence, Note, NoteReport, Status, Value, Why

_STYLES: dict[str, str] = {
    "missing": "bold red",
    "partial": "bold yellow",
    "documented": "green",
    "denied": "cyan",
    "not_applicable": "dim",
    "supported": "green",
    "needs_documentation": "yellow",
    "excluded": "dim",
    "yes": "green",
    "no": "red",
    "not_documented": "yellow",
}
_LINE_END = re.compile(r"\r\n?|\n")
_QUOTED = 72


class ElementWords(Protocol):
    """What a pack says of an element to people."""

    @property
    def name(self) -> str: ...
    @property
    def fix(self) -> str: ...


def console() -> Console:
    """A console on standard output: the terminal's width and colours, or plain lines of 100 columns where it is no terminal."""
    out = Console()
    return out if out.is_terminal else Console(width=100)


def write(
    console: Console,
    note: Note,
    report: NoteReport,
    elements: Mapping[str, ElementWords],
    *,
    why: bool = False,
    queries: bool = False,
) -> None:
    """Prints the whole report. The pack's `elements` give the names and the sentences that say what to add."""
    page = _Page(console, note, report, elements, why)
    page.headline()
    if report.in_scope:
        page.incomplete("missing", report.missing)
        page.incomplete("partial", report.partial)
        for status in ("documented", "denied"):
            page.found(status)
        page.rest()
    page.codes()
    page.claim()
    page.coverage()
    if queries:
        page.queries()
    page.warnings()


class _Page:
    def __init__(self, console: Console, note: Note, report: NoteReport, elements: Mapping[str, ElementWords], why: bool) -> None:
        self.console, self.note, self.report, self.elements, self.why = console, note, report, elements, why

    def headline(self) -> None:
        r = self.report
        day = f", {r.service_date}" if r.service_date else ""
        self._print(0, (shown(r.note_id), "bold"), f"  ({r.doc_type}{day}; profile {r.profile})")
        if not r.in_scope:
            self._print(0, "Not in the scope of this pattern pack: nothing was checked.")
            return
        done, of = len(r.required) - len(r.missing) - len(r.partial), len(r.required)
        style = "bold green" if done == of else "bold yellow"
        share = f"{r.completeness:.0%}" if r.completeness is not None else "-"
        self._print(
            0, (f"Complete {share}", style), f": {done} of {of} required elements; {len(r.missing)} missing, {len(r.partial)} partial"
        )

    def incomplete(self, status: Status, ids: Iterable[str]) -> None:
        """The required elements of this status, each with what is there and what to add."""
        for position, element in enumerate(ids):
            if position == 0:
                self._heading(status)
            self._print(2, (self._name(element), _STYLES[status]), (f"  {element}", "dim"))
            self._evidence(self.report.elements.get(element), 6)
            if element in self.elements:
                self._print(6, self.elements[element].fix)

    def found(self, status: Status) -> None:
        ids = [e for e, finding in self.report.elements.items() if finding.status == status]
        for position, element in enumerate(ids):
            if position == 0:
                self._heading(status)
            finding = self.report.elements[element]
            self._print(2, (self._name(element), _STYLES[status]), (f"  {element}", "dim"), value_words(finding.value), hang=2)
            self._evidence(finding, 6)

    def rest(self) -> None:
        """Elements that the profile does not require and that are missing or partial, and those that do not apply: by name only."""
        asked = {*self.report.missing, *self.report.partial}
        for status, label in (
            ("partial", "Partial, not required"),
            ("missing", "Missing, not required"),
            ("not_applicable", "Not applicable"),
        ):
            ids = [e for e, f in self.report.elements.items() if f.status == status and e not in asked]
            if ids:
                self._print(0)
                self._print(0, (label, "bold"), ": " + ", ".join(self._name(e) for e in ids))

    def codes(self) -> None:
        if self.report.codes:
            self._heading("Codes the note supports")
        for c in self.report.codes:
            support = (words(c.support), _STYLES[c.support])
            self._print(2, (f"{c.code:9}", "bold"), support, f"  {shown(c.description)}", hang=9)
            self._print(6, shown(c.reason))
            self._lines(c.evidence, 6)
            if c.more_specific:
                self._print(6, "More specific: " + ", ".join(c.more_specific))

    def claim(self) -> None:
        if self.report.claim:
            self._heading("Billed codes")
        for c in self.report.claim:
            style = "green" if c.verdict == "supported" else "bold red"
            self._print(2, (f"{shown(c.code):9}", "bold"), (words(c.verdict), style))
            self._print(6, shown(c.reason))
            if c.use_instead:
                self._print(6, "Use instead: " + ", ".join(c.use_instead))
        if self.report.unbilled:
            self._print(2, "Supported, not billed: " + ", ".join(self.report.unbilled))

    def coverage(self) -> None:
        policy = None
        for c in self.report.coverage:
            if c.policy != policy:
                policy = c.policy
                self._heading(f"Coverage: {policy}")
            dates = (f", from {c.in_force_from}" if c.in_force_from else "") + (f" to {c.in_force_to}" if c.in_force_to else "")
            about = (f"  {c.id}, {c.source}{dates}", "dim")
            self._print(2, (f"{words(c.met):15}", _STYLES[c.met]), shown(c.criterion), about, hang=15)
            self._print(6, shown(c.reason))
            self._lines(c.evidence, 6)

    def queries(self) -> None:
        if self.report.queries:
            self._heading("Queries for the clinician")
        for q in self.report.queries:
            self._print(2, (self._name(q.element), "bold"))
            for paragraph in q.text.splitlines():
                self._print(6, shown(paragraph))

    def warnings(self) -> None:
        for warning in self.report.warnings:
            self._print(0)
            self._print(0, ("Note: ", "bold"), shown(warning))

    def _name(self, element: str) -> str:
        return self.elements[element].name if element in self.elements else element

    def _evidence(self, finding: ElementFinding | None, indent: int) -> None:
        if finding is None:
            return
        reasons = [self._reason(w) for w in finding.why] if self.why else []
        if len(reasons) == len(finding.evidence):  # one reason a quotation: each under its own
            for quotation, reason in zip(finding.evidence, reasons, strict=True):
                self._lines([quotation], indent)
                self._print(indent + 2, (reason, "dim"))
            return
        self._lines(finding.evidence, indent)
        for reason in reasons:
            self._print(indent, (reason, "dim"))

    def _reason(self, why: Why) -> str:
        cue = f", cue “{shown(why.cue)}”" if why.cue else ""
        return f"why: rule {why.rule}, {why.assertion}{cue}, section {why.section}"

    def _lines(self, evidence: Iterable[Evidence], indent: int) -> None:
        for e in evidence:
            self._print(indent, (f"line {line_number(self.note.text, e.start)}: ", "dim"), f"“{shortened(e.text)}”")

    def _heading(self, words: str) -> None:
        self._print(0)
        self._print(0, (words[0].upper() + words[1:], "bold underline"))

    def _print(self, indent: int, *parts: str | tuple[str, str], hang: int = 0) -> None:
        """Prints the parts as one paragraph; its second and later lines stand `hang` columns further in."""
        # Text, never a string: rich would take the [x] of a checkbox for markup.
        for position, line in enumerate(Text.assemble(*parts).wrap(self.console, self.console.width - indent - hang)):
            line.rstrip()
            self.console.print(Text(" " * (indent + (hang if position else 0))) + line, highlight=False, soft_wrap=True)


def line_number(text: str, start: int) -> int:
    """The line, from 1, on which this offset stands, whatever the line ends are."""
    return sum(1 for _ in _LINE_END.finditer(text, 0, start)) + 1


def words(term: str) -> str:
    """A term of the report as people write it: `not_valid_on_date` as `not valid on date`."""
    return term.replace("_", " ")


def shown(text: str) -> str:
    """The text without what could drive a terminal or turn its direction: control and formatting characters become a visible mark."""
    return "".join("\N{REPLACEMENT CHARACTER}" if unicodedata.category(c) in ("Cc", "Cf") else c for c in text)


def shortened(text: str) -> str:
    """The words on one line, the middle left out where they are many."""
    words = shown(" ".join(text.split()))
    if len(words) <= _QUOTED:
        return words
    half = (_QUOTED - 5) // 2
    return f"{words[:half].rstrip()} ... {words[-half:].lstrip()}"


def value_words(value: Value | None) -> str:
    """The value as a few words: `left; below knee`."""
    parts = []
    for key, item in (value or {}).items():
        if isinstance(item, list | tuple):
            words = ", ".join(" ".join(str(v) for v in i.values() if v is not None) if isinstance(i, dict) else str(i) for i in item)
        else:
            words = "" if item is None else f"{item}%" if key == "percent" else str(item)
        if words and key != "text":
            parts.append(shown(words.replace("_", " ")))
    return "  [" + "; ".join(parts) + "]" if parts else ""
