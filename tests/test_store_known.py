"""A store read as of a date: nothing later shows, the row known last wins, dated columns wait for their date."""

import datetime as dt

import ibis
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, assume, settings
from hypothesis import given as for_all
from hypothesis import strategies as st

from baoxue.contracts import IDENTITY_COLUMNS, SOURCE_OF, SOURCES
from baoxue.intake import shape
from baoxue.intake.door import DoorError
from baoxue.store import Known, Store, StoreError
from given import given


def test_a_row_exists_from_the_day_it_became_known(tmp_path):
    store = given(
        tmp_path,
        absences="""
        pupil | date       | absence | session | known_on
        p1    | 2024-11-04 | 旷课    | 全天    | 2024-11-05
        p2    | 2024-11-04 | 病假    | 上午    | 2024-11-20
        """,
    )
    assert store.known_by("2024-11-04").absences.count().execute() == 0
    assert store.known_by("2024-11-05").absences.to_pandas()["pupil"].tolist() == ["p1"]
    assert store.known_by("2024-11-20").absences.count().execute() == 2


def test_of_the_rows_of_a_key_the_one_known_last_wins_and_not_before(tmp_path):
    given(
        tmp_path,
        absences="""
        pupil | date       | absence | session
        p1    | 2024-11-04 | 旷课    | 全天
        """,
    )
    store = given(
        tmp_path,
        absences="""
        pupil | date       | absence | session | known_on
        p1    | 2024-11-04 | 病假    | 全天    | 2024-11-20
        """,
    )
    assert store.known_by("2024-11-19").absences.to_pandas()["absence"].tolist() == ["旷课"]
    assert store.known_by("2024-11-20").absences.to_pandas()["absence"].tolist() == ["病假"]


def test_of_two_rows_known_on_one_day_the_one_that_arrived_last_wins(tmp_path):
    for word in ("旷课", "事假", "病假"):
        store = given(
            tmp_path,
            absences=f"""
            pupil | date       | absence | session | known_on
            p1    | 2024-11-04 | {word}  | 全天    | 2024-11-05
            """,
        )
    assert store.known_by("2024-11-05").absences.to_pandas()["absence"].tolist() == ["病假"]


def test_columns_of_a_case_are_empty_before_their_own_date(tmp_path):
    store = given(
        tmp_path,
        cases="""
        pupil | case | opened_on  | conclusion | concluded_on | closing  | closed_on
        p1    | c1   | 2024-10-01 | 辍学       | 2024-10-20   | 返校复学 | 2024-11-20
        """,
    )

    def seen(day):
        row = store.known_by(day).cases.to_pandas().iloc[0]
        return [name for name in ("conclusion", "concluded_on", "closing", "closed_on") if not pd.isna(row[name])]

    assert seen("2024-10-19") == []
    assert seen("2024-10-20") == ["conclusion", "concluded_on"]
    assert seen("2024-11-20") == ["conclusion", "concluded_on", "closing", "closed_on"]


def test_a_dated_column_without_its_date_shows_from_the_day_it_was_received(tmp_path):
    store = given(
        tmp_path,
        received_on=dt.date(2024, 12, 1),
        changes="""
        pupil | change | changed_on | accepted_on | review
        p1    | 休学   | 2024-10-01 | 2024-10-02  | 审核中
        """,
    )
    assert store.known_by("2024-11-30").changes.to_pandas()["review"].isna().all()
    assert store.known_by("2024-12-01").changes.to_pandas()["review"].tolist() == ["审核中"]


