"""The audit in figures, as plain data for index.html."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import Any

from notecheck.failures import Failure
from notecheck.tables import NO_PROBLEM, Audit, ElementTotals, ProviderTotals, RunInfo, Totals
from notecheck.write.html.environment import visible
from notecheck.write.html.worklist import Worklist
from notecheck.write.text import ElementWords

_BARS = 10
_FAILURES = 500

Item = dict[str, Any]


def overview(audit: Audit, elements: Mapping[str, ElementWords], worklist: Worklist, workbook: str | None) -> Item:
    """What index.html shows besides the rows of the worklist, which come from a script."""
    totals, run = audit.totals(), audit.run
    providers = audit.providers()
    return {
        "run": run,
        "facts": _facts(run),
        "workbook": workbook,
        "totals": totals,
        "problems": totals.claim_problems,
        "billed": sum(totals.verdicts.values()),
        "missed": [_missed(e, elements) for e in _most_missed(audit.elements())],
        "histogram": _histogram(totals),
        "verdicts": _verdicts(totals),
        "providers": [_provider(p, worklist) for p in _largest(providers)],
        "other_providers": max(0, len([p for p in providers if p.in_scope]) - _BARS),
        "listed": len(worklist),
        "pages": len(worklist.pages),
        "sites": len(worklist.sites) > 1,
        "payers": len(worklist.payers) > 1,
        "failures": [_failure(f) for f in islice(audit.failures(), _FAILURES)],
    }


def _most_missed(found: list[ElementTotals]) -> list[ElementTotals]:
    lacking = [e for e in found if e.missing or e.partial]
    return sorted(lacking, key=lambda e: (-e.missing, -e.partial, e.element))[:_BARS]


def _missed(e: ElementTotals, elements: Mapping[str, ElementWords]) -> Item:
    return {
        "element": e.element,
        "name": elements[e.element].name if e.element in elements else e.element,
        "missing": e.missing,
        "partial": e.partial,
        "share": e.missing / e.required if e.required else None,
        "missing_width": _width(e.missing, e.required),
        "partial_width": _width(e.partial, e.required),
    }


def _histogram(totals: Totals) -> list[Item]:
    most = max(totals.completeness_histogram, default=0)
    return [
        {"from": 10 * n, "to": 10 * n + 10, "notes": count, "height": _width(count, most)}
        for n, count in enumerate(totals.completeness_histogram)
    ]


def _verdicts(totals: Totals) -> list[Item]:
    """The verdicts that occur: supported first, then the most frequent."""
    counts = sorted(totals.verdicts.items(), key=lambda kv: (kv[0] != "supported", -kv[1], kv[0]))
    total = sum(totals.verdicts.values())
    return [
        {"verdict": v, "codes": n, "share": n / total, "problem": v not in NO_PROBLEM, "width": _width(n, total)} for v, n in counts if n
    ]


def _largest(providers: list[ProviderTotals]) -> list[ProviderTotals]:
    """Those with the most notes in scope, the least complete first."""
    most = sorted((p for p in providers if p.in_scope), key=lambda p: (-p.in_scope, p.provider or ""))[:_BARS]
    return sorted(most, key=lambda p: (p.mean_completeness or 0, p.provider or ""))


def _provider(p: ProviderTotals, worklist: Worklist) -> Item:
    return {
        "name": visible(p.provider) if p.provider else None,
        "number": worklist.providers.get(p.provider),
        "in_scope": p.in_scope,
        "mean": p.mean_completeness,
        "width": _width(p.mean_completeness or 0, 1),
        "points": None if p.difference is None else f"{100 * p.difference:+.0f}".replace("-", "−").replace("+0", "0").replace("−0", "0"),
        "billed": p.billed,
        "claim_problems": p.claim_problems,
    }


def _failure(f: Failure) -> Item:
    return {
        "note_id": visible(f.note_id or ""),
        "place": visible(f"{f.source or ''}{f', row {f.row}' if f.row is not None else ''}".removeprefix(", ")),
        "reason": visible(f.reason),
    }


def _facts(run: RunInfo) -> list[tuple[str, str]]:
    told = [
        ("Run", str(run.run_id)),
        ("Begun", f"{run.started:%Y-%m-%d %H:%M}"),
        ("Ended", f"{run.finished:%Y-%m-%d %H:%M}" if run.finished else "not yet: these are the notes checked so far"),
        ("Read from", run.source),
        ("Profile", run.profile),
        ("Undated notes judged as of", run.as_of.isoformat()),
        ("notecheck", run.notecheck_version),
        ("Patterns", f"{run.pack_name} {run.pack_version}"),
        ("Hash of the patterns", run.pack_hash),
        ("Text of notes", "kept" if run.with_text else "not kept"),
        *((f"Option {name}", str(value)) for name, value in sorted(run.options.items()) if value not in (None, "", [], {})),
    ]
    return [(label, visible(words)) for label, words in told]


def _width(part: float, whole: float) -> float:
    """A length of a bar, of 100."""
    return round(100 * part / whole, 2) if whole else 0.0
