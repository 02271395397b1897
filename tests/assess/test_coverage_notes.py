"""Whole notes, read with the shipped pack: what each payer's policy finds in them."""

from __future__ import annotations

from datetime import date
from functools import cache

import pytest
from assess.shipped import shipped

from notecheck import load
from notecheck.assess.coverage import judge_coverage
from notecheck.assess.elements import find_elements
from notecheck.checker import Checker

ON = date(2026, 3, 2)

REPEAT_EPIDURAL = """INTERVAL HISTORY: 61-year-old woman with low back pain radiating down the left leg to the foot since June 2024. She had a left L5
transforaminal epidural steroid injection on 08/12/2025, which gave 70% relief for four months. Pain today is 6/10. She cannot stand at the
stove for longer than ten minutes. Physical therapy for 8 weeks did not help.
IMAGING: MRI lumbar spine 04/30/2025: left L4-5 disc protrusion compressing the L5 root, which correlates with her symptoms.
ASSESSMENT: Left L5 radiculopathy.
PLAN: Repeat left L5 transforaminal epidural under fluoroscopy with contrast."""

FIRST_EPIDURAL_TOO_EARLY = """HPI: Neck pain for 10 days, 5/10, no radiation. Naproxen for one week.
IMAGING: MRI cervical spine 02/11/2019: mild spondylosis.
PLAN: Series of three cervical epidurals."""

SACROILIAC = """HPI: Left sacroiliac joint pain for two years, rated 7/10. The pain does not radiate. Failed six weeks of physical therapy.
EXAM: FABER positive on the left. Gaenslen positive on the left. Thigh thrust positive on the left. Compression negative.
PLAN: Left sacroiliac joint injection under fluoroscopy."""

ABLATION = """HPI: Axial low back pain for 5 years, no radiation into the legs. Pain 7/10, no radiculopathy. Oswestry 46%. Failed physical therapy.
Both diagnostic medial branch blocks gave 90% relief.
PLAN: Bilateral L4-5, L5-S1 radiofrequency ablation under fluoroscopic guidance."""

VERTEBROGENIC = """HPI: 48 y/o man, axial low back pain for 3 years, no radiation. Failed 9 months of physical therapy and naproxen.
IMAGING: MRI lumbar spine: Modic type 1 changes at L5-S1. No fracture, tumor or infection.
ASSESSMENT: Vertebrogenic low back pain. PLAN: Basivertebral nerve ablation."""

EARLY_MRI = """HPI: Low back pain for 5 days, no radiation. It began while gardening. Denies fever, chills, weight loss. No history of cancer.
Denies IV drug use. Denies bowel or bladder incontinence. Ibuprofen for 3 days without relief.
EXAM: Strength 5/5 in both legs.
PLAN: MRI lumbar spine."""

NOTES: list[tuple[str, str, dict[str, str]]] = [
    ("esi-repeat", REPEAT_EPIDURAL, {
        "esi.radicular": "yes", "esi.concordant-imaging": "yes", "esi.imaging-age": "yes", "esi.scale": "yes", "esi.pain-weeks": "yes",
        "esi.conservative-weeks": "yes", "esi.conservative-failed": "yes", "esi.guidance": "yes", "esi.contrast": "yes", "esi.sessions": "yes",
        "esi.prior-injection": "yes", "esi.relief-degree": "yes", "esi.relief-duration": "yes", "esi.summary-relief": "yes", "esi.interval": "yes"}),
    ("esi-initial", FIRST_EPIDURAL_TOO_EARLY, {
        "esi.radicular": "no", "esi.imaging-age": "no", "esi.pain-weeks": "no", "esi.conservative-weeks": "no", "esi.no-series": "no",
        "esi.concordant-imaging": "open", "esi.guidance": "open"}),
    ("si-joint", SACROILIAC, {
        "si.severity": "yes", "si.location": "yes", "si.three-months": "yes", "si.no-radiculopathy": "yes", "si.three-tests": "yes",
        "si.conservative-weeks": "yes", "si.conservative-failed": "yes", "si.guidance": "yes", "si.contrast": "open", "si.no-other-cause": "open"}),
    ("facet-rfa", ABLATION, {
        "facet.severity": "yes", "facet.single-score": "yes", "facet.axial": "yes", "facet.function-scale": "yes", "facet.three-months": "yes",
        "facet.no-radiculopathy": "yes", "facet.two-blocks": "yes", "facet.guidance": "yes", "facet.no-other-cause": "open"}),
    ("bvn-ablation", VERTEBROGENIC, {
        "bvn.six-months": "yes", "bvn.twelve-months": "yes", "bvn.conservative-months": "yes", "bvn.mri": "yes", "bvn.modic": "yes", "bvn.level": "yes",
        "bvn.axial": "yes", "bvn.diagnosis": "yes", "bvn.no-exclusion": "yes", "bvn.adult": "yes"}),
    ("lumbar-mri", EARLY_MRI, {
        "mri.red-flag-or-four-weeks": "no", "mri.six-weeks": "no", "mri.first-six-weeks": "no", "mri.decision": "open", "mri.neurological-exam": "yes"}),
]  # fmt: skip


@cache
def checker() -> Checker:
    return load()


@pytest.mark.parametrize(("policy", "text", "expected"), NOTES, ids=[policy for policy, _, _ in NOTES])
def test_a_whole_note_is_judged(policy: str, text: str, expected: dict[str, str]) -> None:
    reading = checker().extractor.read(text, in_scope=True)
    elements = find_elements(reading.mentions, checker().pack.elements)
    ids = {c.says: c.id for c in shipped()[policy].criteria}
    said = {ids[f.criterion]: f for f in judge_coverage(elements, reading.mentions, shipped()[policy], ON)}
    wrong = {i: (said[i].met, said[i].reason) for i, met in expected.items() if said[i].met != {"open": "not_documented"}.get(met, met)}
    assert not wrong
    for f in said.values():
        assert all(text[e.start : e.end] == e.text for e in f.evidence)
