"""The ledgers (台账) of a county in the forms' own columns: what stands in each, and for whom."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import pandas as pd

from baoxue.cases import children, entries

if TYPE_CHECKING:
    from baoxue.store import Known

Kind = Literal["county", "township", "village", "school"]

TIERS: dict[Kind, str] = {"county": "T3", "township": "T1", "village": "T1", "school": "T2"}
"""Who may hold the ledgers of a unit (DOMAIN 4.3)."""


@dataclass(frozen=True)
class Unit:
    """For whom a ledger is drawn up: `code` is a township code, `township/village`, a school code, or empty."""

    kind: Kind
    code: str
    name: str

    @property
    def tier(self) -> str:
        """The tier of disclosure of its ledgers."""
        return TIERS[self.kind]

    @property
    def sees_all(self) -> bool:
        """Whether its ledgers show numbers, telephones and addresses in full: the case office's and a school's do."""
        return self.kind in ("county", "school")


def codes(rows: pd.DataFrame, kind: str) -> pd.Series:
    """The code of the unit of a kind that each row belongs to, by its `township_code, village, school_code`."""
    if kind == "county":
        return pd.Series("", index=rows.index)
    if kind == "village":
        return rows["township_code"] + "/" + rows["village"]
    return rows[{"township": "township_code", "school": "school_code"}[kind]]


@dataclass(frozen=True)
class Column:
    """A column of a form: its heading, where its value comes from (empty: for the hand to fill in), its width."""

    heading: str
    source: str = ""
    width: float = 8


@dataclass(frozen=True)
class Ledger:
    """A form: its title, its columns, the rows of the county, and what a reader must know of the counting (口径)."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: Callable[[Known], pd.DataFrame]
    notes: tuple[str, ...] = field(default=())


def _columns(*parts: str) -> tuple[Column, ...]:
    """Columns drawn as `heading source width`, separated by commas; `-` is left for the hand."""
    cells = [cell.split() for part in parts for cell in part.strip().strip(",").split(",")]
    return tuple(Column(heading, source.strip("-"), float(width)) for heading, source, width in cells)


CHILD = """
    姓名 full_name 9, 性别 sex 5, 身份证件号 id_number 19, 就读学校 school_name 18, 年级 grade_word 7, 班级 class_word 6
""".strip()
REACH = "监护人 guardian 9, 联系电话 reach_phone 12"
ADMISSION = f"""
    乡镇（街道） township_name 9, 村（居） village 13, 户主姓名 head_name 9, 与户主关系 head_relation 7,
    儿童姓名 full_name 9, 性别 sex 5, 出生日期 birth_date 11, 身份证件号 id_number 19,
    户籍地（区划） hukou_division 13, 现居住地 address 19, 户籍/流入标记 residence 9, 学段 stage 6,
    就读学校 school_name 21, 学校标识码 school_code 11, 年级 grade_word 7, 班级 class_word 6,
    学籍号 registry_number 20, 就读方式 boarding 6, 在学状态 schooling_state 8, 去向 whereabouts_word 9, {REACH}
"""
CHECKED = "核查人 - 8, 核查日期 - 10, 备注 - 8"
LOW_INCOME = """
    困难类别 hardship 9, 认定文号 ruling_number 14, 资助项目与金额（元） aid_received 18, 帮扶责任人 - 9
"""
DISABLED = """
    残疾人证号 disability_number 22, 残疾类别 disability_kind 8, 残疾等级 disability_grade 6, 安置方式 placement 10,
    专家委员会评估日期 - 10, 一人一案编号 - 10, 送教次数 home_lessons 6
"""
SUSPECTED = f"""
    案件编号 case 16, {CHILD}, {REACH}, 线索来源 clue 8, 首次缺勤日 first_absent_on 11,
    连续未到校天数（教学日） missed_days 8, 电话核查日 called_on 11, 电话核查结果 call_result 10, 家访日 visited_on 11,
    家访结果 visit_result 10, 认定结论 conclusion 7, 认定日 concluded_on 11, 认定人 - 8
"""
DROPOUTS = f"""
    案件编号 case 16, {CHILD}, {REACH}, 村（居） village 13, 辍学日期 absent_on 11, 辍学原因 dropout_reason 12,
    监护情况 left_behind 9, 重点群体 is_key_group 6, 学校劝返次数 visits 6, 末次劝返日 last_visit_on 11,
    末次劝返结果 last_result 9, 书面报告乡镇日 reported_township_on 11, 书面报告教育局日 reported_bureau_on 11,
    乡镇批评教育日 criticised_on 11, 责令限期改正文号 order_number 14, 送达日 ordered_on 11, 限期 order_due_on 11,
    司法文书类别 judicial_kind 11, 文号 judicial_number 14, 送达日 judicial_on 11, 当前状态 state 10,
    校包保责任人 holder_school_name 8, 乡镇包保责任人 holder_township_name 8, 村包保责任人 holder_village_name 8
"""
CLOSINGS = f"""
    案件编号 case 16, {CHILD}, 立案日 opened_on 11, 销案日 closed_on 11, 历时（天） case_days 6, 销案类型 closing 11,
    复学安置方式 resettlement 9, 证明材料 proof_word 16, 审核人 reviewer_name 8, 30日到校率（%） attendance_30 8,
    60日到校率（%） attendance_60 8, 90日到校率（%） attendance_90 8, 是否复辍 left_again_word 6, 备注 - 8
"""
CHANGES = """
    日期 changed_on 11, 姓名 full_name 9, 学籍号 registry_number 20, 变动类别 change 8, 原因 reason 12,
    转出（原）校 from_school 16, 转入（目标）校 to_school 16, 转学范围 transfer_scope 7, 证明材料 proof 14,
    受理日 accepted_on 11, 审核状态 review 7, 主管部门核办日 reviewed_on 11, 是否超10个工作日 over_limit_word 8,
    去向确认日 confirmed_on 11, 备注 - 8
"""
VISITS = f"""
    案件编号 case 16, {CHILD}, 劝返次数 attempt 6, 劝返人员 visitor_name 9, 劝返人员电话 - 11, 劝返时间 visited_on 11,
    劝返方式 way 6, 措施类型 measure 6, 劝返就读情况记录 result 14, 备注 - 10
"""
AID = f"""
    {CHILD}, 困难类别 hardship 9, 学年学期 term 17, 资助项目 aid 15, 金额（元） amount_yuan 9, 发放日期 paid_on 11,
    备注 - 10
"""
DUTIES = """
    责任线 line 8, 层级 level 9, 责任对象 unit_word 26, 学生数 pupils 7, 责任人 holder_name 10, 职务 post 16,
    联系电话 holder_phone 13, 起始日期 since 11, 备注 gap_word 8
"""

