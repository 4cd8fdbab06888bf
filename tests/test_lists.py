"""Lists: everyone scored or with a reason, nobody bothered twice, a workbook that tells a school what to ask about."""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
import re
import stat
from pathlib import Path

import msoffcrypto
import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st
from pydantic import ValidationError

from baoxue import features, labels, lists
from baoxue.features import MODEL
from baoxue.features.table import GROUPS
from baoxue.lists import audit_words, list_words, model_words, rungs
from baoxue.lists.power import detectable_change, detectable_gain, recall_margin
from baoxue.lists.workbook import OBJECTIONS, RESULTS
from baoxue.risk import stored
from baoxue.risk.ladder import Ladder
from baoxue.risk.leaks import LeakError, check_clock
from baoxue.store import Store
from baoxue.words import LANGS
from given import given

KEY = b"a key of thirty-two bytes, no less"
AS_OF = dt.date(2024, 11, 30)
NORTH, SOUTH, EAST = "3133000001", "3133000002", "2133000003"
SEALED = {"school_code": NORTH, "answer_by": dt.date(2024, 12, 14), "key": KEY}

TERMS = """
term             | starts_on  | ends_on
2024学年第一学期 | 2024-09-02 | 2025-01-17
"""
SCHOOLS = f"""
school_code | school_name    | school_type | township_code
{NORTH}     | 北山中学       | 初级中学    | 330382101
{SOUTH}     | 南塘中学       | 初级中学    | 330382122
{EAST}      | 东城小学       | 小学        | 330382001
"""
PUPILS = {
    "ann": (NORTH, 8, "02"), "bo": (NORTH, 7, "01"), "cai": (NORTH, 8, "01"), "dan": (NORTH, 7, "01"),
    "eve": (SOUTH, 9, "01"), "fu": (SOUTH, 9, "01"), "gu": (EAST, 3, "01"), "hao": (EAST, 3, "01"),
}  # fmt: skip
ENROLMENTS = "pupil | snapshot_on | school_code | registration | grade | class | cohort\n" + "".join(
    f"{who} | 2024-09-02 | {school} | r-{who} | {grade} | {room} | {2024 - grade + (who not in {'ann', 'eve'})}\n"
    for who, (school, grade, room) in PUPILS.items()
)
MOVES = """
pupil | change | changed_on | accepted_on | transfer_scope
bo    | 转入   | 2024-08-28 | 2024-08-29  | 省外
"""
DUTIES = f"""
line   | level | unit           | holder | starts_on
教育线 | 班级  | {NORTH}-7-01   | wang   | 2024-09-01
教育线 | 年级  | {NORTH}-8      | li     | 2024-09-01
"""
IDENTITY = """
pupil | full_name | id_number          | phone       | guardian
ann   | 安小雨    | 339901201101019021 | 12012345678 | 安大山
bo    | 薄一凡    | 339901201201019022 | -           | -
eve   | 伊文      | -                  | -           | -
fu    | 傅明      | -                  | -           | -
wang  | 王建国    | -                  | -           | -
li    | 李卫东    | -                  | -           | -
"""
FORBIDDEN = ("概率", "分数", "评分", "得分", "风险", "等级", "排名", "名次", "预测", "辍学", "红色", "橙色", "黄色")
GROUP_WORDS = ("留守", "随迁", "流动", "残疾", "低收入", "低保", "贫困", "孤儿", "服刑", "困境", "单亲")


class ByColumn:
    """An estimator that ranks by what is asked for; its contributions are the columns themselves."""

    def __init__(self, risk: dict[str, float]) -> None:
        self.risk = risk
        self.feature_names_in_ = np.array(["moves", "over_age_years"])

    def predict_proba(self, X: pd.DataFrame) -> np.ndarray:
        """The risk asked for, of the pupil in the index; others have none."""
        p = np.array([self.risk.get(pupil, 0.0) for pupil in X.index])
        return np.column_stack([1 - p, p])

    def contributions(self, X: pd.DataFrame) -> pd.DataFrame:
        """The columns themselves."""
        return X


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return given(
        tmp_path_factory.mktemp("county"), terms=TERMS, schools=SCHOOLS, enrolments=ENROLMENTS, changes=MOVES,
        duty_holders=DUTIES, identity=IDENTITY,
    )  # fmt: skip


