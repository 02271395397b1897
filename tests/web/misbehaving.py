"""A worker without an engine, with notes that end it, never end or take a while: stands in for notecheck.web.worker in a test's processes."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from notecheck.models import NoteReport
from notecheck.web import process
from notecheck.web.worker import Answer, Question, Task


def start(task: Task) -> None:
    pass


def answer(question: Question) -> Answer:
    note, profile = question.arguments
    if isinstance(note, bytes):  # a document
        return Answer(note.decode())
    if note.text == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if note.text == "hang":
        time.sleep(60)
    if note.text == "slow":
        time.sleep(0.5)
    return Answer(NoteReport(note_id=note.note_id, in_scope=False, doc_type="other", profile=profile).model_dump_json())


@contextmanager
def misbehaving() -> Iterator[None]:
    """Servers that start in here have such workers."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(process, "worker", sys.modules[__name__])
        yield
