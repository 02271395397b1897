"""Word documents."""

from __future__ import annotations

import io
import time
import zipfile

import docx
import pytest
from docx.document import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from read.made import saved, word

from notecheck.failures import InputError
from notecheck.read.documents import text_of

W = nsdecls("w")


def lines(document: Document) -> list[str]:
    return text_of(saved(document), "note.docx").split("\n")


def of_xml(*paragraphs: str) -> Document:
    document = docx.Document()
    for paragraph in paragraphs:
        document.element.body.insert(len(document.element.body) - 1, parse_xml(paragraph.replace(">", f" {W}>", 1)))
    return document


def rezipped(data: bytes, change: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change[name] if name in change else old.read(name))
        for name in change.keys() - set(old.namelist()):
            new.writestr(name, change[name])
    return out.getvalue()


def test_paragraphs_and_tables_stand_in_the_order_of_the_document() -> None:
    document = docx.Document()
    document.add_heading("Physical Examination")
    document.add_paragraph("Gait:\tnormal")
    table = document.add_table(rows=2, cols=2)
    for cell, words in zip(
        (c for row in table.rows for c in row.cells), ("Strength", "5/5", "Reflexes", "knees 2+\nankles 2+"), strict=True
    ):
        cell.text = words
    document.add_paragraph("Plan").add_run().add_break()
    document.paragraphs[-1].add_run("Rest")
    expected = ["Physical Examination", "Gait:\tnormal", "Strength\t5/5", "Reflexes\tknees 2+", "ankles 2+", "Plan", "Rest"]
    assert lines(document) == expected


def test_items_of_lists_carry_the_marks_a_reader_sees() -> None:
    document = docx.Document()
    for words, style in (("Strain", "List Number"), ("Obesity", "List Number"), ("Rest", "List Bullet"), ("Done", "Normal")):
        document.add_paragraph(words, style=style)
    assert lines(document) == ["1. Strain", "2. Obesity", "- Rest", "Done"]


def test_headers_stand_before_and_footers_after_the_text_each_once() -> None:
    document = docx.Document()
    document.add_paragraph("Back pain")
    document.sections[0].header.paragraphs[0].text = "Harbor Clinic"
    document.sections[0].footer.paragraphs[0].text = "Signed electronically"
    document.add_section()
    assert [line for line in lines(document) if line] == ["Harbor Clinic", "Back pain", "Signed electronically"]


