"""The sample notes, which a new user learns from: what they hold together, and what is found in them."""

import csv
import json
from pathlib import Path

from e2e.command import ROOT, SAMPLES, notecheck

import notecheck as api
from notecheck.evaluate import evaluate, read_gold
from notecheck.models import Note, NoteReport
from notecheck.packs import load_pack
from notecheck.read import read

GOLD = ROOT / "tests" / "gold" / "sample_notes.jsonl"
NOTES = {p.stem: p.read_text(encoding="utf-8") for p in sorted(SAMPLES.glob("*.txt"))}


def test_the_export_holds_the_same_notes() -> None:
    items = list(read(SAMPLES / "export.csv"))
    assert all(isinstance(n, Note) and n.service_date and n.provider and n.codes for n in items)
    assert {n.note_id: n.text for n in items if isinstance(n, Note)} == NOTES


def test_the_gold_file_quotes_the_notes_letter_for_letter() -> None:
    gold, elements = read_gold(GOLD), set(load_pack().elements)
    assert {g.note_id for g in gold} == set(NOTES)
    for g in gold:
        assert set(g.elements) == (elements if g.in_scope else set())
        assert all(quote in NOTES[g.note_id] for e in g.elements.values() for quote in e.evidence)


def test_what_is_found_in_them() -> None:
    scores = evaluate(read_gold(GOLD), SAMPLES, api.load())
    assert scores.scope.f1 == 1.0
    assert scores.overall.f1 >= 0.90 and scores.overall.precision >= 0.95


def test_the_export_shows_each_trouble_a_claim_can_have(tmp_path: Path) -> None:
    assert notecheck("audit", SAMPLES / "export.csv", "-o", tmp_path).returncode == 0
    reports = [
        NoteReport.model_validate(json.loads(line)) for line in (tmp_path / "reports.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    assert {"supported", "unsupported", "not_valid_on_date", "less_specific", "excluded"} <= {c.verdict for r in reports for c in r.claim}
    with (tmp_path / "summary.csv").open(newline="", encoding="utf-8") as f:
        first = next(csv.DictReader(f))
    assert first["claim_problems"] == "M54.5 not_valid_on_date" and "M51.16" in first["codes_supported"]
