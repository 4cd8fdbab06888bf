"""The whole, end to end: the demo run on the tiny county, twice and in English: whole, equal and safe."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import msoffcrypto
import openpyxl
import pandas as pd
import pytest
from lxml import html

from baoxue import policy
from baoxue.run.delivery import Delivery, deliver, prepare
from baoxue.run.leaving import look
from conftest import County

SENTENCE = re.compile(r"(?:\b[A-Za-z'’]{2,}\b[ ,]+){3,}")
"""Four words of Latin letters in a row: in a Chinese report, English that was left."""


def run(county: County, folder: Path, *more: str) -> Delivery:
    """The demo run on the tiny county, its products below a folder of the test."""
    given = [f"store={county.store.path}", f"outputs={folder}", *more]
    return deliver(prepare(policy.ROOT / "params" / "demo.yaml", given))


@pytest.fixture(scope="module")
def chinese(county: County, tmp_path_factory: pytest.TempPathFactory) -> Delivery:
    return run(county, tmp_path_factory.mktemp("zh"))


def record(delivery: Delivery) -> dict:
    return json.loads((delivery.folder / "run.json").read_text(encoding="utf-8"))


def shown(page: Path) -> str:
    """What a reader of a page sees, without code and fixed-width text."""
    root = html.fromstring(page.read_bytes())
    for element in root.xpath("//style | //code | //pre"):
        element.drop_tree()
    return root.text_content()


def opened(delivery: Delivery) -> dict[str, list[tuple]]:
    """Every list, decrypted: school -> its cells."""
    restricted = delivery.folder / "restricted"
    passwords = pd.read_csv(restricted / "passwords.csv", dtype=str, encoding="utf-8-sig").set_index("school_code")[
        "password"
    ]
    lists = {}
    for file in sorted((restricted / "lists").glob("*.xlsx")):
        plain = io.BytesIO()
        locked = msoffcrypto.OfficeFile(io.BytesIO(file.read_bytes()))
        locked.load_key(password=passwords[file.stem])
        locked.decrypt(plain)
        book = openpyxl.load_workbook(plain)
        lists[file.stem] = [row for sheet in book for row in sheet.iter_rows(values_only=True)]
    return lists


def test_every_unit_finishes_and_the_index_names_it(chinese: Delivery) -> None:
    assert {o.unit.name: o.last_line for o in chinese.outcomes if o.status != "finished"} == {}
    assert chinese.is_complete
    index = (chinese.folder / "index.html").read_text(encoding="utf-8")
    assert all(f'href="reports/{o.unit.name}.html">{o.unit.title}<' in index for o in chinese.outcomes)


def test_nothing_that_leaves_names_a_child(chinese: Delivery, county: County) -> None:
    report = look(chinese.folder, county.store.path)
    assert report.findings == ()
    assert report.encrypted and all(file.startswith("restricted/lists/") for file in report.encrypted)


def test_no_page_fetches_anything_and_none_has_english_left(chinese: Delivery) -> None:
    for page in [chinese.folder / "index.html", *(chinese.folder / "reports").glob("*.html")]:
        assert not re.search(r'(?:src|href)="(?:https?:)?//', page.read_text(encoding="utf-8")), page.name
        assert SENTENCE.findall(shown(page)) == [], page.name


def test_every_list_is_encrypted_and_opens_with_its_school_s_own_password(chinese: Delivery) -> None:
    lists = opened(chinese)
    assert lists
    for school, cells in lists.items():
        assert any("姓名" in map(str, row) for row in cells[:15]), school


def test_the_same_store_and_params_give_the_same_products_under_another_hash_seed(
    chinese: Delivery, county: County, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONHASHSEED", "20241130")
    again = run(county, tmp_path)
    encrypted = {file for file in files(chinese) if file.startswith("restricted/lists/")}
    differing = [
        file for file in files(chinese) if files(again).get(file) != files(chinese)[file] and file not in encrypted
    ]
    assert files(again).keys() == files(chinese).keys()
    assert set(differing) <= {"restricted/passwords.csv"}
    assert opened(again) == opened(chinese)


def files(delivery: Delivery) -> dict[str, str]:
    return {entry["file"]: entry["sha256"] for entry in record(delivery)["files"]}


def test_the_whole_suite_speaks_english_too(county: County, tmp_path: Path) -> None:
    english = run(county, tmp_path, "lang=en")
    assert {o.unit.name: o.last_line for o in english.outcomes if o.status != "finished"} == {}
    assert 'lang="en"' in (english.folder / "index.html").read_text(encoding="utf-8")
