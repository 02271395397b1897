"""How well the findings agree with gold annotations, element by element: for one's own notes and one's own judgement.

An element is addressed when it is documented, denied or partial, and incomplete when it is missing or partial. Precision, recall and F1
speak of addressed; status accuracy and Cohen's kappa of all five statuses. Elements count on the notes that the gold has in scope; a note
that notecheck leaves out of scope has every element missing there. Codes count when they are supported.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError, field_validator

from notecheck.checker import Checker
from notecheck.failures import InputError
from notecheck.models import ElementFinding, Note, NoteReport, Status, Value
from notecheck.read.documents import text_of
from notecheck.read.encoding import decode

_ADDRESSED = {"documented", "denied", "partial"}
_INCOMPLETE = {"missing", "partial"}
# Value fields that two people would write alike; the others are free words.
_COMPARED = ("extent", "scores", "percent", "regions", "side", "kinds", "modalities", "domains")
_PERCENT_APART = 5


class GoldElement(BaseModel):
    """One element as a person judged it. Evidence is quoted letter for letter."""

    status: Status
    value: Value | None = None
    evidence: list[str] = []

    @field_validator("evidence", mode="before")
    @classmethod
    def _quotes(cls, given: Any) -> Any:
        return [e.get("text", "") if isinstance(e, dict) else e for e in given] if isinstance(given, list) else given or []


class GoldCode(BaseModel):
    """A code that a person found the note to support."""

    code: str


class GoldNote(BaseModel):
    """One line of a gold file. `codes` may be left out; then codes are not measured."""

    note_id: str
    in_scope: bool
    elements: dict[str, GoldElement] = {}
    codes: list[GoldCode] | None = None


@dataclass
class Counts:
    """True and false positives, and false negatives."""

    tp: int = 0
    fp: int = 0
    fn: int = 0

    def add(self, gold: bool, got: bool) -> None:
        self.tp += gold and got
        self.fp += got and not gold
        self.fn += gold and not got

    @property
    def precision(self) -> float:
        return self.tp / (self.tp + self.fp) if self.tp + self.fp else 0.0

    @property
    def recall(self) -> float:
        return self.tp / (self.tp + self.fn) if self.tp + self.fn else 0.0

    @property
    def f1(self) -> float:
        return 2 * self.tp / (2 * self.tp + self.fp + self.fn) if self.tp else 0.0


@dataclass
class Share:
    """So many right of so many."""

    right: int = 0
    of: int = 0

    def add(self, right: bool) -> None:
        self.right += right
        self.of += 1

    @property
    def share(self) -> float | None:
        return self.right / self.of if self.of else None


@dataclass(frozen=True)
class Disagreement:
    """One place where the two sides differ: in status, or in the value of an element that both address."""

    note_id: str
    element: str
    gold: str
    got: str
    gold_evidence: tuple[str, ...] = ()
    got_evidence: tuple[str, ...] = ()


@dataclass
class Scores:
    """All that was counted."""

    notes: int = 0
    scope: Counts = field(default_factory=Counts)
    addressed: dict[str, Counts] = field(default_factory=lambda: defaultdict(Counts))
    incomplete: Counts = field(default_factory=Counts)
    status: dict[str, Share] = field(default_factory=lambda: defaultdict(Share))
    values: dict[str, dict[str, Share]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(Share)))
    evidence: Share = field(default_factory=Share)
    codes: Counts = field(default_factory=Counts)
    pairs: Counter[tuple[str, str]] = field(default_factory=Counter)
    disagreements: list[Disagreement] = field(default_factory=list)

    @property
    def overall(self) -> Counts:
        every = self.addressed.values()
        return Counts(sum(c.tp for c in every), sum(c.fp for c in every), sum(c.fn for c in every))

    @property
    def overall_status(self) -> Share:
        return Share(sum(s.right for s in self.status.values()), sum(s.of for s in self.status.values()))

    @property
    def kappa(self) -> float:
        """Cohen's kappa over the statuses."""
        n = self.pairs.total()
        if not n:
            return 0.0
        gold, got = Counter[str](), Counter[str]()
        for (a, b), times in self.pairs.items():
            gold[a] += times
            got[b] += times
        chance = sum(gold[s] * got[s] for s in gold) / n**2
        return (sum(t for (a, b), t in self.pairs.items() if a == b) / n - chance) / (1 - chance) if chance < 1 else 1.0