@pytest.fixture(scope="module")
def scores(county: Store) -> pd.DataFrame:
    return lists.score(county.known_by(AS_OF), ByColumn({"ann": 0.3, "bo": 0.2, "cai": 0.9, "eve": 0.1}))


THREE_VISITS = features.visits().model_copy(update={"capacity_pct": 37.5})
"""Three of the eight pupils can be visited."""


def nobody() -> pd.Series:
    return pd.Series(index=pd.Index([], name="pupil"), dtype="str")


@pytest.fixture(scope="module")
def handed(county: Store, scores: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("run")
    chosen = scores.assign(listed=scores["pupil"].isin(["ann", "bo", "eve"]))
    chosen["handled"] = chosen["pupil"].map({"fu": "open_case"})
    lists.hand_over(county, county.known_by(AS_OF), chosen, KEY, out)
    return out / "restricted"


def opened(handed: Path, school: str) -> openpyxl.Workbook:
    passwords = pd.read_csv(handed / "passwords.csv", dtype=str).set_index("school_code")["password"]
    with (handed / "lists" / f"{school}.xlsx").open("rb") as file:
        locked = msoffcrypto.OfficeFile(file)
        locked.load_key(password=str(passwords[school]))
        page = io.BytesIO()
        locked.decrypt(page)
    return openpyxl.load_workbook(page)


def seen(book: openpyxl.Workbook) -> list[str]:
    """The sheets that a reader sees."""
    return [sheet.title for sheet in book if sheet.sheet_state == "visible"]


def texts(book: openpyxl.Workbook) -> list[str]:
    return [str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]


def test_everyone_on_the_registry_has_one_row_with_a_score_or_a_reason(tmp_path: Path) -> None:
    changes = "pupil | change | changed_on | accepted_on | reviewed_on | review | suspended_until\n" + (
        "ann | 休学 | 2024-10-10 | 2024-10-11 | 2024-10-15 | 通过 | 2025-06-30\n"
        "bo  | 转出 | 2024-10-10 | 2024-10-11 | 2024-10-15 | 通过 | -\n"
    )
    store = given(tmp_path, terms=TERMS, enrolments=ENROLMENTS, changes=changes)
    found = lists.score(store.known_by(AS_OF), ByColumn({"cai": 0.5})).set_index("pupil")
    assert found.index.tolist() == sorted(PUPILS)
    assert found["why_not_scored"].dropna().to_dict() == {"ann": "on_leave", "bo": "transferred"}
    assert (found["scored"] == found["probability"].notna()).all()
    assert (found["scored"] == found["rank"].notna()).all()
    assert found["rank"].dropna().sort_values().tolist() == [1, 2, 3, 4, 5, 6]


def test_the_highest_ranks_with_a_sign_are_listed_up_to_the_capacity(scores: pd.DataFrame) -> None:
    chosen = lists.choose(scores, nobody(), THREE_VISITS)
    assert scores.set_index("pupil").loc[["ann", "bo", "eve"], "reason_1"].notna().all()
    assert chosen.loc[chosen["listed"], "pupil"].tolist() == ["ann", "bo", "eve"]


def test_who_ranks_first_without_a_sign_is_passed_over_and_the_place_goes_on(scores: pd.DataFrame) -> None:
    by_pupil = lists.choose(scores, nobody(), THREE_VISITS).set_index("pupil")
    assert by_pupil.loc["cai", "rank"] == 1
    assert not by_pupil.loc["cai", "listed"]
    assert list_words.passed_over(by_pupil.reset_index(), "en").startswith("1 more")


def test_who_is_in_hand_is_shown_as_such_and_not_listed(scores: pd.DataFrame) -> None:
    by_pupil = lists.choose(scores, pd.Series({"ann": "open_case"}, dtype="str"), THREE_VISITS).set_index("pupil")
    assert by_pupil.loc["ann", "handled"] == "open_case"
    assert by_pupil.index[by_pupil["listed"]].tolist() == ["bo", "eve"]


def test_a_capacity_of_each_school_gives_each_its_own(scores: pd.DataFrame) -> None:
    each = features.visits().model_copy(update={"capacity_pct": 25.0, "capacity_scope": "school"})
    chosen = lists.choose(scores, nobody(), each)
    assert chosen.loc[chosen["listed"], "pupil"].tolist() == ["ann", "eve"]


@drawn(pupils=st.integers(0, 200_000))
def test_a_list_is_never_longer_than_the_visits_and_never_empty_where_there_is_somebody(pupils: int) -> None:
    places = lists.capacity(pupils)
    assert places <= pupils * features.visits().capacity_pct / 100 + 1
    assert (places > 0) == (pupils > 0)


def test_an_open_case_a_recent_visit_and_an_approved_leave_are_in_hand(tmp_path: Path) -> None:
    store = given(
        tmp_path,
        terms=TERMS,
        enrolments=ENROLMENTS,
        cases="""
            case | pupil | clue | opened_on  | first_absent_on | conclusion | concluded_on | closed_on  | closing
            c1   | ann   | 考勤 | 2024-11-20 | 2024-11-15      | -          | -            | -          | -
            c2   | bo    | 考勤 | 2024-09-20 | 2024-09-15      | 返校       | 2024-09-25   | 2024-09-26 | 返校复学
        """,
        visits="""
            case | pupil | attempt | visited_on | result
            c1   | ann   | 1       | 2024-11-21 | 承诺返校
            c3   | cai   | 1       | 2024-11-10 | 已返校
            c4   | dan   | 1       | 2024-10-10 | 已返校
        """,
        changes="""
            pupil | change | changed_on | accepted_on | reviewed_on | review | suspended_until
            eve   | 休学   | 2024-10-10 | 2024-10-11  | 2024-10-15  | 通过   | 2025-06-30
        """,
    )
    found = lists.handled(store.known_by(AS_OF))
    assert found.to_dict() == {"ann": "open_case", "cai": "visited", "eve": "on_leave"}


def test_a_list_opens_only_with_its_school_s_password(handed: Path) -> None:
    passwords = pd.read_csv(handed / "passwords.csv", dtype=str).set_index("school_code")["password"]
    assert passwords.is_unique
    with (handed / "lists" / f"{NORTH}.xlsx").open("rb") as file:
        locked = msoffcrypto.OfficeFile(file)
        assert locked.is_encrypted()
        with pytest.raises(msoffcrypto.exceptions.InvalidKeyError):
            locked.load_key(password=str(passwords[SOUTH]), verify_password=True)


def test_only_the_owner_may_read_what_is_restricted(handed: Path) -> None:
    files = [file for file in handed.rglob("*") if file.is_file()]
    assert sorted(file.name for file in files) == [
        f"{EAST}.xlsx", f"{NORTH}.xlsx", f"{SOUTH}.xlsx", "lists_handed.csv", "passwords.csv", "scores.parquet",
    ]  # fmt: skip
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


def test_a_list_tells_what_to_ask_what_to_do_who_and_until_when(handed: Path) -> None:
    sheet = opened(handed, NORTH).worksheets[0]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    header = next(number for number, row in enumerate(rows) if "姓名" in row)
    assert header < 15
    assert rows[header] == list(lists.HEADINGS)
    table = [dict(zip(lists.HEADINGS, row, strict=True)) for row in rows[header + 1 : header + 3]]
    assert [row["姓名"] for row in table] == ["薄一凡", "安小雨"]
    assert [row["年级"] + row["班级"] for row in table] == ["七年级1班", "八年级2班"]
    assert table[0]["需要走访的情况"] == "近24个月转学1次"
    assert table[1]["需要走访的情况"] == "年龄比同年级学生大1岁左右"
    assert table[0]["建议措施"] == features.BY_NAME["moves"].action()
    assert [row["责任人"] for row in table] == ["王建国", "李卫东"]
    assert {row["反馈期限"] for row in table} == {"12月14日"}
    assert {row[name] for row in table for name in ("走访日期", "走访结果", "异议", "备注")} == {None}


def test_the_result_is_chosen_from_a_list_and_only_answers_can_be_written(handed: Path) -> None:
    sheet = opened(handed, NORTH).worksheets[0]
    choices = {rule.formula1 for rule in sheet.data_validations.dataValidation if rule.type == "list"}
    assert choices == {'"' + ",".join(words) + '"' for words in (RESULTS, OBJECTIONS)}
    assert sheet.protection.sheet
    assert not any(sheet[f"{column}6"].protection.locked for column in "JKLM")
    assert sheet["E6"].protection.locked


def test_a_list_prints_on_a4_on_its_side_one_page_wide(handed: Path) -> None:
    sheet = opened(handed, NORTH).worksheets[0]
    assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (9, "landscape")
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert (sheet.page_setup.fitToWidth or 1, sheet.page_setup.fitToHeight) == (1, 0)
    assert sheet.print_title_rows == "$5:$5"


def test_who_is_in_hand_stands_on_a_sheet_of_their_own(handed: Path) -> None:
    book = opened(handed, SOUTH)
    assert seen(book) == ["需要走访", "已在办理"]
    assert [cell.value for cell in book.worksheets[1][3]] == ["九年级", "1班", "傅明", "已立案，按案件办理"]
    assert seen(opened(handed, NORTH)) == ["需要走访"]


def test_a_school_with_nobody_to_visit_is_told_so(handed: Path) -> None:
    assert "本期没有需要走访的学生。" in texts(opened(handed, EAST))
    record = pd.read_csv(handed / "lists_handed.csv", dtype=str)
    assert record[["school_code", "pupils"]].to_numpy().tolist() == [[EAST, "0"], [NORTH, "2"], [SOUTH, "1"]]
    assert set(record["as_of"]) == {"2024-11-30"}


def test_no_list_holds_a_pupil_of_another_school_or_an_identifier(handed: Path) -> None:
    said = {school: " ".join(texts(opened(handed, school))) for school in (NORTH, SOUTH, EAST)}
    assert not [name for name in ("伊文", "傅明") if name in said[NORTH] + said[EAST]]
    assert not [name for name in ("安小雨", "薄一凡") if name in said[SOUTH] + said[EAST]]
    for text in said.values():
        assert not re.search(r"\d{11}", text)
        assert not [pupil for pupil in PUPILS if re.search(rf"\b{pupil}\b", text)]


def test_no_list_holds_a_group_a_score_or_a_forecast(handed: Path) -> None:
    for school in (NORTH, SOUTH, EAST):
        said = " ".join(texts(opened(handed, school)))
        assert not [word for word in (*FORBIDDEN, *GROUP_WORDS) if word in said]


def test_no_sign_or_action_a_list_can_show_names_a_group_or_a_forecast() -> None:
    shown = [feature for feature in features.TABLE if feature.sign_from is not None]
    values = pd.DataFrame(1.0, index=["a"], columns=list(features.BY_NAME))
    for feature in shown:
        sign = features.told(pd.DataFrame({"reason_1": [feature.name]}, index=["a"]), values).loc["a", "reason_1"]
        assert not [word for word in (*FORBIDDEN, *GROUP_WORDS) if word in str(sign) + feature.action()]


def test_the_same_county_gives_the_same_lists(county: Store, handed: Path, tmp_path: Path) -> None:
    scores = pd.read_parquet(handed / "scores.parquet")
    again = lists.hand_over(county, county.known_by(AS_OF), scores.drop(columns="reference"), KEY, tmp_path)
    assert again["pupils"].tolist() == [0, 2, 1]
    for school in (NORTH, SOUTH, EAST):
        assert texts(opened(tmp_path / "restricted", school)) == texts(opened(handed, school))
    for name in ("passwords.csv", "lists_handed.csv"):
        assert (tmp_path / "restricted" / name).read_bytes() == (handed / name).read_bytes()


def test_the_written_scores_are_those_of_the_contract(handed: Path) -> None:
    written = pd.read_parquet(handed / "scores.parquet")
    assert list(written) == [*lists.SCORES, "reference"]
    assert written["pupil"].tolist() == sorted(PUPILS)
    assert written["as_of"].unique().tolist() == [pd.Timestamp(AS_OF)]
    assert written["reference"].is_unique


def test_the_opening_of_identities_is_logged_with_its_reason(county: Store, handed: Path) -> None:
    log = (county.path / "identity" / "openings.jsonl").read_text(encoding="utf-8").splitlines()
    assert any('"who": "lists"' in line and "visit lists as of 2024-11-30" in line for line in log)


def test_a_password_follows_from_key_school_and_year_and_from_nothing_else() -> None:
    one = lists.password(KEY, NORTH, AS_OF)
    assert one == lists.password(KEY, NORTH, dt.date(2025, 5, 31))
    others = {
        lists.password(KEY, SOUTH, AS_OF), lists.password(KEY + b"!", NORTH, AS_OF),
        lists.password(KEY, NORTH, dt.date(2025, 9, 30)),
    }  # fmt: skip
    assert len(others | {one}) == 4
    assert re.fullmatch(r"([2-9a-hj-km-np-z]{4}-){2}[2-9a-hj-km-np-z]{4}", one)


def test_a_reference_is_another_one_on_each_list() -> None:
    assert lists.reference(KEY, "ann", AS_OF) != lists.reference(KEY, "ann", dt.date(2024, 12, 31))
    assert re.fullmatch(r"[2-9A-HJ-KM-NP-Z]{8}", lists.reference(KEY, "ann", AS_OF))


def test_a_formula_in_a_name_is_text(county: Store) -> None:
    row = {
        "school_code": NORTH, "reference": "ABCDEFGH", "grade": 7, "class": "1", "full_name": "=1+1",
        "signs": "近期缺勤比之前明显增多", "actions": "谈心", "holder_name": "@王", "answer_by": AS_OF,
    }  # fmt: skip
    none = pd.DataFrame(columns=["grade", "class", "full_name", "handled"])
    book = openpyxl.load_workbook(io.BytesIO(lists.workbook("北山中学", AS_OF, pd.DataFrame([row]), none, **SEALED)))
    assert book.worksheets[0]["E6"].value == "=1+1"
    assert book.worksheets[0]["E6"].data_type == "s"


def test_the_same_rows_make_the_same_bytes() -> None:
    none = pd.DataFrame(columns=["grade", "class", "full_name", "handled"])
    books = [lists.workbook("北山中学", AS_OF, none, none, **SEALED) for _ in range(2)]
    assert books[0] == books[1]


def learned() -> labels.Examples:
    """Sixty pupils on three dates; those with many unexcused days leave more often."""
    chance = np.random.default_rng(0)
    X = pd.DataFrame(chance.poisson(2.0, (180, len(features.BY_NAME))).astype(float), columns=list(features.BY_NAME))
    y = (X["unexcused_recent_pct"] + chance.normal(0, 2, 180) > 4).astype(int)
    days = [day for day in (dt.date(2023, 9, 30), dt.date(2024, 3, 31), dt.date(2024, 9, 30)) for _ in range(60)]
    about = pd.DataFrame({"pupil": [f"p{n % 60}" for n in range(180)], "as_of": days, "school_code": ["s1", "s2"] * 90})
    return labels.Examples(X, y, about, pd.DataFrame(index=X.index), pd.DataFrame())


def test_every_contender_that_may_rank_learns_and_scores() -> None:
    given_rows = learned()
    for name in ("logistic", "over_age", "absence", "abc"):
        model = lists.fitted(name, given_rows)
        p = model.predict_proba(given_rows.X[list(model.feature_names_in_)])[:, 1]
        assert ((p > 0) & (p < 1)).all()


def test_a_county_without_a_settled_leaving_ranks_by_signs(county: Store) -> None:
    found = lists.ranking(county.known_by(AS_OF))
    assert (found.name, found.fitted, found.decision) == ("signs", None, None)
    moved = lists.drift(found, features.matrix(county.known_by(AS_OF)))
    assert moved.empty and "nothing to compare" in list_words.drift_sentence(moved, "en")
    assert list_words.ranked_sentence(found, "en") == "Ranked by: most signs first."


def test_by_signs_the_pupil_with_most_of_them_comes_first_and_has_no_probability(county: Store) -> None:
    found = lists.score(county.known_by(AS_OF), None)
    assert found["probability"].isna().all()
    assert found.set_index("pupil")["rank"].sort_values().index[:3].tolist() == ["ann", "bo", "eve"]


def test_a_ranking_that_is_not_there_is_refused_with_those_that_are(county: Store) -> None:
    with pytest.raises(ValueError, match="'school_average'; it can by decide, model"):
        lists.ranking(county.known_by(AS_OF), "school_average")


def test_the_judgement_decides_on_dates_that_were_not_learned_from() -> None:
    rows = learned()
    found = lists.judged(rows)
    assert [part.name for part in found.parts] == ["2024-09-30"]
    assert found.scores["row"].tolist() == list(range(120, 180))
    assert found.decision.use in {"model", "rule", "neither", "cannot_tell"}
    assert found.measures["contender"].tolist() == [contender.name for contender in lists.contenders()]


def test_a_feature_known_after_its_day_stops_the_judgement_and_the_scoring(county: Store) -> None:
    rows = learned()
    late = {dt.date(2024, 3, 31): {"moves": dt.date(2024, 3, 31), "mark_place_pct": dt.date(2024, 4, 14)}}
    with pytest.raises(LeakError, match=r"mark_place_pct \(2024-04-14\)"):
        lists.judged(dataclasses.replace(rows, clock=late))
    assert max(features.clock(county.known_by(AS_OF)).values()) <= AS_OF
    with pytest.raises(LeakError, match="known only after 2024-11-30"):
        check_clock(features.clock(county.known_by("2025-03-31")) | {"moves": dt.date(2025, 1, 17)}, AS_OF)


def test_a_copy_of_the_outcome_among_the_features_stops_the_ranking() -> None:
    rows = learned()
    with pytest.raises(LeakError, match="late_long_pct"):
        lists.guarded(dataclasses.replace(rows, X=rows.X.assign(late_long_pct=rows.y.astype(float))))


@pytest.mark.parametrize("worse, name", [(False, "model"), (True, "ridge")])
def test_the_rung_is_kept_unless_the_simplest_one_is_shown_to_find_more(worse: bool, name: str) -> None:
    chance = np.random.default_rng(0)
    p = np.clip(chance.beta(1, 20, 4000), 0.001, 0.9)
    y, lot = (chance.random(4000) < p).astype(int), chance.permutation(p)
    scores = pd.DataFrame({"fold": "a", "y": y, "ridge": p, "model": lot if worse else p, "base": y.mean()})
    found = rungs.confirmed(scores.assign(group=np.arange(4000) % 40), share=0.05)
    assert (found.name, found.is_confirmed) == (name, not worse)


def test_a_study_of_what_is_missing_sees_nothing_else_and_groups_only_if_asked() -> None:
    rows = learned()
    with_gaps = rows.X.mask(np.random.default_rng(1).random(rows.X.shape) < 0.2)
    given_rows = dataclasses.replace(rows, X=with_gaps, groups=pd.DataFrame(False, rows.X.index, list(GROUPS)))
    assert {"missing_only", "with_groups"} & set(lists.studied(given_rows)) == {"missing_only"}
    assert {"missing_only", "with_groups"} <= set(lists.studied(given_rows, study_groups=True))


def test_capacity_given_for_a_run_takes_the_place_of_the_policy_and_is_checked() -> None:
    assert features.visits(capacity_pct=5.0, capacity_scope="").capacity_pct == 5.0
    assert features.visits(capacity_pct=0.0, capacity_scope="school").capacity_scope == "school"
    with pytest.raises(ValidationError):
        features.visits(capacity_scope="village")


def test_the_model_that_ranked_is_kept_beside_the_lists_and_reads_back_the_same(county: Store, tmp_path: Path) -> None:
    rows = learned()
    ranking = lists.Ranking("model", lists.fitted("model", rows), rows)
    file = lists.keep_model(ranking, county, AS_OF, tmp_path)
    X = rows.X[list(MODEL)]
    assert file is not None and stat.S_IMODE(file.stat().st_mode) == 0o600
    assert np.array_equal(stored.load(file).predict_proba(X), ranking.fitted.predict_proba(X))
    assert stored.read(file)["about"]["leavings"] == rows.y.sum()
    assert lists.keep_model(lists.Ranking("signs"), county, AS_OF, tmp_path) is None


def test_the_rules_stand_beside_the_model_and_none_reads_a_group() -> None:
    contenders = lists.contenders()
    assert [c.name for c in contenders if not c.is_rule] == ["model", "logistic", "ridge"]
    assert {c.name for c in contenders if c.is_rule} == {
        "over_age",
        "age",
        "absence",
        "abc",
        "school_average",
        "random",
    }
    assert not {column for c in contenders for column in c.columns} & {*GROUPS, "sex", "nation", "hukou_kind"}
    assert isinstance(contenders[0].estimator, Ladder)


def test_drift_names_what_has_moved_and_what_is_missing() -> None:
    then = pd.DataFrame({name: [0.0, 1.0, 2.0, 3.0] for name in MODEL})
    earlier = then + 100
    about = pd.DataFrame({"as_of": [dt.date(2023, 9, 30)] * 4 + [dt.date(2024, 3, 31)] * 4})
    rows = labels.Examples(pd.concat([earlier, then], ignore_index=True), pd.Series(0, about.index), about, then, then)
    now = then.assign(moves=then["moves"] + 10, mark_place_pct=[np.nan, np.nan, 1.0, 2.0])
    found = lists.drift(lists.Ranking("model", given=rows), now).set_index("feature")
    assert found.index[0] == "moves"
    assert found.index[found["too_far"]].tolist() == ["moves", "mark_place_pct"]
    assert not lists.drift(lists.Ranking("model", given=rows), then)["too_far"].any()


def test_scores_that_move_with_many_small_moves_are_noticed() -> None:
    X = pd.DataFrame(np.random.default_rng(0).normal(0, 1, (400, len(MODEL))), columns=list(MODEL))
    y, about = (X.sum(axis=1) > 6).astype(int), pd.DataFrame({"as_of": [dt.date(2024, 3, 31)] * 400})
    ranking = lists.Ranking("model", Ladder("logistic").fit(X, y), labels.Examples(X, y, about, X, X))
    assert not lists.drift(ranking, X)["too_far"].any()
    moved = lists.drift(ranking, X + 0.5).set_index("feature")
    assert moved.index[moved["too_far"]].tolist() == ["score"]
    assert "score (log-odds)" in list_words.drift_table(moved.reset_index(), 2, "en").index
    assert f"none of {len(MODEL)} features" in list_words.drift_sentence(lists.drift(ranking, X), "en")


def scored_twice() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Two lists of fifty pupils with one place each; `p0` tops both, `p1` leaves unlisted."""
    days = [dt.date(2023, 9, 30)] * 50 + [dt.date(2024, 3, 31)] * 50
    about = pd.DataFrame({"pupil": [f"p{n % 50}" for n in range(100)], "as_of": days})
    about["left_on"] = pd.Series([pd.NaT] * 50 + [pd.Timestamp("2024-05-12")] * 2 + [pd.NaT] * 48)
    risk = np.tile(np.linspace(0.9, 0.1, 50), 2)
    rows = {
        "row": range(100),
        "fold": ["a"] * 50 + ["b"] * 50,
        "group": [f"school {n % 5}" for n in range(100)],
        "y": about["left_on"].notna().astype(int),
        "model": risk,
    }
    return pd.DataFrame(rows), about


def test_lead_time_runs_from_the_first_list_whose_horizon_held_the_leaving() -> None:
    scores, about = scored_twice()
    found = lists.lead_time(scores, about, "model").set_index("pupil")
    assert found["weeks_before"].to_dict() == pytest.approx({"p0": 6, "p1": np.nan}, nan_ok=True)
    assert "1 had been listed" in model_words.lead_sentence(found, "en")


def test_overlap_is_who_stood_on_the_list_before() -> None:
    scores, about = scored_twice()
    assert lists.overlap(scores, about, "model").to_numpy().tolist() == [[dt.date(2024, 3, 31), 1, 100.0]]


def test_lists_of_month_ends_are_compared_with_what_was_known_on_each(county: Store) -> None:
    days = [dt.date(2024, 10, 31), AS_OF]
    found = lists.month_to_month(county, ByColumn({"ann": 0.3, "cai": 0.9}), days)
    assert found.to_numpy().tolist() == [[AS_OF, 1, 100.0]]


@pytest.mark.parametrize("lang", LANGS)
def test_each_date_is_told_by_itself_with_what_was_expected(lang: str) -> None:
    scores, _ = many_scored(1.0)
    scores["base"] = scores["y"].mean()
    shown = model_words.date_table(scores.assign(over_age=0.04), ["model", "over_age"], 0.02, lang)
    assert shown.shape == (1, 4) and shown.iloc[0, 0] == 80


def test_schools_and_townships_are_audited_by_type_and_code(county: Store) -> None:
    about = pd.DataFrame({"school_code": [NORTH, EAST, "9999999999"]})
    given_rows = labels.Examples(about, pd.Series([0, 0, 0]), about, about, about)
    found = lists.audit_places(county.known_by(AS_OF), given_rows)
    assert found.loc[0, ["初级中学", "330382101"]].all() and found.loc[1, ["小学", "330382001"]].all()
    assert not found.loc[2].any()


def test_the_audit_counts_members_and_says_nothing_of_few() -> None:
    scores, _ = scored_twice()
    member = pd.DataFrame({"is_girl": [n % 2 == 0 for n in range(100)]})
    found = lists.audit(scores, member, "model").set_index("group")
    assert found[["rows", "events", "found"]].to_numpy().tolist() == [[100, 2, 0.5], [50, 1, 1.0]]
    assert not found["told"].any()
    shown = audit_words.audit_table(lists.audit(scores, member, "model"), "en")
    assert shown.iloc[0].tolist()[1] == "*"


def many_scored(recall_of_girls: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    """2,000 rows in 20 schools, 2 % of places, all given to leavers: every boy's, that share of the girls'."""
    girls = np.arange(2000) % 2 == 0
    left = np.isin(np.arange(2000) // 2, np.arange(0, 1000, 25))
    found = left & (~girls | (np.arange(2000) // 2 % 100 < 100 * recall_of_girls))
    scores = pd.DataFrame({"row": range(2000), "fold": "a", "y": left.astype(int), "model": found * 0.5 + 0.1})
    scores["group"] = [f"school {n // 2 % 20}" for n in range(2000)]
    return scores, pd.DataFrame({"is_girl": girls})


def test_a_gap_shown_to_be_one_is_named_and_one_that_is_not_is_not() -> None:
    scores, member = many_scored(0.0)
    found = lists.audit(scores, member, "model").set_index("group")
    assert found.loc["is_girl", "found_gap"] == -1 and found.loc["is_girl", "found_gap_high"] < 0
    assert "girls" in audit_words.audit_sentence(found.reset_index(), "en").lower()
    scores, member = many_scored(1.0)
    told = audit_words.audit_table(lists.audit(scores.assign(model=0.5), member, "model"), "en")
    assert told.iloc[1].tolist()[3].startswith("no gap shown")


def test_calibration_by_group_says_nothing_of_few() -> None:
    scores, member = many_scored(1.0)
    told = audit_words.calibration_table(scores.assign(model=0.04), member.assign(is_low_income=False), "model", "en")
    assert told.shape == (2, 3)
    few = scores.assign(y=[1] * 3 + [0] * 1997)
    assert set(audit_words.calibration_table(few, member, "model", "en").to_numpy().ravel()) == {"cannot tell"}


def test_another_label_judges_only_the_rows_it_can_tell() -> None:
    scores, _ = scored_twice()
    label = pd.Series([1] + [None] * 49 + [0] * 50, dtype="Int64")
    found = lists.under(scores, label)
    assert len(found) == 51
    assert found["y"].sum() == 1


def test_more_leavings_show_smaller_differences() -> None:
    assert detectable_gain(800, 0.2) < detectable_gain(50, 0.2)
    assert detectable_change(800) < detectable_change(50)
    assert recall_margin(0, 0.2) == 1


@pytest.mark.parametrize("lang", LANGS)
def test_the_tables_of_the_reports_speak_the_reader_s_language(lang: str, scores: pd.DataFrame) -> None:
    chosen = scores.assign(listed=scores["pupil"].isin(["ann", "bo"]), handled=scores["pupil"].map({"fu": "open_case"}))
    tables = [
        model_words.feature_table(lang), list_words.score_account(chosen, lang),
        list_words.listed_account(chosen, lang), list_words.sign_table(chosen, lang),
    ]  # fmt: skip
    for table in tables:
        shown = table.to_string()
        assert bool(re.search(r"[一-鿿]", shown)) == (lang == "zh")
