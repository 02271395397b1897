"""The workbook, read by another program's reader: what stands in it, and what never does."""

import stat
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet
from write.audits import stored
from write.reports import note, report

from notecheck.failures import Failure
from notecheck.models import Evidence, Note, NoteReport
from notecheck.write import xlsx
from notecheck.write.xlsx import tables
from notecheck.write.xlsx.cells import LONGEST_CELL, cell_text

NAMES = {e: SimpleNamespace(name=e.split(".")[1].capitalize(), fix=f"Add {e}.") for e in report().elements}
OUT_OF_SCOPE = NoteReport(note_id="other", in_scope=False, doc_type="other", profile="spine-visit", warnings=("Out of scope.",))
FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1+1", "=cmd|'/C calc'!A0", '=HYPERLINK("x")')


def named(note_id: str, provider: str | None = None, **changes: object) -> tuple[Note, NoteReport]:
    return note().model_copy(update={"note_id": note_id, "provider": provider}), report().model_copy(update={"note_id": note_id, **changes})


@contextmanager
def workbook(
    tmp_path: Path, *done: tuple[Note, NoteReport], failed: tuple[Failure, ...] = (), with_text: bool = True, **options: object
) -> Iterator[openpyxl.Workbook]:
    with stored(tmp_path / "audit", done, failed, with_text=with_text) as audit:
        xlsx.write(audit, NAMES, tmp_path / "audit.xlsx", **options)  # type: ignore[arg-type]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl does not know the data bars' extension
        yield openpyxl.load_workbook(tmp_path / "audit.xlsx")


def rows(sheet: Worksheet) -> list[dict[str, object]]:
    """The rows below the header, by its words."""
    _, header, *values = sheet.iter_rows(values_only=True)
    return [dict(zip(map(str, header), row, strict=True)) for row in values]


def test_the_sheets_stand_in_the_order_of_their_use(tmp_path: Path) -> None:
    done = (named("a", "Okafor"), named("b", "Brandt"))
    with workbook(tmp_path, *done) as book:
        sheets = [
            "Summary",
            "Worklist",
            "Elements",
            "Codes",
            "Codes by note",
            "Coverage",
            "Coverage by note",
            "Evidence",
            "Providers",
            "Failures",
        ]
        assert book.sheetnames == sheets and book.active.title == "Summary"


def test_the_worklist_has_the_worst_note_first_and_names_elements_in_plain_words(tmp_path: Path) -> None:
    better = named("better", completeness=0.9, missing=(), partial=("pain.severity",), claim=())
    with workbook(tmp_path, better, named("worse"), (note(), OUT_OF_SCOPE)) as book:
        found = rows(book["Worklist"])
        assert [row["Note"] for row in found] == ["worse", "better", "=visit-1"]
        assert (found[0]["Missing"], found[0]["Partial"], found[0]["Complete"]) == ("Sleep", "Severity", 0.6)
        assert (found[0]["Claim problems"], found[0]["Billed"], found[0]["Supported"]) == ("M54.5 not valid on date", "M54.5", "M54.50")
        assert str(found[0]["Date of service"]).startswith("2025-11-25")
        assert (found[2]["Kind"], found[2]["Complete"], found[2]["Remarks"]) == ("out of scope", None, "Out of scope.")
        sheet = book["Worklist"]
        assert sheet.auto_filter.ref == "A2:P5" and sheet.freeze_panes == "B3" and sheet.print_title_rows == "$2:$2"


def test_a_note_in_scope_leads_to_its_page_and_one_out_of_scope_to_none(tmp_path: Path) -> None:
    with workbook(tmp_path, (note(), OUT_OF_SCOPE), named("b")) as book:
        sheet = book["Worklist"]
        assert sheet["A3"].hyperlink.target == "notes/0000/0000002.html" and sheet["A4"].hyperlink is None
        assert book["Elements"]["A3"].hyperlink.target == "notes/0000/0000002.html"


def test_without_pages_no_note_leads_anywhere(tmp_path: Path) -> None:
    with workbook(tmp_path, named("b"), pages=0) as book:
        assert book["Worklist"]["A3"].hyperlink is None and "page" not in book["Worklist"]["A1"].value


