"""What the figures of an audit mean, in plain sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from notecheck.tables import ElementTotals, RunInfo, Totals
from notecheck.write.text import ElementWords
from notecheck.write.xlsx.tables import SHEET_LINKS, Listed, name_of


def meaning(run: RunInfo, totals: Totals, missed: Sequence[ElementTotals], elements: Mapping[str, ElementWords]) -> str:
    """The audit in a few sentences: what was read, what is lacking, what the claims need, where to begin."""
    return " ".join([_read(run, totals), *_lacking(totals, missed, elements), *_claims(totals), *_begin(totals)])


def remarks(contents: Sequence[Listed]) -> list[str]:
    """What the workbook has to say of itself: tables that needed several sheets, notes without a link."""
    said = []
    for table in contents:
        if table.sheets > 1:
            said.append(f"{table.name} has {table.rows:,} rows, more than one sheet holds: it goes on to {table.name} ({table.sheets}).")
        if table.unlinked:
            said.append(f"A sheet holds {SHEET_LINKS:,} links: the last {table.unlinked:,} rows of {table.name} have none.")
    return said


def _read(run: RunInfo, totals: Totals) -> str:
    if not totals.in_scope:
        return f"None of the {_notes(totals.notes)} was in the scope of the pack {run.pack_name}: nothing was held against the profile {run.profile}."
    was = "was" if totals.in_scope == 1 else "were"
    of = f"{totals.in_scope:,} of {_notes(totals.notes)}"
    return f"{of} {was} in the scope of the pack {run.pack_name} and held against the profile {run.profile}."


def _lacking(totals: Totals, missed: Sequence[ElementTotals], elements: Mapping[str, ElementWords]) -> list[str]:
    if totals.mean_completeness is None:
        return []
    said = [f"On average {totals.mean_completeness:.0%} of what it requires is documented."]
    if totals.incomplete:
        lack = "lacks" if totals.incomplete == 1 else "lack"
        most = f", most often {name_of(missed[0].element, elements)} ({_notes(missed[0].missing)})" if missed and missed[0].missing else ""
        said.append(f"{_notes(totals.incomplete)} {lack} at least one required element{most}.")
    else:
        said.append("No note lacks a required element.")
    return said


def _claims(totals: Totals) -> list[str]:
    billed, supported = sum(totals.verdicts.values()), totals.verdicts.get("supported", 0)
    if not billed:
        return []
    problems = totals.claim_problems
    look = "needs" if problems == 1 else "need"
    rest = [f"{problems:,} {look} a look before the claim goes out" if problems else "none needs a look"]
    if unjudged := totals.verdicts.get("outside_pack", 0):
        rest.append(f"{unjudged:,} {'is' if unjudged == 1 else 'are'} outside the pack and {'was' if unjudged == 1 else 'were'} not judged")
    said = [f"Of {billed:,} billed codes, {supported:,} {'is' if supported == 1 else 'are'} supported by the note; {'; '.join(rest)}."]
    if totals.codes_unbilled:
        said.append(f"{totals.codes_unbilled:,} codes that notes support were not billed.")
    return said


def _begin(totals: Totals) -> list[str]:
    said = ["Begin with the first rows of Worklist."] if totals.in_scope else []
    if totals.failed:
        said.append(f"{_notes(totals.failed)} could not be checked: Failures says why.")
    return said


def _notes(count: int) -> str:
    return f"{count:,} note{'' if count == 1 else 's'}"
