"""A worker without an engine, with notes that end it or never end: stands in for notecheck.batch.worker in a test's processes."""

import os
import signal
import time
from pathlib import Path

from notecheck.batch.worker import Answer, Task, limit_memory, serve, too_large
from notecheck.models import Note, NoteReport

__all__ = ["check", "serve", "start"]

_task: Task


def start(task: Task) -> None:
    global _task
    _task = task
    if task.memory_limit:
        limit_memory(task.memory_limit)


def check(notes: list[Note]) -> list[Answer]:
    for note in notes:
        if note.text == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        if note.text == "exit":
            os._exit(3)
        if note.text == "hang":
            time.sleep(60)
        if note.text.startswith("sleep "):
            time.sleep(float(note.text.removeprefix("sleep ")))
        if note.text.startswith("die once "):  # as if killed from outside: the name of a file that remembers it
            remembered = Path(note.text.removeprefix("die once "))
            if not remembered.exists():
                remembered.touch()
                os.kill(os.getpid(), signal.SIGKILL)
    return [_answer(n) for n in notes]


def _answer(note: Note) -> Answer:
    try:
        if note.text == "hog":
            bytearray(8 << 30)
    except MemoryError:
        return Answer(None, too_large(_task))
    return Answer(NoteReport(note_id=note.note_id, in_scope=False, doc_type="other", profile="p").model_dump_json())
