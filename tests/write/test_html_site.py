"""The files of an audit's page, without a browser."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from write.audits import stored
from write.reports import note, report

from notecheck.batch.results import StoredAudit
from notecheck.failures import Failure
from notecheck.models import Note, NoteReport
from notecheck.tables import WorklistRow
from notecheck.write import html
from notecheck.write.html.overview import overview
from notecheck.write.html.worklist import Worklist

NAMES = {e: SimpleNamespace(name=e.split(".")[1].capitalize(), fix=f"Add {e}.") for e in report().elements}


def visit(number: int, provider: str | None = "Okafor", **told: Any) -> tuple[Note, NoteReport]:
    """A note like the sample of the writers, with an id of its own."""
    name = {"note_id": f"visit-{number}"}
    return note().model_copy(update={**name, "provider": provider}), report().model_copy(update={**name, **told})


@pytest.fixture
def audit(tmp_path: Path) -> Iterator[StoredAudit]:
    """Four notes (the second the worst, the last out of scope) and two failures."""
    done = [
        visit(1, completeness=0.8, missing=()),
        visit(2, completeness=0.2),
        visit(3, None, completeness=0.6, claim=()),
        visit(4, in_scope=False, elements={}, required=(), missing=(), partial=(), completeness=None, claim=(), codes=(), coverage=()),
    ]
    failures = [Failure(source="export.csv", row=n, reason="The note is empty: give its text.") for n in (6, 7)]
    with stored(tmp_path / "audit", done, failures) as opened:
        yield opened


def seen(audit: StoredAudit) -> dict[str, Any]:
    return overview(audit, NAMES, Worklist(audit.worklist(), NAMES), "audit.xlsx")


def data(worklist: Worklist) -> dict[str, Any]:
    script = "".join(worklist.script())
    return json.loads(script.removeprefix("const WORKLIST = ").removesuffix(";\n"))


def test_the_rows_come_worst_first_and_each_in_scope_has_a_page(audit: StoredAudit) -> None:
    worklist = Worklist(audit.worklist(), NAMES)
    assert [row[0] for row in data(worklist)["rows"]] == [2, 1, 3, 4]
    assert worklist.pages == [2, 1, 3]


def test_names_are_told_once_and_pointed_at(audit: StoredAudit) -> None:
    told = data(Worklist(audit.worklist(), NAMES))
    worst = told["rows"][0]
    assert told["providers"] == ["Okafor", None] and told["providers"][worst[2]] == "Okafor"
    assert [told["elements"][n] for n in worst[9]] == [["function.sleep", "Sleep"]]
    assert [(code, told["verdicts"][n]) for code, n in worst[11]] == [("M54.5", "not_valid_on_date")]


def test_the_script_is_plain_ascii_and_shows_what_turns_text() -> None:
    row = WorklistRow(seq=1, note_id="Mü\u202eller</script>\u2028", in_scope=False, doc_type="other")
    worklist = Worklist([row], {})
    assert "".join(worklist.script()).isascii()
    assert data(worklist)["rows"][0][1] == "Mü\ufffdller</script>\u2028"


def test_bars_are_as_long_as_their_share(audit: StoredAudit) -> None:
    (sleep, severity) = seen(audit)["missed"]
    assert (sleep["name"], sleep["missing"], sleep["share"], sleep["missing_width"]) == ("Sleep", 3, 1.0, 100.0)
    assert (severity["missing"], severity["partial"], severity["partial_width"]) == (0, 3, 100.0)
    assert [(c["from"], c["notes"]) for c in seen(audit)["histogram"] if c["notes"]] == [(20, 1), (60, 1), (80, 1)]


def test_providers_stand_the_least_complete_first_with_their_distance_to_the_whole(audit: StoredAudit) -> None:
    assert [(p["name"], p["in_scope"], p["points"]) for p in seen(audit)["providers"]] == [("Okafor", 2, "−3"), (None, 1, "+7")]


def test_the_index_says_what_was_not_checked_and_links_the_workbook(audit: StoredAudit, tmp_path: Path) -> None:
    index = html.write(audit, NAMES, tmp_path / "audit").read_text(encoding="utf-8")
    assert "export.csv, row 6" in index and "export.csv, row 7" in index
    assert '<a href="audit.xlsx">' in index and "not finished" not in index


def test_pages_of_an_earlier_run_do_not_stay(audit: StoredAudit, tmp_path: Path) -> None:
    folder = tmp_path / "audit"
    old = folder / "notes" / "0007" / "0007001.html"
    old.parent.mkdir(parents=True)
    old.write_text("an earlier patient")
    kept = folder / "notes" / "mine.html"
    kept.write_text("the user's own")
    html.write(audit, NAMES, folder)
    assert not old.exists() and kept.exists()


def test_no_page_asks_for_anything_beyond_its_folder(audit: StoredAudit, tmp_path: Path) -> None:
    html.write(audit, NAMES, tmp_path / "audit")
    for page in (tmp_path / "audit").rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        assert "default-src 'none'" in text
        for address in re.findall(r'(?:src|href)="([^"#]+)"', text):
            assert (page.parent / address).resolve().is_relative_to(tmp_path / "audit"), address
        assert not re.search(r"\son\w+=|\sstyle=|<style|<script(?! src)", text)
