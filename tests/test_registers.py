"""All findings of a day together: their shape, how far registers agree, what is new, who has what to do."""

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given as whatever
from hypothesis import settings
from hypothesis import strategies as st

from baoxue import policy, registers
from baoxue.disclosure import identifiers
from baoxue.registers import COMPARISONS, FINDINGS, RULE_OF, RegisterRules
from baoxue.store import Store
from baoxue.words import say
from given import given

A, B = "2133000001", "2133000002"


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """One child for nearly every finding, and one, `fine`, for none."""
    return given(
        tmp_path_factory.mktemp("drawn"),
        schools=f"""
            school_code | school_name | township_code
            {A}         | 第一小学    | 330382106
            {B}         | 第二小学    | 330382114
        """,
        terms="""
            term             | starts_on  | ends_on
            2023学年第二学期 | 2024-02-26 | 2024-07-05
        """,
        enrolments=f"""
            pupil  | snapshot_on | school_code | registration | has_id | grade | class | boarding | is_orphan |needs_aid
            fine   | 2024-03-01  | {A}         | r1           | yes    | 3     | 01    | 走读     | no        | no
            poor   | 2024-03-01  | {A}         | r2           | yes    | 3     | 01    | 走读     | no        | no
            fine   | 2024-11-01  | {A}         | r1           | yes    | 4     | 01    | 走读     | no        | no
            poor   | 2024-11-01  | {A}         | r2           | yes    | 4     | 02    | 走读     | no        | no
            twice  | 2024-11-01  | {A}         | r3           | yes    | 4     | 01    | 走读     | no        | no
            twice  | 2024-11-01  | {B}         | r4           | yes    | 4     | 01    | 走读     | no        | no
            orphan | 2024-11-01  | {B}         | r5           | yes    | 2     | 01    | 走读     | yes       | no
            shared | 2024-11-01  | {B}         | r5           | yes    | 2     | 01    | 走读     | no        | no
        """,
        rosters=f"""
            pupil  | snapshot_on | school_code | grade | class
            fine   | 2024-11-11  | {A}         | 4     | 01
            poor   | 2024-11-11  | {A}         | 4     | 02
            new    | 2024-11-11  | {A}         | 4     | 02
        """,
        changes=f"""
            pupil | change | changed_on | accepted_on | review | reviewed_on | suspended_until | from_school_code
            moved | 转出   | 2024-09-10 | 2024-09-10  | 通过   | 2024-09-20  | -               | {A}
            ended | 休学   | 2023-09-10 | 2023-09-10  | 通过   | 2023-09-20  | 2024-09-10      | {A}
            asked | 休学   | 2024-09-10 | 2024-09-10  | -      | -           | 2025-09-10      | -
        """,
        households="""
            pupil | snapshot_on | cohort | township_code
            fine  | 2024-10-15  | 2020   | 330382106
            lost  | 2024-10-15  | 2020   | 330382106
            moved | 2024-10-15  | 2020   | 330382114
        """,
        admissions=f"""
            pupil | admission_year | passage | arrival | to_school_code
            late  | 2024           | 幼升小  | 未报到  | {B}
            fine  | 2024           | 幼升小  | 已报到  | {A}
        """,
        low_income="""
            pupil | hardship | listed_on
            poor  | 低保     | 2023-01-01
        """,
        aid="""
            pupil | term             | aid    | amount_yuan | paid_on
            fine  | 2023学年第二学期 | 营养餐 | 500         | 2024-05-10
        """,
    )


@pytest.fixture(scope="module")
def found(drawn: Store) -> pd.DataFrame:
    return registers.findings(drawn.known_by("2024-11-30"))


