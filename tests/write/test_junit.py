"""Tests for pipelines that show tests."""

import stat
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree

import pytest
from write.audits import stored
from write.reports import note, report

from notecheck.failures import Failure
from notecheck.models import NoteReport
from notecheck.write import junit

NAMES = {e: SimpleNamespace(name=e.split(".")[1].capitalize(), fix=f"Add {e}.") for e in report().elements}
OUT_OF_SCOPE = NoteReport(note_id="o", in_scope=False, doc_type="other", profile="spine-visit", warnings=("Out of scope.",))


def suites(text: str) -> list[ElementTree.Element]:
    return list(ElementTree.fromstring(text.encode()))


def outcomes(suite: ElementTree.Element) -> dict[str, tuple[str, str | None, str | None]]:
    """Each test's outcome, kind and message."""
    return {case.get("name", ""): (o.tag, o.get("type"), o.get("message")) for case in suite for o in case}


def test_each_required_element_is_a_test_and_the_fix_is_its_message() -> None:
    (suite,) = suites(junit.dumps([(note(), report())], NAMES))
    assert [case.get("name") for case in suite][:5] == ["Location", "Quality", "Severity", "Constitutional", "Sleep"]
    found = outcomes(suite)
    assert found["Sleep"] == ("failure", "missing", "Missing. Add function.sleep.")
    assert found["Severity"] == ("failure", "partial", "Partial. Add pain.severity.")
    assert "Location" not in found and "Study" not in found


def test_billed_codes_and_criteria_are_tests_too() -> None:
    (suite,) = suites(junit.dumps([(note(), report())], NAMES))
    found = outcomes(suite)
    said = "M54.5: not valid on date. It ended on 2021-09-30. Use instead: M54.50, M54.59."
    assert found["billed code M54.5"] == ("failure", "not_valid_on_date", said)
    assert found["esi-repeat: Relief of at least half"] == ("failure", "not_documented", "No percent.")


def test_the_counts_of_a_suite_are_those_of_its_tests() -> None:
    for suite in suites(junit.dumps([(note(), report()), (note(), OUT_OF_SCOPE)], NAMES, [Failure(reason="x.")])):
        found = [outcome for outcome, _, _ in outcomes(suite).values()]
        counted = {name: int(suite.get(name, "-1")) for name in ("tests", "failures", "errors", "skipped")}
        expected = {"failures": found.count("failure"), "errors": found.count("error"), "skipped": found.count("skipped")}
        assert counted == {"tests": len(suite), **expected}


def test_a_note_out_of_scope_is_skipped_and_one_that_failed_is_an_error() -> None:
    failed = Failure(source="a.csv", row=3, reason="the note is empty: give its text.")
    skipped, broken = suites(junit.dumps([(note(), OUT_OF_SCOPE)], NAMES, [failed]))
    assert outcomes(skipped) == {"in scope": ("skipped", None, "Out of scope.")}
    assert outcomes(broken) == {"a.csv row 3": ("error", "not_checked", "the note is empty: give its text.")}


@pytest.mark.parametrize("evil", ['"><evil/>', "a\x00b\x1b[31m", "\ud800", "\ufffe", "]]>&amp;", "one\ntwo"])
def test_no_text_breaks_the_document(evil: str) -> None:
    pair = (note().model_copy(update={"note_id": evil, "provider": evil}), report().model_copy(update={"warnings": (evil,)}))
    first, _ = suites(junit.dumps([pair], NAMES, [Failure(note_id=evil, source=evil, reason=evil)]))
    assert first.tag == "testsuite" and not set(str(first.get("name"))) & set("\x00\x1b\n")


def test_an_audit_is_written_as_its_notes_would_be_by_themselves(tmp_path: Path) -> None:
    failed = Failure(source="a.csv", row=3, reason="the note is empty: give its text.")
    with stored(tmp_path / "audit", [(note(), report())], [failed]) as audit:
        junit.write(audit, NAMES, tmp_path / "audit.xml")
    assert (tmp_path / "audit.xml").read_text() == junit.dumps([(note(), report())], NAMES, [failed])
    assert stat.S_IMODE((tmp_path / "audit.xml").stat().st_mode) == 0o600
