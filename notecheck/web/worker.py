"""What runs inside a checker process of the server: one pack, loaded once, and a note or a document in, an answer out."""

from __future__ import annotations

import gc
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from notecheck.batch.worker import limit_memory
from notecheck.failures import InputError, spoken
from notecheck.models import Note

if TYPE_CHECKING:
    from notecheck.checker import Checker

MEMORY_LIMIT = 2 << 30  # bytes that one note or document may take, on top of what the checker takes
_checkers: dict[str, Checker] = {}  # by profile; all share one pack


class Task(NamedTuple):
    """What every process has to know."""

    patterns: Path | None
    profile: str


class Answer(NamedTuple):
    """What was asked for (a report as JSON, or a document's text), or the reason why there is none; `refused` where the input is to blame."""

    content: str | None
    reason: str = ""
    refused: bool = False


class Question(NamedTuple):
    """A function of some module, and what to call it with, in the process."""

    function: Callable[..., Answer]
    arguments: tuple[Any, ...]


def start(task: Task) -> None:
    """Loads this process's checker and warms it."""
    from notecheck.checker import load  # here, so that the parent, which only names these functions, need not wait for spaCy

    checker = load(task.patterns, task.profile)
    examples = (example.text for rule in checker.pack.rules.values() for example in rule.match)
    checker.check("\n".join(islice(examples, 20)) or "-")  # the first note of a process is its slowest
    _checkers[task.profile] = checker
    gc.freeze()  # the pack is no garbage: not to be looked through again and again
    limit_memory(MEMORY_LIMIT)


def answer(question: Question) -> Answer:
    """The answer to one question. Whatever a note does, the process is there for the next one."""
    from notecheck.checker import NoteError
    from notecheck.packs import PackError

    try:
        return question.function(*question.arguments)
    except (NoteError, PackError, InputError) as e:
        return Answer(None, spoken(e), refused=True)
    except MemoryError:
        gc.collect()
        return Answer(None, "it takes more memory than one note may; split it.", refused=True)
    except Exception as e:
        return Answer(None, spoken(e))


def check(note: Note, profile: str) -> Answer:
    """The report on one note, as JSON (far cheaper to send than the models)."""
    if profile not in _checkers:
        _checkers[profile] = next(iter(_checkers.values())).with_profile(profile)
    return Answer(_checkers[profile].check(note).model_dump_json())


def text_of(data: bytes, name: str) -> Answer:
    """The text of a document of any kind that is read here."""
    from notecheck.read import documents

    return Answer(documents.text_of(data, name))
