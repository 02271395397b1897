"""The audit's own pages: index.html with the worklist, and a page a note, all on disk and all readable without a network."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path

from jinja2 import Template

from notecheck.tables import Audit, AuditedNote, page_of
from notecheck.write.files import private_file, private_folder
from notecheck.write.html.environment import STATIC, environment
from notecheck.write.html.overview import overview
from notecheck.write.html.view import view
from notecheck.write.html.worklist import Worklist
from notecheck.write.text import ElementWords

_PAGE = re.compile(r"\d{7,}\.html")


def write(
    audit: Audit,
    elements: Mapping[str, ElementWords],
    folder: Path,
    *,
    pages: int | None = 10_000,
    workbook: str | None = "audit.xlsx",
) -> Path:
    """Writes the pages into the folder, for their owner alone, and returns the path of index.html.

    The worst `pages` notes stand in the worklist, those of them in scope with a page each; None lists all. The note pages of
    an earlier run are removed first. `workbook` is the file beside the page that it links to. The same audit gives the same bytes.
    """
    made = environment()
    private_folder(folder)
    private_folder(folder / "assets")
    for asset in sorted(STATIC.iterdir()):
        _write(folder / "assets" / asset.name, [asset.read_text(encoding="utf-8")])
    worklist = Worklist(islice(audit.worklist("worst"), pages), elements)
    _write(folder / "assets" / "worklist-data.js", worklist.script())
    _write_notes(audit, elements, folder, worklist.pages, made.get_template("note.html"))
    index = folder / "index.html"
    _write(index, [made.get_template("index.html").render(overview(audit, elements, worklist, workbook))])
    return index


def _write_notes(audit: Audit, elements: Mapping[str, ElementWords], folder: Path, seqs: list[int], page: Template) -> None:
    for old in folder.glob("notes/*/*.html"):
        if _PAGE.fullmatch(old.name):
            old.unlink()
    notes = _only(seqs, audit.notes("worst"))
    for position, (seq, audited) in enumerate(zip(seqs, notes, strict=True)):
        path = folder / page_of(seq)
        private_folder(path.parent.parent)
        private_folder(path.parent)
        shown = page.render(
            view=view(audited.note, audited.report, elements),
            position=position + 1,
            of=len(seqs),
            previous=_beside(seqs[position - 1]) if position else None,
            next=_beside(seqs[position + 1]) if position + 1 < len(seqs) else None,
        )
        _write(path, [shown])


def _only(seqs: list[int], notes: Iterable[AuditedNote]) -> Iterator[AuditedNote]:
    """The notes that get a page. They come in the order of the worklist, so that reading ends with the last of them."""
    wanted = set(seqs)
    return islice((n for n in notes if n.seq in wanted), len(seqs))


def _beside(seq: int) -> str:
    """The path of another note's page as seen from a note's page."""
    return "../../" + page_of(seq)


def _write(path: Path, parts: Iterable[str]) -> None:
    with private_file(path) as f:
        f.writelines(parts)
