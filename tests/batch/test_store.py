"""The store: what goes in comes out, whole, and a file that cannot be used is told in a sentence."""

import shutil
import stat
import subprocess
import sys
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import duckdb
import pytest
from batch.outcomes import PLAN, TODAY, checked, note, report

from notecheck.batch import schema, store
from notecheck.batch.exports import export
from notecheck.batch.outcomes import Carried, Checked
from notecheck.batch.results import StoredAudit, open_audit
from notecheck.batch.store import Store, open_store
from notecheck.failures import Failure, InputError
from notecheck.models import ClaimFinding
from notecheck.tables import ClaimProblem

GONE = Failure(source="export.csv", row=2, note_id="x", reason="the note's text is empty.")
OUTCOMES = [checked("b"), GONE, checked("a", None, sleep="missing"), checked("c", scope=False), checked("d", "Lee", sleep="partial")]


def stored(folder: Path, outcomes: Iterable[Checked | Failure | Carried] = OUTCOMES, *, finish: bool = True) -> Store:
    opened = open_store(folder, with_text=True)
    opened.begin(PLAN, TODAY, resume=False)
    for outcome in outcomes:
        opened.add(outcome)
    opened.commit()
    if finish:
        opened.finish()
        opened.close()
    return opened


@pytest.fixture
def audit(tmp_path: Path) -> Iterable[StoredAudit]:
    stored(tmp_path)
    with open_audit(tmp_path) as opened:
        yield opened


def test_notes_and_reports_come_back_as_they_were_in_input_order(audit: StoredAudit) -> None:
    put = [o for o in OUTCOMES if isinstance(o, Checked)]
    assert [(a.seq, a.note, a.report) for a in audit.notes()] == [(seq, o.note, o.report) for seq, o in zip((1, 3, 4, 5), put, strict=True)]
    assert list(audit.reports()) == put and list(audit.failures()) == [GONE]
    fourth, second = audit.note(4), audit.note(2)
    assert fourth and fourth.note.note_id == "c" and second is None


def test_the_run_says_what_it_was(audit: StoredAudit) -> None:
    run = audit.run
    assert (run.run_id, run.source, run.pack_hash, run.as_of, run.options) == (1, "export.csv", "hash", TODAY, {"jobs": 2})
    assert run.finished and run.finished >= run.started and run.with_text


def test_the_worklist_has_the_worst_first_and_what_is_out_of_scope_last(audit: StoredAudit) -> None:
    rows = list(audit.worklist())
    assert [row.note_id for row in rows] == ["a", "d", "b", "c"] and [a.seq for a in audit.notes("worst")] == [row.seq for row in rows]
    first = rows[0]
    assert (first.missing, first.billed, first.supported, first.unbilled) == (("function.sleep",), ("M54.5",), ("M54.50",), ("M54.50",))
    assert first.claim_problems == (ClaimProblem(code="M54.5", verdict="not_valid_on_date"),) and first.coverage_open == 1
    assert [row.seq for row in audit.worklist("input")] == [1, 3, 4, 5]


def test_a_code_that_the_pack_does_not_judge_is_no_claim_problem(tmp_path: Path) -> None:
    told = report("e").model_copy(update={"claim": (ClaimFinding(code="E11.9", verdict="outside_pack", reason="No rule."),)})
    stored(tmp_path, [Checked(note("e"), told.model_dump_json()), checked("a")])
    with open_audit(tmp_path) as audit:
        assert [row.note_id for row in audit.worklist()] == ["a", "e"] and list(audit.worklist())[1].claim_problems == ()
        assert [(p.billed, p.claim_problems) for p in audit.providers()] == [(2, 1)]


def test_totals_are_over_the_notes_in_scope(audit: StoredAudit) -> None:
    totals = audit.totals()
    assert (totals.notes, totals.checked, totals.failed, totals.in_scope, totals.incomplete) == (5, 4, 1, 3, 1)
    assert totals.mean_completeness == pytest.approx(2 / 3, abs=1e-4)
    assert totals.completeness_histogram == (0, 0, 0, 0, 0, 2, 0, 0, 0, 1)
    assert (totals.doc_types, totals.verdicts) == ({"visit": 3, "other": 1}, {"not_valid_on_date": 3})
    assert (totals.codes_supported, totals.codes_unbilled) == (3, 3)


