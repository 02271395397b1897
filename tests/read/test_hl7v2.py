"""HL7 v2 messages with notes in them."""

from __future__ import annotations

import base64
import io
import logging
import time
from datetime import date

import hl7
import pytest
from read import made

from notecheck.failures import Failure
from notecheck.models import Note
from notecheck.read import hl7v2, hl7v2_stream
from notecheck.read.hl7v2_message import Message

MSH = r"MSH|^~\&|EPIC|HARBOR|HUB|X|20251126080000||%s|M77|P|2.5.1|||||||"
MDM = MSH % "MDM^T02^MDM_T02"
ORU = MSH % "ORU^R01^ORU_R01"


def read(*segments: str, end: str = "\r", encoding: str = "utf-8") -> list[Note | Failure]:
    return list(hl7v2.read(io.BytesIO((end.join(segments) + end).encode(encoding)), "feed.hl7"))


def text_of(*values: str, kind: str = "TX") -> str:
    (note,) = read(MDM, *(f"OBX|{i}|{kind}|18842-5^Note||{value}||||||F" for i, value in enumerate(values, start=1)))
    assert isinstance(note, Note), note
    return note.text


def test_a_document_message_is_a_note_with_what_goes_with_it() -> None:
    (note,) = read(
        MDM,
        "PV1|1|O|CLIN^^^Harbor Point Pain||||1^Attending^A" + "|" * 37 + "20251101",
        "TXA|1|PN^Progress note|TX|20251125103000|7^Dictator^D||||9^Okafor^Ruth^^^Dr.|||D-100^EPIC",
        "DG1|1||M54.16^Radiculopathy, lumbar^I10||20251125|F",
        "DG1|2||724.4^Old^I9C",
        "DG1|3||M51.16^Disc^ICD-10-CM",
        "IN1|1|P1|60054|Aetna^L",
        "OBX|1|TX|18842-5^Note||Back pain.||||||F",
        "OBX|2|TX|18842-5^Note||No fever.||||||F",
    )
    expected = Note(
        note_id="D-100",
        text="Back pain.\nNo fever.",
        service_date=date(2025, 11, 25),
        provider="Ruth Okafor",
        site="HARBOR",
        payer="Aetna",
        note_type="Progress note",
        codes=("M54.16", "M51.16"),
        source="feed.hl7",
        row=1,
    )
    assert note == expected


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("Back pain~No fever", "Back pain\nNo fever"),
        (r"Back pain\.br\No fever\.br\\.br\Plan", "Back pain\nNo fever\n\nPlan"),
        (r"One\.sp2\Two\X0D\Three\X0D\\X0A\Four\X0D0A\Five", "One\n\nTwo\nThree\nFour\nFive"),
        (r"R\T\D, 5\S\6, a\R\b, c\F\d, e\E\f", r"R&D, 5^6, a~b, c|d, e\f"),
        (r"\H\Alert\N\: pain\.in5\ worse \Zx1\now", "Alert: pain worse now"),
        (r"\XC3A9\ and \XE9\ and \X41\ ", "é and é and A"),
        (r"L4\L5 and S1\, and\or", r"L4\L5 and S1\, and\or"),
        ("5/5 R & L, p^q", "5/5 R & L, p^q"),
        (r"\.sp9999\end", "end"),
        (r"a\XZZ\ \X4\ pain", "a  pain"),
    ],
)
def test_escapes_and_repetitions_become_characters_and_lines(value: str, text: str) -> None:
    assert text_of(value) == text


WORDS = "Pain 7/10 | radiates ^ left ~ & right \\ caf\u00e9"


def test_a_message_written_by_the_hl7_library_is_read_as_that_library_reads_it() -> None:
    theirs = hl7.parse(
        "\r".join([MDM, "PV1|1|O|CLIN^&2^^Harbor|||~x|1^Okafor^Ruth", "OBX|1|TX|18842-5^Note||" + hl7.parse(MDM).escape(WORDS)])
    )
    (note,) = read(*str(theirs).rstrip("\r").split("\r"))
    assert isinstance(note, Note) and note.text == WORDS == theirs.unescape(str(theirs["OBX"][0][5]))
    ours = Message(str(theirs))
    for mine, other in zip(ours.segments, theirs, strict=True):
        for field in range(3 if mine[0] == "MSH" else 1, len(other)):
            for component in range(1, 6):
                first = str(other[field]).split("~")[0].split("^")
                expected = first[component - 1].split("&")[0] if len(first) >= component else ""
                assert ours.part(mine, field, component) == theirs.unescape(expected).strip()


