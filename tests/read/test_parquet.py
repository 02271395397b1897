"""Parquet exports, written by DuckDB and by Arrow."""

from datetime import date
from pathlib import Path

import duckdb
import pytest

from notecheck.failures import Failure, InputError
from notecheck.models import Note
from notecheck.read import count, described, preview, read

ROWS = """SELECT i AS "Visit ID", 'Back pain ' || i AS NoteText, DATE '2025-11-25' AS DOS, 7.0::DOUBLE AS NPI, ['M54.50', 'M51.16'] AS "ICD-10 Codes", NULL AS Payor
FROM range(1, 3001) t(i)"""


def exported(path: Path, rows: str = ROWS) -> Path:
    with duckdb.connect() as database:
        database.execute(f"COPY ({rows}) TO '{path}' (FORMAT parquet)")
    return path


def test_typed_values_become_a_note(tmp_path: Path) -> None:
    path = exported(tmp_path / "x.parquet")
    first, *rest = read(path)
    assert first == Note(
        note_id="1",
        text="Back pain 1",
        service_date=date(2025, 11, 25),
        provider="7",
        codes=("M54.50", "M51.16"),
        source="x.parquet",
        row=1,
    )
    assert len(rest) == 2999 and count(path) == 3000
    told = preview(path)
    assert told is not None and described(told[1]) == (
        "note_id ← Visit ID, text ← NoteText, service_date ← DOS, provider ← NPI, codes ← ICD-10 Codes, payer ← Payor"
    )


def test_files_written_by_arrow_are_read(tmp_path: Path) -> None:
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    table = pa.table({"note_id": ["a", "b"], "text": pa.array(["Back pain.", None], pa.large_string()), "codes": [["M54.50"], []]})
    pq.write_table(table, tmp_path / "x.parquet", compression="zstd")
    note, empty = read(tmp_path / "x.parquet")
    assert isinstance(note, Note) and note.codes == ("M54.50",)
    assert isinstance(empty, Failure) and (empty.row, empty.note_id) == (2, "b")


def test_a_name_with_brackets_is_no_pattern(tmp_path: Path) -> None:
    assert len(list(read(exported(tmp_path / "june [1].parquet")))) == 3000


@pytest.mark.parametrize("keep", [0.5, 0.999])
def test_a_file_cut_short_is_one_sentence(tmp_path: Path, keep: float) -> None:
    path = exported(tmp_path / "x.parquet")
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * keep)])
    with pytest.raises(InputError, match=r"^x.parquet is a Parquet file that is cut short; copy it or export it again.$"):
        list(read(path))


def test_a_file_damaged_in_the_middle_is_one_sentence(tmp_path: Path) -> None:
    path = exported(tmp_path / "x.parquet")
    data = bytearray(path.read_bytes())
    data[len(data) // 3 : len(data) - 8] = b"\xff" * (len(data) - 8 - len(data) // 3)
    path.write_bytes(data)
    with pytest.raises(InputError, match=r"^x.parquet is a damaged Parquet file; copy it or export it again.$"):
        list(read(path))


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"x.parquet: there is no column text; .* \(columns: a, b\)"):
        list(read(exported(tmp_path / "x.parquet", "SELECT 1 AS a, 2 AS b")))
