"""Payer criteria: given these findings of a note, this verdict. Each criterion of the pack is shown met, and shown not met or left open."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from assess.shipped import criteria, pack_yaml, shipped

from notecheck.assess.coverage import judge_coverage
from notecheck.assess.coverage_rules import Policy
from notecheck.models import CodeFinding, CoverageFinding, ElementFinding, Evidence, Mention, Status

ON = date(2026, 3, 2)
Said = tuple[Status, str, dict[str, Any]]  # status, words of the note, value


def finding(status: Status, text: str = "", /, **value: Any) -> ElementFinding:
    evidence = (Evidence(text=text, start=0, end=len(text), section="hpi"),) if text else ()
    return ElementFinding(status=status, value=value or None, evidence=evidence)


def mention(of: str, status: Status, said: str, value: dict[str, Any], section: str = "hpi", start: int = 0) -> Mention:
    concept = of if of.startswith("cov.") else None
    return Mention(
        rule="test.rule", element=None if concept else of, concept=concept, status=status, assertion="absent" if status == "denied" else "present",
        value=value, text=said, start=start, end=start + len(said), section=section, sentence=0,
    )  # fmt: skip


def judged(id_: str, facts: dict[str, Said], codes: Sequence[str] = (), on: date | None = ON) -> CoverageFinding | None:
    """The finding on one criterion, given what the note says of elements (`pain.severity`) and concepts (`cov.modic`; `#2` for a second time)."""
    elements: dict[str, ElementFinding] = {e["id"]: finding("missing") for e in pack_yaml("elements.yaml")["elements"]}
    mentions = []
    for n, (key, (status, words, value)) in enumerate(facts.items()):
        name = key.partition("#")[0]
        mentions.append(mention(name, status, words, value, start=100 * n))
        if not name.startswith("cov."):
            elements[name] = finding(status, words, **value)
    found = [CodeFinding(code=c, description="as coded", support="supported", reason="") for c in codes]
    criterion = criteria()[id_]
    return next(iter(judge_coverage(elements, mentions, Policy(id=criterion.policies[0], criteria=(criterion,)), on, found)), None)


def doc(text: str, /, **value: Any) -> Said:
    return "documented", text, value


def denied(text: str, /, **value: Any) -> Said:
    return "denied", text, value


def partial(text: str, /, **value: Any) -> Said:
    return "partial", text, value


SI_TESTS = ["FABER left", "thigh thrust left", "Gaenslen left", "compression left", "distraction left"]


def si_tests(positive: int) -> Said:
    return doc("the tests", tests=[{"name": n, "result": "positive" if i < positive else "negative"} for i, n in enumerate(SI_TESTS)])


def relief(percent: int, occasion: str = "") -> dict[str, Said]:
    return {f"treatment.injection_relief{occasion}": doc(f"{percent}% relief", percent=percent)}


CLEAR = {"cov.fracture": denied("no fracture"), "cov.tumor": denied("tumor"), "cov.spinal_infection": denied("discitis")}
SI = {"treatment.injection": doc("left SI injection", kinds=["sacroiliac"])}
MBB = {"treatment.injection": doc("medial branch block", kinds=["medial_branch"])}
RFA = {"treatment.injection": doc("RFA", kinds=["radiofrequency"]), "cov.earlier_ablation": doc("prior RFA")}

# criterion, expected, what the note says. A third answer beside yes and no: "open" is not_documented, "-" is a criterion that does not apply.
TABLE: list[tuple[str, str, dict[str, Said]]] = [
    ("esi.radicular", "yes", {"cov.radicular": doc("L5 radiculopathy")}),
    ("esi.radicular", "yes", {"pain.radiation": doc("down to the foot", extent="below_knee")}),
    ("esi.radicular", "no", {"pain.radiation": denied("axial only", extent="none"), "cov.radicular": denied("radiculopathy")}),
    ("esi.radicular", "open", {"pain.radiation": doc("into the buttock", extent="above_knee")}),
    ("esi.radicular", "open", {}),
    (
        "esi.concordant-imaging",
        "yes",
        {"imaging.findings": doc("L4-5 protrusion"), "imaging.correlation": doc("which explains the leg pain")},
    ),
    (
        "esi.concordant-imaging",
        "no",
        {"imaging.findings": doc("normal"), "imaging.correlation": doc("nothing"), "cov.discordance": doc("nothing explains it")},
    ),
    ("esi.concordant-imaging", "open", {"imaging.findings": doc("L4-5 protrusion")}),
    ("esi.imaging-age", "yes", {"cov.imaging_date": doc("MRI 03/02/2024")}),
    ("esi.imaging-age", "no", {"cov.imaging_date": doc("MRI 03/01/2024")}),
    ("esi.imaging-age", "yes", {"cov.imaging_date": doc("MRI 5/2019"), "cov.imaging_date#2": doc("MRI 1/2026")}),
    ("esi.imaging-age", "open", {"cov.imaging_date": doc("MRI 2024")}),
    ("esi.imaging-age", "open", {}),
    ("esi.scale", "yes", {"pain.severity": doc("7/10", scores=[7])}),
    ("esi.scale", "yes", {"cov.function_scale": doc("ODI 40%")}),
    ("esi.scale", "open", {"pain.severity": partial("severe")}),
    ("esi.function", "yes", {"function.walking": doc("one block")}),
    ("esi.function", "open", {"function.activity": partial("limited ADLs")}),
    ("esi.pain-weeks", "yes", {"pain.duration": doc("for 6 weeks", text="for 6 weeks")}),
    ("esi.pain-weeks", "yes", {"pain.duration": doc("since January 2026", text="since January 2026")}),
    ("esi.pain-weeks", "no", {"pain.duration": doc("10 days ago", text="10 days ago")}),
    ("esi.pain-weeks", "yes", {"pain.duration": doc("10 days ago"), "cov.zoster": doc("acute zoster")}),
    ("esi.pain-weeks", "open", {"pain.duration": partial("chronic", text="chronic")}),
    ("esi.conservative-weeks", "yes", {"cov.conservative_length": doc("6 weeks of PT")}),
    ("esi.conservative-weeks", "no", {"cov.conservative_length": doc("PT x 2 weeks")}),
    ("esi.conservative-weeks", "open", {"cov.conservative_length": doc("less than 6 weeks of PT")}),
    ("esi.conservative-failed", "yes", {"cov.failed_care": doc("PT without relief")}),
    ("esi.conservative-failed", "open", {"cov.failed_care": partial("PT helped somewhat")}),
    ("esi.guidance", "yes", {"cov.image_guidance": doc("under fluoroscopy")}),
    ("esi.guidance", "no", {"cov.image_guidance": denied("without fluoroscopy")}),
    ("esi.contrast", "yes", {"cov.contrast_exempt": doc("contrast allergy")}),
    ("esi.contrast", "yes", {"cov.contrast": doc("1 mL of Omnipaque")}),
    ("esi.contrast", "open", {}),
    ("esi.no-series", "yes", {}),
    ("esi.no-series", "no", {"cov.planned_series": doc("a series of three")}),
    ("esi.sessions", "yes", {"cov.injection_date": doc("ESI 1/5/2026"), "cov.injection_date#2": doc("ESI 9/3/2025")}),
    ("esi.sessions", "no", {f"cov.injection_date#{m}": doc(f"ESI {m}/3/2025") for m in (6, 8, 10, 12)}),
    ("esi.sessions", "yes", {f"cov.injection_date#{i}": doc("ESI 1/5/2026") for i in range(5)}),  # one session named five times
    ("esi.sessions", "open", {}),
    ("esi.prior-injection", "yes", {"treatment.injection": doc("L5 TFESI", kinds=["epidural"])}),
    ("esi.prior-injection", "no", {"treatment.injection": doc("SI injection", kinds=["sacroiliac"])}),
    ("esi.prior-injection", "no", {"treatment.injection": denied("no injections")}),
    ("esi.relief-degree", "yes", {"treatment.injection_relief": doc("50% relief", percent=50)}),
    ("esi.relief-degree", "no", {"treatment.injection_relief": doc("40% relief", percent=40)}),
    (
        "esi.relief-degree",
        "yes",
        {"treatment.injection_relief": doc("40%", percent=40), "cov.function_gain": doc("60% better function", percent=60)},
    ),
    ("esi.relief-degree", "open", {"treatment.injection_relief": partial("helped")}),
    ("esi.relief-duration", "yes", {"treatment.injection_duration": doc("3 months", text="3 months")}),
    ("esi.relief-duration", "yes", {"treatment.injection_duration": doc("12 wks", text="12 wks")}),
    ("esi.relief-duration", "no", {"treatment.injection_duration": doc("10 wks", text="10 wks")}),
    ("esi.relief-duration", "open", {"treatment.injection_duration": doc("several weeks", text="several weeks")}),
    ("esi.relief-duration", "open", {"treatment.injection_duration": partial("temporary", text="temporary")}),
    ("esi.relief-duration", "open", {"treatment.injection_duration": doc("the one in March 2024", text="the one in March 2024")}),
    (
        "esi.summary-relief",
        "yes",
        {"treatment.injection_relief": doc("75%", percent=75), "treatment.injection_duration": doc("10 wks", text="10 wks")},
    ),
    (
        "esi.summary-relief",
        "no",
        {"treatment.injection_relief": doc("50%", percent=50), "treatment.injection_duration": doc("10 wks", text="10 wks")},
    ),
    ("esi.interval", "yes", {"cov.injection_date": doc("ESI 2/16/2026")}),
    ("esi.interval", "no", {"cov.injection_date": doc("ESI 2/17/2026"), "cov.injection_date#2": doc("ESI 9/3/2025")}),
    ("facet.severity", "yes", {"pain.severity": doc("2/10 at best, 6/10 at worst", scores=[2, 6])}),
    ("facet.severity", "no", {"pain.severity": doc("3/10", scores=[3])}),
    ("facet.single-score", "yes", {"pain.severity": doc("6/10", scores=[6])}),
    ("facet.single-score", "no", {"pain.severity": doc("2-8/10", scores=[2, 8]), "cov.score_range": doc("2-8/10")}),
    ("facet.axial", "yes", {"cov.axial": doc("axial low back pain")}),
    ("facet.axial", "yes", {"pain.radiation": denied("no radiation")}),
    ("facet.axial", "open", {"pain.radiation": doc("to the foot", extent="below_knee")}),
    ("facet.function-scale", "yes", {"cov.function_scale": doc("NDI 30")}),
    ("facet.function-scale", "open", {}),
    ("facet.three-months", "yes", {"pain.duration": doc("14 weeks", text="14 weeks")}),
    ("facet.three-months", "no", {"pain.duration": doc("8 weeks", text="8 weeks")}),
    ("facet.conservative-failed", "yes", {"cov.failed_care": doc("failed PT")}),
    ("facet.conservative-failed", "open", {}),
    ("facet.no-radiculopathy", "yes", {"cov.radicular": denied("radiculopathy")}),
    ("facet.no-radiculopathy", "no", {"cov.radicular": doc("S1 radiculopathy"), "pain.radiation": doc("to the foot", extent="below_knee")}),
    ("facet.no-other-cause", "yes", CLEAR),
    (
        "facet.no-other-cause",
        "yes",
        {"cov.fracture": denied("no fracture"), "red_flag.cancer": denied("no cancer"), "red_flag.infection": denied("no IVDU")},
    ),
    ("facet.no-other-cause", "no", CLEAR | {"cov.fracture": doc("L1 compression fracture")}),
    ("facet.no-other-cause", "open", {"cov.fracture": denied("no fracture")}),
    ("facet.guidance", "yes", {"cov.image_guidance": doc("C-arm rotated")}),
    ("facet.guidance", "open", {}),
    ("facet.second-block-relief", "yes", MBB | {"treatment.injection_relief": doc("85%", percent=85)}),
    ("facet.second-block-relief", "no", MBB | {"treatment.injection_relief": doc("70%", percent=70)}),
    ("facet.second-block-relief", "-", {}),
    ("facet.second-block-interval", "yes", MBB | {"cov.injection_date": doc("first block on 2/2/2026")}),
    ("facet.second-block-interval", "no", MBB | {"cov.injection_date": doc("first block on 2/24/2026")}),
    (
        "facet.second-block-interval",
        "yes",
        MBB | {"cov.injection_date": doc("block 2/2/2026"), "cov.injection_date#2": doc("block today 3/2/2026")},
    ),
    ("facet.sessions", "yes", {"cov.injection_date": doc("block 2/2/2026")}),
    ("facet.sessions", "no", {f"cov.injection_date#{m}": doc(f"block {m}/3/2025") for m in (6, 8, 10, 12)}),
    ("facet.two-blocks", "yes", MBB | {"cov.two_blocks": doc("both blocks 90%", percent=90)}),
    ("facet.two-blocks", "no", MBB | {"cov.two_blocks": doc("both 60%", percent=60)} | relief(60) | relief(60, "#2")),
    ("facet.two-blocks", "yes", MBB | relief(80) | relief(90, "#2")),
    ("facet.two-blocks", "no", MBB | relief(80) | relief(60, "#2")),
    ("facet.two-blocks", "open", MBB | {"treatment.injection_relief": doc("85%", percent=85)}),
    ("facet.two-blocks", "-", RFA),
    ("facet.two-blocks", "open", MBB | {"cov.ablation_date": doc("RFA 3/2/2026")}),
    ("facet.repeat-ablation", "-", MBB | {"cov.ablation_date": doc("RFA 3/2/2026")}),
    ("facet.repeat-ablation", "yes", RFA | relief(60) | {"treatment.injection_duration": doc("8 months", text="8 months")}),
    ("facet.repeat-ablation", "no", RFA | relief(60) | {"treatment.injection_duration": doc("4 months", text="4 months")}),
    ("facet.ablation-sessions", "yes", RFA | {"cov.ablation_date": doc("RFA 8/2/2025")}),
    ("facet.ablation-sessions", "no", RFA | {"cov.ablation_date": doc("RFA 4/2/2025"), "cov.ablation_date#2": doc("RFA 10/2/2025")}),
    ("si.severity", "yes", {"pain.severity": doc("4/10", scores=[4])}),
    ("si.severity", "open", {"pain.severity": partial("moderate")}),
    ("si.location", "yes", {"pain.location": doc("left SI joint", regions=["sacroiliac"])}),
    ("si.location", "open", {"pain.location": doc("low back", regions=["lumbar"])}),
    ("si.location", "no", {"pain.location": doc("neck", regions=["cervical"])}),
    ("si.three-months", "yes", {"pain.duration": doc("since 2024", text="since 2024")}),
    ("si.three-months", "no", {"pain.duration": doc("2 months", text="2 months")}),
    ("si.no-radiculopathy", "yes", {"pain.radiation": denied("does not radiate")}),
    ("si.no-radiculopathy", "open", {}),
    ("si.no-radiculopathy", "no", {"cov.radicular": doc("S1 radiculopathy"), "pain.radiation": doc("to the foot", extent="below_knee")}),
    ("si.three-tests", "yes", {"cov.sacroiliac_count": doc("4 of 6 provocative tests positive")}),
    ("si.no-other-cause", "yes", CLEAR),
    ("si.no-other-cause", "no", CLEAR | {"cov.other_cause": doc("pseudarthrosis L5-S1")}),
    ("si.three-tests", "yes", {"exam.provocative": si_tests(3)}),
    ("si.three-tests", "no", {"exam.provocative": si_tests(2)}),
    ("si.three-tests", "open", {"exam.provocative": doc("FABER positive", tests=[{"name": "FABER", "result": "positive"}])}),
    ("si.three-tests", "open", {"exam.provocative": doc("neck", tests=[{"name": "cervical compression", "result": "positive"}])}),
    ("si.conservative-weeks", "yes", {"cov.conservative_length": doc("PT for 2 months")}),
    ("si.conservative-weeks", "no", {"cov.conservative_length": doc("PT for 10 days")}),
    ("si.conservative-failed", "yes", {"cov.failed_care": doc("failed PT")}),
    ("si.conservative-failed", "open", {}),
    ("si.guidance", "yes", {"cov.image_guidance": doc("CT-guided")}),
    ("si.guidance", "no", {"cov.image_guidance": denied("without fluoroscopy")}),
    ("si.contrast", "yes", {"cov.contrast": doc("1 mL of Isovue")}),
    ("si.contrast", "open", {}),
    ("si.diagnostic-relief", "yes", SI | {"treatment.injection_relief": doc("75%", percent=75)}),
    ("si.diagnostic-relief", "no", SI | {"treatment.injection_relief": doc("60%", percent=60)}),
    ("si.diagnostic-relief", "-", {"treatment.injection": doc("L5 TFESI", kinds=["epidural"])}),
    ("si.repeat-relief", "yes", SI | {"treatment.injection_relief": doc("60%", percent=60)}),
    ("si.repeat-relief", "no", SI | {"treatment.injection_relief": doc("no relief", percent=0)}),
    (
        "si.repeat-duration",
        "yes",
        SI | {"treatment.injection_duration": doc("about three and a half months", text="about three and a half months")},
    ),
    ("si.repeat-duration", "no", SI | {"treatment.injection_duration": doc("2-3 weeks", text="2-3 weeks")}),
    ("si.sessions", "yes", SI | {"cov.injection_date": doc("SI injection 9/2/2025")}),
    ("si.sessions", "open", SI),
    ("bvn.six-months", "yes", {"pain.duration": doc("8 months", text="8 months")}),
    ("bvn.six-months", "no", {"pain.duration": doc("5 months", text="5 months")}),
    ("bvn.twelve-months", "yes", {"pain.duration": doc("since 2021", text="since 2021")}),
    ("bvn.twelve-months", "no", {"pain.duration": doc("8 months", text="8 months")}),
    ("bvn.conservative-months", "yes", {"cov.conservative_length": doc("PT and NSAIDs for 7 months")}),
    ("bvn.conservative-months", "no", {"cov.conservative_length": doc("PT for 8 weeks")}),
    ("bvn.conservative-failed", "yes", {"cov.failed_care": doc("failed PT")}),
    ("bvn.conservative-failed", "open", {}),
    ("bvn.mri", "yes", {"imaging.study": doc("MRI", modalities=["xray", "mri"])}),
    ("bvn.mri", "no", {"imaging.study": doc("X-ray", modalities=["xray"])}),
    ("bvn.modic", "yes", {"cov.modic": doc("Modic 1 change")}),
    ("bvn.modic", "no", {"cov.modic": denied("Modic 1")}),
    ("bvn.level", "yes", {"cov.modic_level": doc("Modic 1 change at L5-S1")}),
    ("bvn.level", "open", {}),
    ("bvn.axial", "yes", {"cov.axial": doc("axial low back pain")}),
    ("bvn.axial", "open", {}),
    ("bvn.diagnosis", "yes", {"cov.vertebrogenic": doc("vertebrogenic low back pain")}),
    ("bvn.diagnosis", "open", {}),
    ("bvn.no-exclusion", "yes", CLEAR),
    ("bvn.no-exclusion", "no", CLEAR | {"cov.osteoporosis": doc("osteoporosis")}),
    ("bvn.adult", "yes", {"cov.age": doc("54-year-old", number=[54])}),
    ("bvn.adult", "no", {"cov.age": doc("16-year-old", number=[16])}),
    ("mri.red-flag-or-four-weeks", "yes", {"red_flag.cancer": doc("breast cancer 2016")}),
    ("mri.red-flag-or-four-weeks", "yes", {"cov.conservative_length": doc("6 weeks of PT"), "cov.failed_care": doc("PT without relief")}),
    (
        "mri.red-flag-or-four-weeks",
        "no",
        {"cov.conservative_length": doc("2 weeks of naproxen"), "cov.failed_care": doc("no relief from naproxen")},
    ),
    ("mri.red-flag-or-four-weeks", "open", {"red_flag.cancer": denied("no cancer")}),
    ("mri.six-weeks", "yes", {"cov.lumbar_surgery": doc("L4-5 fusion")}),
    ("mri.six-weeks", "no", {"cov.conservative_length": doc("5 weeks of PT")}),
    ("mri.first-six-weeks", "yes", {"pain.duration": doc("2 months", text="2 months")}),
    ("mri.first-six-weeks", "no", {"pain.duration": doc("5 days", text="5 days")}),
    ("mri.decision", "yes", {"cov.decision": doc("candidate for surgery")}),
    ("mri.decision", "open", {}),
    ("mri.neurological-exam", "yes", {"exam.neurological": doc("5/5")}),
    ("mri.neurological-exam", "open", {"exam.neurological": partial("neuro intact")}),
]


@pytest.mark.parametrize(("id_", "expected", "facts"), TABLE, ids=[f"{i}-{e}-{n}" for n, (i, e, _) in enumerate(TABLE)])
def test_a_criterion_is_judged_on_what_the_note_says(id_: str, expected: str, facts: dict[str, Said]) -> None:
    found = judged(id_, facts)
    assert (found.met if found else "-") == {"open": "not_documented"}.get(expected, expected), found and found.reason


def test_every_criterion_of_the_pack_is_shown_met_and_shown_unmet() -> None:
    answers: dict[str, set[str]] = defaultdict(set)
    for id_, expected, _ in TABLE:
        answers[id_].add("met" if expected == "yes" else "unmet" if expected != "-" else "-")
    assert {id_ for id_ in criteria() if not {"met", "unmet"} <= answers[id_]} == set()


def test_a_supported_code_can_meet_a_criterion_and_an_unsupported_one_cannot() -> None:
    assert (found := judged("esi.radicular", {}, codes=["M51.16"])) and found.met == "yes" and "M51.16" in found.reason
    assert (found := judged("esi.radicular", {}, codes=["M54.50"])) and found.met == "not_documented"


def test_a_criterion_holds_only_for_its_service_dates() -> None:
    facts = {"treatment.injection_relief": doc("60%", percent=60)}
    assert judged("esi.relief-degree", facts, on=date(2020, 1, 1)) is None
    assert judged("esi.relief-degree", facts, on=date(2021, 12, 5)) is not None
    assert judged("esi.relief-degree", facts, on=None) is not None


def test_without_a_service_date_a_time_frame_stays_open_and_says_why() -> None:
    found = judged("esi.imaging-age", {"cov.imaging_date": doc("MRI 1/2026")}, on=None)
    assert found and found.met == "not_documented" and "service date is not known" in found.reason


def test_the_reason_gives_the_words_and_the_number_asked_for() -> None:
    found = judged("esi.relief-duration", {"treatment.injection_duration": doc("for 10 wks", text="10 wks")})
    assert found and found.reason == "“10 wks”, at least 12 weeks is asked for."
    assert [e.text for e in found.evidence] == ["for 10 wks"]


def test_the_reason_of_an_open_criterion_says_what_the_note_lacks() -> None:
    found = judged("esi.guidance", {})
    assert found and found.reason == "The note names no image guidance."


def test_a_relief_repeated_in_the_assessment_is_no_second_block() -> None:
    elements = {
        "treatment.injection": finding("documented", "MBB", kinds=["medial_branch"]),
        "treatment.injection_relief": finding("documented", "85%", percent=85),
    }
    said = [mention("treatment.injection_relief", "documented", "85% relief", {"percent": 85}, s) for s in ("hpi", "assessment")]
    policy = Policy(id="facet-rfa", criteria=(criteria()["facet.two-blocks"],))
    assert judge_coverage(elements, said, policy, ON)[0].met == "not_documented"
    again = mention("treatment.injection_relief", "documented", "85% relief", {"percent": 85}, start=60)
    assert judge_coverage(elements, [*said, again], policy, ON)[0].met == "yes"


def test_words_that_two_rules_read_tell_of_one_block() -> None:
    elements = {
        "treatment.injection": finding("documented", "MBB", kinds=["medial_branch"]),
        "treatment.injection_relief": finding("documented", "90%", percent=90),
    }
    said = [
        mention("treatment.injection_relief", "documented", w, {"percent": 90}, start=n)
        for w, n in (("MBB gave 90% relief", 0), ("90% relief", 9))
    ]
    assert judge_coverage(elements, said, Policy(id="facet-rfa", criteria=(criteria()["facet.two-blocks"],)), ON)[0].met == "not_documented"


def test_the_injection_of_the_day_does_not_lie_behind() -> None:
    dates = ["06/02/2025", "09/01/2025", "12/01/2025", ON.strftime("%m/%d/%Y")]
    assert (found := judged("esi.sessions", {f"cov.injection_date#{d}": doc(f"ESI {d}") for d in dates}))
    assert found.met == "yes"
    assert (more := judged("esi.sessions", {"cov.injection_date": doc("ESI 06/02/2025, 09/01/2025, 10/05/2025 and 12/01/2025")}))
    assert more.met == "no"


def test_a_note_that_says_nothing_meets_nothing_but_what_silence_meets() -> None:
    empty = {e["id"]: finding("missing") for e in pack_yaml("elements.yaml")["elements"]}
    met = {c.criterion for p in shipped().values() for c in judge_coverage(empty, (), p, ON) if c.met != "not_documented"}
    assert met == {criteria()["esi.no-series"].says}
