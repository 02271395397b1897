"""The command line: each command a few lines over the Python API.

Nothing heavy is imported here: `notecheck --help` must answer at once. Each command imports what it needs.
"""

from __future__ import annotations

import gc
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from notecheck import __version__, cli_audit, cli_codes, cli_patterns, cli_report, cli_serve, cli_watch
from notecheck.cli_options import Profile

if TYPE_CHECKING:
    from notecheck.models import Note

app = typer.Typer(
    name="notecheck",
    help="Says what a spine-pain note documents, what it lacks, and which ICD-10-CM codes its words support.",
    epilog="Exit codes: 0 nothing missing, 1 something missing, 2 the command could not do its work.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(cli_patterns.app, name="patterns")
app.add_typer(cli_codes.app, name="codes")


class Format(StrEnum):
    text = "text"
    json = "json"
    jsonl = "jsonl"
    sarif = "sarif"
    junit = "junit"
    fhir = "fhir"


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"notecheck {__version__}")
        raise typer.Exit


@app.callback()
def options(
    ctx: typer.Context,
    patterns: Annotated[Path | None, typer.Option(help="A pattern pack of your own, instead of the shipped one.", metavar="DIR")] = None,
    version: Annotated[bool, typer.Option("--version", help="Print the version and stop.", is_eager=True, callback=_print_version)] = False,
) -> None:
    ctx.obj = patterns


@app.command()
def check(
    ctx: typer.Context,
    # readable=False, here and below: an unreadable file is told in our own words, and costs only itself.
    notes: Annotated[
        list[Path],
        typer.Argument(
            help="Files of one note each (text, RTF, Word, PDF, HTML, FHIR, HL7 v2, C-CDA); - for standard input.",
            show_default=False,
            readable=False,
        ),
    ],
    form: Annotated[Format, typer.Option("--format", "-f", help="How to print the reports.")] = Format.text,
    profile: Profile = "spine-visit",
    service_date: Annotated[str | None, typer.Option(help="Date of service, YYYY-MM-DD.", metavar="DATE")] = None,
    codes: Annotated[str, typer.Option(help="Billed ICD-10-CM codes, separated by commas or spaces.", metavar="CODES")] = "",
    why: Annotated[bool, typer.Option("--why", help="Say which rule, cue and section each finding rests on.")] = False,
    queries: Annotated[bool, typer.Option("--queries", help="Print the questions to send to the clinician.")] = False,
) -> None:
    """Check one note or a few, and print what is missing and what is there."""
    from notecheck.checker import load
    from notecheck.read import record
    from notecheck.write import jsonl

    try:
        day = record.day(service_date or "")
    except ValueError:
        raise typer.BadParameter("write the date as YYYY-MM-DD.", param_hint="--service-date") from None
    checker = load(ctx.obj, profile)
    done, failed = [], False
    for path in notes:
        try:
            note = _one_note(path)
            note = note.model_copy(update={"service_date": day or note.service_date, "codes": record.codes(codes) or note.codes})
            done.append((note, checker.check(note)))
        except Exception as e:  # the other notes are still to be checked
            failed = True
            _complain(e)
    reports = [report for _, report in done]
    if form is Format.text:
        from notecheck.write import text

        console = text.console()
        for position, (note, report) in enumerate(done):
            if position:
                console.print()
            text.write(console, note, report, checker.pack.elements, why=why, queries=queries)
    elif form is Format.json and reports:
        typer.echo(jsonl.pretty(reports))
    elif form is Format.sarif:
        from notecheck.write import sarif

        typer.echo(sarif.dumps(done, checker.pack.elements), nl=False)
    elif form is Format.junit:
        from notecheck.write import junit

        typer.echo(junit.dumps(done, checker.pack.elements), nl=False)
    elif form is Format.fhir:
        from notecheck.write import fhir

        typer.echo(fhir.dumps(done, checker.pack), nl=False)
    else:
        typer.echo("".join(jsonl.line(r) for r in reports), nl=False)
    raise typer.Exit(2 if failed else int(any(r.missing for r in reports)))


@app.command("eval")
def measure(
    ctx: typer.Context,
    gold: Annotated[Path, typer.Argument(help="Gold annotations, one JSON object a line.", metavar="GOLD.jsonl", show_default=False)],
    notes: Annotated[Path, typer.Argument(help="The folder of their notes, as NOTE_ID.txt.", metavar="NOTES_DIR", show_default=False)],
    errors: Annotated[bool, typer.Option("--errors", help="List each disagreement, with the evidence of both sides.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Measure the findings against your own gold notes, element by element."""
    from notecheck import evaluate
    from notecheck.checker import load

    scores = evaluate.evaluate(evaluate.read_gold(gold), notes, load(ctx.obj))
    typer.echo(evaluate.as_json(scores) if as_json else evaluate.as_text(scores, errors), nl=False)


@app.command()
def schema() -> None:
    """Print the JSON Schema of a report."""
    import json

    from notecheck.models import NoteReport

    typer.echo(json.dumps(NoteReport.model_json_schema(), indent=2))


app.command("audit")(cli_audit.audit)
app.command("report")(cli_report.report)
app.command("diff")(cli_report.diff)
app.command("serve")(cli_serve.serve)
app.command("watch")(cli_watch.watch)
app.command("explain")(cli_patterns.explain)


def main() -> None:
    """The `notecheck` command. Errors are one sentence on standard error and exit code 2; none quotes a note."""
    try:
        app(prog_name="notecheck")
    except Exception as e:
        _complain(e)
        sys.exit(2)
    finally:
        gc.freeze()  # on its way out Python would look through the whole pack for garbage: half a second for nothing


def _one_note(path: Path) -> Note:
    from itertools import islice

    from notecheck import read
    from notecheck.failures import Failure, InputError
    from notecheck.models import Note
    from notecheck.read.documents import LARGEST, text_of

    if str(path) == "-":
        return Note(note_id="stdin", text=text_of(sys.stdin.buffer.read(LARGEST + 1), "standard input"))
    if path.is_dir():
        raise InputError(f"{path} is a folder; check takes files, `notecheck audit {path}` does a folder.")
    item, *more = islice(read.read(path), 2)
    if more:
        raise InputError(f"{path} holds more than one note; `notecheck audit {path}` does all of them.")
    if isinstance(item, Failure):
        raise InputError(item.reason)
    return item


def _complain(error: Exception) -> None:
    from notecheck.failures import spoken

    typer.echo(f"notecheck: {spoken(error)}", err=True)
