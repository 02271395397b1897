"""The sheet Providers: each against the whole. It is made where there are several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from notecheck.tables import ProviderTotals
from notecheck.write.text import ElementWords
from notecheck.write.xlsx.tables import Book, Column, Table, data_bars, name_of

_COLUMNS = (
    Column("Provider", 24),
    Column("Notes", 9, "number"),
    Column("In scope", 9, "number"),
    Column("Mean completeness", 13, "share"),
    Column("Against the whole (points)", 15, "points"),
    Column("Most missed elements (notes)", 74),
    Column("Billed codes", 10, "number"),
    Column("Claim problems", 10, "number"),
    Column("Share of billed codes", 11, "share"),
)
_COMPLETENESS = 3
UNNAMED = "(none named)"


def write_providers(book: Book, providers: Sequence[ProviderTotals], elements: Mapping[str, ElementWords]) -> None:
    """Writes the sheet."""
    about = "Each provider against the mean of all notes in scope. Few notes say little: mind the counts."
    table = Table(book, "Providers", about, _COLUMNS, finish=data_bars(_COMPLETENESS))
    for p in providers:
        missed = "; ".join(f"{name_of(element, elements)} ({notes:,})" for element, notes in p.most_missed)
        against = None if p.difference is None else 100 * p.difference
        share = p.claim_problems / p.billed if p.billed else None
        counts = p.notes, p.in_scope, p.mean_completeness, against
        table.add([p.provider or UNNAMED, *counts, missed, p.billed, p.claim_problems, share])
    table.close("No note names a provider.")
