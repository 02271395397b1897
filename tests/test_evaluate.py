"""The accuracy figures, by hand and against the scorer that came with the gold notes."""

import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

import notecheck
from notecheck.checker import Checker
from notecheck.evaluate import Counts, GoldCode, agrees, as_json, as_text, evaluate, read_gold
from notecheck.failures import InputError
from notecheck.models import CodeFinding, ElementFinding, Evidence, Note, NoteReport

SHARED = Path(__file__).parents[2] / "shared" / "gold"


def finding(status: Any, words: str = "", start: int = 0, **value: Any) -> ElementFinding:
    evidence = (Evidence(text=words, start=start, end=start + len(words), section="hpi"),) if words else ()
    return ElementFinding(status=status, value=value or None, evidence=evidence)


def answers(reports: Iterable[NoteReport]) -> Checker:
    by_id = {r.note_id: r for r in reports}

    def check(note: Note) -> NoteReport:
        return by_id[note.note_id]

    return cast(Checker, SimpleNamespace(check=check))


def report(note_id: str, in_scope: bool = True, **elements: ElementFinding) -> NoteReport:
    return NoteReport(note_id=note_id, in_scope=in_scope, doc_type="visit", profile="p", elements=elements)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    gold = [
        {
            "note_id": "1",
            "in_scope": True,
            "elements": {
                "a": {"status": "documented", "evidence": ["leg pain"], "value": {"side": "left", "scores": [7]}},
                "b": {"status": "partial", "evidence": ["mild"]},
                "c": {"status": "missing"},
                "d": {"status": "denied", "evidence": ["no fever"]},
            },
        },
        {"note_id": "2", "in_scope": True, "elements": {e: {"status": "documented", "evidence": []} for e in "abcd"}},
        {"note_id": "3", "in_scope": False},
        {"note_id": "4", "in_scope": False},
    ]
    (tmp_path / "gold.jsonl").write_text("\n".join(json.dumps(g) for g in gold) + "\n\n")
    for g in gold:
        (tmp_path / f"{g['note_id']}.txt").write_text("left leg pain, mild, no fever")
    return tmp_path


def test_figures_by_hand(folder: Path) -> None:
    one = report(
        "1",
        a=finding("documented", "leg", 5, side="right", scores=[7.0, 3]),
        b=finding("documented", "fever", 24),
        c=finding("partial", "mild", 15),
        d=finding("missing"),
    )
    scores = evaluate(read_gold(folder / "gold.jsonl"), folder, answers([one, report("2", False), report("3"), report("4", False)]))
    assert scores.notes == 4
    assert (scores.scope.tp, scores.scope.fp, scores.scope.fn) == (1, 1, 1)
    # Note 1: a and b found, c too many, d lost; note 2: all four lost with its scope.
    assert (scores.overall.tp, scores.overall.fp, scores.overall.fn) == (2, 1, 5)
    assert (scores.incomplete.tp, scores.incomplete.fp, scores.incomplete.fn) == (1, 5, 1)
    assert scores.overall_status.share == 1 / 8
    assert (scores.evidence.right, scores.evidence.of) == (1, 2)
    assert scores.values["a"]["scores"].share == 1.0 and scores.values["a"]["side"].share == 0.0
    listed = {(d.note_id, d.element, d.gold, d.got) for d in scores.disagreements}
    assert {("2", "in_scope", "True", "False"), ("1", "a", "side left", "side right"), ("1", "d", "denied", "missing")} <= listed
    assert "1  b  gold: partial  notecheck: documented\n    gold       “mild”\n    notecheck  “fever”\n" in as_text(scores, errors=True)
    assert "“mild”" not in as_text(scores)


def test_codes_are_measured_where_the_gold_has_them(folder: Path) -> None:
    gold = read_gold(folder / "gold.jsonl")[2:]
    codes = tuple(
        CodeFinding(code=c, description="", support=s, reason="") for c, s in (("M1", "supported"), ("M2", "supported"), ("M3", "excluded"))
    )
    reports = [report(g.note_id, False).model_copy(update={"codes": codes}) for g in gold]
    assert evaluate(gold, folder, answers(reports)).codes == Counts()
    gold = [g.model_copy(update={"codes": [GoldCode(code="M1"), GoldCode(code="M3")]}) for g in gold[:1]]
    scores = evaluate(gold, folder, answers(reports))
    assert scores.codes == Counts(tp=1, fp=1, fn=1)
    assert {(d.element, d.gold, d.got) for d in scores.disagreements} == {("M2", "-", "supported"), ("M3", "supported", "-")}


