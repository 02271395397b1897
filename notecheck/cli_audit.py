"""The commands of an audit: run one over an export, make its files again, compare two runs."""

from __future__ import annotations

import shlex
import sys
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from notecheck.audit import Done, Engine, Form, Known
    from notecheck.batch.outcomes import Carried, Checked
    from notecheck.batch.plan import Plan
    from notecheck.batch.results import StoredAudit
    from notecheck.failures import Failure
    from notecheck.models import Note
    from notecheck.read.columns import Columns, Found
    from notecheck.rules import Element
    from notecheck.tables import ElementTotals, Totals

_GIB = 1 << 30
_MOST_MISSED = 5


class FailOn(StrEnum):
    missing = "missing"


class EngineName(StrEnum):
    local = "local"
    spark = "spark"


class Pipeline(StrEnum):
    sarif = "sarif"
    junit = "junit"


class DiffFormat(StrEnum):
    text = "text"
    json = "json"


Xlsx = Annotated[bool, typer.Option("--xlsx/--no-xlsx", help="The workbook, audit.xlsx.")]
Html = Annotated[bool, typer.Option("--html/--no-html", help="The page, index.html, with a page for each note.")]
Formats = Annotated[list[Pipeline] | None, typer.Option("--format", help="For pipelines: audit.sarif or audit.junit.xml; may be repeated.")]
_GUESSED = "guessed"


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
    no_text: Annotated[bool, typer.Option("--no-text", help="Keep no word of any note, in no file.")] = False,
    xlsx: Xlsx = True,
    html: Html = True,
    formats: Formats = None,
    fail_on: Annotated[FailOn | None, typer.Option(help="Exit with 1 when a note has something missing.")] = None,
    jobs: Annotated[int | None, typer.Option("--jobs", "-j", min=1, help="Worker processes.", show_default="the cores")] = None,
    time_limit: Annotated[
        float | None, typer.Option(min=0.1, help="Seconds a note may take.", metavar="SECONDS", show_default="20")
    ] = None,
    memory_limit: Annotated[float, typer.Option(min=0, help="GiB a note may take, on Linux; 0 for no limit.", metavar="GIB")] = 2.0,
    engine: Annotated[EngineName, typer.Option(help="Where to check: processes of this machine, or Spark.")] = EngineName.local,
    master: Annotated[str, typer.Option(help="The Spark to use.", metavar="URL")] = "local[*]",
    query: Annotated[str | None, typer.Option(help="Notes from a database: the query whose rows they are.", metavar="SQL")] = None,
    database: Annotated[str | None, typer.Option(help="That database: an SQLAlchemy URL, or a DuckDB file.", metavar="URL")] = None,
    config: Annotated[
        Path | None, typer.Option(help="Settings of a site: columns, audit, database.", metavar="FILE", show_default="notecheck.toml")
    ] = None,
    id_column: Annotated[str | None, typer.Option(help="The column (field) of the note id.", show_default=_GUESSED)] = None,
    text_column: Annotated[str | None, typer.Option(help="The column of the note's text.", show_default=_GUESSED)] = None,
    service_date_column: Annotated[str | None, typer.Option(help="The column of the service date.", show_default=_GUESSED)] = None,
    provider_column: Annotated[str | None, typer.Option(help="The column of the provider.", show_default=_GUESSED)] = None,
    site_column: Annotated[str | None, typer.Option(help="The column of the site.", show_default=_GUESSED)] = None,
    payer_column: Annotated[str | None, typer.Option(help="The column of the payer.", show_default=_GUESSED)] = None,
    note_type_column: Annotated[str | None, typer.Option(help="The column of the note's type.", show_default=_GUESSED)] = None,
    codes_column: Annotated[str | None, typer.Option(help="The columns of the billed codes.", show_default=_GUESSED)] = None,
) -> None:
    """Check every note of an export, and write the workbook, the pages and the tables.

    Exit codes: 0 done, 1 something is missing (with --fail-on), 2 a note or the whole could not be checked, 130 stopped by Ctrl-C.
    """
    from notecheck.audit import audit as run
    from notecheck.batch.local import TIME_LIMIT
    from notecheck.batch.worker import can_limit_memory
    from notecheck.read.columns import Columns
    from notecheck.settings import given, load
    from notecheck.write.progress import progress

    settings = load(config)
    output = given(output, settings.audit.output, Path("audit"))
    profile = given(profile, settings.audit.profile, "spine-visit")
    jobs = jobs or settings.audit.jobs
    time_limit = given(time_limit, settings.audit.time_limit, TIME_LIMIT)
    if not sources:
        query, database = query or settings.database.query, database or settings.database.url
    if bool(sources) == bool(query) or bool(query) != bool(database):
        raise typer.BadParameter("give a SOURCE, or --query with --database.")
    columns = Columns(
        id_column, text_column, service_date_column, provider_column, codes_column, site_column, payer_column, note_type_column
    )
    source = Source(tuple(sources or ()), query, database, settings.columns.under(columns))
    plan, elements = _planned(ctx.obj, source, profile, time_limit=time_limit, memory_limit=memory_limit, engine=engine.value)
    if baseline:
        _opened(baseline, output).close()  # a wrong one is told before the work, not after it
    checking: Engine
    if engine is EngineName.spark:
        checking = _on_spark(source, master, ctx.obj, profile, time_limit, not no_text)
    else:
        limit = int(memory_limit * _GIB) if can_limit_memory() else None
        checking = _here(source, ctx.obj, profile, jobs, time_limit, limit or None, not no_text)
    with progress(source.count) as on_note:
        done = run(checking, output, plan, resume=resume, with_text=not no_text, on_note=on_note)
    if done.stopped:
        _print_stopped(done, output)
        raise typer.Exit(130)
    found = _written(done, output, elements, _forms(xlsx, html, formats), source, baseline)
    raise typer.Exit(2 if found.failed else int(fail_on is FailOn.missing and found.incomplete > 0))


