"""The Jinja2 environment of all pages: everything is escaped, and a name that is not there is an error."""

from __future__ import annotations

import re
import sys
import unicodedata
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

STATIC = Path(__file__).with_name("static")
_TEMPLATES = Path(__file__).with_name("templates")
_UNSEEN = {c for c in map(chr, range(sys.maxunicode + 1)) if unicodedata.category(c) in ("Cc", "Cf", "Cs")} - {"\t", "\n"}
_VISIBLE = str.maketrans(dict.fromkeys(_UNSEEN, "\N{REPLACEMENT CHARACTER}"))
_LINE_END = re.compile(r"\r\n?")
_LINE_START = Markup("\n<i></i>")


def environment(*folders: Path) -> Environment:
    """A new environment. Templates in these folders come before the ones shipped here.

    Filters: `shown` for words of a note on one line, `lines` for a stretch of a note with its line starts, `words` for a status or verdict,
    `percent` for a share of 0 to 1.
    """
    made = Environment(
        loader=FileSystemLoader([*folders, _TEMPLATES]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters.update(shown=visible, lines=lines, words=words, percent=percent)
    return made


def visible(text: str) -> str:
    """The text with one visible mark for each control or formatting character (those that turn the direction too); line ends and tabs stay."""
    return text if text.isascii() and text.isprintable() else text.translate(_VISIBLE)


def lines(text: str) -> Markup:
    """A stretch of a note as HTML. After each line end stands an empty <i>, to which the style sheet gives the line's number."""
    return escape(visible(_LINE_END.sub("\n", text))).replace("\n", _LINE_START)


def words(name: str) -> str:
    """An id of the vocabulary (`needs_documentation`) as words."""
    return name.replace("_", " ")


def percent(share: float | None) -> str:
    """`0.82` as `82%`; a dash where there is no share."""
    return "–" if share is None else f"{share:.0%}"