def test_each_child_carries_its_own_findings_once_and_in_the_order_of_reports(found: pd.DataFrame) -> None:
    assert list(zip(found["finding"], found["pupil"], strict=True)) == [
        ("never_enrolled", "lost"),
        ("never_enrolled", "moved"),
        ("on_roll_not_in_class", "twice"),
        ("in_class_not_on_roll", "new"),
        ("duplicate_registry", "twice"),
        ("shared_registry_number", "orphan"),
        ("shared_registry_number", "shared"),
        ("transfer_unconfirmed", "moved"),
        ("suspension_expired", "ended"),
        ("suspension_unapproved", "asked"),
        ("not_arrived", "late"),
        ("group_mark_missing", "poor"),
        ("group_mark_unsupported", "orphan"),
        ("aid_missing", "poor"),
        ("aid_unentitled", "fine"),
    ]
    assert set(found["finding"]) == set(FINDINGS)
    assert not found.duplicated(["pupil", "finding"]).any()


def test_the_township_is_where_the_child_lives_else_that_of_the_school(found: pd.DataFrame) -> None:
    places = found.set_index(["pupil", "finding"])["township_code"]
    assert places["moved", "transfer_unconfirmed"] == "330382114", "the household register, not the school's township"
    assert places["poor", "aid_missing"] == "330382106", "the school's township"
    assert pd.isna(places["asked", "suspension_unapproved"])


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_evidence_is_a_full_sentence_with_a_date_and_no_identifier(drawn: Store, lang: str) -> None:
    rows = registers.findings(drawn.known_by("2024-11-30"), lang)
    assert rows["evidence"].str.endswith("。" if lang == "zh" else ".").all()
    assert rows["evidence"].str.contains(r"20\d\d" + ("年" if lang == "zh" else "-")).all()
    assert not rows["evidence"].str.contains(r"[{}]").any()
    assert not any(identifiers(text) for text in rows["evidence"])
    if lang == "en":
        assert not rows["evidence"].str.contains(r"[\u4e00-\u9fff]").any()


def test_the_same_day_gives_the_same_findings_whatever_the_language(drawn: Store, found: pd.DataFrame) -> None:
    again = registers.findings(drawn.known_by("2024-11-30"))
    pd.testing.assert_frame_equal(found, again)
    english = registers.findings(drawn.known_by("2024-11-30"), "en")
    pd.testing.assert_frame_equal(found.drop(columns="evidence"), english.drop(columns="evidence"))


def test_an_empty_store_has_no_findings_and_nothing_to_compare(tmp_path: Path) -> None:
    known = given(tmp_path).known_by("2024-11-30")
    nothing = registers.findings(known)
    assert nothing.empty and list(nothing.columns)[:6] == [
        "pupil", "finding", "school_code", "township_code", "since", "evidence",
    ]  # fmt: skip
    assert registers.agreement(known, nothing)["compared"].sum() == 0
    assert registers.move_counts(registers.moves(nothing, nothing))[["before", "now"]].sum().sum() == 0


def test_nothing_is_known_before_it_happened(drawn: Store) -> None:
    early = registers.findings(drawn.known_by("2024-09-15"))
    assert set(zip(early["finding"], early["pupil"], strict=True)) == {
        ("aid_missing", "poor"), ("aid_unentitled", "fine"), ("suspension_expired", "ended"),
        ("group_mark_missing", "poor"),
    }  # fmt: skip


def test_agreement_counts_every_child_compared_exactly_once(drawn: Store, found: pd.DataFrame) -> None:
    table = registers.agreement(drawn.known_by("2024-11-30"), found).set_index("comparison")
    verdicts = table[["agree", "explained", "cannot_tell", "disagree"]]
    assert (verdicts.sum(axis=1) == table["compared"]).all()
    assert verdicts.apply(tuple, axis=1).to_dict() == {
        "household_registry": (1, 0, 0, 2),  # fine; lost, moved
        "registry_class": (2, 0, 2, 2),  # fine, poor; orphan, shared are in a school without a roster; twice, new
        "registry_registry": (2, 0, 0, 3),
        "registry_changes": (0, 0, 0, 3),
        "admission_registry": (1, 0, 0, 1),
        "lists_registry": (0, 0, 0, 2),
        "lists_aid": (0, 0, 0, 2),
    }


