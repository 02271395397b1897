"""Folders, globs and several sources."""

import gzip
import os
from pathlib import Path

import pytest

from notecheck.failures import Failure, InputError
from notecheck.models import Note
from notecheck.read import count, read


def write(folder: Path, *names: str, content: str = "Back pain.") -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)


def test_notes_come_by_name_with_inner_folders_in_their_ids(tmp_path: Path) -> None:
    write(tmp_path, "b.txt", "a.TXT", "june/a.txt", "june/july/z.txt", "june.txt", ".hidden/c.txt", ".d.txt")
    assert [(n.note_id, n.source) for n in read(tmp_path)] == [
        ("a", "a.TXT"),
        ("b", "b.txt"),
        ("june", "june.txt"),
        ("june/a", "june/a.txt"),
        ("june/july/z", "june/july/z.txt"),
    ]
    assert count(tmp_path) == 5


def test_each_file_of_a_mixed_folder_is_read_by_its_kind(tmp_path: Path) -> None:
    write(tmp_path, "1.txt")
    write(tmp_path, "2.rtf", content=r"{\rtf1\ansi Neck pain.\par}")
    write(tmp_path, "3.html", content="<html><body><p>Leg pain.</p></body></html>")
    write(tmp_path, "4.csv", content="note_id,text\nc1,Arm pain.\nc2,Hip pain.\n")
    write(tmp_path, "5.dat", content="NoteID|NoteText\np1|Knee pain.\n")
    write(tmp_path, "6.json", content='[{"note_id": "j1", "text": "Heel pain."}]')
    (tmp_path / "7.csv.gz").write_bytes(gzip.compress(b"note_id,text\ng1,Foot pain.\n"))
    (tmp_path / "8.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(200)))
    *notes, picture = read(tmp_path)
    assert [(n.note_id, n.text) for n in notes if isinstance(n, Note)] == [
        ("c1", "Arm pain."),
        ("c2", "Hip pain."),
        ("1", "Back pain."),
        ("2", "Neck pain."),
        ("3", "Leg pain."),
        ("p1", "Knee pain."),
        ("j1", "Heel pain."),
        ("g1", "Foot pain."),
    ]
    assert isinstance(picture, Failure) and picture.source == "8.png" and picture.reason.startswith("8.png is a picture, not a note;")


def test_a_note_that_cannot_be_read_stands_in_its_place(tmp_path: Path) -> None:
    write(tmp_path, "1.txt", "3.txt")
    (tmp_path / "2.txt").write_bytes(b"\x00\x01\x02\x03" * 9)
    first, second, third = read(tmp_path)
    assert (first.note_id, second.note_id, third.note_id) == ("1", "2", "3")
    assert isinstance(second, Failure) and second.source == "2.txt"


def test_a_table_without_a_text_column_costs_only_itself(tmp_path: Path) -> None:
    write(tmp_path, "codes.csv", content="code,price\nM54.50,3\n")
    write(tmp_path, "note.txt")
    table, note = read(tmp_path)
    assert isinstance(table, Failure) and table.reason.startswith("codes.csv: there is no column text")
    assert isinstance(note, Note)


@pytest.mark.parametrize(("names", "says"), [([], "found: nothing"), (["x.csv", "y.csv", "z.docx"], "found: 2 .csv, 1 .docx")])
def test_a_folder_without_notes_says_what_it_holds(tmp_path: Path, names: list[str], says: str) -> None:
    write(tmp_path, *names, content="")
    with pytest.raises(InputError, match="holds no note that can be read") as e:
        list(read(tmp_path))
    assert says in str(e.value)


def test_a_missing_source_says_what_to_give(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist; give a folder of notes, a file, a zip"):
        read(tmp_path / "nothing")


@pytest.mark.parametrize("content", ["Back pain.", " "])
def test_a_file_name_that_is_no_text_is_shown_with_a_mark(tmp_path: Path, content: str) -> None:
    write(tmp_path, "a.txt")
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.txt")).write_text(content)
    assert [n.note_id for n in read(tmp_path)] == ["a", "caf\N{REPLACEMENT CHARACTER}"]


def test_a_glob_takes_what_it_matches_named_from_its_fixed_part(tmp_path: Path) -> None:
    write(tmp_path, "june/a.txt", "june/b.md", "july/c.txt", "july/deep/d.txt", ".old/e.txt")
    assert [n.note_id for n in read(f"{tmp_path}/*/*.txt")] == ["july/c", "june/a"]
    assert [n.note_id for n in read(f"{tmp_path}/**/*.txt")] == ["july/c", "july/deep/d", "june/a"]
    assert [n.note_id for n in read(f"{tmp_path}/ju*")] == ["july/c", "july/deep/d", "june/a", "june/b"]
    with pytest.raises(InputError, match=r"nothing matches .*\.pdf"):
        read(f"{tmp_path}/*.pdf")


def test_several_sources_are_one_input(tmp_path: Path) -> None:
    write(tmp_path, "june/a.txt", "july/a.txt", "c.txt")
    assert [n.note_id for n in read([tmp_path / "june", tmp_path / "july/a.txt", tmp_path / "c.txt"])] == ["june/a", "july/a", "c"]
    assert count([tmp_path / "june", tmp_path / "c.txt"]) == 2


def test_a_link_that_leads_back_is_not_followed_for_ever(tmp_path: Path) -> None:
    write(tmp_path, "a.txt")
    (tmp_path / "loop").symlink_to(tmp_path)
    assert [n.note_id for n in read(tmp_path)] == ["a"]


def test_a_link_that_leads_nowhere_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.txt").symlink_to(tmp_path / "gone")
    write(tmp_path, "b.txt")
    link, note = read(tmp_path)
    assert isinstance(link, Failure) and link.reason.startswith("a.txt cannot be opened") and note.note_id == "b"


def test_a_note_met_again_in_another_file_is_read_once_if_it_brings_nothing_new(tmp_path: Path) -> None:
    write(tmp_path, "june.csv", content="note_id,text,codes\n1,Back pain.,M54.50\n2,Neck pain.,\n")
    write(tmp_path, "q2.csv", content="note_id,text,codes\n1,Back pain.,M54.50\n2,Neck pain.,M54.2\n")
    write(tmp_path, "1.txt")
    write(tmp_path, "2.txt", content="Neck pain, an addendum.")
    first, second, billed_since, addendum = read(tmp_path)
    assert [first, second] == [
        Note(note_id="1", text="Back pain.", codes=("M54.50",), source="june.csv", row=2),
        Note(note_id="2", text="Neck pain.", source="june.csv", row=3),
    ]
    assert isinstance(billed_since, Failure) and (billed_since.source, billed_since.row) == ("q2.csv", 3)
    assert isinstance(addendum, Note) and addendum.note_id == "2.txt"


def test_documents_that_differ_in_their_ending_alone_keep_it(tmp_path: Path) -> None:
    write(tmp_path, "7.html", content="<html><body><p>Leg pain.</p></body></html>")
    write(tmp_path, "7.txt")
    assert [n.note_id for n in read(tmp_path)] == ["7", "7.txt"]


def test_what_notecheck_wrote_among_the_notes_is_not_read_back(tmp_path: Path) -> None:
    ours = (
        "audit.duckdb",
        "reports.jsonl",
        "summary.csv",
        "audit.xlsx",
        "index.html",
        "assets/worklist-data.js",
        "notes/0000/0000001.html",
        "tables/notes.csv",
    )
    for name in ("a.txt", "notes/b.txt", *ours, "a.txt.report.json", "a.txt.report.error.txt"):
        for folder in (tmp_path, tmp_path / "audit"):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text("Low back pain.")
    for source in (tmp_path, tmp_path / "**"):
        assert [n.source for n in read(source)] == ["a.txt", "audit/a.txt", "audit/notes/b.txt", "notes/b.txt"]


def test_a_folder_that_is_no_audit_may_have_names_like_one(tmp_path: Path) -> None:
    (tmp_path / "summary.csv").write_text("id,text\n1,Back pain.\n")
    (tmp_path / "index.html").write_text("<html><body>Neck pain.</body></html>")
    assert [n.note_id for n in read(tmp_path)] == ["1", "index"]
