"""The commands that speak of the patterns themselves: what they ask for, why, and whether their examples hold."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from notecheck.explained import ElementCard, ProfileCard
    from notecheck.packs import Pack

app = typer.Typer(help="Look into the patterns, and run their examples.", no_args_is_help=True)


@app.command("list")
def list_patterns(ctx: typer.Context) -> None:
    """List the profiles, and each element with the rules that find it."""
    from notecheck.packs import load_pack

    pack = load_pack(ctx.obj)
    typer.echo(f"{pack.info.name} {pack.info.version}: {pack.info.description}")
    typer.echo("\nprofiles")
    for p in pack.profiles.values():
        typer.echo(f"  {p.id:28} {p.name} ({len(p.requires)} elements)")
    typer.echo("\nelements")
    for e in pack.elements.values():
        typer.echo(f"  {e.id:28} {e.name}")
        for rule in pack.rules.values():
            if e.id == rule.element or e.id in rule.attach.values():
                typer.echo(f"      {rule.id:36} {len(rule.find)} phrases, {len(rule.match)} + {len(rule.no_match)} examples")
    concepts = [rule for rule in pack.rules.values() if rule.concept]
    if concepts:
        typer.echo("\nconcepts, which other rules and the codes rest on")
    for rule in concepts:
        typer.echo(f"  {rule.concept or '':28} {rule.id}")


@app.command("test")
def test_patterns(ctx: typer.Context) -> None:
    """Run every example of every rule: those that must match and those that must not."""
    from notecheck.assess.code_examples import CodeFailure, run_code_examples
    from notecheck.assess.code_rules import load_code_book
    from notecheck.extract.examples import ExampleFailure, run_examples
    from notecheck.extract.pipeline import Extractor

    extractor = Extractor(ctx.obj)
    book = load_code_book(extractor.pack.root)
    failures: list[ExampleFailure | CodeFailure] = [
        *run_examples(extractor),
        *run_code_examples(lambda text: extractor.read(text, in_scope=True).mentions, book),
    ]
    for f in failures:
        typer.echo(f"{f.rule}: “{f.text}”\n    expected {_plainly(f.expected)}\n    got      {_plainly(f.got)}")
    rules = extractor.pack.rules.values()
    examples = sum(len(r.match) + len(r.no_match) for r in rules) + sum(len(r.supports) + len(r.rejects) for r in book.rules)
    typer.echo(f"{examples - len(failures):,} of {examples:,} examples of {len(rules) + len(book.rules):,} rules hold.")
    raise typer.Exit(int(bool(failures)))


def _plainly(said: str | tuple[str, ...]) -> str:
    return said if isinstance(said, str) else ", ".join(said) or "no code"


@app.command("show")
def show_pattern(
    ctx: typer.Context, name: Annotated[str, typer.Argument(metavar="ID", help="The id of a rule, element or profile.")]
) -> None:
    """Print a rule, an element or a profile as its YAML says it."""
    import yaml

    from notecheck.packs import load_pack

    pack = load_pack(ctx.obj)
    item: Any = pack.rules.get(name) or pack.elements.get(name) or pack.profiles.get(name)
    if item is None:
        raise _unknown(name, [*pack.rules, *pack.elements, *pack.profiles])
    written = item.model_dump(mode="json", exclude_defaults=True, by_alias=True)
    typer.echo(yaml.safe_dump(written, sort_keys=False, allow_unicode=True, width=100), nl=False)


def explain(
    ctx: typer.Context,
    name: Annotated[
        str, typer.Argument(metavar="ID", help="An element or a profile (see `notecheck patterns list`), or an ICD-10-CM code.")
    ],
) -> None:
    """Say what an element, a profile or a code asks of a note, why, on whose word, what satisfies it and how to fix it."""
    from notecheck import explained
    from notecheck.packs import load_pack

    pack = load_pack(ctx.obj)
    element = explained.element(pack, name)
    profile = None if element else explained.profile(pack, name)
    if name in pack.rules:
        typer.echo(f"{name} is a rule: `notecheck patterns show {name}` prints it.\n")
    if element:
        _print_element(element)
    elif profile:
        _print_profile(profile)
    elif name not in pack.rules and not _print_code(pack, name):
        raise _unknown(name, [*pack.elements, *pack.profiles])


def _print_element(e: ElementCard) -> None:
    typer.echo(f"{e.name}  ({e.id})\n")
    facts = {
        "asks for": e.asks,
        "satisfied by": e.satisfied_by,
        "why": e.why,
        "source": e.source,
        "how to fix": e.fix,
        "required by": ", ".join(e.required_by) or "no profile",
    }
    for label, words in facts.items():
        _fact(label, words)


def _print_profile(p: ProfileCard) -> None:
    typer.echo(f"{p.name}  ({p.id})\n")
    _fact("what it is", p.description)
    _fact("source", p.source)
    typer.echo("requires")
    for r in p.requires:
        typer.echo(f"  {r.id:32} {r.name}{' (only where it applies)' if r.conditional else ''}")
    if p.criteria:
        typer.echo("criteria")
    for c in p.criteria:
        dates = (f", from {c.in_force_from}" if c.in_force_from else "") + (f" to {c.in_force_to}" if c.in_force_to else "")
        typer.echo(f"  {c.id:32} {c.says}\n  {'':32} {c.source}{dates}")
    for source, words in p.sources.items():
        _fact("source", f"{source}: {words}")


def _print_code(pack: Pack, name: str) -> bool:
    from datetime import date

    from notecheck import explained
    from notecheck.assess import code_card
    from notecheck.assess.code_rules import load_code_book

    card = explained.code(pack, load_code_book(pack.root), name, date.today())
    if card is not None:
        typer.echo("\n".join(code_card.lines(card)))
    return card is not None


def _fact(label: str, words: str) -> None:
    import textwrap

    typer.echo(textwrap.fill(" ".join(words.split()), width=100, initial_indent=f"{label:14}", subsequent_indent=" " * 14))


def _unknown(name: str, known: list[str]) -> Exception:
    from notecheck.failures import InputError

    near = get_close_matches(name, known, n=3, cutoff=0.5)
    return InputError(
        f"there is nothing called {name}" + (f"; did you mean {' or '.join(near)}?" if near else "; see `notecheck patterns list`.")
    )
