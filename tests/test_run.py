"""A run: all of it checked before a kernel starts, a unit that fails fails alone, and nothing is left half-written."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from rich.console import Console

from baoxue.run.declared import NotebookError, parameters
from baoxue.run.delivery import Delivery, deliver, prepare
from baoxue.run.errors import RunError
from baoxue.run.grids import tidy
from baoxue.run.languages import headings, in_language
from baoxue.run.pages import Around, page
from baoxue.run.places import places
from baoxue.run.record import digest
from baoxue.run.refresh import refresh
from conftest import County, eventually, is_alive
from notebooks_drawn import PARAMETERS, notebook, params

TABLE = """import pandas as pd
from pathlib import Path
from baoxue.disclosure import write_table
table = pd.DataFrame({"stage": ["小学", "初中"], "left": [2, 9]})
write_table(table, Path(out) / "tables" / "left.csv", tier="T0", counts=["left"], title="辍学人数")
write_table(table, Path(out) / "restricted" / "left.parquet", tier="T3")"""


def refused(file: Path, *overrides: str) -> RunError:
    """The error with which a run is refused."""
    with pytest.raises(RunError) as caught:
        prepare(file, overrides)
    return caught.value


def outcome(delivery: Delivery, name: str) -> tuple[str, str]:
    return next((o.status, o.last_line) for o in delivery.outcomes if o.unit.name == name)


class TestBeforeAnyKernelStarts:
    """A params file is refused with the name of what is wrong and the nearest right one."""

    def test_a_misspelt_parameter_names_the_nearest(self, tmp_path: Path) -> None:
        own = f"{PARAMETERS}\nmonths: int = 6  # how far ahead"
        name = notebook(tmp_path, "a", "1", parameters=own)
        line = f"{{notebook: {name}, reader: bureau, params: {{monts: 3}}}}"
        assert "'monts'" in str(refused(params(tmp_path, line))) and "'months'" in str(refused(params(tmp_path, line)))
        by_hand = refused(params(tmp_path, f"{{notebook: {name}, reader: bureau}}"), "monhts=3")
        assert "'monhts'" in str(by_hand) and "'months'" in str(by_hand)

    def test_a_misspelt_key_names_the_nearest(self, tmp_path: Path) -> None:
        line = f"{{notebook: {notebook(tmp_path, 'a', '1')}, reader: bureau}}"
        assert "'cell_timeout_s'" in str(refused(params(tmp_path, line, more="cell_timeout: 5")))
        assert "'reader'" in str(refused(params(tmp_path, line.replace("reader", "readers"))))

    @pytest.mark.parametrize(
        ("written", "meant"), [("0012", "0012"), ("NO", "NO"), ("1e3", "1e3"), ("2024-11-30", "2024-11-30")]
    )
    def test_a_text_without_quotes_that_yaml_reads_as_something_else(
        self, tmp_path: Path, written: str, meant: str
    ) -> None:
        name = notebook(tmp_path, "a", "1", parameters=f'{PARAMETERS}\ngroup: str = ""  # which')
        file = params(tmp_path, f"{{notebook: {name}, reader: bureau, params: {{group: {written}}}}}")
        if written == "1e3":
            assert prepare(file).notebooks[0].params == {"group": "1e3"}
            return
        assert "group" in str(refused(file)) and f'"{meant}"' in str(refused(file))
        assert f'"{meant}"' in refused(file).say("zh")

    def test_a_run_called_by_a_number(self, tmp_path: Path) -> None:
        file = params(tmp_path, f"{{notebook: {notebook(tmp_path, 'a', '1')}, reader: bureau}}")
        file.write_text(file.read_text().replace("run: probe", "run: 0012"))
        assert '"0012"' in str(refused(file))

    @pytest.mark.parametrize("value", ["six", "3.5", "true"])
    def test_a_wrong_type(self, tmp_path: Path, value: str) -> None:
        name = notebook(tmp_path, "a", "1", parameters=f"{PARAMETERS}\nmonths: int = 6  # how far ahead")
        file = params(tmp_path, f"{{notebook: {name}, reader: bureau, params: {{months: {value}}}}}")
        assert "months" in str(refused(file)) and "int" in str(refused(file))
        plain = params(tmp_path, f"{{notebook: {name}, reader: bureau}}")
        if value != "true":
            assert "months" in str(refused(plain, f"months={value}"))

    def test_a_date_that_is_none(self, tmp_path: Path) -> None:
        name = notebook(tmp_path, "a", "1", parameters=f'{PARAMETERS}\nsince: str = "2024-09-01"  # from')
        file = params(tmp_path, f"{{notebook: {name}, reader: bureau, params: {{since: '2024-9-1'}}}}")
        assert "since" in str(refused(file)) and "2024-11-30" in str(refused(file))
        assert "as_of" in str(refused(params(tmp_path, f"{{notebook: {name}, reader: bureau}}"), "as_of=yesterday"))

    def test_a_language_that_is_none(self, tmp_path: Path) -> None:
        file = params(tmp_path, f"{{notebook: {notebook(tmp_path, 'a', '1')}, reader: bureau}}")
        assert "lang" in str(refused(file, "lang=fr"))

    def test_an_unknown_township_names_the_nearest_with_its_name(self, tmp_path: Path) -> None:
        name = notebook(tmp_path, "a", "1", parameters=f'{PARAMETERS}\ntownship: str = ""  # code; "" = all')
        file = params(tmp_path, f"{{notebook: {name}, reader: bureau}}")
        assert "330382108 (虹桥镇)" in str(refused(file, "township=3303821080"))
        assert '"330382108"' in str(refused(file, "township=虹桥镇"))
        assert prepare(file, ["township=330382108"]).params == {"township": "330382108"}

    def test_an_unknown_school_and_a_store_that_is_not_there(self, tmp_path: Path, county: County) -> None:
        own = f'{PARAMETERS}\nstore: str = "data/demo/store"  # store\nas_of: str = "2024-11-30"  # day'
        name = notebook(tmp_path, "a", "1", parameters=f'{own}\nschool: str = ""  # code; "" = all')
        file = params(
            tmp_path, f"{{notebook: {name}, reader: school}}", more=f"store: {county.store.path}\nas_of: 2024-11-30"
        )
        school = county.store.known_by("2024-11-30").table("schools").school_code.min().execute()
        assert prepare(file, [f"school={school}"]).params == {"school": school}
        assert "school" in str(refused(file, f"school={school}0")) and school in str(refused(file, f"school={school}0"))
        assert "baoxue intake" in str(refused(file, f"store={tmp_path / 'none'}"))
        assert "2021-" in str(refused(file, "as_of=1999-01-01"))

    def test_a_data_file_that_is_not_there(self, tmp_path: Path) -> None:
        name = notebook(tmp_path, "a", "1", parameters=f'{PARAMETERS}\ndata: str = ""  # a table')
        file = params(tmp_path, f"{{notebook: {name}, reader: research}}")
        assert "none.csv" in str(refused(file, "data=none.csv"))

    def test_a_notebook_that_is_not_there_or_waits_for_none(self, tmp_path: Path) -> None:
        with pytest.raises(NotebookError, match=r"missing\.ipynb"):
            prepare(params(tmp_path, f"{{notebook: {tmp_path / 'missing'}, reader: bureau}}"))
        name = notebook(tmp_path, "a", "1")
        assert "reads" in str(refused(params(tmp_path, f"{{notebook: {name}, reader: bureau, reads: [tables/b.csv]}}")))

    def test_an_edition_that_cannot_be_filled(self, tmp_path: Path) -> None:
        file = params(tmp_path, f"{{notebook: {notebook(tmp_path, 'a', '1')}, reader: bureau}}")
        assert "as_of, lang" in str(refused(file, "edition={month}"))
        assert "as_of" in str(refused(file, "edition={as_of}"))

    @pytest.mark.parametrize("text", ["run: [", "- a list", "", "title: {zh: a, en: b}"])
    def test_a_file_that_is_no_params_file(self, tmp_path: Path, text: str) -> None:
        (tmp_path / "params.yaml").write_text(text, encoding="utf-8")
        assert "params.yaml" in str(refused(tmp_path / "params.yaml"))

    def test_a_params_file_that_is_not_there(self, tmp_path: Path) -> None:
        assert "none.yaml" in str(refused(tmp_path / "none.yaml"))


def test_a_value_of_the_command_line_wins_over_the_file(tmp_path: Path) -> None:
    name = notebook(tmp_path, "a", "1", parameters=f"{PARAMETERS}\nmonths: int = 6  # ahead")
    file = params(tmp_path, f"{{notebook: {name}, reader: bureau, params: {{months: 3}}}}")
    asked = prepare(file, ["months=9", "lang=en"])
    assert (asked.params, asked.notebooks[0].params, asked.lang) == ({"months": 9}, {}, "en")


def test_the_parameters_of_a_notebook_are_read_with_type_default_and_meaning(tmp_path: Path) -> None:
    name = notebook(tmp_path, "a", "1", parameters='months: int = 6  # how far ahead\nonly: list[str] = ["a"]  # which')
    declared = parameters(Path(f"{name}.ipynb"))
    assert [(p.kind, p.default, p.meaning) for p in declared.values()] == [
        ("int", 6, "how far ahead"),
        ("list[str]", ["a"], "which"),
    ]
    assert declared["only"].read_text("b, c") == ["b", "c"]


@pytest.mark.parametrize(
    "cell", ["months = 6", "months: int", "months: int = today()", "months: int = 'six'", "months: set = 6"]
)
def test_a_badly_declared_parameter_is_the_author_s_to_mend(tmp_path: Path, cell: str) -> None:
    with pytest.raises(NotebookError, match=r"a\.ipynb"):
        parameters(Path(f"{notebook(tmp_path, 'a', '1', parameters=cell)}.ipynb"))


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Delivery:
    """A run of eight units of which three finish."""
    folder = tmp_path_factory.mktemp("mixed 乡镇")
    cells = {
        "good": ["print('sum', 1 + 1, out)", TABLE],
        "error": ["1 / 0", "1"],
        "exits": ["import sys", "sys.exit(0)"],
        "dies": ["import os; os.kill(os.getpid(), 9)"],
        "slow": ["import time; time.sleep(60)"],
        "leaks": ["raise ValueError('学生 11010519491231002X 13812345678')"],
        "waits": ["1"],
        "follows": ["from pathlib import Path; print((Path(out) / 'tables' / 'left.csv').exists())"],
    }
    flow = {
        "good": "writes: [tables/left.csv, restricted/left.parquet]",
        "error": "writes: [tables/never.csv]",
        "waits": "reads: [tables/never.csv]",
        "follows": "reads: [tables/left.csv]",
    }
    lines = [
        f"{{notebook: '{notebook(folder, name, *code)}', reader: bureau, {flow.get(name, '')}}}"
        for name, code in cells.items()
    ]
    return deliver(prepare(params(folder, *lines, more="cell_timeout_s: 8")))


class TestAUnitThatFailsFailsAlone:
    """Each way to fail has its line, and what is finished stands."""

    @pytest.mark.parametrize(
        ("name", "status", "last_line"),
        [
            ("good", "finished", ""),
            ("follows", "finished", ""),
            ("error", "failed", "ZeroDivisionError: division by zero"),
            ("exits", "failed", "SystemExit"),
            ("dies", "failed", "DeadKernelError"),
            ("slow", "failed", "CellTimeoutError"),
            ("waits", "left_out", "error"),
        ],
    )
    def test_it_is_told_how_each_went(self, mixed: Delivery, name: str, status: str, last_line: str) -> None:
        found = outcome(mixed, name)
        assert found[0] == status and found[1].startswith(last_line)

    def test_the_run_is_not_complete(self, mixed: Delivery) -> None:
        assert not mixed.is_complete
        assert json.loads((mixed.folder / "run.json").read_text("utf-8"))["status"] == "incomplete"

    def test_only_finished_units_have_products_and_nothing_else_is_left(self, mixed: Delivery) -> None:
        files = sorted(file.relative_to(mixed.folder).as_posix() for file in mixed.folder.rglob("*") if file.is_file())
        pages = [
            f"{folder}/{name}.{kind}"
            for folder, kind in (("notebooks", "ipynb"), ("reports", "html"))
            for name in ("follows", "good")
        ]
        assert files == ["index.html", *pages, "restricted/left.parquet", "run.json", "tables/left.csv"]
        assert [place.name for place in mixed.folder.parent.iterdir()] == [mixed.folder.name]

    def test_a_unit_reads_what_the_one_before_it_wrote(self, mixed: Delivery) -> None:
        assert "True" in (mixed.folder / "reports" / "follows.html").read_text(encoding="utf-8")

    def test_the_index_shows_the_last_line_of_the_traceback(self, mixed: Delivery) -> None:
        page = (mixed.folder / "index.html").read_text(encoding="utf-8")
        assert "ZeroDivisionError: division by zero" in page and "DeadKernelError" in page

    def test_an_identifier_in_a_traceback_is_masked_in_record_and_index(self, mixed: Delivery) -> None:
        for name in ("index.html", "run.json"):
            text = (mixed.folder / name).read_text(encoding="utf-8")
            assert "ValueError: 学生" in text and "11010519491231002X" not in text and "13812345678" not in text

    def test_no_path_of_the_machine_is_in_any_product(self, mixed: Delivery) -> None:
        here = str(mixed.folder.parents[2])
        there = here.encode("unicode_escape").decode()
        for file in mixed.folder.rglob("*"):
            if file.suffix in {".html", ".ipynb", ".json"}:
                text = file.read_text(encoding="utf-8")
                assert (
                    here not in text and there not in text and str(Path.home()) not in text and sys.prefix not in text
                )

    def test_a_notebook_keeps_no_trace_of_papermill_or_the_clock(self, mixed: Delivery) -> None:
        executed = nbformat.read(mixed.folder / "notebooks" / "good.ipynb", as_version=4)
        assert set(executed.metadata) == {"kernelspec", "language_info"}
        assert {key for cell in executed.cells for key in cell.metadata} <= {"tags"}
        assert 'out = "probe/now"' in "".join(cell.source for cell in executed.cells)

    def test_the_record_has_a_digest_of_every_file(self, mixed: Delivery) -> None:
        record = json.loads((mixed.folder / "run.json").read_text("utf-8"))
        assert {entry["file"] for entry in record["files"]} == {
            file.relative_to(mixed.folder).as_posix() for file in mixed.folder.rglob("*") if file.is_file()
        } - {"index.html", "run.json"}
        for entry in record["files"]:
            assert digest(mixed.folder / entry["file"]) == entry["sha256"]
        table = next(entry for entry in record["files"] if entry["file"] == "tables/left.csv")
        assert (table["tier"], table["rows"], table["counts"], table["hidden"]) == ("T0", 2, ["left"], 1)
        assert record["versions"]["papermill"] and record["code"] and record["parameters"]["cell_timeout_s"] == 8

    def test_the_restricted_folder_is_for_its_owner_only(self, mixed: Delivery) -> None:
        assert (mixed.folder / "restricted").stat().st_mode & 0o777 == 0o700
        assert (mixed.folder / "restricted" / "left.parquet").stat().st_mode & 0o777 == 0o600


def test_a_file_written_past_the_door_is_removed_and_the_run_says_so(tmp_path: Path) -> None:
    name = notebook(tmp_path, "a", "from pathlib import Path; (Path(out) / 'tables' / 'x.csv').write_text('1')")
    delivery = deliver(prepare(params(tmp_path, f"{{notebook: {name}, reader: bureau}}")))
    assert (delivery.refused, delivery.is_complete) == (("tables/x.csv",), False)
    assert not (delivery.folder / "tables").exists()


def test_two_units_that_write_one_file_are_told_apart(tmp_path: Path) -> None:
    lines = [f"{{notebook: {notebook(tmp_path, name, TABLE)}, reader: bureau}}" for name in ("a", "b")]
    delivery = deliver(prepare(params(tmp_path, *lines, more="at_once: 1")))
    assert outcome(delivery, "a") == ("finished", "")
    assert outcome(delivery, "b") == ("failed", "FileExistsError: restricted/left.parquet is written by a too") or (
        outcome(delivery, "b")[1].startswith("FileExistsError: tables/left.csv")
    )
    assert (delivery.folder / "tables" / "left.csv").exists()


def test_the_same_run_twice_gives_the_same_files_whatever_the_hash_seed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = "print(sorted({'b', 'a'}), hash('a') != 0)"
    file = params(tmp_path, f"{{notebook: {notebook(tmp_path, 'a', shown, TABLE)}, reader: bureau}}")
    digests = []
    for seed in ("1", "2"):
        monkeypatch.setenv("PYTHONHASHSEED", seed)
        record = json.loads((deliver(prepare(file)).folder / "run.json").read_text("utf-8"))
        digests.append([(entry["file"], entry["sha256"]) for entry in record["files"]])
    assert digests[0] == digests[1]


def test_a_later_run_takes_the_place_of_the_earlier(tmp_path: Path) -> None:
    first = deliver(prepare(params(tmp_path, f"{{notebook: {notebook(tmp_path, 'a', TABLE)}, reader: bureau}}")))
    second = deliver(prepare(params(tmp_path, f"{{notebook: {notebook(tmp_path, 'b', '1')}, reader: bureau}}")))
    assert first.folder == second.folder
    assert sorted(file.name for file in second.folder.rglob("*") if file.is_file()) == [
        "b.html",
        "b.ipynb",
        "index.html",
        "run.json",
    ]


def test_a_run_that_is_broken_off_leaves_the_earlier_products_and_no_draft_or_kernel(tmp_path: Path) -> None:
    first = deliver(prepare(params(tmp_path, f"{{notebook: {notebook(tmp_path, 'a', '1')}, reader: bureau}}")))
    before = digest(first.folder / "run.json")
    pid = tmp_path / "pid"
    slow = f"import os, time; open({str(pid)!r}, 'w').write(str(os.getpid())); time.sleep(120)"
    file = params(tmp_path, f"{{notebook: {notebook(tmp_path, 'b', slow)}, reader: bureau}}")
    running = subprocess.Popen(
        [sys.executable, "-m", "baoxue", "run", str(file)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    assert eventually(lambda: pid.exists() and pid.read_text() != "", 90)
    running.send_signal(signal.SIGINT)
    assert running.wait(timeout=60) != 0
    assert digest(first.folder / "run.json") == before
    assert [place.name for place in first.folder.parent.iterdir()] == [first.folder.name]
    assert eventually(lambda: not is_alive(int(pid.read_text())), 30)


def test_what_a_killed_run_left_is_cleared_up_by_the_next(tmp_path: Path) -> None:
    file = params(tmp_path, f"{{notebook: {notebook(tmp_path, 'a', '1')}, reader: bureau}}")
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    left = tmp_path / "outputs" / "probe" / f".now.draft-{gone.pid}"
    left.mkdir(parents=True)
    assert deliver(prepare(file)).is_complete
    assert not left.exists()


PICTURE = """import base64
from IPython.display import Image, display
dot = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
display(Image(base64.b64decode(dot)))"""


@pytest.mark.parametrize(
    ("lang", "kept", "left_out"), [("zh", "中文段落", "English words"), ("en", "English words", "中文段落")]
)
def test_a_page_is_in_one_language_without_code_and_fetches_nothing(
    tmp_path: Path, lang: str, kept: str, left_out: str
) -> None:
    code = "import warnings\nwarnings.warn('loud')\nprint('told')"
    file = params(
        tmp_path, f"{{notebook: {notebook(tmp_path, 'a', code, PICTURE)}, reader: bureau}}", more=f"lang: {lang}"
    )
    html = (deliver(prepare(file)).folder / "reports" / "a.html").read_text(encoding="utf-8")
    assert kept in html and left_out not in html and "told" in html
    assert "import warnings" not in html and "loud" not in html and "tagged" not in html
    assert f'<html lang="{"zh-CN" if lang == "zh" else "en"}">' in html
    assert f"<title>{'标题a' if lang == 'zh' else 'Title a'}</title>" in html
    assert f'alt="{"标题a" if lang == "zh" else "Title a"}"' in html
    assert not re.search(r"<(script|link|iframe)\b|https?://|@import", html)


def test_a_page_that_would_fetch_something_is_no_product(tmp_path: Path) -> None:
    code = "from IPython.display import HTML\nHTML('<script src=\"https://example.org/x.js\"></script>')"
    delivery = deliver(prepare(params(tmp_path, f"{{notebook: {notebook(tmp_path, 'a', code)}, reader: bureau}}")))
    assert outcome(delivery, "a")[0] == "failed" and "fetch" in outcome(delivery, "a")[1]


def test_a_worker_that_is_killed_fails_its_unit_only_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kills = f"""import os, subprocess, time
os.kill(int(subprocess.check_output(["pgrep", "-P", "{os.getpid()}", "-f", "baoxue.run.worker"])), 9)
time.sleep(30)"""
    lines = [
        f"{{notebook: {notebook(tmp_path, name, code)}, reader: bureau}}" for name, code in (("a", kills), ("b", "1"))
    ]
    passing = tempfile.mkdtemp(prefix="bx")
    monkeypatch.setattr(tempfile, "tempdir", passing)
    delivery = deliver(prepare(params(tmp_path, *lines, more="at_once: 1")))
    assert outcome(delivery, "a") == ("failed", "WorkerDied: the worker ended with code -9 (killed for memory?)")
    assert outcome(delivery, "b") == ("finished", "")
    Path(passing).rmdir()  # fails unless it is empty


def test_a_cell_not_for_the_report_is_left_out_of_the_page() -> None:
    cell = nbformat.v4.new_markdown_cell("for researchers", metadata={"tags": ["not-in-report"]})
    shown = nbformat.v4.new_notebook(cells=[cell, nbformat.v4.new_markdown_cell("for all")])
    html = page(shown, "en", Around("Trial", "2024-11-30", True), "a")
    assert "for all" in html and "for researchers" not in html and "simulated county" in html


def test_the_page_of_a_unit_names_the_unit_in_its_heading() -> None:
    report = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# One township\n\ntext")])
    html = page(report, "en", Around("Trial", "2024-11-30", True, "One township: A & B"), "a")
    assert "<h1>One township: A &amp; B</h1>" in html and html.count("<h1") == 1


def test_the_blocks_of_a_language_may_hold_blocks_of_their_own() -> None:
    chinese = '<div lang="zh">\n\n# 题\n\n<div class="box">\n盒\n</div>\n\n</div>'
    source = f'before\n{chinese}\n<div lang="en">\n\n# T\n\n</div>\nafter'
    assert in_language(source, "en") == "before\n\n\n# T\n\n\nafter"
    assert "盒" in in_language(source, "zh") and "T" not in in_language(source, "zh")
    assert headings(source, "zh") == [(1, "题")]


def test_the_county_has_its_25_townships() -> None:
    codes = list(places().townships)
    assert len(codes) == 25 and codes == sorted(codes)
    assert all(code.startswith(places().county.code) for code in codes)
    assert [
        sum(place.name.endswith(kind) for place in places().townships.values()) for kind in ("街道", "镇", "乡")
    ] == [8, 14, 3]


def test_a_frame_is_shown_with_one_row_of_headings_words_left_and_numbers_right() -> None:
    frame = pd.DataFrame(
        {"学段": ["小学", "初中"], "辍学": ["*", "11"], "率": ["0.2%", "—"]}, index=pd.Index(["甲", "乙"], name="学校")
    )
    shown = tidy(frame.to_html() + "<p>说明</p>")
    assert re.findall(r"<th[^>]*>([^<]*)</th>", shown) == ["学校", "学段", "辍学", "率", "甲", "乙"]
    assert re.findall(r'<td class="([\w ]+)"', shown) == ["words short", "number short", "number short"] * 2
    assert "border=" not in shown and shown.endswith("<p>说明</p>")
    assert tidy("<table><tr><td>other</td></tr></table>") == "<table><tr><td>other</td></tr></table>"


def test_refreshing_keeps_outputs_in_place_and_leaves_a_failing_notebook_as_it_was(tmp_path: Path) -> None:
    good, bad = (
        Path(f"{notebook(tmp_path, name, code)}.ipynb") for name, code in (("a", "print(lang)"), ("b", "1 / 0"))
    )
    before = bad.read_bytes()
    outcomes = refresh([good, bad], Console())
    assert [outcome.status for outcome in outcomes] == ["finished", "failed"]
    executed = nbformat.read(good, as_version=4)
    assert [cell.execution_count for cell in executed.cells if cell.cell_type == "code"] == [1, 2]
    assert executed.cells[-1].outputs[0].text == "zh\n" and bad.read_bytes() == before
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a.ipynb", "b.ipynb"]
