"""What must hold for every file, however broken: no row is lost, nothing is read twice, nothing breaks."""

import csv
import datetime as dt
import random
import zipfile

from hypothesis import HealthCheck, settings
from hypothesis import given as for_all
from hypothesis import strategies as st

from baoxue.contracts import ANSWERS, SOURCES
from baoxue.store import Store, take_in
from given import id_number, j_number, workbook

KEY = b"a key that is only for tests"
DAY = dt.date(2025, 1, 17)

_GOOD = {
    "id_number": [id_number("2015-10-01", n) for n in (901, 902, 903)],
    "person_number": ["G" + id_number("2015-10-01", 901), id_number("2015-10-01", 902), j_number("2014-01-01")],
    "registry_number": ["G" + id_number("2015-10-01", 901), j_number("2014-01-01")],
    "disability_number": [id_number("2015-10-01", 901) + "62"], "name": ["张三", "李四", "阿依古丽·买买提"],
    "phone": ["13868123456"], "school_code": ["2133000001", "3133000003"], "township_code": ["330382101"],
    "division_code": ["330382000000"], "date": ["2024-10-08", "20241009"], "month": ["202109"], "yes_no": ["是", "0"],
    "integer": ["40"], "number": ["7.5"], "grade": ["3", "2022"], "class": ["1", "2"], "term": ["2024学年第一学期"],
    "year": ["2024"], "change": ["休学", "转出"], "text": ["甲", "乙"],
    "pupil_code": ["p" * 26],
}  # fmt: skip
_BROKEN = ["", " ", "3.30382E+17", "339901201510019000", "=1+1", "<b>x</b>", "NULL", "\ufffd", "2024-13-45", "张" * 600]


def _cell(column):
    good = st.sampled_from([m.value for m in column.coded] if column.coded else _GOOD[column.kind])
    return st.one_of(good, good, good, st.sampled_from(_BROKEN))


@st.composite
def _file(draw):
    """A source and its rows; not a list that comes back, which is no table to be filled in freely."""
    source = draw(st.sampled_from([source for source in SOURCES if source is not ANSWERS]))
    rows = draw(st.lists(st.tuples(*(_cell(column) for column in source.columns)), min_size=0, max_size=6))
    rows += draw(st.lists(st.sampled_from(rows), max_size=3)) if rows else []
    return source, [[column.header for column in source.columns], *rows]


def _write(drop, files):
    for number, (source, rows) in enumerate(files):
        file = drop / source.folder / ("2024-10-08" if source.snapshot else "") / f"{number}.csv"
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("w", encoding="utf-8", newline="") as opened:
            csv.writer(opened).writerows(rows)
    return drop


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@for_all(files=st.lists(_file(), min_size=1, max_size=3))
def test_rows_read_are_accepted_rejected_or_duplicates_for_every_file_and_a_second_reading_changes_nothing(
    tmp_path_factory, files
):
    path = tmp_path_factory.mktemp("property")
    store = Store(path / "store")
    account = take_in(_write(path / "drop", files), store, key=KEY, arrived_on=DAY)
    written = {len(rows) - 1 - sum(not any(c.strip() for c in row) for row in rows[1:]) for _, rows in files}
    for file in account.files:
        assert file.reason == ""
        assert file.rows_read == file.accepted + file.rejected + file.duplicates
        assert file.rows_read in written
    assert len(store.rejects()) == account.total("rejected")
    stored = sum(store.known_by("2100-01-01").table(source.table).count().execute() for source in SOURCES)
    assert stored <= account.total("accepted")
    before = store.fingerprint()
    again = take_in(path / "drop", store, key=KEY, arrived_on=DAY)
    assert again.total("duplicates") == again.total("rows_read") == account.total("rows_read")
    assert store.fingerprint() == before


def _hostile(folder, number, chance):
    """A file that something is wrong with, in one of many ways."""
    source = chance.choice(SOURCES)
    place = folder / source.folder / ("2024-10-08" if source.snapshot else "")
    place.mkdir(parents=True, exist_ok=True)
    columns = list(source.columns)
    chance.shuffle(columns)
    head = [chance.choice(column.headers) for column in columns]
    if chance.random() < 0.2:
        head.pop(chance.randrange(len(head)))
    rows = [["标题"]] * chance.choice([0, 0, 1, 10, 11]) + [head]
    for _ in range(chance.randrange(8)):
        width = max(1, len(head) + chance.choice([0, 0, 0, 1, -1]))
        columns_of_row = [columns[min(i, len(columns) - 1)] for i in range(width)]
        rows.append([_hostile_cell(column, chance) for column in columns_of_row])
    encoding = chance.choice(["utf-8", "utf-8-sig", "gb18030", "utf-16"])
    separator = chance.choice([",", "\t"])
    text = "\n".join(separator.join(map(str, row)) for row in rows)
    content = bytearray(text.encode(encoding, "replace"))
    for _ in range(chance.choice([0, 0, 0, 1, 30])):
        if content:
            content[chance.randrange(len(content))] = chance.randrange(256)
    if chance.random() < 0.1:
        del content[chance.randrange(len(content) + 1) :]
    (place / f"{number}{chance.choice(['.csv', '.xlsx', '.xls', '.CSV'])}").write_bytes(bytes(content))


def _hostile_cell(column, chance):
    if chance.random() < 0.93:
        return chance.choice([m.value for m in column.coded] if column.coded else _GOOD[column.kind])
    strange = ['"', '""', "'", "a\rb", "\x00", "\u202e", "\U0002bb4e", "9" * 400, "-1", "1e308", "٣", "#REF!"]
    return chance.choice([*_BROKEN, *strange])


def _hostile_workbook(folder, number, chance):
    source = chance.choice(SOURCES)
    file = folder / source.folder / ("2024-10-08" if source.snapshot else "") / f"w{number}.xlsx"
    odd = [3.3e17, -1.5, True, dt.date(2024, 1, 1)]
    row = [chance.choice([_hostile_cell(column, chance), *odd]) for column in source.columns]
    cells = [[column.header for column in source.columns], row, row]
    workbook(file, {"a": cells, "b": [["说明"]]})
    content = bytearray(file.read_bytes())
    for _ in range(chance.choice([0, 1, 20])):
        content[chance.randrange(len(content))] = chance.randrange(256)
    if chance.random() < 0.3:
        del content[chance.randrange(len(content)) :]
    file.write_bytes(bytes(content))


def test_five_hundred_hostile_files_break_nothing_lose_nothing_and_are_all_in_the_account(tmp_path):
    chance = random.Random(20201220)
    for number in range(450):
        _hostile(tmp_path / "drop", number, chance)
    for number in range(50):
        _hostile_workbook(tmp_path / "drop", number, chance)
    store = Store(tmp_path / "store")
    account = take_in(tmp_path / "drop", store, key=KEY, arrived_on=DAY)
    assert len(account.files) == 500
    for file in account.files:
        assert file.rows_read == file.accepted + file.rejected + file.duplicates, file
        assert file.reason != "unforeseen", file.values
        assert file.why("zh") or not file.reason
    assert account.total("accepted") > 200 and account.total("rejected") > 200
    assert sum(file.failed for file in account.files) > 50
    assert account.text("zh") and account.text("en")
    assert store.fingerprint() and len(store.rejects()) == account.total("rejected")
    assert not zipfile.is_zipfile(store.path / "intake.json")
