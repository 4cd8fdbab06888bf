"""The command line: what it prints, how it ends, and that a user never meets a traceback."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from baoxue.__main__ import main
from conftest import County
from given import workbook
from notebooks_drawn import notebook, params


class Said:
    """What a command printed and the code it ended with."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err


@pytest.fixture
def baoxue(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """Calls the command line, in English, as a user does."""
    monkeypatch.setenv("BAOXUE_LANG", "en")
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.delenv("BAOXUE_KEY", raising=False)

    def call(*arguments: object) -> Said:
        monkeypatch.setattr(sys, "argv", ["baoxue", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        assert "Traceback" not in printed.out + printed.err
        return Said(int(ended.value.code or 0), printed.out, printed.err)

    return call


def test_demo_writes_a_county_with_its_truth_and_its_key(baoxue, tmp_path: Path) -> None:
    said = baoxue("demo", "--size", "tiny", "--seed", "5", "--out", tmp_path / "drop", "--key", tmp_path / "key")
    assert said.code == 0 and str(tmp_path / "drop") in said.out
    assert (tmp_path / "drop" / "truth" / "findings.parquet").exists() and (tmp_path / "drop" / "学籍").is_dir()
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600


def test_demo_does_not_write_over_what_it_did_not_write(baoxue, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep")
    assert baoxue("demo", "--size", "tiny", "--out", tmp_path).code == 1
    assert [file.name for file in tmp_path.iterdir()] == ["mine.txt"]


def test_demo_knows_its_sizes(baoxue, tmp_path: Path) -> None:
    assert baoxue("demo", "--size", "huge", "--out", tmp_path / "drop").code != 0


def test_intake_of_a_simulated_drop_needs_no_key_and_prints_the_account(baoxue, county: County, tmp_path: Path) -> None:
    drop = tmp_path / "drop"
    shutil.copytree(county.drop / "校历", drop / "校历")
    shutil.copytree(county.drop / "学校", drop / "学校")
    shutil.copy(county.drop / "README.txt", drop)
    said = baoxue("intake", drop, "--store", tmp_path / "store", "--arrived-on", "2025-01-17")
    assert said.code == 0 and "校历/学期" in said.out
    assert (tmp_path / "store" / "intake.json").exists()


def test_intake_of_any_other_drop_without_a_key_says_what_to_do(baoxue, county: County, tmp_path: Path) -> None:
    shutil.copytree(county.drop / "校历", tmp_path / "drop" / "校历")
    said = baoxue("intake", tmp_path / "drop", "--store", tmp_path / "store")
    assert said.code == 1 and "BAOXUE_KEY" in said.err
    assert not (tmp_path / "store").exists()


def test_intake_ends_with_1_if_a_required_file_cannot_be_read(baoxue, county: County, tmp_path: Path) -> None:
    drop = tmp_path / "drop"
    shutil.copytree(county.drop / "学校", drop / "学校")
    shutil.copy(county.drop / "README.txt", drop)
    (drop / "校历").mkdir()
    (drop / "校历" / "学期.xlsx").write_bytes(b"no workbook")
    said = baoxue("intake", drop, "--store", tmp_path / "store")
    assert said.code == 1 and "校历/学期.xlsx" in said.out


def test_feedback_says_of_each_list_why_it_was_not_taken_in(baoxue, county: County, tmp_path: Path) -> None:
    list_of_nobody = workbook(tmp_path / "back" / "名单.xlsx", {"名单": [["序号", "姓名"], ["1", "某某"]]})
    (tmp_path / "key").write_bytes(county.key)
    nowhere = baoxue("feedback", list_of_nobody, "--store", tmp_path / "none", "--key", tmp_path / "key")
    assert nowhere.code == 1 and "baoxue intake" in nowhere.err
    store = shutil.copytree(county.store.path, tmp_path / "store")
    said = baoxue("feedback", tmp_path / "back", "--store", store, "--key", tmp_path / "key")
    assert said.code == 1 and "名单.xlsx: is no visit list" in said.out and "A list was not taken in" in said.err


def test_a_key_is_made_once_and_never_written_over(baoxue, tmp_path: Path) -> None:
    file = tmp_path / "county" / "key"
    assert baoxue("key", file).code == 0 and file.stat().st_mode & 0o777 == 0o600
    made = file.read_bytes()
    assert len(made) == 64
    assert baoxue("key", file).code == 1 and file.read_bytes() == made


@pytest.mark.parametrize("day", ["17.01.2025", "2025-1-17", "soon"])
def test_intake_refuses_a_day_that_is_none(baoxue, county: County, tmp_path: Path, day: str) -> None:
    said = baoxue("intake", county.drop, "--store", tmp_path / "store", "--arrived-on", day)
    assert said.code == 1 and "--arrived-on" in said.err and not (tmp_path / "store").exists()


def test_intake_of_a_folder_that_is_not_there(baoxue, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("0123456789abcdef")
    said = baoxue("intake", tmp_path / "none", "--store", tmp_path / "store", "--key", tmp_path / "key")
    assert said.code == 1 and "none" in said.err


def test_run_ends_with_the_index_and_a_line_a_product(baoxue, tmp_path: Path) -> None:
    lines = [
        f"{{notebook: {notebook(tmp_path, name, code)}, reader: bureau}}" for name, code in (("a", "1"), ("b", "1 / 0"))
    ]
    said = baoxue("run", params(tmp_path, *lines))
    assert said.code == 1
    last = said.out.strip().splitlines()[-3:]
    assert last[0].startswith("✓ 标题a") and "reports/a.html" in last[0]
    assert last[1].startswith("✗ 标题b") and "ZeroDivisionError: division by zero" in last[1]
    assert last[2] == str(tmp_path / "outputs" / "probe" / "now" / "index.html")


def test_run_speaks_the_language_of_the_report_it_makes(baoxue, tmp_path: Path) -> None:
    file = params(tmp_path, f"{{notebook: {notebook(tmp_path, 'a', '1')}, reader: bureau}}")
    said = baoxue("run", file, "-p", "lang=en")
    assert said.code == 0 and "✓ Title a" in said.out
    assert ">Bureau and leading group<" in (tmp_path / "outputs" / "probe" / "now" / "index.html").read_text("utf-8")


def test_run_says_in_one_message_what_is_wrong(baoxue, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = params(tmp_path, f"{{notebook: {notebook(tmp_path, 'a', '1')}, reader: bureau}}")
    said = baoxue("run", file, "-p", "langg=en")
    assert (said.code, said.err.strip()) == (1, "-p: no notebook of this run takes 'langg'; did you mean 'lang'?")
    monkeypatch.setenv("BAOXUE_LANG", "zh")
    assert "是不是“lang”" in baoxue("run", file, "-p", "langg=en").err
    assert not (tmp_path / "outputs").exists()


def test_a_dry_run_prints_the_plan_and_makes_nothing(baoxue, tmp_path: Path) -> None:
    lines = [f"{{notebook: {notebook(tmp_path, name, '1')}, reader: bureau}}" for name in ("first", "second")]
    said = baoxue("run", params(tmp_path, *lines), "--dry-run", "--only", "second")
    assert said.code == 0 and "1 to run, 0 kept, 1 not asked for" in said.out
    shown = {row.split("│")[1].strip(): row for row in said.out.splitlines() if row.startswith("│")}
    assert "not asked for" in shown["first"] and "not made yet" in shown["second"]
    assert not (tmp_path / "outputs").exists()


def test_a_run_in_which_nothing_changed_says_so(baoxue, tmp_path: Path) -> None:
    file = params(tmp_path, f"{{notebook: {notebook(tmp_path, 'a', '1')}, reader: bureau}}")
    assert baoxue("run", file).code == 0
    said = baoxue("run", file)
    assert said.code == 0 and "1 kept as they were" in said.out and "✓" not in said.out


def test_check_ends_with_1_on_a_finding_and_0_without(baoxue, tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text("<p>11010519491231002X</p>")
    said = baoxue("check", tmp_path)
    assert (
        said.code == 1 and "a.html" in said.out and "an ID number" in said.out and "11010519491231002X" not in said.out
    )
    (tmp_path / "a.html").write_text("<p>nothing</p>")
    assert baoxue("check", tmp_path).code == 0


def test_check_of_a_place_that_is_not_there(baoxue, tmp_path: Path) -> None:
    assert "none" in baoxue("check", tmp_path / "none").err
    (tmp_path / "a.txt").write_text("x")
    assert "baoxue intake" in baoxue("check", tmp_path, "--store", tmp_path / "none").err


def test_release_and_verify_end_with_1_where_they_refuse_and_0_where_all_is_well(baoxue, tmp_path: Path) -> None:
    file = params(tmp_path, f"{{notebook: {notebook(tmp_path, 'a', 'print(7)')}, reader: bureau}}")
    folder = tmp_path / "outputs" / "probe" / "now"
    assert baoxue("run", file).code == 0
    same = baoxue("verify", folder)
    assert same.code == 0 and "Every number is equal" in same.out and "1 numbers in 1 files" in same.out
    book = folder / "notebooks" / "a.ipynb"
    right = book.read_text("utf-8")
    book.write_text(right.replace("7\\n", "8\\n"), encoding="utf-8")
    other = baoxue("verify", folder)
    assert other.code == 1 and "notebooks/a.ipynb" in other.out and "1 places differ" in other.err
    refused = baoxue("release", folder, "--by", "Wang")
    assert refused.code == 1 and "not as the run left it" in refused.out
    book.write_text(right, encoding="utf-8")
    signed = baoxue("release", folder, "--by", "Wang")
    assert signed.code == 0 and "Signed off by Wang" in signed.out
    assert "edition" in baoxue("run", file).err
