"""How the values of several mentions of an element become one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from notecheck.models import Value
from notecheck.rules import Merge, Rank


def merge_values(values: Iterable[Value], how: Mapping[str, Merge]) -> Value:
    """One value out of many, field by field, in the order given; a field without a merge rule unites lists and keeps the first scalar."""
    out: Value = {}
    for value in values:
        for key, new in value.items():
            out[key] = _merge(out[key], new, how.get(key)) if key in out else (list(new) if isinstance(new, list | tuple) else new)
    return out


def _merge(old: Any, new: Any, how: Merge | None) -> Any:
    if isinstance(how, Rank):
        return max(old, new, key=lambda v: how.rank.index(v) if v in how.rank else -1)
    if how == "last":
        return new
    if how == "side":  # the side named first, unless both are named as such; a side says more than the middle
        return "bilateral" if "bilateral" in (old, new) else new if old in (None, "midline") else old
    if how == "union" or (how is None and isinstance(old, list)):
        return [*old, *(n for n in (new if isinstance(new, list | tuple) else [new]) if n not in old)]
    return old if old is not None else new
