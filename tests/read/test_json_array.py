"""One JSON document with many notes."""

import json
from pathlib import Path

import pytest
from read.bare import bare

from notecheck.failures import Failure, InputError
from notecheck.models import Note
from notecheck.read import read

NOTES = [{"note_id": str(i), "text": f"Back pain {i}, René.", "codes": ["M54.50"]} for i in range(3)]
EXPECTED = [Note(note_id=str(i), text=f"Back pain {i}, René.", codes=("M54.50",)) for i in range(3)]


def document(tmp_path: Path, content: str | bytes) -> Path:
    path = tmp_path / "export.json"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize(
    "content",
    [
        json.dumps(NOTES),
        json.dumps(NOTES, indent=2),
        json.dumps({"exported": "2025-11-25", "years": [2024, 2025], "notes": NOTES, "n": 3}, indent=1),
        "\n".join(json.dumps(note, indent=2) for note in NOTES),
        json.dumps(NOTES, ensure_ascii=False).encode("utf-16"),
        json.dumps(NOTES, ensure_ascii=False).encode("cp1252"),
        b"\xef\xbb\xbf" + json.dumps(NOTES).encode(),
    ],
    ids=["one line", "indented", "within an object", "one after the other", "UTF-16", "CP-1252", "BOM"],
)
def test_the_notes_are_found_however_they_are_wrapped(tmp_path: Path, content: str | bytes) -> None:
    assert bare(read(document(tmp_path, content))) == EXPECTED


def test_a_note_is_counted_from_1(tmp_path: Path) -> None:
    assert [(n.source, n.row) for n in read(document(tmp_path, json.dumps(NOTES)))] == [
        ("export.json", 1),
        ("export.json", 2),
        ("export.json", 3),
    ]


def test_notes_across_the_edges_of_the_window_are_whole(tmp_path: Path) -> None:
    notes = [{"note_id": str(i), "text": f"{i} " + "pain " * (i * 7919 % 9973)} for i in range(1, 80)]
    assert [n.text for n in read(document(tmp_path, json.dumps(notes))) if isinstance(n, Note)] == [n["text"] for n in notes]


@pytest.mark.parametrize("end", ['{"note_id": "4", "te', '{"note_id": "4", "text": "x"} {"note_id"', "nonsense]", "[" * 100_000])
def test_damage_ends_the_reading_with_one_failure(tmp_path: Path, end: str) -> None:
    *notes, bad = read(document(tmp_path, json.dumps(NOTES)[:-1] + "," + end))
    assert bare(notes)[:3] == EXPECTED
    assert isinstance(bad, Failure) and bad.row == len(notes) + 1 and "so nothing after it was read" in bad.reason


def test_an_odd_item_costs_only_itself(tmp_path: Path) -> None:
    first, *odd, last = read(document(tmp_path, json.dumps([NOTES[0], 7, None, {"note_id": "9", "words": "x"}, NOTES[2]])))
    assert bare([first, last]) == [EXPECTED[0], EXPECTED[2]]
    assert all(isinstance(o, Failure) for o in odd) and [o.row for o in odd] == [2, 3, 4]


@pytest.mark.parametrize("content", ["[{]", "[" * 100_000 + "{", '{"a" 1}'])
def test_what_is_no_json_from_the_first_is_an_error(tmp_path: Path, content: str) -> None:
    with pytest.raises(InputError, match=r"export.json is not JSON with notes"):
        list(read(document(tmp_path, content)))
