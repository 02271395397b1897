"""Files that only their owner can read, and that appear whole or not at all."""

import stat
from pathlib import Path

import pytest

from notecheck.write.files import private_file, private_folder


def test_folders_and_files_are_their_owners_alone(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "audit"
    private_folder(folder)
    with private_file(folder / "reports.jsonl") as f:
        f.write("x\n")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "reports.jsonl").stat().st_mode) == 0o600


def test_a_file_left_readable_by_all_is_replaced_by_a_private_one(tmp_path: Path) -> None:
    path = tmp_path / "summary.csv"
    path.write_text("old")
    path.chmod(0o644)
    with private_file(path) as f:
        f.write("new")
    assert path.read_text() == "new" and stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_run_that_fails_leaves_the_old_file_and_no_half_of_a_new_one(tmp_path: Path) -> None:
    path = tmp_path / "summary.csv"
    path.write_text("old")
    with pytest.raises(RuntimeError), private_file(path) as f:
        f.write("half")
        raise RuntimeError
    assert path.read_text() == "old" and list(tmp_path.iterdir()) == [path]


def test_a_link_in_the_way_is_not_followed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere.txt"
    elsewhere.write_text("mine")
    path = tmp_path / "summary.csv"
    path.with_name("summary.csv.partial").symlink_to(elsewhere)
    with private_file(path) as f:
        f.write("new")
    assert elsewhere.read_text() == "mine" and path.read_text() == "new"
