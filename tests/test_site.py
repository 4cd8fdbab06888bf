"""The site in a real browser: every product found, by keyboard and screen reader too, on screen, phone and paper."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
from axe_playwright_python.sync_playwright import Axe
from lxml import html
from playwright.sync_api import Browser, Page

from baoxue import policy
from baoxue.run import site
from baoxue.run.changes import changes, period_before
from baoxue.run.delivery import deliver, prepare
from baoxue.run.params import load
from baoxue.run.release import release
from notebooks_drawn import notebook, params

PAGES = ("index", *(line.name for line in load(policy.ROOT / "params" / "demo.yaml").notebooks))
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1200, "height": 900}
every_page = pytest.mark.parametrize("name", PAGES)


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    """One tab that remembers what it asked for."""
    tab = browser.new_page(viewport=DESK)
    tab.set_default_timeout(10_000)
    yield tab
    tab.close()


def place(run: Path, name: str) -> Path:
    """The index, or the page of a notebook; of one that is run for each school or township the first."""
    if name == "index":
        return run / "index.html"
    return min(file for file in (run / "reports").glob("*.html") if file.stem.partition("-")[0] == name)


def opened(page: Page, file: Path, *, scheme: str = "light", media: str = "screen", size: dict = DESK) -> Page:
    page.emulate_media(color_scheme=scheme, media=media)  # type: ignore[arg-type]
    page.set_viewport_size(size)  # type: ignore[arg-type]
    page.goto(file.as_uri())
    return page


def focused(page: Page) -> str:
    return page.evaluate("document.activeElement.id || document.activeElement.textContent")


def grave(page: Page, file: Path) -> list[tuple[str, str, str]]:
    """The serious and critical findings of axe on a page with everything open, in light and in dark."""
    opened(page, file).evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    found = {"light": Axe().run(page)}
    page.emulate_media(color_scheme="dark")
    found["dark"] = Axe().run(page, options={"runOnly": ["color-contrast"]})
    return [
        (scheme, one["id"], one["nodes"][0]["html"])
        for scheme, results in found.items()
        for one in results.response["violations"]
        if one["impact"] in {"serious", "critical"}
    ]


@every_page
def test_a_page_has_no_serious_accessibility_finding_in_light_or_dark(demo_run: Path, page: Page, name: str) -> None:
    assert grave(page, place(demo_run, name)) == []


@every_page
def test_a_page_asks_the_network_for_nothing(demo_run: Path, page: Page, name: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    opened(page, place(demo_run, name)).wait_for_load_state("networkidle")
    assert [url for url in asked if not url.startswith("data:")] == [place(demo_run, name).as_uri()]


@every_page
def test_a_page_fits_a_phone_and_a_sheet_of_paper(demo_run: Path, page: Page, name: str) -> None:
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert opened(page, place(demo_run, name), size=PHONE).evaluate(wide) == 0
    sheet = {"width": 658, "height": 930}  # A4 less its margins, at 96 dots an inch
    assert opened(page, place(demo_run, name), media="print", size=sheet).evaluate(wide) == 0
    assert not page.locator(".skip, .contents, .search, footer nav").locator("visible=true").count()


@every_page
def test_every_link_of_a_page_leads_somewhere(demo_run: Path, name: str) -> None:
    file = place(demo_run, name)
    for link in html.fromstring(file.read_bytes()).xpath("//a/@href"):
        there, _, anchor = str(link).partition("#")
        target = (file.parent / unquote(there)) if there else file
        assert target.exists(), link
        assert not anchor or f'id="{anchor}"' in target.read_text(encoding="utf-8"), link


def test_the_pages_lead_to_each_other_and_back(demo_run: Path, page: Page) -> None:
    opened(page, place(demo_run, "index"))
    for name in PAGES[1:]:
        report = place(demo_run, name)
        page.click(f'a[href="reports/{report.name}"]')
        page.wait_for_url(f"**/{report.name}")
        assert page.locator("footer li a").count() >= 2
        page.click("header a")
        page.wait_for_url("**/index.html")


def test_a_keyboard_reaches_the_content_first_and_each_scrolling_table(demo_run: Path, page: Page) -> None:
    opened(page, place(demo_run, "30_cases"), size=PHONE)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#content"
    page.keyboard.press("Enter")
    assert focused(page).startswith("content")
    wider = "one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).overflowX === 'auto'"
    scrolling = f"[...document.querySelectorAll('main *')].filter(one => {wider})"
    assert page.evaluate(f"{scrolling}.length") > 0
    assert page.evaluate(f"{scrolling}.every(one => one.tabIndex === 0 && one.ariaLabel)")


class TestSearch:
    """What one types is looked for in titles, headings, files and readers, without a mouse."""

    def test_a_word_of_a_heading_finds_its_report_and_enter_goes_there(self, demo_run: Path, page: Page) -> None:
        opened(page, place(demo_run, "index")).focus("#search")
        page.keyboard.type("巩固率")
        assert page.locator("[data-product]").locator("visible=true").count() == 1
        assert "1" in page.inner_text("#found")
        page.keyboard.press("Enter")
        assert "巩固率" in focused(page)
        page.keyboard.press("Enter")
        page.wait_for_url("**/20_trends.html#section-*")

    def test_a_school_is_found_among_the_ledgers(self, demo_run: Path, page: Page) -> None:
        ledgers = [entry for entry in site.read_record(demo_run)["files"] if "/ledgers/" in entry["file"]]
        school = next(entry["title"] for entry in ledgers if entry["tier"] == "T2")
        opened(page, place(demo_run, "index")).fill("#search", school)
        shown = page.locator("[data-item] a").locator("visible=true")
        assert shown.all_inner_texts() == [school]

    def test_escape_brings_everything_back_and_a_word_that_is_nowhere_says_so(self, demo_run: Path, page: Page) -> None:
        opened(page, place(demo_run, "index"))
        everything = page.locator("[data-product]").locator("visible=true").count()
        page.fill("#search", "没有这样的词")
        assert page.locator("[data-product]").locator("visible=true").count() == 0
        assert page.inner_text("#found") == "没有找到，请换一个词。"
        page.press("#search", "Escape")
        assert page.locator("[data-product]").locator("visible=true").count() == everything > 0
        assert page.input_value("#search") == ""

    def test_without_scripts_the_page_is_whole_and_shows_no_search(self, demo_run: Path, browser: Browser) -> None:
        context = browser.new_context(java_script_enabled=False)
        tab = context.new_page()
        tab.goto(place(demo_run, "index").as_uri())
        assert (
            not tab.locator("#search").is_visible() and tab.locator("[data-product] a.name").count() == len(PAGES) - 1
        )
        context.close()


def test_no_file_is_called_by_its_raw_name(demo_run: Path) -> None:
    links = html.fromstring((demo_run / "index.html").read_bytes()).xpath("//li[@data-item]/a")
    assert links and not [link.text for link in links if re.search(r"\.(csv|parquet|xlsx|docx)$|_", link.text)]


def test_papers_stand_with_the_reader_who_may_hold_them(demo_run: Path) -> None:
    readers = html.fromstring((demo_run / "index.html").read_bytes()).xpath("//section[@data-reader]")
    tiers = {
        reader.xpath("string(h2)"): set(reader.xpath(".//li[@data-item]/span[@class='tag']/text()"))
        for reader in readers
    }
    assert tiers["学校"] == {"限学校"} and tiers["乡镇（街道）"] == {"限乡镇（街道）"}
    assert "限学校" not in tiers["教育局、领导小组"]


TABLE = """import pandas as pd
from pathlib import Path
from baoxue.disclosure import write_table
left = {"2024-10-31": [7, 9, 30], "2024-11-30": [7, 12, 30]}[as_of]
table = pd.DataFrame({"stage": ["小学", "初中", "九年"], "school_year": [2024, 2024, 2024], "left": left})
table = table if as_of < "2024-11" else pd.concat([table, table.tail(1).assign(stage="特教")])
file = Path(out) / "tables" / "left.csv"
write_table(table, file, tier="T0", counts=["left"], plain=["school_year"], title="人数")"""


@pytest.fixture(scope="module")
def two_months(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A small run as of two month's ends; in the second a notebook fails."""
    folder = tmp_path_factory.mktemp("months")
    own = 'as_of: str = "2024-11-30"  # day\nlang: str = "zh"  # language\nout: str = ""  # folder'
    told = notebook(folder, "told", TABLE, parameters=own)
    breaks = notebook(folder, "breaks", 'assert as_of < "2024-11", "十一月的数未齐"', parameters=own)
    lines = [f"{{notebook: '{name}', reader: bureau}}" for name in (told, breaks)]
    file = params(folder, *lines, more="as_of: 2024-10-31")
    file.write_text(file.read_text("utf-8").replace("edition: now", 'edition: "{as_of}"'), encoding="utf-8")
    return [deliver(prepare(file, [f"as_of={day}"])).folder for day in ("2024-10-31", "2024-11-30")]


