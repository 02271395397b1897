"""Which notes of all specialties are judged to be about spine pain: listed by specialty with `pytest -s tests/test_scope.py`."""

import gzip
import json
from collections import Counter
from pathlib import Path

import pytest

import notecheck
from notecheck.checker import Checker

CORPUS = Path(__file__).resolve().parents[2] / "shared" / "corpus" / "mtsamples.jsonl.gz"
NEVER = {
    "Ophthalmology",
    "Dentistry",
    "Dermatology",
    "Sleep Medicine",
    "Allergy / Immunology",
    "Cosmetic / Plastic Surgery",
    "ENT - Otolaryngology",
}


@pytest.fixture(scope="module")
def checker() -> Checker:
    return notecheck.load()


@pytest.mark.skipif(not CORPUS.exists(), reason="needs ../shared")
def test_notes_in_scope_by_specialty(checker: Checker) -> None:
    seen: Counter[str] = Counter()
    inside: Counter[str] = Counter()
    with gzip.open(CORPUS, "rt", encoding="utf-8") as lines:
        for note in map(json.loads, lines):
            seen[note["specialty"]] += 1
            inside[note["specialty"]] += checker.check(note["text"]).in_scope
    for specialty, n in seen.most_common():
        print(f"{inside[specialty]:4} of {n:4}  {specialty}")
    print(f"{inside.total():4} of {seen.total():4}  all")
    assert seen.keys() & NEVER
    assert not any(inside[s] for s in NEVER)
    assert inside["Pain Management"] > seen["Pain Management"] / 2


@pytest.mark.parametrize(
    ("text", "in_scope"),
    [
        ("CHIEF COMPLAINT: Neck pain.", True),
        ("Low back pain radiating to the left foot, 7/10.", True),
        ("CC: diabetes check\nHPI: Sugars are good.\nASSESSMENT: 1. Diabetes. 2. Chronic back pain, continue naproxen.", True),
        ("PREOPERATIVE DIAGNOSIS: Lumbar radiculopathy.\nPROCEDURE: L5 transforaminal epidural steroid injection.", True),
        ("CC: cough\nROS: Denies back pain or neck pain.\nASSESSMENT: Bronchitis.", False),
        ("CC: knee pain\nPSH: Lumbar fusion 2009, no trouble since.\nASSESSMENT: Knee osteoarthritis.", False),
        ("CC: flank pain\nHPI: Pain in the flank and back with blood in the urine.\nASSESSMENT: Kidney stone.", False),
        ("CC: chest pain\nHPI: Pressure that radiates to the neck and back.\nASSESSMENT: Angina.", False),
        ("EXAM: MRI lumbar spine without contrast.\nFINDINGS: Disc desiccation at L4-5.\nIMPRESSION: Mild L4-5 stenosis.", False),
        ("EXAM: MRI lumbar spine without contrast.\nHISTORY: Low back pain for 3 months.\nFINDINGS: L4-5 disc bulge.", True),
    ],
)
def test_scope(checker: Checker, text: str, in_scope: bool) -> None:
    assert checker.check(text).in_scope is in_scope
