"""A draft, looked through and signed off: what speaks against it, what each is handed, and a record that only grows."""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from pathlib import Path

import msoffcrypto
import pandas as pd
import pytest

from baoxue.disclosure import Finding
from baoxue.run import handed, soundness
from baoxue.run.changes import Change
from baoxue.run.delivery import deliver, prepare
from baoxue.run.errors import RunError
from baoxue.run.leaving import look
from baoxue.run.release import Refused, release
from notebooks_drawn import notebook, params

OWN = 'as_of: str = "2024-11-30"  # day\nlang: str = "zh"  # language\nout: str = ""  # folder'
PAPERS = """import io
import pandas as pd
import xlsxwriter
from pathlib import Path
from baoxue.disclosure import release, write_table
def book(place):
    with xlsxwriter.Workbook(str(place)) as made:
        made.add_worksheet("台账").write(0, 0, "姓名")
place = Path(out)
for code, tier in (("3133000001", "T2"), ("3133000002", "T2"), ("330382108", "T1")):
    release(place / "restricted" / "ledgers" / f"ledgers_{code}.xlsx", book, tier=tier, title=f"{code}台账", rows=3)
write_table(pd.DataFrame({"case": [1]}), place / "restricted" / "cases.parquet", tier="T3")
secret = pd.DataFrame({"school_code": ["3133000001"], "password": ["one-two-three"]})
write_table(secret, place / "restricted" / "passwords.csv", tier="T3")
left = {"2024-10-31": 40, "2024-11-30": 41, "2024-12-31": 90}[as_of]
count = pd.DataFrame({"stage": ["小学", "初中"], "left": [left, 25]})
write_table(count, place / "tables" / "left.csv", tier="T0", counts=["left"], title="人数")"""


