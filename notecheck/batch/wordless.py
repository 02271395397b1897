"""Takes the words of the note out of a report: for a store that may hold findings, and no text of a patient."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from notecheck.models import ElementFinding, Evidence, NoteReport, Value
from notecheck.packs import Pack

_QUOTATION = re.compile("“.*”", re.DOTALL)  # to the last mark: a note may hold such marks itself
_GONE = "“…”"
_AS_IN_THE_NOTE = "$match"  # how a pack says: the value is what was read


class Wordless:
    """Knows which words of a value are the pack's own (`left`, `below_knee`) and may stay; all others are the note's."""

    def __init__(self, pack: Pack) -> None:
        values: list[object] = [entry.value for entry in pack.lexicon.entries.values()]
        values += [rule.value for rule in pack.rules.values()]
        values += [element.denied_value for element in pack.elements.values()]
        self._own = frozenset(_strings(values)) - {_AS_IN_THE_NOTE}

    def report(self, report: NoteReport) -> NoteReport:
        """The report with its figures, statuses, codes, coded values and places; quotations are empty, and “…” stands for them in sentences."""
        return report.model_copy(
            update={
                "elements": {id_: self._element(finding) for id_, finding in report.elements.items()},
                "codes": tuple(c.model_copy(update={"reason": _unquoted(c.reason), "evidence": _places(c.evidence)}) for c in report.codes),
                "claim": tuple(c.model_copy(update={"reason": _unquoted(c.reason)}) for c in report.claim),
                "coverage": tuple(
                    c.model_copy(update={"reason": _unquoted(c.reason), "evidence": _places(c.evidence)}) for c in report.coverage
                ),
                "queries": tuple(q.model_copy(update={"text": _unquoted_lines(q.text)}) for q in report.queries),
                "warnings": tuple(_unquoted(w) for w in report.warnings),
            }
        )

    def _element(self, finding: ElementFinding) -> ElementFinding:
        return finding.model_copy(
            update={
                "value": self._value(finding.value) if finding.value else finding.value,
                "evidence": _places(finding.evidence),
                "why": tuple(why.model_copy(update={"cue": None}) for why in finding.why),
            }
        )

    def _value(self, value: Value) -> Value:
        return {key: self._kept(item) for key, item in value.items() if self._stays(item)}

    def _kept(self, item: Any) -> Any:
        if isinstance(item, dict):
            return self._value(item)
        if isinstance(item, list | tuple):
            return [self._kept(i) for i in item if self._stays(i)]
        return item

    def _stays(self, item: Any) -> bool:
        return not isinstance(item, str) or item in self._own


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _strings(item)
    elif hasattr(value, "values"):
        yield from _strings(list(value.values()))


def _places(evidence: tuple[Evidence, ...]) -> tuple[Evidence, ...]:
    return tuple(e.model_copy(update={"text": ""}) for e in evidence)


def _unquoted(sentence: str) -> str:
    return _QUOTATION.sub(_GONE, sentence)


def _unquoted_lines(text: str) -> str:
    """Line by line, so that the pack's words between two quotations stay: no quotation of a query holds a line end."""
    return "\n".join(_unquoted(line) for line in text.split("\n"))
