"""What a reader found, without where it stood."""

from __future__ import annotations

from collections.abc import Iterable

from notecheck.failures import Failure
from notecheck.models import Note


def bare(items: Iterable[Note | Failure]) -> list[Note | Failure]:
    return [item.model_copy(update={"source": None, "row": None}) if isinstance(item, Note) else item for item in items]
