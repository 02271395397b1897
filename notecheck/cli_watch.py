"""The command that checks files as they arrive in a folder."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from notecheck.cli_options import Profile


class Format(StrEnum):
    json = "json"
    text = "text"


def watch(
    ctx: typer.Context,
    folder: Annotated[Path, typer.Argument(help="The folder that the notes arrive in.", metavar="FOLDER", show_default=False)],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where to write the reports, instead of beside the notes.", metavar="DIR")
    ] = None,
    form: Annotated[Format, typer.Option("--format", "-f", help="How to write them.")] = Format.json,
    profile: Profile = "spine-visit",
    once: Annotated[bool, typer.Option("--once", help="Check what is there, and stop.")] = False,
) -> None:
    """Check each note as it arrives in a folder, and write its report beside it.

    Takes .txt, .rtf, .docx, .pdf, .html and C-CDA .xml files, those in inner folders too; any other file, and a link, is left alone. A note's report is
    NAME.report.json, or .report.txt; where it could not be checked, NAME.report.error.txt says why. A note that changes is checked again.
    """
    import signal

    from notecheck.watch import Totals, watch

    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a service that is stopped ends as with Ctrl-C
    totals, stopped = Totals(), False
    try:
        watch(
            folder,
            totals,
            output=output,
            form=form.value,
            patterns=ctx.obj,
            profile=profile,
            once=once,
            say=typer.echo,
            complain=lambda reason: typer.echo(f"notecheck: {reason}", err=True),
        )
    except KeyboardInterrupt:
        stopped = True
    typer.echo(f"{totals.checked} checked, {totals.failed} not checked")
    raise typer.Exit(0 if stopped or not totals.failed else 2)
