"""The workbook of the samples' audit, opened by two other programs."""

import shutil
import subprocess
import warnings
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from e2e.command import SAMPLES
from write.audits import stored

from notecheck import load
from notecheck.models import Note
from notecheck.read import read
from notecheck.tables import Audit
from notecheck.write import xlsx


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Audit, Path]]:
    """The audit of the samples' export, and its workbook."""
    folder, checker = tmp_path_factory.mktemp("audit"), load()
    notes = [item for item in read(SAMPLES / "export.csv") if isinstance(item, Note)]
    with stored(folder, [(note, checker.check(note)) for note in notes]) as audit:
        xlsx.write(audit, checker.pack.elements, folder / "audit.xlsx")
        yield audit, folder / "audit.xlsx"


def test_openpyxl_reads_every_sheet_with_as_many_rows_as_the_store_tells(checked: tuple[Audit, Path]) -> None:
    audit, path = checked
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it does not know the data bars' extension
        book = openpyxl.load_workbook(path)
    totals = audit.totals()
    assert totals.in_scope >= 9
    expected = {
        "Worklist": totals.checked,
        "Elements": totals.in_scope,
        "Codes": len(audit.code_totals()),
        "Codes by note": sum(1 for _ in audit.codes()),
        "Coverage": 1,  # one sentence: this profile holds no payer's rule
        "Evidence": sum(1 for _ in audit.evidence()),
        "Providers": len(audit.providers()),
        "Failures": 1,  # likewise: nothing failed
    }
    assert {sheet.title: sheet.max_row - 2 for sheet in book if sheet.title != "Summary"} == expected
    worst = next(audit.worklist("worst"))
    assert book["Worklist"]["A3"].value == worst.note_id and book["Worklist"]["A3"].hyperlink.target == worst.page


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed (apt install libreoffice-calc)")
def test_libreoffice_opens_it_and_prints_the_summary(checked: tuple[Audit, Path], tmp_path: Path) -> None:
    audit, path = checked
    command = ["soffice", f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless"]
    for form in ("pdf", "csv"):
        subprocess.run([*command, "--convert-to", form, "--outdir", tmp_path, path], check=True, capture_output=True, timeout=180)
    assert (tmp_path / "audit.pdf").read_bytes().startswith(b"%PDF")
    summary = (tmp_path / "audit.csv").read_text(encoding="utf-8", errors="replace")  # of the first sheet
    assert "Documentation audit" in summary and f"{audit.totals().mean_completeness:.0%}" in summary
    assert "Err:" not in summary and "#REF!" not in summary
