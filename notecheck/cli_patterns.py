"""The commands that speak of the patterns themselves: what they ask for, why, and whether their examples hold."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from notecheck.packs import Pack
    from notecheck.rules import Element, Profile

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
    from notecheck.packs import load_pack

    pack = load_pack(ctx.obj)
    if name in pack.elements:
        _explain_element(pack, pack.elements[name])
    elif name in pack.profiles:
        _explain_profile(pack, pack.profiles[name])
    elif name in pack.rules:
        typer.echo(f"{name} is a rule: `notecheck patterns show {name}` prints it.\n")
        e = pack.elements.get(pack.rules[name].element or "")
        if e:
            _explain_element(pack, e)
    elif not _explain_code(pack, name):
        raise _unknown(name, [*pack.elements, *pack.profiles])


def _explain_element(pack: Pack, e: Element) -> None:
    typer.echo(f"{e.name}  ({e.id})\n")
    required = [p.id for p in pack.profiles.values() if e.id in {r.element for r in p.requires}]
    facts = {
        "asks for": e.asks,
        "satisfied by": e.satisfied_by,
        "why": e.why,
        "source": pack.info.sources[e.source],
        "how to fix": e.fix,
        "required by": ", ".join(required) or "no profile",
    }
    for label, words in facts.items():
        _fact(label, words)


def _explain_profile(pack: Pack, p: Profile) -> None:
    typer.echo(f"{p.name}  ({p.id})\n")
    _fact("what it is", p.description)
    _fact("source", pack.info.sources[p.source])
    typer.echo("requires")
    for r in p.requires:
        typer.echo(f"  {r.element:32} {pack.elements[r.element].name}{' (only where it applies)' if r.when else ''}")
    _explain_policy(pack, p.id)


def _explain_policy(pack: Pack, id_: str) -> None:
    """The criteria of a coverage profile, each with its source and the dates of service it holds for."""
    from notecheck.assess.coverage_rules import load_policies

    policy = load_policies(pack).get(id_)
    if policy is None:
        return
    typer.echo("criteria")
    for c in policy.criteria:
        force = c.in_force
        dates = (f", from {force.from_}" if force.from_ else "") + (f" to {force.to}" if force.to else "")
        typer.echo(f"  {c.id:32} {c.says}\n  {'':32} {c.source}{dates}")
    for source in dict.fromkeys(c.source for c in policy.criteria):
        if source in pack.info.sources:
            _fact("source", f"{source}: {pack.info.sources[source]}")


def _explain_code(pack: Pack, name: str) -> bool:
    from datetime import date

    from notecheck.assess import code_card
    from notecheck.assess.code_rules import load_code_book

    card = code_card.look_up(name, date.today(), load_code_book(pack.root), pack.info.sources)
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
