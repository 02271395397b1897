"""The one object that joins reading and judging: `load()` makes it, `Checker.check` uses it."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from datetime import date
from pathlib import Path

from notecheck.assess.claims import judge_claim, unbilled
from notecheck.assess.code_rules import load_code_book
from notecheck.assess.codes import support_codes
from notecheck.assess.coverage import judge_coverage
from notecheck.assess.coverage_rules import load_policies
from notecheck.assess.elements import find_elements, required_elements
from notecheck.assess.queries import build_queries
from notecheck.assess.query_rules import load_questions
from notecheck.assess.service_date import service_date as dated
from notecheck.codesets import find_code, normalize
from notecheck.extract.pipeline import Extractor
from notecheck.models import LONGEST_NOTE, Note, NoteReport, Reading
from notecheck.packs import Pack, PackError


class NoteError(ValueError):
    """A note that cannot be checked. The message says why and what to do, without a word of the note."""


UNDATED = "The note gives no date of service; codes are judged as of today, and coverage criteria that need the date stay open."


class Checker:
    """Checks notes against one pack and one profile. Safe to reuse; not safe to share between threads."""

    def __init__(self, patterns: Path | None = None, profile: str = "spine-visit"):
        self.extractor = Extractor(patterns)
        self.pack: Pack = self.extractor.pack
        self.code_book = load_code_book(self.pack.root)
        self.policies = load_policies(self.pack)
        self.questions = load_questions(self.pack)
        self._require(profile)

    def with_profile(self, profile: str) -> Checker:
        """A Checker for another profile of the same pack. Cheap: the two share all that was loaded. Raises PackError for a profile it lacks."""
        other = copy(self)
        other._require(profile)
        return other

    def _require(self, profile: str) -> None:
        if profile not in self.pack.profiles:
            raise PackError(f"there is no profile called {profile}; the pack has {', '.join(self.pack.profiles)}")
        self.profile = self.pack.profiles[profile]
        self.policy = self.policies.get(profile)

    def check(
        self, note: str | Note, *, service_date: date | None = None, codes: Sequence[str] = (), today: date | None = None
    ) -> NoteReport:
        """The report on one note. A service date or billed codes given here stand in for those of the Note.

        A note that gives no date of service is judged as of `today` (by default the day it is). A note out of scope supports no code: of the
        billed ones those that the pack knows get their verdict, the others are for somebody else to judge.

        Raises NoteError for an empty note and for one longer than LONGEST_NOTE characters.
        """
        if isinstance(note, str):
            note = Note(note_id="note", text=note)
        if not note.text.strip():
            raise NoteError("the note is empty: give its text")
        if len(note.text) > LONGEST_NOTE:
            raise NoteError(
                f"the note has {len(note.text):,} characters, more than the {LONGEST_NOTE:,} one note may have: split the file into its notes"
            )
        reading = self.extractor.read(note.text)
        given, billed, today = service_date or note.service_date, tuple(codes) or note.codes, today or date.today()
        if not reading.in_scope:
            return NoteReport(
                note_id=note.note_id,
                in_scope=False,
                doc_type=reading.doc_type,
                profile=self.profile.id,
                service_date=given,
                claim=judge_claim([c for c in map(normalize, billed) if self.code_book.speaks_of(c)], (), self.code_book, given or today),
                warnings=(f"Out of scope of the pack {self.pack.info.name}: {reading.scope_reason}.",),
            )
        return self._judge(note, reading, given, billed, today)

    def _judge(self, note: Note, reading: Reading, given: date | None, billed: Sequence[str], today: date) -> NoteReport:
        stated = dated(given, reading.mentions, today, note.text)
        day, beyond = self.code_book.day(stated or today)
        elements = find_elements(reading.mentions, self.pack.elements)
        required = required_elements(self.profile, elements)
        missing = tuple(e for e in required if elements[e].status == "missing")
        partial = tuple(e for e in required if elements[e].status == "partial")
        supported = support_codes(reading.mentions, self.code_book, day, reading.doc_type)
        claim = judge_claim(billed, supported, self.code_book, stated or today, find_code) if billed else ()
        coverage = judge_coverage(elements, reading.mentions, self.policy, stated, supported) if self.policy else ()
        warnings = [UNDATED] if stated is None else [beyond] if beyond else []
        if self.policy and len(self.policy.on(stated)) < len(self.policy.criteria):
            warnings.append("Some coverage criteria are not in force on the date of service and were left out.")
        return NoteReport(
            note_id=note.note_id,
            in_scope=True,
            doc_type=reading.doc_type,
            profile=self.profile.id,
            service_date=stated,
            elements=elements,
            required=required,
            missing=missing,
            partial=partial,
            completeness=round(1 - (len(missing) + len(partial)) / len(required), 4) if required else 1.0,
            codes=supported,
            claim=claim,
            unbilled=tuple(f.code for f in unbilled(billed, supported)) if billed else (),
            coverage=coverage,
            queries=build_queries(elements, missing, partial, supported, self.questions) if self.questions else (),
            warnings=tuple(warnings),
        )

    def pipe(self, notes: Iterable[Note]) -> Iterator[NoteReport]:
        """The reports of many notes, one by one, in order. Raises NoteError at the first note that cannot be checked."""
        for note in notes:
            yield self.check(note)


def load(patterns: Path | None = None, profile: str = "spine-visit") -> Checker:
    """A Checker with the shipped spine pack, or the pack in this folder.

    Raises PackError for a pack that cannot be used and for a profile it does not have.
    """
    # A pack is some hundred thousand small objects, none of them garbage: looking through them for some while they are made doubles the wait.
    collecting = gc.isenabled()
    gc.disable()
    try:
        return Checker(patterns, profile)
    finally:
        if collecting:
            gc.enable()
