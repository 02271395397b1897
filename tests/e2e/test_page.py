"""The pages of an audit in a real browser, opened from the disk as a coder does."""

from __future__ import annotations

import csv
import re
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from e2e.command import SAMPLES
from write.audits import stored

import notecheck
from notecheck.batch.wordless import Wordless
from notecheck.codesets import parse_codes
from notecheck.failures import Failure
from notecheck.models import Note, NoteReport
from notecheck.tables import page_of
from notecheck.write import html

EVIL = 'CHIEF COMPLAINT: Low back pain </div><script>document.title = "driven"</script> for 3 weeks, 6/10, \u202eburning\u202c, "sharp" & <b>dull</b>.'
Done = list[tuple[Note, NoteReport]]


@pytest.fixture(scope="module")
def checker() -> notecheck.Checker:
    return notecheck.load()


@pytest.fixture(scope="module")
def done(checker: notecheck.Checker) -> Done:
    """The sample export with a hostile note at its end, checked."""
    with (SAMPLES / "export.csv").open(newline="", encoding="utf-8") as f:
        notes = [
            Note(
                note_id=r["note_id"], text=r["text"], service_date=r["service_date"], provider=r["provider"], codes=parse_codes(r["codes"])
            )
            for r in csv.DictReader(f)
        ]
    notes.append(Note(note_id="<i>evil</i>", text=EVIL, provider='"><script>', codes=("M54.50",)))
    return [(note, checker.check(note)) for note in notes]


