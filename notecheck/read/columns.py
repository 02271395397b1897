"""Which column of an export is which: by the names the user gives, by ours, or by those that exports are known to use (columns.yaml)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from notecheck.failures import InputError

Found = Mapping[str, tuple[str, ...]]
"""Each field of a note that was found, with the names of its columns: one, or for codes several (DX1, DX2, …)."""

Tell = Callable[[str, Found], None]
"""Is told the name of a file and its columns, once they are known."""

_NOT_NAMED = re.compile(r"[^a-z0-9]+")
_NUMBERED = re.compile(r"(.*?)0*([1-9]\d?)")


@dataclass(frozen=True)
class Columns:
    """The names of the columns (fields), where they are not to be guessed. `codes` may name several, separated by commas."""

    note_id: str | None = None
    text: str | None = None
    service_date: str | None = None
    provider: str | None = None
    codes: str | None = None
    site: str | None = None
    payer: str | None = None
    note_type: str | None = None

    def find(self, names: Iterable[str]) -> Found:
        """Which of the columns is which. A name that was given wins, then our own, then the surest of the known ones.

        Raises InputError, listing the columns, when one that was given is not there, when two fit equally, or when none holds the text.
        A missing note id is no error: notes without one are called by file and row.
        """
        there = list(dict.fromkeys(names))
        found = {}
        for field in fields(self):
            asked: str | None = getattr(self, field.name)
            fit = _asked(field.name, asked, there) if asked else _known(field.name, there)
            if len(fit) > 1 and field.name != "codes":
                raise InputError(f"the columns {' and '.join(map(_short, fit))} both fit {field.name}; name one with {option(field.name)}.")
            if not fit and (asked or field.name == "text"):
                missing = f"there is no column {asked or field.name}; name the right one with {option(field.name)}"
                raise InputError(f"{missing} (columns: {_listed(there)}).")
            if fit:
                found[field.name] = tuple(fit)
        return found

    def known(self, names: Iterable[str]) -> int:
        """How many of the names are those of a column we know or were given: what tells a header from other lines."""
        given = {_bare(part) for field in fields(self) for part in (getattr(self, field.name) or "").split(",")}
        ours = {name for lists in _names().values() for names_of in lists for name in names_of} | given
        return sum(_bare(name) in ours for name in set(names) if _bare(name))


def option(field: str) -> str:
    """The option of the command line that names the column of a field."""
    return f"--{'id' if field == 'note_id' else field.replace('_', '-')}-column"


def described(found: Found) -> str:
    """Which column is which, in one line: `note_id ← VisitID, text ← NoteText`. One that is called as we call it stands alone."""
    pairs = {field: " + ".join(map(_short, names)) for field, names in found.items()}
    return ", ".join(field if name == field else f"{field} ← {name}" for field, name in ({"note_id": "(file and row)"} | pairs).items())


def unfound(found: Found) -> str:
    """The fields that no column was found for. A note id that is missing is told by `described`."""
    return ", ".join(field.name for field in fields(Columns) if field.name not in found and field.name != "note_id")


def untold(name: str, found: Found) -> None:
    """Tells nobody."""


def _asked(field: str, asked: str, there: list[str]) -> list[str]:
    wanted = [part.strip() for part in asked.split(",")] if field == "codes" and asked not in there else [asked.strip()]
    fit = []
    for name in wanted:
        same = (
            [t for t in there if t.strip() == name]
            or [t for t in there if t.strip().lower() == name.lower()]
            or [t for t in there if _bare(t) == _bare(name)]
        )
        if not same:
            return []
        fit.append(same[0])
    return fit


def _known(field: str, there: list[str]) -> list[str]:
    own = [t for t in there if t.strip().lower() == field]
    if own:
        return own[:1]
    for names in _names()[field]:
        if fit := [t for t in there if _bare(t) in names]:
            return fit
    return _numbered(there) if field == "codes" else []


def _numbered(there: list[str]) -> list[str]:
    """The columns of codes that carry a number, in its order."""
    fit = []
    for name in there:
        parts = _NUMBERED.fullmatch(_bare(name))
        if parts and any(parts[1] in names for names in _names()["numbered_codes"]):
            fit.append((int(parts[2]), name))
    return [name for _, name in sorted(fit, key=lambda numbered: numbered[0])]


@cache
def _names() -> dict[str, list[frozenset[str]]]:
    known: dict[str, Any] = yaml.safe_load(files("notecheck.read").joinpath("columns.yaml").read_text(encoding="utf-8"))
    known["numbered_codes"] = [known["numbered_codes"]]
    return {field: [frozenset(map(_bare, names)) for names in lists] for field, lists in known.items()}


def _bare(name: str) -> str:
    return _NOT_NAMED.sub("", name.lower())


def _short(name: str) -> str:
    return name.strip()[:40] or "(no name)"


def _listed(names: list[str], most: int = 30) -> str:
    return ", ".join(map(_short, names[:most])) + (f" and {len(names) - most} more" if len(names) > most else "") if names else "none"
