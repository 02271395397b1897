"""Runs the notecheck command as a user's shell does."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "sample_notes"


def notecheck(*arguments: str | Path, stdin: bytes = b"", cwd: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    """The finished command, its output as text."""
    command = [sys.executable, "-m", "notecheck", *map(str, arguments)]
    done = subprocess.run(command, input=stdin, capture_output=True, cwd=cwd, env={**os.environ, **environment}, timeout=300, check=False)
    return subprocess.CompletedProcess(command, done.returncode, done.stdout.decode(), done.stderr.decode())