def test_the_basis_says_which_snapshots_were_compared(drawn: Store, found: pd.DataFrame, tmp_path: Path) -> None:
    told = registers.basis(drawn.known_by("2024-11-30"), found)
    days = ["2024年11月30日", "2024年11月1日", "2024年10月15日", "2024年11月11日"]
    assert all(day in told for day in days) and "15条，涉及学生11人" in told
    assert "学籍快照缺0所学校，快照之后未交班级花名册的有1所：第二小学" in told
    empty = given(tmp_path).known_by("2024-11-30")
    assert "registry snapshot of —" in registers.basis(empty, registers.findings(empty), "en")


def test_a_child_accounted_for_is_explained_and_without_a_registry_nothing_can_be_told(tmp_path: Path) -> None:
    households = """
        pupil | snapshot_on | cohort | schooling | schooling_checked_on
        far   | 2024-10-15  | 2020   | 县外就读  | 2024-10-01
        here  | 2024-10-15  | 2020   | 县内就读  | -
    """
    registry = f"pupil | snapshot_on | school_code | has_id\nhere | 2024-11-01 | {A} | yes"
    both = given(tmp_path / "both", households=households, enrolments=registry).known_by("2024-11-30")
    row = registers.agreement(both, registers.findings(both)).set_index("comparison").loc["household_registry"]
    assert row.to_dict() == {"compared": 2, "agree": 1, "explained": 1, "cannot_tell": 0, "disagree": 0}
    one = given(tmp_path / "one", households=households).known_by("2024-11-30")
    row = registers.agreement(one, registers.findings(one)).set_index("comparison").loc["household_registry"]
    assert row.to_dict() == {"compared": 2, "agree": 0, "explained": 0, "cannot_tell": 2, "disagree": 0}


def test_a_school_without_registry_rows_or_without_a_roster_since_is_named(tmp_path: Path) -> None:
    schools = "school_code | school_name\ns1 | 一小\ns2 | 二小\ns3 | 三小"
    known = given(tmp_path, schools=schools, enrolments="""
        pupil | snapshot_on | school_code
        p1    | 2024-10-01  | s3
        p1    | 2024-11-01  | s1
        p2    | 2024-11-01  | s2
    """, rosters="""
        pupil | snapshot_on | school_code | grade | class
        p1    | 2024-11-01  | s1          | 1     | 01
        p2    | 2024-10-31  | s2          | 1     | 01
    """).known_by("2024-11-30")  # fmt: skip
    assert registers.silent_schools(known).to_numpy().tolist() == [
        ["s2", "二小", True, False],
        ["s3", "三小", False, False],
    ]


def test_each_finding_has_a_rule_words_a_checker_and_one_comparison() -> None:
    assert set(RULE_OF) == set(FINDINGS) == set(registers.rules().checked_by)
    assert sorted(finding for kinds in COMPARISONS.values() for finding in kinds) == sorted(FINDINGS)
    for key in (*(f"finding_{finding}" for finding in FINDINGS), *(f"comparison_{name}" for name in COMPARISONS)):
        assert say(f"registers.{key}", "zh") and say(f"registers.{key}", "en")


def test_a_checker_nobody_knows_or_a_finding_without_one_is_refused() -> None:
    content = registers.rules().model_dump()
    with pytest.raises(ValueError, match="checked_by"):
        RegisterRules.model_validate(content | {"checked_by": content["checked_by"] | {"not_arrived": "police"}})
    with pytest.raises(ValueError, match="nobody for not_arrived"):
        kept = {finding: who for finding, who in content["checked_by"].items() if finding != "not_arrived"}
        RegisterRules.model_validate(content | {"checked_by": kept})
    assert issubclass(RegisterRules, policy.Policy)