def test_full_agreement(folder: Path) -> None:
    same = report("1", a=finding("documented"), b=finding("partial"), c=finding("missing"), d=finding("denied"))
    two = report("2", **{e: finding("documented") for e in "abcd"})
    scores = evaluate(read_gold(folder / "gold.jsonl"), folder, answers([same, two, report("3", False), report("4", False)]))
    assert (scores.kappa, scores.overall.f1, scores.incomplete.f1, scores.scope.f1) == (1.0, 1.0, 1.0, 1.0)


@pytest.mark.parametrize(
    ("key", "wanted", "given", "same"),
    [
        ("scores", [7], [7.0, 9.0], True),
        ("regions", ["lumbar", "sacral"], ["cervical"], False),
        ("regions", ["lumbar"], None, False),
        ("percent", 60, 55.0, True),
        ("percent", 60, 54, False),
        ("percent", 60, None, False),
        ("percent", "about half", 50, False),
        ("extent", "below_knee", "below_knee", True),
        ("side", "left", None, False),
    ],
)
def test_when_values_agree(key: str, wanted: object, given: object, same: bool) -> None:
    assert agrees(key, wanted, given) is same


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "has no gold annotation"),
        ("{}\n", "line 1: note_id: Field required"),
        ('\n{"note_id": "1", "in_scope": true, "elements": {"a": {"status": "secret words"}}}', "line 2: elements.a.status"),
        ("not json", "line 1"),
    ],
)
def test_a_gold_file_that_cannot_be_read_says_where(tmp_path: Path, content: str, says: str) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_text(content)
    with pytest.raises(InputError) as e:
        read_gold(path)
    assert says in str(e.value) and "secret" not in str(e.value)


def test_a_gold_file_is_read_in_the_encodings_of_notes(tmp_path: Path) -> None:
    path = tmp_path / "gold.jsonl"
    line = '{"note_id": "1", "in_scope": true, "elements": {"a": {"status": "denied", "evidence": ["no\u2028café"]}}}'
    path.write_text(line, encoding="utf-16")
    assert read_gold(path)[0].elements["a"].evidence == ["no\u2028café"]


def test_a_gold_file_that_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is no file"):
        read_gold(tmp_path)
    (tmp_path / "gold.jsonl").write_bytes(bytes(range(256)) * 9)
    with pytest.raises(InputError, match=r"gold\.jsonl is not a text file"):
        read_gold(tmp_path / "gold.jsonl")


def test_a_missing_note_is_named(folder: Path) -> None:
    (folder / "3.txt").unlink()
    with pytest.raises(InputError, match=r"3\.txt cannot be opened"):
        evaluate(read_gold(folder / "gold.jsonl")[2:], folder, answers([]))


@pytest.mark.skipif(not (SHARED / "evaluate.py").exists(), reason="needs ../shared")
def test_the_figures_equal_those_of_the_scorer_that_came_with_the_gold_notes(tmp_path: Path) -> None:
    gold, notes = SHARED / "dev" / "gold.jsonl", SHARED / "dev" / "notes"
    checker = notecheck.load()
    ours = json.loads(as_json(evaluate(read_gold(gold), notes, checker)))
    reports = tmp_path / "reports.jsonl"
    texts = [Note(note_id=p.stem, text=p.read_text(encoding="utf-8")) for p in sorted(notes.glob("*.txt"))]
    reports.write_text("".join(r.model_dump_json() + "\n" for r in checker.pipe(texts)), encoding="utf-8")
    command = [sys.executable, str(SHARED / "evaluate.py"), str(gold), str(reports), "--notes", str(notes), "--json"]
    theirs = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert round(ours["in_scope"]["f1"], 4) == theirs["in_scope_f1"]
    assert [round(ours["codes"][k], 4) for k in ("precision", "recall", "f1")] == [
        theirs[f"code_{k}"] for k in ("precision", "recall", "f1")
    ]
    assert round(ours["incomplete"]["f1"], 4) == theirs["incomplete_f1"]
    assert [round(ours["addressed"][k], 4) for k in ("precision", "recall", "f1")] == [
        theirs[f"addressed_{k}"] for k in ("precision", "recall", "f1")
    ]
    assert [round(ours[k], 4) for k in ("status_accuracy", "status_kappa", "evidence_overlap")] == [
        theirs[k] for k in ("status_accuracy", "status_kappa", "evidence_overlap")
    ]
    assert {e: (round(v["f1"], 3), v["gold"]) for e, v in ours["elements"].items()} == {
        e: (v["addressed_f1"], v["gold"]) for e, v in theirs["elements"].items()
    }
    shares = {f"{e}.{k}": s for e, v in ours["elements"].items() for k, s in v["value_accuracy"].items()}
    assert shares == {k: int(v.split("/")[0]) / int(v.split("/")[1]) for k, v in theirs["values"].items()}
