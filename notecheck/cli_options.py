"""Options that several commands share."""

from __future__ import annotations

from typing import Annotated

import typer

Profile = Annotated[str, typer.Option("--profile", "-p", help="What to require: see `notecheck patterns list`.")]
