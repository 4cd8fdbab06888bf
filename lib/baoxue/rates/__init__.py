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

Official definitions and their sources are in the docstrings; what a county may set is in
`params/policy/indicators.yaml`.
"""

from baoxue.cases.waits import timeliness as timeliness_on_cases
from baoxue.rates.casework import cases_by_period, return_rate_on_cases
from baoxue.rates.change_table import balances, change_table, change_table_by_grade
from baoxue.rates.coverage import (
    completion_on_households,
    disabled_enrolment_on_list,
    gross_enrolment_on_households,
    net_enrolment_on_households,
)
from baoxue.rates.dropout import dropout_rate_on_registry, leavers
from baoxue.rates.fates import fates
from baoxue.rates.intervals import compare, poisson_interval, share_interval
from baoxue.rates.ledger_counts import STATES as LEDGER_STATES
from baoxue.rates.ledger_counts import ledger_counts
from baoxue.rates.patterns import places_standing_out, season_on_cases
from baoxue.rates.policy import indicators
from baoxue.rates.populations import openings
from baoxue.rates.reasons import REASONS
from baoxue.rates.reconciled import two_ways, unreconciled
from baoxue.rates.retention import stage_retention_on_registry, year_retention_on_registry
from baoxue.rates.reviews import CAUSES, ITEMS, quarter_review
from baoxue.rates.school_retention import stage_retention_by_school
from baoxue.rates.tables import dropout_rate_in_tables

__all__ = [
    "CAUSES", "ITEMS", "LEDGER_STATES", "REASONS", "balances", "cases_by_period", "change_table",
    "change_table_by_grade", "compare", "completion_on_households", "disabled_enrolment_on_list",
    "dropout_rate_in_tables", "dropout_rate_on_registry", "fates", "gross_enrolment_on_households", "indicators",
    "leavers", "ledger_counts", "net_enrolment_on_households", "openings", "places_standing_out", "poisson_interval",
    "quarter_review", "return_rate_on_cases", "season_on_cases", "share_interval", "stage_retention_by_school",
    "stage_retention_on_registry", "timeliness_on_cases", "two_ways", "unreconciled", "year_retention_on_registry",
]  # fmt: skip
