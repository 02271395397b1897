"""Queries of real databases: SQLite through SQLAlchemy, and DuckDB."""

import sqlite3
from datetime import date
from pathlib import Path

import duckdb
import pytest
from read.bare import bare

from notecheck.failures import Failure, InputError
from notecheck.models import Note
from notecheck.read import Columns, read_query

ROWS = [(i, f"Back pain {i}", "2025-11-25", "M54.50; M51.16") for i in range(1, 1001)]
QUERY = "SELECT visit_id, body AS note_text, dos, dx FROM notes ORDER BY visit_id"
TABLE = "CREATE TABLE notes (visit_id INTEGER, body TEXT, dos TEXT, dx TEXT)"


@pytest.fixture
def sqlite(tmp_path: Path) -> Path:
    path = tmp_path / "clinic.db"
    with sqlite3.connect(path) as connection:
        connection.execute(TABLE)
        connection.executemany("INSERT INTO notes VALUES (?, ?, ?, ?)", ROWS)
    connection.close()
    return path


@pytest.fixture
def duck(tmp_path: Path) -> Path:
    path = tmp_path / "clinic.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(TABLE.replace("dos TEXT", "dos DATE"))
        connection.executemany("INSERT INTO notes VALUES (?, ?, ?, ?)", ROWS[:300])
    return path


def test_the_rows_of_a_query_are_notes(sqlite: Path, duck: Path) -> None:
    expected = Note(note_id="1", text="Back pain 1", service_date=date(2025, 11, 25), codes=("M54.50", "M51.16"))
    for database, n in ((f"sqlite:///{sqlite}", 1000), (str(sqlite), 1000), (f"duckdb:///{duck}", 300), (str(duck), 300)):
        first, *rest = read_query(QUERY, database)
        assert bare([first]) == [expected] and (first.source, first.row) == (sqlite.name if "clinic.db" in database else duck.name, 1)
        assert len(rest) == n - 1


def test_duckdb_without_a_file_queries_files(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("k,words\n7,Back pain.\n")
    (note,) = read_query(f"SELECT k, words FROM '{tmp_path}/x.csv'", "duckdb://", Columns(note_id="k", text="words"))
    assert (note.note_id, note.source) == ("7", "DuckDB")


def test_a_row_that_is_no_note_stands_in_its_place(sqlite: Path) -> None:
    first, second = read_query("SELECT visit_id AS id, CASE visit_id WHEN 1 THEN '' ELSE body END AS text FROM notes LIMIT 2", str(sqlite))
    assert isinstance(first, Failure) and (first.source, first.row, first.note_id) == ("clinic.db", 1, "1")
    assert isinstance(second, Note)


def test_percent_signs_and_colons_in_a_query_are_its_own(sqlite: Path) -> None:
    assert (
        len(list(read_query("SELECT visit_id AS id, body AS text, ':x' AS a FROM notes WHERE body LIKE 'Back pain 1%'", str(sqlite))))
        == 112
    )


def test_nothing_can_be_written(sqlite: Path, duck: Path) -> None:
    for query in ("DROP TABLE notes", "DELETE FROM notes", "UPDATE notes SET body = 'x' RETURNING visit_id AS id, body AS text"):
        for database in (sqlite, duck):
            with pytest.raises(InputError, match=rf"^{database.name}"):
                list(read_query(query, str(database)))
    assert len(list(read_query(QUERY, str(sqlite)))) == 1000 and len(list(read_query(QUERY, str(duck)))) == 300


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("SELECT nothing FROM notes", "nothing"),
        ("SELECT visit_id FROM notes", r"there is no column text; .* \(columns: visit_id\)"),
        ("SELEKT", "syntax error"),
        ("SELECT visit_id AS id, body AS text FROM notes WHERE 1 = 0", "the query's answer holds no note"),
    ],
)
def test_a_query_that_cannot_be_used_is_told(sqlite: Path, duck: Path, query: str, says: str) -> None:
    for database in (sqlite, duck):
        with pytest.raises(InputError, match=f"(?i){says}") as e:
            list(read_query(query, str(database)))
        assert "\n" not in str(e.value)


def test_a_database_that_is_not_there_is_told_and_not_made(tmp_path: Path) -> None:
    for database in ("gone.db", f"sqlite:///{tmp_path}/gone.db", f"duckdb:///{tmp_path}/gone.duckdb"):
        with pytest.raises(InputError, match="there is no database"):
            list(read_query("SELECT 1", database))
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "x.csv").write_text("note_id,text\n")
    with pytest.raises(InputError, match=r"x\.csv is neither a DuckDB nor a SQLite database"):
        list(read_query("SELECT 1", str(tmp_path / "x.csv")))


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://reader:hunter2@127.0.0.1:1/notes",
        "nosuch://reader:hunter2@host/notes",
        "mssql+nosuch://reader:hunter2@host/notes",
        "postgresql://reader:hunter2@host:port/notes",
    ],
)
def test_no_message_shows_a_password(url: str) -> None:
    with pytest.raises(InputError) as e:
        list(read_query("SELECT 1", url))
    assert "hunter2" not in str(e.value) and str(e.value).endswith(".")