LEDGERS: tuple[Ledger, ...] = (
    Ledger(
        "admission",
        "适龄儿童少年入学台账",
        _columns(ADMISSION, CHECKED),
        children.children_of_school_age,
        (
            "适龄指9月1日年满6周岁至14周岁；另列学籍在读而超龄的学生。",
            "在学状态“待核实”指户籍在册、学籍查无，又无经核实的去向，须入户核查，不等于失学。",
        ),
    ),
    Ledger(
        "admission_low_income",
        "建档立卡低收入农户子女入学台账",
        _columns(ADMISSION, LOW_INCOME, CHECKED),
        children.children_of_low_income,
        ("困难类别以农业农村、民政部门名单为准；资助为本学年已发放数。",),
    ),
    Ledger(
        "admission_disabled",
        "残疾儿童少年入学台账",
        _columns(ADMISSION, DISABLED, CHECKED),
        children.disabled_children,
        ("类别、等级、安置方式以残联名单为准。",),
    ),
    Ledger(
        "suspected",
        "疑似辍学学生台账",
        _columns(SUSPECTED),
        entries.suspected,
        ("列本学年立案和尚未认定的案件；系统比对的线索经人核实立案后方列入。",),
    ),
    Ledger(
        "dropouts",
        "辍学学生台账",
        _columns(DROPOUTS),
        entries.dropouts,
        ("列认定为辍学、失联而未销案的，和本学年销案的。重点群体指流动、留守、残疾、家庭经济困难。",),
    ),
    Ledger(
        "closings",
        "辍学销案台账",
        _columns(CLOSINGS),
        entries.closings,
        ("列本学年销案的。到校率＝点名日中到校日÷点名日，未到观察日的空缺。",),
    ),
    Ledger(
        "changes",
        "学籍变动台账",
        _columns(CHANGES),
        entries.registry_changes,
        ("列本学年受理的变动。核办期限自受理次日起10个工作日。",),
    ),
    Ledger(
        "visits",
        "辍学学生劝返记录",
        _columns(VISITS),
        entries.persuasion_visits,
        ("列本学年的劝返，按案件和次数排列。",),
    ),
    Ledger("aid", "学生资助台账", _columns(AID), entries.aid_paid, ("列本学年已发放的资助。",)),
    Ledger(
        "duties",
        "控辍保学责任人清单",
        _columns(DUTIES),
        entries.duty_list,
        ("无责任人的对象列明“空缺”，须当日补齐。",),
    ),
)
"""In the order of the workbook; columns from DOMAIN 3.2 and 3.3. Every ledger begins with 序号."""

LEDGER_OF: dict[str, Ledger] = {ledger.name: ledger for ledger in LEDGERS}
