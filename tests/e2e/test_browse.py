"""An audit reviewed in a real browser: by mouse, by keys, without a script, and on a phone."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from e2e.command import SAMPLES
from web.serving import serving
from write.audits import stored

import notecheck
from notecheck.models import Note
from notecheck.read import read
from notecheck.web.settings import Settings


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder, checker = tmp_path_factory.mktemp("browse") / "audit", notecheck.load()
    notes = [note for note in read(SAMPLES / "export.csv") if isinstance(note, Note)]
    stored(folder, [(note, checker.check(note)) for note in notes]).close()
    with serving(Settings(workers=1, audit=folder)) as address:
        yield address


def rows(page: Any) -> list[str]:
    return page.locator("#rows tbody .c-note a").all_inner_texts()  # type: ignore[no-any-return]


def focused(page: Any, selector: str) -> str:
    return page.evaluate("s => document.activeElement.closest(s)?.id ?? ''", selector)  # type: ignore[no-any-return]


def test_facets_a_note_overruled_with_a_reason_and_its_place_in_precision_and_export(page: Any, site: str) -> None:
    page.goto(f"{site}/audit")
    assert len(rows(page)) == 10
    page.locator("#facet-element a", has_text="Walking capacity").click()
    assert len(rows(page)) == 4
    page.locator("#facet-scope a", has_text="in scope").click()
    first = rows(page)[0]
    page.locator("#rows tbody .c-note a").first.click()
    assert page.locator("h1").inner_text() == first
    item = page.locator("#element-function\\.walking")  # the mark stands at its finding
    item.locator("summary").click()
    item.locator("select").select_option("partial")
    item.get_by_label("because").fill("Limps into the room.")
    item.get_by_role("button", name="Overrule").click()
    item.locator(".overruled").wait_for()  # the script puts it there
    assert "Overruled: partial. Limps into the room." in item.inner_text()
    page.get_by_role("button", name="Mark reviewed").click()
    page.locator("#whole .agreed").wait_for()
    assert page.locator("#whole strong").inner_text() == "Reviewed"
    if shots := os.environ.get("NOTECHECK_SHOTS"):
        page.screenshot(path=str(Path(shots) / "browse-note.png"))
    page.get_by_role("link", name="Worklist").click()
    assert "element=function.walking" in page.url
    page.locator("#facet-reviewed a", has_text="yes").click()
    assert rows(page) == [first]
    page.get_by_role("link", name="Precision by rule").click()
    assert page.locator(".precision tbody th").first.inner_text() == "function.walking: nothing found"
    if shots:
        page.screenshot(path=str(Path(shots) / "browse-precision.png"))
    with page.expect_download() as download:
        page.get_by_role("link", name="JSON").click()
    marks = json.loads(Path(download.value.path()).read_text())
    assert {(m["kind"], m["decision"], m["reason"]) for m in marks} == {
        ("element", "overrule", "Limps into the room."),
        ("note", "reviewed", None),
    }
    assert page.seen.complaints == [] and all(r.startswith(site) for r in page.seen.requests)
    page.goto(f"{site}/audit")
    if shots:
        page.screenshot(path=str(Path(shots) / "browse.png"))


def test_a_review_needs_no_mouse(page: Any, site: str) -> None:
    page.goto(f"{site}/audit?sort=note")
    assert page.locator(".keys").is_visible()
    for _ in range(3):
        page.keyboard.press("j")
    third = rows(page)[2]
    with page.expect_navigation():  # until the script is there too
        page.keyboard.press("Enter")
    assert page.locator("h1").inner_text() == third
    page.keyboard.press("j")
    place = focused(page, ".judge")
    assert place.startswith("judge-")
    with page.expect_navigation():
        page.keyboard.press("a")
    page.wait_for_function("document.activeElement.closest('.judge')")
    assert focused(page, ".judge") == place and "Agreed" in page.locator(f"[id='{place}']").inner_text()
    page.keyboard.press("j")
    page.keyboard.press("o")
    assert page.evaluate("document.activeElement.name") == "corrected"
    page.evaluate("document.activeElement.blur()")
    with page.expect_navigation():
        page.keyboard.press("r")
    assert page.locator("#whole strong").inner_text() == "Reviewed"
    with page.expect_navigation():
        page.keyboard.press("n")
    assert page.locator("h1").inner_text() != third
    with page.expect_navigation():
        page.keyboard.press("u")
    assert "sort=note" in page.url
    assert page.seen.complaints == []


def test_the_highlight_stays_at_the_right_words(page: Any, site: str) -> None:
    page.goto(f"{site}/audit/notes/1")
    quotation = page.locator(".evidence q").first
    quotation.click()
    mark = page.locator(".text .ev", has=page.locator(f"#m{quotation.locator('xpath=..').get_attribute('data-marks')}"))
    assert mark.first.inner_text().split()[0] in quotation.inner_text()


def test_everything_works_without_a_script(browser: Any, site: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}/audit/notes/4")
    mark = page.locator("#judging .judge").first
    mark.get_by_role("button", name="Agree").click()
    assert "Agreed" in page.locator("#judging .judge").first.inner_text()
    page.locator("#judging .judge").first.get_by_role("button", name="Undo").click()
    assert page.locator("#judging .judge").first.get_by_role("button", name="Agree").is_visible()
    context.close()


@pytest.mark.parametrize("path", ["/audit", "/audit/notes/1", "/audit/precision"])
def test_a_phone_needs_no_sideways_scrolling(page: Any, site: str, path: str) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(site + path)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
