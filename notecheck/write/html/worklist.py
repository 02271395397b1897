"""The worklist as data for the page's script: short rows, with every name that comes often told once and pointed at by its number."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, get_args

from notecheck.models import Verdict
from notecheck.tables import WorklistRow
from notecheck.write.html.environment import visible
from notecheck.write.text import ElementWords

_VERDICTS = {verdict: number for number, verdict in enumerate(get_args(Verdict))}


class Worklist:
    """The rows in the order given, and what the pages need to know of them. `pages` are the seq of the notes with a page, in that order."""

    def __init__(self, rows: Iterable[WorklistRow], elements: Mapping[str, ElementWords]) -> None:
        self.pages: list[int] = []
        self.providers, self.sites, self.payers = Numbers(), Numbers(), Numbers()
        self._elements, self._kinds = Numbers(), Numbers()
        self._names = elements
        self._rows = [self._row(row) for row in rows]

    def __len__(self) -> int:
        return len(self._rows)

    def script(self) -> Iterator[str]:
        """A script in parts. It is plain ASCII, so that no reader of it can take a character for the end of a line or of the script."""
        head = {
            "elements": [[e, self._names[e].name if e in self._names else e] for e in self._elements if e],
            "verdicts": list(_VERDICTS),
            "providers": list(self.providers),
            "sites": list(self.sites),
            "payers": list(self.payers),
            "kinds": list(self._kinds),
        }
        yield f"const WORKLIST = {_json(head)[:-1]},\n"
        yield '"rows": ['
        for n, row in enumerate(self._rows):
            yield (",\n" if n else "\n") + row
        yield "\n]};\n"

    def _row(self, row: WorklistRow) -> str:
        """One row as JSON; worklist.js names its fields in the same order."""
        if row.page:
            self.pages.append(row.seq)
        return _json(
            [
                row.seq,
                visible(row.note_id),
                self.providers[row.provider],
                self.sites[row.site],
                self.payers[row.payer],
                self._kinds[row.doc_type],
                row.service_date.isoformat() if row.service_date else "",
                int(row.in_scope),
                None if row.completeness is None else round(row.completeness, 3),
                [self._elements[e] for e in row.missing],
                [self._elements[e] for e in row.partial],
                [[visible(p.code), _VERDICTS[p.verdict]] for p in row.claim_problems],
                list(row.unbilled),
                row.coverage_open,
                [visible(code) for code in row.billed],
            ]
        )


class Numbers(dict[str | None, int]):
    """Each name's number, in the order of first use."""

    def __missing__(self, name: str | None) -> int:
        self[name] = len(self)
        return self[name]


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"))
