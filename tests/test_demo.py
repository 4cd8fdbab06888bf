"""The simulated county as a folder: repeatable, complete under its contract, damaged only where it says so."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pytest
import python_calamine

from baoxue import demo
from baoxue.contracts import SOURCES, Source
from baoxue.demo import identities, template
from baoxue.demo.workbooks import Sheet, column_letter, write_csv, write_workbook
from conftest import SEED, County

WRITE_TINY = "import sys, pathlib\nfrom baoxue import demo\ndemo.write(pathlib.Path(sys.argv[1]), size='tiny', seed={})"


def digests(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def first_rows(path: Path, count: int = 4) -> list[list[str]]:
    if path.suffix == ".xlsx":
        sheet = python_calamine.CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0)
        return [[str(cell).replace(" ", "") for cell in row] for row in sheet.to_python(nrows=count)]
    raw = path.read_bytes()
    text = raw.decode("utf-8-sig") if is_utf8(raw) else raw.decode("gb18030")
    return [line.split(",") for line in text.splitlines()[:count]]


def is_utf8(raw: bytes) -> bool:
    return raw.decode("utf-8", errors="replace").count("\ufffd") == 0


def files_of(drop: Path, source: Source) -> list[Path]:
    place = drop / source.folder
    inside = [path for path in place.rglob("*") if path.is_file()] if place.is_dir() else []
    return inside or [path for path in place.parent.glob(f"{place.name}.*") if path.is_file()]


def truth(county: County, name: str) -> pd.DataFrame:
    return pd.read_parquet(county.drop / "truth" / f"{name}.parquet")


def test_the_same_seed_writes_the_same_bytes_under_another_hash_seed(county: County, tmp_path: Path) -> None:
    environment = os.environ | {"PYTHONHASHSEED": "4321"}
    command = [sys.executable, "-c", WRITE_TINY.format(SEED), str(tmp_path / "drop")]
    subprocess.run(command, env=environment, check=True)
    assert digests(tmp_path / "drop") == digests(county.drop)


def test_another_seed_is_another_county(county: County, tmp_path: Path) -> None:
    demo.write(tmp_path / "drop", size="tiny", seed=SEED + 1)
    other = pd.read_parquet(tmp_path / "drop" / "truth" / "outcomes.parquet")
    assert set(other["id_number"]) != set(truth(county, "outcomes")["id_number"])
    assert demo.key(SEED) == demo.key(SEED) != demo.key(SEED + 1)


HANDED_IN = [source for source in SOURCES if not source.is_answer]
"""Answers come back only on lists that were handed out."""


@pytest.mark.parametrize("source", HANDED_IN, ids=[source.table for source in HANDED_IN])
def test_every_source_of_the_contract_is_handed_in_with_its_required_columns(county: County, source: Source) -> None:
    files = files_of(county.drop, source)
    assert files, source.folder
    required = [column for column in source.columns if column.required]
    for path in files:
        rows = [set(row) for row in first_rows(path)]
        assert any(all(row & set(column.headers) for column in required) for row in rows), path.name


def test_both_versions_of_the_template_have_71_columns_and_the_registry_is_written_in_them(county: County) -> None:
    assert len(set(template.VERSION_A)) == len(template.VERSION_A) == 71
    assert len(set(template.VERSION_B)) == len(template.VERSION_B) == 71
    old = min((county.drop / "学籍" / "2021-09-30").iterdir())
    new = min((county.drop / "学籍" / "2024-11-29").iterdir())
    assert first_rows(old)[0] == [*template.VERSION_A, *template.EXPORTED]
    assert first_rows(new)[0] == [*template.VERSION_B, *template.EXPORTED]
    assert column_letter(len(template.VERSION_B) - 1) == "BS"


def test_truth_has_the_columns_that_others_rely_on(county: County) -> None:
    wanted = {
        "findings": ["id_number", "finding", "since"],
        "hazards": ["id_number", "month", "hazard"],
        "outcomes": ["id_number", "left_on", "kind"],
    }
    for name, columns in wanted.items():
        schema = pq.read_schema(county.drop / "truth" / f"{name}.parquet")
        assert schema.names[:3] == columns
        assert {str(schema.field(column).type) for column in columns} <= {"string", "date32[day]", "double"}
    assert set(truth(county, "outcomes")["kind"]) == {
        "dropout", "transfer", "death", "emigration", "graduated", "suspension", "not_arrived",
    }  # fmt: skip


def test_truth_about_hazards_is_a_chance_per_child_and_month_and_looks_beyond_the_drop(county: County) -> None:
    rows = truth(county, "hazards")
    assert not rows.duplicated(["id_number", "month"]).any()
    assert rows["hazard"].between(0, 1, inclusive="neither").all()
    assert rows["month"].str.fullmatch(r"20\d\d-(0[1-69]|1[0-2])").all()
    assert rows["month"].min() == "2021-09" and rows["month"].max() == "2025-06"
    assert rows.equals(rows.sort_values(["id_number", "month"], ignore_index=True))


def test_numbers_pass_their_check_and_show_that_they_are_nobodys(county: County) -> None:
    numbers = truth(county, "outcomes")["id_number"]
    numbers = numbers[~numbers.str[0].isin(["J", "L"])]
    checks = identities.check_digit(numbers.str[:17].astype("int64").to_numpy())
    assert (numbers.str[17].to_numpy() == checks).all()
    assert (numbers.str[2:4] == "99").all() and (numbers.str[14:17].astype(int) >= 902).all()


def test_more_births_than_numbers_is_refused() -> None:
    same_day = np.full(50, np.datetime64("2015-01-01"))
    with pytest.raises(ValueError, match="more births"):
        identities.id_numbers(np.full(50, 339901), same_day, np.ones(50, bool))


def test_intake_takes_every_row_but_those_written_to_be_refused(county: County) -> None:
    damages = truth(county, "damages")
    written = damages[damages["fate"] == "refused"][["file", "row"]]
    refused = county.store.rejects()[["file", "row"]]
    assert len(written) and sorted(written.itertuples(index=False)) == sorted(refused.itertuples(index=False))


def test_intake_finds_every_row_that_was_pasted_twice(county: County) -> None:
    damages = truth(county, "damages")
    pasted = damages[damages["fate"] == "duplicate"].groupby("file").size().to_dict()
    account = {f["file"]: f["duplicates"] for f in county.store.account()[0]["files"] if f["duplicates"]}
    assert pasted and account == pasted


def test_truth_names_the_villages_and_classes_for_which_nobody_answers(county: County) -> None:
    gaps = truth(county, "duty_gaps")
    assert set(gaps["level"]) == {"村居", "班级", "科任"}
    book = pd.read_excel(county.drop / "学校" / "责任人.xlsx", engine="calamine", header=1, dtype=str, sheet_name=None)
    named = pd.concat(book.values())
    named = named[named["终止日期"].isna()]
    assert not set(zip(gaps["level"], gaps["unit"], strict=True)) & set(
        zip(named["层级"], named["责任对象"], strict=True)
    )


def test_every_kind_of_damage_is_done_somewhere(county: County) -> None:
    assert set(truth(county, "damages")["damage"]) == {
        "apostrophe", "spaces", "full_width", "lower_x", "scientific", "lost_digits", "name_missing", "number_invalid",
        "date_impossible", "kind_unknown", "digits_lost", "bare_code", "pasted_twice",
    }  # fmt: skip


def test_the_folder_says_that_it_is_simulated(county: County) -> None:
    assert "模拟数据" in (county.drop / "README.txt").read_text(encoding="utf-8")
    assert "模拟" in first_rows(county.drop / "学校" / "学校名单.xlsx")[0][0]
    school = pd.read_excel(county.drop / "学校" / "学校名单.xlsx", engine="calamine", header=2, dtype=str)
    assert school["学校名称"].str.startswith("模拟").all()


@pytest.mark.parametrize(
    ("size", "rate", "told"),
    [("huge", None, "tiny, small, county"), ("tiny", 0.9, "yearly rate"), ("tiny", 0, "yearly rate")],
)
def test_an_impossible_county_is_refused_before_anything_is_written(
    tmp_path: Path, size: str, rate: float | None, told: str
) -> None:
    with pytest.raises(ValueError, match=told):
        demo.write(tmp_path / "drop", size=size, seed=1, yearly_rate=rate)
    assert not list(tmp_path.iterdir())


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "drop").mkdir()
    (tmp_path / "drop" / "letter.docx").write_text("mine")
    with pytest.raises(FileExistsError, match="no simulated drop"):
        demo.write(tmp_path / "drop", size="tiny", seed=1)
    assert (tmp_path / "drop" / "letter.docx").read_text() == "mine"


def test_a_drop_that_breaks_off_leaves_the_earlier_one_and_nothing_half_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "drop").mkdir()
    (tmp_path / "drop" / demo.MARK).write_text("an earlier one")

    def stop(done: int, of: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        demo.write(tmp_path / "drop", size="tiny", seed=1, progress=stop)
    assert digests(tmp_path) == {
        f"drop/{demo.MARK}": hashlib.sha256(b"an earlier one").hexdigest(),
    }


def test_a_workbook_holds_what_was_put_in(tmp_path: Path) -> None:
    table = pd.DataFrame(
        {
            "姓名": ["甲", "", "<b>&丙 "],
            "数": [1, 2, 3],
            "日": pd.to_datetime(pd.Series(["2024-01-31", None, "2023-05-06"])),
            "杂": ["x", 5.5, pd.Timestamp("2020-01-02").date()],
            "空": ["", "", ""],
        }
    )
    write_workbook(tmp_path / "book.xlsx", [Sheet(table, "一", ("标题",)), Sheet(table.iloc[:0], "二")])
    book = openpyxl.load_workbook(tmp_path / "book.xlsx")
    rows = [[cell.value for cell in row] for row in book["一"].iter_rows()]
    assert rows[0][0] == "标题" and str(book["一"].merged_cells) == "A1:E1"
    assert rows[1] == list(table.columns)
    assert [row[0] for row in rows[2:]] == ["甲", None, "<b>&丙 "]
    assert [row[2] and str(row[2].date()) for row in rows[2:]] == ["2024-01-31", None, "2023-05-06"]
    assert [rows[2][3], rows[3][3], str(rows[4][3].date())] == ["x", 5.5, "2020-01-02"]
    assert [cell.value for cell in book["二"][1]] == list(table.columns)


def test_a_large_sheet_is_written_in_pieces_without_a_seam(tmp_path: Path) -> None:
    table = pd.DataFrame({"号": np.arange(12_001), "名": [f"n{n}" for n in range(12_001)]})
    write_workbook(tmp_path / "book.xlsx", [Sheet(table)])
    read = pd.read_excel(tmp_path / "book.xlsx", engine="calamine")
    pd.testing.assert_frame_equal(read.astype(str), table.astype(str))


def test_a_csv_is_written_in_the_encoding_asked_for(tmp_path: Path) -> None:
    write_csv(tmp_path / "a.csv", pd.DataFrame({"姓名": ["王𬭎", None]}), "gb18030")
    assert (tmp_path / "a.csv").read_text(encoding="gb18030") == '姓名\n王𬭎\n""\n'
    write_csv(tmp_path / "b.csv", pd.DataFrame({"姓名": ["甲"]}))
    assert (tmp_path / "b.csv").read_bytes().startswith(b"\xef\xbb\xbf")
