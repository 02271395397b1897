"""Zip archives of notes. Nothing is ever unpacked by its name: members are read where they are, or copied to a file that has none."""

from __future__ import annotations

import io
import re
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from typing import IO, BinaryIO, cast

from notecheck.failures import InputError

MOST_MEMBERS = 250_000
LARGEST = 200_000_000_000  # bytes that all members come to
HIGHEST_RATIO = 200  # text shrinks to a tenth; a bomb to a thousandth
_SMALL = 100_000_000  # bytes; what comes to no more may shrink as it likes
_IN_MEMORY = 16_000_000  # bytes of a member that are held before they go to disk
_NEEDS_SEEKING = (b"PK\x03\x04", b"PAR1")  # read from their end
_DRIVE = re.compile(r"^[A-Za-z]:")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")
_ENCRYPTED = 0x1


def refuse_bomb(z: zipfile.ZipFile, name: str) -> None:
    """Raises InputError for an archive that would swell beyond all reason. Reading gives no more of a member than the archive says it has."""
    members = z.infolist()
    size, packed = sum(m.file_size for m in members), sum(m.compress_size for m in members)
    if len(members) > MOST_MEMBERS:
        raise InputError(f"{name} has {len(members):,} members, more than {MOST_MEMBERS:,}; unzip it and give the folder.")
    if size > LARGEST or size > max(_SMALL, HIGHEST_RATIO * packed):
        raise InputError(
            f"{name} would swell to {size / 1e9:,.1f} GB and looks like a zip bomb; unzip it yourself if you trust it, and give the folder."
        )


def members(z: zipfile.ZipFile, archive: str) -> Iterator[tuple[str, zipfile.ZipInfo]]:
    """The files in the archive by name, hidden ones left out. The names stay below the archive, whatever path they claim.

    Raises InputError where all are locked.
    """
    named = ((_within(member.filename), member) for member in z.infolist() if not member.is_dir())
    kept = [(name, member) for name, member in named if name and not _is_hidden(name)]
    if kept and all(member.flag_bits & _ENCRYPTED for _, member in kept):
        raise InputError(f"{archive} is locked with a password; unzip it with the password and give the folder.")
    yield from sorted(kept, key=lambda pair: pair[0])


def opened(z: zipfile.ZipFile, member: zipfile.ZipInfo, name: str) -> BinaryIO:
    """The member, to be read from its beginning. Raises InputError for one that cannot be read."""
    if member.flag_bits & _ENCRYPTED:
        raise InputError(f"{name} is locked with a password; unzip the archive with the password and give the folder.")
    try:
        stream = cast(BinaryIO, io.BufferedReader(cast(io.RawIOBase, z.open(member)), 1 << 18))
    except (NotImplementedError, RuntimeError) as e:
        raise InputError(f"{name} is packed in a way that cannot be read here; unzip the archive and give the folder.") from e
    head = stream.read(4)
    stream.seek(0)
    return copied(stream) if head in _NEEDS_SEEKING else stream


def copied(stream: IO[bytes]) -> BinaryIO:
    """A copy that can be read in any order: in memory, or, if it is large, in a file without a name that only this process can reach."""
    copy = tempfile.SpooledTemporaryFile(_IN_MEMORY, prefix="notecheck-")  # noqa: SIM115 (the caller closes it)
    with stream:
        shutil.copyfileobj(stream, copy, 1 << 18)
    copy.seek(0)
    return cast(BinaryIO, copy)


def _within(path: str) -> str:
    parts = _DRIVE.sub("", _CONTROLS.sub("", path).replace("\\", "/")).split("/")
    return "/".join(part for part in parts if part not in ("", ".", ".."))


def _is_hidden(name: str) -> bool:
    return any(part.startswith(".") or part == "__MACOSX" for part in name.split("/"))
