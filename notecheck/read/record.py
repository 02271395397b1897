"""What a row of a table and an object of JSON have in common: how a note is made of their values."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import TypeGuard

from notecheck.codesets import parse_codes
from notecheck.failures import Failure, InputError
from notecheck.models import LONGEST_NOTE, Note
from notecheck.read.columns import Columns, Found, Tell, untold
from notecheck.read.encoding import whole

_DATES = ("%m/%d/%Y", "%m-%d-%Y", "%m/%d/%y", "%Y/%m/%d", "%Y%m%d", "%d-%b-%Y", "%d-%b-%y", "%b %d, %Y", "%B %d, %Y", "%d %b %Y")


class Rows:
    """The rows of one table, once its columns are known. Raises InputError if the columns are not those of notes."""

    def __init__(self, names: Sequence[str], columns: Columns, source: str, tell: Tell = untold) -> None:
        try:
            self.found: Found = columns.find(names)
        except InputError as e:
            raise InputError(f"{source}: {e}") from e
        self.width = len(names)
        self._source = source
        self._places = [(field, [names.index(name) for name in columns_of]) for field, columns_of in self.found.items()]
        tell(source, self.found)

    def values(self, row: Sequence[object]) -> dict[str, object]:
        """The row's values by our names; those of several columns as a list."""
        return {field: row[places[0]] if len(places) == 1 else [row[place] for place in places] for field, places in self._places}

    def note(self, row: Sequence[object], number: int) -> Note | Failure:
        """The note of one row."""
        return note(self.values(row), self._source, number)


class Objects:
    """The objects of one JSON export. Each has its own fields; those of the first are told."""

    def __init__(self, columns: Columns, source: str, tell: Tell = untold) -> None:
        self._columns, self._source, self._tell = columns, source, tell
        self._fields: tuple[str, ...] = ()
        self._found: Found = {}

    def note(self, value: object, number: int) -> Note | Failure:
        """The note of one object, or why it cannot be one."""
        if not isinstance(value, dict):
            return Failure(source=self._source, row=number, reason="this is not a JSON object with note_id and text.")
        if not self._found or tuple(value) != self._fields:
            try:
                found = self._columns.find(value)
            except InputError as e:
                return Failure(source=self._source, row=number, reason=str(e))
            if not self._found:
                self._tell(self._source, found)
            self._fields, self._found = tuple(value), found
        values = {f: value[names[0]] if len(names) == 1 else [value[name] for name in names] for f, names in self._found.items()}
        return note(values, self._source, number)


def note(values: Mapping[str, object], source: str, row: int) -> Note | Failure:
    """A note of one record's values by our names, or why it cannot be one. The reason names columns, never their content."""
    note_id = _plain(values["note_id"]) if "note_id" in values else f"{source}:{row}"

    def failure(reason: str) -> Failure:
        return Failure(source=source, row=row, note_id=note_id or None, reason=reason)

    text = values.get("text")
    if not note_id:
        return failure("the note id is empty; give each note an id.")
    if isinstance(text, bytes | bytearray):
        text = text.decode("utf-8", "replace")
    if _is_empty(text):
        return failure("the note's text is empty.")
    if not isinstance(text, str):
        return failure("the note's text is not a string; write it as text in quotes.")
    if len(text) > LONGEST_NOTE:
        return failure(f"the note is longer than {LONGEST_NOTE:,} characters; split it into its notes.")
    if "\0" in text:
        return failure("the note's text holds NUL characters; export it again as UTF-8 text.")
    try:
        service_date = _day(values.get("service_date"))
    except ValueError:
        return failure("the service date is not a date that can be read; write it as YYYY-MM-DD (or MM/DD/YYYY).")
    return Note(
        note_id=note_id,
        text=whole(text),
        service_date=service_date,
        provider=_plain(values.get("provider")) or None,
        site=_plain(values.get("site")) or None,
        payer=_plain(values.get("payer")) or None,
        note_type=_plain(values.get("note_type")) or None,
        codes=codes(values.get("codes")),
        source=source,
        row=row,
    )


def codes(value: object) -> tuple[str, ...]:
    """The billed codes of one cell, as people type them, or of a list of codes."""
    return _codes("\n".join(map(_plain, value)) if _is_list(value) else _plain(value))


@lru_cache(maxsize=4096)
def _codes(typed: str) -> tuple[str, ...]:
    return parse_codes(typed)


def _day(value: object) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else day(_plain(value))


@lru_cache(maxsize=4096)
def day(value: str) -> date | None:
    """The date of a cell, None for an empty one. ISO first, then the forms of US exports. Raises ValueError for anything else."""
    if not value:
        return None
    try:
        return datetime.fromisoformat(value).date()
    except ValueError:
        pass
    for form in _DATES:
        for written in (value, value.split(" ")[0]):  # alone, or with a time after it
            try:
                return datetime.strptime(written, form).date()
            except ValueError:
                continue
    raise ValueError("not a date that can be read")


def _plain(value: object) -> str:
    """A cell as people read it: a number that a spreadsheet holds as 123.0 is 123, what is not there is nothing."""
    if isinstance(value, float):
        if math.isnan(value):
            return ""
        value = int(value) if value.is_integer() else value
    return "" if value is None else whole(str(value)).strip()


def _is_empty(value: object) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value)) or (isinstance(value, str) and (not value or value.isspace()))


def _is_list(value: object) -> TypeGuard[Iterable[object]]:
    return isinstance(value, Iterable) and not isinstance(value, str | bytes | Mapping)
