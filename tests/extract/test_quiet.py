"""Loading and running the pipeline neither prints nor logs, and leaves Python's warnings as they were."""

import subprocess
import sys

CODE = """
import warnings
before = list(warnings.filters)
import notecheck
checker = notecheck.load()
checker.check("CHIEF COMPLAINT: Low back pain. Secret words.")
assert list(warnings.filters) == before, "warning filters changed"
"""


def test_nothing_is_said_and_no_filter_is_changed() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
