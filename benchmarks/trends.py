"""All trend tables at county size, ours against pandas: `python benchmarks/trends.py [--store STORE --as-of DAY]`.

Without a store it makes one of a county's size in DuckDB (`--pupils` a year, seeded): nine registry snapshots, school
days with rolls and absences, cases, changes, lists, admissions, household registers. Then it times every table of
notebooks/20_trends, and beside the heavy ones (`compared`) the same tables in idiomatic pandas from the same files:
merge, groupby, drop_duplicates, no loop over rows. Both are given what both start from: leavings, suspicions, the
periods, and their libraries imported. Both sides take turns three times, each time in a new process as a notebook is;
the medians count, and every cell is compared. Bars: all tables within 30 s, and the compared ones at least 8 times as
fast as in pandas.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import scipy.special  # noqa: F401 - an import is no part of making a table

from baoxue import policy, rates
from baoxue.briefs import trend_sentences
from baoxue.calendar import SchoolYear
from baoxue.cases.leavings import leavings, suspicions
from baoxue.contracts import SOURCE_OF
from baoxue.intake import shape
from baoxue.panel import school_days
from baoxue.rates.cube import TOTAL, in_order
from baoxue.rates.periods import periods
from baoxue.rates.populations import DISTANCE_BANDS, FARTHER, opening_snapshots
from baoxue.store import Known, Store

UNITS = rates.UNITS
MOST_S, TIMES, ROUNDS = 30.0, 8.0, 3
Tables = dict[str, pd.DataFrame]


# ---- a county of that size


def synthetic(folder: Path, pupils: int, seed: int) -> Store:
    """A store with a county of about so many pupils a year, from the SQL beside this file; the same for a seed."""
    connection = duckdb.connect()
    script = (Path(__file__).parent / "trends_county.sql").read_text(encoding="utf-8")
    connection.execute(script.format(cohort=pupils // 9, seed=seed))
    made = [name for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()]
    store = Store(folder)
    tables = {
        name: _shaped(name, connection.execute(f"SELECT * FROM {name}").to_arrow_table())
        for name in SOURCE_OF
        if name in made
    }
    store.append(tables, received_on=pd.Timestamp("2025-01-17").date())
    return store


def _shaped(name: str, rows: pa.Table) -> pa.Table:
    """Rows with every column of the contract, those not made empty."""
    types = shape.content(SOURCE_OF[name])
    given = {column: rows[column].cast(kind) for column, kind in types.items() if column in rows.column_names}
    nothing = {column: pa.nulls(rows.num_rows, kind) for column, kind in types.items() if column not in given}
    return pa.table({column: (given | nothing)[column] for column in types})


# ---- ours


def compared(known: Known) -> Tables:
    """The heavy tables: rates, months of cases, months of attendance by every unit, groups."""
    made = {f"rate by {unit}": rates.dropout_rate_on_registry(known, by=(unit,)) for unit in UNITS}
    made |= {f"cases by {unit}": rates.cases_by_period(known, "month", (unit,)) for unit in UNITS}
    made |= {f"attendance by {unit}": rates.attendance_by_month(known, unit) for unit in UNITS}
    return made | {"groups": rates.dropout_rate_in_groups(known)}


def others(known: Known) -> Tables:
    """The other tables of the notebook."""
    year = SchoolYear.of(known.as_of).first
    flows, passages = rates.cases_by_period(known, "month"), rates.passage_flows(known)
    same = rates.dropout_rate_on_registry(known, same_period=True)
    tested = rates.back_test(rates.term_counts(known).query("is_complete"))
    made = {f"{every} flows": rates.cases_by_period(known, every) for every in ("term", "year")}
    made |= {f"change by {factor}": rates.composition_and_rate(known, year, factor) for factor in rates.FACTORS}
    made |= {f"survival from {grade}": rates.survival(known, grade) for grade in (1, 7)}
    made |= {f"places by {unit}": rates.places_standing_out(known, unit) for unit in ("school_code", "township_code")}
    return made | {
        "months": rates.month_changes(flows), "years": rates.year_changes(same), "passages": passages,
        "passage balance": rates.passage_balance(passages), "season": rates.season_on_cases(known),
        "season by year": rates.season_by_year(known), "overlaps": rates.overlaps(known),
        "several groups": rates.several_groups(known), "retention": rates.year_retention_on_registry(known),
        "stages": rates.stage_retention_on_registry(known), "by tables": rates.dropout_rate_in_tables(known),
        "scan of schools": rates.scan_schools(known), "scan of months": trend_sentences.month_cluster(known),
        "returns": rates.return_rate_on_cases(known), "next term": rates.next_term(known), "back test": tested,
    }  # fmt: skip


# ---- the same in pandas


class InPandas:
    """The compared tables by merge, groupby and drop_duplicates, from the store's files."""

    def __init__(self, store: Store, known: Known, left: pd.DataFrame, suspected: pd.DataFrame) -> None:
        self.store, self.known, self.as_of = store, known, pd.Timestamp(known.as_of)
        self.left, self.suspected = left, suspected
        self.windows = periods(known, "month").to_pandas()
        self.days = school_days(known)
        self.opened = opening_snapshots(known)

    def tables(self) -> Tables:
        """Every table of `compared`, under the same names."""
        enrolments = self._read("enrolments")
        enrolments = enrolments.assign(status=enrolments["status"].fillna("在读"))
        self.enrolments = enrolments
        there = enrolments[enrolments["status"] == "在读"].sort_values(["school_code", "registration"])
        there = there.drop_duplicates(["pupil", "snapshot_on"])
        self.there = _staged(there.assign(seen_on=there["snapshot_on"]))
        self.schools = self._read("schools")[["school_code", "urban_rural", "township_code", "zone"]]
        self.openings = self._openings()
        self.leavers = self._leavers()
        panel = self._panel()
        made = {f"rate by {unit}": self._rate(unit) for unit in UNITS}
        made |= {f"cases by {unit}": self._cases(unit) for unit in UNITS}
        made |= {f"attendance by {unit}": self._attendance(panel, unit) for unit in UNITS}
        return made | {"groups": self._groups()}

    def _read(self, name: str) -> pd.DataFrame:
        rows = pd.concat([pd.read_parquet(file) for file in self.store.files(name)], ignore_index=True)
        for column in rows.columns[rows.columns.str.endswith("_on") | (rows.columns == "date")]:
            rows[column] = pd.to_datetime(rows[column])
        rows = rows[rows["known_on"] <= self.as_of]
        if rows["is_correction"].any():
            order = ["known_on", "drop_number", "drop_line"]
            rows = rows.sort_values(order).drop_duplicates(list(SOURCE_OF[name].key), keep="last")
        return rows

    def _described(self, rows: pd.DataFrame) -> pd.DataFrame:
        facts = ["sex", "boarding", "left_behind", "is_migrant_child", "distance_km"]
        keys = ["pupil", "seen_on", "school_code", "registration"]
        seen = self.enrolments.rename(columns={"snapshot_on": "seen_on"})[[*keys, *facts]]
        known_facts = [name for name in facts if name in rows]
        rows = (
            rows.drop(columns=known_facts)
            .merge(seen, on=keys, how="left")
            .merge(self.schools, on="school_code", how="left")
        )
        edges = [-np.inf, *(limit for limit, _ in DISTANCE_BANDS), np.inf]
        words = [*(word for _, word in DISTANCE_BANDS), FARTHER]
        band = pd.cut(rows["distance_km"], edges, labels=words)
        return rows.assign(distance_band=band.astype("object"))

    def _openings(self) -> pd.DataFrame:
        days = {pd.Timestamp(day): year for year, day in self.opened.items()}
        rows = self.there[self.there["snapshot_on"].isin(list(days))]
        columns = ["pupil", "registration", "school_code", "grade", "stage", "seen_on"]
        return self._described(rows[columns].assign(school_year=rows["snapshot_on"].map(days)))

    def _leavers(self) -> pd.DataFrame:
        left = self.left.assign(school_year=_school_year(self.left["known_on"]))
        ends = pd.to_datetime((left["school_year"] + 1).astype(str) + "-08-31").clip(upper=self.as_of)
        left = left[left["known_on"] <= ends].assign(ends=ends)
        last = left.sort_values("left_on", ascending=False).drop_duplicates(["pupil", "school_year"])
        return self._described(last.assign(is_back=(last["returned_on"] <= last["ends"]).fillna(False)))

    def _rate(self, unit: str) -> pd.DataFrame:
        people = _per_unit(self.openings, unit, population=("pupil", "size"))
        events = _per_unit(self.leavers, unit, dropouts=("pupil", "size"), returned=("is_back", "sum"))
        units = pd.concat([people[[unit]], events[[unit]]]).drop_duplicates()
        frame = people[["school_year"]].drop_duplicates().merge(units, how="cross")
        frame = (
            frame.merge(people, how="left")
            .merge(events, how="left")
            .fillna({"population": 0, "dropouts": 0, "returned": 0})
        )
        return in_order(frame.astype({"population": int, "dropouts": int, "returned": int}), ["school_year", unit])

    def _cases(self, unit: str) -> pd.DataFrame:
        suspected = self._described(self.suspected).assign(**{unit: lambda f: f[unit].astype("string").fillna("不详")})
        left = self._described(self.left).assign(**{unit: lambda f: f[unit].astype("string").fillna("不详")})
        pairs = pd.concat([suspected, suspected.assign(**{unit: TOTAL})]).merge(self.windows, how="cross")
        pairs = pairs.assign(suspected=pairs["opened_on"].between(pairs["starts_on"], pairs["ends_on"]))
        opened = pairs.groupby(["period", unit])["suspected"].sum()
        pairs = pd.concat([left, left.assign(**{unit: TOTAL})]).merge(self.windows, how="cross")
        ended = pairs[["ended_on", "known_on"]].max(axis=1).where(pairs["ended_on"].notna())
        pairs = pairs.assign(
            confirmed=pairs["known_on"].between(pairs["starts_on"], pairs["ends_on"]),
            balance=(pairs["known_on"] <= pairs["ends_on"]) & (ended.isna() | (ended > pairs["ends_on"])),
        )
        counts = pairs.groupby(["period", unit])[["confirmed", "balance"]].sum()
        return counts.join(opened, how="outer").fillna(0).astype(int).reset_index()

    def _panel(self) -> pd.DataFrame:
        """One row per pupil and month, with absences, rolls and standing, as idiomatic pandas makes it."""
        snapshots = np.sort(self.there["snapshot_on"].unique())
        months = pd.period_range(snapshots[0], self.as_of, freq="M")
        ends = pd.DatetimeIndex([min(month.end_time.normalize(), self.as_of) for month in months])
        taken = snapshots[np.searchsorted(snapshots, ends.to_numpy(), side="right") - 1]
        calendar = pd.DataFrame({"month": months.to_timestamp(), "ends_on": ends, "snapshot_on": taken})
        keep = ["pupil", "snapshot_on", "school_code", "registration", "grade", "class", "stage", "seen_on"]
        panel = self._described(self.there[keep]).merge(calendar, on="snapshot_on")
        changes = self._read("changes")
        gone = changes[
            changes["change"].isin(["转出", "出国(境)", "死亡", "毕业", "结业"]) & (changes["review"] != "退回")
        ]
        gone = gone[["pupil", "changed_on"]].drop_duplicates()
        moved = panel[["pupil", "month", "snapshot_on"]].merge(gone, on="pupil")
        moved = moved[(moved["snapshot_on"] < moved["changed_on"]) & (moved["month"] > moved["changed_on"])]
        marked = panel.merge(moved[["pupil", "month"]].drop_duplicates(), how="left", indicator=True)
        panel = marked[marked["_merge"] == "left_only"].drop(columns="_merge")
        absences = self._read("absences")
        absences = absences[absences["absence"] == "旷课"]
        absences = absences.assign(
            month=absences["date"].dt.to_period("M").dt.to_timestamp(),
            part=np.where(absences["session"] == "全天", 1, 0.5),
        )
        missed = absences.groupby(["pupil", "month"])["part"].sum().rename("unexcused_days").reset_index()
        rolls = self._read("rolls")
        rolls = rolls[rolls["is_taken"]].assign(month=rolls["date"].dt.to_period("M").dt.to_timestamp())
        group = ["school_code", "grade", "class", "month"]
        rolled = rolls.groupby(group)["date"].nunique().rename("rolled_days").reset_index()
        panel = panel.merge(missed, on=["pupil", "month"], how="left").merge(rolled, on=group, how="left")
        panel = panel.fillna({"unexcused_days": 0, "rolled_days": 0})
        panel = _marked(panel, self.left.rename(columns={"left_on": "since", "ended_on": "until"}), "away")
        return _marked(panel, self.suspected.rename(columns={"opened_on": "since", "settled_on": "until"}), "suspected")

    def _attendance(self, panel: pd.DataFrame, unit: str) -> pd.DataFrame:
        sums = {
            "pupils": ("pupil", "size"), "pupil_days": ("rolled_days", "sum"), "away": ("away", "sum"),
            "unexcused_days": ("unexcused_days", "sum"), "suspected": ("suspected", "sum"),
        }  # fmt: skip
        total = panel.groupby("month").agg(**sums).reset_index().assign(**{unit: TOTAL})
        placed = panel.dropna(subset=[unit])
        units = placed.groupby(["month", placed[unit].astype(str)]).agg(**sums).reset_index()
        frame = pd.concat([total, units], ignore_index=True)
        return in_order(frame.assign(month=frame["month"].dt.strftime("%Y-%m")), ["month", unit])

    def _groups(self) -> pd.DataFrame:
        care, low = self._read("care"), self._read("low_income")
        disabled = self._read("disabled").assign(delisted_on=pd.NaT)
        lists = {
            "留守（民政口径）": care[care["care"] == "留守儿童"], "家庭经济困难": low, "残疾": disabled,
            "服刑人员未成年子女": care[care["care"] == "服刑人员未成年子女"],
        }  # fmt: skip
        parts = []
        for rows, counts in ((self.openings, "population"), (self.leavers, "dropouts")):
            day = pd.to_datetime(rows["school_year"].map(self.opened))
            told = {
                "合计": pd.Series(True, index=rows.index),
                "流动": rows["is_migrant_child"].fillna(False).astype(bool),
            }
            told["留守（学籍口径）"] = rows["left_behind"].notna() & (rows["left_behind"] != "非留守儿童")
            for name, listed in lists.items():
                pairs = (
                    rows[["pupil"]].assign(day=day).reset_index().merge(listed[["pupil", "listed_on", "delisted_on"]])
                )
                on = (pairs["listed_on"] <= pairs["day"]) & ~(pairs["delisted_on"] <= pairs["day"])
                told[name] = rows.index.isin(pairs.loc[on, "index"])
            frame = pd.DataFrame(told, index=rows.index)
            frame["以上都不属于"] = ~frame.drop(columns="合计").any(axis=1)
            frame = frame.assign(school_year=rows["school_year"])
            parts.append(frame.groupby("school_year").sum().stack().rename(counts))
        table = pd.concat(parts, axis=1).fillna(0).astype(int).rename_axis(["school_year", "group"])
        return table.reset_index()