def test_candidates_without_a_pupil_all_remain(tmp_path):
    store = given(
        tmp_path,
        rosters="""
        pupil | snapshot_on | school_code | grade | class | known_on
        -     | 2024-10-08  | 2133000001  | 3     | 01    | 2024-10-08
        -     | 2024-10-08  | 2133000001  | 3     | 01    | 2024-10-08
        p1    | 2024-10-08  | 2133000001  | 3     | 01    | 2024-10-08
        p1    | 2024-10-08  | 2133000001  | 3     | 02    | 2024-10-08
        """,
    )
    rows = store.known_by("2024-10-08").rosters.to_pandas()
    assert rows["pupil"].isna().sum() == 2
    assert rows.loc[rows["pupil"] == "p1", "class"].tolist() == ["02"]


def test_a_table_that_was_never_handed_in_is_empty_and_has_every_column_and_type(tmp_path):
    known = given(tmp_path).known_by("2024-11-30")
    for source in SOURCES:
        table = known.table(source.table)
        assert table.schema() == ibis.Schema.from_pyarrow(pa.schema(shape.content(source)))
        assert table.count().execute() == 0


def test_tables_of_one_day_can_be_joined(tmp_path):
    known = given(
        tmp_path,
        absences="""
        pupil | date       | absence | session
        p1    | 2024-11-04 | 旷课    | 全天
        p2    | 2024-11-04 | 旷课    | 全天
        """,
        enrolments="""
        pupil | snapshot_on | school_code | grade
        p1    | 2024-09-01  | 2133000001  | 3
        """,
    ).known_by("2024-11-30")
    joined = known.absences.join(known.enrolments, "pupil").to_pandas()
    assert joined["grade"].tolist() == [3]


def test_a_table_that_the_contract_does_not_have_is_named(tmp_path):
    known = given(tmp_path).known_by("2024-11-30")
    with pytest.raises(KeyError, match="absentees"):
        known.table("absentees")
    with pytest.raises(AttributeError, match="absentees"):
        known.absentees  # noqa: B018


def test_a_store_that_is_not_there_says_how_to_make_one(tmp_path):
    with pytest.raises(StoreError, match="baoxue intake"):
        Store(tmp_path / "nowhere").known_by("2024-11-30")
    assert not (tmp_path / "nowhere").exists()


def test_a_day_read_before_a_later_drop_does_not_change_while_it_is_read(tmp_path):
    drawn = "pupil | date | absence | session\n{} | 2024-11-04 | 旷课 | 全天"
    known: Known = given(tmp_path, absences=drawn.format("p1")).known_by("2024-11-30")
    given(tmp_path, absences=drawn.format("p2"))
    assert known.absences.to_pandas()["pupil"].tolist() == ["p1"]


def test_two_pseudonyms_that_a_human_confirmed_are_one_child_from_that_day_on(tmp_path):
    store = given(
        tmp_path,
        absences="""
        pupil | date       | absence | session
        pold  | 2024-11-04 | 旷课    | 全天
        pnew  | 2024-11-05 | 旷课    | 全天
        """,
        rosters="""
        pupil | candidate | snapshot_on | school_code | known_on
        -     | c1        | 2024-10-08  | 2133000001  | 2024-10-08
        """,
        identity="""
        pupil | full_name | registry_number
        pold  | 张三      | J1
        pnew  | 张三      | -
        """,
    )
    store.link({"pold": "pnew", "c1": "pnew"}, known_on=dt.date(2024, 12, 1), why="confirmed by the school")
    before, after = store.known_by("2024-11-30"), store.known_by("2024-12-01")
    assert sorted(before.absences.to_pandas()["pupil"]) == ["pnew", "pold"]
    assert sorted(after.absences.to_pandas()["pupil"]) == ["pnew", "pnew"]
    assert before.rosters.to_pandas()["pupil"].isna().all()
    assert after.rosters.to_pandas()["pupil"].tolist() == ["pnew"]
    assert store.identity(reader="test", why="test")[["pupil", "registry_number"]].values.tolist() == [["pnew", "J1"]]


