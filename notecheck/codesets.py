"""Code sets beyond the pack: codes as people type them, order files installed by the user, and the tabular list of the current release.

The tabular list is ten megabytes of XML; it is read only when a code is asked for that neither the pack nor an installed order file knows.
"""

from __future__ import annotations

import io
import os
import re
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from notecheck.failures import InputError

TABULAR_RELEASE = "ICD-10-CM FY2026, April 2026 release"
TABULAR_DATES = (date(2025, 10, 1), date(2026, 9, 30))
LARGEST_ORDER_FILE = 100_000_000  # bytes; the released ones have 15 million
_TYPED = re.compile(r"[A-Za-z]\d[0-9A-Za-z](?:\.?[0-9A-Za-z]{1,4})?(?![0-9A-Za-z])")
_ORDER_LINE = re.compile(r"\d{5} ([A-Z][0-9A-Z]{2,6}) +([01]) ")
_SHORT, _LONG = 16, 77  # columns of an order file: the flag ends before the short title, the long title closes the line
_YEAR = re.compile(r"20(1[5-9]|[2-9]\d)")


@dataclass(frozen=True, slots=True)
class CodeEntry:
    """What a code set says of a code: its description, whether it may be billed, the codes below a header, and which set says so."""

    code: str
    description: str
    billable: bool
    source: str
    below: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CodeSet:
    """An installed order file: a fiscal year, and the first and last date of service it holds for."""

    year: int
    file: Path

    @property
    def name(self) -> str:
        return f"FY{self.year}"

    def holds_on(self, day: date) -> bool:
        return date(self.year - 1, 10, 1) <= day <= date(self.year, 9, 30)


def normalize(typed: str) -> str:
    """A code as the code set writes it, whatever follows it: "m545" is M54.5, "M5450 Low back pain" is M54.50."""
    found = _TYPED.search(typed)
    plain = re.sub(r"[^0-9A-Za-z]", "", found.group() if found else typed).upper()
    return plain if len(plain) <= 3 else f"{plain[:3]}.{plain[3:]}"


def parse_codes(typed: str) -> tuple[str, ...]:
    """The codes of one line as people type it: separated by commas, semicolons, bars or spaces, each with or without its description."""
    found: list[str] = []
    for piece in re.split(r"[,;|\r\n]+", typed):
        codes = _leading_codes(piece.split())
        found.extend(codes or ([normalize(piece)] if piece.strip() else []))
    return tuple(dict.fromkeys(found))


def _leading_codes(words: list[str]) -> list[str]:
    """The codes that open a piece: what follows the first word that is none is a description."""
    out: list[str] = []
    for word in words:
        if not _TYPED.fullmatch(word.strip("()[].:")):
            break
        out.append(normalize(word))
    return out


def store() -> Path:
    """The folder of installed code sets, in the user's data directory."""
    if given := os.environ.get("NOTECHECK_DATA"):
        return Path(given) / "codes"
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    else:
        base = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return base / "notecheck" / "codes"


def install(file: Path, year: int | None = None, into: Path | None = None) -> tuple[CodeSet, int]:
    """Installs an order file of CMS or CDC (the text file, or the zip it comes in). Returns the code set and how many billable codes it has.

    `year` is the fiscal year where the file's name does not say it. Only the owner can read what is stored.
    Raises InputError where the file is no order file or its year is unknown.
    """
    name, text = _order_text(file)
    rows = [
        (m.group(1), m.group(2), line[_LONG:].strip() or line[_SHORT:_LONG].strip())
        for line in text.splitlines()
        if (m := _ORDER_LINE.match(line))
    ]
    if len(rows) < 1000:
        raise InputError(
            f"{file.name} is not an ICD-10-CM order file: give the file named icd10cm_order or icd10cm-order, or the zip that holds it."
        )
    found = _YEAR.search(name) or _YEAR.search(file.name)
    if year is None and found is None:
        raise InputError(f"the name of {file.name} does not say its fiscal year: give it with --year.")
    folder = into or store()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    code_set = CodeSet(year or int(found.group() if found else 0), folder / f"icd10cm-{year or (found and found.group())}.tsv")
    new = code_set.file.with_suffix(".new")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8", newline="\n") as out:
        out.writelines(f"{normalize(code)}\t{flag}\t{title}\n" for code, flag, title in rows)
    new.replace(code_set.file)
    return code_set, sum(flag == "1" for _, flag, _ in rows)


