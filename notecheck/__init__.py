"""notecheck: what a spine-pain note documents, what it lacks, and which codes its words support.

import notecheck
checker = notecheck.load()
report = checker.check("Low back pain radiating to the left foot, 7/10 …")
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from notecheck.checker import Checker, NoteError, load
    from notecheck.models import Note, NoteReport
    from notecheck.packs import PackError

__version__ = "0.1.0"
__all__ = ["Checker", "Note", "NoteError", "NoteReport", "PackError", "__version__", "load"]

_HOME = {
    "Checker": "notecheck.checker",
    "NoteError": "notecheck.checker",
    "load": "notecheck.checker",
    "Note": "notecheck.models",
    "NoteReport": "notecheck.models",
    "PackError": "notecheck.packs",
}


def __getattr__(name: str) -> Any:
    """Names are imported when they are first used, so that `notecheck --help` need not wait for spaCy."""
    if name in _HOME:
        from importlib import import_module

        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module 'notecheck' has no attribute {name!r}")
