"""Each file of a source to the reader of its kind. What is wrong with one of many files costs only that file."""

from __future__ import annotations

import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import PurePosixPath

from notecheck.failures import Failure, InputError
from notecheck.models import Note
from notecheck.read import sources
from notecheck.read.columns import Columns, Tell
from notecheck.read.kinds import Kind
from notecheck.read.sources import File, Opened, Source

_ONE_NOTE = {".txt", ".rtf", ".docx", ".pdf", ".html", ".htm"}
_LARGE = 256_000_000  # bytes of a table that is not counted beforehand
_MANY = 100  # files that are not opened beforehand
_HELD = 1000  # failures that wait for a first note
_FIRST = 10  # records of JSON that tell whether they are notes


def read(source: Source, columns: Columns, tell: Tell) -> Iterator[Note | Failure]:
    """The notes of all files, in order. Raises InputError where a single file, or every file of a folder, cannot be used."""
    files = sources.files(source)
    if sources.is_one_file(source):
        return _of_only(next(files), columns, tell)
    return _of_many(files, source, columns, tell)


def count(source: Source, columns: Columns) -> int | None:
    """How many items `read` will give, near enough; None where telling would mean reading."""
    total, opened = 0, 0
    for file in sources.files(source):
        if _ending(file) in _ONE_NOTE:
            total += 1
            continue
        opened += 1
        n = _count(file, columns) if opened <= _MANY else None
        if n is None:
            return None
        total += n
    return total


def _of_only(file: File, columns: Columns, tell: Tell) -> Iterator[Note | Failure]:
    for position, item in enumerate(_of_file(file, columns, tell)):
        if position == 0 and isinstance(item, Failure) and item.source == file.name and item.row is None:
            raise InputError(item.reason)  # it speaks of the file as a whole
        yield item


def _of_many(files: Iterator[File], source: Source, columns: Columns, tell: Tell) -> Iterator[Note | Failure]:
    endings: Counter[str] = Counter()
    held: list[Failure] | None = []
    for file in files:
        endings[_ending(file) or "no ending"] += 1
        for item in _of_file(file, columns, tell):
            if held is not None and len(held) < _HELD and isinstance(item, Failure) and item.row is None:
                held.append(item)
                continue
            yield from held or ()
            held = None
            yield item
    if held is not None:
        has = ", ".join(f"{n} {ending}" for ending, n in sorted(endings.items())) or "nothing"
        first = f"; the first: {held[0].reason.rstrip('.')}" if held else ""
        raise InputError(f"{sources.spoken(source)} holds no note that can be read (found: {has}{first}); {sources.GIVE}.")


def _of_file(file: File, columns: Columns, tell: Tell) -> Iterator[Note | Failure]:
    return _contained(_notes_of_file(file, columns, tell), file.name)


def _notes_of_file(file: File, columns: Columns, tell: Tell) -> Iterator[Note | Failure]:
    with sources.opened(file, columns) as opened:
        if opened.kind is Kind.zip:
            yield from _notes_of_zip(opened, file, columns, tell)
        else:
            yield from _notes(opened, columns, tell)


def _notes_of_zip(opened: Opened, file: File, columns: Columns, tell: Tell) -> Iterator[Note | Failure]:
    archive = sources.Archive(opened, "" if file.name == file.path.name else f"{opened.note_id}/")
    for name, member in archive.members():
        yield from _contained(_notes_of_member(archive, name, member, columns, tell), name)


def _notes_of_member(
    archive: sources.Archive, name: str, member: zipfile.ZipInfo, columns: Columns, tell: Tell
) -> Iterator[Note | Failure]:
    with archive.opened(name, member, columns) as opened:
        yield from _notes(opened, columns, tell)


def _contained(items: Iterator[Note | Failure], name: str) -> Iterator[Note | Failure]:
    """The items of one file; an error that ends it is a Failure in its place."""
    given = 0
    try:
        for item in items:
            yield item
            given += 1
    except InputError as e:
        reason = str(e)
    except (EOFError, zlib.error, zipfile.BadZipFile):
        reason = f"{name} is damaged or cut short; copy it or export it again."
    except OSError as e:
        reason = f"{name} cannot be read: {e.strerror or 'read error'}."
    else:
        return
    yield Failure(source=name, reason=f"after {given:,} notes: {reason}" if given else reason)


def _notes(opened: Opened, columns: Columns, tell: Tell) -> Iterator[Note | Failure]:
    stream, name = opened.stream, opened.name
    match opened.kind:
        case Kind.table:
            from notecheck.read import table

            return table.read(stream, name, columns, tell)
        case Kind.jsonl:
            from notecheck.read import jsonl

            return _if_notes(jsonl.read(stream, name, columns, tell), name)
        case Kind.json:
            from notecheck.read import json_array

            return _if_notes(json_array.read(stream, name, columns, tell), name)
        case Kind.xlsx:
            from notecheck.read import xlsx

            return xlsx.read(stream, name, columns, tell)
        case Kind.parquet:
            from notecheck.read import parquet

            return parquet.read(stream, name, columns, tell)
        case Kind.fhir:
            from notecheck.read import fhir

            return fhir.read(stream, name)
        case Kind.hl7v2:
            from notecheck.read import hl7v2

            return hl7v2.read(stream, name)
        case Kind.ccda:
            from notecheck.read import ccda, documents

            return ccda.read(stream, name, documents.text_of)
        case _:
            return _document(opened)


def _if_notes(items: Iterator[Note | Failure], name: str) -> Iterator[Note | Failure]:
    """The items of a JSON export, unless none of the first is even the shell of a note: then the file is another thing, and is told as one."""
    held: list[Failure] = []
    for item in items:
        if isinstance(item, Note) or item.note_id is not None:
            yield from held
            yield item
            yield from items
            return
        held.append(item)
        if len(held) == _FIRST:
            break
    if held:
        raise InputError(f"{name}: {held[0].reason}")


def _document(opened: Opened) -> Iterator[Note | Failure]:
    from notecheck.read import documents

    try:
        text = documents.text_of(opened.stream.read(documents.LARGEST + 1), opened.name)
    except InputError as e:
        yield Failure(source=opened.name, note_id=opened.note_id, reason=str(e))
    else:
        yield Note(note_id=opened.note_id, text=text, source=opened.name)


def _count(file: File, columns: Columns) -> int | None:
    try:
        with sources.opened(file, columns) as opened:
            return _count_opened(opened, file.path.stat().st_size, columns)
    except (InputError, EOFError, zlib.error, zipfile.BadZipFile, OSError):
        return 1  # the Failure that says so


def _count_opened(opened: Opened, size: int, columns: Columns) -> int | None:
    match opened.kind:
        case Kind.document | Kind.ccda:
            return 1
        case Kind.table if size < _LARGE:
            from notecheck.read import table

            return table.count(opened.stream, opened.name, columns)
        case Kind.jsonl:
            from notecheck.read import jsonl

            return jsonl.count(opened.stream)
        case Kind.xlsx:
            from notecheck.read import xlsx

            return xlsx.count(opened.stream, opened.name, columns)
        case Kind.parquet:
            from notecheck.read import parquet

            return parquet.count(opened.stream, opened.name)
        case Kind.zip:
            names = [name for name, _ in sources.Archive(opened, "").members()]
            return len(names) if all(PurePosixPath(name).suffix.lower() in _ONE_NOTE for name in names) else None
        case _:
            return None


def _ending(file: File) -> str:
    return PurePosixPath(file.name).suffix.lower()
