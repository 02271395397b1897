"""notecheck.toml: what a site would otherwise give on the command line every time. An option that is given there wins.

    [columns]                      # as --id-column, --text-column, …; codes may be several, separated by commas
    note_id = "VisitID"
    text = "NoteText"

    [audit]
    profile = "esi-repeat"
    jobs = 4
    time_limit = 30                # seconds a note
    output = "audit"

    [database]
    url = "postgresql://reader@host/clinic"    # a password is better kept in PGPASSWORD or the like than here
    query = "SELECT note_id, note_text AS text FROM notes"

For a command: `settings = load(config)` with the path of --config or None, then `given(option, settings.audit.jobs, default)` for a single option
and `settings.columns.under(Columns(…))` for the columns.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, TypeVar

from pydantic import Field, ValidationError

from notecheck.failures import InputError
from notecheck.models import Frozen
from notecheck.read.columns import Columns

NAME = "notecheck.toml"
T = TypeVar("T")


class ColumnSettings(Frozen):
    """Which column holds what."""

    note_id: str | None = None
    text: str | None = None
    service_date: str | None = None
    provider: str | None = None
    site: str | None = None
    payer: str | None = None
    note_type: str | None = None
    codes: str | None = None

    def under(self, columns: Columns) -> Columns:
        """The columns that were given, and those of the settings where none was."""
        return Columns(**{name: getattr(columns, name) or value for name, value in self})


class AuditSettings(Frozen):
    """How to run an audit."""

    profile: str | None = None
    jobs: int | None = Field(None, ge=1)
    time_limit: float | None = Field(None, ge=0.1)
    output: Path | None = None


class DatabaseSettings(Frozen):
    """What to read instead of files."""

    url: str | None = Field(None, repr=False)
    query: str | None = None


class Settings(Frozen):
    """The whole file. What is not in it is None."""

    columns: ColumnSettings = ColumnSettings()
    audit: AuditSettings = AuditSettings()
    database: DatabaseSettings = DatabaseSettings()


def load(path: Path | None = None) -> Settings:
    """The settings of the file that was given, else of `notecheck.toml` in this folder, else none.

    Raises InputError, naming file and key, for what is not there or cannot be understood.
    """
    if path is None and not Path(NAME).is_file():
        return Settings()
    file = path or Path(NAME)
    try:
        return Settings.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
    except OSError as e:
        raise InputError(f"the settings {file} cannot be opened: {(e.strerror or 'read error').lower()}.") from e
    except UnicodeDecodeError as e:
        raise InputError(f"{file} is not UTF-8 text; save it again as UTF-8.") from e
    except tomllib.TOMLDecodeError as e:
        raise InputError(f"{file} is not valid TOML: {str(e)[:1].lower()}{str(e)[1:]}.") from e
    except ValidationError as e:
        raise InputError(f"{file}: {_said(e)}.") from None


def given(option: T | None, setting: T | None, default: T) -> T:
    """The option of the command line if there was one, else the setting, else the default."""
    return next((value for value in (option, setting) if value is not None), default)


def _said(error: ValidationError) -> str:
    """The first thing wrong, by key and without the value, which may hold a password."""
    first: Any = error.errors(include_input=False, include_url=False)[0]
    key = ".".join(map(str, first["loc"]))
    if first["type"] == "extra_forbidden":
        table = first["loc"][0] if len(first["loc"]) > 1 else None
        known = Settings.model_fields if table is None else type(getattr(Settings(), str(table))).model_fields
        return f"there is no setting {key}; {'the tables are' if table is None else f'[{table}] has'} {', '.join(known)}"
    message = str(first["msg"])
    return f"{key}: {message[:1].lower()}{message[1:]}"
