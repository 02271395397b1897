"""What runs inside a checker process of the server: one pack, loaded once, and a note or a document in, an answer out."""

from __future__ import annotations

import os
import signal
import threading
from itertools import islice
from multiprocessing import connection, parent_process
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from notecheck.failures import InputError, spoken
from notecheck.models import Note

if TYPE_CHECKING:
    from notecheck.checker import Checker

_checkers: dict[str, Checker] = {}
_broken: Exception | None = None


class Answer(NamedTuple):
    """What was asked for (a report as JSON, or a document's text), or the reason why there is none; `refused` where the input is to blame."""

    content: str | None
    reason: str = ""
    refused: bool = False


def start(patterns: Path | None, profile: str) -> None:
    """Loads this process's checker and warms it. What goes wrong is kept for `ready` to raise: an error here would not reach the parent."""
    global _broken
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        from notecheck.checker import load

        checker = load(patterns, profile)
        examples = (example.text for rule in checker.pack.rules.values() for example in rule.match)
        checker.check("\n".join(islice(examples, 20)) or "-")  # the first note of a process is its slowest
        _checkers[profile] = checker
    except Exception as e:
        _broken = e


def _end_with_parent() -> None:
    """A parent that is killed cannot stop its workers: each watches for that itself."""
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)


def ready() -> int:
    """This process's id, once it is loaded. Raises the error of a checker that could not be."""
    if _broken is not None:
        raise _broken
    return os.getpid()


def check(note: Note, profile: str) -> Answer:
    """The report on one note as JSON (far cheaper to send than the models)."""
    ready()
    from notecheck.checker import NoteError
    from notecheck.packs import PackError

    try:
        if profile not in _checkers:
            _checkers[profile] = next(iter(_checkers.values())).with_profile(profile)
        return Answer(_checkers[profile].check(note).model_dump_json())
    except (NoteError, PackError, InputError) as e:
        return Answer(None, spoken(e), refused=True)
    except Exception as e:
        return Answer(None, spoken(e))


def text_of(data: bytes, name: str) -> Answer:
    """The text of a document of any kind that is read here."""
    try:
        from notecheck.read import documents

        return Answer(documents.text_of(data, name))
    except InputError as e:
        return Answer(None, spoken(e), refused=True)
    except Exception as e:
        return Answer(None, spoken(e))
