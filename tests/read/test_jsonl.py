"""JSON Lines exports."""

import json
from datetime import date
from pathlib import Path

import pytest
from read.bare import bare

from notecheck.failures import Failure, InputError
from notecheck.models import Note
from notecheck.read import Columns, count, read


def lines(tmp_path: Path, *content: str) -> Path:
    path = tmp_path / "export.jsonl"
    path.write_text("\n".join(content) + "\n", encoding="utf-8", newline="")
    return path


def test_a_record_is_a_note(tmp_path: Path) -> None:
    record = {
        "note_id": 12,
        "text": "Dolor\r\nlumbar",
        "service_date": "2025-11-25T08:30:00",
        "provider": None,
        "codes": ["M54.50", " "],
        "site": 3,
    }
    path = lines(tmp_path, json.dumps(record), "")
    note = Note(
        note_id="12", text="Dolor\r\nlumbar", service_date=date(2025, 11, 25), site="3", codes=("M54.50",), source="export.jsonl", row=1
    )
    assert list(read(path)) == [note]
    assert count(path) == 1


def test_line_separators_inside_a_text_do_not_split_the_line(tmp_path: Path) -> None:
    text = "Back\u2028pain\u0085today\x0bnow"
    assert bare(read(lines(tmp_path, json.dumps({"note_id": "1", "text": text}, ensure_ascii=False)))) == [Note(note_id="1", text=text)]


def test_fields_are_named_by_the_options(tmp_path: Path) -> None:
    path = lines(tmp_path, '{"nr": "1", "words": "Back pain."}')
    assert bare(read(path, Columns(note_id="nr", text="words"))) == [Note(note_id="1", text="Back pain.")]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('{"note_id": "9", "text": "Back pain."', "not valid JSON"),
        ('["9", "Back pain."]', "not a JSON object"),
        ("[" * 100_000, "not valid JSON"),
        (
            '{"note_id": "9", "words": "Back pain."}',
            "there is no column text; name the right one with --text-column (columns: note_id, words)",
        ),
        ('{"note_id": "9", "text": ["Back pain."]}', "not a string"),
        ('{"note_id": "9", "text": null}', "text is empty"),
        ('{"note_id": "9", "text": "Back\\u0000pain."}', "NUL characters"),
    ],
)
def test_a_bad_line_costs_only_itself(tmp_path: Path, line: str, says: str) -> None:
    good = '{"note_id": "%d", "text": "Back pain."}'
    path = lines(tmp_path, good % 1, line, good % 3)
    first, bad, last = read(path)
    assert (first.note_id, last.note_id) == ("1", "3")
    assert isinstance(bad, Failure) and says in bad.reason and "Back" not in bad.reason
    assert (bad.source, bad.row) == ("export.jsonl", 2)


def test_half_a_character_costs_one_character_not_the_run(tmp_path: Path) -> None:
    path = lines(tmp_path, '{"note_id": "a\\udc00", "text": "back \\ud83d pain \\ud83d\\ude00"}')
    assert bare(read(path)) == [Note(note_id="a\N{REPLACEMENT CHARACTER}", text="back \N{REPLACEMENT CHARACTER} pain \U0001f600")]


def test_an_export_without_a_note_is_an_error_and_not_a_success(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no note; export it again"):
        list(read(lines(tmp_path, "", "  ")))


def test_a_file_of_other_objects_is_told_once_as_a_whole(tmp_path: Path) -> None:
    other = lines(tmp_path, *['{"price": 3}'] * 40)
    with pytest.raises(InputError, match=r"^export\.jsonl: there is no column text; .* \(columns: price\)\.$"):
        list(read(other))
    (tmp_path / "a.txt").write_text("Back pain.")
    told, note = read(tmp_path)
    assert isinstance(note, Note) and isinstance(told, Failure) and told.source == "export.jsonl"


def test_bad_lines_at_the_beginning_do_not_cost_the_notes_after_them(tmp_path: Path) -> None:
    *bad, good = read(lines(tmp_path, "{", '{"note_id": "2"}', '{"note_id": "3", "text": "Back pain."}'))
    assert len(bad) == 2 and isinstance(good, Note) and good.row == 3


@pytest.mark.parametrize("name", ["export.jsonl", "export.csv"])
def test_a_binary_file_is_refused_as_a_whole(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(bytes(range(256)) * 20)
    with pytest.raises(InputError, match=f"{name} is not a text file"):
        list(read(tmp_path / name))
