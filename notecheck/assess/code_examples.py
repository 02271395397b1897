"""Runs the examples of the code rules: each is a note, and all the codes it supports."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from notecheck.assess.code_rules import CodeBook
from notecheck.assess.codes import support_codes
from notecheck.models import Mention


@dataclass(frozen=True)
class CodeFailure:
    """An example that does not hold: the rule, the note, the codes expected and those got."""

    rule: str
    text: str
    expected: tuple[str, ...]
    got: tuple[str, ...]


def run_code_examples(read: Callable[[str], Sequence[Mention]], book: CodeBook) -> Iterator[CodeFailure]:
    """The examples that do not hold. `read` gives the mentions of a note that is taken to be in scope."""
    day = book.day(date.max)[0]
    for rule in book.rules:
        for example in (*rule.supports, *rule.rejects):
            found = support_codes(read(example.text), book, example.day or day)
            got = tuple(f.code for f in found if f.support == "supported")
            if set(got) != set(example.codes):
                yield CodeFailure(rule.id, example.text, example.codes, got)