def test_what_an_escape_does_not_say_is_never_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        text_of(r"secret \C2842\ \Q\ \\ \.zz\ end")
    assert not caplog.records


@pytest.mark.parametrize(
    ("parts", "data"),
    [
        ("^TEXT^RTF^Base64^", base64.b64encode(made.rtf(["Back pain", "No fever"])).decode()),
        ("EPIC^application^pdf^Base64^", base64.b64encode(made.pdf(["Back pain", "No fever"])).decode()),
        ("^TEXT^PLAIN^Hex^", b"Back pain\nNo fever".hex()),
        ("^TEXT^PLAIN^A^", r"Back pain\X0A\No fever"),
    ],
)
def test_a_document_carried_inside_is_read(parts: str, data: str) -> None:
    assert text_of(parts + data, kind="ED") == "Back pain\nNo fever"


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n", "\r\r\n"])
def test_any_line_end_ends_a_segment(end: str) -> None:
    items = read(
        "FHS|^~\\&|",
        "BHS|^~\\&|",
        MDM,
        "OBX|1|TX|||Back pain",
        MDM.replace("M77", "M78"),
        "OBX|1|TX|||Neck pain",
        "BTS|2",
        "FTS|1",
        end=end,
    )
    assert [(n.note_id, n.text, n.row) for n in items if isinstance(n, Note)] == [("M77", "Back pain", 1), ("M78", "Neck pain", 2)]


def test_mllp_frames_are_taken_off() -> None:
    framed = "".join(f"\x0b{MDM}\rOBX|1|TX|||Pain {i}\r\x1c\r" for i in range(3)).encode()
    assert [n.text for n in hl7v2.read(io.BytesIO(framed), "x") if isinstance(n, Note)] == ["Pain 0", "Pain 1", "Pain 2"]


def test_a_bare_line_end_inside_a_value_is_a_line_of_the_note() -> None:
    (note,) = read(MDM, "OBX|1|TX|||Back pain", "No fever, 5/10", "Plan: rest||||||F")
    assert isinstance(note, Note) and note.text == "Back pain\nNo fever, 5/10\nPlan: rest"


def test_each_report_of_a_result_message_is_a_note_with_its_own_date_and_author() -> None:
    one, two = read(
        ORU,
        "PV1|1|O|||||8^Attending^A",
        "OBR|1||R-1|72148^MRI lumbar spine|||20251120|||||||||5^Orderer^O",
        "OBX|1|FT|1^Findings||L4-5 protrusion.||||||F",
        "OBX|2|FT|2^Impression||Root contact.||||||F",
        "OBX|3|NM|3^Dose||4|mGy|||||F",
        "OBX|4|TX|2^Impression||Wrong patient.||||||W",
        "OBR|2||R-2|72020^X-ray|||20251119",
        "OBX|1|TX|1^Findings||Normal.||||||F",
    )
    assert isinstance(one, Note) and isinstance(two, Note)
    assert one.text == "Findings\nL4-5 protrusion.\n\nImpression\nRoot contact."
    assert (one.note_id, one.service_date, one.provider, one.note_type) == ("R-1", date(2025, 11, 20), "O Orderer", "MRI lumbar spine")
    assert (two.text, two.note_id, two.service_date, two.provider) == ("Normal.", "R-2", date(2025, 11, 19), "A Attending")


@pytest.mark.parametrize("event", ["ADT^A08", "SIU^S12"])
def test_messages_of_other_kinds_and_plain_numbers_hold_no_note(event: str) -> None:
    assert read(MSH % event, "OBX|1|TX|||Back pain") == []
    assert read(ORU, "OBR|1||R-1|GLU", "OBX|1|NM|||98|mg/dL") == []