def read_gold(path: Path) -> list[GoldNote]:
    """The gold notes of a JSONL file. Raises InputError naming the line that is not one."""
    if not path.is_file():
        what = "is no file" if path.exists() else "does not exist"
        raise InputError(f"{path} {what}; give the JSONL file of gold annotations.")
    gold = []
    for number, line in enumerate(decode(path.read_bytes(), path.name).removeprefix("\ufeff").split("\n"), start=1):
        if line.strip():
            try:
                gold.append(GoldNote.model_validate_json(line))
            except ValidationError as e:
                first = e.errors(include_input=False)[0]
                where = ".".join(str(p) for p in first["loc"]) or "the line"
                raise InputError(f"{path.name}, line {number}: {where}: {first['msg']}; see the guidelines of the gold format.") from None
    if not gold:
        raise InputError(f"{path} has no gold annotation; it needs one JSON object a line.")
    return gold


def evaluate(gold: Iterable[GoldNote], notes: Path, checker: Checker) -> Scores:
    """Checks the note of each gold annotation (`NOTE_ID.txt` in the folder `notes`) and counts where the two agree."""
    gold = list(gold)
    elements = sorted({e for g in gold for e in g.elements})
    scores = Scores()
    for g in gold:
        note = _note_of(g.note_id, notes)
        _count(scores, elements, g, note, checker.check(note))
    return scores


def _note_of(note_id: str, notes: Path) -> Note:
    file = notes / f"{note_id}.txt"
    try:
        return Note(note_id=note_id, text=text_of(file.read_bytes(), file.name))
    except InputError as e:
        raise InputError(f"{notes}: {e}") from None
    except OSError as e:
        raise InputError(f"{notes}: {file.name} cannot be opened: {e.strerror or 'read error'}.") from e


def _count(scores: Scores, elements: Iterable[str], gold: GoldNote, note: Note, report: NoteReport) -> None:
    scores.notes += 1
    scores.scope.add(gold.in_scope, report.in_scope)
    if gold.in_scope != report.in_scope:
        scores.disagreements.append(Disagreement(gold.note_id, "in_scope", str(gold.in_scope), str(report.in_scope)))
    _count_codes(scores, gold, report)
    if not gold.in_scope:
        return
    for element in elements:
        a = gold.elements.get(element, GoldElement(status="missing"))
        b = report.elements.get(element, ElementFinding(status="missing"))
        scores.pairs[a.status, b.status] += 1
        scores.status[element].add(a.status == b.status)
        scores.addressed[element].add(a.status in _ADDRESSED, b.status in _ADDRESSED)
        scores.incomplete.add(a.status in _INCOMPLETE, b.status in _INCOMPLETE)
        differ: list[tuple[str, str]] = [] if a.status == b.status else [(a.status, b.status)]
        if a.status in _ADDRESSED and b.status in _ADDRESSED:
            quoted = [span for quote in a.evidence for span in _spans(quote, note.text)]
            if quoted:
                scores.evidence.add(any(s < e.end and t > e.start for s, t in quoted for e in b.evidence))
            for key in _COMPARED:
                wanted, given = (a.value or {}).get(key), (b.value or {}).get(key)
                if wanted not in (None, [], ""):
                    same = agrees(key, wanted, given)
                    scores.values[element][key].add(same)
                    if not same:
                        differ.append((f"{key} {wanted}", f"{key} {given}"))
        for one, other in differ:
            quotes = tuple(e.text for e in b.evidence)
            scores.disagreements.append(Disagreement(gold.note_id, element, one, other, tuple(a.evidence), quotes))


