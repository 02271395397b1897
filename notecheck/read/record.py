"""What a row of a CSV and a line of a JSONL have in common: which field is which, and how a note is made of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime

from notecheck.codesets import parse_codes
from notecheck.failures import Failure, InputError
from notecheck.models import LONGEST_NOTE, Note
from notecheck.read.encoding import whole

_REQUIRED = ("note_id", "text")
_DATES = ("%m/%d/%Y", "%m-%d-%Y", "%m/%d/%y", "%Y/%m/%d", "%Y%m%d")


@dataclass(frozen=True)
class Columns:
    """The names of the columns (fields), where they differ from ours."""

    note_id: str | None = None
    text: str | None = None
    service_date: str | None = None
    provider: str | None = None
    codes: str | None = None

    def find(self, names: Iterable[str]) -> dict[str, str]:
        """Which of the columns is which. Raises InputError, listing the columns, when one asked for or required is not there."""
        there = list(names)
        known = {name.strip().lower(): name for name in reversed(there)}
        found: dict[str, str] = {}
        for field in fields(self):
            asked: str | None = getattr(self, field.name)
            name = known.get((asked or field.name).strip().lower())
            if name is not None:
                found[field.name] = name
            elif asked or field.name in _REQUIRED:
                option = f"--{'id' if field.name == 'note_id' else field.name.replace('_', '-')}-column"
                raise InputError(f"there is no column {asked or field.name}; name the right one with {option} (columns: {_listed(there)}).")
        return found


def note(values: Mapping[str, object], source: str, row: int) -> Note | Failure:
    """A note of one record's values by our names, or why it cannot be one. The reason names columns, never their content."""
    note_id = _plain(values.get("note_id"))

    def failure(reason: str) -> Failure:
        return Failure(source=source, row=row, note_id=note_id or None, reason=reason)

    text = values.get("text")
    if not note_id:
        return failure("the note id is empty; give each note an id.")
    if text is None or not str(text).strip():
        return failure("the note's text is empty.")
    if not isinstance(text, str):
        return failure("the note's text is not a string; write it as text in quotes.")
    if len(text) > LONGEST_NOTE:
        return failure(f"the note is longer than {LONGEST_NOTE:,} characters; split it into its notes.")
    if "\0" in text:
        return failure("the note's text holds NUL characters; export it again as UTF-8 text.")
    try:
        service_date = day(_plain(values.get("service_date")))
    except ValueError:
        return failure("the service date is not a date that can be read; write it as YYYY-MM-DD (or MM/DD/YYYY).")
    return Note(
        note_id=note_id,
        text=whole(text),
        service_date=service_date,
        provider=_plain(values.get("provider")) or None,
        codes=codes(values.get("codes")),
    )


def codes(value: object) -> tuple[str, ...]:
    """The billed codes of one cell, as people type them, or of a list of codes."""
    return parse_codes("\n".join(map(_plain, value)) if isinstance(value, list | tuple) else _plain(value))


def day(value: str) -> date | None:
    """The date of a cell, None for an empty one. ISO first, then the forms of US exports. Raises ValueError for anything else."""
    if not value:
        return None
    try:
        return datetime.fromisoformat(value).date()
    except ValueError:
        pass
    for form in _DATES:
        try:
            return datetime.strptime(value.split(" ")[0], form).date()
        except ValueError:
            continue
    raise ValueError("not a date that can be read")


def _plain(value: object) -> str:
    return "" if value is None else whole(str(value)).strip()


def _listed(names: list[str], most: int = 30) -> str:
    short = [name.strip()[:40] or "(no name)" for name in names[:most]]
    return ", ".join(short) + (f" and {len(names) - most} more" if len(names) > most else "") if names else "none"
