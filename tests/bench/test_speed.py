"""Speed, printed. Not part of the plain test run: pytest -s -o addopts= tests/bench

The corpus is ../shared/corpus where it is there, else the sample notes over and over. "Stock medspaCy" is `medspacy.load()` with the pack's
rules as TargetRules; as these are regular expressions, which it runs one by one, it is also timed with the lexicon's terms as literal rules: its
cheapest form of the same words, without the gaps, measures and conditions. Nothing here passes or fails by the clock: read the figures.
"""

import gzip
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import cycle, islice
from pathlib import Path

import pytest

import notecheck
from notecheck.batch import check_all
from notecheck.checker import Checker
from notecheck.extract.target_rules import target_rules
from notecheck.models import Note

ROOT = Path(__file__).parents[2]
CORPUS = ROOT.parent / "shared" / "corpus" / "mtsamples.jsonl.gz"
SAMPLES = ROOT / "sample_notes"


@pytest.fixture(scope="module")
def corpus() -> list[Note]:
    if CORPUS.exists():
        with gzip.open(CORPUS, "rt", encoding="utf-8") as f:
            return [Note(note_id=r["note_id"], text=r["text"]) for r in map(json.loads, f)]
    texts = cycle(p.read_text(encoding="utf-8") for p in sorted(SAMPLES.glob("*.txt")))
    return [Note(note_id=str(i), text=t) for i, t in enumerate(islice(texts, 500))]


@pytest.fixture(scope="module")
def checker() -> Checker:
    loaded = notecheck.load()
    loaded.check((SAMPLES / "01-new-patient-template.txt").read_text(encoding="utf-8"))
    return loaded


def rate(work: Callable[[Note], object], notes: list[Note]) -> float:
    """Notes a second."""
    start = time.perf_counter()
    for note in notes:
        work(note)
    return len(notes) / (time.perf_counter() - start)


def literal_terms(checker: Checker) -> Iterator[str]:
    for entry in checker.pack.lexicon.entries.values():
        for term in entry.terms:
            if all(c.isalnum() or c in " -/'" for c in term):
                yield term


@pytest.mark.parametrize(("form", "notes"), [("literal terms", 150), ("rules", 8)])
def test_notes_a_second_on_one_core_against_stock_medspacy(corpus: list[Note], checker: Checker, form: str, notes: int) -> None:
    import medspacy
    from loguru import logger
    from medspacy.ner import TargetRule

    logger.disable("PyRuSH")  # it logs each sentence, which would count against medspaCy
    stock = medspacy.load()
    terms = [TargetRule(term, "TERM") for term in sorted(set(literal_terms(checker)))]
    rules = target_rules(checker.pack) if form == "rules" else terms
    stock.get_pipe("medspacy_target_matcher").add(rules)
    few = corpus[:: max(1, len(corpus) // notes)]
    rate(lambda note: stock(note.text), few[:2])
    theirs, ours = rate(lambda note: stock(note.text), few), rate(checker.check, few)
    print(f"\nthe same {len(few)} notes on one core, stock medspaCy with {len(rules):,} {form}: {theirs:.2f} notes/s")
    print(f"notecheck: {ours:.0f} notes/s, {ours / theirs:.1f} times as many")


def test_notes_a_second_on_the_whole_corpus(corpus: list[Note], checker: Checker) -> None:
    reports = []
    every = rate(lambda note: reports.append(checker.check(note)), corpus)
    inside = {r.note_id for r in reports if r.in_scope}
    spine = [note for note in corpus if note.note_id in inside]
    print(
        f"\nall {len(corpus):,} notes, one core: {every:.0f} notes/s; the {len(spine):,} in scope alone: {rate(checker.check, spine):.0f} notes/s"
    )


def test_workers(corpus: list[Note]) -> None:
    figures = []
    for jobs in (1, 2):
        start = time.perf_counter()
        assert sum(1 for _ in check_all(corpus, jobs=jobs)) == len(corpus)
        figures.append(time.perf_counter() - start)
    print(f"\n{len(corpus):,} notes through the process pool: 1 worker {figures[0]:.1f} s, 2 workers {figures[1]:.1f} s, loading included")


@pytest.mark.parametrize(
    ("arguments", "seconds"),
    [(("--help",), 0.3), (("check", "sample_notes/01-new-patient-template.txt"), 2.5)],
)
def test_time_from_the_shell(arguments: tuple[str, ...], seconds: float) -> None:
    took = []
    for _ in range(5):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-m", "notecheck", *arguments], cwd=ROOT, capture_output=True, check=False)
        took.append(time.perf_counter() - start)
    print(f"\nnotecheck {' '.join(arguments)}: best {min(took):.2f} s, median {sorted(took)[2]:.2f} s of 5 (to stay under {seconds} s)")
