"""Excel workbooks, written by openpyxl and by XlsxWriter."""

import io
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter

from notecheck.failures import Failure, InputError
from notecheck.models import Note
from notecheck.read import count, read

HEADER = ["Visit ID", "Note Text", "DOS", "ICD-10"]


def workbook(path: Path, **sheets: list[list[Any]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title.strip("_"))
        sheet.sheet_state = "hidden" if title.startswith("_") else "visible"
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def with_shared_strings(path: Path, rows: list[list[Any]]) -> Path:
    """As Excel itself writes them: all text in one list of the workbook."""
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet()
    for number, row in enumerate(rows):
        sheet.write_row(number, 0, row)
    book.close()
    return path


def test_typed_cells_become_a_note(tmp_path: Path) -> None:
    rows = [HEADER, [123.0, "Back pain,\nworse.", datetime(2025, 11, 25, 8, 30), "M54.50"], [], [124, "Neck pain.", "11/26/2025", None]]
    path = workbook(tmp_path / "x.xlsx", Notes=rows)
    first, second = read(path)
    assert first == Note(
        note_id="123", text="Back pain,\nworse.", service_date=date(2025, 11, 25), codes=("M54.50",), source="x.xlsx", row=2
    )
    assert isinstance(second, Note) and (second.note_id, second.service_date, second.row) == ("124", date(2025, 11, 26), 4)
    assert count(path) == 3


def test_the_sheets_that_have_the_columns_are_read_each_under_its_name(tmp_path: Path) -> None:
    june, july = [["June"], HEADER, [1, "Back pain."]], [HEADER, [2, "Neck pain."], [None, "Leg pain."]]
    path = workbook(tmp_path / "x.xlsx", About=[["Exported by the clinic"]], June=june, July=july, _Old=[HEADER, [3, "Hip pain."]])
    first, second, empty = read(path)
    assert [(n.note_id, n.source, n.row) for n in (first, second)] == [("1", "x.xlsx!June", 3), ("2", "x.xlsx!July", 2)]
    assert isinstance(empty, Failure) and (empty.source, empty.row) == ("x.xlsx!July", 3)


def test_a_hidden_sheet_is_read_where_no_other_has_notes(tmp_path: Path) -> None:
    path = workbook(tmp_path / "x.xlsx", About=[["Exported by the clinic"]], _Notes=[HEADER, [3, "Hip pain."]])
    assert [n.note_id for n in read(path)] == ["3"]


def test_a_workbook_in_constant_memory_mode_with_strings_in_line_is_read_whatever_its_ending(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(str(tmp_path / "x.xlsx"), {"constant_memory": True})
    sheet = book.add_worksheet()
    for i in range(300):
        sheet.write_row(i, 0, ["note_id", "text"] if i == 0 else [f"n{i}", f"Back pain {i}"])
    book.close()
    (tmp_path / "x.xlsx").rename(tmp_path / "x.csv")
    assert [n.note_id for n in read(tmp_path / "x.csv")] == [f"n{i}" for i in range(1, 300)]


def test_line_ends_as_excel_escapes_them_are_line_ends(tmp_path: Path) -> None:
    path = with_shared_strings(tmp_path / "x.xlsx", [HEADER, [1, "Back pain.@No fever."]])
    strings = zipfile.ZipFile(path).read("xl/sharedStrings.xml").replace(b"@", b"_x000D_\n")
    (note,) = read(replaced(path, "xl/sharedStrings.xml", strings))
    assert isinstance(note, Note) and note.text == "Back pain.\r\nNo fever."


def test_texts_of_many_megabytes_come_back_whole_and_in_order(tmp_path: Path) -> None:
    texts = [f"{i} René " + "pain " * 2000 for i in range(2500)]  # 25 MB, more than is held in memory
    path = with_shared_strings(tmp_path / "x.xlsx", [["note_id", "text"], *([i, text] for i, text in enumerate(texts))])
    assert [n.text for n in read(path) if isinstance(n, Note)] == texts


def test_a_sheet_that_says_it_has_one_cell_is_read_whole(tmp_path: Path) -> None:
    path = with_shared_strings(tmp_path / "x.xlsx", [HEADER, [1, "Back pain."], [2, "Neck pain."]])
    sheet = zipfile.ZipFile(path).read("xl/worksheets/sheet1.xml").replace(b'ref="A1:D3"', b'ref="A1"')
    assert [n.note_id for n in read(replaced(path, "xl/worksheets/sheet1.xml", sheet))] == ["1", "2"]


def test_without_the_columns_the_first_sheet_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"x\.xlsx: there is no column text; .* \(columns: a, b\)"):
        list(read(workbook(tmp_path / "x.xlsx", One=[["a", "b"]], Two=[["c"]])))


def test_an_empty_workbook_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"x\.xlsx: the sheet is empty"):
        list(read(workbook(tmp_path / "x.xlsx", One=[])))


def test_a_workbook_locked_with_a_password_says_so(tmp_path: Path) -> None:
    header = bytearray(512)
    header[:8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    header[30:32] = (9).to_bytes(2, "little")  # sectors of 512 bytes
    directory = "Root Entry".encode("utf-16-le").ljust(128, b"\0") + "EncryptedPackage".encode("utf-16-le").ljust(128, b"\0")
    (tmp_path / "x.xlsx").write_bytes(bytes(header) + directory.ljust(512, b"\0"))
    with pytest.raises(InputError, match=r"x\.xlsx is an Office file locked with a password; save it as .*, without a password"):
        list(read(tmp_path / "x.xlsx"))


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml"])
def test_a_damaged_part_is_one_sentence(tmp_path: Path, part: str) -> None:
    path = workbook(tmp_path / "x.xlsx", Notes=[HEADER, [1, "Back pain."]])
    with pytest.raises(InputError, match=r"^x\.xlsx is a damaged workbook; save it again as \.xlsx or CSV\.$"):
        list(read(replaced(path, part, b"<worksheet><row")))


def test_entities_in_a_workbook_are_not_expanded(tmp_path: Path) -> None:
    bomb = b"""<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a "aaaaaaaaaa">%s]>
    <worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1"><c t="inlineStr"><is><t>&z;</t></is></c></row></sheetData></worksheet>"""
    entities = b"".join(b'<!ENTITY %c "%s">' % (98 + i, b"&%c;" % (97 + i) * 10) for i in range(24)) + b'<!ENTITY z "&y;">'
    path = replaced(workbook(tmp_path / "x.xlsx", Notes=[HEADER]), "xl/worksheets/sheet1.xml", bomb % entities)
    with pytest.raises(InputError, match=r"^x\.xlsx"):
        list(read(path))


def replaced(path: Path, part: str, content: bytes) -> Path:
    """The workbook with one part of it replaced."""
    out = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            new.writestr(name, content if name == part else old.read(name))
    path.write_bytes(out.getvalue())
    return path
