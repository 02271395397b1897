"""The native charts of the summary: flat, few lines, figures at the bars. Their numbers stand in the table below each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.chart import Chart

from notecheck.write.xlsx.cells import cell_text
from notecheck.write.xlsx.styles import INK, LINE, QUIET

_WIDTH, _HEIGHT = 432, 272  # pixels: four columns of a block, and the rows kept free for it
_FONT = {"name": "Calibri", "size": 9, "color": INK}

Series = tuple[str, str, int, Sequence[int]]  # name, colour, column of the values, the values


def bars(book: Workbook, sheet: str, first: int, names_at: int, names: Sequence[str], series: Sequence[Series]) -> Chart:
    """Lying bars, the first row on top. Several series are stacked."""
    chart = book.add_chart({"type": "bar", "subtype": "stacked"} if len(series) > 1 else {"type": "bar"})
    _add(chart, sheet, first, names_at, names, series, {"gap": 45})
    chart.set_y_axis({"reverse": True, "interval_unit": 1, "num_font": _FONT, "line": {"color": LINE}, "major_tick_mark": "none"})
    chart.set_x_axis({"visible": False, "major_gridlines": {"visible": False}, "min": 0})
    return chart


def columns(book: Workbook, sheet: str, first: int, names_at: int, names: Sequence[str], series: Sequence[Series]) -> Chart:
    """Standing bars, close together: a distribution."""
    chart = book.add_chart({"type": "column"})
    _add(chart, sheet, first, names_at, names, series, {"gap": 12})
    chart.set_x_axis({"num_font": {**_FONT, "size": 8, "rotation": -45}, "line": {"color": LINE}, "major_tick_mark": "none"})
    chart.set_y_axis({"visible": False, "major_gridlines": {"visible": False}, "min": 0})
    return chart


def _add(chart: Chart, sheet: str, first: int, names_at: int, names: Sequence[str], series: Sequence[Series], look: dict[str, Any]) -> None:
    last = first + len(names) - 1
    inside = len(series) > 1
    for name, colour, column, values in series:
        label = {**_FONT, "size": 8, "color": "#FFFFFF" if inside and name == series[0][0] else INK}
        chart.add_series(
            {
                "name": name,
                "categories": [sheet, first, names_at, last, names_at],
                "values": [sheet, first, column, last, column],
                # A workbook of constant memory keeps no cells to read these from, and a previewer draws from them.
                "categories_data": [cell_text(n) for n in names],
                "values_data": list(values),
                "fill": {"color": colour},
                "border": {"none": True},
                "data_labels": {"value": True, "font": label, "num_format": "#,##0;;", **({"position": "center"} if inside else {})},
                **look,
            }
        )
    chart.set_legend({"position": "bottom", "font": {**_FONT, "color": QUIET}} if inside else {"none": True})
    chart.set_title({"none": True})  # it stands in the cells above
    chart.set_chartarea({"border": {"none": True}, "fill": {"color": "#FFFFFF"}})
    chart.set_plotarea({"fill": {"none": True}})
    chart.set_size({"width": _WIDTH, "height": _HEIGHT})
