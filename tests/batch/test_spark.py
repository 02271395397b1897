"""The audit on Spark: the same reports as the local engine's, in the same order, and a bad note costs only itself."""

import csv
import json
import logging
import os
import shutil
import stat
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from e2e.command import notecheck as command

import notecheck
from notecheck.batch import Checked, check_all, spark, spark_session, spark_source, spark_worker
from notecheck.failures import Failure, InputError
from notecheck.models import NoteReport
from notecheck.packs import PackError
from notecheck.read import jsonl
from notecheck.read.columns import Columns, untold

pa = pytest.importorskip("pyarrow", reason="needs the spark extra")
pq = pytest.importorskip("pyarrow.parquet", reason="needs the spark extra")
pytest.importorskip("pyspark", reason="needs the spark extra")
if not shutil.which("java"):
    pytest.skip("Spark needs Java", allow_module_level=True)

SAMPLES = Path(__file__).parents[2] / "sample_notes"
TODAY = date(2026, 3, 4)


@pytest.fixture(scope="module")
def session() -> Iterator[Any]:
    with spark_session.session("local[2]") as started:
        yield started


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample notes over and over under ids of their own, with rows between them that are no notes."""
    rows = []
    for copy in range(28):
        for path in sorted(SAMPLES.glob("*.txt")):
            rows.append(
                {
                    "note_id": f"{path.stem}-{copy}",
                    "text": path.read_text(encoding="utf-8"),
                    "provider": "Okafor",
                    "codes": ["M54.50", "M51.16"],
                }
            )
    rows[7]["text"] = " "
    rows[30]["note_id"] = None
    rows[31]["text"] = None
    rows[32]["note_id"] = rows[0]["note_id"]
    for row in rows:
        row["service_date"] = date(2025, 11, 25)
    path = tmp_path_factory.mktemp("spark") / "notes.parquet"
    pq.write_table(pa.Table.from_pylist(rows), path, row_group_size=100)
    return path


def test_reports_equal_the_local_engines_one_by_one_in_input_order(session: Any, export: Path) -> None:
    outcomes = list(spark.check_all(export, session=session, today=TODAY))
    checker = notecheck.load()
    rows = pq.read_table(export).to_pylist()
    assert len(outcomes) == len(rows) == 280
    alone: dict[str, NoteReport] = {}
    for row, outcome in zip(rows, outcomes, strict=True):
        if isinstance(outcome, Failure):
            continue
        text = row["text"]
        alone[text] = alone.get(text) or checker.check(text, service_date=row["service_date"], codes=row["codes"])
        assert outcome.note.text == text and outcome.note.provider == "Okafor" and outcome.note.codes == ("M54.50", "M51.16")
        assert outcome.report == alone[text].model_copy(update={"note_id": row["note_id"]})
    failed = {i: o for i, o in enumerate(outcomes) if isinstance(o, Failure)}
    assert {i: o.reason for i, o in failed.items()} == {
        7: "the note's text is empty.",
        30: "the note id is empty; give each note an id.",
        31: "the note's text is empty.",
        32: "this note id was used by an earlier note; give each note an id of its own.",
    }
    assert failed[7].source == "notes.parquet" and failed[7].row == 8


def test_a_dataframe_of_notes_becomes_one_of_reports_with_the_documented_schema(session: Any, export: Path, tmp_path: Path) -> None:
    few = tmp_path / "few.parquet"
    pq.write_table(pq.read_table(export).slice(0, 40), few)
    df = session.read.parquet(str(few)).withColumnRenamed("text", "Note `Text`").withColumnRenamed("note_id", "visit")
    audited = spark.audit(df, columns=Columns(note_id="visit", text="Note `Text`"), today=TODAY)
    assert audited.schema == session.createDataFrame([], spark.SCHEMA).schema
    rows = sorted(audited.cache().collect(), key=lambda row: row.position)
    assert len(rows) == 40
    sample = NoteReport.model_validate_json(rows[8].report)
    assert (rows[8].note_id, rows[8].failure) == (sample.note_id, None)
    assert rows[8].in_scope is sample.in_scope is True
    assert tuple(rows[8].missing) == sample.missing and rows[8].completeness == sample.completeness
    assert rows[8].elements == {element: finding.status for element, finding in sample.elements.items()}
    assert [(c.code, c.verdict) for c in rows[8].claim] == [(c.code, c.verdict) for c in sample.claim] != []
    assert rows[8].billed == ["M54.50", "M51.16"] and rows[8].service_date == date(2025, 11, 25)
    assert rows[7].failure == "the note's text is empty." and rows[7].report is None and rows[7].in_scope is None
    by_reason = {r.failure: r["n"] for r in audited.groupBy("failure").agg({"*": "count"}).toDF("failure", "n").collect()}
    assert by_reason[None] == 37  # a DataFrame may repeat an id: nothing is known of the other rows


def test_rows_keep_the_position_that_the_dataframe_gives_them(session: Any) -> None:
    df = session.createDataFrame([(70, "a", "Low back pain."), (5, "b", "Sore throat.")], "place int, note_id string, text string")
    assert {r.note_id: r.position for r in spark.audit(df, position="place").collect()} == {"a": 70, "b": 5}


def test_a_note_that_takes_too_long_is_a_failure_and_the_others_are_done(session: Any) -> None:
    slow = "Low back pain for 3 weeks. " * 20_000
    df = session.createDataFrame([("slow", slow), ("quick", "Low back pain.")], "note_id string, text string").coalesce(1)
    rows = {r.note_id: r for r in spark.audit(df, time_limit=0.3).collect()}
    assert rows["slow"].failure == "the note took longer than the limit of 0.3 s; split it, or raise --time-limit."
    assert rows["quick"].in_scope is True


def test_few_large_row_groups_are_shared_out_among_the_cores(session: Any, export: Path, tmp_path: Path) -> None:
    whole = tmp_path / "whole.parquet"
    pq.write_table(pq.read_table(export), whole)
    assert session.read.parquet(str(whole)).rdd.getNumPartitions() == 1
    rows = spark_source.rows(session, str(whole), Columns(), untold)
    sizes = rows.rdd.glom().map(len).collect()
    assert len(sizes) == 2 and sum(sizes) == 280 and min(sizes) > 80


def test_a_folder_is_read_by_the_names_of_its_files_whatever_their_size(session: Any, export: Path, tmp_path: Path) -> None:
    table = pq.read_table(export).slice(40, 60)
    pq.write_table(table.slice(0, 5), tmp_path / "1 small.parquet")
    pq.write_table(table.slice(5, 50), tmp_path / "2 large.parquet")
    pq.write_table(table.slice(55), tmp_path / "3 small.parquet")
    (tmp_path / "_SUCCESS").touch()
    outcomes = list(spark.check_all(tmp_path, session=session))
    assert [o.note.note_id for o in outcomes] == table.column("note_id").to_pylist()
    assert [(o.note.source, o.note.row) for o in outcomes[4:6]] == [("1 small.parquet", 5), ("2 large.parquet", 1)]


FIRST, SECOND = 'Low back pain – 6/10.\nShe says: "it radiates".\r\nNo fever.', "Neck pain\n\nfor 3 weeks."


@pytest.mark.parametrize(
    ("encoding", "delimiter", "line_end"),
    [("utf-8", ",", "\n"), ("utf-8-sig", ";", "\r\n"), ("cp1252", "\t", "\r\n"), ("utf-16", ",", "\n")],
)
def test_a_csv_is_read_whatever_its_encoding_delimiter_and_line_ends(
    session: Any, tmp_path: Path, encoding: str, delimiter: str, line_end: str
) -> None:
    path = tmp_path / "export.csv"
    with path.open("w", encoding=encoding, newline="") as f:
        rows = csv.writer(f, delimiter=delimiter, lineterminator=line_end)
        rows.writerow(["note_id", "provider", "dx1", "dx2", "service_date", "text"])
        rows.writerow(["a", 'Dr. "X", MD', "M54.50", "M51.16", "11/25/2025", FIRST])
        rows.writerow(["b", "", "", "", "", SECOND])
        f.write(f"c{delimiter}only{line_end}")
        rows.writerow(["d", "", "", "", "soon", "Sciatica."])
    a, b, c, d = spark.check_all(path, session=session, today=TODAY)
    # Where rows end in CRLF, Spark's reader gives a line end within a cell as LF.
    assert (a.note.text, b.note.text) == (FIRST.replace("\r\n", "\n") if line_end == "\r\n" else FIRST, SECOND)
    assert a.note.codes == ("M54.50", "M51.16") and a.note.service_date == date(2025, 11, 25) and a.note.provider == 'Dr. "X", MD'
    assert c.reason == spark_worker.STRAY and "service date is not a date" in d.reason
    assert (d.source, d.row, d.note_id) == ("export.csv", 4, "d")
    checker = notecheck.load()
    assert [o.report for o in (a, b)] == [checker.check(o.note, today=TODAY) for o in (a, b)]


def test_a_byte_of_another_encoding_in_the_midst_of_utf8_is_read_as_what_it_is(session: Any, tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_bytes("note_id,text\n1,Pain – lumbar\n".encode() + "2,Pain – cervical\n".encode("cp1252"))
    assert [o.note.text for o in spark.check_all(path, session=session)] == ["Pain – lumbar", "Pain – cervical"]


def test_notes_without_an_id_are_called_by_file_and_row(session: Any, tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text("text\nLow back pain.\nNeck pain.\n")
    outcomes = list(spark.check_all(path, session=session))
    assert [o.note.note_id for o in outcomes] == [o.report.note_id for o in outcomes] == ["export.csv:1", "export.csv:2"]


def test_csvs_of_a_folder_may_differ_in_their_columns(session: Any, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("note_id,text,provider\n1,Low back pain.,Okafor\n")
    (tmp_path / "b.csv").write_text("provider;text;note_id\nLind;Neck pain.;2\n")
    first, second = spark.check_all(tmp_path, session=session)
    assert (first.note.note_id, first.note.provider) == ("1", "Okafor")
    assert (second.note.note_id, second.note.provider, second.note.text) == ("2", "Lind", "Neck pain.")


def test_json_lines_are_read_as_the_local_engine_reads_them(session: Any, tmp_path: Path) -> None:
    path = tmp_path / "export.jsonl"
    good = {"note_id": "a", "text": "Low back pain.\r\nNo fever.\u2028Leg pain.", "codes": ["M54.50"], "service_date": "2025-11-25"}
    path.write_text(
        "\n".join([json.dumps(good, ensure_ascii=False), "", "{broken", "[1]", '{"note_id": "b"}', '{"note_id": 7, "text": "Sciatica."}'])
    )
    with path.open("rb") as stream:
        theirs = list(check_all(jsonl.read(stream, path.name), jobs=1))
    ours = list(spark.check_all(path, session=session, today=TODAY))
    assert [o.reason for o in ours if isinstance(o, Failure)] == [o.reason for o in theirs if isinstance(o, Failure)]
    assert [o.note.text for o in ours if isinstance(o, Checked)] == [o.note.text for o in theirs if isinstance(o, Checked)]
    assert len(ours) == 5


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("gone.parquet", None, "does not exist"),
        ("notes.docx", b"PK", "is not what Spark reads here"),
        ("empty.csv", b"note_id,text\n", "holds no note"),
        ("other.csv", b"a,b\nsecret words,2\n", "there is no column"),
        ("cut.parquet", b"PAR1 secret words", "Spark could not do it"),
        ("wide.jsonl", '{"note_id": "secret"}'.encode("utf-16"), "is not UTF-8"),
    ],
)
def test_what_cannot_be_read_is_one_sentence_that_quotes_no_note(
    session: Any, tmp_path: Path, name: str, content: bytes | None, says: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=says) as told:
        list(spark.check_all(path, session=session))
    assert "secret" not in str(told.value) and "\n" not in str(told.value)
    assert told.value.__cause__ is None


def test_a_delta_table_on_a_spark_without_delta_says_what_to_set(session: Any, tmp_path: Path) -> None:
    (tmp_path / "_delta_log").mkdir()
    with pytest.raises(InputError, match=r"this Spark has no Delta Lake; set spark\.jars\.packages"):
        list(spark.check_all(tmp_path, session=session))


def test_patterns_that_cannot_be_used_are_told_before_spark_starts(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="is not a pattern pack"):
        next(spark.check_all(tmp_path, patterns=tmp_path, master="no such master"))
    with pytest.raises(PackError, match="no profile called nothing"):
        next(spark.check_all(tmp_path, profile="nothing", master="no such master"))


def test_without_java_one_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(InputError, match="Spark needs Java 17 or later"), spark_session.session("local[1]"):
        pass


def test_its_temporary_files_are_the_owners_alone_and_it_listens_on_this_machine_only(session: Any) -> None:
    conf = session.sparkContext.getConf()
    scratch = Path(conf.get("spark.local.dir")).parent
    assert stat.S_IMODE(scratch.stat().st_mode) == 0o700
    assert conf.get("spark.ui.enabled") == "false" and conf.get("spark.driver.bindAddress") == "127.0.0.1"
    assert conf.get("spark.io.encryption.enabled") == "true"


def test_nothing_of_a_note_is_logged_or_printed(
    session: Any, tmp_path: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "export.csv"
    path.write_text('note_id,text\n1,"Low back pain of Xylophonia."\n2,Xylophonia,stray\n')
    with caplog.at_level(logging.DEBUG, logger="notecheck"):
        checked, stray = spark.check_all(path, session=session)
    assert isinstance(checked, Checked) and isinstance(stray, Failure)
    out, err = capfd.readouterr()
    assert "Xylophonia" not in out + err + caplog.text + stray.reason


def test_from_the_shell_spark_writes_the_same_files_and_the_local_engine_goes_on_from_them(export: Path, tmp_path: Path) -> None:
    few = tmp_path / "few.parquet"
    pq.write_table(pq.read_table(export).slice(0, 40), few)
    on_spark = ("--engine", "spark", "--master", "local[2]", "--no-text")
    plain = ("--no-xlsx", "--no-html")
    for folder, options in (("here", ("--no-text",)), ("spark", on_spark)):
        done = command("audit", few, "-o", tmp_path / folder, *plain, *options)
        assert (done.returncode, done.stderr) == (2, ""), done.stderr
        assert "notes              40\n" in done.stdout and "not checked        4\n" in done.stdout
    for name in ("reports.jsonl", "summary.csv", "failures.csv"):
        assert (tmp_path / "here" / name).read_bytes() == (tmp_path / "spark" / name).read_bytes()
    done = command("audit", few, "-o", tmp_path / "spark", *plain, "--no-text", "--resume")
    assert "carried over       36 " in done.stdout
    refused = command("audit", few, "-o", tmp_path / "spark", *on_spark, "--resume")
    assert refused.returncode == 2 and "Spark checks every note again" in refused.stderr


def test_a_run_that_is_left_early_stops_its_work(session: Any, export: Path) -> None:
    outcomes = spark.check_all(export, session=session)
    next(outcomes)
    outcomes.close()  # type: ignore[attr-defined]
    assert session.sparkContext.statusTracker().getActiveJobsIds() == []
    assert os.getpid()  # and this process goes on