def test_elements_providers_codes_and_criteria_are_counted(audit: StoredAudit) -> None:
    severity, sleep = audit.elements()
    assert severity.statuses == {"documented": 3} and severity.required == 3
    assert sleep.statuses == {"documented": 1, "missing": 1, "partial": 1} and (sleep.missing, sleep.partial) == (1, 1)
    okafor, lee, nobody = audit.providers()
    assert (okafor.provider, okafor.notes, okafor.in_scope, okafor.mean_completeness) == ("Okafor", 2, 1, 1.0)
    assert (lee.provider, lee.billed, lee.claim_problems) == ("Lee", 1, 1)
    assert nobody.provider is None and nobody.most_missed == (("function.sleep", 1),)
    assert nobody.difference == pytest.approx(0.5 - 2 / 3, abs=1e-4)
    billed, unbilled, pointed = audit.code_totals()
    assert (billed.code, billed.billed, billed.supported, billed.verdicts) == ("M54.5", 3, 0, {"not_valid_on_date": 3})
    assert (unbilled.code, unbilled.unbilled, unbilled.supported, unbilled.description) == ("M54.50", 3, 3, "Low back pain")
    assert (pointed.code, pointed.supported) == ("M54.16", 0)
    relief, weeks = audit.coverage_totals()
    assert (relief.id, relief.met, weeks.met) == ("esi.relief", {"no": 3}, {"yes": 3})


def test_codes_criteria_and_quotations_have_a_row_each(audit: StoredAudit) -> None:
    rows = [row for row in audit.codes() if row.note_id == "a"]
    assert [(r.code, r.billed, r.verdict, r.support) for r in rows] == [
        ("M54.5", True, "not_valid_on_date", None),
        ("M54.50", False, None, "supported"),
        ("M54.16", False, None, "needs_documentation"),
    ]
    criteria = [row.finding for row in audit.coverage() if row.note_id == "b"]
    assert criteria == list(report("b").coverage)
    quoted = [(row.note_id, row.element, row.status, row.rule, row.evidence.text) for row in audit.evidence()]
    assert quoted == [
        ("b", "function.sleep", "documented", "sleep.poor", "Sleeps badly"),
        ("d", "function.sleep", "partial", "sleep.poor", "Sleeps badly"),
    ]


def test_a_run_of_many_windows_keeps_its_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("notecheck.batch.results._WINDOW", 7)
    monkeypatch.setattr(store, "_NOTES", 5)
    stored(tmp_path, [checked(f"n{i}", sleep="missing" if i % 3 else "denied") for i in range(50)])
    with open_audit(tmp_path) as audit:
        assert [a.note.note_id for a in audit.notes()] == [f"n{i}" for i in range(50)]
        assert [a.seq for a in audit.notes("worst")] == [row.seq for row in audit.worklist()]
        assert len(list(audit.codes())) == 150 and [row.seq for row in audit.coverage()] == [s for s in range(1, 51) for _ in (0, 1)]


def test_a_run_can_be_narrowed_to_some_of_its_notes(audit: StoredAudit) -> None:
    audit.restrict([3, 4])
    assert [a.seq for a in audit.notes()] == [3, 4] and [row.seq for row in audit.worklist()] == [3, 4]
    assert (audit.totals().checked, audit.totals().failed, audit.elements()[1].statuses) == (2, 1, {"missing": 1})


