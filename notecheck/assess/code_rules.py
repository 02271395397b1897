"""What `patterns/*/codes/*.yaml` and `patterns/icd10cm/` may say, read into one CodeBook."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from notecheck.models import DocType
from notecheck.packs import PackError, read_yaml, shipped_patterns
from notecheck.rules import Item

Authority = Literal["statement", "complaint", "narrative", "note"]
Axis = Literal["site", "segment", "vertebra", "side", "limb", "none"]


def _as_tuple(x: Any) -> Any:
    return (x,) if isinstance(x, str) else x


def _as_need(x: Any) -> Any:
    return {"any": x} if isinstance(x, str | list | tuple) else x


Names = Annotated[tuple[str, ...], BeforeValidator(_as_tuple)]


class Need(Item):
    """One piece of evidence: a certain mention of any of these concepts (or elements), by somebody with this authority.

    statement: the clinician's assessment or diagnosis, else the reason for the visit, else (where a note has neither) its story.
    complaint: the same for a symptom; the story too, where nothing is diagnosed or the plan takes the symptom up.
    narrative: assessment, reason or story. note: anywhere but the histories, imaging and examination too.
    """

    any: Names
    by: Authority = "statement"
    region: Literal["same", "any"] = "same"
    value: dict[str, Names] = Field(default_factory=dict)


NeedOrNames = Annotated[Need, BeforeValidator(_as_need)]


class CodeExample(Item):
    """A short note and the codes it supports (all of them, in any order)."""

    text: str
    codes: Names = ()
    day: date | None = None


class CodeRule(Item):
    """What a code, or a family of codes that differ in one axis only, needs; `patterns/spine/codes/README.md` explains each field."""

    id: str
    title: str
    needs: tuple[NeedOrNames, ...] = Field(min_length=1)
    unless: tuple[NeedOrNames, ...] = ()
    needs_code: Names = ()
    excluded_by: Names = ()
    excluded_because: str = "a symptom that is part of a confirmed diagnosis is not coded beside it"
    groups: Names = ()
    regions: Names = ()
    place: Literal["named", "inferred"] = "inferred"
    axis: Axis = "none"
    codes: dict[str, Names]
    episode: bool = False
    less_specific: Names = ()
    more_specific: dict[str, str] = Field(default_factory=dict)
    lacking: str
    against: str = ""
    points: tuple[NeedOrNames, ...] = ()
    points_beside: Names = ()
    source: Names
    supports: tuple[CodeExample, ...] = Field(min_length=1)
    rejects: tuple[CodeExample, ...] = Field(min_length=1)

    def names(self, others: Iterable[str]) -> bool:
        """Whether this rule is one of `others`, by its id or as `group:NAME`."""
        return self.id in others or any(f"group:{g}" in others for g in self.groups)

    @cached_property
    def opened_by(self) -> frozenset[str]:
        """The concepts and elements without any of which the rule has nothing to say."""
        return frozenset(c for need in (self.needs[0], *self.points) for c in need.any)

    @cached_property
    def all_codes(self) -> tuple[str, ...]:
        """Every code the rule can give, with each encounter character where it has one."""
        written = dict.fromkeys(c for versions in self.codes.values() for c in versions)
        return tuple(c + e for c in written for e in (EPISODES if self.episode else ("",)))


EPISODES = ("A", "D", "S")


class Place(Item):
    """A named place of the spine: its site (a region of chapter M40-M54) and, where a code asks for more, the segment key."""

    site: str
    key: str | None = None


class Reading(Item):
    """`codes/reading.yaml`: how mentions become evidence."""

    ranks: dict[Literal["diagnosis", "reason", "story", "study", "finding", "past"], tuple[str, ...]]
    study_documents: tuple[DocType, ...]
    examined_by: tuple[str, ...]
    studies: tuple[str, ...]
    addressed_in: tuple[str, ...]
    tells_where: tuple[str, ...]
    where: dict[Literal["site", "level", "side", "limb"], str]
    lasting: tuple[str, ...]
    stated_code: str
    episode: dict[str, str]
    side_elements: tuple[str, ...]
    sides: tuple[str, ...]
    regions: dict[str, str]
    limb_sites: dict[str, str]
    placed_by_limb: tuple[str, ...]
    vertebrae: tuple[str, ...]
    segments: dict[str, Place]
    roots: dict[str, Place]
    most: int


class Exclusion(Item):
    code: str
    excludes: tuple[str, ...]
    note: str


class Release(Item):
    """Up to which date the shipped code set may be trusted."""

    release: str
    first_date: date
    last_date: date
    source: str


@dataclass(frozen=True, slots=True)
class CodeValidity:
    """A code of the released sets: what it means, when it may be billed, and what took its place."""

    code: str
    description: str
    billable_from: date
    billable_to: date | None
    replaced_by: tuple[str, ...]

    def valid_on(self, day: date) -> bool:
        return self.billable_from <= day and (self.billable_to is None or day <= self.billable_to)


@dataclass
class CodeBook:
    """All that a pack knows of codes. `rules` may be empty: a pack without `codes/` supports none."""

    rules: tuple[CodeRule, ...] = ()
    reading: Reading | None = None
    validity: dict[str, CodeValidity] = field(default_factory=dict, repr=False)
    exclusions: tuple[Exclusion, ...] = field(default=(), repr=False)
    release: Release | None = None

    @cached_property
    def rules_of(self) -> dict[str, list[CodeRule]]:
        """The rules that can give a code, by code."""
        out: dict[str, list[CodeRule]] = {}
        for rule in self.rules:
            for code in rule.all_codes:
                out.setdefault(code, []).append(rule)
        return out

    @cached_property
    def headers(self) -> dict[str, tuple[str, ...]]:
        """Categories and subcategories above the known codes, each with the known codes below it."""
        out: dict[str, list[str]] = {}
        for code in self.validity:
            for n in range(3, len(code)):
                out.setdefault(code[:n].rstrip("."), []).append(code)
        return {h: tuple(dict.fromkeys(below)) for h, below in out.items()}

    @cached_property
    def concepts(self) -> frozenset[str]:
        """The concepts and elements that some rule reads."""
        needs = (n for r in self.rules for n in (*r.needs, *r.unless, *r.points))
        return frozenset(c for n in needs for c in n.any) | frozenset(self.reading.episode if self.reading else ())

    def regions_of(self, concept: str) -> frozenset[str]:
        """The regions a diagnosis can be of, by the rules it leads; empty where any will do."""
        leading = [r.regions for r in self.rules if concept in r.needs[0].any]
        return frozenset(x for regions in leading for x in regions) if leading and all(leading) else frozenset()

    def day(self, asked: date) -> tuple[date, str | None]:
        """The day to judge by, and a warning where the shipped code set does not reach the day asked for."""
        if self.release is None or self.release.first_date <= asked <= self.release.last_date:
            return asked, None
        why = "before ICD-10-CM" if asked < self.release.first_date else "beyond the shipped code set"
        return self.release.last_date, f"{asked} is {why}; codes are judged by {self.release.release}."

    def speaks_of(self, code: str) -> bool:
        """Whether the pack can say anything of a code: it has a rule for it, or for codes below it."""
        return code in self.rules_of or code in self.headers

    def describe(self, code: str) -> str:
        return self.validity[code].description if code in self.validity else ""

    def on(self, versions: Iterable[str], day: date) -> str | None:
        """The first of these codes that is billable on that day."""
        return next((c for c in versions if c in self.validity and self.validity[c].valid_on(day)), None)


def load_code_book(pack_dir: Path, icd10cm_dir: Path | None = None) -> CodeBook:
    """The code rules of the pack in this folder, and the code set in that one: `icd10cm` beside the pack, else the shipped one.

    Raises PackError where a file is missing, is not YAML, says what the schema does not allow, or names a code the code set does not have.
    """
    folder = pack_dir / "codes"
    if not folder.is_dir():
        return CodeBook()
    code_set = icd10cm_dir or next((d for d in (pack_dir.parent / "icd10cm",) if d.is_dir()), shipped_patterns() / "icd10cm")
    rules: list[CodeRule] = []
    for file in sorted(folder.glob("*.yaml")):
        if file.name != "reading.yaml":
            rules.extend(read_yaml(file, list[CodeRule], "rules"))
    book = CodeBook(
        rules=tuple(rules),
        reading=read_yaml(folder / "reading.yaml", Reading),
        validity=read_validity(code_set / "codes.csv"),
        exclusions=tuple(read_yaml(code_set / "excludes1.yaml", list[Exclusion], "pairs")),
        release=read_yaml(code_set / "release.yaml", Release),
    )
    _check(book, folder)
    return book


def read_validity(file: Path) -> dict[str, CodeValidity]:
    """`codes.csv`: code, description, first and last billable day, and the codes that replaced it."""
    if not file.is_file():
        raise PackError(f"{file} is missing: the code set lies beside the packs, in icd10cm/.")
    out: dict[str, CodeValidity] = {}
    with file.open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            out[row["code"]] = CodeValidity(
                code=row["code"],
                description=row["description"],
                billable_from=date.fromisoformat(row["billable_from"]),
                billable_to=date.fromisoformat(row["billable_to"]) if row["billable_to"] else None,
                replaced_by=tuple(c for c in row["replaced_by"].split(";") if c),
            )
    return out


def _check(book: CodeBook, folder: Path) -> None:
    ids = [r.id for r in book.rules]
    groups = {f"group:{g}" for r in book.rules for g in r.groups}
    for rule in book.rules:
        where = f"{folder}: rule {rule.id}"
        if ids.count(rule.id) > 1:
            raise PackError(f"{where} is defined twice. Rename one of the two.")
        for code in (*rule.all_codes, *rule.more_specific, *rule.less_specific):
            if code not in book.validity:
                raise PackError(f"{where} names {code}, which icd10cm/codes.csv does not have.")
        for other in (*rule.excluded_by, *rule.needs_code, *rule.points_beside):
            if other not in ids and other not in groups:
                raise PackError(f"{where} names the rule {other}, which there is not.")
