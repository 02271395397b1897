"""notecheck.toml."""

from pathlib import Path

import pytest

from notecheck.failures import InputError
from notecheck.read import Columns
from notecheck.settings import given, load


def settings_file(tmp_path: Path, content: str) -> Path:
    path = tmp_path / "notecheck.toml"
    path.write_text(content)
    return path


def test_the_file_in_the_working_folder_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings_file(tmp_path, '[columns]\nnote_id = "VisitID"\n[audit]\njobs = 3\noutput = "june"\n')
    monkeypatch.chdir(tmp_path)
    settings = load()
    assert (settings.columns.note_id, settings.audit.jobs, settings.audit.output, settings.audit.profile) == (
        "VisitID",
        3,
        Path("june"),
        None,
    )


def test_without_a_file_nothing_is_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert load().audit.jobs is None and load().columns.under(Columns()) == Columns()


def test_what_the_command_line_gives_wins(tmp_path: Path) -> None:
    settings = load(settings_file(tmp_path, '[columns]\nnote_id = "VisitID"\ntext = "Body"\n[audit]\njobs = 3\n'))
    assert settings.columns.under(Columns(text="NoteText")) == Columns(note_id="VisitID", text="NoteText")
    assert [given(option, settings.audit.jobs, 1) for option in (2, None)] == [2, 3] and given(None, None, 1) == 1


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("[audit\n", r"is not valid TOML: .*line 1"),
        ("[audit]\njobs = 0\n", r"audit\.jobs: input should be greater than or equal to 1"),
        ('[audit]\njobs = "many"\n', r"audit\.jobs: input should be a valid integer"),
        ("[audit]\njob = 2\n", r"there is no setting audit\.job; \[audit\] has profile, jobs, time_limit, output"),
        ("[colums]\n", r"there is no setting colums; the tables are columns, audit, database"),
    ],
)
def test_a_mistake_is_told_by_file_and_key(tmp_path: Path, content: str, says: str) -> None:
    with pytest.raises(InputError, match=rf"notecheck\.toml.* {says}"):
        load(settings_file(tmp_path, content))


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"gone\.toml cannot be opened: no such file or directory"):
        load(tmp_path / "gone.toml")


def test_no_message_shows_a_password(tmp_path: Path) -> None:
    with pytest.raises(InputError) as e:
        load(settings_file(tmp_path, '[database]\nurl = ["postgresql://reader:hunter2@host/notes"]\n'))
    assert "database.url" in str(e.value) and "hunter2" not in str(e.value)
