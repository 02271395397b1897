"""One note through the whole of notecheck, from Python."""

from datetime import date

import pytest

import notecheck
from notecheck.checker import UNDATED, Checker
from notecheck.models import LONGEST_NOTE, Note

NOTE = """Date of Service: 11/25/2025
CHIEF COMPLAINT: Low back and right leg pain
HPI: 51-year-old baker with low back pain for 4 months, radiating down the right leg to the calf. Aching, 6/10.
Worse with bending, better lying down. Cannot stand longer than 15 minutes. Walks two blocks. Wakes twice nightly.
No prior injections. Physical therapy for 6 weeks without relief. Denies fever, chills or weight loss. No bowel or bladder incontinence.
No injury. No history of cancer. Denies IV drug use.
EXAM: Lumbar flexion 50 degrees. Strength 5/5, sensation intact, reflexes 2+ in both legs. Straight leg raise positive on the right.
IMAGING: MRI lumbar spine 10/02/2025: right L4-5 disc herniation. The herniation correlates with his symptoms.
ASSESSMENT: L4-5 disc herniation with right lumbar radiculopathy.
PLAN: Right L4-5 transforaminal epidural steroid injection.
"""


@pytest.fixture(scope="module")
def checker() -> Checker:
    return notecheck.load()


def test_a_complete_note_is_complete(checker: Checker) -> None:
    report = checker.check(NOTE)
    assert (report.in_scope, report.missing, report.partial, report.completeness) == (True, (), (), 1.0)
    assert report.service_date == date(2025, 11, 25)
    assert [c.code for c in report.codes if c.support == "supported"] == ["M51.16"]
    assert report.elements["treatment.injection"].status == "denied"
    assert report.elements["treatment.injection_relief"].status == "not_applicable"
    assert report.elements["pain.radiation"].value == {"extent": "below_knee", "side": "right"}


@pytest.mark.parametrize(
    ("cut", "element"),
    [
        ("Aching, 6/10.", "pain.quality"),
        ("Aching, 6/10.", "pain.severity"),
        ("Wakes twice nightly.", "function.sleep"),
        ("Walks two blocks.", "function.walking"),
        ("No history of cancer.", "red_flag.cancer"),
        ("Straight leg raise positive on the right.", "exam.provocative"),
        ("Lumbar flexion 50 degrees.", "exam.range_of_motion"),
        ("The herniation correlates with his symptoms.", "imaging.correlation"),
    ],
)
def test_what_is_cut_out_is_missing_and_nothing_else(checker: Checker, cut: str, element: str) -> None:
    missing = set(checker.check(NOTE.replace(cut, "")).missing)
    assert element in missing
    assert missing <= {"pain.quality", "pain.severity"} if "Aching" in cut else missing == {element}


def test_billed_codes_are_judged_on_the_date_the_note_states(checker: Checker) -> None:
    verdicts = {c.code: c.verdict for c in checker.check(NOTE, codes=["M54.5", "M51.16", "M54.16"]).claim}
    assert verdicts == {"M54.5": "not_valid_on_date", "M51.16": "supported", "M54.16": "excluded"}


def test_a_note_about_something_else_has_no_elements_and_says_why(checker: Checker) -> None:
    report = checker.check(
        "CHIEF COMPLAINT: Sore throat.\nHPI: Three days of sore throat and cough. Denies neck pain.\nASSESSMENT: Viral pharyngitis."
    )
    assert (report.in_scope, report.elements, report.codes) == (False, {}, ())
    assert "Out of scope of the pack spine" in report.warnings[0]


def test_a_note_without_a_date_says_so(checker: Checker) -> None:
    report = checker.check("CHIEF COMPLAINT: Low back pain.")
    assert report.service_date is None
    assert report.warnings == (UNDATED,)


def test_a_coverage_profile_judges_its_criteria() -> None:
    report = notecheck.load(profile="esi-initial").check(NOTE)
    assert {c.policy for c in report.coverage} == {"esi-initial"}
    assert {"yes"} < {c.met for c in report.coverage} <= {"yes", "no", "not_documented"}


def test_each_finding_can_say_why(checker: Checker) -> None:
    why = checker.check(NOTE).elements["red_flag.constitutional"].why
    assert {(w.assertion, w.cue, w.section) for w in why} == {("absent", "Denies", "hpi")}


@pytest.mark.parametrize(
    ("text", "said"), [("  \n ", "the note is empty"), ("pain " * (LONGEST_NOTE // 5 + 1), "more than the 1,000,000 one note may have")]
)
def test_a_note_that_cannot_be_checked_says_why_and_quotes_nothing(checker: Checker, text: str, said: str) -> None:
    with pytest.raises(notecheck.NoteError, match=said) as e:
        checker.check(Note(note_id="n", text=text))
    assert "pain" not in str(e.value)


def test_an_unknown_profile_is_refused() -> None:
    with pytest.raises(notecheck.PackError, match="there is no profile called nonsense; the pack has spine-visit"):
        notecheck.load(profile="nonsense")


def test_what_is_supported_and_not_billed_is_listed(checker: Checker) -> None:
    note = "DOS: 03/02/2026\nASSESSMENT: Chronic low back pain."
    assert checker.check(note, codes=["M54.50"]).unbilled == ("G89.29",)
    assert checker.check(note).unbilled == ()


def test_a_code_of_the_pack_billed_on_a_note_out_of_scope_is_unsupported(checker: Checker) -> None:
    note = "CHIEF COMPLAINT: Sore throat for two days. No cough. A: Streptococcal pharyngitis."
    report = checker.check(note, codes=["m5450", "M54", "J02.0"], service_date=date(2026, 1, 15))
    assert not report.in_scope and report.codes == ()
    assert [(c.code, c.verdict) for c in report.claim] == [("M54.50", "unsupported"), ("M54", "not_billable")]


def test_a_checker_for_another_profile_shares_the_pack(checker: Checker) -> None:
    other = checker.with_profile("esi-repeat")
    assert other.pack is checker.pack and checker.check(NOTE).coverage == ()
    assert {c.policy for c in other.check(NOTE).coverage} == {"esi-repeat"}
    with pytest.raises(notecheck.PackError, match="no profile called nonsense"):
        checker.with_profile("nonsense")


def test_an_undated_note_is_judged_as_of_the_day_given(checker: Checker) -> None:
    note = "ASSESSMENT: Low back pain."
    then, now = (checker.check(note, codes=["M54.5"], today=day).claim[0].verdict for day in (date(2021, 9, 30), date(2026, 1, 1)))
    assert (then, now) == ("supported", "not_valid_on_date")


def test_half_a_character_costs_a_mark_not_the_note(checker: Checker) -> None:
    report = checker.check("CHIEF COMPLAINT: Low back pain \ud83d for 3 weeks, 6/10.")
    assert report.elements["pain.severity"].value == {"scores": [6]} and report.model_dump_json()
