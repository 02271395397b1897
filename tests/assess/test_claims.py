"""Given a note and a billed code, this verdict."""

from __future__ import annotations

from datetime import date

import pytest
from assess.coding import DAY, book, coded

from notecheck.assess.claims import judge_claim, unbilled
from notecheck.codesets import CodeEntry, normalize, parse_codes
from notecheck.models import ClaimFinding

LBP = "ASSESSMENT: Low back pain."
SCIATICA = "ASSESSMENT: Low back pain with left sciatica."
DISC = "ASSESSMENT: L4-5 disc herniation with right L5 radiculopathy."
PLAIN_DISC = "ASSESSMENT: L4-5 disc herniation."
DDD = "HPI: Low back pain only. ASSESSMENT: Low back pain from L4-5 disc degeneration."
NECK = "ASSESSMENT: Neck pain."
NECK_DISC = "ASSESSMENT: C5-6 disc herniation."
STENOSIS = "ASSESSMENT: Lumbar stenosis with neurogenic claudication."
STRAIN = "HPI: Lifted a crate. ASSESSMENT: Lumbar strain."
DOUBT = "ASSESSMENT: Low back pain, possible L4-5 disc herniation."
FACET = "ASSESSMENT: Lumbar facet arthropathy."
FRACTURE = "ASSESSMENT: Osteoporosis with L2 compression fracture."
LEG = "ASSESSMENT: Left leg pain."

# note, billed (the code judged stands first), date of service, verdict, a code to use instead
VERDICTS = [
    (LBP, "M54.50", "2026-03-01", "supported", ""),
    (LBP, "m5450", "2026-03-01", "supported", ""),
    (LBP, "M54.5", "2021-09-30", "supported", ""),
    (LBP, "M54.5", "2025-11-25", "not_valid_on_date", "M54.50"),
    (LBP, "M54.50", "2021-09-30", "not_valid_on_date", "M54.5"),
    (LBP, "M54", "2026-03-01", "not_billable", "M54.50"),
    (LBP, "M54.3", "2026-03-01", "not_billable", "M54.30"),
    (LBP, "M51.16", "2026-03-01", "unsupported", ""),
    (LBP, "M54.9", "2026-03-01", "less_specific", "M54.50"),
    (LBP, "J44.9", "2026-03-01", "outside_pack", ""),
    (LBP, "Z79.891", "2026-03-01", "outside_pack", ""),
    (LBP, "G89.29", "2026-03-01", "unsupported", ""),
    (LBP, "M54.16", "2026-03-01", "unsupported", ""),
    (LBP, "M42.16", "2026-03-01", "outside_pack", ""),
    (SCIATICA, "M54.42", "2026-03-01", "supported", ""),
    (SCIATICA, "M54.40", "2026-03-01", "less_specific", "M54.42"),
    (SCIATICA, "M54.41", "2026-03-01", "unsupported", ""),
    (SCIATICA, "M54.50", "2026-03-01", "less_specific", "M54.42"),
    (SCIATICA, "M54.50 M54.42", "2026-03-01", "excluded", "M54.42"),
    (SCIATICA, "M54.32", "2026-03-01", "less_specific", "M54.42"),
    (DISC, "M51.16", "2026-03-01", "supported", ""),
    (DISC, "M51.17", "2026-03-01", "unsupported", ""),
    (DISC, "M51.26", "2026-03-01", "less_specific", "M51.16"),
    (DISC, "M54.16", "2026-03-01", "less_specific", "M51.16"),
    (DISC, "M54.16 M51.16", "2026-03-01", "excluded", "M51.16"),
    (DISC, "M54.31 M51.16", "2026-03-01", "excluded", "M51.16"),
    (DISC, "M51.9", "2026-03-01", "less_specific", "M51.16"),
    (PLAIN_DISC, "M51.26", "2026-03-01", "supported", ""),
    (PLAIN_DISC, "M51.16", "2026-03-01", "unsupported", ""),
    (PLAIN_DISC, "M54.50 M51.26", "2026-03-01", "excluded", "M51.26"),
    (DDD, "M51.360", "2026-03-01", "supported", ""),
    (DDD, "M51.36", "2026-03-01", "not_valid_on_date", "M51.360"),
    (DDD, "M51.36", "2024-05-01", "supported", ""),
    (DDD, "M51.360", "2024-05-01", "not_valid_on_date", "M51.36"),
    (DDD, "M51.369", "2026-03-01", "less_specific", "M51.360"),
    (DDD, "M54.50", "2026-03-01", "excluded", "M51.360"),
    (NECK, "M54.2", "2026-03-01", "supported", ""),
    (NECK, "M54.12", "2026-03-01", "unsupported", ""),
    (NECK, "M50.20", "2026-03-01", "unsupported", ""),
    (NECK_DISC, "M50.222", "2026-03-01", "supported", ""),
    (NECK_DISC, "M50.20", "2026-03-01", "less_specific", "M50.222"),
    (NECK_DISC, "M54.2 M50.222", "2026-03-01", "excluded", "M50.222"),
    (NECK_DISC, "M50.22", "2026-03-01", "not_valid_on_date", "M50.222"),
    (STENOSIS, "M48.062", "2026-03-01", "supported", ""),
    (STENOSIS, "M48.061", "2026-03-01", "less_specific", "M48.062"),
    (STENOSIS, "M48.06", "2026-03-01", "not_valid_on_date", "M48.062"),
    (STENOSIS, "M48.06", "2017-09-30", "supported", ""),
    (STRAIN, "S39.012A", "2026-03-01", "supported", ""),
    (STRAIN, "S39.012", "2026-03-01", "not_billable", "S39.012A"),
    (STRAIN, "S39.012D", "2026-03-01", "unsupported", ""),
    (STRAIN, "M54.50 S39.012A", "2026-03-01", "excluded", "S39.012A"),
    (DOUBT, "M51.26", "2026-03-01", "unsupported", ""),
    (DOUBT, "M54.50", "2026-03-01", "supported", ""),
    (FACET, "M47.816", "2026-03-01", "supported", ""),
    (FACET, "M47.819", "2026-03-01", "less_specific", "M47.816"),
    (FRACTURE, "M80.08XA", "2026-03-01", "supported", ""),
    (FRACTURE, "M48.56XA M80.08XA", "2026-03-01", "excluded", "M80.08XA"),
    (LEG, "M79.606", "2026-03-01", "less_specific", "M79.605"),
    (LEG, "M79.604", "2026-03-01", "unsupported", ""),
]  # fmt: skip


