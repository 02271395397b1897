"""The command that audits an export."""

from __future__ import annotations

import shlex
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypedDict

import typer

from notecheck.cli_report import Formats, forms_of, opened

if TYPE_CHECKING:
    from collections.abc import Mapping

    from notecheck.audit import Done, Form
    from notecheck.batch.plan import Plan
    from notecheck.engines import Source
    from notecheck.read.columns import Found
    from notecheck.rules import Element
    from notecheck.tables import Totals

_GIB = 1 << 30
_TO_OPEN = ("index.html", "audit.xlsx")
_GUESSED = "guessed"
# The parts of --help.
_FILES, _CHECKING, _DATABASE, _COLUMNS = "What to write", "How to check", "Notes from a database", "Which column is which"


class FailOn(StrEnum):
    missing = "missing"


class EngineName(StrEnum):
    local = "local"
    spark = "spark"


def audit(
    ctx: typer.Context,
    sources: Annotated[
        list[Path] | None, typer.Argument(metavar="SOURCE...", help="Files, folders, globs or zips of notes.", show_default=False)
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The folder to write to.", metavar="DIR", show_default="audit")
    ] = None,
    profile: Annotated[
        str | None, typer.Option("--profile", "-p", help="What to require: see `notecheck patterns list`.", show_default="spine-visit")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with a run that was cut short; else check only what is new or changed.")
    ] = False,
    baseline: Annotated[
        str | None, typer.Option(help="Report only what is new since that run: its number, or another audit's folder.", metavar="RUN")
    ] = None,
    no_text: Annotated[bool, typer.Option("--no-text", help="Keep no word of any note, in no file.", rich_help_panel=_FILES)] = False,
    xlsx: Annotated[bool, typer.Option("--xlsx/--no-xlsx", help="The workbook, audit.xlsx.", rich_help_panel=_FILES)] = True,
    html: Annotated[
        bool, typer.Option("--html/--no-html", help="The page, index.html, with a page for each note.", rich_help_panel=_FILES)
    ] = True,
    formats: Formats = None,
    fail_on: Annotated[FailOn | None, typer.Option(help="Exit with 1 when a note has something missing.")] = None,
    jobs: Annotated[
        int | None, typer.Option("--jobs", "-j", min=1, help="Worker processes.", show_default="the cores", rich_help_panel=_CHECKING)
    ] = None,
    time_limit: Annotated[
        float | None,
        typer.Option(min=0.1, help="Seconds a note may take.", metavar="SECONDS", show_default="20", rich_help_panel=_CHECKING),
    ] = None,
    memory_limit: Annotated[
        float, typer.Option(min=0, help="GiB a note may take, on Linux; 0 for no limit.", metavar="GIB", rich_help_panel=_CHECKING)
    ] = 2.0,
    engine: Annotated[
        EngineName, typer.Option(help="Where to check: processes of this machine, or Spark.", rich_help_panel=_CHECKING)
    ] = EngineName.local,
    master: Annotated[str, typer.Option(help="The Spark to use.", metavar="URL", rich_help_panel=_CHECKING)] = "local[*]",
    query: Annotated[
        str | None, typer.Option(help="Notes from a database: the query whose rows they are.", metavar="SQL", rich_help_panel=_DATABASE)
    ] = None,
    database: Annotated[
        str | None,
        typer.Option(help="That database: an SQLAlchemy URL, or a file of DuckDB or SQLite.", metavar="URL", rich_help_panel=_DATABASE),
    ] = None,
    config: Annotated[
        Path | None, typer.Option(help="Settings of a site: columns, audit, database.", metavar="FILE", show_default="notecheck.toml")
    ] = None,
    id_column: Annotated[
        str | None, typer.Option(help="The column (field) of the note id.", show_default=_GUESSED, rich_help_panel=_COLUMNS)
    ] = None,
    text_column: Annotated[
        str | None, typer.Option(help="The column of the note's text.", show_default=_GUESSED, rich_help_panel=_COLUMNS)
    ] = None,
    service_date_column: Annotated[
        str | None, typer.Option(help="The column of the service date.", show_default=_GUESSED, rich_help_panel=_COLUMNS)
    ] = None,
    provider_column: Annotated[
        str | None, typer.Option(help="The column of the provider.", show_default=_GUESSED, rich_help_panel=_COLUMNS)
    ] = None,
    site_column: Annotated[
        str | None, typer.Option(help="The column of the site.", show_default=_GUESSED, rich_help_panel=_COLUMNS)
    ] = None,
    payer_column: Annotated[
        str | None, typer.Option(help="The column of the payer.", show_default=_GUESSED, rich_help_panel=_COLUMNS)
    ] = None,
    note_type_column: Annotated[
        str | None, typer.Option(help="The column of the note's type.", show_default=_GUESSED, rich_help_panel=_COLUMNS)
    ] = None,
    codes_column: Annotated[
        str | None, typer.Option(help="The columns of the billed codes.", show_default=_GUESSED, rich_help_panel=_COLUMNS)
    ] = None,
) -> None:
    """Check every note of an export, and write the workbook, the pages and the tables.

    Exit codes: 0 done, 1 something is missing (with --fail-on), 2 a note or the whole could not be checked, 130 stopped by Ctrl-C.
    """
    from notecheck import engines
    from notecheck.audit import audit as run
    from notecheck.batch.local import TIME_LIMIT
    from notecheck.read.columns import Columns
    from notecheck.settings import given, load
    from notecheck.write.progress import progress

    settings = load(config)
    output = given(output, settings.audit.output, Path("audit"))
    profile = given(profile, settings.audit.profile, "spine-visit")
    time_limit = given(time_limit, settings.audit.time_limit, TIME_LIMIT)
    if not sources:
        query, database = query or settings.database.query, database or settings.database.url
    if bool(sources) == bool(query) or bool(query) != bool(database):
        raise typer.BadParameter("give a SOURCE, or --query with --database.")
    if engine is EngineName.spark and resume:
        raise typer.BadParameter(
            "Spark checks every note again; leave out --resume, or go on without --engine spark.", param_hint="--resume"
        )
    columns = Columns(
        id_column, text_column, service_date_column, provider_column, codes_column, site_column, payer_column, note_type_column
    )
    source = engines.Source(tuple(sources or ()), query, database, settings.columns.under(columns), _Told())
    plan, elements = _planned(ctx.obj, source, profile, time_limit=time_limit, memory_limit=memory_limit, engine=engine.value)
    if baseline:
        opened(baseline, output).close()  # a wrong one is told before the work, not after it
    same: _Same = {"patterns": ctx.obj, "profile": profile, "time_limit": time_limit, "with_text": not no_text}
    if engine is EngineName.spark:
        checking = engines.on_spark(source, master=master, **same)
    else:
        limit = int(memory_limit * _GIB) or None
        checking = engines.local(source, jobs=jobs or settings.audit.jobs, memory_limit=limit, **same)
    done: Done | None = None
    try:
        with progress(source.count) as on_note:
            done = run(checking, output, plan, resume=resume, with_text=not no_text, on_note=on_note)
        found = None if done.stopped else _written(done, output, elements, forms_of(xlsx, html, formats), source, baseline)
    except KeyboardInterrupt:
        found = None
    if found is None:
        _print_stopped(done, output, engine)
        raise typer.Exit(130)
    raise typer.Exit(2 if found.failed else int(fail_on is FailOn.missing and found.incomplete > 0))