def test_only_the_worst_notes_which_have_a_page_lead_to_it(tmp_path: Path) -> None:
    with workbook(tmp_path, named("better", claim=()), named("worse"), pages=1) as book:
        for sheet in (book["Worklist"], book["Elements"]):
            assert [(sheet[at].value, bool(sheet[at].hyperlink)) for at in ("A3", "A4")] == [("worse", True), ("better", False)]


def test_columns_that_no_note_fills_are_hidden(tmp_path: Path) -> None:
    with workbook(tmp_path, named("a")) as book:
        sheet = book["Worklist"]
        hidden = [d for d in sheet.column_dimensions.values() if d.hidden]  # neighbours alike are one
        titles = {str(cell.value) for cell in sheet[2] if any(d.min <= cell.column <= d.max for d in hidden)}
        assert titles == {"Provider", "Site", "Payer", "Note type", "Supported, not billed"}


def test_the_grid_says_each_status_in_a_word_and_a_colour(tmp_path: Path) -> None:
    with workbook(tmp_path, named("a"), (note(), OUT_OF_SCOPE)) as book:
        (row,) = rows(book["Elements"])
        told = {name: row[name] for name in ("Location", "Severity", "Constitutional", "Sleep", "Study", "Injection_relief")}
        # The study is missing too, but the profile does not ask for it.
        assert told == dict(zip(told, ("yes", "partial", "denied", "missing", "–", "–"), strict=True))
        fills = {cell.value: cell.fill.fgColor.rgb for cell in book["Elements"][3] if cell.value in ("yes", "partial", "denied", "missing")}
        assert len(set(fills.values())) == 4


def test_codes_are_counted_and_listed_note_by_note(tmp_path: Path) -> None:
    with workbook(tmp_path, named("a"), named("b")) as book:
        totals = {row["Code"]: row for row in rows(book["Codes"])}
        assert (totals["M54.5"]["Billed"], totals["M54.5"]["Billed: not valid on date"], totals["M54.5"]["Notes that support it"]) == (
            2,
            2,
            0,
        )
        assert (totals["M54.50"]["Billed"], totals["M54.50"]["Notes that support it"]) == (0, 2)
        billed = next(row for row in rows(book["Codes by note"]) if row["Code"] == "M54.5")
        assert (billed["Note"], billed["Billed"], billed["Verdict on the claim"]) == ("a", "yes", "not valid on date")
        assert (billed["Reason"], billed["Use instead"]) == ("It ended on 2021-09-30.", "M54.50, M54.59")


def test_coverage_is_counted_and_a_profile_without_a_rule_says_so(tmp_path: Path) -> None:
    with workbook(tmp_path, named("a")) as book:
        (total,) = rows(book["Coverage"])
        assert (total["Id"], total["Met"], total["Not documented"], total["Share met"]) == ("esi.relief", 0, 1, 0)
        assert [row["Met"] for row in rows(book["Coverage by note"])] == ["not documented"]
    with workbook(tmp_path, named("a", coverage=())) as book:
        assert "holds no payer's rule" in book["Coverage"]["A3"].value and "Coverage by note" not in book.sheetnames


def test_every_quotation_has_a_row_with_its_place(tmp_path: Path) -> None:
    with workbook(tmp_path, named("a")) as book:
        found = rows(book["Evidence"])
        assert [(row["Element"], row["Status"], row["Words of the note"]) for row in found] == [
            ("Location", "documented", "back pain"),
            ("Quality", "documented", "[x] sharp"),
            ("Severity", "partial", "Severe"),
            ("Constitutional", "denied", "No fever"),
        ]
        assert all(note().text[row["From"] : row["To"]] == row["Words of the note"] for row in found)  # type: ignore[misc]


def test_a_run_that_keeps_no_text_says_so_and_quotes_nothing(tmp_path: Path) -> None:
    place = Evidence(text="", start=4, end=13, section="chief_complaint")
    elements = {"pain.location": report().elements["pain.location"].model_copy(update={"evidence": (place,)})}
    with workbook(tmp_path, named("a", elements=elements), with_text=False) as book:
        assert "keeps no word of a note" in book["Evidence"]["A1"].value
        (row,) = rows(book["Evidence"])
        assert (row["Words of the note"], row["Section"], row["From"], row["To"]) == (None, "chief complaint", 4, 13)