def _staged(rows: pd.DataFrame) -> pd.DataFrame:
    stage = np.where(rows["grade"] <= 6, "小学", np.where(rows["grade"] <= 9, "初中", None))
    return rows.assign(stage=stage)


def _school_year(day: pd.Series) -> pd.Series:
    return day.dt.year - (day.dt.month < 9)


def _per_unit(rows: pd.DataFrame, unit: str, **measures: tuple[str, str]) -> pd.DataFrame:
    total = rows.groupby("school_year").agg(**measures).reset_index().assign(**{unit: TOTAL})
    placed = rows.dropna(subset=[unit])
    units = placed.groupby(["school_year", placed[unit].astype(str)]).agg(**measures).reset_index()
    return pd.concat([total, units], ignore_index=True)


def _marked(panel: pd.DataFrame, spells: pd.DataFrame, name: str) -> pd.DataFrame:
    """`panel` with a yes/no column: whether a spell of the pupil covers the month's end."""
    pairs = panel[["pupil", "month", "ends_on"]].merge(spells[["pupil", "since", "until"]], on="pupil")
    covers = (pairs["since"] <= pairs["ends_on"]) & ~(pairs["until"] <= pairs["ends_on"])
    marked = pairs.loc[covers, ["pupil", "month"]].drop_duplicates().assign(**{name: True})
    joined = panel.merge(marked, on=["pupil", "month"], how="left")
    return joined.assign(**{name: joined[name].fillna(False).astype(bool)})


