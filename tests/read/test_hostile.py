"""Files that would fill the memory of a reader that trusts them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="Linux tells the peak memory of a process")

GIGABYTE = 1 << 30
LIMIT = 250  # MB of memory, of which the process itself and its libraries take 50
ROWS = 200  # before the long line: what a file is told by
LONG = "this is longer than 16,000,000 character"

READ = """
import re, sys
from pathlib import Path
from notecheck.failures import Failure
from notecheck.read import read
told = 0
for told, item in enumerate(read(sys.argv[1]), start=1):
    if isinstance(item, Failure) or told > 20_000:
        print(f"{item.row}:{item.reason[:40]}" if isinstance(item, Failure) else item.note_id)
print(told)
print(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
"""


def outcome(path: Path) -> tuple[list[str], int, int]:
    """The failures, how many items there were, and the peak memory in MB of the process that read them."""
    done = subprocess.run([sys.executable, "-c", READ, str(path)], capture_output=True, text=True, check=True)
    *failures, items, memory = done.stdout.splitlines()
    return failures, int(items), int(memory) // 1024


def with_hole(path: Path, before: str, after: str, size: int = GIGABYTE) -> Path:
    """A file with a gigabyte of zero bytes in its middle, which takes no disk."""
    with path.open("wb") as f:
        f.write(before.encode())
        f.seek(size, 1)
        f.write(b" ")
        f.write(after.encode())
    return path


@pytest.mark.parametrize(
    ("name", "size", "row", "before", "after"),
    [
        ("x.csv", GIGABYTE, "{i},Back pain that goes down the leg.\n", "x,", "\n"),
        ("x.csv", GIGABYTE // 4, '{i},"Back pain that goes down the leg."\n', 'x,"', '"\n'),
        (
            "x.jsonl",
            GIGABYTE // 4,
            '{{"note_id": "{i}", "text": "Back pain that goes down the leg."}}\n',
            '{"note_id": "x", "text": "',
            '"}\n',
        ),
    ],
    ids=["csv", "quoted csv", "jsonl"],
)
def test_a_line_of_a_gigabyte_costs_only_itself(tmp_path: Path, name: str, size: int, row: str, before: str, after: str) -> None:
    header = "note_id,text\n" if name == "x.csv" else ""
    rows = "".join(row.format(i=i) for i in range(ROWS))
    failures, items, memory = outcome(with_hole(tmp_path / name, header + rows + before, after + row.format(i=ROWS), size))
    assert failures == [f"{ROWS + (2 if header else 1)}:{LONG}"] and items == ROWS + 2
    assert memory < LIMIT


def test_a_gigabyte_of_nothing_costs_only_itself(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Back pain.")
    for name, start in (("b.txt", ""), ("c.csv", "note_id,text\n"), ("d.json", "[{")):
        with_hole(tmp_path / name, start, "")
    failures, items, memory = outcome(tmp_path)
    assert (len(failures), items) == (3, 4) and memory < LIMIT


def test_memory_does_not_grow_with_the_export(tmp_path: Path) -> None:
    peaks = []
    for n in (1_000, 20_000):
        path = tmp_path / f"{n}.jsonl"
        with path.open("w") as f:
            f.writelines(json.dumps({"note_id": i, "text": "Back pain. " * 300}) + "\n" for i in range(n))
        failures, items, memory = outcome(path)
        assert (failures, items) == ([], n)
        peaks.append(memory)
    assert peaks[1] - peaks[0] < 6  # MB; the second file is larger by 63
