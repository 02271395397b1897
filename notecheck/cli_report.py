"""The commands over an audit that was run: make its files again, compare two runs."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from notecheck.audit import Form
    from notecheck.batch.results import StoredAudit


class Pipeline(StrEnum):
    sarif = "sarif"
    junit = "junit"


class DiffFormat(StrEnum):
    text = "text"
    json = "json"


Formats = Annotated[
    list[Pipeline] | None,
    typer.Option("--format", help="For pipelines: audit.sarif or audit.junit.xml; may be repeated.", rich_help_panel="What to write"),
]


def report(
    ctx: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder of the audit.", show_default=False)],
    run: Annotated[int | None, typer.Option(min=1, help="The number of the run.", show_default="the last")] = None,
    xlsx: Annotated[
        bool,
        typer.Option(
            "--xlsx", help="The workbook, audit.xlsx; its notes lead to their pages with --html.", rich_help_panel="What to write"
        ),
    ] = False,
    html: Annotated[
        bool, typer.Option("--html", help="The page, index.html, with a page for each note.", rich_help_panel="What to write")
    ] = False,
    csv: Annotated[bool, typer.Option("--csv", help="Every table of the store, as tables/*.csv.", rich_help_panel="What to write")] = False,
    parquet: Annotated[
        bool, typer.Option("--parquet", help="Every table of the store, as tables/*.parquet.", rich_help_panel="What to write")
    ] = False,
    formats: Formats = None,
) -> None:
    """Make an audit's files again from its store: the usual ones, or those that are named."""
    from notecheck.audit import write_files
    from notecheck.batch.exports import export
    from notecheck.batch.results import open_audit
    from notecheck.packs import load_pack
    from notecheck.write.totals import line

    forms = forms_of(xlsx, html, formats)[1:] if xlsx or html or csv or parquet or formats else forms_of(True, True, None)
    with open_audit(folder, run) as audited:
        written = list(write_files(audited, load_pack(ctx.obj).elements, folder, forms))
        written += [f"tables/{file.name}" for file in export(audited, folder / "tables", "csv")] if csv else []
        written += [f"tables/{file.name}" for file in export(audited, folder / "tables", "parquet")] if parquet else []
        cut_short = "" if audited.run.finished else " (cut short)"
        typer.echo(line("run", f"{audited.run.run_id}{cut_short}"))
    typer.echo(line("written to", f"{folder}: {', '.join(written)}"))


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
    from notecheck.batch.compare import causes, changes, lines

    pair = (old, new) if newer is None else (f"{old}@{new}", f"{old}@{newer}")
    count = 0
    with opened(pair[0]) as was, opened(pair[1]) as now:
        for cause in causes(was.run, now.run) if form is DiffFormat.text else ():
            typer.echo(cause)
        for change in changes(was, now):
            count += 1
            if form is DiffFormat.json:
                typer.echo(change.model_dump_json(exclude_defaults=True))
            else:
                typer.echo("\n".join(lines(change)))
    if form is DiffFormat.text:
        typer.echo(f"{count:,} {'note differs' if count == 1 else 'notes differ'}." if count else "Nothing differs.")
    raise typer.Exit(int(count > 0))


def forms_of(xlsx: bool, html: bool, formats: list[Pipeline] | None) -> list[Form]:
    """The forms to write, the tables always."""
    chosen: list[Form] = ["tables"]
    if xlsx:
        chosen.append("xlsx")
    if html:
        chosen.append("html")
    return chosen + [form.value for form in dict.fromkeys(formats or [])]


def opened(named: str, folder: Path | None = None) -> StoredAudit:
    """The audit named as FOLDER, FOLDER@RUN or, of the given folder, RUN."""
    from notecheck.batch.results import open_audit

    if folder is not None and named.isdecimal():
        return open_audit(folder, int(named))
    path, at, run = named.rpartition("@")
    if at and run.isdecimal() and not Path(named).exists():
        return open_audit(Path(path), int(run))
    return open_audit(Path(named))
