"""What notecheck itself wrote among the files of a source: an export that is audited into its own folder is not to be read back."""

from __future__ import annotations

import re
from pathlib import Path

_STORE = "audit.duckdb"
_OF_AN_AUDIT = re.compile(  # from the folder of its store; a folder of the user's may have such a name too
    r"""audit\.(?:duckdb|xlsx|sarif|junit\.xml).*|reports\.jsonl|summary\.csv|failures\.csv|manifest\.json|index\.html
    |assets/[\w-]+\.(?:css|js)|notes/\d{4,}/\d{7,}\.html|tables/\w+\.(?:csv|parquet)""",
    re.VERBOSE,
)
_DEEPEST = 3  # parts of such a name
_OF_A_WATCH = re.compile(r".+\.(?:txt|text|rtf|docx|pdf|html?|xml)\.report\.(?:json|txt|error\.txt)", re.IGNORECASE)


def is_own(path: Path) -> bool:
    """Whether the file is of an audit, whose store stands in its folder or above it, or a report that `watch` wrote beside a note."""
    if _OF_A_WATCH.fullmatch(path.name):
        return True
    for depth, above in enumerate(path.parents[:_DEEPEST], start=1):
        if _OF_AN_AUDIT.fullmatch("/".join(path.parts[-depth:])) and (above / _STORE).is_file():
            return True
    return False
