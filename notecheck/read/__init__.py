"""From files to notes: one module a format, each a function from a path to an iterator of notes and failures.

>>> from pathlib import Path
>>> first = next(read(Path("sample_notes/export.csv")))
>>> first.note_id, first.provider, first.codes
('01-new-patient-template', 'Okafor', ('M54.5',))
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from notecheck.failures import Failure, InputError
from notecheck.models import Note
from notecheck.read import folder, jsonl, table, text
from notecheck.read.record import Columns

__all__ = ["Columns", "count", "read"]

_TABLES = {".csv", ".tsv"}
_LINES = {".jsonl", ".ndjson"}
EXPORTS = _TABLES | _LINES


def read(path: Path, columns: Columns = Columns()) -> Iterator[Note | Failure]:
    """The notes of a folder of .txt, a .jsonl, a .csv or one .txt, in a fixed order, with each note id once.

    A note that cannot be used is a Failure in its place. Raises InputError where the input as a whole cannot be used, or holds no note.
    """
    return _some(_once_each(_reader(path, columns)), path)


def count(path: Path) -> int:
    """How many notes and failures `read` will give, told without keeping any of them."""
    _existing(path)
    if path.is_dir():
        return len(folder.files(path))
    kind = path.suffix.lower()
    return table.count(path) if kind in _TABLES else jsonl.count(path) if kind in _LINES else 1


def _reader(path: Path, columns: Columns) -> Iterator[Note | Failure]:
    _existing(path)
    if path.is_dir():
        return folder.read(path)
    kind = path.suffix.lower()
    if kind in _TABLES:
        return table.read(path, columns)
    if kind in _LINES:
        return jsonl.read(path, columns)
    return text.read(path)


def _existing(path: Path) -> None:
    if not path.exists():
        raise InputError(f"{path} does not exist; give a folder of .txt notes, a .jsonl or a .csv.")
    if not path.is_dir() and not path.is_file():
        raise InputError(f"{path} is neither a file nor a folder; save its content to a file and give that.")


def _some(items: Iterable[Note | Failure], path: Path) -> Iterator[Note | Failure]:
    item = None
    for item in items:
        yield item
    if item is None:  # an export that went wrong; a silent success would hide it
        raise InputError(f"{path} holds no note; export it again.")


def _once_each(items: Iterable[Note | Failure]) -> Iterator[Note | Failure]:
    seen: set[str] = set()
    for position, item in enumerate(items, start=1):
        if isinstance(item, Note):
            if item.note_id in seen:
                reason = "this note id was used by an earlier note; give each note an id of its own."
                yield Failure(source=f"note {position} of the input", note_id=item.note_id, reason=reason)
                continue
            seen.add(item.note_id)
        yield item
