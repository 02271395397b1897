"""Given this note, these codes. Every rule's own examples run here too, so each rule is seen on both sides."""

from __future__ import annotations

from datetime import date

import pytest
import yaml
from assess.coding import DAY, book, coded, finding, supported

from notecheck.assess.code_rules import CodeExample
from notecheck.assess.codes import support_codes
from notecheck.extract.pipeline import Extractor
from notecheck.packs import shipped_patterns

RULE_EXAMPLES = [
    pytest.param(e, id=f"{rule.id}-{side}-{n}")
    for rule in book().rules
    for side, examples in (("supports", rule.supports), ("rejects", rule.rejects))
    for n, e in enumerate(examples)
]

# Written from the coding rules. A code after `!` must not be among the supported ones.
NOTES = [
    # a disc disorder and a radiculopathy of one region are one code, wherever in the assessment they stand
    ("A/P:\n1. Lumbar radiculopathy, L5, R\n2. Lumbar DDD\n3. Chronic LBP\nP: TFESI", "M51.16"),
    ("Diagnosis: Right lumbar radiculitis secondary to L4-L5 disc bulge", "M51.16"),
    ("Clinical Impression: Cervical radiculopathy due to disc herniation C5/6", "M50.122"),
    ("Assessment: Lumbar HNP w/ radic", "M51.16"),
    ("Assessment: Lumbar disc disease with radiculopathy", "M51.16"),
    ("Assessment: C7-T1 disc herniation with left C8 radiculopathy", "M50.13"),
    ("Assessment: Lumbar DDD. Cervical radiculopathy.", "M54.12 M51.369"),
    ("Assessment: L5-S1 disc protrusion. Left-sided sciatica.", "M51.17"),
    # region, level, side
    ("Assessment: Left L3 radiculopathy", "M54.16"),
    ("Assessment: C6 radiculopathy, right", "M54.12"),
    ("Assessment: T12-L1 disc herniation", "M51.25"),
    ("Assessment: Disc herniation at L4-5 and L5-S1", "M51.26 M51.27"),
    ("Assessment: Spondylolisthesis of L5 on S1 with bilateral L5 radiculopathy", "M43.17 M54.16"),
    ("Assessment: Radiculopathy of the left arm", "M54.12"),
    ("Assessment: Lumbar stenosis L3-L5, neurogenic claudication", "M48.062"),
    ("Assessment: HNP L45 on the right", "M51.26"),
    ("Assessment: Lt leg sciatica, LBP", "M54.42"),
    ("Assessment: Chronic bilateral low back pain with bilateral sciatica", "M54.41 M54.42 G89.29"),
    ("HPI: Pain shoots down the right leg. Assessment: Low back pain with sciatica.", "M54.41"),
    ("Assessment: Neck pain with left radiculopathy", "M54.12"),
    ("Assessment: Pain in both legs. Low back pain.", "M79.604 M79.605 M54.50"),
    # what is in doubt is not coded, the symptom is
    ("ASSESSMENT\n1. Low back pain radiating to the left leg, likely L5 radiculopathy.\n2. HTN", "M54.50"),
    ("Assessment: Neck pain, cannot rule out C6-7 disc herniation", "M54.2"),
    ("Assessment: Low back pain consistent with facet arthropathy", "M54.50"),
    ("Assessment:\n1. Low back pain\n2. Spondylosis versus sacroiliitis", "M54.50"),
    ("Assessment: Neck pain. Concern for cervical myelopathy.", "M54.2"),
    ("Assessment: Low back pain, suspicious for compression fracture", "M54.50"),
    # what is denied, past or the family's is not coded
    ("Assessment: Chronic bilateral low back pain without sciatica", "M54.50 G89.29"),
    ("Assessment: Neck pain. History of lumbar radiculopathy, resolved.", "M54.2"),
    ("Assessment: Low back pain, no evidence of radiculopathy or stenosis", "M54.50"),
    ("FAMILY HISTORY: Mother with ankylosing spondylitis.\nAssessment: Low back pain", "M54.50"),
    ("HPI: Denies neck pain. Assessment: Low back pain", "M54.50"),
    # imaging and examination alone diagnose nothing
    ("MRI: L4-5 disc extrusion with severe stenosis. Assessment: Lumbar radiculopathy.", "M54.16"),
    ("EXAM: Scoliosis noted. Muscle spasm of the back. Assessment: Low back pain", "M54.50"),
    ("X-RAY: L1 compression fracture. Assessment: Back pain, thoracolumbar films reviewed", "!M48.56XA"),
    # a symptom is not coded beside its cause, nor a general code beside a special one
    ("Assessment: Low back pain, right SI joint dysfunction", "M53.3"),
    ("Assessment: Neck and low back pain after MVA; cervical and lumbar strain", "S16.1XXA S39.012A"),
    ("Assessment: Whiplash associated disorder, cervicalgia", "S13.4XXA"),
    ("CC: Neck pain\nAssessment: Lumbar radiculopathy", "M54.2 M54.16"),
    ("Assessment: Ankylosing spondylitis, on adalimumab. SI joint pain.", "M45.9 M53.3"),
    ("Assessment: Failed back surgery syndrome with chronic pain syndrome and left lumbar radiculopathy", "M96.1 G89.4 M54.16"),
    ("Assessment: Leg pain in the setting of severe L4-5 stenosis and spondylolisthesis.", "M48.061 M43.16"),
    # chronic pain goes with a pain that is coded
    ("ED Diagnosis: Acute exacerbation of chronic low back pain", "M54.50 G89.29"),
    ("Assessment: Chronic low back pain. Lumbar spondylosis.", "M47.816"),
    ("Assessment: Lumbosacral facet arthropathy, chronic", "M47.817"),
    # where there is no assessment, the reason for the visit and the story speak
    ("CC: neck pain\nHPI: 44 yo F with neck pain x 3 weeks.\nExam: tender cervical paraspinals\nPlan: PT", "M54.2"),
    ("Sent for an epidural for lumbar radiculopathy of the left leg.", "M54.16"),
    ("HPI: Low back pain for a week after gardening.", "M54.50"),
    ("HPI: Neck pain this week. Assessment: Low back pain. Plan: PT for neck and back.", "M54.2 M54.50"),
    ("PREOPERATIVE DIAGNOSIS: Left sacroiliitis.\nPOSTOPERATIVE DIAGNOSIS: Same.", "M46.1"),
    # telegraphic and coded assessments
    ("Medical diagnosis: M54.12 cervical radiculopathy\nTreatment diagnosis: M54.2", "M54.12"),
    ("Assessment: L-spine DJD", "M47.816"),
    ("Assessment: SIJ dysfxn, R", "M53.3"),
    ("Assessment: Kissing spine, lumbar (M48.26)", ""),
    ("Assessment: Cervicothoracic radiculopathy (M54.13)", "M54.13"),
    ("Assessment: Low back pain M54.59", "M54.59"),
    # injuries and fractures
    ("Final diagnosis: acute lumbosacral strain", "S39.012A"),
    ("Assessment: Cervical sprain/strain", "S13.4XXA S16.1XXA"),
    ("Assessment: L3 compression fracture, acute, after a fall.", "S32.030A"),
    ("Assessment: Thoracic compression fracture T11, osteoporotic, subacute", "M80.08XA"),
    ("Assessment: Sacral insufficiency fracture", "M84.48XA"),
    # as problem lists and shorter notes word them
    ("Assessment\nDDD (degenerative disc disease), lumbar","M51.369"),
    ("Assessment\nSpinal stenosis of lumbar region with neurogenic claudication","M48.062"),
    ("Assessment\nChronic midline low back pain with bilateral sciatica","M54.41 M54.42 G89.29"),
    ("Assessment\nSpondylosis of lumbar region without myelopathy or radiculopathy","M47.816"),
    ("Assessment\nLumbosacral radiculopathy at S1","M54.17"),
    ("Assessment\nHerniation of intervertebral disc between L4 and L5","M51.26"),
    ("Assessment\nDisplacement of lumbar intervertebral disc without myelopathy","M51.26"),
    ("Assessment\nDegeneration of lumbar intervertebral disc","M51.369"),
    ("Assessment\nSI (sacroiliac) joint dysfunction","M53.3"),
    ("Assessment\nStrain of lumbar region, initial encounter","S39.012A"),
    ("Assessment\nStrain of neck muscle, initial encounter","S16.1XXA"),
    ("Assessment\nBilateral low back pain with left-sided sciatica, unspecified chronicity","M54.42"),
    ("Assessment\nNeck pain on left side","M54.2"),
    ("Assessment\nCervical disc disorder with radiculopathy of cervical region","M50.10"),
    ("Assessment\nOsteoporotic compression fracture of vertebra","M80.08XA"),
    ("Assessment\nAge-related osteoporosis with current pathological fracture, vertebra(e), initial encounter","M80.08XA"),
    ("Assessment\nAcute left-sided thoracic back pain","M54.6"),
    ("Assessment\nFacet arthritis of lumbar region","M47.816"),
    ("Assessment\nLumbar facet joint pain","M47.816"),
    ("Assessment\nLumbar post-laminectomy syndrome","M96.1"),
    ("Assessment\nPain in thoracic spine","M54.6"),
    ("Assessment\nCompression fracture of L1 vertebra, initial encounter","M48.56XA"),
    ("Assessment\nRadiculitis, lumbar","M54.16"),
    ("Assessment\nSprain of ligaments of lumbar spine, initial encounter","S33.5XXA"),
    ("Assessment\n1. Low back pain.\n• Medical Reasoning: I believe he has a lumbar strain.\n• Medical Treatment: Meloxicam.","M54.50"),
    ("ASSESSMENT AND PLAN\n1. Lumbar strain.\n- Medical Reasoning: The x-ray was normal, with no sign of radiculopathy.\n","S39.012A"),
    ("Assessment\nRight-sided sciatica.\n• Medical Reasoning: Positive straight leg raise on the right with low back pain.","M54.41"),
    ("Medical Dx: M54.16 Lumbar radiculopathy\nPT Dx: M54.50, R26.89","M54.16"),
    ("Diagnosis: M47.816 Lumbar facet arthropathy","M47.816"),
    ("ED DIAGNOSIS:\n1. Acute midline low back pain without sciatica\n2. Acute cystitis","M54.50"),
    ("Assessment: 1. Cervical radiculopathy, left C6, MRI with C5-6 disc herniation compressing the C6 root","M50.122"),
    ("Assessment: This is a 55 year old male with chronic axial low back pain due to lumbar facet arthropathy, s/p RFA with 70% relief.","M47.816"),
    ("Impression: Failed back surgery syndrome (M96.1). Lumbar radiculopathy (M54.16). Chronic pain syndrome (G89.4).","M96.1 M54.16 G89.4"),
    ("Assessment: Lumbar radiculopathy (M54.16) secondary to L4-5 disc herniation (M51.26)","M51.16"),
    ("Assessment: Lumbar spondylosis (M47.816), lumbar radiculopathy (M54.16)","M47.816 M54.16"),
    ("Assessment: M54.2 Cervicalgia, M62.838 muscle spasm of neck","M54.2 M62.838"),
    ("ASSESSMENT: Pt is a 40 y/o F presenting with s/s consistent with R lumbar radiculopathy. Referring dx: low back pain M54.50","M54.50"),
    ("Referring diagnosis: Lumbar radiculopathy (M54.16)\nASSESSMENT: Pt demonstrates decreased ROM and strength.","M54.16"),
    ("Assessment/Plan: Whiplash injury, subsequent encounter. Improving with PT.","S13.4XXD"),
    ("Assessment: Degenerative spondylolisthesis L4-5 with severe stenosis and neurogenic claudication","M43.16 M48.062"),
    ("Assessment: Thoracic radiculopathy at T8, left","M54.14"),
    ("Assessment: Cervical spinal stenosis with myelopathy","M48.02"),
    ("Assessment: Kyphosis of thoracic region. Mid back pain.","M40.204 M54.6"),
    ("Assessment: Low back pain with radiation to the right leg","M54.50"),
    ("Assessment: Back pain with right leg pain and numbness","M54.9 M79.604"),
    ("CHIEF COMPLAINT: Low back pain and right leg pain\nASSESSMENT\nLumbar disc herniation with right-sided radiculopathy, L5-S1","M51.17"),
    ("Assessment: Lumbar disc herniation with right-sided radiculopathy. MRI: L5-S1 disc herniation.","M51.17"),
    ("IMPRESSION: Sacroiliac joint arthropathy, bilateral","M46.1"),
    ("IMPRESSION: Acute cervical myofascial strain","S16.1XXA"),
    ("Dx: Lumbar compression fracture, L2 - osteoporosis","M80.08XA"),
    ("Impression: Neck pain with cervicogenic headaches","M54.2"),
    ("A: LBP, no red flags. Likely muscular strain.","M54.50"),
    ("A: Chronic neck pain, chronic LBP","M54.2 M54.50 G89.29"),
    ("DISCHARGE DIAGNOSIS: Intractable low back pain secondary to L5-S1 disc herniation","M51.27"),
    ("Assessment: History of lumbar fusion. Low back pain, stable.","M54.50"),
    ("Assessment: Her neck pain has resolved. Low back pain persists.","M54.50"),
]  # fmt: skip