_DAY = st.dates(dt.date(2024, 9, 1), dt.date(2024, 12, 31))
_ROW = st.tuples(st.sampled_from(["p1", "p2"]), _DAY, st.sampled_from(["旷课", "病假"]), _DAY)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@for_all(rows=st.lists(_ROW, min_size=1, max_size=8), as_of=_DAY, data=st.data())
def test_what_is_known_on_a_day_never_depends_on_what_was_written_later(tmp_path_factory, rows, as_of, data):
    later = [row for row in rows if row[3] > as_of]
    assume(later)

    def drawn(some):
        lines = [f"{p} | {day} | {word} | 全天 | {known}" for p, day, word, known in some]
        return "\n".join(["pupil | date | absence | session | known_on", *lines])

    whole, past = tmp_path_factory.mktemp("whole"), tmp_path_factory.mktemp("past")
    given(whole, absences=drawn(rows))
    given(past, absences=drawn([row for row in rows if row[3] <= as_of]))
    order = ["pupil", "date"]

    def seen(path):
        return Store(path).known_by(as_of).absences.to_pandas().sort_values(order).reset_index(drop=True)

    pd.testing.assert_frame_equal(seen(whole), seen(past))


def test_identities_are_restricted_and_each_opening_is_logged(tmp_path):
    store = given(
        tmp_path,
        identity="""
        pupil | full_name | phone       | known_on
        p1    | 张三      | 13800000000 | 2023-09-01
        p1    | 张三丰    | -           | 2024-09-01
        p2    | 李四      | -           | 2023-09-01
        """,
    )
    rows = store.identity(reader="lists", why="risk list", pupils=["p1", "p1"])
    assert tuple(rows.columns) == IDENTITY_COLUMNS
    assert rows[["full_name", "phone"]].values.tolist() == [["张三丰", "13800000000"]]
    log = (tmp_path / "identity" / "openings.jsonl").read_text(encoding="utf-8")
    assert '"who": "lists"' in log and '"why": "risk list"' in log and '"how_many": 1' in log and "张三" not in log
    assert {oct(f.stat().st_mode & 0o777) for f in (tmp_path / "identity").glob("*.*")} == {"0o600"}
    assert oct((tmp_path / "identity").stat().st_mode & 0o777) == "0o700"


def test_identities_that_cannot_be_logged_stay_closed(tmp_path):
    store = given(tmp_path, identity="pupil | full_name\np1 | 张三")
    (tmp_path / "identity" / "openings.jsonl").mkdir()
    with pytest.raises(StoreError, match="closed"):
        store.identity(reader="lists", why="risk list")


def test_what_does_not_fit_the_contract_is_refused_at_the_door_without_being_shown(tmp_path):
    with pytest.raises(DoorError) as refused:
        given(tmp_path, absences="pupil | date | absence | session\np1 | 2024-11-04 | 秘密 | 全天")
    assert "absences: absence" in str(refused.value) and "秘密" not in str(refused.value)
    with pytest.raises(DoorError) as refused:
        given(tmp_path, changes="pupil | change | changed_on | reason\np1 | 休学 | 2024-11-04 | 见11010519491231002X")
    assert "reason" in str(refused.value) and "11010519491231002X" not in str(refused.value)
    assert Store(tmp_path).account() == []


def test_the_fingerprint_tells_two_stores_apart_and_not_two_of_the_same_rows(tmp_path):
    drawn = "pupil | date | absence | session\n{} | 2024-11-04 | 旷课 | 全天"
    one = given(tmp_path / "one", absences=drawn.format("p1"))
    same = given(tmp_path / "same", absences=drawn.format("p1"))
    other = given(tmp_path / "other", absences=drawn.format("p2"))
    assert one.fingerprint() == same.fingerprint() != other.fingerprint()


def test_every_table_has_its_key_and_its_known_column():
    for source in SOURCES:
        columns = shape.content(source)
        assert set(source.key) <= set(columns), source.table
        assert source.known in {"", *columns}, source.table
        assert set(shape.hidden(SOURCE_OF[source.table]).values()) <= set(columns), source.table