# ---- both


def differences(ours: Tables, theirs: Tables) -> list[str]:
    """Tables whose common columns do not agree cell by cell."""
    wrong = []
    for name, right in theirs.items():
        left = ours[name]
        keys = [column for column in right if right[column].dtype.kind not in "iufb" or column in ("school_year",)]
        numbers = [column for column in right if column not in keys]
        sides = [
            frame[[*keys, *numbers]].astype(dict.fromkeys(keys, str)).set_index(keys).sort_index()
            for frame in (left, right)
        ]
        both = sides[0].join(sides[1], suffixes=("_ours", "_pandas"), how="outer").fillna(0)
        apart = [
            n for n in numbers if not np.allclose(both[f"{n}_ours"].astype(float), both[f"{n}_pandas"].astype(float))
        ]
        if apart:
            wrong.append(f"{name}: {', '.join(apart)}")
    return wrong


def timed(act: Callable[[], Tables]) -> tuple[Tables, float]:
    """What it gives, and the seconds it took."""
    began = time.perf_counter()
    return act(), time.perf_counter() - began


def main() -> int:
    """Time both, compare them, print the figures; 1 if a bar is missed or a table differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--store", default="", help="a store of county size; without it one is made")
    parser.add_argument("--as-of", default="2024-11-30")
    parser.add_argument("--pupils", type=int, default=150_000, help="pupils a year of the county that is made")
    parser.add_argument("--seed", type=int, default=20241130)
    asked = parser.parse_args()
    say = sys.stdout.write
    with tempfile.TemporaryDirectory() as folder:
        store = Store(policy.path(asked.store)) if asked.store else synthetic(Path(folder), asked.pupils, asked.seed)
        with ProcessPoolExecutor(1, mp_context=get_context("spawn"), max_tasks_per_child=1) as pool:
            rounds = [pool.submit(_round, store, asked.as_of).result() for _ in range(ROUNDS)]
    heavy_s, rest_s, their_s = (statistics.median(one.seconds[side] for one in rounds) for side in range(3))
    say(f"pupils a year {rounds[0].pupils}, leavings {rounds[0].leavings}; medians of {ROUNDS} rounds\n")
    say(f"ours: {rounds[0].compared} compared tables {heavy_s:.1f} s, the others {rest_s:.1f} s, ")
    say(f"all {heavy_s + rest_s:.1f} s (bar {MOST_S:g} s)\n")
    every = ", ".join(f"{one.seconds[2] / one.seconds[0]:.1f}" for one in rounds)
    say(f"pandas: the compared tables {their_s:.1f} s, {their_s / heavy_s:.1f} times ours (bar {TIMES:g}; {every})\n")
    wrong = sorted({difference for one in rounds for difference in one.wrong})
    say("every table equal\n" if not wrong else "DIFFERENT: " + "; ".join(wrong) + "\n")
    met = not wrong and heavy_s + rest_s <= MOST_S and their_s >= TIMES * heavy_s
    say("bars met\n" if met else "a bar is missed\n")
    return 0 if met else 1


class Round(NamedTuple):
    """Both sides timed once: seconds of the compared tables, of the others, of pandas; what differed."""

    seconds: tuple[float, float, float]
    wrong: list[str]
    pupils: int
    leavings: int
    compared: int


def _round(store: Store, as_of: str) -> Round:
    known = store.known_by(as_of)
    left, suspected = leavings(known).to_pandas(), suspicions(known).to_pandas()
    in_pandas = InPandas(store, known, left, suspected)
    heavy, heavy_s = timed(lambda: compared(known))
    _, rest_s = timed(lambda: others(known))
    theirs, their_s = timed(in_pandas.tables)
    pupils = int(heavy["rate by stage"].query("stage == @TOTAL")["population"].max())
    return Round((heavy_s, rest_s, their_s), differences(heavy, theirs), pupils, len(left), len(heavy))


if __name__ == "__main__":
    sys.exit(main())
