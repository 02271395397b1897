"""CSV exports."""

import csv
from datetime import date
from pathlib import Path

import pytest
from read.bare import bare

from notecheck.failures import Failure, InputError
from notecheck.models import Note
from notecheck.read import Columns, count, read


def table(tmp_path: Path, content: str | bytes, name: str = "export.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_the_columns_are_known_by_name_whatever_their_order_and_case(tmp_path: Path) -> None:
    path = table(tmp_path, 'Provider,CODES,text,Site,NOTE_ID,service_date\nOkafor,"M54.5; M51.16",Back pain.,West,7,11/25/2025\n')
    expected = Note(
        note_id="7", text="Back pain.", service_date=date(2025, 11, 25), provider="Okafor", site="West", codes=("M54.5", "M51.16")
    )
    assert bare(read(path)) == [expected]


def test_quoted_line_ends_and_quotes_are_part_of_the_note(tmp_path: Path) -> None:
    path = table(tmp_path, 'note_id,text\r\n1,"He says ""it burns"",\r\nleft leg."\r\n2,Neck pain.\r\n')
    assert [n.text for n in read(path) if isinstance(n, Note)] == ['He says "it burns",\r\nleft leg.', "Neck pain."]
    assert count(path) == 2


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "^", "~"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_the_delimiter_and_the_encoding_are_told(tmp_path: Path, delimiter: str, encoding: str) -> None:
    path = table(tmp_path, f"note_id{delimiter}text\nn1{delimiter}René’s pain worse\n".encode(encoding))
    assert bare(read(path)) == [Note(note_id="n1", text="René’s pain worse")]


def test_cp1252_is_told_by_a_byte_far_down_the_file(tmp_path: Path) -> None:
    rows = "".join(f"{i},Back pain.\n" for i in range(20_000))
    path = table(tmp_path, ("note_id,text\n" + rows + "last,René\n").encode("cp1252"))
    *_, last = read(path)
    assert isinstance(last, Note) and (last.text, last.source, last.row) == ("René", "export.csv", 20_002)


def test_other_column_names_are_taken_from_the_options(tmp_path: Path) -> None:
    path = table(tmp_path, "nr,words,coded\n1,Back pain.,M54.50\n")
    assert bare(read(path, Columns(note_id="nr", text="Words", codes="coded"))) == [Note(note_id="1", text="Back pain.", codes=("M54.50",))]


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        (Columns(), "there is no column text; name the right one with --text-column (columns: nr, words, coded)"),
        (Columns(note_id="number"), "there is no column number; name the right one with --id-column (columns: nr, words, coded)"),
        (Columns(text="words", service_date="dos"), "there is no column dos; name the right one with --service-date-column"),
    ],
)
def test_a_missing_column_is_named_with_those_there_are(tmp_path: Path, columns: Columns, says: str) -> None:
    with pytest.raises(InputError) as e:
        list(read(table(tmp_path, "nr,words,coded\n1,Back pain.,M54.50\n"), columns))
    assert says in str(e.value) and str(e.value).startswith("export.csv: ")


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (",Back pain.,", "note id is empty"),
        ("9,  ,", "text is empty"),
        ("9,Back pain.,2025-13-40", "service date is not a date"),
        ("9,Back pain.,soon,M54.5", "has 4 columns where the header has 3"),
        ("9", "has 1 columns where the header has 3"),
        ('9,"Back" pain,', "not valid CSV"),
        ("9,Back \0 pain,", "NUL characters"),
        ("1,Back pain again.,", "was used by an earlier note"),
    ],
)
def test_a_bad_row_costs_only_itself(tmp_path: Path, row: str, says: str) -> None:
    path = table(tmp_path, f"note_id,text,service_date\n1,Back pain.,\n{row}\n3,Neck pain.,\n")
    first, bad, last = read(path)
    assert (first.note_id, last.note_id) == ("1", "3")
    assert isinstance(bad, Failure) and says in bad.reason and "pain" not in bad.reason
    assert count(path) == 3


def test_the_line_of_a_bad_row_is_that_of_the_file(tmp_path: Path) -> None:
    path = table(tmp_path, 'note_id,text\n1,"two\nlines"\n,Back pain.\n')
    _, bad = read(path)
    assert isinstance(bad, Failure) and (bad.source, bad.row) == ("export.csv", 4)


def test_a_quote_that_is_never_closed_is_told(tmp_path: Path) -> None:
    path = table(tmp_path, 'note_id,text\n1,Back pain.\n2,"Neck pain.\n3,Leg pain.\n')
    first, bad, last = read(path)
    assert isinstance(bad, Failure) and "stray quote" in bad.reason and bad.row == 3
    assert isinstance(first, Note) and isinstance(last, Note) and (last.note_id, last.row) == ("3", 4)


@pytest.mark.parametrize(("content", "says"), [(b"", "is empty"), (b"PK\x03\x04 a workbook", "Word, Excel or zip")])
def test_a_file_that_is_no_csv_is_an_error(tmp_path: Path, content: bytes, says: str) -> None:
    with pytest.raises(InputError, match=says):
        list(read(table(tmp_path, content)))


def test_blank_rows_are_passed_over_and_blank_cells_at_the_end_allowed(tmp_path: Path) -> None:
    path = table(tmp_path, "note_id,text\n\n1,Back pain.,,\n,\n")
    assert bare(read(path)) == [Note(note_id="1", text="Back pain.")]


def test_a_note_of_ten_megabytes_costs_only_itself(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    with path.open("w", newline="") as f:
        csv.writer(f).writerows([["note_id", "text"], ["1", "pain " * 2_000_000], ["2", "Back pain."]])
    long, short = read(path)
    assert isinstance(long, Failure) and "longer than 1,000,000 characters" in long.reason
    assert isinstance(short, Note) and (short.note_id, short.text) == ("2", "Back pain.")
