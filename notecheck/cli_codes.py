"""The commands that speak of codes: what is known of one, and a fiscal year's order file to install."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Look a code up, and install code sets of other fiscal years.", no_args_is_help=True)


@app.command("show")
def show_code(
    ctx: typer.Context,
    code: Annotated[str, typer.Argument(metavar="CODE", help="An ICD-10-CM code, with or without its point.")],
    on: Annotated[str | None, typer.Option("--on", help="The date of service, YYYY-MM-DD.", metavar="DATE", show_default="today")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Print whether a code is billable on a date, what replaced it, what a note must say for it, and the notes of the tabular list.

    Exit codes: 0 billable, 1 not billable on that date, 2 no such code.
    """
    from notecheck.assess import code_card
    from notecheck.assess.code_rules import load_code_book
    from notecheck.packs import load_pack

    try:
        day = date.fromisoformat(on) if on else date.today()
    except ValueError:
        raise typer.BadParameter("write the date as YYYY-MM-DD.", param_hint="--on") from None
    pack = load_pack(ctx.obj)
    book = load_code_book(pack.root)
    card = code_card.look_up(code, day, book, pack.info.sources)
    if card is None:
        typer.echo(
            f"{code} is no ICD-10-CM code that is known here. A code of another fiscal year needs its order file: notecheck codes install.",
            err=True,
        )
        raise typer.Exit(2)
    if as_json:
        typer.echo(card.model_dump_json(indent=2))
    else:
        typer.echo("\n".join(code_card.lines(card)))
    raise typer.Exit(0 if card.billable else 1)


@app.command("install")
def install_codes(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, metavar="FILE", help="The order file of CMS or CDC, or the zip that holds it.")
    ],
    year: Annotated[int | None, typer.Option(min=2016, max=2099, help="Its fiscal year.", show_default="from the file's name")] = None,
) -> None:
    """Install the code set of a fiscal year, so that codes outside the pack are judged by the set of their date of service."""
    from notecheck import codesets

    code_set, billable = codesets.install(file, year)
    typer.echo(f"{code_set.name}: {billable:,} billable codes installed in {code_set.file.parent}.")


@app.command("installed")
def list_installed() -> None:
    """List the installed code sets."""
    from notecheck import codesets

    for code_set in codesets.installed():
        typer.echo(f"{code_set.name}: dates of service {code_set.year - 1}-10-01 to {code_set.year}-09-30, {code_set.file}")