class _Same(TypedDict):
    """What both engines are told."""

    patterns: Path | None
    profile: str
    time_limit: float
    with_text: bool


class _Told:
    """Prints which column is which, once for all tables that agree."""

    def __init__(self) -> None:
        self._before: Found | None = None

    def __call__(self, name: str, found: Found) -> None:
        from notecheck.read import described, unfound
        from notecheck.write.totals import line

        if found != self._before:
            lacking = unfound(found)
            typer.echo(line("columns", f"{name}: {described(found)}{f'; none for {lacking}' if lacking else ''}"))
            self._before = found


def _planned(patterns: Path | None, source: Source, profile: str, **options: Any) -> tuple[Plan, dict[str, Element]]:
    from notecheck.batch.plan import plan
    from notecheck.packs import PackError, load_pack

    pack = load_pack(patterns)
    if profile not in pack.profiles:
        raise PackError(f"there is no profile called {profile}; the pack has {', '.join(pack.profiles)}")
    return plan(pack, str(source), profile, **options), pack.elements


def _written(done: Done, output: Path, elements: Mapping[str, Element], forms: list[Form], source: Source, baseline: str | None) -> Totals:
    """Writes the files of a finished run and prints what it found."""
    from notecheck.audit import write_files
    from notecheck.batch.compare import fresh
    from notecheck.batch.results import open_audit
    from notecheck.write import manifest
    from notecheck.write.totals import line, lines

    with open_audit(output, done.run_id) as audited:
        if baseline:
            with opened(baseline, output) as before:
                audited.restrict(fresh(before, audited))
            typer.echo(line("new since", baseline))
        files = [*write_files(audited, elements, output, forms), "manifest.json"]
        facts: dict[str, Any] = {"files": files, "baseline": baseline} if baseline else {"files": files}
        manifest.write(audited, source.files(), output / "manifest.json", **facts)
        totals = audited.totals()
        typer.echo("\n".join(lines(audited, elements)))
    if totals.failed:
        typer.echo(line("why not", output / "failures.csv"))
    if done.carried:
        typer.echo(line("carried over", f"{done.carried:,} checked by an earlier run and not changed since"))
    checked = done.done - done.carried
    rate = f", {checked / max(done.seconds, 1e-9):,.0f} notes/s" if checked else ""
    typer.echo(line("took", _spell(done.seconds) + rate))
    to_open = [name for name in files if name in _TO_OPEN]
    typer.echo(line("written to", f"{output}: {', '.join(name for name in files if name not in to_open)}"))
    if to_open:
        typer.echo(line("to open", ", ".join(str(output / name) for name in to_open)))
    return totals


def _print_stopped(done: Done | None, output: Path, engine: EngineName) -> None:
    if done is None or not done.done:
        typer.echo("Stopped before the first note was done.")
        return
    typer.echo(f"Stopped. What was done until then, {done.done:,} notes, is kept in {output}.")
    if engine is EngineName.spark:
        typer.echo("To go on:          the same command with --resume in place of --engine spark")
    else:
        typer.echo(f"To go on:          {shlex.join(['notecheck', *sys.argv[1:], *([] if '--resume' in sys.argv else ['--resume'])])}")
    typer.echo(f"To see it as is:   {shlex.join(['notecheck', 'report', str(output)])}")


def _spell(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 100 else f"{seconds / 60:.0f} min"