@pytest.mark.parametrize("example", RULE_EXAMPLES)
def test_rule_examples(example: CodeExample) -> None:
    assert supported(example.text, example.day or DAY) == set(example.codes)


@pytest.mark.parametrize(("text", "expected"), NOTES)
def test_notes(text: str, expected: str) -> None:
    codes = expected.split()
    got = supported(text)
    assert {c for c in codes if not c.startswith("!")} <= got
    assert not {c[1:] for c in codes if c.startswith("!")} & got
    if not any(c.startswith("!") for c in codes):
        assert got == set(codes)


def test_at_least_120_notes_and_80_codes() -> None:
    assert len(RULE_EXAMPLES) + len(NOTES) >= 120
    assert len({c for rule in book().rules for c in rule.all_codes}) >= 80


def test_a_symptom_of_a_diagnosis_is_excluded_with_the_reason() -> None:
    pain = finding("ASSESSMENT: Low back pain. Lumbar radiculopathy.", "M54.50")
    assert pain.support == "excluded"
    assert "M54.16" in pain.reason
    assert pain.more_specific == ("M54.16",)


@pytest.mark.parametrize(
    ("text", "code", "why"),
    [
        ("ASSESSMENT: Low back pain, possible L4-5 disc herniation.", "M51.26", "possible"),
        ("MRI: L4-5 disc herniation. ASSESSMENT: Low back pain.", "M51.26", "study"),
        ("HPI: Pain goes down the left leg to the foot. ASSESSMENT: Low back pain.", "M54.16", "radiculopathy"),
    ],
)
def test_what_the_note_points_at_names_the_one_thing_that_lacks(text: str, code: str, why: str) -> None:
    found = finding(text, code)
    assert found.support == "needs_documentation"
    assert why in found.reason


