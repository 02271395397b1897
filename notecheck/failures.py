"""What is said of a note, or of a whole input, that could not be checked. No reason ever quotes the note."""

from __future__ import annotations

import traceback
from pathlib import Path

from notecheck.models import Frozen


class InputError(ValueError):
    """The input as a whole cannot be used. The message is one sentence for the user: what is wrong, and what to do."""


class Failure(Frozen):
    """One note that could not be checked: where it stands in the input, and why, in one sentence."""

    source: str | None = None
    row: int | None = None
    note_id: str | None = None
    reason: str


def spoken(error: Exception) -> str:
    """An exception as one sentence that quotes no note: our own messages as they are, of any other only its kind and place."""
    if type(error).__module__.startswith("notecheck."):
        said = str(error)
        return said if said.endswith((".", "?")) else said + "."
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename or 'input or output'}: {error.strerror.lower()}."
    place = traceback.extract_tb(error.__traceback__)[-1]
    return f"notecheck itself failed ({type(error).__name__} at {Path(place.filename).name}:{place.lineno}); please report this line."
