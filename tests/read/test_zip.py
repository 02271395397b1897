"""Zips of notes, honest and hostile."""

import io
import os
import struct
import zipfile
import zlib
from pathlib import Path

import pytest

from notecheck.failures import Failure, InputError
from notecheck.models import Note
from notecheck.read import archive, count, preview, read


def zipped(path: Path, members: dict[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as z:
        for name, content in members.items():
            z.writestr(name, content)
    return path


def locked(path: Path) -> None:
    """Marks every member as locked, as a zip with a password does."""
    data = bytearray(path.read_bytes())
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = -1
        while (at := data.find(mark, at + 1)) >= 0:
            data[at + flags] |= 1
    path.write_bytes(data)


def test_members_are_read_by_their_kind_and_hidden_ones_left_out(tmp_path: Path) -> None:
    inner = io.BytesIO()
    import openpyxl

    book = openpyxl.Workbook()
    book.active.append(["note_id", "text"])
    book.active.append(["x1", "Hip pain."])
    book.save(inner)
    members = {
        "june/a.txt": "Back pain.",
        "export.csv": "note_id,text\nc1,Neck pain.\n",
        "book.xlsx": inner.getvalue(),
        "__MACOSX/june/._a.txt": "x",
        ".DS_Store": "x",
    }
    path = zipped(tmp_path / "notes.zip", members)
    assert [(n.note_id, n.source, n.row) for n in read(path)] == [
        ("x1", "notes.zip!book.xlsx", 2),
        ("c1", "notes.zip!export.csv", 2),
        ("june/a", "notes.zip!june/a.txt", None),
    ]
    assert preview(path) is not None


def test_a_zip_in_a_folder_gives_its_name_to_the_ids(tmp_path: Path) -> None:
    (tmp_path / "june").mkdir()
    zipped(tmp_path / "june/scans.zip", {"a.txt": "Back pain."})
    (tmp_path / "a.txt").write_text("Neck pain.")
    assert [n.note_id for n in read(tmp_path)] == ["a", "june/scans/a"]


def test_a_path_that_climbs_out_stays_below_the_archive_and_writes_nothing(tmp_path: Path) -> None:
    names = ["../../evil.txt", "/etc/evil2.txt", "C:\\evil3.txt", "a/../../b\x07.txt"]
    (tmp_path / "in").mkdir()
    path = zipped(tmp_path / "in/notes.zip", {name: f"Back pain {name}" for name in names})
    before = sorted(tmp_path.rglob("*"))
    assert sorted(n.note_id for n in read(path)) == ["a/b", "etc/evil2", "evil", "evil3"]
    assert sorted(tmp_path.rglob("*")) == before and count(path) == 4


def test_a_zip_bomb_is_refused_before_anything_is_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as z, z.open("a.txt", "w") as member:
        for _ in range(150):
            member.write(bytes(1_000_000))
    with pytest.raises(InputError, match=r"bomb.zip would swell to 0.1 GB and looks like a zip bomb"):
        list(read(path))


def test_a_member_that_lies_about_its_size_gives_no_more_than_it_says(tmp_path: Path) -> None:
    path = zipped(tmp_path / "lie.zip", {"a.txt": "Back pain. " * 100_000})
    data = path.read_bytes()
    true, said = struct.pack("<L", 1_100_000), struct.pack("<L", 11)
    path.write_bytes(data.replace(true, said))
    (item,) = read(path)
    assert isinstance(item, Failure) and "is damaged or cut short" in item.reason


def test_more_members_than_anyone_needs_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MOST_MEMBERS", 2)
    with pytest.raises(InputError, match="has 3 members, more than 2; unzip it and give the folder"):
        list(read(zipped(tmp_path / "many.zip", {f"{i}.txt": "Back pain." for i in range(3)})))


def test_a_zip_within_a_zip_is_refused_and_the_rest_read(tmp_path: Path) -> None:
    inner = zipped(tmp_path / "inner.zip", {"a.txt": "Back pain."})
    zipped(tmp_path / "outer.zip", {"b.zip": inner.read_bytes(), "c.txt": "Neck pain."})
    refused, note = read(tmp_path / "outer.zip")
    assert isinstance(refused, Failure) and "outer.zip!b.zip is an archive within an archive" in refused.reason
    assert isinstance(note, Note) and note.note_id == "c"


def test_a_locked_zip_says_so(tmp_path: Path) -> None:
    path = zipped(tmp_path / "locked.zip", {"a.txt": "Back pain.", "b.txt": "Neck pain."})
    locked(path)
    with pytest.raises(InputError, match=r"locked.zip is locked with a password; unzip it"):
        list(read(path))


def test_a_damaged_member_costs_only_itself(tmp_path: Path) -> None:
    path = tmp_path / "notes.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as z:
        z.writestr("a.txt", "Back pain.")
        z.writestr("b.txt", "Neck pain.")
    path.write_bytes(path.read_bytes().replace(b"Back", b"Bock"))
    bad, good = read(path)
    assert isinstance(bad, Failure) and bad.reason == "notes.zip!a.txt is damaged or cut short; copy it or export it again."
    assert good.note_id == "b"


@pytest.mark.parametrize("content", [b"PK\x03\x04 cut", b"PK\x05\x06" + bytes(18)])
def test_what_is_no_zip_any_more_is_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.zip").write_bytes(content)
    with pytest.raises(InputError, match=r"x.zip is .*(damaged|empty)"):
        list(read(tmp_path / "x.zip"))


def test_a_gzip_cut_short_gives_what_it_holds_and_says_so(tmp_path: Path) -> None:
    rows = "".join(f'{i},"Back pain {os.urandom(40).hex()}"\n' for i in range(2000))
    packer = zlib.compressobj(wbits=31)
    data = packer.compress(f"note_id,text\n{rows}".encode()) + packer.flush()
    (tmp_path / "x.csv.gz").write_bytes(data[: len(data) // 2])
    *notes, end = read(tmp_path / "x.csv.gz")
    assert len(notes) > 500 and all(isinstance(n, Note) for n in notes)
    assert isinstance(end, Failure) and "x.csv.gz is damaged or cut short" in end.reason