def test_evidence_is_the_words_of_the_note() -> None:
    text = "HPI: Fell off a horse.\nASSESSMENT: L5-S1 disc herniation with left S1 radiculopathy."
    evidence = finding(text, "M51.17").evidence
    assert [text[e.start : e.end] for e in evidence] == [e.text for e in evidence] == ["L5-S1 disc herniation", "radiculopathy"]


@pytest.mark.parametrize(
    ("on", "code"),
    [(date(2021, 9, 30), "M54.5"), (date(2021, 10, 1), "M54.50"), (date(2026, 9, 30), "M54.50")],
)
def test_the_code_is_that_of_the_service_date(on: date, code: str) -> None:
    assert supported("ASSESSMENT: Low back pain.", on) == {code}


def test_disc_degeneration_asks_where_the_pain_is_from_october_2024_on() -> None:
    note = "HPI: Low back pain and right leg pain. ASSESSMENT: L5-S1 disc degeneration."
    assert supported(note, date(2024, 9, 30)) == {"M51.37"}
    assert supported(note, date(2024, 10, 1)) == {"M51.372"}


@pytest.mark.parametrize("outside", [date(2007, 6, 1), date(2030, 1, 1)])
def test_a_date_outside_the_code_set_is_judged_by_the_latest_release_and_said(outside: date) -> None:
    assert supported("ASSESSMENT: Low back pain.", outside) == {"M54.50"}
    assert str(outside) in (book().day(outside)[1] or "")
    assert book().day(DAY) == (DAY, None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("HISTORY: MRI shows a left L5-S1 disc protrusion. He has left leg pain.", {"M79.605"}),
        ("HISTORY: He has a left L5-S1 disc protrusion, found on MRI.", {"M51.27"}),
    ],
)
def test_what_a_study_shows_in_the_story_is_no_diagnosis(text: str, expected: set[str]) -> None:
    assert supported(text) == expected


@pytest.mark.parametrize(("exam", "expected"), [("EXAM: Ankle reflex absent on the left.\n", {"M54.17"}), ("", set())])
def test_the_impression_of_a_study_is_a_diagnosis_where_its_author_examined_the_patient(exam: str, expected: set[str]) -> None:
    text = f"{exam}IMPRESSION: Left S1 radiculopathy."
    mentions = Extractor().read(text, in_scope=True).mentions
    assert {f.code for f in support_codes(mentions, book(), DAY, "imaging") if f.support == "supported"} == expected


def test_at_most_six_codes_are_listed_as_supported() -> None:
    note = "ASSESSMENT: Neck pain, thoracic pain, lumbar stenosis, L4-5 spondylolisthesis, lumbar scoliosis, sacroiliitis, chronic pain syndrome."
    assert len([f for f in coded(note) if f.support == "supported"]) == 6


def test_every_source_is_cited_in_the_pack() -> None:
    pack = yaml.safe_load((shipped_patterns() / "spine" / "pack.yaml").read_text(encoding="utf-8"))
    assert {s for rule in book().rules for s in rule.source} <= set(pack["sources"])
