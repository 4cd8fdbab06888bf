"""The whole, end to end: the demo run on the tiny county, twice and in English: whole, equal and safe."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
import shutil
from pathlib import Path

import msoffcrypto
import openpyxl
import pandas as pd
import pytest
from lxml import html

import backtest
from baoxue import policy
from baoxue.run.delivery import deliver, prepare
from baoxue.run.leaving import look
from baoxue.run.verify import verify
from conftest import County
from given import given

SENTENCE = re.compile(r"(?:\b[A-Za-z'’]{2,}\b[ ,]+){3,}")
"""Four words of Latin letters in a row: in a Chinese report, English that was left."""


def run(county: County, folder: Path, *more: str) -> Path:
    """The folder of the demo run on the tiny county, below a folder of the test."""
    given = [f"store={county.store.path}", f"outputs={folder}", *more]
    return deliver(prepare(policy.ROOT / "params" / "demo.yaml", given)).folder


def record(folder: Path) -> dict:
    return json.loads((folder / "run.json").read_text(encoding="utf-8"))


def failed(folder: Path) -> dict[str, str]:
    return {unit["name"]: unit["last_line"] for unit in record(folder)["units"] if unit["status"] != "finished"}


def shown(page: Path) -> str:
    """What a reader of a page sees, without code and fixed-width text."""
    root = html.fromstring(page.read_bytes())
    for element in root.xpath("//style | //script | //code | //pre"):
        element.drop_tree()
    return root.text_content()


def opened(folder: Path) -> dict[str, list[tuple]]:
    """Every list, decrypted: school -> its cells."""
    restricted = folder / "restricted"
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


def test_every_unit_finishes_and_the_index_names_it(demo_run: Path) -> None:
    assert failed(demo_run) == {}
    assert record(demo_run)["status"] == "complete"
    index = (demo_run / "index.html").read_text(encoding="utf-8")
    assert all(f'href="reports/{unit["name"]}.html">{unit["title"]}<' in index for unit in record(demo_run)["units"])


def test_nothing_that_leaves_names_a_child(demo_run: Path, county: County) -> None:
    report = look(demo_run, county.store.path)
    assert report.findings == ()
    assert report.encrypted and all(file.startswith("restricted/lists/") for file in report.encrypted)


def test_no_page_fetches_anything_and_none_has_english_left(demo_run: Path) -> None:
    for page in [demo_run / "index.html", *(demo_run / "reports").glob("*.html")]:
        assert not re.search(r'(?:src|href)="(?:https?:)?//', page.read_text(encoding="utf-8")), page.name
        assert SENTENCE.findall(shown(page)) == [], page.name


def test_every_list_is_encrypted_and_opens_with_its_school_s_own_password(demo_run: Path) -> None:
    lists = opened(demo_run)
    assert lists
    for school, cells in lists.items():
        assert any("姓名" in map(str, row) for row in cells[:15]), school


def test_a_past_run_made_again_after_more_was_handed_in_has_every_number_equal_under_another_hash_seed(
    demo_run: Path, county: County, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both the past and the present of the store have changed in between; what was known then has not."""
    shutil.copytree(county.store.path, tmp_path / "store")
    late = "pupil | date | absence | session | known_on\np1 | 2024-11-04 | 旷课 | 全天 | 2024-11-05"
    school = "school_code | school_name | school_type\n3133999999 | 模拟补报初级中学 | 初级中学"
    given(tmp_path / "store", received_on=dt.date(2025, 2, 1), absences=late, schools=school)
    monkeypatch.setenv("PYTHONHASHSEED", "20241130")
    found = verify(demo_run, store=tmp_path / "store").compared
    assert found.differences == ()
    assert found.files > 25 and found.numbers > 10_000
    encrypted = {file for file in files(demo_run) if file.startswith("restricted/lists/")}
    assert set(found.other_bytes) == encrypted


def test_the_numbers_of_the_tiny_county_are_those_that_were_kept(demo_run: Path) -> None:
    """A back test: what is computed today for a past day is what was computed when the numbers were kept.

    Where a definition or the simulation changes on purpose, `make expected` keeps the new numbers, and the commit shows
    which moved.
    """
    kept = backtest.kept()
    assert kept and backtest.moved(kept, backtest.numbers(demo_run)) == []


def test_a_number_that_moved_is_found_and_the_last_digits_of_another_processor_are_not() -> None:
    kept = {"rates.csv": "year,rate\n2023,0.5281\n2024,-7.573188916731866e-07\n"}
    elsewhere = {"rates.csv": kept["rates.csv"].replace("916731866e", "913378992e")}
    assert backtest.moved(kept, elsewhere) == []
    schools = ({"schools.csv": f"school_code\n{code}\n"} for code in ("3133990017", "3133990018"))
    assert backtest.moved(*schools) == ["schools.csv, line 2: 3133990017 was kept, now 3133990018"]
    other = {"rates.csv": kept["rates.csv"].replace("0.5281", "0.5282")}
    assert backtest.moved(kept, other) == ["rates.csv, line 2: 0.5281 was kept, now 0.5282"]


def files(folder: Path) -> dict[str, str]:
    return {entry["file"]: entry["sha256"] for entry in record(folder)["files"]}


def test_the_whole_suite_speaks_english_too(county: County, tmp_path: Path) -> None:
    english = run(county, tmp_path, "lang=en")
    assert failed(english) == {}
    assert 'lang="en"' in (english / "index.html").read_text(encoding="utf-8")
