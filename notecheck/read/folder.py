"""A folder of .txt notes, with the folders inside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from notecheck.failures import Failure, InputError
from notecheck.models import Note
from notecheck.read import text


def read(path: Path) -> Iterator[Note | Failure]:
    """Each .txt file as a note, by name. A note in an inner folder carries that folder in its id (`june/visit-7`)."""
    return (item for file in files(path) for item in text.read(file, _note_id(file, path)))


def files(path: Path) -> list[Path]:
    """The .txt files, sorted; hidden ones are left out. Raises InputError when there is none."""
    every = [p for p in path.rglob("*") if p.is_file() and not any(part.startswith(".") for part in p.relative_to(path).parts)]
    notes = sorted((p for p in every if p.suffix.lower() == ".txt"), key=lambda p: p.relative_to(path).as_posix())
    if not notes:
        endings = Counter(p.suffix.lower() or "no ending" for p in every)
        has = ", ".join(f"{n} {ending}" for ending, n in sorted(endings.items())) or "nothing"
        raise InputError(f"{path} holds no .txt note (found: {has}); give a folder of .txt files, or a .csv or .jsonl file itself.")
    return notes


def _note_id(file: Path, root: Path) -> str:
    return file.relative_to(root).with_suffix("").as_posix()
