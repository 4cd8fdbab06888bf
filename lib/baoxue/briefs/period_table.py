"""控辍保学月报表 (季, 学期, 学年): the official table of a period, by stage and by township."""

from __future__ import annotations

import ibis
import pandas as pd

from baoxue import rates
from baoxue.briefs.period import Period
from baoxue.codes import Stage
from baoxue.panel import on_registry
from baoxue.rates.cube import TOTAL, in_order
from baoxue.registers import Sides

FLOWS = ("suspected", "suspected_open", "confirmed", "returned", "balance")
COUNTS = ("enrolled", "in_class", "suspected", "suspected_open", "confirmed", "returned", "year_confirmed", "balance")


def period_table(period: Period) -> pd.DataFrame:
    """A row for 合计, 小学, 初中; a child on no registry (失学) is in 合计 only.

    Columns: `stage`; `enrolled`: 在籍 on the latest registry snapshot; `in_class`: of them on their school's latest
    class roster; `suspected`: cases opened in the period; `suspected_open`: cases still to be concluded at its end;
    `confirmed`, `returned`: in it; `year_confirmed`: since 1 September of the school year; `balance`: left and not back
    or closed. Nothing is 0, not empty (零报告). Source: DOMAIN 7.3, national monthly table 2.5.
    """
    year = period.yearly[period.yearly["school_year"] == period.yearly["school_year"].max()]
    stages = pd.DataFrame({"stage": [TOTAL, *(stage.value for stage in Stage)]})
    return _laid_out(period, "stage", stages, period.flows, year)


def period_table_by_township(period: Period) -> pd.DataFrame:
    """The same by township of the school (`township_code`), 合计 first and then in the order of codes: a township in
    which nothing happened has its row of zeros."""
    by = ("township_code",)
    year = rates.dropout_rate_on_registry(period.known, by, same_period=period.kind != "year")
    year = year[year["school_year"] == period.year.first]
    schools = period.known.table("schools").township_code.to_pandas().dropna()
    flows = rates.cases_by_period(period.known, period.kind, by)
    here = flows.loc[flows["period"] == period.name, "township_code"]
    places = pd.DataFrame({"township_code": list(dict.fromkeys([TOTAL, *sorted({*schools, *here})]))})
    return in_order(_laid_out(period, "township_code", places, flows, year), ["township_code"])


def _laid_out(period: Period, by: str, units: pd.DataFrame, flows: pd.DataFrame, year: pd.DataFrame) -> pd.DataFrame:
    now = flows.loc[flows["period"] == period.name, [by, *FLOWS]]
    so_far = year[[by, "dropouts"]].rename(columns={"dropouts": "year_confirmed"})
    table = units.merge(_present(period, by), on=by, how="left").merge(now, on=by, how="left")
    table = table.merge(so_far, on=by, how="left")
    counts = {name: table[name].fillna(0).astype(int) for name in COUNTS}
    return table.assign(**counts)[[by, *COUNTS]]


def _present(period: Period, by: str) -> pd.DataFrame:
    """Pupils on the latest registry snapshot, and of them those in class, by unit and together."""
    registry = on_registry(period.known)
    now = registry.filter(registry.snapshot_on == registry.snapshot_on.max())
    here = Sides(period.known).in_class.select("pupil").distinct().mutate(is_in_class=True)
    schools = period.known.table("schools").select("school_code", "township_code")
    rows = now.left_join(here, "pupil").left_join(schools, "school_code")
    measures = {"enrolled": rows.pupil.nunique(), "in_class": rows.is_in_class.sum()}
    counted = rows.group_by(by).aggregate(**measures).to_pandas()
    total = rows.aggregate(**measures).mutate(ibis.literal(TOTAL).name(by)).to_pandas()
    return pd.concat([total, counted], ignore_index=True)