def _count_codes(scores: Scores, gold: GoldNote, report: NoteReport) -> None:
    if gold.codes is None:
        return
    wanted, given = {c.code for c in gold.codes}, {c.code for c in report.codes if c.support == "supported"}
    for code in sorted(wanted | given):
        scores.codes.add(code in wanted, code in given)
        if (code in wanted) != (code in given):
            found = tuple(e.text for c in report.codes if c.code == code and c.support == "supported" for e in c.evidence)
            sides = ("supported", "-") if code in wanted else ("-", "supported")
            scores.disagreements.append(Disagreement(gold.note_id, code, *sides, (), found))


def agrees(key: str, wanted: Any, given: Any) -> bool:
    """Whether two values of a field say the same: lists that share an item, percents within five points, anything else when equal."""
    if isinstance(wanted, list):
        return bool({_item(i) for i in wanted} & {_item(i) for i in given or []})
    if key == "percent":
        return isinstance(wanted, int | float) and given is not None and abs(wanted - float(given)) <= _PERCENT_APART
    return str(wanted) == str(given)


def _item(value: Any) -> str | float:
    return float(value) if isinstance(value, int | float) else str(value)


def _spans(quote: str, note: str) -> Iterator[tuple[int, int]]:
    start = note.find(quote) if quote else -1
    while start >= 0:
        yield start, start + len(quote)
        start = note.find(quote, start + 1)


def as_json(scores: Scores) -> str:
    """The figures as one JSON object, with its line end."""
    elements = {
        e: {
            **_figures(c),
            "status_accuracy": scores.status[e].share,
            "value_accuracy": {key: s.share for key, s in sorted(scores.values[e].items())},
            "gold": c.tp + c.fn,
        }
        for e, c in scores.addressed.items()
    }
    whole = {
        "notes": scores.notes,
        "in_scope": _figures(scores.scope),
        "addressed": _figures(scores.overall),
        "incomplete": _figures(scores.incomplete),
        "status_accuracy": scores.overall_status.share,
        "status_kappa": scores.kappa,
        "evidence_overlap": scores.evidence.share,
        "codes": _figures(scores.codes) if scores.codes != Counts() else None,
        "elements": elements,
    }
    return json.dumps(whole) + "\n"


def as_text(scores: Scores, errors: bool = False) -> str:
    """The figures as a table for people; with `errors`, each disagreement before it."""
    lines = [line for d in scores.disagreements for line in _disagreement(d)] if errors else []
    lines.append(f"{'notes':32} {scores.notes}")
    counted = {"in_scope": scores.scope, "addressed": scores.overall, "incomplete": scores.incomplete}
    if scores.codes != Counts():
        counted["codes"] = scores.codes
    for name, counts in counted.items():
        lines.append(f"{name:32} F1 {counts.f1:.3f}  precision {counts.precision:.3f}  recall {counts.recall:.3f}")
    lines.append(f"{'status':32} accuracy {_number(scores.overall_status)}  kappa {scores.kappa:.3f}")
    lines.append(f"{'evidence overlap':32} {_number(scores.evidence)}")
    lines += ["", f"{'element':32} {'P':>6} {'R':>6} {'F1':>6} {'status':>7} {'gold':>5}  values"]
    for e, c in scores.addressed.items():
        values = ", ".join(f"{key} {s.right}/{s.of}" for key, s in sorted(scores.values[e].items()))
        row = f"{e:32} {c.precision:6.3f} {c.recall:6.3f} {c.f1:6.3f} {_number(scores.status[e]):>7} {c.tp + c.fn:5}  {values}"
        lines.append(row.rstrip())
    return "\n".join(lines) + "\n"


def _figures(counts: Counts) -> dict[str, float]:
    return {"precision": counts.precision, "recall": counts.recall, "f1": counts.f1}


def _number(share: Share) -> str:
    return "-" if share.share is None else f"{share.share:.3f}"


def _disagreement(d: Disagreement) -> Iterator[str]:
    yield f"{d.note_id}  {d.element}  gold: {d.gold}  notecheck: {d.got}"
    yield from _quotes("gold", d.gold_evidence)
    yield from _quotes("notecheck", d.got_evidence)


def _quotes(side: str, evidence: Sequence[str]) -> Iterator[str]:
    for quote in evidence:
        yield f"    {side:9}  “{' '.join(quote.split())}”"