def _order_text(file: Path) -> tuple[str, str]:
    """The name and the text of the order file."""
    try:
        if not zipfile.is_zipfile(file):
            if file.stat().st_size > LARGEST_ORDER_FILE:
                raise InputError(f"{file.name} is too large for an order file.")
            return file.name, file.read_text(encoding="latin-1")
        with zipfile.ZipFile(file) as z:
            members = [m for m in z.infolist() if re.search(r"order", Path(m.filename).name, re.I) and m.filename.lower().endswith(".txt")]
            members = [m for m in members if "addenda" not in m.filename.lower() and m.file_size <= LARGEST_ORDER_FILE]
            if not members:
                raise InputError(f"{file.name} holds no order file (a .txt with “order” in its name).")
            return Path(members[0].filename).name, io.TextIOWrapper(z.open(members[0]), encoding="latin-1").read()
    except (OSError, zipfile.BadZipFile) as e:
        raise InputError(f"{file.name} cannot be read ({type(e).__name__}).") from None


def installed(folder: Path | None = None) -> tuple[CodeSet, ...]:
    """The installed code sets, oldest first."""
    found = (re.fullmatch(r"icd10cm-(\d{4})\.tsv", p.name) for p in sorted((folder or store()).glob("icd10cm-*.tsv")))
    return tuple(CodeSet(int(m.group(1)), (folder or store()) / m.group()) for m in found if m)


def find_code(code: str, on: date, folder: Path | None = None) -> CodeEntry | None:
    """What the code set of that day says of a code: an installed order file, else the tabular list of the current release. None where neither has it."""
    for code_set in installed(folder):
        if code_set.holds_on(on):
            return _in_order_file(code, code_set)
    return _in_tabular_list(code) if TABULAR_DATES[0] <= on <= TABULAR_DATES[1] else None


def release_of(day: date, folder: Path | None = None) -> str | None:
    """The code set at hand that holds for this day, by name; None where there is none, and a code that is not found may still exist."""
    if own := next((c for c in installed(folder) if c.holds_on(day)), None):
        return f"ICD-10-CM {own.name}"
    return TABULAR_RELEASE if TABULAR_DATES[0] <= day <= TABULAR_DATES[1] else None


def _in_order_file(code: str, code_set: CodeSet) -> CodeEntry | None:
    entry: tuple[str, bool] | None = None
    below: list[str] = []
    for known, billable, title in _rows(code_set.file):
        if known == code:
            entry = (title, billable)
        elif entry and known.startswith(code):
            below += [known] if billable else []
        elif entry:
            break
    return CodeEntry(code, entry[0], entry[1], f"ICD-10-CM {code_set.name}", tuple(below)) if entry else None


def _rows(file: Path) -> Iterator[tuple[str, bool, str]]:
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            code, flag, title = line.rstrip("\n").split("\t", 2)
            yield code, flag == "1", title


def tabular() -> Any:
    """The package with the tabular list. Reading it takes a second: call it only where its notes are asked for."""
    import simple_icd_10_cm

    return simple_icd_10_cm


def _in_tabular_list(code: str) -> CodeEntry | None:
    icd = tabular()
    if not icd.is_valid_item(code):
        return None
    below = () if icd.is_leaf(code) else tuple(c for c in icd.get_descendants(code) if icd.is_leaf(c))
    return CodeEntry(code, icd.get_description(code), icd.is_leaf(code), TABULAR_RELEASE, below)


def tabular_notes(code: str) -> dict[str, tuple[str, ...]]:
    """The tabular list's notes on a code, those of the codes above it included: what it includes and excludes, what to code first or also."""
    icd = tabular()
    if not icd.is_valid_item(code):
        return {}
    own = {"also called": icd.get_inclusion_term(code)}
    kinds = {
        "Excludes1": icd.get_excludes1,
        "Excludes2": icd.get_excludes2,
        "code first": icd.get_code_first,
        "code also": icd.get_code_also,
        "use additional code": icd.get_use_additional_code,
    }
    line = [code, *(above for above in icd.get_ancestors(code) if not icd.is_chapter(above))]
    for kind, get in kinds.items():
        own[kind] = [note for item in line for note in _as_list(get(item))]
    return {kind: tuple(dict.fromkeys(notes)) for kind, notes in own.items() if notes}


def _as_list(notes: object) -> list[str]:
    found = notes if isinstance(notes, list | tuple) else [notes] if notes else []
    return [" ".join(str(n).split()) for n in found]
