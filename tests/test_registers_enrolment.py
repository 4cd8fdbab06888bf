"""失学 and 未报到: household register, admissions and registry side by side, counted by eye."""

from pathlib import Path

import pytest

from given import given
from registers_found import found, rows_of

REGISTRY = """
    pupil | snapshot_on | school_code | status | has_id
    here  | 2024-11-01  | 2133000001  | 在读   | yes
    gone  | 2024-11-01  | 2133000001  | 转学   | yes
"""
HOUSEHOLDS = """
    pupil | snapshot_on | cohort | township_code | residence | schooling | schooling_checked_on
    here  | 2024-10-15  | 2018   | 330382106     | 本籍在本  | 县内就读  | -
    gone  | 2024-10-15  | 2018   | 330382106     | 本籍在本  | 县内就读  | -
    lost  | 2024-10-15  | 2018   | 330382106     | 本籍在本  | 未就读    | -
    far   | 2024-10-15  | 2018   | 330382106     | 本籍在外  | 县外就读  | 2024-10-01
    said  | 2024-10-15  | 2018   | 330382106     | 本籍在外  | 县外就读  | -
"""


def test_a_child_of_school_age_on_no_registry_is_out_of_school_unless_schooling_elsewhere_is_verified(
    tmp_path: Path,
) -> None:
    store = given(tmp_path, enrolments=REGISTRY, households=HOUSEHOLDS)
    assert found(store, "never_enrolled") == {"lost": "2024-09-01", "said": "2024-09-01"}


def test_the_evidence_says_which_snapshots_were_compared_and_what_is_unproven(tmp_path: Path) -> None:
    store = given(tmp_path, enrolments=REGISTRY, households=HOUSEHOLDS)
    rows = rows_of(store, "never_enrolled").set_index("pupil")
    lost, said = (str(rows.loc[pupil, "evidence"]) for pupil in ("lost", "said"))
    assert "2024年10月15日" in lost and "2024年11月1日" in lost and "核实日期" not in lost
    assert said.startswith(lost) and "未填就学核实日期" in said
    assert list(rows.loc["lost", ["checked_by", "township_code"]]) == ["township", "330382106"]


def test_the_evidence_says_when_a_class_has_the_child_all_the_same(tmp_path: Path) -> None:
    store = given(tmp_path, enrolments=REGISTRY, households=HOUSEHOLDS, rosters="""
        pupil | snapshot_on | school_code | grade | class
        lost  | 2024-11-11  | 2133000001  | 1     | 01
    """)  # fmt: skip
    words = rows_of(store, "never_enrolled").set_index("pupil")["evidence"]
    assert "2024年11月11日班级花名册上有该生" in words["lost"] and "班级花名册" not in words["said"]


def test_school_age_is_six_to_fourteen_full_years_on_the_first_of_september(tmp_path: Path) -> None:
    store = given(tmp_path, enrolments=REGISTRY, households="""
        pupil  | snapshot_on | cohort
        five   | 2024-10-15  | 2025
        six    | 2024-10-15  | 2024
        ten    | 2024-10-15  | 2020
        older  | 2024-10-15  | 2016
        adult  | 2024-10-15  | 2015
    """)  # fmt: skip
    assert set(found(store, "never_enrolled")) == {"six", "ten", "older"}


def test_a_confirmed_transfer_a_death_and_an_emigration_account_for_a_child(tmp_path: Path) -> None:
    store = given(tmp_path, enrolments=REGISTRY, changes="""
        pupil | change   | changed_on | accepted_on | confirmed_on | review | reviewed_on
        moved | 转出     | 2024-06-01 | 2024-06-01  | 2024-06-20   | -      | -
        lost  | 转出     | 2024-06-01 | 2024-06-01  | -            | -      | -
        dead  | 死亡     | 2024-06-01 | 2024-06-01  | -            | 通过   | 2024-06-05
        alive | 死亡     | 2024-06-01 | 2024-06-01  | -            | 退回   | 2024-06-05
        left  | 出国(境) | 2024-06-01 | 2024-06-01  | -            | -      | -
        sent  | 转出     | 2024-06-01 | 2024-06-01  | 2024-12-01   | -      | -
    """, households="""
        pupil | snapshot_on | cohort
        moved | 2024-10-15  | 2018
        lost  | 2024-10-15  | 2018
        dead  | 2024-10-15  | 2018
        alive | 2024-10-15  | 2018
        left  | 2024-10-15  | 2018
        sent  | 2024-10-15  | 2018
    """)  # fmt: skip
    assert set(found(store, "never_enrolled")) == {"lost", "sent", "alive"}, "confirmed later is not known yet"
    assert set(found(store, "never_enrolled", "2024-12-01")) == {"lost", "alive"}, "a death sent back is none"


