"""The other commands, and the manners of the program as a whole."""

import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
from e2e.command import SAMPLES, notecheck

from notecheck.models import NoteReport
from notecheck.packs import load_pack

PACK = load_pack()


@pytest.mark.parametrize(
    "arguments", [(), ("check",), ("audit",), ("explain",), ("patterns",), ("patterns", "test"), ("eval",), ("schema",)]
)
def test_every_command_has_help(arguments: tuple[str, ...]) -> None:
    done = notecheck(*arguments, "--help")
    assert (done.returncode, done.stderr) == (0, "") and "Usage: " in done.stdout


def test_help_imports_nothing_heavy() -> None:
    code = "import sys, notecheck.cli; print({'spacy', 'medspacy', 'pydantic', 'numpy', 'duckdb', 'fastapi', 'yaml'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("set()\n", "")


def test_loading_and_checking_leave_warnings_alone_and_say_nothing() -> None:
    code = f"""
import warnings, logging
before = list(warnings.filters)
import notecheck
checker = notecheck.load()
from pathlib import Path
for path in sorted(Path({str(SAMPLES)!r}).glob("*.txt")):
    checker.check(path.read_text(encoding="utf-8"))
assert list(warnings.filters) == before, "warning filters changed"
assert not logging.getLogger().handlers, "logging was configured"
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_report_fits_the_schema() -> None:
    schema = json.loads(notecheck("schema").stdout)
    report = json.loads(notecheck("check", SAMPLES / "03-dictated-letter.txt", "--format", "json").stdout)
    jsonschema.validate(report, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**report, "elements": {"pain.location": {"status": "perhaps"}}}, schema)
    assert schema["title"] == NoteReport.__name__


def test_an_element_is_explained() -> None:
    element = PACK.elements["pain.radiation"]
    done = notecheck("explain", "pain.radiation")
    told = " ".join(done.stdout.split())
    assert done.returncode == 0
    for words in (
        element.name,
        element.asks,
        element.why,
        element.satisfied_by,
        element.fix,
        PACK.info.sources[element.source],
        "spine-visit",
    ):
        assert " ".join(words.split()) in told


def test_a_profile_is_explained() -> None:
    told = notecheck("explain", "spine-visit").stdout
    assert all(r.element in told for r in PACK.profiles["spine-visit"].requires)


def test_an_unknown_id_gets_its_neighbours() -> None:
    done = notecheck("explain", "pain.radation")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("notecheck: there is nothing called pain.radation; did you mean pain.radiation")


def test_a_rule_is_explained_by_its_element() -> None:
    rule = next(r for r in PACK.rules.values() if r.element == "pain.quality")
    done = notecheck("explain", rule.id)
    assert done.returncode == 0 and f"`notecheck patterns show {rule.id}`" in done.stdout
    assert notecheck("explain", "pain.quality").stdout in done.stdout


def test_a_code_is_explained_with_its_source() -> None:
    done = notecheck("explain", "m51360")
    assert done.returncode == 0 and done.stdout.startswith("M51.360  ") and "needs: " in done.stdout and "Tabular List" in done.stdout


def test_patterns_are_listed_and_shown() -> None:
    listed = notecheck("patterns", "list").stdout
    assert all(e in listed for e in PACK.elements) and all(r in listed for r in PACK.rules)
    rule = next(iter(PACK.rules.values()))
    shown = notecheck("patterns", "show", rule.id)
    assert shown.returncode == 0 and f"id: {rule.id}\n" in shown.stdout and "find:" in shown.stdout
    assert notecheck("patterns", "show", "no.such.rule").returncode == 2


def test_the_examples_of_a_pack_are_run(tmp_path: Path) -> None:
    pack = tmp_path / "pack"
    pack.mkdir()
    for file in PACK.root.glob("*.yaml"):
        (pack / file.name).write_bytes(file.read_bytes())
    (pack / "mentions").mkdir()
    rules = pack / "mentions" / "own.yaml"
    rule = "rules:\n  - id: own.ache\n    element: pain.quality\n    find: [toothy]\n    match: ['%s back pain.']\n    no_match: ['Dull back pain.']\n"
    rules.write_text(rule % "Toothy")
    good = notecheck("--patterns", pack, "patterns", "test")
    assert (good.returncode, good.stdout) == (0, "2 of 2 examples of 1 rules hold.\n")
    rules.write_text(rule % "Dull")
    bad = notecheck("--patterns", pack, "patterns", "test")
    assert bad.returncode == 1 and "own.ache: “Dull back pain.”" in bad.stdout and "1 of 2 examples" in bad.stdout


def test_eval_measures_and_lists_the_errors(tmp_path: Path) -> None:
    (tmp_path / "n1.txt").write_text("CHIEF COMPLAINT: Low back pain for 3 months. No fever.\n")
    gold = {
        "pain.location": {"status": "documented", "evidence": ["Low back"]},
        "red_flag.constitutional": {"status": "documented", "evidence": ["No fever"]},
    }
    (tmp_path / "gold.jsonl").write_text(json.dumps({"note_id": "n1", "in_scope": True, "elements": gold}) + "\n")
    done = notecheck("eval", tmp_path / "gold.jsonl", tmp_path, "--errors")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(
        "n1  red_flag.constitutional  gold: documented  notecheck: denied\n    gold       “No fever”\n    notecheck  “"
    )
    figures = json.loads(notecheck("eval", tmp_path / "gold.jsonl", tmp_path, "--json").stdout)
    assert figures["elements"]["pain.location"]["status_accuracy"] == 1.0 and figures["status_accuracy"] == 0.5


def test_version() -> None:
    assert notecheck("--version").stdout.startswith("notecheck 0.")
