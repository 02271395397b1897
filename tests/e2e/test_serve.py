"""The page that checks a note, in a real browser against a real server: what a biller does with it, and what it must never do."""

from __future__ import annotations

import base64
import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docx
import pytest
from e2e.browser import watched
from e2e.command import SAMPLES
from web.misbehaving import misbehaving
from web.serving import serving

from notecheck.web.settings import Settings

NOTE = (SAMPLES / "09-telehealth.txt").read_text(encoding="utf-8")
SHOWN = (SAMPLES / "01-new-patient-template.txt").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    with serving(Settings(workers=1)) as address:
        yield address


@pytest.fixture
def opened(page: Any, site: str) -> Iterator[Any]:
    """The page of the server. At its end nothing has left the host, nothing was said on the console, and nothing is stored."""
    page.goto(site)
    yield page
    assert page.seen.complaints == []
    assert all(r.startswith(site) and "?" not in r for r in page.seen.requests)
    assert page.evaluate("localStorage.length + sessionStorage.length + document.cookie.length") == 0
    assert page.evaluate("(async () => (await caches.keys()).length + (await indexedDB.databases()).length)()") == 0


def report(page: Any) -> Any:
    page.wait_for_selector("#report .score")
    return page.locator("#report")


def score(page: Any) -> str:
    return str(page.locator("#report .score strong").inner_text())


def drop(page: Any, name: str, data: bytes, times: int = 1) -> None:
    page.evaluate(
        """([name, data, times]) => {
            const files = new DataTransfer();
            files.items.add(new File(Array(times).fill(Uint8Array.from(atob(data), (c) => c.charCodeAt(0))), name));
            for (const kind of ["dragover", "drop"])
                document.body.dispatchEvent(new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer: files }));
        }""",
        [name, base64.b64encode(data).decode(), times],
    )


def test_a_pasted_note_is_checked_by_itself(opened: Any) -> None:
    opened.locator("#text").fill(NOTE)
    found = report(opened)
    assert score(opened).endswith("%") and found.locator(".group-missing .item").count() > 3
    assert found.locator(".group-missing .fix").first.inner_text().strip()
    assert found.locator(".text").inner_text().startswith(NOTE.splitlines()[0][:20])
    assert "complete" in opened.locator("#voice").inner_text()  # what a screen reader is told


def test_a_billed_code_that_will_not_hold_is_told_with_what_to_use(opened: Any) -> None:
    opened.locator("#text").fill(SHOWN)
    opened.locator("#service-date").fill("2025-11-25")
    opened.locator("#codes").fill("M54.5, M51.16, M5")
    opened.keyboard.press("Control+Enter")
    opened.wait_for_selector("#h-claim")
    claim = opened.locator(".group-claim .item")
    assert claim.count() == 3
    assert "not valid on date" in claim.nth(0).inner_text() and "M54.50" in claim.nth(0).inner_text()
    assert "supported" in claim.nth(1).inner_text()


def test_a_payers_rule_brings_its_criteria(opened: Any) -> None:
    opened.locator("#text").fill(SHOWN)
    report(opened)
    opened.locator("#profile").select_option("esi-initial")
    opened.wait_for_selector("[aria-labelledby=h-coverage-1]")


def test_a_dropped_word_document_becomes_the_note(opened: Any) -> None:
    written = docx.Document()
    for line in SHOWN.splitlines():
        written.add_paragraph(line)
    data = io.BytesIO()
    written.save(data)
    drop(opened, "visit of 2025-11-25.docx", data.getvalue())
    report(opened)
    assert "MRI of the lumbar spine" in opened.locator("#text").input_value()
    assert "MRI of the lumbar spine" in opened.locator("#report .text").inner_text()


@pytest.mark.parametrize(
    ("name", "data", "times", "words"),
    [
        ("empty.txt", b"", 1, "is empty"),
        ("scan.png", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 9, 1, "scan.png"),
        ("big.txt", b"x" * 1000, 11_000, "10 MB"),
    ],
)
def test_a_file_that_is_no_note_has_its_sentence_and_the_note_stays(opened: Any, name: str, data: bytes, times: int, words: str) -> None:
    opened.locator("#text").fill(NOTE)
    report(opened)
    drop(opened, name, data, times)
    opened.wait_for_function("words => document.getElementById('message').textContent.includes(words)", arg=words)
    assert opened.locator("#text").input_value() == NOTE
    opened.seen.complaints[:] = [c for c in opened.seen.complaints if "status of 422" not in c]  # the browser's own remark


def test_an_element_leads_to_its_words_and_back(opened: Any) -> None:
    opened.locator("#text").fill(SHOWN)
    report(opened)
    element = opened.locator("#element-imaging\\.study")
    quoted = element.locator(".evidence q").first.inner_text().strip("“”")
    element.locator(".evidence a").first.click()
    words = opened.evaluate("document.activeElement.closest('.text') && document.activeElement.textContent")
    assert words and (words in quoted or quoted in words)
    opened.keyboard.press("Enter")
    assert opened.evaluate("document.activeElement.id").startswith("element-")


def test_an_edit_is_checked_again_and_takes_away_neither_focus_nor_caret(opened: Any) -> None:
    area = opened.locator("#text")
    area.fill("Low back pain for 3 months.")
    report(opened)
    before = score(opened)
    area.press("End")
    opened.keyboard.type(" Pain is 7/10. No fever, chills or weight loss.", delay=2)
    opened.wait_for_function("before => document.querySelector('#report .score strong').textContent !== before", arg=before)
    assert opened.evaluate("document.activeElement.id") == "text"
    assert area.evaluate("a => a.selectionStart === a.value.length")
    assert "7/10" in opened.locator("#report .text").inner_text()


