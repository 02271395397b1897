"""Results for pipelines and editors. The required properties are those of the SARIF 2.1.0 specification (OASIS, section 3)."""

import json
import stat
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from write.audits import stored
from write.reports import TEXT, note, report

from notecheck.failures import Failure
from notecheck.models import Note, NoteReport
from notecheck.write import sarif

HELP = {
    e: SimpleNamespace(name=e.split(".")[1].capitalize(), fix=f"Add {e}.", asks="It asks.", satisfied_by="A word.", why="It matters.")
    for e in report().elements
}
NAMED = note().model_copy(update={"source": "notes/visit 1.txt"})


def run_of(*done: tuple[Note, NoteReport], failed: tuple[Failure, ...] = ()) -> dict[str, Any]:
    document = json.loads(sarif.dumps(done, HELP, failed))
    assert document["version"] == "2.1.0" and document["$schema"].endswith("sarif-schema-2.1.0.json")
    (run,) = document["runs"]
    return run  # type: ignore[no-any-return]


def result(rule: str, run: dict[str, Any]) -> dict[str, Any]:
    return next(r for r in run["results"] if r["ruleId"] == rule)


def test_each_result_has_what_the_format_requires_and_a_rule_that_is_described() -> None:
    run = run_of((NAMED, report()))
    driver = run["tool"]["driver"]
    assert driver["name"] == "notecheck" and driver["version"] and run["columnKind"] == "unicodeCodePoints"
    rules = {rule["id"]: rule for rule in driver["rules"]}
    assert len(rules) == len(driver["rules"])
    for rule in rules.values():
        assert rule["shortDescription"]["text"] and rule["fullDescription"]["text"] and rule["help"]["text"]
        assert rule["defaultConfiguration"]["level"] in ("none", "note", "warning", "error")
    for r in run["results"]:
        assert r["ruleId"] in rules and r["message"]["text"] and r["level"] in ("note", "warning", "error")
        assert len(r["locations"]) == 1 and r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]


def test_what_is_missing_is_an_error_with_the_sentence_that_mends_it() -> None:
    run = run_of((NAMED, report()))
    missing = result("function.sleep", run)
    assert (missing["level"], missing["message"]["text"]) == ("error", "Sleep: missing. Add function.sleep.")
    assert "region" not in missing["locations"][0]["physicalLocation"]
    assert "imaging.study" not in {r["ruleId"] for r in run["results"]}  # missing, but not required


def test_what_is_partial_is_a_warning_at_the_words_of_the_note() -> None:
    partial = result("pain.severity", run_of((NAMED, report())))
    region = partial["locations"][0]["physicalLocation"]["region"]
    assert partial["level"] == "warning"
    assert TEXT[region["charOffset"] :][: region["charLength"]] == "Severe"
    assert (region["startLine"], region["startColumn"], region["endLine"], region["endColumn"]) == (3, 1, 3, 7)


def test_the_other_words_of_a_result_are_its_related_places() -> None:
    twice = report().elements["pain.severity"].model_copy(update={"evidence": report().elements["pain.location"].evidence * 2})
    partial = result("pain.severity", run_of((NAMED, report().model_copy(update={"elements": {"pain.severity": twice}}))))
    assert [place["id"] for place in partial["relatedLocations"]] == [1]


def test_a_problem_of_the_claim_names_the_code_and_what_to_use_instead() -> None:
    problem = result("claim.not_valid_on_date", run_of((NAMED, report())))
    assert problem["message"]["text"] == "M54.5: not valid on date. It ended on 2021-09-30. Use instead: M54.50, M54.59."
    assert problem["level"] == "error"


def test_a_criterion_not_met_is_a_result_of_its_own_rule() -> None:
    run = run_of((NAMED, report()))
    assert result("esi.relief", run)["message"]["text"] == "Relief of at least half Not documented: No percent."
    assert "lcd-esi" in next(rule for rule in run["tool"]["driver"]["rules"] if rule["id"] == "esi.relief")["help"]["text"]


@pytest.mark.parametrize(
    ("source", "row", "uri"),
    [
        ("notes/visit 1.txt", None, "notes/visit%201.txt"),
        ("C:\\notes\\é.txt", None, "C%3A/notes/%C3%A9.txt"),
        ("export.zip!a.csv", 12, "export.zip!a.csv#row=12"),
        (None, None, "%3Dvisit-1"),
    ],
)
def test_a_note_is_found_by_its_file_or_its_row_or_its_id(source: str | None, row: int | None, uri: str) -> None:
    run = run_of((note().model_copy(update={"source": source, "row": row}), report()))
    for r in run["results"]:
        place = r["locations"][0]
        assert place["physicalLocation"]["artifactLocation"]["uri"] == uri and place["logicalLocations"][0]["name"] == "=visit-1"


def test_the_same_finding_of_the_same_note_keeps_its_fingerprint() -> None:
    first, second = (result("function.sleep", run_of((n, report())))["partialFingerprints"] for n in (NAMED, note()))
    other = result("function.sleep", run_of((NAMED.model_copy(update={"note_id": "b"}), report())))["partialFingerprints"]
    assert first == second != other


def test_what_could_not_be_checked_is_told_as_a_notification() -> None:
    run = run_of(failed=(Failure(source="a.csv", row=3, reason="the note is empty: give its text."), Failure(reason="x.")))
    first, second = run["invocations"][0]["toolExecutionNotifications"]
    assert first["message"]["text"] == "the note is empty: give its text." and "locations" not in second
    assert first["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "a.csv#row=3" and run["results"] == []


def test_an_audit_is_written_as_its_notes_would_be_by_themselves(tmp_path: Path) -> None:
    with stored(tmp_path / "audit", [(NAMED, report())]) as audit:
        sarif.write(audit, HELP, tmp_path / "audit.sarif")
    assert json.loads((tmp_path / "audit.sarif").read_text())["runs"][0]["results"] == run_of((NAMED, report()))["results"]
    assert stat.S_IMODE((tmp_path / "audit.sarif").stat().st_mode) == 0o600


def test_a_run_that_keeps_no_text_still_says_where(tmp_path: Path) -> None:
    with stored(tmp_path / "audit", [(NAMED, report())], with_text=False) as audit:
        sarif.write(audit, HELP, tmp_path / "audit.sarif")
    region = result("pain.severity", json.loads((tmp_path / "audit.sarif").read_text())["runs"][0])["locations"][0]["physicalLocation"][
        "region"
    ]
    assert region == {"charOffset": TEXT.index("Severe"), "charLength": 6}
