"""What changed between two runs, note by note: of one audit, or of two."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from heapq import merge
from itertools import groupby
from operator import itemgetter
from typing import Literal

from pydantic import Field

from notecheck.batch.results import StoredAudit
from notecheck.models import Frozen, NoteReport
from notecheck.tables import RunInfo

Pair = tuple[str | None, str | None]
Kind = Literal["new", "gone", "changed"]


class Change(Frozen):
    """What became of one note. Each pair is what was found before and what is found now; None stands for not there."""

    note_id: str
    kind: Kind
    completeness: tuple[float | None, float | None] | None = Field(None, description="Where it differs.")
    in_scope: tuple[bool, bool] | None = Field(None, description="Where it differs.")
    elements: dict[str, Pair] = Field(default_factory=dict, description="Statuses that differ.")
    required: dict[str, tuple[bool, bool]] = Field(
        default_factory=dict, description="Elements that are required now and were not, or were."
    )
    codes: dict[str, Pair] = Field(default_factory=dict, description="Support of codes that differs.")
    verdicts: dict[str, Pair] = Field(default_factory=dict, description="Verdicts on billed codes that differ.")
    coverage: dict[str, Pair] = Field(default_factory=dict, description="Criteria whose state differs.")


def changes(old: StoredAudit, new: StoredAudit) -> Iterator[Change]:
    """The notes that are not the same in both, in the order of their ids, by which they are known. Memory stays flat."""
    for note_id, before, now in _differing_notes(old, new):
        was, found = before and old.note(before), now and new.note(now)
        if was and found:
            yield _change(was.report, found.report)
        else:
            yield Change(note_id=note_id, kind="new" if found else "gone")


def causes(old: RunInfo, new: RunInfo) -> list[str]:
    """In plain lines what differs between the runs besides the notes, and may be why findings do."""
    pairs = {
        "notecheck": (old.notecheck_version, new.notecheck_version),
        "patterns": (_patterns(old), _patterns(new)),
        "profile": (old.profile, new.profile),
    }
    return [f"{name:<19}{was} → {now}" for name, (was, now) in pairs.items() if was != now]


def _patterns(run: RunInfo) -> str:
    return f"{run.pack_name} {run.pack_version} ({run.pack_hash[:12]})"


def fresh(old: StoredAudit, new: StoredAudit) -> list[int]:
    """The places of the notes of the new run that are new, or of which other things are found than before."""
    return sorted(now for _, _, now in _differing_notes(old, new) if now)


def _differing_notes(old: StoredAudit, new: StoredAudit) -> Iterator[tuple[str, int | None, int | None]]:
    """Each note that is not the same in both: its id, and its place in each run, or None where it is not there."""
    for note_id, group in groupby(merge(_findings(old, 0), _findings(new, 1)), key=itemgetter(0)):
        sides: dict[int, tuple[int, str]] = {side: (seq, findings) for _, side, seq, findings in group}
        before, now = sides.get(0), sides.get(1)
        if before is None or now is None or before[1] != now[1]:
            yield note_id, before and before[0], now and now[0]


def _findings(audit: StoredAudit, side: int) -> Iterator[tuple[str, int, int, str]]:
    for row in audit.rows("SELECT note_id, seq, findings FROM run_notes WHERE run_id = $run ORDER BY note_id"):
        yield row["note_id"], side, row["seq"], row["findings"]


def _change(was: NoteReport, now: NoteReport) -> Change:
    return Change(
        note_id=now.note_id,
        kind="changed",
        completeness=(was.completeness, now.completeness) if was.completeness != now.completeness else None,
        in_scope=(was.in_scope, now.in_scope) if was.in_scope != now.in_scope else None,
        elements=_differing({e: f.status for e, f in was.elements.items()}, {e: f.status for e, f in now.elements.items()}),
        required={e: (e in was.required, e in now.required) for e in sorted({*was.required} ^ {*now.required})},
        codes=_differing({c.code: c.support for c in was.codes}, {c.code: c.support for c in now.codes}),
        verdicts=_differing({c.code: c.verdict for c in was.claim}, {c.code: c.verdict for c in now.claim}),
        coverage=_differing({f"{c.policy}: {c.id}": c.met for c in was.coverage}, {f"{c.policy}: {c.id}": c.met for c in now.coverage}),
    )


def _differing(was: Mapping[str, str], now: Mapping[str, str]) -> dict[str, Pair]:
    return {key: (was.get(key), now.get(key)) for key in dict.fromkeys([*now, *was]) if was.get(key) != now.get(key)}


def lines(change: Change) -> list[str]:
    """The change in plain lines: the note first, then what differs, each as `old → new`."""
    if change.kind != "changed":
        return [f"{change.note_id}  {change.kind}"]
    shares = change.completeness
    said = [change.note_id + (f"  complete {_shares(*shares)}" if shares else "")]
    if change.in_scope:
        said.append("  in scope now" if change.in_scope[1] else "  out of scope now")
    said += [f"  {element}: {'required now' if now else 'no longer required'}" for element, (_, now) in change.required.items()]
    for what, pairs in (("", change.elements), ("code ", change.codes), ("billed ", change.verdicts), ("coverage ", change.coverage)):
        said += [f"  {what}{name}: {_plain(was)} → {_plain(now)}" for name, (was, now) in pairs.items()]
    return said


def _shares(was: float | None, now: float | None) -> str:
    """Both as percentages, as exact as it takes to tell them apart."""
    whole, tenths = (tuple("-" if value is None else f"{value:.{digits}%}" for value in (was, now)) for digits in (0, 1))
    return " → ".join(whole if whole[0] != whole[1] else tenths)


def _plain(state: str | None) -> str:
    return state.replace("_", " ") if state else "not there"
