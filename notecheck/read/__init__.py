"""From files to notes: one module a format, each a function from an open file to an iterator of notes and failures.

>>> from pathlib import Path
>>> first = next(read(Path("sample_notes/export.csv")))
>>> first.note_id, first.provider, first.codes
('01-new-patient-template', 'Okafor', ('M54.5',))
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import blake2b
from pathlib import Path

from notecheck.failures import Failure, InputError
from notecheck.models import Note
from notecheck.read import formats
from notecheck.read.columns import Columns, Found, Tell, described, unfound, untold
from notecheck.read.sources import Source, is_one_file, spoken, without_ending

__all__ = ["Columns", "Source", "count", "described", "preview", "read", "read_all", "read_query", "unfound"]


def read(source: Source, columns: Columns = Columns(), tell: Tell = untold) -> Iterator[Note | Failure]:
    """The notes of a file, a folder, a glob or a zip, or of several, in a fixed order, with each note id once. What a file is, its content tells.

    A note that cannot be used is a Failure in its place. Raises InputError where the input as a whole cannot be used, or holds no note.
    `tell` is called with each table's name and columns before its first note.
    """
    return _some(_once_each(formats.read(source, columns, tell), several=not is_one_file(source)), spoken(source))


def read_all(sources: Iterable[Path | str], columns: Columns = Columns(), tell: Tell = untold) -> Iterator[Note | Failure]:
    """The notes of several sources as of one, each note id once among them all."""
    return read(tuple(sources), columns, tell)


def read_query(query: str, database: str, columns: Columns = Columns(), tell: Tell = untold) -> Iterator[Note | Failure]:
    """The notes of a database query's rows; see `notecheck.read.database` for what `database` may be."""
    from notecheck.read import database as databases

    return _some(_once_each(databases.read(query, database, columns, tell)), "the query's answer")


def preview(source: Source, columns: Columns = Columns()) -> tuple[str, Found] | None:
    """The first table of the source and which of its columns is which; None where its first note does not come from a table.

    `described` puts that in a line. Raises InputError as `read` does.
    """
    told: list[tuple[str, Found]] = []
    items = read(source, columns, lambda name, found: told.append((name, found)))
    next(items, None)
    return told[0] if told else None


def count(source: Source, columns: Columns = Columns()) -> int | None:
    """How many notes and failures `read` will give, near enough for a progress bar; None where telling would cost as much as reading."""
    return formats.count(source, columns)


def _some(items: Iterable[Note | Failure], source: str) -> Iterator[Note | Failure]:
    item = None
    for item in items:
        yield item
    if item is None:  # an export that went wrong; a silent success would hide it
        raise InputError(f"{source} holds no note; export it again.")


def _once_each(items: Iterable[Note | Failure], several: bool = False) -> Iterator[Note | Failure]:
    """Each note id once; another note with the same id is a Failure in its place.

    Among several files the same note may be met twice, in two exports that overlap or as a document beside its row: one that brings nothing new is
    passed over. Two documents whose names differ by their ending alone (visit.pdf, visit.html) keep it in their ids.

    Remembers 60 bits of a digest of each id: with a million notes, a chance of one in two million that two ids are taken for one.
    """
    seen: set[int] = set()
    known: set[int] = set()  # what notes said, with and without their dates and codes
    for item in items:
        if isinstance(item, Note):
            if several and _digest(item.note_id) in seen:
                if _digest(item.note_id, item.text, _claim(item)) in known:
                    continue
                if item.source and without_ending(item.source) == item.note_id:
                    item = item.model_copy(update={"note_id": item.source})
            digest = _digest(item.note_id)
            if digest in seen:
                reason = "this note id was used by an earlier note; give each note an id of its own."
                yield Failure(source=item.source, row=item.row, note_id=item.note_id, reason=reason)
                continue
            seen.add(digest)
            if several:
                known |= {_digest(item.note_id, item.text, claim) for claim in (_claim(item), _NO_CLAIM)}
        yield item


_NO_CLAIM = "None ()"


def _claim(note: Note) -> str:
    return f"{note.service_date} {note.codes}"


def _digest(*parts: str) -> int:
    return int.from_bytes(blake2b("\0".join(parts).encode("utf-8"), digest_size=8).digest()) >> 4
