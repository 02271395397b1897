"""Text as a reader sees it on the page: what documents of every kind have in common once their markup is read."""

from __future__ import annotations

import re
from collections.abc import Iterable

_SPACE = re.compile(r"[ \t\n\r\f]+")
_BLANKS = re.compile(r"\n{3,}")
_TRAILING = re.compile(r"[ \t]+$", re.MULTILINE)
_PLAIN = str.maketrans(
    {
        "\N{NO-BREAK SPACE}": " ",
        "\N{NARROW NO-BREAK SPACE}": " ",
        "\N{NON-BREAKING HYPHEN}": "-",
        "\N{SOFT HYPHEN}": None,
        "\N{ZERO WIDTH SPACE}": None,
        "\N{ZERO WIDTH NO-BREAK SPACE}": None,
        "\r": None,
        "\0": None,
    }
)


class Lines:
    """Lines as they grow: words run on with one space between them until a line is ended."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._line = ""
        self._gap = False
        self._mark = ""

    def mark(self, mark: str) -> None:
        """What the next line begins with once it has words, such as the number of a list's item."""
        self._mark = mark

    def words(self, text: str | None) -> None:
        """More of the line; white space counts as one space."""
        if text:
            spaced = _SPACE.sub(" ", text)
            if self._mark and spaced.strip():
                self._line, self._mark = self._line + self._mark, ""
            self._line += spaced.lstrip(" ") if not self._line or self._line.endswith((" ", "\t")) else spaced

    def verbatim(self, text: str | None) -> None:
        """More text whose own line ends and spaces count."""
        first, *rest = (text or "").replace("\r\n", "\n").split("\n")
        self._line += first
        for line in rest:
            self.break_line()
            self._line = line

    def break_line(self) -> None:
        """The line ends here, even if it is empty."""
        line = self._line.translate(_PLAIN).strip()
        if line and self._gap and self._lines and self._lines[-1]:
            self._lines.append("")
        self._gap = self._gap and not line
        self._lines.append(line)
        self._line = ""

    def end_line(self) -> None:
        """What follows stands on a line of its own."""
        if self._line.strip(" \t\n\r\f"):  # a no-break space alone is how editors write an empty line
            self.break_line()
        self._line = ""

    def gap(self) -> None:
        """What follows stands apart, after an empty line."""
        self.end_line()
        self._gap = True

    def __str__(self) -> str:
        self.end_line()
        return "\n".join(self._lines).strip("\n")


def row(cells: Iterable[str]) -> str:
    """A table's row: a tab between cells; after a cell of several lines the next begins on a new line."""
    out = ""
    for i, cell in enumerate(cells):
        lines = cell.strip("\n")
        out += ("" if not i else "\n" if "\n" in out else "\t") + lines
    return _TRAILING.sub("", out).strip("\n")


def tidy(text: str) -> str:
    """A document's text with typographic spaces and hyphens made plain, no space before line ends, and no more than one empty line at a time."""
    return _BLANKS.sub("\n\n", _TRAILING.sub("", text.replace("\r\n", "\n").translate(_PLAIN))).strip("\n")


def titled(title: str, body: str) -> str:
    """A section: its title as a line of its own above its words, unless they begin with it."""
    title = " ".join(title.split())
    first = body.split("\n", 1)[0].strip().rstrip(":").casefold()
    return body if not title or first == title.rstrip(":").casefold() else f"{title}\n{body}".strip("\n")
