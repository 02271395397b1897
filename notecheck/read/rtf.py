"""RTF notes. striprtf knows the code pages, fonts and characters; before it, one pass takes out what a reader does not see.

That pass drops pictures, binary data, field codes, hidden, deleted and struck words, makes tables lines with tabs, and sets
headers before and footers after the text.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from striprtf.striprtf import rtf_to_text

_TOKEN = re.compile(rb"\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\'[0-9a-fA-F]{2}|\\[^a-zA-Z]|[{}]|[^\\{}]+|\\", re.DOTALL)
_CODE_PAGE = re.compile(rb"\\ansicpg(\d{3,5})")
_DROPPED = {b"pict", b"object", b"fldinst", b"datafield", b"themedata", b"colorschememapping"}
_HEADERS = {b"header", b"headerl", b"headerr", b"headerf"}
_FOOTERS = {b"footer", b"footerl", b"footerr", b"footerf", b"footnote"}
_UNSEEN = {b"v", b"deleted", b"strike", b"striked"}
_SAME_AS = {b"cell": b"\\tab ", b"nestcell": b"\\tab ", b"pntext": b"", b"softline": b"\\line "}


class _Group(NamedTuple):
    """What holds inside one pair of braces."""

    out: list[bytes]
    dropped: bool = False
    unseen: frozenset[bytes] = frozenset()
    end: bytes = b""


def text_of(data: bytes, name: str) -> str:
    """The text of an RTF document; one cut short gives what is there.

    >>> text_of(rb"{\\rtf1\\ansi Caf\\'e9\\par Back pain: \\b 7/10\\b0\\par}", "note.rtf").splitlines()
    ['Café', 'Back pain: 7/10']
    """
    seen = _seen(data[data.find(b"{\\rtf") :])
    text: str = rtf_to_text(_decoded(seen), errors="replace")
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")  # \u writes a rare character as two halves


def _seen(data: bytes) -> bytes:
    body: list[bytes] = []
    footers: list[bytes] = []
    group, outer = _Group(body), list[_Group]()
    at = 0
    while token := _TOKEN.match(data, at):
        at = token.end()
        whole, word, number = token.group(), token[1], token[2]
        if whole == b"{":
            outer.append(group)
            if not group.dropped:
                group.out.append(whole)
            group = group._replace(end=b"")
        elif whole == b"}":
            end, group = group.end, outer.pop() if outer else group
            if not outer:
                break  # what follows the document is no part of it
            if not group.dropped:
                group.out.append(whole + end)
        elif word == b"bin":
            at += int(number or 0)
        elif whole == b"\\*" or word in _DROPPED:
            group = group._replace(dropped=True)
        elif word in _HEADERS:
            group = group._replace(end=b"\\par ")
        elif word in _FOOTERS:
            footers.append(b"\\par ")
            group = group._replace(out=footers)
        elif word in _UNSEEN:
            group = group._replace(unseen=group.unseen - {word} if number == b"0" else group.unseen | {word})
        elif word == b"nestrow":  # stands in a group that is otherwise about looks
            group.out.append(b"\\row ")
        elif not group.dropped:
            if word == b"plain":
                group = group._replace(unseen=frozenset())
            if not group.unseen or (word and word not in {b"u", b"tab"}):
                group.out.append(_SAME_AS.get(word, whole) if word else whole)
    return b"".join(body) + b"".join(footers) + b"}"


def _decoded(data: bytes) -> str:
    """RTF is ASCII by the book; some programs write the letters of their code page, or UTF-8, as they are."""
    page = _CODE_PAGE.search(data)
    for encoding in ("utf-8", f"cp{page[1].decode()}" if page else "cp1252"):
        try:
            return data.decode(encoding)
        except (LookupError, UnicodeDecodeError):
            continue
    return data.decode("cp1252", "replace")