def judge(note: str, billed: str, on: date) -> tuple[ClaimFinding, ...]:
    return judge_claim(billed.split(), coded(note, on), book(), on)


@pytest.mark.parametrize(("note", "billed", "on", "verdict", "instead"), VERDICTS)
def test_verdicts(note: str, billed: str, on: str, verdict: str, instead: str) -> None:
    found = judge(note, billed, date.fromisoformat(on))[0]
    assert (found.code, found.verdict) == (normalize(billed.split()[0]), verdict), found.reason
    assert found.reason
    assert instead in found.use_instead if instead else not found.use_instead


def test_the_code_that_stands_better_keeps_its_verdict() -> None:
    assert [f.verdict for f in judge(PLAIN_DISC, "M51.26 M54.50", DAY)] == ["supported", "excluded"]


def test_of_two_unsupported_codes_that_exclude_each_other_the_one_with_the_note_is_excluded() -> None:
    assert [f.verdict for f in judge(NECK, "M54.41 M54.50", DAY)] == ["unsupported", "excluded"]


def test_what_lacks_is_named_for_a_code_in_doubt() -> None:
    assert "possible" in judge(DOUBT, "M51.26", DAY)[0].reason


def test_a_code_billed_twice_is_judged_once_and_an_empty_one_not_at_all() -> None:
    assert [f.code for f in judge_claim(["M54.50", " ", "m54.50"], coded(LBP), book(), DAY)] == ["M54.50"]


def test_a_header_outside_the_pack_is_known_by_the_code_set() -> None:
    known = {
        "E11": CodeEntry("E11", "Type 2 diabetes mellitus", False, "FY2026", ("E11.9",)),
        "E11.9": CodeEntry("E11.9", "The same", True, "FY2026"),
    }
    found = judge_claim(["E11", "E11.9"], coded(LBP), book(), DAY, lookup=lambda code, on: known.get(code))
    assert [(f.verdict, f.use_instead) for f in found] == [("not_billable", ("E11.9",)), ("outside_pack", ())]


def _nothing(code: str, on: date) -> CodeEntry | None:
    return None


@pytest.mark.parametrize(
    ("code", "instead"), [("M54.5X", ("M54.50",)), ("M54.500", ("M54.50",)), ("M99.99", ()), ("724.2", ()), ("99213", ()), ("ABC", ())]
)
def test_what_the_code_set_of_the_day_does_not_have_is_no_code(code: str, instead: tuple[str, ...]) -> None:
    found = judge_claim([code], coded(LBP), book(), DAY, lookup=_nothing)[0]
    assert (found.verdict, found.use_instead) == ("not_valid_on_date", instead)


def test_a_code_that_no_code_set_at_hand_can_tell_of_is_not_called_wrong() -> None:
    assert judge_claim(["M99.99"], coded(LBP), book(), date(2031, 1, 1), lookup=_nothing)[0].verdict == "outside_pack"


def test_a_code_that_ended_says_what_its_successors_ask() -> None:
    found = judge(LBP, "M51.36", DAY)[0]
    assert found.use_instead == ("M51.360", "M51.361", "M51.362", "M51.369")
    assert "whether the pain is in the back, the leg or both" in found.reason
    assert judge(DDD, "M51.36", DAY)[0].use_instead == ("M51.360",)


def test_a_supported_code_is_named_as_the_one_that_excludes() -> None:
    found = judge(STRAIN, "M54.50 S39.012 S39.012A", DAY)[0]
    assert (found.verdict, found.use_instead) == ("excluded", ("S39.012A",))


def test_supported_but_not_billed() -> None:
    note = "ASSESSMENT: Chronic low back pain."
    assert [f.code for f in unbilled(["m5450"], coded(note))] == ["G89.29"]


@pytest.mark.parametrize(
    ("typed", "codes"),
    [
        ("m545", ("M54.5",)),
        ("M54.50 Low back pain", ("M54.50",)),
        ("M54.50, M51.16; G8929|S39012A", ("M54.50", "M51.16", "G89.29", "S39.012A")),
        ("M54.50 M54.2", ("M54.50", "M54.2")),
        ("(M54.2) Cervicalgia\nM50.222", ("M54.2", "M50.222")),
        ("M51.26 disc at L4-5", ("M51.26",)),
        ("", ()),
    ],
)
def test_codes_as_people_type_them(typed: str, codes: tuple[str, ...]) -> None:
    assert parse_codes(typed) == codes
