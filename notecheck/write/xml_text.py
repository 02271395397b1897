"""Text of any origin as one line that XML can hold and that drives nothing: for cells of a workbook and for reports of a pipeline."""

from __future__ import annotations

import re

from notecheck.write.text import shown

_ILLEGAL = re.compile("[^\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # what XML 1.0 cannot say


def one_line(text: str) -> str:
    """The text with its white space run together; control characters, marks of direction and what XML cannot say become a visible mark."""
    text = " ".join(text.split())
    return text if text.isprintable() else _ILLEGAL.sub("\N{REPLACEMENT CHARACTER}", shown(text))
