"""The command that opens the pages and the HTTP interface on this machine."""

from __future__ import annotations


def serve() -> None:
    """Open the page that checks one note before submission, and the HTTP interface."""
    raise NotImplementedError
