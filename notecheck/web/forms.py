"""What the page's forms send, read in memory: nothing of a note touches the disk."""

from __future__ import annotations

import re
from contextlib import aclosing
from typing import NamedTuple

from fastapi import Request
from starlette.datastructures import UploadFile
from starlette.formparsers import FormParser, MultiPartException, MultiPartParser

from notecheck.models import LONGEST_NOTE, Note
from notecheck.read import record
from notecheck.web.limits import BODY, DOCUMENT
from notecheck.web.problems import Problem
from notecheck.write.html.environment import visible

_LONGEST_LINE = 4000  # characters of a field that is one line


class Document(NamedTuple):
    """A file as it was chosen or dropped; the name as messages give it."""

    name: str
    data: bytes


class Form(NamedTuple):
    """The fields as they were typed."""

    text: str = ""
    service_date: str = ""
    codes: str = ""
    profile: str = ""
    proof: str = ""
    token: str = ""
    document: Document | None = None

    def note(self) -> Note:
        """The note to check. Raises Problem for what cannot be one, with a sentence for the page."""
        if not self.text.strip():
            raise Problem(422, "There is no note yet: paste its text, or choose a file.")
        if len(self.text) > LONGEST_NOTE:
            raise Problem(422, f"The note is longer than the {LONGEST_NOTE:,} characters one note may have; check its parts.")
        if "\0" in self.text:
            raise Problem(422, "The text holds NUL characters, so it is no plain text; paste the note's words, or choose its file.")
        if len(self.codes) > _LONGEST_LINE:
            raise Problem(422, f"The billed codes are longer than {_LONGEST_LINE:,} characters; give the codes of one claim.")
        try:
            day = record.day(self.service_date.strip())
        except ValueError:
            raise Problem(422, "The service date cannot be read; write it as YYYY-MM-DD.") from None
        return Note(note_id="note", text=self.text, service_date=day, codes=record.codes(self.codes))


_LINES = set(Form._fields) - {"document"}


async def read_form(request: Request) -> Form:
    """The form of this request. Raises Problem for a body that is no form and for one that no page of ours sent."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    parser: MultiPartParser | FormParser
    async with aclosing(request.stream()) as body:
        if kind == "multipart/form-data":
            parser = MultiPartParser(request.headers, body, max_files=1, max_fields=20, max_part_size=BODY)
            parser.spool_max_size = BODY  # a file beyond it would be put on the disk; none can be
        elif kind == "application/x-www-form-urlencoded":
            parser = FormParser(request.headers, body, max_fields=20, max_part_size=BODY)
        else:
            raise Problem(415, "The body is no form; programs send JSON to /api/check.")
        try:
            sent = await parser.parse()
        except (MultiPartException, UnicodeError):
            raise Problem(400, "The form cannot be read; send it again.") from None
    try:
        fields = {name: value for name, value in sent.multi_items() if isinstance(value, str) and name in _LINES}
        if not request.app.state.sessions.proven(fields.get("proof", ""), request.headers.get("cookie", "")):
            raise Problem(403, "This page is older than the server it talks to: copy what you typed, and load the page again.")
        fields["text"] = fields.get("text", "").replace("\r\n", "\n")  # how forms send line ends
        return Form(**fields, document=await _document(sent.get("document")))
    finally:
        await sent.close()


async def _document(sent: object) -> Document | None:
    if not isinstance(sent, UploadFile) or not (sent.filename or sent.size):
        return None
    data = await sent.read()
    if len(data) > DOCUMENT:
        raise Problem(413, f"The file is larger than the {DOCUMENT // 1_000_000} MB that are taken; choose the file of one note.")
    name = re.split(r"[/\\]", sent.filename or "")[-1][:200]
    return Document(f"“{visible(name)}”" if name else "the file", data)