def report(
    ctx: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder of the audit.", show_default=False)],
    run: Annotated[int | None, typer.Option(min=1, help="The number of the run.", show_default="the last")] = None,
    xlsx: Annotated[bool, typer.Option("--xlsx", help="The workbook, audit.xlsx.")] = False,
    html: Annotated[bool, typer.Option("--html", help="The page, index.html, with a page for each note.")] = False,
    csv: Annotated[bool, typer.Option("--csv", help="Every table of the store, as tables/*.csv.")] = False,
    parquet: Annotated[bool, typer.Option("--parquet", help="Every table of the store, as tables/*.parquet.")] = False,
    formats: Formats = None,
) -> None:
    """Make an audit's files again from its store: the usual ones, or those that are named."""
    from notecheck.audit import write_files
    from notecheck.batch.exports import export
    from notecheck.batch.results import open_audit
    from notecheck.packs import load_pack

    forms = _forms(xlsx, html, formats)[1:] if xlsx or html or csv or parquet or formats else _forms(True, True, None)
    with open_audit(folder, run) as audited:
        written = list(write_files(audited, load_pack(ctx.obj).elements, folder, forms))
        written += [f"tables/{file.name}" for file in export(audited, folder / "tables", "csv")] if csv else []
        written += [f"tables/{file.name}" for file in export(audited, folder / "tables", "parquet")] if parquet else []
        cut_short = "" if audited.run.finished else " (cut short)"
        typer.echo(f"run                {audited.run.run_id}{cut_short}")
    typer.echo(f"written to         {folder}: {', '.join(written)}")


