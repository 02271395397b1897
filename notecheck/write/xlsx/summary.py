"""The sheet Summary: what a coding manager reads first, on one landscape page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import get_args

from notecheck.models import Verdict
from notecheck.tables import Audit, ElementTotals, ProviderTotals, Totals
from notecheck.write.text import ElementWords, words
from notecheck.write.xlsx.cells import Cell, Link, cell_text, url_of
from notecheck.write.xlsx.charts import bars, columns
from notecheck.write.xlsx.providers import UNNAMED
from notecheck.write.xlsx.sentences import meaning, remarks
from notecheck.write.xlsx.styles import BRAND, FOUND, MISSING, PARTIAL
from notecheck.write.xlsx.tables import Book, for_print, name_of, write

NAME = "Summary"
_MISSED = 8
_LISTED = 10  # rows of the three tables beside each other
_PROVIDERS = 8
_CHARTS_FROM, _CHART_ROWS = 9, 14
_TABLES_FROM = _CHARTS_FROM + _CHART_ROWS
_FACTS_FROM = _TABLES_FROM + _LISTED + 3
# Three blocks of four columns each, after a narrow margin.
_LEFT, _MIDDLE, _RIGHT, _WIDE = 1, 6, 11, 4
_LAST = _RIGHT + _WIDE - 1
_HEIGHTS = {0: 36, 1: 18, 2: 10, 3: 36, 4: 20, 5: 10, 6: 52, _CHARTS_FROM - 1: 20, _FACTS_FROM: 20}


class Summary:
    """The sheet is made first, so that it stands first, and filled last, when the other sheets are known."""

    def __init__(self, book: Book, audit: Audit, elements: Mapping[str, ElementWords], providers: Sequence[ProviderTotals]) -> None:
        self._book, self._audit, self._elements, self._providers = book, audit, elements, providers
        self._sheet = book.workbook.add_worksheet(NAME)
        self._cells: dict[tuple[int, int], tuple[Cell, str, int]] = {}
        for row, height in _HEIGHTS.items():  # before any cell: a row that is written keeps its height
            self._sheet.set_row(row, height)

    def fill(self) -> None:
        totals, run = self._audit.totals(), self._audit.run
        missed = most_missed(self._audit.elements())
        self._put(0, _LEFT, "Documentation audit", "title")
        self._put(1, _LEFT, f"{run.source}  ·  profile {run.profile}  ·  {run.started:%Y-%m-%d}", "subtitle")
        self._figures(totals)
        self._put(6, _LEFT, meaning(run, totals, missed, self._elements), "sentence", _LAST)
        self._most_missed(missed)
        self._completeness(totals)
        self._verdicts(totals)
        self._contents()
        self._run_facts()
        self._provider_lines()
        self._flush()
        self._shape()

    def _figures(self, totals: Totals) -> None:
        billed = sum(totals.verdicts.values())
        figures: list[tuple[Cell, str, str]] = [
            (totals.notes, "figure", f"notes read, {totals.failed:,} not checked"),
            (totals.in_scope, "figure", "notes in scope"),
            (totals.mean_completeness if totals.in_scope else "–", "figure_share", "mean completeness"),
            (totals.incomplete, "figure", "notes lack something required"),
            (totals.claim_problems, "figure", f"claim problems in {billed:,} billed codes"),
            (totals.codes_unbilled, "figure", "supported codes not billed"),
        ]
        at = (1, 3, 6, 8, 11, 13)
        for column, (value, style, label) in zip(at, figures, strict=True):
            self._put(3, column, value, style, 2)
            self._put(4, column, label, "label", 2)

    def _most_missed(self, missed: Sequence[ElementTotals]) -> None:
        rows = [(name_of(e.element, self._elements), e.missing, e.partial) for e in missed[:_MISSED]]
        self._heading(_LEFT, "Most missed elements")
        self._header(_LEFT, "Element", "Missing", "Partial")
        first = self._rows(_LEFT, rows, ("line", "number", "number"), "No required element is missing.")
        if rows:
            series = [("Missing", MISSING, _LEFT + 2, [r[1] for r in rows]), ("Partial", PARTIAL, _LEFT + 3, [r[2] for r in rows])]
            told = "; ".join(f"{name}: {missing} missing, {partial} partial" for name, missing, partial in rows)
            self._chart(
                bars(self._book.workbook, NAME, first, _LEFT, [r[0] for r in rows], series), _LEFT, f"Most missed elements. {told}."
            )

    def _completeness(self, totals: Totals) -> None:
        counts = totals.completeness_histogram
        rows = [
            (f"{n * 10}–{n * 10 + 10} %", count, count / totals.in_scope if totals.in_scope else None) for n, count in enumerate(counts)
        ]
        self._heading(_MIDDLE, "Completeness of the notes in scope")
        self._header(_MIDDLE, "Completeness", "Notes", "Share")
        first = self._rows(_MIDDLE, rows, ("line", "number", "share"), "")
        told = "; ".join(f"{name}: {count} notes" for name, count, _ in rows if count)
        chart = columns(
            self._book.workbook, NAME, first, _MIDDLE, [r[0] for r in rows], [("Notes", FOUND, _MIDDLE + 2, [r[1] for r in rows])]
        )
        self._chart(chart, _MIDDLE, f"Notes by completeness. {told or 'No note is in scope'}.")

    def _verdicts(self, totals: Totals) -> None:
        billed = sum(totals.verdicts.values())
        found = [(v, totals.verdicts[v]) for v in get_args(Verdict) if totals.verdicts.get(v)]
        rows = [(words(v), count, count / billed) for v, count in sorted(found, key=lambda f: (f[0] != "supported", -f[1]))]
        self._heading(_RIGHT, "Billed codes: verdicts")
        self._header(_RIGHT, "Verdict", "Codes", "Share")
        first = self._rows(_RIGHT, rows, ("line", "number", "share"), "The export bills no code.")
        if rows:
            chart = bars(
                self._book.workbook, NAME, first, _RIGHT, [r[0] for r in rows], [("Codes", BRAND, _RIGHT + 2, [r[1] for r in rows])]
            )
            self._chart(chart, _RIGHT, "Billed codes by verdict. " + "; ".join(f"{name}: {count}" for name, count, _ in rows) + ".")

    def _contents(self) -> None:
        self._heading(_LEFT, "In this workbook", _FACTS_FROM)
        for n, table in enumerate(self._book.contents, _FACTS_FROM + 1):
            self._put(n, _LEFT, Link(table.name, f"internal:'{table.name}'!A1"), "link", 2)
            self._put(n, _LEFT + 2, f"{table.rows:,} rows" if table.rows != 1 else "1 row", "line", 2)
        for n, remark in enumerate(remarks(self._book.contents), _FACTS_FROM + 2 + len(self._book.contents)):
            self._put(n, _LEFT, remark, "subtitle")

    def _run_facts(self) -> None:
        run = self._audit.run
        self._heading(_MIDDLE, "This run", _FACTS_FROM)
        facts: list[tuple[str, Cell, str]] = [
            ("Source", run.source, "line"),
            ("Profile", run.profile, "line"),
            ("Begun", run.started, "time"),
            ("Ended", run.finished or "not finished", "time" if run.finished else "line"),
            ("Undated notes judged as of", run.as_of, "date"),
            ("notecheck", run.notecheck_version, "line"),
            ("Patterns", f"{run.pack_name} {run.pack_version}  ({run.pack_hash[:12]})", "line"),
        ]
        for n, (name, value, style) in enumerate(facts, _FACTS_FROM + 1):
            self._put(n, _MIDDLE, name, "line", 2)
            self._put(n, _MIDDLE + 2, value, style, 2)

    def _provider_lines(self) -> None:
        if len(self._providers) < 2:
            return
        self._heading(_RIGHT, "Providers, least complete first", _FACTS_FROM)
        self._header(_RIGHT, "Provider", "Complete", "Notes", _FACTS_FROM + 1)
        known = [p for p in self._providers if p.mean_completeness is not None]
        for n, p in enumerate(sorted(known, key=lambda p: p.mean_completeness or 0.0)[:_PROVIDERS], _FACTS_FROM + 2):
            self._put(n, _RIGHT, p.provider or UNNAMED, "line", 2)
            self._put(n, _RIGHT + 2, p.mean_completeness, "share")
            self._put(n, _RIGHT + 3, p.in_scope, "number")

    def _heading(self, column: int, text: str, row: int = _CHARTS_FROM - 1) -> None:
        self._put(row, column, text, "heading", _WIDE)

    def _header(self, column: int, first: str, second: str, third: str, row: int = _TABLES_FROM) -> None:
        self._put(row, column, first, "small_header", 2)
        self._put(row, column + 2, second, "small_header_right")
        self._put(row, column + 3, third, "small_header_right")

    def _rows(self, column: int, rows: Iterable[Sequence[Cell]], styles: tuple[str, str, str], nothing: str) -> int:
        """Puts the rows of a small table below its header, and gives the first of them."""
        first = _TABLES_FROM + 1
        for n, (name, second, third) in enumerate(rows, first):
            self._put(n, column, name, styles[0], 2)
            self._put(n, column + 2, second, styles[1])
            self._put(n, column + 3, third, styles[2])
        if not rows:
            self._put(first, column, nothing, "subtitle")
        return first

    def _put(self, row: int, column: int, value: Cell, style: str, across: int = 1) -> None:
        self._cells[row, column] = (value, style, across)

    def _flush(self) -> None:
        """Writes the cells in the order of rows, which is the only one that a workbook of constant memory takes."""
        for row, column in sorted(self._cells):
            value, style, across = self._cells[row, column]
            look = self._book.styles[style]
            if across > 1:
                self._sheet.merge_range(row, column, row, column + across - 1, None, look)
            if isinstance(value, Link):
                self._sheet.write_url(row, column, url_of(value), look)
            else:
                write(self._sheet, row, column, value, look)

    def _shape(self) -> None:
        sheet = self._sheet
        sheet.hide_gridlines(2)
        sheet.set_column(0, 0, 2)
        for column in (_LEFT, _MIDDLE, _RIGHT):
            sheet.set_column(column, column + _WIDE - 1, 14.71)  # 108 pixels
            sheet.set_column(column + _WIDE, column + _WIDE, 2.5)
        sheet.set_first_sheet()
        sheet.activate()
        for_print(sheet, pages_high=1)
        sheet.center_horizontally()
        last = max(row for row, _ in self._cells)
        sheet.print_area(0, 0, last, _LAST)

    def _chart(self, chart: object, column: int, told: str) -> None:
        self._sheet.insert_chart(
            _CHARTS_FROM, column, chart, {"description": cell_text(told), "x_offset": 0, "y_offset": 6, "object_position": 2}
        )


def most_missed(elements: Iterable[ElementTotals]) -> list[ElementTotals]:
    """The elements that notes lack though they are required, most first."""
    found = [e for e in elements if e.missing or e.partial]
    return sorted(found, key=lambda e: (-e.missing, -e.partial, e.element))
