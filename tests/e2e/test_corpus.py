"""Thousands of real notes of all specialties: none fails, nothing is said on the way, and every quotation is one."""

import gzip
import json
from pathlib import Path

import pytest
from e2e.command import ROOT, notecheck

from notecheck.models import NoteReport

CORPUS = ROOT.parent / "shared" / "corpus" / "mtsamples.jsonl.gz"


@pytest.mark.skipif(not CORPUS.exists(), reason="needs ../shared")
def test_the_whole_corpus_is_audited(tmp_path: Path) -> None:
    export = tmp_path / "corpus.jsonl"
    export.write_bytes(gzip.decompress(CORPUS.read_bytes()))
    notes = {r["note_id"]: r["text"] for r in map(json.loads, export.read_text(encoding="utf-8").split("\n")[:-1])}
    done = notecheck("audit", export, "--output", tmp_path / "out")
    assert (done.returncode, done.stderr) == (0, "")
    with (tmp_path / "out" / "reports.jsonl").open(encoding="utf-8") as lines:
        reports = [NoteReport.model_validate_json(line) for line in lines]
    assert [r.note_id for r in reports] == list(notes)
    for r in reports:
        for finding in r.elements.values():
            assert all(notes[r.note_id][e.start : e.end] == e.text for e in finding.evidence)
    assert 50 < sum(r.in_scope for r in reports) < 300
