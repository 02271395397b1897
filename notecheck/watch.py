"""Checks notes as they arrive in a folder and writes the report of each beside it, or below another folder.

A file is read once it has kept still for a moment, so a half-written one is not; one that changes later is checked again. Beside each note stands
either its report or, where it could not be checked, one sentence that says why: never both, and never one of an earlier version of the note.
"""

from __future__ import annotations

import errno
import io
import os
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Literal, NamedTuple

from notecheck.failures import Failure, InputError
from notecheck.models import Note, NoteReport
from notecheck.packs import Pack, load_pack
from notecheck.read.encoding import whole
from notecheck.watch_worker import Desk
from notecheck.write import jsonl, text
from notecheck.write.files import private_file, private_folder

if TYPE_CHECKING:
    from watchdog.events import FileSystemEvent

Form = Literal["json", "text"]
NOTES = frozenset({".txt", ".text", ".rtf", ".docx", ".pdf", ".html", ".htm", ".xml"})
REPORTS: dict[Form, str] = {"json": ".report.json", "text": ".report.txt"}
ERROR = ".report.error.txt"
STILL = 1.0  # seconds a file keeps its size and time before it is read
TICK = 0.2
RESCAN = 10.0  # seconds; finds what the system did not tell of: a full queue, a network share


@dataclass
class Totals:
    """What a watch has done: reports written, and files that could not be checked."""

    checked: int = 0
    failed: int = 0


class Signature(NamedTuple):
    """What changes when a file does."""

    size: int
    modified: int  # nanoseconds
    inode: int


def is_note(path: Path, folder: Path) -> bool:
    """Whether this is a file to check: of a kind that holds a note, not hidden, and no report of ours."""
    hidden = any(part.startswith((".", "~$")) for part in path.relative_to(folder).parts)
    ours = any(path.name.endswith(ending) and _of_kind(path.name.removesuffix(ending)) for ending in (*REPORTS.values(), ERROR))
    return _of_kind(path.name) and not hidden and not ours


def _of_kind(name: str) -> bool:
    return Path(name).suffix.lower() in NOTES


