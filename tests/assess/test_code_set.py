"""The pack's code set agrees with the released ones, and an order file installs as it is."""

from __future__ import annotations

import re
import zipfile
from datetime import date
from pathlib import Path

import pytest
from assess.coding import book
from typer.testing import CliRunner

from notecheck.cli import app
from notecheck.codesets import find_code, install, installed
from notecheck.failures import InputError

RELEASES = Path(__file__).parents[3] / "shared" / "icd10cm"
IN_FORCE = {
    "cms_2021_dx.zip": date(2021, 3, 1),
    "cms_2024_dx.zip": date(2024, 3, 1),
    "Code-desciptions-April-2025.zip": date(2025, 5, 1),
    "cms_2026_dx.zip": date(2026, 3, 1),
}
released = pytest.mark.skipif(not RELEASES.is_dir(), reason="the released order files are not at hand")


def billable(file: Path) -> dict[str, str]:
    """The billable codes of a release and their titles, read apart from the code under test."""
    with zipfile.ZipFile(file) as z:
        name = next(n for n in z.namelist() if re.search(r"order[-_](?!addenda)[^/]*\.txt$", n))
        lines = z.read(name).decode("latin-1").splitlines()
    return {f"{c[:3]}.{c[3:]}" if len(c) > 3 else c: line[77:].strip() for line in lines if line[14] == "1" and (c := line[6:13].strip())}


@released
@pytest.mark.parametrize("name", IN_FORCE)
def test_the_pack_knows_when_its_codes_are_billable(name: str) -> None:
    there = billable(RELEASES / name)
    wrong = [c for c, v in book().validity.items() if v.valid_on(IN_FORCE[name]) != (c in there)]
    assert wrong == []


@released
def test_every_code_of_a_rule_is_billable_in_the_current_release_or_says_what_replaced_it() -> None:
    there = billable(RELEASES / "cms_2026_dx.zip")
    codes = {c for rule in book().rules for c in (*rule.all_codes, *rule.less_specific, *rule.more_specific)}
    gone = {c for c in codes if c not in there}
    assert gone and all(set(book().validity[c].replaced_by) & set(there) for c in gone)


@released
def test_descriptions_are_those_of_the_release() -> None:
    there = billable(RELEASES / "cms_2026_dx.zip")
    assert {c for c, v in book().validity.items() if c in there and v.description != there[c]} == set()


def test_every_code_of_the_exclusions_has_the_form_of_a_code() -> None:
    written = {c for e in book().exclusions for c in (e.code, *e.excludes)}
    assert all(re.fullmatch(r"[A-Z]\d[0-9A-Z](\.[0-9A-Z]{1,4})?", c) for c in written)


@released
def test_an_order_file_is_installed_for_its_owner_only(tmp_path: Path) -> None:
    code_set, count = install(RELEASES / "cms_2024_dx.zip", into=tmp_path / "codes")
    assert (code_set.name, count) == ("FY2024", len(billable(RELEASES / "cms_2024_dx.zip")))
    assert code_set.file.stat().st_mode & 0o077 == 0
    assert (tmp_path / "codes").stat().st_mode & 0o077 == 0
    assert installed(tmp_path / "codes") == (code_set,)
    header = find_code("M51.36", date(2024, 3, 1), tmp_path / "codes")
    assert header and header.billable
    assert find_code("M51.360", date(2024, 3, 1), tmp_path / "codes") is None
    top = find_code("M54.5", date(2024, 3, 1), tmp_path / "codes")
    assert top and not top.billable and "M54.50" in top.below


def test_what_is_no_order_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "icd10cm_order_2024.txt").write_text("00001 A00     0 Cholera\n")
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as z:
        z.writestr("readme.txt", "nothing")
    for name in ("icd10cm_order_2024.txt", "other.zip"):
        with pytest.raises(InputError, match="order"):
            install(tmp_path / name, into=tmp_path / "codes")


@pytest.mark.parametrize(
    ("words", "exit_code", "said"),
    [
        (["M54.5", "--on", "2025-11-25"], 1, "replaced by: M54.50, M54.51, M54.59"),
        (["m5450", "--on", "2025-11-25"], 0, "billable on 2025-11-25"),
        (["M51.360", "--on", "2024-09-30"], 1, "replaces: M51.36"),
        (["M54.50", "--on", "2027-01-05"], 0, "beyond the shipped code set"),
        (["E11.9", "--on", "2025-11-25"], 0, "Type 2 diabetes mellitus"),
        (["E11", "--on", "2025-11-25"], 1, "header"),
        (["QQQ"], 2, ""),
    ],
)
def test_codes_show(words: list[str], exit_code: int, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTECHECK_DATA", str(tmp_path))
    done = CliRunner().invoke(app, ["codes", "show", *words])
    assert done.exit_code == exit_code
    assert said in done.stdout
