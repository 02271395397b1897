"""The files of a source: one file, a folder with the folders in it, a glob, or the members of zip archives among them."""

from __future__ import annotations

import glob
import gzip
import os
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import BinaryIO, NamedTuple, cast

from notecheck.failures import InputError
from notecheck.read import archive, kinds, own
from notecheck.read.columns import Columns
from notecheck.read.encoding import whole

Source = Path | str | Sequence[Path | str]
"""A file, a folder, a zip, a glob, or several of them."""

EXPORTS = {".csv", ".tsv", ".xlsx", ".jsonl", ".ndjson", ".parquet", ".zip", ".hl7"}  # endings of files that hold many notes
GIVE = "give a folder of notes, a file, a zip, or a pattern such as 'exports/*.csv'"


class File(NamedTuple):
    """A file as it stands in the source."""

    path: Path
    name: str  # from the source's folder, with slashes: what messages and notes call it

    @property
    def note_id(self) -> str:
        """What its note is called, if it holds one: its name without the ending."""
        return without_ending(self.name)


class Opened(NamedTuple):
    """A file that is open at its beginning, its kind told."""

    stream: BinaryIO
    name: str
    note_id: str
    kind: kinds.Kind


def files(source: Source) -> Iterator[File]:
    """The files of the source in a fixed order, hidden ones and what notecheck wrote itself left out.

    Raises InputError at once where there is no such source.
    """
    given = listed(source)
    if len(given) == 1:
        return _files(given[0])
    for one in given:
        _files(one)  # to complain at once
    above = Path(os.path.commonpath([Path(one).absolute().parent for one in given]))
    return _once(file for one in given for file in _among(one, above))


def is_one_file(source: Source) -> bool:
    """Whether the source is a single file, so that what is wrong with it is wrong with the whole input."""
    given = listed(source)
    return len(given) == 1 and Path(given[0]).is_file()


def listed(source: Source) -> Sequence[Path | str]:
    """The sources, one by one."""
    return [source] if isinstance(source, Path | str) else source


def spoken(source: Source) -> str:
    """The source as a message names it."""
    given = listed(source)
    return str(given[0]) if len(given) == 1 else f"{given[0]} and {len(given) - 1} more"


def _files(source: Path | str) -> Iterator[File]:
    path = Path(source)
    if path.is_dir():
        return _in_folder(path, "")
    if path.is_file():
        return iter([File(path, whole(path.name))])
    if path.exists():
        raise InputError(f"{path} is neither a file nor a folder; save its content to a file and give that.")
    if glob.has_magic(str(source)):
        return _matching(str(source))
    raise InputError(f"{path} does not exist; {GIVE}.")


def _among(source: Path | str, above: Path) -> Iterator[File]:
    """The files of one source of several, named from the folder that holds them all."""
    for file in _files(source):
        yield File(file.path, whole(file.path.absolute().relative_to(above).as_posix()))


@contextmanager
def opened(file: File, columns: Columns) -> Iterator[Opened]:
    """The file, unpacked if it is a gzip. Raises InputError, naming the file, for what cannot be read."""
    try:
        stream = cast(BinaryIO, file.path.open("rb"))
    except OSError as e:
        raise InputError(f"{file.name} cannot be opened: {e.strerror or 'read error'}.") from e
    with stream:
        name = file.name
        kind = kinds.told(stream, name, columns)
        if kind is kinds.Kind.gzip:
            name = name[: -len(".gz")] if name.lower().endswith(".gz") else name
            stream = cast(BinaryIO, gzip.GzipFile(fileobj=stream))
            kind = kinds.told(stream, name, columns)
            if kind in _SEEKING:
                stream = archive.copied(stream)
        yield Opened(stream, name, without_ending(name), kind)


_SEEKING = {kinds.Kind.zip, kinds.Kind.xlsx, kinds.Kind.parquet}


class Archive:
    """An open zip of notes."""

    def __init__(self, outer: Opened, prefix: str) -> None:
        """`prefix` stands before the ids of its notes."""
        self._name, self._prefix = outer.name, prefix
        self._zip = zipfile.ZipFile(outer.stream)

    def members(self) -> Iterator[tuple[str, zipfile.ZipInfo]]:
        """Each member with the name that messages give it (`export.zip!june/7.txt`)."""
        return ((f"{self._name}!{whole(name)}", member) for name, member in archive.members(self._zip, self._name))

    @contextmanager
    def opened(self, name: str, member: zipfile.ZipInfo, columns: Columns) -> Iterator[Opened]:
        """The member. Raises InputError for one that cannot be read, and for an archive within the archive."""
        with archive.opened(self._zip, member, name) as stream:
            kind = kinds.told(stream, name, columns)
            if kind in (kinds.Kind.zip, kinds.Kind.gzip):
                raise InputError(f"{name} is an archive within an archive; unpack the outer one and give the folder.")
            yield Opened(stream, name, self._prefix + without_ending(name.partition("!")[2]), kind)


def without_ending(name: str) -> str:
    """A file's name without its ending, the folders before it kept."""
    return PurePosixPath(name).with_suffix("").as_posix()


def _in_folder(folder: Path, prefix: str) -> Iterator[File]:
    """By name; a folder at a time, so that a million files need no memory. Links to folders are not followed: they may go round."""
    try:
        with os.scandir(folder) as entries:
            found = [(entry.name + ("/" if entry.is_dir(follow_symlinks=False) else ""), entry.path) for entry in entries]
    except OSError as e:
        raise InputError(f"the folder {folder} cannot be opened: {e.strerror or 'read error'}.") from e
    for name, path in sorted(found, key=lambda entry: _place(entry[0])):
        if name.startswith("."):
            continue
        if name.endswith("/"):
            yield from _in_folder(Path(path), prefix + name)
        elif own.is_own(Path(path)):
            continue
        elif Path(path).is_file() or not Path(path).exists():  # a link that leads nowhere is told when it is opened
            yield File(Path(path), whole(prefix + name))


def _matching(pattern: str) -> Iterator[File]:
    parts = Path(pattern).parts
    fixed = next(i for i, part in enumerate(parts) if glob.has_magic(part))
    root = Path(*parts[:fixed])
    matches = sorted(root.glob("/".join(parts[fixed:])), key=lambda match: _place(match.relative_to(root).as_posix()))
    if not matches:
        raise InputError(f"nothing matches {pattern}; {GIVE}.")
    return _once(file for match in matches for file in _of_match(match, match.relative_to(root).as_posix()))


def _of_match(match: Path, name: str) -> Iterator[File]:
    if any(part.startswith(".") and part != "." for part in name.split("/")):
        return
    if match.is_dir():
        yield from _in_folder(match, f"{name}/" if name != "." else "")
    elif match.is_file() and not own.is_own(match):
        yield File(match, whole(name))


def _place(name: str) -> tuple[bool, str]:
    """Exports stand before the documents of a folder: their rows say more of a note that is there as a document too."""
    return PurePosixPath(name).suffix.lower() not in EXPORTS, name


def _once(found: Iterator[File]) -> Iterator[File]:
    """Without files met before: `**` matches a folder and then what is in it."""
    seen: set[str] = set()
    for file in found:
        if file.name not in seen:
            seen.add(file.name)
            yield file
