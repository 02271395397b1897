"""CSV that was written badly: as little as possible is lost, and nothing is lost in silence."""

from pathlib import Path

import pytest

from notecheck.failures import Failure
from notecheck.models import Note
from notecheck.read import read

HEADER = "note_id,text,service_date\n"


def items(tmp_path: Path, content: str) -> list[Note | Failure]:
    path = tmp_path / "export.csv"
    path.write_text(content, newline="")
    return list(read(path))


def ids(found: list[Note | Failure]) -> list[str | int | None]:
    """The ids of notes, the rows of failures."""
    return [item.note_id if isinstance(item, Note) else item.row for item in found]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ('1,a,\n2,"b,\n3,c,\n4,d,\n', ["1", 3, "3", "4"]),  # never closed, and nothing quoted after it
        ('1,a,\n2,"b,\n3,"c\nc",\n4,d,\n', ["1", 3, "3", "4"]),  # never closed, a quoted row after it
        ('1,a,\n2,"b\nmore, of b\nand more,\n3,"c",\n4,d,\n', ["1", 3, "3", "4"]),  # its other lines go with it
        ('1,"a,\n2,"b,\n3,"c,\n4,d,\n', [2, "4"]),  # one after the other
        ("1,a,\n2,b,extra,cells,here\n3,c,\n", ["1", 3, "3"]),
        ("1,a,\n2\n3,c,\n", ["1", 3, "3"]),
        ('1,a,\n2,"b""\n', ["1", 3]),  # at the end
        ('1,"a\n\n\nb",\n2,"c\n', ["1", 6]),
    ],
)
def test_reading_goes_on_at_the_next_line_that_is_a_row(tmp_path: Path, rows: str, expected: list[str | int]) -> None:
    assert ids(items(tmp_path, HEADER + rows)) == expected


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ('"He said "ouch" twice, then left."', 'He said "ouch" twice, then left.'),
        ('"A 5" scar, and\nan 8" one below."', 'A 5" scar, and\nan 8" one below.'),
        ("5'10\" tall", "5'10\" tall"),
    ],
)
def test_quotes_that_someone_typed_stay_in_the_note(tmp_path: Path, cell: str, text: str) -> None:
    first, second, third = items(tmp_path, f"{HEADER}1,a,\n2,{cell},2025-11-25\n3,c,\n")
    assert isinstance(second, Note) and second.text == text and second.service_date is not None
    assert (first.note_id, third.note_id) == ("1", "3")


def test_a_missing_quote_never_makes_one_note_of_two(tmp_path: Path) -> None:
    found = items(tmp_path, 'note_id,text\n1,"Back pain\n2,Neck pain "bad"\n3,Leg pain\n')
    assert ids(found) == [2, "2", "3"]
    assert isinstance(found[1], Note) and found[1].text == 'Neck pain "bad"'


def test_lines_of_a_broken_note_are_never_taken_for_rows(tmp_path: Path) -> None:
    found = items(
        tmp_path, 'note_id,text\nn1,a\nn2,"He said "it burns", then left.\nworse at night, better by day\nsleeps badly, tired"\nn3,c\n'
    )
    assert ids(found) == ["n1", 3, "n3"]
    assert isinstance(found[1], Failure) and "(lines 3 to 5 were passed over)" in found[1].reason and "burns" not in found[1].reason


def test_the_row_after_a_title_is_the_header(tmp_path: Path) -> None:
    found = items(tmp_path, 'Spine notes of June\nprinted 2025-07-01\n\nVisit ID;Note Text\n1;"Back\npain"\n')
    assert [(n.note_id, n.text, n.row) for n in found if isinstance(n, Note)] == [("1", "Back\npain", 5)]


def test_the_delimiter_that_excel_states_is_taken(tmp_path: Path) -> None:
    assert ids(items(tmp_path, "sep=~\nnote_id~text\n1~a, b; c\n")) == ["1"]


def test_utf8_and_cp1252_pasted_together_are_both_read(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes(b"note_id,text\n" + "1,René’s pain\n".encode() + "2,René’s pain\n".encode("cp1252"))
    assert [n.text for n in read(tmp_path / "x.csv") if isinstance(n, Note)] == ["René’s pain"] * 2