def test_providers_are_held_against_the_whole_where_there_are_several(tmp_path: Path) -> None:
    with workbook(tmp_path, named("a", "Okafor", completeness=0.8), named("b", "Brandt", completeness=0.4), named("c", None)) as book:
        found = {row["Provider"]: row for row in rows(book["Providers"])}
        assert found["Okafor"]["Against the whole (points)"] == pytest.approx(20) and found["Okafor"]["Claim problems"] == 1
        assert found["Brandt"]["Most missed elements (notes)"] == "Sleep (1)" and "(none named)" in found


def test_one_provider_alone_is_no_comparison(tmp_path: Path) -> None:
    with workbook(tmp_path, named("a", "Okafor")) as book:
        assert "Providers" not in book.sheetnames


def test_failures_say_where_and_why(tmp_path: Path) -> None:
    with workbook(
        tmp_path, failed=(Failure(source="export.csv", row=7, note_id="n7", reason="the note is empty: give its text."),)
    ) as book:
        (row,) = rows(book["Failures"])
        assert tuple(row.values()) == ("export.csv", 7, "n7", "the note is empty: give its text.")
        assert book["Worklist"]["A3"].value == "No note was checked."


def test_the_summary_says_in_a_sentence_what_the_figures_mean(tmp_path: Path) -> None:
    with workbook(tmp_path, named("a"), named("b"), (note(), OUT_OF_SCOPE), failed=(Failure(reason="x."),)) as book:
        sheet = book["Summary"]
        assert sheet["B7"].value == (
            "2 of 4 notes were in the scope of the pack spine and held against the profile spine-visit. On average 60% of what it requires is "
            "documented. 2 notes lack at least one required element, most often Sleep (2 notes). Of 2 billed codes, 0 are supported by the note; "
            "2 need a look before the claim goes out. Begin with the first rows of Worklist. "
            "1 note could not be checked: Failures says why."
        )
        assert [sheet[at].value for at in ("B4", "D4", "G4", "I4", "L4")] == [4, 2, 0.6, 2, 2]
        # On one page: that many pages wide and high is what the format leaves unsaid.
        assert sheet.page_setup.orientation == "landscape" and sheet.sheet_properties.pageSetUpPr.fitToPage
        assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (None, None)


def test_the_charts_are_native_and_each_tells_its_figures_to_a_screen_reader(tmp_path: Path) -> None:
    with workbook(tmp_path, named("a")), zipfile.ZipFile(tmp_path / "audit.xlsx") as package:
        assert sum(name.startswith("xl/charts/chart") for name in package.namelist()) == 3
        drawing = package.read("xl/drawings/drawing1.xml").decode()
        assert drawing.count('descr="') == 3 and "Sleep: 1 missing, 0 partial" in drawing
        assert "<c:v>Sleep</c:v>" in package.read("xl/charts/chart1.xml").decode()  # for programs that draw without computing


@pytest.mark.parametrize("evil", FORMULAS)
def test_text_never_becomes_a_formula(tmp_path: Path, evil: str) -> None:
    quoted = Evidence(text=evil, start=0, end=len(evil), section="hpi")
    elements = {"pain.location": report().elements["pain.location"].model_copy(update={"evidence": (quoted,)})}
    pair = named(evil, evil, elements=elements, warnings=(evil,))
    with workbook(tmp_path, pair, named("b"), failed=(Failure(source=evil, note_id=evil, reason=evil),)) as book:
        cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
        assert not [cell for cell in cells if cell.data_type == "f"]
        assert sum(cell.value == evil.strip() for cell in cells) >= 8
    with zipfile.ZipFile(tmp_path / "audit.xlsx") as package:
        sheets = [package.read(name).decode() for name in package.namelist() if name.startswith("xl/worksheets/sheet")]
        assert not any("<f>" in sheet for sheet in sheets)