@pytest.mark.parametrize("whereabouts", ["缓学", "县内就读", "省内就读", "省外就读", "出国境"])
def test_a_verified_whereabouts_of_an_admission_accounts_for_a_child(tmp_path: Path, whereabouts: str) -> None:
    store = given(tmp_path, enrolments=REGISTRY, admissions=f"""
        pupil | admission_year | passage | arrival | arrived_on | whereabouts   | whereabouts_checked_on
        told  | 2024           | 幼升小  | 未报到  | 2024-09-05 | {whereabouts} | 2024-09-20
        later | 2024           | 幼升小  | 未报到  | 2024-09-05 | {whereabouts} | 2024-12-20
        guess | 2024           | 幼升小  | 未报到  | 2024-09-05 | {whereabouts} | -
        none  | 2024           | 幼升小  | 未报到  | 2024-09-05 | 未入学        | 2024-09-20
        blank | 2024           | 幼升小  | 未报到  | 2024-09-05 | 不详          | 2024-09-20
    """, households="""
        pupil | snapshot_on | cohort
        told  | 2024-10-15  | 2024
        later | 2024-10-15  | 2024
        guess | 2024-10-15  | 2024
        none  | 2024-10-15  | 2024
        blank | 2024-10-15  | 2024
    """)  # fmt: skip
    assert set(found(store, "never_enrolled")) == {"later", "guess", "none", "blank"}


def test_out_of_school_since_the_first_school_year_in_which_it_held(tmp_path: Path) -> None:
    store = given(tmp_path, enrolments="""
        pupil | snapshot_on | school_code
        here  | 2022-09-01  | 2133000001
        once  | 2022-09-01  | 2133000001
        here  | 2023-09-01  | 2133000001
        here  | 2024-09-01  | 2133000001
    """, households="""
        pupil | snapshot_on | cohort | schooling | schooling_checked_on
        never | 2022-05-01  | 2020   | 未就读    | -
        never | 2022-10-15  | 2020   | 未就读    | -
        never | 2023-10-15  | 2020   | 未就读    | -
        never | 2024-10-15  | 2020   | 未就读    | -
        once  | 2022-10-15  | 2020   | 县内就读  | -
        once  | 2023-10-15  | 2020   | 未就读    | -
        once  | 2024-10-15  | 2020   | 未就读    | -
        young | 2022-10-15  | 2024   | 不详      | -
        young | 2024-10-15  | 2024   | 不详      | -
        back  | 2023-10-15  | 2020   | 县外就读  | 2023-10-01
        back  | 2024-10-15  | 2020   | 未就读    | -
    """)  # fmt: skip
    assert found(store, "never_enrolled") == {
        "never": "2022-09-01",  # the registry of the school year before was never handed in
        "once": "2023-09-01",
        "young": "2024-09-01",
        "back": "2024-09-01",
    }


def test_a_child_no_longer_on_the_household_register_is_not_looked_for(tmp_path: Path) -> None:
    store = given(tmp_path, enrolments=REGISTRY, households="""
        pupil | snapshot_on | cohort
        lost  | 2024-04-15  | 2018
        here  | 2024-10-15  | 2018
    """)  # fmt: skip
    assert found(store, "never_enrolled") == {}
    assert found(store, "never_enrolled", "2024-09-30") == {}, "no registry snapshot is known by then"


def test_without_a_registry_nobody_is_called_out_of_school_or_not_arrived(tmp_path: Path) -> None:
    store = given(tmp_path, households=HOUSEHOLDS, admissions="""
        pupil | admission_year | passage | arrival
        child | 2024           | 幼升小  | 未报到
    """)  # fmt: skip
    assert found(store, "never_enrolled") == {}
    assert found(store, "not_arrived") == {}


ADMISSIONS = """
    pupil | admission_year | passage | arrival | arrived_on | to_school_code | whereabouts | whereabouts_checked_on
    here  | 2024           | 幼升小  | 未报到  | 2024-09-02 | 2133000001     | -           | -
    gone  | 2024           | 幼升小  | 未报到  | 2024-09-02 | 2133000001     | -           | -
    lost  | 2024           | 幼升小  | 未报到  | 2024-09-02 | 2133000001     | 不详        | 2024-09-20
    empty | 2024           | 小升初  | 未报到  | -          | 2133000001     | -           | -
    known | 2024           | 小升初  | 未报到  | 2024-09-02 | 2133000001     | 省外就读    | 2024-09-20
    later | 2024           | 小升初  | 未报到  | 2024-09-02 | 2133000001     | 省外就读    | 2024-12-20
    there | 2024           | 小升初  | 已报到  | 2024-09-02 | 2133000001     | -           | -
    out   | 2024           | 小升初  | 未报到  | 2024-09-02 | 2133000001     | 未入学      | 2024-09-20
    old   | 2023           | 小升初  | 未报到  | 2023-09-02 | 2133000001     | -           | -
"""


def test_an_admitted_child_who_did_not_arrive_and_whose_whereabouts_are_unknown_is_not_arrived(tmp_path: Path) -> None:
    store = given(tmp_path, enrolments=REGISTRY, admissions=ADMISSIONS)
    assert found(store, "not_arrived") == dict.fromkeys(["lost", "empty", "later", "out"], "2024-09-01")
    assert set(rows_of(store, "not_arrived")["school_code"]) == {"2133000001"}


def test_nobody_is_late_before_the_thirtieth_of_september(tmp_path: Path) -> None:
    store = given(tmp_path, enrolments=REGISTRY.replace("2024-11-01", "2024-09-01"), admissions=ADMISSIONS)
    assert found(store, "not_arrived", "2024-09-29") == {}
    assert set(found(store, "not_arrived", "2024-09-30")) == {"lost", "empty", "later", "out"}
    assert "old" not in found(store, "not_arrived", "2025-08-31"), "only the admissions of the current year count"
