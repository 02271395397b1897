"""`notecheck check`, from the shell."""

import json
from pathlib import Path
from typing import Any

import pytest
from e2e.command import ROOT, SAMPLES, notecheck
from typer.testing import CliRunner

from notecheck.cli import app
from notecheck.models import NoteReport


def test_a_note_is_reported_for_people_and_the_exit_code_says_that_something_is_missing() -> None:
    done = notecheck("check", SAMPLES / "09-telehealth.txt", "--service-date", "2025-12-02")
    assert (done.returncode, done.stderr) == (1, "")
    head, completeness, *rest = done.stdout.splitlines()
    assert head == "09-telehealth  (visit, 2025-12-02; profile spine-visit)"
    assert completeness.startswith("Complete ") and "Missing" in rest and "Documented" in rest
    assert "\x1b" not in done.stdout


def test_json_is_the_report_and_its_evidence_the_words_of_the_note() -> None:
    path = SAMPLES / "05-lost-line-breaks.txt"
    done = notecheck("check", path, "--format", "json", "--service-date", "02/04/2025")
    report = NoteReport.model_validate_json(done.stdout)
    note = path.read_text(encoding="utf-8")
    quoted = [e for finding in report.elements.values() for e in finding.evidence]
    assert report.note_id == path.stem and report.in_scope and str(report.service_date) == "2025-02-04"
    assert len(quoted) > 10 and all(note[e.start : e.end] == e.text for e in quoted)


def test_standard_input_is_read_as_a_note() -> None:
    done = notecheck(
        "check", "-", "--format", "jsonl", stdin="CHIEF COMPLAINT: Low back pain – 7/10, for 3 months. No fever.".encode("cp1252")
    )
    assert (done.returncode, done.stderr) == (1, "")
    report = json.loads(done.stdout)
    assert report["note_id"] == "stdin" and report["elements"]["pain.severity"]["value"] == {"scores": [7]}


def test_a_note_with_nothing_missing_exits_with_0() -> None:
    done = notecheck("check", SAMPLES / "10-sore-throat.txt")
    assert (done.returncode, done.stderr) == (0, "") and "Not in the scope" in done.stdout


def test_a_bad_file_costs_only_itself(tmp_path: Path) -> None:
    (tmp_path / "scan.txt").write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR")
    (tmp_path / "blank.txt").write_text("\n")
    (tmp_path / "long.txt").write_text("back pain " * 1_000_000)
    gone, good = tmp_path / "gone.txt", SAMPLES / "10-sore-throat.txt"
    done = notecheck("check", gone, tmp_path / "scan.txt", tmp_path / "blank.txt", tmp_path / "long.txt", good, "--format", "jsonl")
    assert done.returncode == 2 and json.loads(done.stdout)["note_id"] == "10-sore-throat"
    errors = done.stderr.splitlines()
    assert [Path(line.removeprefix("notecheck: ").split(" ")[0]).name for line in errors] == [
        "gone.txt",
        "scan.txt",
        "blank.txt",
        "long.txt",
    ]
    assert all(line.endswith(".") for line in errors)


def test_a_file_one_may_not_read_costs_only_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    opened = Path.open

    def refuse(path: Path, *args: Any, **named: Any) -> Any:
        if path.name == "09-telehealth.txt":
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, *args, **named)

    monkeypatch.setattr(Path, "open", refuse)
    monkeypatch.setattr("os.access", lambda *_: False)
    notes = [str(SAMPLES / "09-telehealth.txt"), str(SAMPLES / "10-sore-throat.txt")]
    done = CliRunner().invoke(app, ["check", *notes, "--format", "jsonl"])
    assert done.exit_code == 2 and json.loads(done.stdout)["note_id"] == "10-sore-throat"
    assert done.stderr == "notecheck: 09-telehealth.txt cannot be opened: Permission denied.\n"


def test_a_folder_and_an_export_are_sent_to_audit() -> None:
    done = notecheck("check", SAMPLES, SAMPLES / "export.csv")
    assert done.returncode == 2
    assert f"`notecheck audit {SAMPLES}`" in done.stderr and f"`notecheck audit {SAMPLES / 'export.csv'}`" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--profile", "knee-visit"), "there is no profile called knee-visit"),
        (("--service-date", "soon"), "write the date as YYYY-MM-DD"),
        (("--format", "xml"), "--format"),
    ],
)
def test_a_wrong_option_is_told_in_a_sentence(arguments: tuple[str, ...], says: str) -> None:
    done = notecheck("check", SAMPLES / "10-sore-throat.txt", *arguments, COLUMNS="200")
    assert done.returncode == 2 and done.stdout == "" and says in done.stderr and "Traceback" not in done.stderr


def test_a_broken_pack_is_told_with_its_file_and_line(tmp_path: Path) -> None:
    pack = tmp_path / "spine"
    pack.mkdir()
    for file in (ROOT / "patterns" / "spine").glob("*.yaml"):
        (pack / file.name).write_bytes(file.read_bytes())
    (pack / "profiles.yaml").write_text("profiles:\n  - id: [x\n")
    done = notecheck("--patterns", pack, "check", SAMPLES / "10-sore-throat.txt")
    assert done.returncode == 2 and done.stdout == ""
    assert f"{pack / 'profiles.yaml'}, line " in done.stderr and done.stderr.count("\n") == 1


def test_why_names_the_rule_and_the_section() -> None:
    done = notecheck("check", SAMPLES / "08-emergency.txt", "--why")
    assert "why: rule " in done.stdout and ", section hpi" in done.stdout


def test_colour_is_there_when_forced_and_words_stay_the_same() -> None:
    import re

    path = SAMPLES / "04-checkbox-intake.txt"
    plain = notecheck("check", path).stdout
    coloured = notecheck("check", path, FORCE_COLOR="1", COLUMNS="100").stdout
    assert "\x1b[" in coloured and re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain
