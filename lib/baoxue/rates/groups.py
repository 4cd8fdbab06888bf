"""The monitored groups of the county notice: how many pupils each has, how many left, where the groups overlap."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import TYPE_CHECKING

import ibis
import pandas as pd

from baoxue.codes import CareKind, LeftBehind
from baoxue.rates.cube import TOTAL, counted, joined
from baoxue.rates.dropout import leavers
from baoxue.rates.intervals import compare, with_rate
from baoxue.rates.populations import by_year, opening_snapshots, openings
from baoxue.remembered import kept, remembered

if TYPE_CHECKING:
    from baoxue.store import Known

MIGRANT, LEFT_BEHIND_REGISTRY, LEFT_BEHIND_CIVIL = "流动", "留守（学籍口径）", "留守（民政口径）"
DISABLED, LOW_INCOME, PARENT_IN_PRISON = "残疾", "家庭经济困难", "服刑人员未成年子女"
GROUPS = (MIGRANT, LEFT_BEHIND_REGISTRY, LEFT_BEHIND_CIVIL, DISABLED, LOW_INCOME, PARENT_IN_PRISON)
"""The five groups of the notice; 留守 twice, because the registry and civil affairs mean different children."""

NO_GROUP = "以上都不属于"
COUNTY_ONLY = (PARENT_IN_PRISON,)
"""Groups that are told of the county as a whole and of no place in it: so few that a place would name the child."""

_CROSS = "×"
NEVER_TOGETHER = {LEFT_BEHIND_REGISTRY, LEFT_BEHIND_CIVIL}
"""Two definitions of one thing: never added, never crossed."""


@remembered
def dropout_rate_in_groups(known: Known, by: Sequence[str] = (), *, same_period: bool = False) -> pd.DataFrame:
    """学年辍学率 of each monitored group, a row per school year, unit and group; pupils in several count in each.

    `group`: 合计 (every pupil), the groups, 以上都不属于. `population, dropouts, returned, net_dropouts` and rates as
    in `dropout_rate_on_registry`. `ratio, low, high, verdict`: the group against every pupil who is not in it
    (`rates.compare`, exact). A difference is where support is owed; it is no effect of belonging to the group.

    Membership is that of the beginning of the school year: 流动 and 留守（学籍口径） as the registry has the child,
    残疾 (certificate of the federation), 家庭经济困难 (low-income list), 留守（民政口径） and 服刑人员未成年子女
    (civil affairs) as listed on that day. With `by` (columns of `openings`) 服刑人员未成年子女 is left out.
    """
    names = _told(by)
    people = _long(counted(in_groups(openings(known), known), by, _sums(names, "population")), by)
    left = in_groups(leavers(known, same_period=same_period), known)
    events = _long(counted(left, by, _sums(names, "dropouts") | _returned(names)), by)
    frame = joined(people, events, [*by, "group"], zeros=("dropouts", "returned"))
    frame = frame.assign(net_dropouts=frame["dropouts"] - frame["returned"])
    frame = with_rate(with_rate(frame, "dropouts", "population"), "net_dropouts", "population", prefix="net_")
    order = {name: place for place, name in enumerate([TOTAL, *names, NO_GROUP])}
    frame = frame.sort_values(["school_year", *by, "group"], key=lambda c: c.map(order) if c.name == "group" else c)
    return _against_the_rest(frame.reset_index(drop=True), by)


def overlaps(known: Known) -> pd.DataFrame:
    """Pupils in two monitored groups at once: `school_year, group, with_group, population, dropouts, returned` and the
    rate.

    A row per pair, each pair once; membership as in `dropout_rate_in_groups`. The two definitions of 留守 are not
    crossed: they are two ways of counting the same thing. Of the county as a whole only.
    """
    pairs = [pair for pair in combinations(GROUPS, 2) if set(pair) != NEVER_TOGETHER]
    both = {_CROSS.join(pair): ibis._[pair[0]] & ibis._[pair[1]] for pair in pairs}
    there, left = in_groups(openings(known), known), in_groups(leavers(known), known)
    people = counted(there, [], {f"population {name}": is_in.sum() for name, is_in in both.items()})
    dropouts = {f"dropouts {name}": is_in.sum() for name, is_in in both.items()}
    returned = {f"returned {name}": (is_in & ibis._.is_back).sum() for name, is_in in both.items()}
    events = counted(left, [], dropouts | returned)
    frame = joined(_long(people, []), _long(events, []), ["group"], zeros=("dropouts", "returned"))
    frame[["group", "with_group"]] = frame["group"].str.split(_CROSS, expand=True)
    order = {name: place for place, name in enumerate(GROUPS)}
    keys = ["school_year", "group", "with_group"]
    frame = frame.sort_values(keys, key=lambda c: c if c.name == "school_year" else c.map(order))
    columns = [*keys, "population", "dropouts", "returned"]
    return with_rate(frame[columns].reset_index(drop=True), "dropouts", "population")


def several_groups(known: Known, left_behind: str = LEFT_BEHIND_REGISTRY) -> pd.DataFrame:
    """Pupils by the number of monitored groups they are in (0, 1, 2, 3 and more), and how many of them left.

    Columns: `school_year, groups, population, dropouts, returned` and the rate. 留守 counts once, in the definition
    asked for.
    """
    names = [name for name in GROUPS if name not in NEVER_TOGETHER - {left_behind}]

    def many(rows: ibis.Table) -> ibis.Table:
        return rows.mutate(groups=ibis.least(sum((rows[name].cast("int") for name in names), ibis.literal(0)), 3))

    people, left = many(in_groups(openings(known), known)), many(in_groups(leavers(known), known))
    counts = counted(people, ["groups"], {"population": people.pupil.count()})
    events = counted(left, ["groups"], {"dropouts": left.pupil.count(), "returned": left.is_back.sum()})
    return with_rate(joined(counts, events, ["groups"], zeros=("dropouts", "returned")), "dropouts", "population")


def in_groups(rows: ibis.Table, known: Known) -> ibis.Table:
    """`rows` (by `school_year, pupil`, as `described`) with a yes/no column per group, at the beginning of the year."""
    listed = kept(known, "_listed_in_groups", lambda: _listed(known))
    keys = ["school_year", "pupil"]
    found = rows.left_join(listed, keys).drop(*(f"{key}_right" for key in keys))
    registry = {
        MIGRANT: found.is_migrant_child.fill_null(False),
        LEFT_BEHIND_REGISTRY: (found.left_behind != LeftBehind.NO).fill_null(False),
    }
    lists = {name: found[name].fill_null(False) for name in GROUPS if name not in registry}
    return found.mutate(**registry, **lists)


def _listed(known: Known) -> ibis.Table:
    """Who was on which department's list at the beginning of which school year: a row per pupil, a column a list."""
    care = known.table("care").select("pupil", "listed_on", "delisted_on", word="care")
    civil = {CareKind.LEFT_BEHIND: LEFT_BEHIND_CIVIL, CareKind.PARENT_IN_PRISON: PARENT_IN_PRISON}
    parts = [
        care.filter(care.word == kind).select("pupil", "listed_on", "delisted_on", group=ibis.literal(name))
        for kind, name in civil.items()
    ]
    low = known.table("low_income").select("pupil", "listed_on", "delisted_on", group=ibis.literal(LOW_INCOME))
    disabled = known.table("disabled")
    certified = disabled.select("pupil", "listed_on", delisted_on=ibis.null("date"), group=ibis.literal(DISABLED))
    rows = ibis.union(*parts, low, certified).cross_join(by_year(opening_snapshots(known), "_opened_on"))
    on_day = (rows.listed_on <= rows._opened_on) & (rows.delisted_on.isnull() | (rows.delisted_on > rows._opened_on))
    there = rows.filter(on_day & rows.pupil.notnull())
    names = (LEFT_BEHIND_CIVIL, DISABLED, LOW_INCOME, PARENT_IN_PRISON)
    return there.group_by("school_year", "pupil").aggregate(**{name: (there.group == name).any() for name in names})


