"""How the workbook looks: one palette, one set of styles. Colour never stands alone: each coloured cell says its word."""

from __future__ import annotations

from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.format import Format

from notecheck.models import Met, Status, Support, Verdict

INK, QUIET, LINE, PAPER, BRAND = "#1F2A37", "#5B6675", "#DDE2E8", "#F4F6F8", "#1F4E5F"
MISSING, PARTIAL, FOUND = "#C2493D", "#E0A63A", "#2F7F79"  # chart colours: three hues that differ in lightness too

# Shared parts of the styles.
_BASE = {"font_name": "Calibri", "font_size": 10, "font_color": INK, "valign": "top"}
_ROW = {**_BASE, "bottom": 1, "bottom_color": LINE}
_TEXT = {**_ROW, "align": "left", "indent": 1, "quote_prefix": True}  # an edited cell stays text as well
_CHIP = {**_ROW, "align": "center", "quote_prefix": True}
_FIGURE = {**_BASE, "font_size": 22, "bold": True, "font_color": BRAND, "bg_color": PAPER, "align": "center", "valign": "vcenter"}
_SMALL_HEADER = {**_BASE, "font_size": 9, "bold": True, "font_color": QUIET, "bottom": 1, "bottom_color": QUIET}
_HEADER = {**_BASE, "bold": True, "font_color": "#FFFFFF", "bg_color": BRAND, "text_wrap": True, "valign": "top"}
_RED, _AMBER = {"bg_color": "#F9DEDB", "font_color": "#8A1F16"}, {"bg_color": "#FCEFCF", "font_color": "#6E4700"}
_GREEN = {"bg_color": "#DDF0E6", "font_color": "#14532F"}
_BLUE, _GREY = {"bg_color": "#DFEAF5", "font_color": "#1B456E"}, {"font_color": "#6B7480"}

_STYLES: dict[str, dict[str, Any]] = {
    "title": {**_BASE, "font_size": 22, "bold": True, "font_color": BRAND, "valign": "vcenter"},
    "subtitle": {**_BASE, "font_size": 11, "font_color": QUIET, "quote_prefix": True},
    "heading": {**_BASE, "font_size": 12, "bold": True, "font_color": BRAND, "bottom": 2, "bottom_color": BRAND},
    "sentence": {**_BASE, "font_size": 11, "text_wrap": True, "quote_prefix": True},
    "figure": {**_FIGURE, "num_format": "#,##0"},
    "figure_share": {**_FIGURE, "num_format": "0%"},
    "label": {**_BASE, "font_size": 9, "font_color": QUIET, "bg_color": PAPER, "align": "center", "text_wrap": True},
    "small_header": {**_SMALL_HEADER, "align": "left", "indent": 1},
    "small_header_right": {**_SMALL_HEADER, "align": "right", "num_format": "@_0"},
    "caption": {**_BASE, "font_color": QUIET, "italic": True, "valign": "vcenter", "quote_prefix": True},
    "header": {**_HEADER, "align": "left", "indent": 1},
    "header_right": {**_HEADER, "align": "right", "num_format": "@_0"},
    "header_middle": {**_HEADER, "align": "center"},
    # The button of the filter sits at the foot of the cell: the text begins above it.
    "header_turned": {**_HEADER, "rotation": 90, "align": "center", "valign": "bottom", "text_wrap": False, "num_format": '"      "@'},
    "line": {**_TEXT},
    "text": {**_TEXT, "text_wrap": True},
    "link": {**_TEXT, "font_color": "#0B5C8A", "underline": 1},
    # _0 leaves the breadth of a digit at the right: an indent does not reach every program.
    "number": {**_ROW, "num_format": '#,##0_0;-#,##0_0;"–"_0', "align": "right"},
    "share": {**_ROW, "num_format": "0%_0", "align": "right"},
    "points": {**_ROW, "num_format": "+0.0_0;-0.0_0;0.0_0", "align": "right"},
    "date": {**_ROW, "num_format": "yyyy-mm-dd", "align": "left", "indent": 1},
    "time": {**_ROW, "num_format": "yyyy-mm-dd hh:mm", "align": "left", "indent": 1},
    "red": {**_CHIP, **_RED},
    "amber": {**_CHIP, **_AMBER},
    "green": {**_CHIP, **_GREEN},
    "blue": {**_CHIP, **_BLUE},
    "grey": {**_CHIP, **_GREY},
}

# The styles of the words that a report uses. A code that a note excludes is no fault of the claim unless it was billed.
OF_STATUS: dict[Status, str] = {
    "documented": "green",
    "denied": "blue",
    "partial": "amber",
    "missing": "red",
    "not_applicable": "grey",
}
OF_VERDICT: dict[Verdict, str] = {
    "supported": "green",
    "less_specific": "amber",
    "unsupported": "red",
    "not_billable": "red",
    "not_valid_on_date": "red",
    "excluded": "red",
    "outside_pack": "grey",
}
OF_SUPPORT: dict[Support, str] = {"supported": "green", "needs_documentation": "amber", "excluded": "grey"}
OF_MET: dict[Met, str] = {"yes": "green", "no": "red", "not_documented": "amber"}


def make_styles(workbook: Workbook) -> dict[str, Format]:
    """Every style by its name, made known to this workbook."""
    return {name: workbook.add_format(properties) for name, properties in _STYLES.items()}
