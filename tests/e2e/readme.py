"""The commands that README shows with their output. Run as a program, it writes the output of today into README."""

import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
BLOCK = re.compile(r"^```console\n\$ (notecheck .*)\n((?:.*\n)*?)```$", re.M)


def shown() -> Iterator[tuple[str, str]]:
    """Each command with the output that README gives it."""
    for block in BLOCK.finditer(README.read_text(encoding="utf-8")):
        yield block[1], block[2]


def printed(command: str) -> str:
    """What the command prints now, in a folder that has the sample notes and nothing else."""
    program = f"{shlex.quote(sys.executable)} -m notecheck"
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "sample_notes").symlink_to(ROOT / "sample_notes")
        line = re.sub(r"^notecheck\b", lambda _: program, command)
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(["bash", "-c", line], cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.stderr:
        raise RuntimeError(f"{command}: {done.stderr}")
    return re.sub(r"^took .*$", "took               4.1 s, 2 notes/s", done.stdout, flags=re.M)  # as on any machine


if __name__ == "__main__":
    text = README.read_text(encoding="utf-8")
    README.write_text(BLOCK.sub(lambda b: f"```console\n$ {b[1]}\n{printed(b[1])}```", text), encoding="utf-8")