def test_the_latest_text_wins_however_late_an_earlier_answer_comes(opened: Any) -> None:
    held: list[Any] = []

    def hold_the_first(route: Any) -> None:
        if held:
            route.continue_()
        else:
            held.append(route)

    opened.route("**/report", hold_the_first)
    opened.locator("#text").fill("Low back pain, first words.")
    opened.keyboard.press("Control+Enter")
    opened.wait_for_timeout(300)
    opened.locator("#text").fill("Low back pain, second words.")
    opened.keyboard.press("Control+Enter")
    report(opened)
    held[0].continue_()
    opened.wait_for_timeout(500)
    assert "second words" in opened.locator("#report .text").inner_text()
    opened.unroute("**/report")


def test_the_query_to_the_clinician_is_copied(opened: Any, site: str) -> None:
    opened.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=site)
    opened.locator("#text").fill(NOTE)
    query = report(opened).locator("details.query").first
    query.locator("button.copy").click()
    opened.wait_for_function("() => document.querySelector('button.copy').textContent.startsWith('Copied')")
    assert opened.evaluate("navigator.clipboard.readText()") == query.locator(".query-text").text_content()


def test_markup_and_signs_that_turn_the_direction_are_shown_harmlessly(opened: Any) -> None:
    note = (
        NOTE + '\n<script>document.title = "driven"</script><img src=x onerror="document.title=1">\n\u202eback pain\u202c \u2066x\u2069\n'
    )
    opened.locator("#text").fill(note)
    opened.locator("#codes").fill('"><script>document.title="driven"</script>')
    opened.keyboard.press("Control+Enter")
    shown = report(opened).locator(".text").inner_text()
    assert '<script>document.title = "driven"</script>' in shown and not any(c in shown for c in "\u202e\u202c\u2066\u2069")
    assert opened.title().startswith("Check a note") and opened.locator("#report script, #report img").count() == 0


def test_a_server_that_is_gone_is_told_and_the_text_stays(page: Any, site: str) -> None:
    with misbehaving(), serving(Settings(workers=1)) as address:
        page.goto(address)
        page.locator("#text").fill(NOTE)
        report(page)
    page.locator("#text").press("End")
    page.keyboard.type(" more")
    page.wait_for_function("() => document.getElementById('message').textContent.includes('does not answer')")
    assert page.locator("#text").input_value().count(" more") == 1 and page.locator("#report.stale").count() == 1


def test_clear_empties_the_page(opened: Any) -> None:
    opened.locator("#text").fill(NOTE)
    report(opened)
    opened.locator("#clear").click()
    opened.wait_for_function("() => !document.querySelector('#report').firstElementChild")
    assert opened.locator("#text").input_value() == "" and opened.evaluate("document.activeElement.id") == "text"
    opened.keyboard.press("Control+Enter")
    assert "no note yet" in opened.locator("#message").inner_text()


def test_the_page_works_without_script(browser: Any, site: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site)
    page.locator("#text").fill(NOTE)
    page.locator("#codes").fill("M54.50")
    page.get_by_role("button", name="Check").click()
    page.wait_for_selector("#report .score")
    assert page.locator(".group-claim .item").count() == 1
    context.close()


def test_everything_is_reached_by_keyboard_and_the_focus_is_seen(opened: Any) -> None:
    order = []
    for _ in range(10):
        opened.keyboard.press("Tab")
        order.append(opened.evaluate("document.activeElement.id || document.activeElement.textContent.trim()"))
        assert opened.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none", order
    assert order[0] == "Skip to the content" and [o for o in order if o in ("text", "service-date", "codes", "profile", "document")][
        :1
    ] == ["text"]


@pytest.mark.parametrize("width", [320, 390, 640, 1300])  # 640: a screen of 1280 at 200 %
def test_nothing_is_cut_off_at_any_width(opened: Any, width: int) -> None:
    opened.set_viewport_size({"width": width, "height": 700})
    opened.locator("#text").fill(SHOWN)
    report(opened)
    assert opened.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/", "/docs", "/login"])
def test_axe_finds_nothing_serious(browser: Any, site: str, scheme: str, path: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe: pip install axe-playwright-python")
    context = browser.new_context(
        color_scheme=scheme, bypass_csp=True, reduced_motion="reduce"
    )  # axe is put into the page, which forbids that
    page = context.new_page()
    page.goto(site + path)
    if path == "/":
        page.locator("#text").fill(SHOWN)
        page.locator("#codes").fill("M54.5, M51.16")
        page.locator("#profile").select_option("esi-initial")
        page.keyboard.press("Control+Enter")
        page.wait_for_selector("[aria-labelledby=h-coverage-1]")
    found = axe.Axe().run(page).response["violations"]
    serious = [(v["id"], [n["target"] for n in v["nodes"]][:3]) for v in found if v["impact"] in ("serious", "critical")]
    assert serious == []
    context.close()


def test_the_page_is_pictured(browser: Any, site: str, tmp_path: Path) -> None:
    """Writes the picture of README to the path in NOTECHECK_SCREENSHOT."""
    context = browser.new_context(viewport={"width": 1320, "height": 940}, device_scale_factor=1.5, color_scheme="light")
    page = context.new_page()
    seen = watched(page)
    page.goto(site)
    page.locator("#service-date").fill("2025-12-02")
    page.locator("#codes").fill("M54.5, G89.29")
    page.locator("#text").fill(NOTE)
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("#h-claim")
    page.locator("#text").evaluate("a => { a.scrollTop = 0; a.blur(); }")
    target = Path(os.environ.get("NOTECHECK_SCREENSHOT", tmp_path / "check-page.png"))
    page.screenshot(path=target)
    assert target.stat().st_size > 50_000 and seen.complaints == []
    context.close()