FINDING_ROWS = pd.DataFrame(
    [
        ("p1", "never_enrolled", None, "330382106", "2022-09-01", "township", None, None),
        ("p2", "never_enrolled", None, None, "2024-09-01", "township", None, None),
        ("p3", "on_roll_not_in_class", A, "330382106", "2024-11-11", "school", 9, "02"),
        ("p4", "on_roll_not_in_class", A, "330382106", "2024-10-11", "school", 4, "01"),
        ("p3", "aid_missing", A, "330382106", "2024-02-26", "bureau", 9, "02"),
        ("p5", "transfer_unconfirmed", B, "330382106", "2024-09-11", "school", 9, "02"),
    ],
    columns=["pupil", "finding", "school_code", "township_code", "since", "checked_by", "grade", "class"],
).assign(evidence="words", since=lambda rows: pd.to_datetime(rows["since"]).dt.date)


def test_a_schools_list_holds_its_own_checks_by_class_and_nobody_elses() -> None:
    assert registers.work_list(FINDING_ROWS, "school", A)["pupil"].tolist() == ["p4", "p3"]
    assert registers.work_list(FINDING_ROWS, "school")["pupil"].tolist() == ["p4", "p3", "p5"]
    assert registers.work_list(FINDING_ROWS, "school", "2133000009").empty


def test_a_finding_whose_place_nobody_knows_falls_to_the_bureau() -> None:
    assert registers.work_list(FINDING_ROWS, "township", "330382106")["pupil"].tolist() == ["p1"]
    assert set(registers.work_list(FINDING_ROWS, "bureau")["pupil"]) == {"p2", "p3"}


def test_what_is_new_what_is_cleared_and_what_stays_open() -> None:
    before, now = FINDING_ROWS.iloc[:4], FINDING_ROWS.iloc[2:]
    moved = registers.moves(before, now)
    assert moved["move"].tolist() == ["open", "open", "new", "new", "cleared", "cleared"]
    counts = registers.move_counts(moved).set_index("finding")
    assert list(counts.loc["never_enrolled"]) == [2, 2, 0, 0]
    assert list(counts.loc["on_roll_not_in_class"]) == [2, 0, 0, 2]
    assert list(counts.loc["aid_missing"]) == [0, 0, 1, 1]


@settings(max_examples=50, deadline=None)
@whatever(st.sets(st.integers(0, 5)), st.sets(st.integers(0, 5)))
def test_opening_less_cleared_plus_new_is_closing(was: set[int], stands: set[int]) -> None:
    counts = registers.move_counts(registers.moves(FINDING_ROWS.iloc[sorted(was)], FINDING_ROWS.iloc[sorted(stands)]))
    assert (counts["before"] - counts["cleared"] + counts["new"] == counts["now"]).all()
    assert counts["before"].sum() == len(was) and counts["now"].sum() == len(stands)


@settings(max_examples=50, deadline=None)
@whatever(st.sets(st.integers(0, 5)))
def test_every_finding_is_on_exactly_one_list(rows: set[int]) -> None:
    found = FINDING_ROWS.iloc[sorted(rows)]
    lists = [registers.work_list(found, checker) for checker in ("school", "township", "bureau")]
    together = pd.concat(lists)[["pupil", "finding"]].sort_values(["pupil", "finding"])
    assert (
        together.to_numpy().tolist()
        == found[["pupil", "finding"]].sort_values(["pupil", "finding"]).to_numpy().tolist()
    )


def test_tasks_count_places_findings_and_children_of_each_checker() -> None:
    counts = registers.tasks(FINDING_ROWS).set_index("checked_by")
    assert counts.apply(tuple, axis=1).to_dict() == {"school": (2, 3, 3), "township": (1, 1, 1), "bureau": (1, 2, 2)}
    assert registers.tasks(FINDING_ROWS.iloc[:0])["findings"].tolist() == [0, 0, 0]


def test_places_stand_in_code_order_with_the_total_first_and_the_unknown_last() -> None:
    counts = registers.by_place(FINDING_ROWS)
    assert counts["school_code"].fillna("?").tolist() == ["合计", A, B, "?"]
    assert counts["now"].tolist() == [6, 3, 1, 2]
    kinds = counts.set_index("school_code")[list(COMPARISONS)]
    assert list(kinds.loc[A, ["registry_class", "lists_aid"]]) == [2, 1] and kinds.loc[A].sum() == 3
    assert registers.by_place(FINDING_ROWS.iloc[:0])["now"].tolist() == [0]