@pytest.mark.parametrize(
    ("paragraph", "expected"),
    [
        ("<w:p><w:r><w:t>No </w:t></w:r><w:ins><w:r><w:t>new </w:t></w:r></w:ins><w:r><w:t>pain</w:t></w:r></w:p>", ["No new pain"]),
        ("<w:p><w:del><w:r><w:delText>No </w:delText><w:tab/></w:r></w:del><w:r><w:t>pain</w:t></w:r></w:p>", ["pain"]),
        ("<w:p><w:moveFrom><w:r><w:t>No </w:t></w:r></w:moveFrom><w:r><w:t>pain</w:t></w:r></w:p>", ["pain"]),
        ("<w:p><w:r><w:rPr><w:strike/></w:rPr><w:t>No </w:t></w:r><w:r><w:rPr><w:strike w:val='0'/></w:rPr><w:t>pain</w:t></w:r></w:p>", ["pain"]),
        ("<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>No </w:t></w:r><w:r><w:t>pain</w:t></w:r></w:p>", ["pain"]),
        ("<w:p><w:hyperlink><w:r><w:t>MRI</w:t></w:r></w:hyperlink><w:r><w:t xml:space='preserve'> of L4</w:t><w:noBreakHyphen/><w:t>5</w:t></w:r></w:p>", ["MRI of L4-5"]),
        ("<w:p><w:r><w:instrText>PAGE</w:instrText></w:r><w:r><w:t>1</w:t></w:r></w:p>", ["1"]),
        ("<w:sdt><w:sdtPr/><w:sdtContent><w:p><w:r><w:t>Sleep: poor</w:t></w:r></w:p></w:sdtContent></w:sdt>", ["Sleep: poor"]),
        ("<w:p><w:sdt><w:sdtContent><w:r><w:t>☒</w:t></w:r></w:sdtContent></w:sdt><w:r><w:t> Fever</w:t></w:r></w:p>", ["☒ Fever"]),
        ("<w:p><w:r><w:sym w:font='Wingdings' w:char='F0FE'/><w:t> Fever</w:t></w:r></w:p>", ["☒ Fever"]),
        ("<w:p><w:r><w:fldChar w:fldCharType='begin'><w:ffData><w:checkBox><w:default w:val='0'/><w:checked/></w:checkBox></w:ffData></w:fldChar></w:r><w:r><w:t>Fever</w:t></w:r></w:p>", ["[x] Fever"]),
        ("<w:p><w:r><w:t>Pain</w:t></w:r><w:r><w:pict><w:txbxContent><w:p><w:r><w:t>In a box</w:t></w:r></w:p></w:txbxContent></w:pict></w:r></w:p>", ["Pain", "In a box"]),
        ("<w:tbl><w:tr><w:tc><w:p><w:r><w:t>a</w:t></w:r></w:p></w:tc><w:sdt><w:sdtContent><w:tc><w:p><w:r><w:t>b</w:t></w:r></w:p></w:tc></w:sdtContent></w:sdt></w:tr></w:tbl>", ["a\tb"]),
    ],
)  # fmt: skip
def test_the_text_is_what_a_reader_sees_once_changes_are_accepted(paragraph: str, expected: list[str]) -> None:
    assert lines(of_xml(paragraph)) == expected


def test_a_deleted_paragraph_end_joins_the_two_lines() -> None:
    first = "<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr><w:r><w:t xml:space='preserve'>No </w:t></w:r></w:p>"
    assert lines(of_xml(first, "<w:p><w:r><w:t>pain</w:t></w:r></w:p>")) == ["No pain"]


BOMB = b'<!DOCTYPE a [<!ENTITY b "lol"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>'


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"word/document.xml": BOMB + b"<a>&c;</a>"}, "holds XML with a document type (DTD)"),
        ({"word/styles.xml": b'<?xml version="1.0"?><!-- <a> -->\n' + BOMB + b"<a/>"}, "holds XML with a document type (DTD)"),
        ({"word/document.xml": (BOMB + b"<a/>").decode().encode("utf-16")}, "holds XML with a document type (DTD)"),
        ({"word/document.xml": b"\0" * 70_000_000}, "unpacks to more than a Word document holds"),
        ({f"word/media/{i}.png": b"\0" * 50_000_000 for i in range(5)}, "unpacks to more than a Word document holds"),
        ({f"word/media/{i}.png": b"" for i in range(5_001)}, "unpacks to more than a Word document holds"),
        ({"word/document.xml": b"<w:document"}, "is not a Word document that can be read"),
        ({"[Content_Types].xml": b"<Types/>"}, "is damaged and cannot be read"),
    ],
)
def test_a_hostile_document_is_refused_in_one_sentence_and_a_moment(change: dict[str, bytes], says: str) -> None:
    hostile = rezipped(word(["Back pain"]), change)
    start = time.perf_counter()
    with pytest.raises(InputError) as e:
        text_of(hostile, "note.docx")
    assert str(e.value).startswith("note.docx ") and says in str(e.value)
    assert time.perf_counter() - start < 2


def test_parts_that_climb_out_of_the_zip_are_never_written() -> None:
    assert text_of(rezipped(word(["Back pain"]), {"../../evil.xml": b"<a/>"}), "note.docx") == "Back pain"


def test_deeply_nested_tables_do_no_harm() -> None:
    deep = "<w:tbl><w:tr><w:tc>" * 60 + "<w:p><w:r><w:t>Back pain</w:t></w:r></w:p>" + "</w:tc></w:tr></w:tbl>" * 60
    assert lines(of_xml(deep)) == ["Back pain"]