def diff(
    old: Annotated[str, typer.Argument(metavar="OLD", help="An audit's folder (its last run), or FOLDER@RUN.", show_default=False)],
    new: Annotated[str, typer.Argument(metavar="NEW", help="Another of these, or the number of a run.", show_default=False)],
    newer: Annotated[str | None, typer.Argument(metavar="[RUN]", help="With FOLDER RUN RUN.", show_default=False)] = None,
    form: Annotated[DiffFormat, typer.Option("--format", "-f", help="Text, or one JSON object a line.")] = DiffFormat.text,
) -> None:
    """Say what changed between two runs, note by note: a note and its addendum, or two versions of the patterns.

    `diff OLD NEW` compares two audits, `diff FOLDER 1 2` two runs of one. Exit codes: 0 nothing changed, 1 something did, 2 an audit cannot
    be read.
    """
    from notecheck.batch.compare import changes, lines

    pair = (old, new) if newer is None else (f"{old}@{new}", f"{old}@{newer}")
    count = 0
    with _opened(pair[0]) as was, _opened(pair[1]) as now:
        for change in changes(was, now):
            count += 1
            if form is DiffFormat.json:
                typer.echo(change.model_dump_json(exclude_defaults=True))
            else:
                typer.echo("\n".join(lines(change)))
    if form is DiffFormat.text:
        typer.echo(f"{count:,} {'note differs' if count == 1 else 'notes differ'}." if count else "Nothing differs.")
    raise typer.Exit(int(count > 0))


@dataclass(frozen=True)
class Source:
    """Where the notes come from: paths, or a query to a database."""

    paths: tuple[Path, ...]
    query: str | None
    database: str | None
    columns: Columns

    def __str__(self) -> str:
        return ", ".join(map(str, self.paths)) if self.paths else self.query or ""

    def read(self) -> Iterator[Note | Failure]:
        from notecheck import read

        tell = _Told()
        if self.query and self.database:
            return read.read_query(self.query, self.database, self.columns, tell)
        return read.read_all(self.paths, self.columns, tell)

    def count(self) -> int | None:
        """The number of notes, near enough for a progress bar; None where it is not known."""
        from notecheck import read

        counts = [read.count(path, self.columns) for path in self.paths]
        known = [n for n in counts if n is not None]
        return sum(known) if known and len(known) == len(counts) else None


class _Told:
    """Prints which column is which, once for all tables that agree."""

    def __init__(self) -> None:
        self._before: Found | None = None

    def __call__(self, name: str, found: Found) -> None:
        from notecheck.read import described

        if found != self._before:
            typer.echo(f"columns            {name}: {described(found)}")
            self._before = found


def _here(
    source: Source,
    patterns: Path | None,
    profile: str,
    jobs: int | None,
    time_limit: float,
    memory_limit: int | None,
    with_text: bool,
) -> Engine:
    from notecheck.batch.local import check_all
    from notecheck.failures import Failure

    def run(known: Known, today: date) -> Iterator[Checked | Failure | Carried]:
        items = (item if isinstance(item, Failure) else known(item) or item for item in source.read())
        return check_all(
            items,
            patterns=patterns,
            profile=profile,
            jobs=jobs,
            time_limit=time_limit,
            memory_limit=memory_limit,
            today=today,
            with_text=with_text,
        )

    return run


def _on_spark(source: Source, master: str, patterns: Path | None, profile: str, time_limit: float, with_text: bool) -> Engine:
    from notecheck.batch import spark

    if len(source.paths) != 1:
        raise typer.BadParameter("Spark reads one SOURCE: a file or a folder.", param_hint="--engine")
    if not with_text:
        raise typer.BadParameter("--no-text needs the local engine.", param_hint="--engine")

    def run(known: Known, today: date) -> Iterator[Checked | Failure | Carried]:
        return spark.check_all(
            source.paths[0],
            source.columns,
            master=master,
            patterns=patterns,
            profile=profile,
            time_limit=time_limit,
            today=today,
            tell=_Told(),
        )

    return run


