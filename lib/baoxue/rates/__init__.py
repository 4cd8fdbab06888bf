"""Indicators of leaving and staying, each named for the population it stands on, each with an honest interval.

| function | indicator | population |
|---|---|---|
| `dropout_rate_on_registry` | 学年辍学率, gross and net of returns | 学籍: 上学年初在校生 |
| `dropout_rate_in_tables` | 学年辍学率（报表口径） | 学籍 and the table of changes |
| `change_table`, `two_ways` | 学生变动情况表, and its check against the changes on record | 学籍 |
| `year_retention_on_registry` | 年巩固率 | 学籍 |
| `stage_retention_on_registry` | 六年, 三年, 九年巩固率 | 学籍 |
| `stage_retention_by_school` | 巩固率统计表 | 学籍 |
| `ledger_counts` | 三本台账汇总, 失学 apart | ledgers |
| `quarter_review` | 季度复核表 | 学籍, 在校, cases |
| `net_enrolment_on_households` | 净入学率, 九年教育适龄人口入学率 | 户籍 |
| `gross_enrolment_on_households` | 毛入学率 | 户籍 |
| `completion_on_households` | 完成率 | 户籍 |
| `disabled_enrolment_on_list` | 残疾儿童少年入学率 | 残联名单 |
| `cases_by_period` | 疑似辍学, 辍学, 复学; 清零 balance | cases |
| `return_rate_on_cases` | 劝返率 | cases |
| `timeliness_on_cases` | 及时率 | steps of cases |
| `season_on_cases`, `places_standing_out` | when and where | cases, 学籍 |
| `scan_schools`, `scan_months` | clusters in space and time | cases, 学籍 |
| `attendance_by_month` | 逐月在籍与旷课 | 学籍, 考勤 |
| `dropout_rate_in_groups`, `overlaps`, `several_groups` | 重点群体辍学率 and overlaps | 学籍, department lists |
| `month_changes`, `year_changes` | 环比, 同比 | as the counts given |
| `composition_and_rate` | a change taken apart | 学籍 |
| `passage_flows`, `passage_balance` | 幼升小, 小升初 | 招生, 学籍, 户籍 |
| `survival` | cohorts month by month | 学籍 |
| `next_term`, `back_test` | what next term's count may be | cases |

Official definitions and their sources are in the docstrings; what a county may set is in
`params/policy/indicators.yaml`.
"""

from baoxue.cases.waits import timeliness as timeliness_on_cases
from baoxue.rates.attendance import UNITS, attendance_by_month
from baoxue.rates.casework import cases_by_period, return_rate_on_cases
from baoxue.rates.change_table import balances, change_table, change_table_by_grade
from baoxue.rates.changes import month_changes, year_changes
from baoxue.rates.composition import FACTORS, composition_and_rate, decomposed
from baoxue.rates.coverage import (
    completion_on_households,
    disabled_enrolment_on_list,
    gross_enrolment_on_households,
    net_enrolment_on_households,
)
from baoxue.rates.dropout import dropout_rate_on_registry, leavers
from baoxue.rates.fates import fates
from baoxue.rates.groups import dropout_rate_in_groups, overlaps, several_groups
from baoxue.rates.intervals import compare, poisson_interval, share_interval
from baoxue.rates.ledger_counts import STATES as LEDGER_STATES
from baoxue.rates.ledger_counts import ledger_counts
from baoxue.rates.outlook import back_test, coverage, next_term, predicted, term_counts
from baoxue.rates.passages import passage_balance, passage_flows
from baoxue.rates.patterns import places_standing_out, season_by_year, season_on_cases
from baoxue.rates.policy import indicators
from baoxue.rates.populations import openings
from baoxue.rates.reasons import REASONS
from baoxue.rates.reconciled import two_ways, unreconciled
from baoxue.rates.retention import stage_retention_on_registry, year_retention_on_registry
from baoxue.rates.reviews import CAUSES, ITEMS, quarter_review
from baoxue.rates.scan import scan, scan_months, scan_schools
from baoxue.rates.school_retention import stage_retention_by_school
from baoxue.rates.survival import survival
from baoxue.rates.tables import dropout_rate_in_tables

__all__ = [
    "CAUSES", "FACTORS", "ITEMS", "LEDGER_STATES", "REASONS", "UNITS", "attendance_by_month", "back_test", "balances",
    "cases_by_period", "change_table", "change_table_by_grade", "compare", "completion_on_households",
    "composition_and_rate", "coverage", "decomposed", "disabled_enrolment_on_list", "dropout_rate_in_groups",
    "dropout_rate_in_tables", "dropout_rate_on_registry", "fates", "gross_enrolment_on_households", "indicators",
    "leavers", "ledger_counts", "month_changes", "net_enrolment_on_households", "next_term", "openings", "overlaps",
    "passage_balance", "passage_flows", "places_standing_out", "poisson_interval", "predicted", "quarter_review",
    "return_rate_on_cases", "scan", "scan_months", "scan_schools", "season_by_year", "season_on_cases",
    "several_groups", "share_interval", "stage_retention_by_school", "stage_retention_on_registry", "survival",
    "term_counts", "timeliness_on_cases", "two_ways", "unreconciled", "year_changes", "year_retention_on_registry",
]  # fmt: skip