class Arrivals:
    """Which files of a folder are to be checked: those that are new or changed, once they have kept still."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._moving: dict[Path, tuple[Signature, float]] = {}  # with the time since when it has looked so
        self._taken: dict[Path, Signature] = {}

    @property
    def waiting(self) -> bool:
        """Whether a file has been seen that is not complete yet."""
        return bool(self._moving)

    def scan(self) -> None:
        """Sees every file that is there. Raises InputError where the folder is gone."""
        if not self.folder.is_dir():
            raise InputError(f"{self.folder} is no folder (any more); give the folder that the notes arrive in.")
        there = sorted(Path(inner, name) for inner, _, names in os.walk(self.folder) for name in names)
        self._taken = {path: self._taken[path] for path in there if path in self._taken}  # what is gone is forgotten
        for path in there:
            self.see(path)

    def see(self, path: Path) -> None:
        """Takes note of a file that may be new or changed."""
        found = _signature(path) if is_note(path, self.folder) else None
        if found is not None and found != self._taken.get(path) and path not in self._moving:
            self._moving[path] = (found, time.monotonic())

    def ready(self) -> Iterator[Path]:
        """The files that are complete now, in the order they were seen. Each is given once, and again when it changes."""
        for path, (before, since) in list(self._moving.items()):
            now = _signature(path)
            if now is None:
                del self._moving[path]
            elif now != before:
                self._moving[path] = (now, time.monotonic())
            elif time.monotonic() - since >= STILL or time.time() - now.modified / 1e9 >= 2 * STILL:
                del self._moving[path]
                self._taken[path] = now
                yield path


def watch(
    folder: Path,
    totals: Totals,
    *,
    output: Path | None = None,
    form: Form = "json",
    patterns: Path | None = None,
    profile: str = "spine-visit",
    once: bool = False,
    say: Callable[[str], None] = print,
    complain: Callable[[str], None] = print,
) -> None:
    """Checks the notes that are in the folder and below it, then those that arrive, until it is interrupted; with `once`, only the first.

    `totals` are kept up as it goes. `say` gets a line a report, `complain` one a file that could not be checked; neither quotes a note. Raises
    InputError where the folder cannot be watched, PackError for patterns that cannot be used.
    """
    arrivals, told = Arrivals(folder), SimpleQueue[Path]()
    arrivals.scan()
    writer = _Writer(folder, output or folder, form, patterns)
    with nullcontext() if once else _observed(folder, told), Desk(patterns, profile) as desk:
        if not once:
            say(f"watching {folder}; Ctrl-C ends it")
        scanned = time.monotonic()
        while True:
            for path in arrivals.ready():
                _one(path, desk, writer, totals, say, complain)
            if once and not arrivals.waiting:
                return
            _listen(told, arrivals)
            if time.monotonic() - scanned >= RESCAN:
                arrivals.scan()
                scanned = time.monotonic()


def _one(path: Path, desk: Desk, writer: _Writer, totals: Totals, say: Callable[[str], None], complain: Callable[[str], None]) -> None:
    """Checks one file and writes what came of it. Whatever is wrong with it, the next one is checked."""
    place = path.relative_to(writer.folder)
    name = text.shown(whole(place.as_posix()))
    try:
        found = desk.check(path, whole(place.with_suffix("").as_posix()), name)
        if found is None:
            return  # gone before it was read
        if isinstance(found, Failure):
            totals.failed += 1
            complain(found.reason)
            writer.error(path, found.reason)
        else:
            writer.report(path, *found)
            totals.checked += 1
            say(f"{name}: {_brief(found[1])}")
    except OSError as e:
        totals.failed += 1
        complain(f"the report of {name} cannot be written: {e.strerror or 'write error'}.")


def _brief(report: NoteReport) -> str:
    if not report.in_scope:
        return "not in the scope of the patterns"
    share = f"{report.completeness:.0%}" if report.completeness is not None else "-"
    return f"complete {share}, {len(report.missing)} missing, {len(report.partial)} partial"


class _Writer:
    """Puts a note's report, or the reason why there is none, in its place; the one takes the other's."""

    def __init__(self, folder: Path, output: Path, form: Form, patterns: Path | None) -> None:
        self.folder, self._output, self._form, self._patterns = folder, output, form, patterns

    @cached_property
    def _pack(self) -> Pack:
        return load_pack(self._patterns)

    def report(self, path: Path, note: Note, report: NoteReport) -> None:
        self._put(path, REPORTS[self._form], jsonl.pretty([report]) + "\n" if self._form == "json" else self._page(note, report), ERROR)

    def error(self, path: Path, reason: str) -> None:
        self._put(path, ERROR, reason + "\n", *REPORTS.values())

    def _page(self, note: Note, report: NoteReport) -> str:
        from rich.console import Console

        page = io.StringIO()
        text.write(Console(file=page, width=100), note, report, self._pack.elements)
        return page.getvalue()

    def _put(self, path: Path, ending: str, content: str, *stale: str) -> None:
        name = path.relative_to(self.folder)
        for inner in reversed(name.parents):
            private_folder(self._output / inner)
        place = self._output / name
        with private_file(place.with_name(place.name + ending)) as f:
            f.write(content)
        for old in stale:
            place.with_name(place.name + old).unlink(missing_ok=True)


def _signature(path: Path) -> Signature | None:
    """None where it is no file, or gone. A link is none: whoever may put one there need not be allowed to read what it points to."""
    try:
        found = path.lstat()
    except OSError:
        return None
    return Signature(found.st_size, found.st_mtime_ns, found.st_ino) if stat.S_ISREG(found.st_mode) else None


def _listen(told: SimpleQueue[Path], arrivals: Arrivals) -> None:
    """Waits a moment, and sees what the system told of meanwhile."""
    time.sleep(TICK)
    try:
        while True:
            arrivals.see(told.get_nowait())
    except Empty:
        return


@contextmanager
def _observed(folder: Path, told: SimpleQueue[Path]) -> Iterator[None]:
    """While open, the paths of new, changed and renamed files come into the queue."""
    try:
        from watchdog.events import FileSystemEventHandler
        from watchdog.observers import Observer
    except ImportError:
        raise InputError("watching a folder needs an extra: pip install 'notecheck[web]'; --once does without.") from None

    class Handler(FileSystemEventHandler):
        def on_any_event(self, event: FileSystemEvent) -> None:
            if event.event_type in ("created", "modified", "moved", "closed"):
                path = Path(str(event.dest_path if event.event_type == "moved" else event.src_path))
                told.put(folder / path.relative_to(real))

    real = folder.resolve()  # some systems tell real paths, whatever path was given
    observer = Observer()
    observer.schedule(Handler(), str(real), recursive=True)
    try:
        observer.start()
    except OSError as e:
        if e.errno in (errno.ENOSPC, errno.EMFILE):
            raise InputError(
                f"{folder} cannot be watched: this machine watches as many folders as it may; raise its limit, or run with --once at intervals."
            ) from None
        raise InputError(f"{folder} cannot be watched: {e.strerror or 'the system refuses it'}.") from None
    try:
        yield
    finally:
        observer.stop()
        observer.join()
