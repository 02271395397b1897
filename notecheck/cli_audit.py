"""The commands of an audit: run one over an export, make its reports again, compare two runs."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from notecheck.cli_options import Profile

if TYPE_CHECKING:
    from notecheck.audit import Totals


class FailOn(StrEnum):
    missing = "missing"


def audit(
    ctx: typer.Context,
    source: Annotated[Path, typer.Argument(help="A folder of .txt notes, a .jsonl or a .csv file.", show_default=False, readable=False)],
    output: Annotated[Path, typer.Option("--output", "-o", help="The folder to write to.", metavar="DIR")] = Path("audit"),
    jobs: Annotated[int | None, typer.Option("--jobs", "-j", min=1, help="Worker processes.", show_default="the cores")] = None,
    profile: Profile = "spine-visit",
    fail_on: Annotated[FailOn | None, typer.Option(help="Exit with 1 when a note has something missing.")] = None,
    time_limit: Annotated[float, typer.Option(min=0.1, help="Seconds a note may take.", metavar="SECONDS")] = 20.0,
    id_column: Annotated[str | None, typer.Option(help="The column (field) of the note id.", show_default="note_id")] = None,
    text_column: Annotated[str | None, typer.Option(help="The column of the note's text.", show_default="text")] = None,
    service_date_column: Annotated[str | None, typer.Option(help="The column of the service date.", show_default="service_date")] = None,
    provider_column: Annotated[str | None, typer.Option(help="The column of the provider.", show_default="provider")] = None,
    codes_column: Annotated[str | None, typer.Option(help="The column of the billed codes.", show_default="codes")] = None,
) -> None:
    """Check every note of an export, and write reports.jsonl, summary.csv and failures.csv."""
    from notecheck import read
    from notecheck.audit import audit as run
    from notecheck.batch import check_all
    from notecheck.packs import PackError, load_pack
    from notecheck.write.progress import progress

    pack = load_pack(ctx.obj)
    if profile not in pack.profiles:
        raise PackError(f"there is no profile called {profile}; the pack has {', '.join(pack.profiles)}")
    columns = read.Columns(id_column, text_column, service_date_column, provider_column, codes_column)
    items = read.read(source, columns)
    with progress(lambda: read.count(source)) as on_note:
        outcomes = check_all(items, patterns=ctx.obj, profile=profile, jobs=jobs, time_limit=time_limit)
        totals = run(outcomes, output, pack.elements, on_note)
    _print_totals(totals, output, {e.id: e.name for e in pack.elements.values()})
    if totals.stopped:
        raise typer.Exit(130)
    raise typer.Exit(2 if totals.failed else int(fail_on is FailOn.missing and totals.incomplete > 0))


def report() -> None:
    """Make an audit's workbook, pages and tables again from its store."""
    raise NotImplementedError


def diff() -> None:
    """Say what changed between two runs."""
    raise NotImplementedError


def _print_totals(totals: Totals, output: Path, names: dict[str, str]) -> None:
    mean = totals.mean_completeness
    if totals.stopped:
        typer.echo(f"Stopped. What was done until then stands in {output}.")
    typer.echo(f"notes              {totals.notes:,}")
    typer.echo(f"checked            {totals.checked:,}")
    typer.echo(f"not checked        {totals.failed:,}" + (f"  (why: {output / 'failures.csv'})" if totals.failed else ""))
    typer.echo(f"in scope           {totals.in_scope:,}")
    typer.echo(f"mean completeness  {'-' if mean is None else f'{mean:.0%}'}")
    if totals.missing:
        typer.echo("most often missing")
    for element, n in totals.missing.most_common(5):
        typer.echo(f"  {n:>6,}  {n / totals.in_scope:>4.0%}  {names.get(element, element)}  ({element})")
    if totals.verdicts:
        typer.echo("billed codes       " + ", ".join(f"{n:,} {v.replace('_', ' ')}" for v, n in totals.verdicts.most_common()))
    typer.echo(f"written to         {output}: reports.jsonl, summary.csv, failures.csv")
