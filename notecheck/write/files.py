"""Output files that only their owner can read: they hold words of patients' notes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO


def private_folder(path: Path) -> None:
    """Makes the folder (and those above it) where it is missing, for its owner alone. An existing folder keeps its rights."""
    if not path.is_dir():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.mkdir(mode=0o700)


@contextmanager
def private_file(path: Path) -> Iterator[TextIO]:
    """An open text file that takes its name only when it is complete, so that a killed run leaves no half of one."""
    partial = path.with_name(path.name + ".partial")
    partial.unlink(missing_ok=True)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as f:
            yield f
        partial.replace(path)
    except BaseException as e:
        partial.unlink(missing_ok=True)
        if isinstance(e, OSError) and e.filename is None:  # a full disk does not say of which file
            e.filename = str(path)
        raise
