"""The one object that joins reading and judging: `load()` makes it, `Checker.check` uses it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path

from notecheck.assess.elements import find_elements, required_elements
from notecheck.extract.pipeline import Extractor
from notecheck.models import Note, NoteReport
from notecheck.packs import Pack, PackError

LONGEST_NOTE = 1_000_000  # characters; a clinical note is a hundredth of that, so more is a file read wrongly


class NoteError(ValueError):
    """A note that cannot be checked. The message says why and what to do, without a word of the note."""


class Checker:
    """Checks notes against one pack and one profile. Safe to reuse; not safe to share between threads."""

    def __init__(self, patterns: Path | None = None, profile: str = "spine-visit"):
        self.extractor = Extractor(patterns)
        self.pack: Pack = self.extractor.pack
        if profile not in self.pack.profiles:
            raise PackError(f"there is no profile called {profile}; the pack has {', '.join(self.pack.profiles)}")
        self.profile = self.pack.profiles[profile]

    def check(self, note: str | Note, *, service_date: date | None = None, codes: Sequence[str] = ()) -> NoteReport:
        """The report on one note. A service date or codes given here stand in for those of the Note.

        Raises NoteError for an empty note and for one longer than LONGEST_NOTE characters.
        """
        if isinstance(note, str):
            note = Note(note_id="note", text=note)
        if not note.text.strip():
            raise NoteError("the note is empty: give its text")
        if len(note.text) > LONGEST_NOTE:
            raise NoteError(f"the note has {len(note.text):,} characters, more than the {LONGEST_NOTE:,} one note may have: split the file into its notes")
        day = service_date or note.service_date
        reading = self.extractor.read(note.text)
        base = {"note_id": note.note_id, "doc_type": reading.doc_type, "profile": self.profile.id, "service_date": day}
        if not reading.in_scope:
            return NoteReport(**base, in_scope=False, warnings=(f"Out of scope of the pack {self.pack.info.name}: {reading.scope_reason}.",))
        elements = find_elements(reading.mentions, self.pack.elements)
        required = required_elements(self.profile, elements)
        missing = tuple(e for e in required if elements[e].status == "missing")
        partial = tuple(e for e in required if elements[e].status == "partial")
        return NoteReport(
            **base,
            in_scope=True,
            elements=elements,
            required=required,
            missing=missing,
            partial=partial,
            completeness=round(1 - (len(missing) + len(partial)) / len(required), 4) if required else 1.0,
        )

    def pipe(self, notes: Iterable[Note]) -> Iterator[NoteReport]:
        """The reports of many notes, one by one, in order. Raises NoteError at the first note that cannot be checked."""
        for note in notes:
            yield self.check(note)


def load(patterns: Path | None = None, profile: str = "spine-visit") -> Checker:
    """A Checker with the shipped spine pack, or the pack in this folder.

    Raises PackError for a pack that cannot be used and for a profile it does not have.
    """
    return Checker(patterns, profile)
