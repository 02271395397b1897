"""One note in one text file; its name without the ending is the note's id."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from notecheck.failures import Failure, InputError
from notecheck.models import LONGEST_NOTE, Note
from notecheck.read.encoding import decode, whole

BYTES = 4 * LONGEST_NOTE + 4  # what the longest note takes in the widest encoding


def read(path: Path, note_id: str | None = None) -> Iterator[Note | Failure]:
    """The note of the file, or the reason why there is none."""
    name, source, file = whole(note_id or path.stem), whole(str(path)), whole(path.name)
    try:
        with path.open("rb") as f:
            yield Note(note_id=name, text=content(f, file))
    except InputError as e:
        yield Failure(source=source, note_id=name, reason=str(e))
    except OSError as e:
        yield Failure(source=source, note_id=name, reason=f"{file} cannot be opened: {e.strerror or 'read error'}.")


def content(stream: BinaryIO, name: str) -> str:
    """The text of an open file or pipe. Raises InputError if it is empty, too long or no text."""
    data = stream.read(BYTES + 1)
    if len(data) > BYTES:
        raise InputError(f"{name} is longer than the {LONGEST_NOTE:,} characters a note may have; split it into its notes.")
    text = decode(data, name)
    if not text.strip():
        raise InputError(f"{name} is empty; export it again or leave it out.")
    if len(text) > LONGEST_NOTE:
        raise InputError(f"{name} is longer than the {LONGEST_NOTE:,} characters a note may have; split it into its notes.")
    return text