def _told(by: Sequence[str]) -> list[str]:
    return [name for name in GROUPS if not by or name not in COUNTY_ONLY]


def _sums(names: Sequence[str], what: str) -> dict[str, ibis.Value]:
    one = ibis._.pupil
    in_none = ~ibis.or_(*(ibis._[name] for name in names))
    sums = {f"{what} {name}": ibis._[name].sum() for name in names}
    return {f"{what} {TOTAL}": one.count()} | sums | {f"{what} {NO_GROUP}": in_none.sum()}


def _returned(names: Sequence[str]) -> dict[str, ibis.Value]:
    in_none = ~ibis.or_(*(ibis._[name] for name in names))
    sums = {f"returned {name}": (ibis._[name] & ibis._.is_back).sum() for name in names}
    none = {f"returned {NO_GROUP}": (in_none & ibis._.is_back).sum()}
    return {f"returned {TOTAL}": ibis._.is_back.sum()} | sums | none


def _long(wide: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Columns `population 流动, …` as rows: `group` and one column a measure."""
    keys = ["school_year", *by]
    long = wide.melt(id_vars=keys, var_name="told", value_name="count")
    long[["measure", "group"]] = long["told"].str.split(" ", n=1, expand=True)
    return long.pivot(index=[*keys, "group"], columns="measure", values="count").reset_index().rename_axis(columns=None)


def _against_the_rest(frame: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    keys = ["school_year", *by]
    total = frame[frame["group"] == TOTAL].set_index(keys)[["dropouts", "population"]]
    rest = frame[keys].join(total, on=keys)[["dropouts", "population"]] - frame[["dropouts", "population"]]
    told = [
        compare(events, population, other, base)
        for events, population, other, base in zip(
            frame["dropouts"], frame["population"], rest["dropouts"], rest["population"], strict=True
        )
    ]
    found = pd.DataFrame(told, columns=["ratio", "low", "high", "p_value", "verdict"], index=frame.index)
    is_total = frame["group"] == TOTAL
    return frame.join(found.drop(columns="p_value").where(~is_total))
