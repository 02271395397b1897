"""The Jinja2 environment of all pages: everything is escaped, and a name that is not there is an error."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

STATIC = Path(__file__).with_name("static")
_TEMPLATES = Path(__file__).with_name("templates")
_LINE_END = re.compile(r"\r\n?")


def _unseen() -> re.Pattern[str]:
    """One class of all control and formatting characters but the tab and the line feed, and of halves of characters."""
    blocks = (range(0x20000), range(0xE0000, 0xE1000))  # beyond them Unicode has none
    codes = [c for block in blocks for c in block if unicodedata.category(chr(c)) in ("Cc", "Cf") and c not in (9, 10)]
    return re.compile("[\ud800-\udfff" + "".join(map(chr, codes)) + "]")


_UNSEEN = _unseen()


class _Environment(Environment):
    def getattr(self, obj: Any, attribute: str) -> Any:
        """`e.id` of a dict is its key, also where dicts have a method of that name. It is tried first: views are dicts all through."""
        if type(obj) is dict and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)


def environment(*folders: Path) -> Environment:
    """A new environment. Templates in these folders come before the ones shipped here.

    Filters: `shown` for words of a note on one line, `lines` for a stretch of a note with its line starts, `words` for a status or verdict,
    `percent` for a share of 0 to 1.
    """
    made = _Environment(
        loader=FileSystemLoader([*folders, _TEMPLATES]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters.update(shown=visible, lines=lines, words=words, percent=percent)
    signs: Any = made.get_template("_status.html").module
    made.globals.update(status=cache(signs.status), verdict=cache(signs.verdict))  # a dozen names, shown many times a page
    return made


def visible(text: str) -> str:
    """The text with one visible mark for each control or formatting character (those that turn the direction too); line ends and tabs stay."""
    if text.replace("\n", " ").replace("\t", " ").isprintable():  # nearly every note: a hundredth of the search's time
        return text
    return _UNSEEN.sub("\N{REPLACEMENT CHARACTER}", text)


def lines(text: str) -> Markup:
    """A stretch of a note as HTML. After each line end stands an empty <i>, to which the style sheet gives the line's number."""
    return Markup(str(escape(visible(_LINE_END.sub("\n", text) if "\r" in text else text))).replace("\n", "\n<i></i>"))


def words(name: str) -> str:
    """An id of the vocabulary (`needs_documentation`) as words."""
    return name.replace("_", " ")


def percent(share: float | None) -> str:
    """`0.82` as `82%`; a dash where there is no share."""
    return "–" if share is None else f"{share:.0%}"