@pytest.fixture(scope="module")
def months(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run as of three month's ends, each with papers for two schools and a township; in December numbers jump."""
    folder = tmp_path_factory.mktemp("months")
    lines = [
        f"{{notebook: '{notebook(folder, 'papers', PAPERS, parameters=OWN)}', reader: bureau}}",
        f"{{notebook: '{notebook(folder, 'lists', '1', parameters=OWN)}', reader: school}}",
    ]
    file = params(folder, *lines, more="as_of: 2024-11-30")
    file.write_text(file.read_text("utf-8").replace("edition: now", 'edition: "{as_of}"'), encoding="utf-8")
    for day in ("2024-10-31", "2024-11-30", "2024-12-31"):
        assert deliver(prepare(file, [f"as_of={day}"])).is_complete
    return folder


@pytest.fixture
def run(months: Path, tmp_path: Path) -> Path:
    """A copy of the three runs that a test may change; the folder of the one as of 30 November."""
    shutil.copytree(months / "outputs", tmp_path / "outputs")
    return tmp_path / "outputs" / "probe" / "2024-11-30"


def kinds(folder: Path) -> set[tuple[str, str]]:
    return {(found.file, found.kind) for found in look(folder).findings}


class TestWhatSpeaksAgainstARun:
    """`baoxue check` of the folder of a run looks at the run, too."""

    def test_a_sound_draft_has_nothing_against_it(self, run: Path) -> None:
        assert look(run).findings == ()

    def test_a_file_that_was_changed_added_or_taken_away(self, run: Path) -> None:
        (run / "tables" / "left.csv").write_text("stage,left\n小学,99\n", encoding="utf-8-sig")
        (run / "tables" / "mine.csv").write_text("a\n", encoding="utf-8")
        (run / "reports" / "lists.html").unlink()
        found = soundness.findings(run)
        assert [(one.file, one.place) for one in found if one.kind == "altered"] == [
            ("reports/lists.html", "missing"),
            ("tables/left.csv", "changed since"),
            ("tables/mine.csv", "not of this run"),
        ]

    def test_a_unit_that_failed_and_a_check_that_failed_in_a_notebook(self, run: Path) -> None:
        record = json.loads((run / "run.json").read_text("utf-8"))
        record["units"][0] |= {"status": "failed", "last_line": "AssertionError: 不平"}
        record["refused"] = ["tables/past.csv"]
        (run / "run.json").write_text(json.dumps(record), encoding="utf-8")
        found = [one for one in soundness.findings(run) if one.kind == "failed"]
        assert found == [
            Finding("notebooks/papers.ipynb", "AssertionError: 不平", "failed"),
            Finding("tables/past.csv", "", "failed"),
        ]

    def test_a_number_that_moved_a_lot_since_the_period_before(self, run: Path) -> None:
        later = run.with_name("2024-12-31")
        assert look(later).findings == (Finding("tables/left.csv", "小学 · left", "change", "41 → 90"),)

    @pytest.mark.parametrize(
        ("before", "after", "asked"),
        [("40", "90", True), ("40", "48", False), ("3", "12", False), ("*", "90", False), ("1000", "1200", False)],
    )
    def test_it_takes_a_large_share_enough_pupils_and_more_than_chance(
        self, before: str, after: str, asked: bool
    ) -> None:
        assert soundness.is_large(Change("小学", "left", before, after)) is asked


class TestSigningOff:
    """Only what passes is signed off, by somebody, once."""

    def test_it_says_who_and_when_with_a_digest_of_every_file(self, run: Path) -> None:
        release(run, by="王主任")
        record = json.loads((run / "run.json").read_text("utf-8"))
        sheet = json.loads((run / "release.json").read_text("utf-8"))
        assert (record["state"], sheet["by"], sheet["at"][:2]) == ("released", "王主任", "20")
        assert sheet["files"] == {entry["file"]: entry["sha256"] for entry in record["files"]}
        index = (run / "index.html").read_text("utf-8")
        assert "王主任 签发" in index and "草稿" not in index and "handover/schools/3133000001.zip" in index

    def test_what_is_not_fit_is_refused_and_stays_a_draft(self, run: Path) -> None:
        (run / "reports" / "lists.html").write_text("<p>11010519491231002X</p>", encoding="utf-8")
        with pytest.raises(Refused) as refused:
            release(run, by="王主任", because="说不清")
        assert {found.kind for found in refused.value.report.findings} == {"id_number", "altered"}
        assert not (run / "handover").exists() and not (run.parent / "handed.jsonl").exists()

    def test_a_large_change_wants_a_reason(self, run: Path) -> None:
        later = run.with_name("2024-12-31")
        with pytest.raises(Refused, match="because"):
            release(later, by="王主任")
        release(later, by="王主任", because="十二月补录了秋季学期的离校")
        assert "补录" in (later / "index.html").read_text("utf-8")

    def test_nobody_signs_nothing_and_nothing_is_signed_twice(self, run: Path) -> None:
        with pytest.raises(RunError, match="--by"):
            release(run, by=" ")
        release(run, by="王主任")
        with pytest.raises(RunError, match="王主任"):
            release(run, by="李主任")

    def test_a_run_that_was_signed_off_is_not_written_over(self, run: Path, months: Path) -> None:
        release(run, by="王主任")
        with pytest.raises(RunError, match="edition"):
            prepare(months / "params.yaml", [f"outputs={run.parents[1]}"])
        assert prepare(months / "params.yaml", [f"outputs={run.parents[1]}", "edition={as_of}-2"])

    def test_a_signed_run_still_passes_the_check(self, run: Path) -> None:
        release(run, by="王主任")
        assert look(run).findings == ()


def unpacked(package: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(package) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


class TestWhatEachIsHanded:
    """A school gets its own papers, a township its own, both what is public, nobody what is the bureau's."""

    def test_a_package_has_its_own_papers_the_pages_for_all_and_public_tables(self, run: Path) -> None:
        signed = release(run, by="王主任")
        assert [package.place for package in signed.packages] == [
            "townships/330382108.zip",
            "schools/3133000001.zip",
            "schools/3133000002.zip",
        ]
        school = unpacked(run / "handover" / "schools" / "3133000001.zip")
        assert set(school) == {"3133000001台账.xlsx", "标题lists.html", "人数.csv", "交接单.html"}
        assert (
            "index.html" not in school["标题lists.html"].decode() and "标题lists" in school["标题lists.html"].decode()
        )
        township = unpacked(run / "handover" / "townships" / "330382108.zip")
        assert set(township) == {"330382108台账.xlsx", "人数.csv", "交接单.html"}
        assert "王主任" in school["交接单.html"].decode() and "3133000001台账.xlsx" in school["交接单.html"].decode()

    def test_what_may_name_a_child_is_encrypted_with_the_password_of_its_unit(self, run: Path) -> None:
        release(run, by="王主任")
        file = run / "handover" / "passwords.csv"
        secret = pd.read_csv(file, dtype=str, encoding="utf-8-sig").set_index("code")["password"]
        assert secret["3133000001"] == "one-two-three" and len(secret["330382108"]) == 14
        assert file.stat().st_mode & 0o777 == 0o600
        for code, place in (("3133000001", "schools"), ("330382108", "townships")):
            content = unpacked(run / "handover" / place / f"{code}.zip")[f"{code}台账.xlsx"]
            locked = msoffcrypto.OfficeFile(io.BytesIO(content))
            locked.load_key(password=secret[code])
            locked.decrypt(plain := io.BytesIO())
            assert zipfile.ZipFile(plain).testzip() is None

    def test_the_record_says_what_was_handed_to_whom_and_only_grows(self, run: Path) -> None:
        signed = release(run, by="王主任")
        first = signed.record.read_bytes()
        release(run.with_name("2024-10-31"), by="李主任")
        assert signed.record.read_bytes().startswith(first)
        entries = handed.read(signed.record)
        assert [(one["as_of"], one["code"], one["by"], one["rows"]) for one in entries[:3]] == [
            ("2024-11-30", code, "王主任", 3) for code in ("330382108", "3133000001", "3133000002")
        ]
        assert len(entries) == 6 and "restricted/ledgers/ledgers_330382108.xlsx" in entries[0]["files"]

    def test_a_changed_line_of_the_record_is_noticed(self, run: Path) -> None:
        signed = release(run, by="王主任")
        changed = signed.record.read_text("utf-8").replace('"code": "3133000001"', '"code": "3133000009"')
        signed.record.write_text(changed, encoding="utf-8")
        with pytest.raises(RunError, match="line 3"):
            handed.read(signed.record)
        with pytest.raises(RunError, match="line 3"):
            release(run.with_name("2024-10-31"), by="王主任")