def test_what_changed_since_the_period_before_is_told_number_by_number(two_months: list[Path]) -> None:
    first, second = two_months
    assert (period_before(first), period_before(second)) == (None, first)
    (table,) = changes(first, second)
    assert [(one.row, one.column, one.before, one.after) for one in table.changes] == [
        ("初中 · 2024", "left", "9", "12")
    ]
    assert (table.same, table.new_rows, table.gone_rows) == (2, 1, 0)


def test_the_index_tells_what_failed_and_why_what_changed_and_that_it_is_a_draft(two_months: list[Path]) -> None:
    shown = html.fromstring((two_months[1] / "index.html").read_bytes()).text_content()
    assert "AssertionError: 十一月的数未齐" in shown and "部分未完成" in shown and "草稿，未签发" in shown
    assert "1 个数有变化，2 个不变，新增 1 行，减少 0 行" in shown
    earlier = html.fromstring((two_months[0] / "index.html").read_bytes()).text_content()
    assert "没有可比的上一期" in earlier and json.loads((two_months[0] / "run.json").read_text())["state"] == "draft"


def test_an_index_with_failures_and_changes_and_one_signed_off_have_no_serious_finding(
    two_months: list[Path], page: Page, tmp_path: Path
) -> None:
    assert grave(page, two_months[1] / "index.html") == []
    shutil.copytree(two_months[0], tmp_path / "probe" / "2024-10-31")
    signed = release(tmp_path / "probe" / "2024-10-31", by="王主任")
    assert grave(page, signed.folder / "index.html") == []