def handed(file: str, source: str | None, *counts: int) -> dict:
    return {"file": file, "source": source} | dict(zip(registers.COUNTS, counts, strict=True))


ACCOUNT = [
    {
        "drop": "000001",
        "arrived_on": "2024-11-30",
        "files": [
            handed("学籍/b.xlsx", "enrolments", 9, 6, 2, 1) | {"rejects": {"姓名:required_empty": 2}},
            handed("读我.txt", None, 0, 0, 0, 0) | {"reason": "ending"},
        ],
    },
    {
        "drop": "000002",
        "arrived_on": "2024-12-31",
        "files": [handed("学籍/a.xlsx", "enrolments", 5, 5, 0, 0), handed("学校/s.csv", "schools", 1, 1, 0, 0)],
    },
]


def test_files_are_summed_by_source_and_those_with_a_problem_are_named() -> None:
    rows = registers.rows_by_source(ACCOUNT)
    assert rows.to_numpy().tolist() == [
        ["合计", 4, 15, 12, 2, 1], ["schools", 1, 1, 1, 0, 0], ["enrolments", 2, 14, 11, 2, 1], ["none", 1, 0, 0, 0, 0],
    ]  # fmt: skip
    files = registers.files_to_look_at(ACCOUNT)
    assert files["file"].tolist() == ["学籍/b.xlsx", "读我.txt"]
    assert files["note"].tolist() == ["姓名：必填项为空（2行）", say("intake.file_ending")]
    assert registers.rows_by_source([])["rows_read"].tolist() == [0] and registers.files_to_look_at([]).empty


def test_refusals_are_counted_by_reason_and_column() -> None:
    rejects = pd.DataFrame(
        {"reason": ["date_form", "date_form", "id_length"], "column": ["日期", "日期", "身份证件号"]}
    )
    assert registers.refusals(rejects).to_numpy().tolist() == [["date_form", "日期", 2], ["id_length", "身份证件号", 1]]
    assert registers.table(registers.refusals(rejects)).index.tolist() == ["不是日期", "身份证件号不是 18 位"]


def test_a_reader_sees_words_names_and_dates_and_no_code() -> None:
    shown = registers.table(FINDING_ROWS.drop(columns=["evidence"]), "zh", {A: "第一小学", "330382106": "清江镇"})
    assert shown.columns.name == "编号" and shown.columns.tolist()[:3] == ["情形", "学校", "乡镇（街道）"]
    assert list(shown.loc["p1"]) == [
        "失学（户籍在册、学籍查无）",
        "不详",
        "清江镇",
        "2022年9月1日",
        "乡镇（街道）",
        "—",
        "—",
    ]
    assert shown["学校"].tolist() == ["不详", "不详", "第一小学", "第一小学", "第一小学", B], (
        "a code without a name stays"
    )
    english = registers.table(FINDING_ROWS[["finding", "since"]], "en")
    assert english.index[2] == "on the registry, not in class" and english["since"].iloc[0] == "2022-09-01"


def test_what_has_waited_longest_comes_first_and_days_are_counted_from_the_day_it_arose() -> None:
    as_of = dt.date(2024, 11, 30)
    longest = registers.longest_open(FINDING_ROWS, as_of, 2)
    assert longest[["pupil", "open_days"]].to_numpy().tolist() == [["p1", 821], ["p3", 278]]
    waiting = registers.waiting(FINDING_ROWS, as_of).set_index("finding")
    assert list(waiting.loc["on_roll_not_in_class"]) == [2, 34, 50]
    assert "duplicate_registry" not in waiting.index


@pytest.mark.parametrize(
    ("day", "end"), [("2024-11-30", "2024-10-31"), ("2024-11-15", "2024-10-31"), ("2024-03-01", "2024-02-29")]
)
def test_last_month_ends_on_the_day_before_this_month_begins(day: str, end: str) -> None:
    assert registers.month_end_before(dt.date.fromisoformat(day)) == dt.date.fromisoformat(end)