@pytest.fixture(scope="module")
def site(done: Done, checker: notecheck.Checker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of an audit over them, with one note that could not be checked."""
    folder = tmp_path_factory.mktemp("page") / "audit"
    with stored(folder, done, [Failure(source="export.csv", row=13, reason="The note is empty: give its text.")]) as audit:
        html.write(audit, checker.pack.elements, folder)
    yield folder


def open_index(page: Any, site: Path, state: str = "") -> None:
    page.goto((site / "index.html").as_uri() + state)
    page.wait_for_selector(".rows tbody tr")


def column(page: Any, name: str) -> list[str]:
    return [re.sub(r"\s+", " ", words).strip() for words in page.locator(f".rows tbody .c-{name}").all_inner_texts()]


def number_of(done: Done, note_id: str) -> int:
    return next(n for n, (note, _) in enumerate(done, 1) if note.note_id == note_id)


def open_note(page: Any, site: Path, done: Done, note_id: str) -> tuple[Note, NoteReport]:
    number = number_of(done, note_id)
    page.goto((site / page_of(number)).as_uri())
    return done[number - 1]


def test_the_index_opens_from_the_disk_without_a_complaint_or_a_request_elsewhere(page: Any, site: Path) -> None:
    open_index(page, site)
    assert page.seen.complaints == []
    assert page.seen.requests and all(r.startswith(site.as_uri()) for r in page.seen.requests)
    assert page.title().startswith("Documentation audit")


def test_the_figures_are_those_of_the_run(page: Any, site: Path, done: Done) -> None:
    open_index(page, site)
    shown = page.locator(".figures").inner_text()
    in_scope = [r for _, r in done if r.in_scope]
    assert f"{sum(r.completeness or 0 for r in in_scope) / len(in_scope):.0%}" in shown
    assert f"{len(in_scope)}\nof {len(done)} checked" in shown
    assert "export.csv, row 13" in page.locator(".failures").inner_text()


def test_the_worst_notes_come_first_and_those_out_of_scope_are_asked_for(page: Any, site: Path, done: Done) -> None:
    open_index(page, site)
    problems = [len(re.findall("M|G|S", words)) for words in column(page, "problems")]
    assert problems == sorted(problems, reverse=True)
    assert not any("sore-throat" in name for name in column(page, "note"))
    page.select_option("[data-facet=scope]", "")
    assert len(column(page, "note")) == len(done) and "sore-throat" in column(page, "note")[-1]


def test_a_click_on_a_header_sorts_and_another_turns_the_order(page: Any, site: Path) -> None:
    open_index(page, site)
    shares = lambda: [int(words.split("%")[0]) for words in column(page, "complete")]  # noqa: E731
    page.click("[data-sort=complete]")
    assert shares() == sorted(shares()) and page.locator("th.c-complete").get_attribute("aria-sort") == "ascending"
    page.click("[data-sort=complete]")
    assert shares() == sorted(shares(), reverse=True) and page.locator("th.c-complete").get_attribute("aria-sort") == "descending"
    page.keyboard.press("Enter")
    assert shares() == sorted(shares())


def test_facets_narrow_the_list_and_say_how_many_each_value_has(page: Any, site: Path, done: Done) -> None:
    open_index(page, site)
    lacking = sum("function.sleep" in r.missing for _, r in done)
    assert f"Sleep ({lacking})" in page.locator("[data-facet=element]").inner_text()
    page.select_option("[data-facet=element]", "function.sleep")
    assert len(column(page, "note")) == lacking
    page.select_option(
        "[data-facet=provider]", label=f"Brandt ({sum('function.sleep' in r.missing for n, r in done if n.provider == 'Brandt')})"
    )
    assert set(column(page, "provider")) == {"Brandt"}
    page.click("#clear")
    page.select_option("[data-facet=verdict]", "unsupported")
    assert all("unsupported" in words for words in column(page, "problems"))


def test_a_search_finds_notes_by_id_provider_and_code(page: Any, site: Path) -> None:
    open_index(page, site)
    for typed, found in (("dictated", "03-dictated-letter"), ("moreau", "07-epidural-procedure"), ("m96.1", "02-telegraphic-follow-up")):
        page.fill("#search", typed)
        assert [words.split()[0] for words in column(page, "note")] == [found]
    page.fill("#search", "nobody")
    assert column(page, "note") == [] and "0 of" in page.locator("#worklist-count").inner_text()


def test_the_address_keeps_the_filter_but_never_what_was_typed(page: Any, site: Path) -> None:
    open_index(page, site)
    page.select_option("[data-facet=element]", "function.sleep")
    page.click("[data-sort=note]")
    page.fill("#search", "telehealth")
    assert "element=function.sleep" in page.url and "telehealth" not in page.url
    page.click(".rows tbody a")
    page.go_back()
    page.wait_for_selector(".rows tbody tr")
    assert page.locator("[data-facet=element]").input_value() == "function.sleep"


def test_an_element_of_the_chart_filters_the_list(page: Any, site: Path, done: Done) -> None:
    open_index(page, site)
    page.click(".chart-missed a[href='#element=function.walking']")
    page.wait_for_function("document.querySelector('[data-facet=element]').value === 'function.walking'")
    assert len(column(page, "note")) == sum("function.walking" in r.missing for _, r in done)


def test_each_mark_stands_at_the_words_of_its_evidence(page: Any, site: Path, done: Done) -> None:
    open_index(page, site)
    page.click("text=01-new-patient-template")
    page.wait_for_selector(".text .ev")
    note, report = done[0]
    told = page.evaluate(
        """() => [...document.querySelectorAll('.findings .evidence a')].map((a) => ({
            item: a.closest('.item').id, line: a.querySelector('.line').textContent,
            words: [...document.querySelectorAll('.text .ev')].filter((m) => m.dataset.marks.split(' ').includes(a.dataset.marks)).map((m) => m.textContent).join('')
        }))"""
    )
    for element, finding in report.elements.items():
        marked = [t["words"] for t in told if t["item"] == f"element-{element}"]
        assert marked == [e.text for e in finding.evidence] == [note.text[e.start : e.end] for e in finding.evidence]
    assert page.locator(".text").inner_text().strip() == note.text.strip()
    assert page.seen.complaints == [] and all(r.startswith("file:") for r in page.seen.requests)


def test_pointing_at_a_mark_or_tabbing_to_it_tells_element_status_rule_and_cue(page: Any, site: Path, done: Done) -> None:
    open_note(page, site, done, "02-telegraphic-follow-up")
    mark = page.locator(".text .ev", has_text="Denies f/c").first
    mark.hover()
    tip = page.locator(".tip")
    for words in ("Red flag: fever, chills, weight loss – denied", "rule red_flag.constitutional", "cue “Denies”"):
        assert words in tip.inner_text()
    page.keyboard.press("Escape")
    assert tip.is_hidden()
    page.locator(".text").focus()
    page.keyboard.press("Tab")
    assert tip.is_visible() and "rule" in tip.inner_text()
    described = page.evaluate(
        "document.activeElement.getAttribute('aria-describedby').split(' ').map((i) => document.getElementById(i).textContent)"
    )
    assert any("rule" in words for words in described)


def test_a_click_on_a_finding_jumps_to_its_words_and_flashes_them_and_a_mark_leads_back(page: Any, site: Path, done: Done) -> None:
    open_note(page, site, done, "01-new-patient-template")
    page.click("#element-function\\.walking .jump")
    first = page.locator(".text .ev.flash").first
    assert first.is_visible() and page.evaluate("document.activeElement.classList.contains('ev')")
    box, frame = first.bounding_box(), page.locator(".text").bounding_box()
    assert frame["y"] <= box["y"] <= frame["y"] + frame["height"]
    first.click()
    assert page.evaluate("document.activeElement.id") == "element-function.walking"


def test_words_of_a_note_cannot_drive_its_page(page: Any, site: Path, done: Done) -> None:
    open_index(page, site)
    assert "<i>evil</i>" in " ".join(column(page, "note")) and '"><script>' in column(page, "provider")
    open_note(page, site, done, "<i>evil</i>")
    assert page.title() == "<i>evil</i> – notecheck" and page.locator(".text script, .text b:not([id])").count() == 0
    assert page.locator(".text").inner_text().strip() == re.sub("[\u202e\u202c]", "\ufffd", EVIL)
    assert page.seen.complaints == []


def test_previous_and_next_go_through_the_worklist(page: Any, site: Path) -> None:
    open_index(page, site)
    names = [words.removesuffix(" visit").removesuffix(" procedure") for words in column(page, "note")]
    page.click(".rows tbody a")
    walked = [page.locator("h1").inner_text()]
    while page.locator("[rel=next]").count():
        page.click("[rel=next]")
        walked.append(page.locator("h1").inner_text())
    assert walked == names
    page.click("text=Audit")
    assert page.url.endswith("index.html")


def test_it_fits_a_phone_and_a_zoom_of_200_percent(page: Any, site: Path, done: Done) -> None:
    for width in (390, 650):  # 650 points is what a window of 1,300 shows at 200 %
        page.set_viewport_size({"width": width, "height": 800})
        for address in (site / "index.html", site / page_of(1)):
            page.goto(address.as_uri())
            assert page.evaluate("document.documentElement.scrollWidth") <= width, address.name


def test_ten_thousand_notes_open_sort_and_filter(page: Any, done: Done, checker: notecheck.Checker, tmp_path: Path) -> None:
    out_of_scope = next(r for _, r in done if not r.in_scope)
    many = [
        (Note(note_id=f"V{n}", text="Sore throat.", provider=f"Provider {n % 50}"), out_of_scope.model_copy(update={"note_id": f"V{n}"}))
        for n in range(10_000)
    ]
    folder = tmp_path / "audit"
    with stored(folder, [*done, *many]) as audit:
        html.write(audit, checker.pack.elements, folder, pages=None)
    began = time.perf_counter()
    open_index(page, folder, "#scope=")
    opened = time.perf_counter()
    page.click("[data-sort=provider]")
    page.fill("#search", "v99")
    page.wait_for_function("document.querySelector('#worklist-count').textContent.startsWith('111 ')")
    print(f"\n10,000 rows: opened in {opened - began:.2f} s, sorted and searched in {time.perf_counter() - opened:.2f} s")
    assert set(column(page, "provider")[:2]) == {"Provider 0"} and len(column(page, "note")) == 50
    page.click("#later")
    assert page.locator("#range").inner_text() == "51–100 of 111"


def test_the_same_audit_gives_the_same_bytes_that_only_their_owner_can_read(done: Done, checker: notecheck.Checker, tmp_path: Path) -> None:
    folder = tmp_path / "audit"
    with stored(folder, done) as audit:
        html.write(audit, checker.pack.elements, folder)
        pages = [p for p in sorted(folder.rglob("*")) if p.suffix in (".html", ".js", ".css")]
        first = [p.read_bytes() for p in pages]
        html.write(audit, checker.pack.elements, folder)
        assert [p.read_bytes() for p in pages] == first
    assert {stat.S_IMODE(p.stat().st_mode) for p in folder.rglob("*")} == {0o600, 0o700}


def test_beyond_the_limit_the_worst_have_pages_and_the_index_says_so(
    page: Any, done: Done, checker: notecheck.Checker, tmp_path: Path
) -> None:
    folder = tmp_path / "audit"
    with stored(folder, done) as audit:
        html.write(audit, checker.pack.elements, folder)
        html.write(audit, checker.pack.elements, folder, pages=2)
    assert len(list(folder.glob("notes/*/*.html"))) == 2
    open_index(page, folder)
    assert len(column(page, "note")) == 2
    assert f"The worst 2 of {len(done)} notes are listed here; all are in audit.xlsx" in page.locator(".worklist").inner_text()


def test_an_audit_without_text_shows_places_and_no_word(page: Any, done: Done, checker: notecheck.Checker, tmp_path: Path) -> None:
    folder = tmp_path / "audit"
    wordless = Wordless(checker.pack)
    with stored(folder, [(note, wordless.report(report)) for note, report in done], with_text=False) as audit:
        html.write(audit, checker.pack.elements, folder)
    shown = (folder / page_of(1)).read_text(encoding="utf-8")
    assert "keeps no text" in shown and "“" not in shown.replace("“…”", "") and "<q>" not in shown
    page.goto((folder / page_of(1)).as_uri())
    first = done[0][1].elements["pain.quality"].evidence[0]
    assert f"{first.start}–{first.end}" in page.locator("#element-pain\\.quality").inner_text()