def _planned(patterns: Path | None, source: Source, profile: str, **options: Any) -> tuple[Plan, dict[str, Element]]:
    from notecheck.batch.plan import plan
    from notecheck.packs import PackError, load_pack

    pack = load_pack(patterns)
    if profile not in pack.profiles:
        raise PackError(f"there is no profile called {profile}; the pack has {', '.join(pack.profiles)}")
    return plan(pack, str(source), profile, **options), pack.elements


def _forms(xlsx: bool, html: bool, formats: list[Pipeline] | None) -> list[Form]:
    chosen: list[Form] = ["tables"]
    if xlsx:
        chosen.append("xlsx")
    if html:
        chosen.append("html")
    return chosen + [form.value for form in dict.fromkeys(formats or [])]


def _opened(named: str, folder: Path | None = None) -> StoredAudit:
    """The audit named as FOLDER, FOLDER@RUN or, of the given folder, RUN."""
    from notecheck.batch.results import open_audit

    if folder is not None and named.isdecimal():
        return open_audit(folder, int(named))
    path, at, run = named.rpartition("@")
    if at and run.isdecimal() and not Path(named).exists():
        return open_audit(Path(path), int(run))
    return open_audit(Path(named))


def _written(done: Done, output: Path, elements: Mapping[str, Element], forms: list[Form], source: Source, baseline: str | None) -> Totals:
    """Writes the files of a finished run and prints what it found."""
    from notecheck.audit import write_files
    from notecheck.batch.compare import fresh
    from notecheck.batch.results import open_audit
    from notecheck.write import manifest

    with open_audit(output, done.run_id) as audited:
        if baseline:
            with _opened(baseline, output) as before:
                audited.restrict(fresh(before, audited))
        files = [*write_files(audited, elements, output, forms), "manifest.json"]
        facts: dict[str, Any] = {"files": files, "baseline": baseline} if baseline else {"files": files}
        manifest.write(audited, source.paths, output / "manifest.json", **facts)
        totals = audited.totals()
        _print_totals(totals, audited.elements(), elements, baseline)
    if totals.failed:
        typer.echo(f"why not            {output / 'failures.csv'}")
    if done.carried:
        typer.echo(f"carried over       {done.carried:,} checked by an earlier run and not changed since")
    typer.echo(f"took               {_spell(done.seconds)}, {(done.done - done.carried) / max(done.seconds, 1e-9):,.0f} notes/s")
    typer.echo(f"written to         {output}: {', '.join(files)}")
    return totals


def _print_totals(totals: Totals, found: list[ElementTotals], elements: Mapping[str, Element], baseline: str | None) -> None:
    mean = totals.mean_completeness
    if baseline:
        typer.echo(f"new since          {baseline}")
    typer.echo(f"notes              {totals.notes:,}")
    typer.echo(f"checked            {totals.checked:,}")
    typer.echo(f"not checked        {totals.failed:,}")
    typer.echo(f"in scope           {totals.in_scope:,}")
    typer.echo(f"mean completeness  {'-' if mean is None else f'{mean:.0%}'}")
    missing = sorted((e for e in found if e.missing), key=lambda e: -e.missing)[:_MOST_MISSED]
    if missing:
        typer.echo("most often missing")
    for e in missing:
        name = elements[e.element].name if e.element in elements else e.element
        typer.echo(f"  {e.missing:>6,}  {e.missing / totals.in_scope:>4.0%}  {name}  ({e.element})")
    if totals.verdicts:
        typer.echo("billed codes       " + ", ".join(f"{n:,} {v.replace('_', ' ')}" for v, n in totals.verdicts.items()))


def _print_stopped(done: Done, output: Path) -> None:
    command = ["notecheck", *sys.argv[1:], *([] if "--resume" in sys.argv else ["--resume"])]
    typer.echo(f"Stopped. What was done until then, {done.done:,} notes, is kept in {output}.")
    typer.echo(f"To go on:          {shlex.join(command)}")
    typer.echo(f"To see it as is:   {shlex.join(['notecheck', 'report', str(output)])}")


def _spell(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 100 else f"{seconds / 60:.0f} min"
