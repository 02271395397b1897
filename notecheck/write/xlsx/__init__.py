"""`audit.xlsx`: the workbook of an audit, for a coding department to open, filter and print.

Summary · Worklist · Elements · Codes · Codes by note · Coverage · Coverage by note · Evidence · Providers · Failures. Rows stream from the
store to the file and are not kept: memory stays flat however long the audit. The same audit gives the same bytes.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from xlsxwriter import Workbook

from notecheck.tables import Audit
from notecheck.write.files import private_file
from notecheck.write.text import ElementWords
from notecheck.write.xlsx.codes import write_codes
from notecheck.write.xlsx.coverage import write_coverage
from notecheck.write.xlsx.evidence import write_evidence
from notecheck.write.xlsx.failures import write_failures
from notecheck.write.xlsx.grid import write_grid
from notecheck.write.xlsx.providers import write_providers
from notecheck.write.xlsx.summary import Summary
from notecheck.write.xlsx.tables import SHEET_ROWS, Book
from notecheck.write.xlsx.worklist import write_worklist


def write(audit: Audit, elements: Mapping[str, ElementWords], path: Path, *, pages: int = 10_000, rows: int = SHEET_ROWS) -> None:
    """Writes the workbook to `path`, readable by its owner alone, whole or not at all.

    The worst `pages` notes lead to their pages in the same folder (see `tables.page_of`), as many as have one. A table of more than `rows` rows goes on in a
    second sheet. The pack's `elements` give the names, and the columns of the grid.
    """
    with private_file(path) as f, _scratch(path) as scratch:
        options = {
            "constant_memory": True,  # each row leaves memory when the next begins
            "tmpdir": str(scratch),
            "strings_to_formulas": False,
            "strings_to_numbers": False,
            "strings_to_urls": False,
            "use_zip64": True,
        }
        with Workbook(f.buffer, options) as workbook:
            run = audit.run
            workbook.set_properties(
                {
                    "title": "Documentation audit",
                    "subject": f"Profile {run.profile}",
                    "author": f"notecheck {run.notecheck_version}",
                    "created": run.started,  # not the time of writing: the same audit gives the same bytes
                }
            )
            workbook.set_size(28_000, 17_000)
            book = Book(workbook, rows)
            providers = audit.providers()
            summary = Summary(book, audit, elements, providers)  # the first sheet, filled when the others are known
            write_worklist(book, audit, elements, pages)
            write_grid(book, audit, elements, pages)
            write_codes(book, audit)
            write_coverage(book, audit)
            write_evidence(book, audit, elements)
            if len(providers) > 1:
                write_providers(book, providers, elements)
            write_failures(book, audit)
            summary.fill()


@contextmanager
def _scratch(path: Path) -> Iterator[Path]:
    """A folder beside the workbook for the rows on their way, its owner's alone. One that a killed run left is emptied first."""
    folder = path.with_name(path.name + ".rows")
    if folder.is_symlink():
        folder.unlink()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
