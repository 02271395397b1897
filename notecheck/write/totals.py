"""The first screen after an audit: what it found, and what to open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from notecheck.tables import Audit, ElementTotals, Totals, WorklistRow
from notecheck.write.text import ElementWords, shown, words

_MISSED = 5


def line(name: str, value: object) -> str:
    """A fact, its value where all values begin."""
    return f"{name:<19}{value}"


def lines(audit: Audit, elements: Mapping[str, ElementWords]) -> Iterator[str]:
    """The audit in figures, and the note to begin with."""
    totals = audit.totals()
    yield line("notes", f"{totals.notes:,}")
    yield line("checked", f"{totals.checked:,}")
    if totals.failed:
        yield line("not checked", f"{totals.failed:,}")
    yield line("in scope", f"{totals.in_scope:,}")
    if totals.mean_completeness is not None:
        yield line("mean completeness", f"{totals.mean_completeness:.0%}")
    yield from _missed(totals, audit.elements(), elements)
    yield from _billed(totals)
    worst = next(audit.worklist("worst"), None)
    if worst and worst.in_scope and (worst.missing or worst.partial or worst.claim_problems):
        yield line("begin with", _worst(worst))


def _missed(totals: Totals, found: Sequence[ElementTotals], elements: Mapping[str, ElementWords]) -> Iterator[str]:
    missing = sorted((e for e in found if e.missing), key=lambda e: -e.missing)[:_MISSED]
    if missing:
        yield "most often missing"
    for e in missing:
        name = elements[e.element].name if e.element in elements else e.element
        yield f"  {e.missing:>7,}  {e.missing / totals.in_scope:>4.0%}  {name}  ({e.element})"


def _billed(totals: Totals) -> Iterator[str]:
    billed = sum(totals.verdicts.values())
    if not billed:
        return
    others = [f"{n:,} {words(v)}" for v, n in totals.verdicts.items() if v != "supported"]
    supported = f"{totals.verdicts.get('supported', 0):,} of {billed:,} supported"
    yield line("billed codes", "; ".join([supported, ", ".join(others)] if others else [supported]))


def _worst(row: WorklistRow) -> str:
    said = [f"{row.completeness:.0%} complete"] if row.completeness is not None else []
    said += [f"{problem.code} {words(problem.verdict)}" for problem in row.claim_problems]
    return f"{shown(row.note_id)}: {', '.join(said)}"
