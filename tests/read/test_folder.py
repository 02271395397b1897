"""A folder of notes."""

import os
from pathlib import Path

import pytest

from notecheck.failures import Failure, InputError
from notecheck.read import count, read


def test_notes_come_by_name_with_inner_folders_in_their_ids(tmp_path: Path) -> None:
    for name in ("b.txt", "a.TXT", "june/a.txt", "june/july/z.txt", "list.csv", ".hidden/c.txt", ".d.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("Back pain.")
    assert [n.note_id for n in read(tmp_path)] == ["a", "b", "june/a", "june/july/z"]
    assert count(tmp_path) == 4


def test_a_note_that_cannot_be_read_stands_in_its_place(tmp_path: Path) -> None:
    (tmp_path / "1.txt").write_text("Back pain.")
    (tmp_path / "2.txt").write_bytes(b"\x00\x01\x02\x03" * 9)
    (tmp_path / "3.txt").write_text("Neck pain.")
    first, second, third = read(tmp_path)
    assert (first.note_id, second.note_id, third.note_id) == ("1", "2", "3")
    assert isinstance(second, Failure) and second.source == str(tmp_path / "2.txt")


@pytest.mark.parametrize(("names", "says"), [([], "found: nothing"), (["x.csv", "y.csv", "z.docx"], "found: 2 .csv, 1 .docx")])
def test_a_folder_without_notes_says_what_it_holds(tmp_path: Path, names: list[str], says: str) -> None:
    for name in names:
        (tmp_path / name).write_text("x")
    with pytest.raises(InputError, match=r"holds no \.txt note") as e:
        list(read(tmp_path))
    assert says in str(e.value)


def test_a_missing_source_says_what_to_give(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"does not exist; give a folder of \.txt notes"):
        read(tmp_path / "nothing")


@pytest.mark.parametrize("content", ["Back pain.", ""])
def test_a_file_name_that_is_no_text_is_shown_with_a_mark(tmp_path: Path, content: str) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.txt"))
    path.write_text(content)
    assert [n.note_id for n in read(tmp_path)] == ["caf\N{REPLACEMENT CHARACTER}"]