@pytest.mark.parametrize(
    ("named", "encoding"),
    [("8859/1", "latin-1"), ("UNICODE UTF-8", "utf-8"), ("", "cp1252"), ("", "utf-8"), ("ASCII", "cp1252"), ("8859/15~UNICODE", "latin-1")],
)
def test_the_character_set_is_the_header_s_word_where_it_is_true(named: str, encoding: str) -> None:
    header = MDM.removesuffix("|||||||") + "|" * 6 + named
    (note,) = read(header, "OBX|1|TX|||Café", encoding=encoding)
    assert isinstance(note, Note) and note.text == "Café"


@pytest.mark.parametrize(
    ("segments", "says"),
    [
        ([MDM, "TXA|1|PN||||||||||D-1"], "holds no text in OBX-5"),
        ([MDM.replace("T02", "T11"), "TXA|1|PN||||||||||D-1", "OBX|1|TX|||pain"], "was cancelled by its sender"),
        ([MDM, "TXA|1|PN||||||||||D-1|||||||CA", "OBX|1|TX|||pain"], "was cancelled by its sender"),
        ([MDM, "TXA|1|PN||||||||||D-1", "OBX|1|TX|||"], "the document's text is empty"),
        ([MDM, "TXA|1|PN||||||||||D-1", "OBX|1|ED|||^TEXT^RTF^Base64^pain!"], "the base64 of the document in OBX-5 is damaged"),
        ([MDM, "TXA|1|PN||||||||||D-1", "OBX|1|ED|||^TEXT^RTF^Hex^pain"], "the document in OBX-5 is damaged"),
        ([MDM, "TXA|1|PN||||||||||D-1", "OBX|1|ED|||pain"], "the document in OBX-5 has no data"),
        ([MDM, "TXA|1|PN||||||||||D-1", "OBX|1|TX|||" + "pain " * 200_001], "is longer than 1,000,000 characters"),
    ],
)
def test_a_message_that_cannot_be_checked_costs_only_itself(segments: list[str], says: str) -> None:
    failure, after = read(*segments, MDM, "OBX|1|TX|||Neck pain")
    assert isinstance(failure, Failure) and says in failure.reason and "pain" not in failure.reason
    assert (failure.note_id, failure.source, failure.row) == ("D-1", "feed.hl7", 1)
    assert isinstance(after, Note) and after.row == 2


@pytest.mark.parametrize("header", ["MSH|", "MSH|^", "MSH|^~\\&", "MSH||||", "MSHx", "MSH|^~\\&" + "|" * 100_000, "MSH\\\\\\\\\\\\MDM"])
def test_a_broken_header_is_a_sentence_or_nothing(header: str) -> None:
    items = read(header, "OBX|1|TX|||Back pain", MDM, "OBX|1|TX|||Neck pain")
    assert isinstance(items[-1], Note) and items[-1].text == "Neck pain"
    assert all(isinstance(i, Failure) and "pain" not in i.reason for i in items[:-1])


@pytest.mark.parametrize("data", [b"", b"\0" * 1000, b"\r\n" * 1000, b"OBX|1|TX|||Back pain", MDM.encode()[:20], bytes(range(256)) * 50])
def test_what_is_no_message_holds_no_note_and_does_no_harm(data: bytes) -> None:
    assert not [n for n in hl7v2.read(io.BytesIO(data), "x") if isinstance(n, Note)]


def test_nul_bytes_in_a_message_are_told() -> None:
    failure, note = read(MDM, "OBX|1|TX|||Back\0pain", MDM, "OBX|1|TX|||Neck pain")
    assert isinstance(failure, Failure) and "is not a text file" in failure.reason and isinstance(note, Note)


def test_an_endless_message_is_told_and_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hl7v2_stream, "LARGEST", 3_000_000)
    endless = MDM.encode() + b"\rOBX|1|TX|||" + b"pain " * 2_000_000 + b"\r" + MDM.encode() + b"\rOBX|1|TX|||Neck pain\r"
    start = time.perf_counter()
    failure, note = hl7v2.read(io.BytesIO(endless), "x")
    assert isinstance(failure, Failure) and "the message is larger than the 3 MB or 100,000 segments" in failure.reason
    assert isinstance(note, Note) and time.perf_counter() - start < 2
