"""README shows what the program prints. After a change in output: python tests/e2e/readme.py"""

import re

import pytest
from e2e.readme import README, printed, shown

from notecheck.models import Note


@pytest.mark.parametrize(("command", "output"), list(shown()))
def test_readme_shows_what_the_command_prints(command: str, output: str) -> None:
    assert printed(command) == output


def test_readme_shows_the_main_commands() -> None:
    assert {command.split()[1] for command, _ in shown()} >= {"check", "audit", "explain"}


def test_the_python_of_readme_runs(capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = re.findall(r"^```python\n(.*?)^```$", README.read_text(encoding="utf-8"), re.M | re.S)
    exec(code, {"notes": [Note(note_id="n1", text="CHIEF COMPLAINT: Neck pain.")]})
    first, second = capsys.readouterr().out.splitlines()
    assert "'below_knee'" in first and "pain.quality" in first and second.startswith("n1 0.")
