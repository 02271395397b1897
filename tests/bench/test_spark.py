"""Spark against the local engine, printed. Not part of the plain test run: pytest -s -o addopts= tests/bench/test_spark.py

The corpus is ../shared/corpus where it is there, else the sample notes over and over, as one Parquet file of one row group. Both engines have two
workers; reading the file counts for both. Nothing here passes or fails by the clock: read the figures.
"""

import gzip
import json
import shutil
import time
from itertools import cycle, islice
from pathlib import Path

import pytest

from notecheck.batch import check_all, spark, spark_session
from notecheck.models import Note

pa = pytest.importorskip("pyarrow", reason="needs the spark extra")
pq = pytest.importorskip("pyarrow.parquet", reason="needs the spark extra")
pytest.importorskip("pyspark", reason="needs the spark extra")
if not shutil.which("java"):
    pytest.skip("Spark needs Java", allow_module_level=True)

ROOT = Path(__file__).parents[2]
CORPUS = ROOT.parent / "shared" / "corpus" / "mtsamples.jsonl.gz"
COPIES = 3


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if CORPUS.exists():
        with gzip.open(CORPUS, "rt", encoding="utf-8") as f:
            texts = [r["text"] for r in map(json.loads, f)]
    else:
        texts = list(islice(cycle(p.read_text(encoding="utf-8") for p in sorted((ROOT / "sample_notes").glob("*.txt"))), 500))
    path = tmp_path_factory.mktemp("bench") / "notes.parquet"
    pq.write_table(pa.table({"note_id": [str(i) for i in range(len(texts) * COPIES)], "text": texts * COPIES}), path)
    return path


def test_notes_a_second_with_two_workers(export: Path) -> None:
    start = time.perf_counter()
    rows = pq.read_table(export).to_pylist()
    here = [o.report_json for o in check_all((Note(**row) for row in rows), jobs=2)]
    local = time.perf_counter() - start

    start = time.perf_counter()
    with spark_session.session("local[2]") as session:
        started = time.perf_counter() - start
        there = [o.report_json for o in spark.check_all(export, session=session)]
        first = time.perf_counter() - start - started
        start = time.perf_counter()
        assert sum(1 for _ in spark.check_all(export, session=session)) == len(there)
        warm = time.perf_counter() - start
    assert there == here
    n = len(here)
    print(f"\n{n:,} notes, two workers; local engine: {local:.1f} s, {n / local:.0f} notes/s, loading the patterns included")
    print(
        f"Spark local[2]: {started:.1f} s to start; {first:.1f} s, {n / first:.0f} notes/s, loading included ({local / first:.2f} of local)"
    )
    print(
        f"once more, with the patterns loaded: {warm:.1f} s, {n / warm:.0f} notes/s; all in all, from nothing: {local / (started + first):.2f} of local"
    )