@pytest.mark.parametrize(
    "evil", ["<r><t>x</t></r>", "<r></is></c></row>&</r>", "a\x00b\x0b", "\ud800", "\ufffe", "_x0041_", "\u202etxt", "]]>", "&amp;"]
)
def test_no_text_breaks_the_file(tmp_path: Path, evil: str) -> None:
    with workbook(tmp_path, named("a"), failed=(Failure(reason=evil.encode("utf-8", "replace").decode()),)) as book:
        told = rows(book["Failures"])[0]["Why, and what to do"]
        assert isinstance(told, str) and told
    assert not set(cell_text(evil)) & set("\x00\x0b\ud800\ufffe\u202e")


def test_text_too_long_for_a_cell_is_cut() -> None:
    for long in ("x" * 40_000, "\N{BONE}" * 20_000):
        cut = cell_text(long)
        assert len(cut.encode("utf-16-le")) // 2 <= LONGEST_CELL and cut.endswith(" …")
    assert cell_text("x" * LONGEST_CELL) == "x" * LONGEST_CELL


def test_a_table_that_fills_its_sheet_goes_on_in_the_next_and_the_summary_says_so(tmp_path: Path) -> None:
    many = [named(f"n{n:03}") for n in range(100)]
    with workbook(tmp_path, *many, rows=50) as book:
        parts = [name for name in book.sheetnames if name.startswith("Worklist")]
        assert parts == ["Worklist", "Worklist (2)", "Worklist (3)"]
        assert all(book[name].max_row <= 50 and book[name]["A2"].value == "Note" for name in parts)
        assert sorted(str(row["Note"]) for name in parts for row in rows(book[name])) == [f"n{n:03}" for n in range(100)]
        assert book.sheetnames.index("Worklist (3)") < book.sheetnames.index("Elements")
        said = [cell.value for row in book["Summary"].iter_rows() for cell in row if isinstance(cell.value, str)]
        assert "Worklist has 100 rows, more than one sheet holds: it goes on to Worklist (3)." in said


def test_beyond_the_links_that_a_sheet_may_hold_the_ids_are_plain_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "SHEET_LINKS", 2)
    with workbook(tmp_path, named("a"), named("b"), named("c")) as book:
        cells = [book["Worklist"].cell(row, 1) for row in (3, 4, 5)]
        assert [cell.value for cell in cells] == ["a", "b", "c"] and [bool(cell.hyperlink) for cell in cells] == [True, True, False]
        said = " ".join(cell.value for row in book["Summary"].iter_rows() for cell in row if isinstance(cell.value, str))
        assert "the last 1 rows of Worklist have none" in said


def test_the_same_audit_gives_the_same_bytes(tmp_path: Path) -> None:
    with stored(tmp_path / "audit", [named("a", "x"), named("b", "y")]) as audit:
        for name in ("1.xlsx", "2.xlsx"):
            xlsx.write(audit, NAMES, tmp_path / name)
        with zipfile.ZipFile(tmp_path / "1.xlsx") as package:
            assert f"{audit.run.started:%Y-%m-%dT%H:%M:%SZ}</dcterms:created>" in package.read("docProps/core.xml").decode()
    assert (tmp_path / "1.xlsx").read_bytes() == (tmp_path / "2.xlsx").read_bytes()


def test_the_workbook_is_its_owners_alone_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    with workbook(tmp_path, named("a")):
        assert stat.S_IMODE((tmp_path / "audit.xlsx").stat().st_mode) == 0o600
        assert sorted(p.name for p in tmp_path.iterdir()) == ["audit", "audit.xlsx"]


def test_a_run_that_fails_half_way_leaves_no_words_of_a_note(tmp_path: Path) -> None:
    with stored(tmp_path / "audit", [named("a")]) as audit:
        audit.failures = lambda: 1 / 0  # type: ignore[method-assign, assignment, return-value]
        with pytest.raises(ZeroDivisionError):
            xlsx.write(audit, NAMES, tmp_path / "audit.xlsx")
    assert [p.name for p in tmp_path.iterdir()] == ["audit"]
