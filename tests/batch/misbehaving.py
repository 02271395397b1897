"""A worker without an engine, with notes that end it or never end: stands in for notecheck.batch.worker in a test's processes."""

import os
import signal
import time
from pathlib import Path

from notecheck.batch.worker import Answer
from notecheck.models import Note, NoteReport


def start(patterns: Path | None, profile: str) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def check(notes: list[Note]) -> list[Answer]:
    for note in notes:
        if note.text == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        if note.text == "exit":
            os._exit(3)
        if note.text == "hang":
            time.sleep(60)
    return [Answer(NoteReport(note_id=n.note_id, in_scope=False, doc_type="other", profile="p").model_dump_json()) for n in notes]
