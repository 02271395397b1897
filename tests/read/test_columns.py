"""Which column is which."""

import json
from pathlib import Path

import pytest

from notecheck.failures import InputError
from notecheck.models import Note
from notecheck.read import Columns, described, preview, read


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("NoteID,NoteText,DOS", "note_id ← NoteID, text ← NoteText, service_date ← DOS"),
        ("Visit ID,Transcription,Date of Service", "note_id ← Visit ID, text ← Transcription, service_date ← Date of Service"),
        ("DOCUMENT_ID,ENCOUNTER_ID,NOTE_TEXT", "note_id ← DOCUMENT_ID, text ← NOTE_TEXT"),
        ("id,note_id,text,note_text", "note_id, text"),
        ("Note Text,Rendering Provider,NPI", "note_id ← (file and row), text ← Note Text, provider ← Rendering Provider"),
        ("CSN,Report,Clinic,Payor,Note Type", "note_id ← CSN, text ← Report, site ← Clinic, payer ← Payor, note_type ← Note Type"),
        ("key,note,DX2,DX10,DX1,DX1 POA", "note_id ← key, text ← note, codes ← DX1 + DX2 + DX10"),
        ("id,text,ICD10", "note_id ← id, text, codes ← ICD10"),
        ("MRN,text", "note_id ← (file and row), text"),
    ],
)
def test_the_names_that_exports_use_are_known(header: str, expected: str) -> None:
    assert described(Columns().find(header.split(","))) == expected


def test_two_columns_that_fit_equally_are_a_question() -> None:
    with pytest.raises(InputError, match=r"the columns NoteText and Note_Text both fit text; name one with --text-column\."):
        Columns().find(["note_id", "NoteText", "Note_Text"])


def test_what_the_user_says_wins_over_our_own_names() -> None:
    found = Columns(note_id="Fin", text="addendum", codes="dx_a, dx_b").find(["note_id", "text", "FIN", "Addendum", "dx_a", "dx_b"])
    assert (found["note_id"], found["text"], found["codes"]) == (("FIN",), ("Addendum",), ("dx_a", "dx_b"))


def test_notes_without_an_id_are_called_by_file_and_row(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("NoteText\nBack pain.\nNeck pain.\n")
    (tmp_path / "y.jsonl").write_text(json.dumps({"NoteText": "Leg pain."}))
    assert [n.note_id for n in read(tmp_path)] == ["x.csv:2", "x.csv:3", "y.jsonl:1"]


def test_codes_of_several_columns_are_one_list(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("id,note,DX1,DX2,DX3\n1,Back pain.,M54.50,,m5116\n")
    (note,) = read(tmp_path / "x.csv")
    assert isinstance(note, Note) and note.codes == ("M54.50", "M51.16")


def test_the_preview_tells_the_first_table_and_none_for_documents(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("VisitID,NoteText\n1,Back pain.\n")
    (tmp_path / "a.txt").write_text("Back pain.")
    assert preview(tmp_path / "x.csv") == ("x.csv", {"note_id": ("VisitID",), "text": ("NoteText",)})
    assert preview(tmp_path / "a.txt") is None


def test_each_table_is_told_once_before_its_notes(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,note\n1,Back pain.\n2,Leg pain.\n")
    (tmp_path / "b.jsonl").write_text('{"id": "3", "text": "Neck pain."}\n{"text": "Hip pain.", "id": "4"}\n')
    told: list[str] = []
    assert len(list(read(tmp_path, tell=lambda name, found: told.append(f"{name}: {described(found)}")))) == 4
    assert told == ["a.csv: note_id ← id, text ← note", "b.jsonl: note_id ← id, text"]