def test_every_table_and_column_says_what_it_holds(tmp_path: Path) -> None:
    stored(tmp_path)
    with duckdb.connect(str(tmp_path / "audit.duckdb"), read_only=True) as con:
        bare = con.execute("SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal AND comment IS NULL").fetchall()
        views = {name for (name,) in con.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal").fetchall()}
        assert {table for table, _ in bare} <= views
        assert con.execute("SELECT count(*) FROM run_elements WHERE run_id = 1 AND status = 'missing'").fetchone() == (1,)


def test_the_tables_are_exported_and_no_cell_is_a_formula(tmp_path: Path) -> None:
    stored(tmp_path, [Checked(note("=1+1", "@Lee"), report("=1+1").model_dump_json())])
    with open_audit(tmp_path) as audit:
        csv = {path.name: path for path in export(audit, tmp_path / "tables", "csv")}
        parquet = list(export(audit, tmp_path / "tables", "parquet"))
    line = csv["claims.csv"].read_text(encoding="utf-8").splitlines()[1]
    assert line == "1,'=1+1,'@Lee,2025-11-25,1,M54.5,not_valid_on_date,It ended.,M54.50"
    assert duckdb.read_parquet(str(parquet[0])).select("note_id").fetchall() == [("=1+1",)]
    assert {stat.S_IMODE(p.stat().st_mode) for p in (tmp_path / "tables").iterdir()} == {0o600}


def test_a_run_of_many_windows_is_exported_in_input_order_under_one_header(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("notecheck.batch.results._WINDOW", 7)
    stored(tmp_path, [GONE, *(checked(f"n{i}") for i in range(50))])
    with open_audit(tmp_path) as audit:
        csv, parquet = (next(path for path in export(audit, tmp_path / "t", form) if path.stem == "notes") for form in ("csv", "parquet"))
        texts = [a.note.text for a in audit.notes()]
    rows = duckdb.read_csv(str(csv), header=True, quotechar='"').select('seq, note_id, "text"').fetchall()
    assert rows == duckdb.read_parquet(str(parquet)).select('seq, note_id, "text"').fetchall()
    assert rows == [(i + 2, f"n{i}", text) for i, text in enumerate(texts)]
    assert sorted(p.name for p in (tmp_path / "t").iterdir()) == ["notes.csv", "notes.parquet"]


def test_a_run_without_a_checked_note_is_exported_as_empty_tables(tmp_path: Path) -> None:
    stored(tmp_path, [GONE])
    with open_audit(tmp_path) as audit:
        counts = {path.stem: duckdb.read_parquet(str(path)).shape[0] for path in export(audit, tmp_path / "t", "parquet")}
        assert next(export(audit, tmp_path / "t", "csv")).read_text(encoding="utf-8").startswith("seq,result_id,note_id,")
    assert counts["notes"] == 0 and counts["failures"] == 1


def test_the_file_and_its_log_are_their_owners_alone(tmp_path: Path) -> None:
    opened = stored(tmp_path, finish=False)
    assert {p.name: stat.S_IMODE(p.stat().st_mode) for p in tmp_path.iterdir()} == {"audit.duckdb": 0o600, "audit.duckdb.wal": 0o600}
    opened.close()


def test_after_a_power_cut_the_file_and_its_log_open_and_the_run_goes_on(tmp_path: Path) -> None:
    (tmp_path / "live").mkdir()
    opened = stored(tmp_path / "live", OUTCOMES[:3], finish=False)
    shutil.copytree(tmp_path / "live", tmp_path / "copy")
    opened.close()
    with open_audit(tmp_path / "copy") as audit:
        assert audit.run.finished is None and [a.note.note_id for a in audit.notes()] == ["b", "a"]
    again = open_store(tmp_path / "copy", with_text=True)
    again.begin(PLAN, date(2027, 1, 1), resume=True)
    assert (again.run.run_id, again.run.as_of, again.goes_on) == (1, TODAY, True)
    assert again.known(note("b")) and not again.known(note("b", text="Another text.")) and not again.known(note("new"))
    again.close()


@pytest.mark.parametrize(
    "change",
    [{"text": "Neck pain."}, {"note_id": "z"}, {"codes": ("M54.2",)}, {"service_date": date(2026, 1, 1)}],
)
def test_a_changed_note_is_not_known(tmp_path: Path, change: dict[str, object]) -> None:
    stored(tmp_path)
    again = open_store(tmp_path, with_text=True)
    again.begin(PLAN, TODAY, resume=True)
    assert again.known(note("b", provider="Another", source="moved.csv", row=9))  # no finding rests on these
    assert not again.known(note("b").model_copy(update=change))
    again.close()


@pytest.mark.parametrize("change", [{"notecheck_version": "2.0"}, {"pack_hash": "other"}, {"profile": "esi-repeat"}])
def test_nothing_is_known_to_another_version_or_by_other_patterns(tmp_path: Path, change: dict[str, str]) -> None:
    stored(tmp_path)
    again = open_store(tmp_path, with_text=True)
    again.begin(type(PLAN)(**{**vars(PLAN), **change}), TODAY, resume=True)
    assert not again.known(note("b"))
    again.close()


def test_a_store_that_is_open_elsewhere_is_refused(tmp_path: Path) -> None:
    stored(tmp_path)
    hold = f"import duckdb, sys; c = duckdb.connect({str(tmp_path / 'audit.duckdb')!r}); print(1, flush=True); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", hold], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout and other.stdout.readline()
        for opening in (lambda: open_audit(tmp_path), lambda: open_store(tmp_path, with_text=True)):
            with pytest.raises(InputError, match="is in use by another notecheck"):
                opening()
        other.communicate(b"")


@pytest.mark.parametrize("spoil", ["head", "tail", "empty", "text"])
def test_a_damaged_store_is_one_sentence(tmp_path: Path, spoil: str) -> None:
    stored(tmp_path)
    path = tmp_path / "audit.duckdb"
    data = bytearray(path.read_bytes())
    if spoil == "head":
        data[:8192] = b"\xff" * 8192
    elif spoil == "tail":
        data[4096:] = b"\xff" * (len(data) - 4096)
    path.write_bytes({"empty": b"", "text": b"not a database\n" * 1000}.get(spoil, bytes(data)))
    with pytest.raises(InputError, match=r"audit\.duckdb is (damaged|no DuckDB database|a database, but)") as told:
        open_audit(tmp_path)
    assert "\n" not in str(told.value)


def test_a_store_of_another_version_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stored(tmp_path)
    monkeypatch.setattr(schema, "SCHEMA_VERSION", 2)
    with pytest.raises(InputError, match=r"written by another version of notecheck \(tables of version 1, this one reads 2\)"):
        open_audit(tmp_path)


def test_a_folder_without_an_audit_or_without_that_run_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no audit"):
        open_audit(tmp_path)
    stored(tmp_path)
    with pytest.raises(InputError, match="holds no run 7: its runs are 1"):
        open_audit(tmp_path, 7)


def test_a_store_without_text_takes_no_run_with_text(tmp_path: Path) -> None:
    open_store(tmp_path, with_text=False).close()
    with pytest.raises(InputError, match="does not keep the words of the notes, and this run would; give another folder, or add --no-text"):
        open_store(tmp_path, with_text=True)
