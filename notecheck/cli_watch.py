"""The command that checks files as they arrive in a folder."""

from __future__ import annotations


def watch() -> None:
    """Check each note as it arrives in a folder, and write its report beside it."""
    raise NotImplementedError
