"""The shared strings of a workbook, kept on disk: Excel writes all text of all sheets into one list, which openpyxl would hold in memory."""

from __future__ import annotations

import tempfile
from array import array
from typing import IO, Any

_IN_MEMORY = 16_000_000  # bytes that are held before they go to disk


class Strings:
    """A list of strings in a file without a name, of which memory holds only where each begins."""

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(_IN_MEMORY, prefix="notecheck-")  # noqa: SIM115 (goes with this list)
        self._ends = array("Q", [0])

    def append(self, text: str) -> None:
        """Only while nothing has been read yet."""
        data = text.encode("utf-8", "surrogatepass")
        self._file.write(data)
        self._ends.append(self._ends[-1] + len(data))

    def __getitem__(self, position: int) -> str:
        begin, end = self._ends[position], self._ends[position + 1]
        self._file.seek(begin)
        return self._file.read(end - begin).decode("utf-8", "surrogatepass")


def read(part: IO[bytes]) -> Strings:
    """The strings of `sharedStrings.xml`, with the escapes of control characters (`_x000D_`) undone."""
    from openpyxl.cell.text import Text
    from openpyxl.utils.escape import unescape
    from openpyxl.xml.constants import SHEET_MAIN_NS
    from openpyxl.xml.functions import iterparse

    strings = Strings()
    nodes: Any = iterparse(part)
    for _, node in nodes:
        if node.tag == f"{{{SHEET_MAIN_NS}}}si":
            strings.append(unescape(Text.from_tree(node).content))
            node.clear()
    return strings
