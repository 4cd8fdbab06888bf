"""The cases as the case office sees them: tables with official heads, computed sentences, checks, the files written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from baoxue import disclosure, policy
from baoxue.cases import detection, duties, outcomes, watch, workbooks
from baoxue.cases.board import by_place, clearance
from baoxue.cases.deadlines import Deadlines, rules
from baoxue.cases.overlooked import overlooked
from baoxue.cases.states import STATES, WATCHED, history
from baoxue.cases.steps import Step, steps
from baoxue.codes import DutyLevel
from baoxue.rates.cube import TOTAL
from baoxue.store import Known, Store
from baoxue.words import catalogue, label, say


class ChecksFailed(AssertionError):
    """Numbers of the cases that contradict each other; they must not be handed over."""


def shown(frame: pd.DataFrame, lang: str = "zh", day: int = 90) -> pd.DataFrame:
    """A table of cases with official heads and words, its first column as the index.

    Per cents and days have at most one decimal; an interval stands in one column; what `told` says cannot be told
    reads so; an empty cell is —. `day` is that of `how_soon`. Raises KeyError for a column without a head
    (`cases.column_<name>`).
    """
    joined = _with_intervals(frame, lang)
    untold = ~joined["told"].astype(bool) if "told" in joined else pd.Series(False, index=joined.index)
    joined = joined.drop(columns="told", errors="ignore")
    worded = {name: [_said(name, value, lang) for value in joined[name]] for name in map(str, joined)}
    hidden = [name for name in worded if name in _TOLD_COLUMNS]
    for number, name in enumerate(hidden):
        instead = "—" if number else say("cases.cannot_tell", lang)
        worded[name] = [instead if no else word for word, no in zip(worded[name], untold, strict=True)]
    heads = {name: say(f"cases.column_{name}", lang).replace("{day}", str(day)) for name in worded}
    table = pd.DataFrame(worded, dtype="object").rename(columns=heads)
    return table.set_index(next(iter(heads.values())))


def headlines(known: Known, table: pd.DataFrame, lang: str = "zh") -> str:
    """How the work stands, in numbered sentences (markdown): open and overdue, cleared or not, clues, gaps."""
    is_open = table[table["is_open"]]
    of_age = int(is_open["is_of_age"].sum())
    most = int(is_open["overdue_days"].max()) if len(is_open) else 0
    late = is_open[is_open["overdue_days"] > 0]
    board = clearance(known, known.as_of, table).set_index("group")["left"]
    clues = detection.to_confirm(known, lang).pupil.nunique().to_pandas()
    gaps = duties.gaps(known).count().to_pandas()
    poor = int(board["low_income"])
    sentences = [
        say("cases.headline_open", lang, cases=len(is_open), late=len(late), most=most, of_age=of_age),
        say("cases.headline_stock" if poor else "cases.headline_cleared", lang, count=poor, all=int(board["all"])),
        say("cases.headline_clues", lang, count=int(clues)),
        say("cases.headline_gaps" if gaps else "cases.headline_no_gaps", lang, count=int(gaps)),
    ]
    return "\n".join(f"{number}. {sentence}" for number, sentence in enumerate(sentences, 1))


def states_shown(lang: str = "zh") -> pd.DataFrame:
    """The table of states in words: state, evidence, owner, limit, law."""
    county = rules()
    rows = [
        {
            "state": rule.state.value,
            "evidence": say(f"cases.evidence_{rule.key}", lang),
            "owner": rule.owner.value,
            "limit": say("cases.and_then", lang).join(_limit(name, county, lang) for name in rule.limits) or None,
            "law": say(f"cases.law_{rule.key}", lang),
        }
        for rule in STATES
    ]
    return shown(pd.DataFrame(rows), lang)


def by_township(table: pd.DataFrame, townships: Mapping[str, str]) -> pd.DataFrame:
    """Open cases by township in code order, named: `township, cases, overdue, left_school`."""
    rows = by_place(table, "township_code").rename(columns={"township_code": "township"})
    return rows.assign(township=rows["township"].map(townships).fillna(rows["township"]))


def how_soon(spells: pd.DataFrame, by: str, event: str, *, day: int, least: int, total: bool = True) -> pd.DataFrame:
    """`outcomes.time_to_event` by a column, whose name heads the first column; before it that of all spells (合计).

    `event` names the column of events (`returned`, `left_again`); `day` as there. `total` is false where a child has
    several spells, so that a sum would count it more than once.
    """
    rows = outcomes.time_to_event(spells, by, day=day, least=least)
    every = outcomes.time_to_event(spells, day=day, least=least).assign(group=TOTAL)
    return pd.concat([every[: int(total)], rows], ignore_index=True).rename(columns={"group": by, "events": event})


def watched(known: Known, least: int = 10) -> pd.DataFrame:
    """By day of watch: `watch_day, reached, left_again, left_again_pct` with interval, and the median attendance."""
    rows = watch.watch(known).filter(lambda t: t.reached).to_pandas()
    grouped = rows.groupby("watch_day")
    counts = grouped.agg(
        reached=("case", "size"), left_again=("left_again", "sum"), attendance_median_pct=("attendance_pct", "median")
    )
    return outcomes.shares(counts.reset_index(), "left_again", "reached", least=least)


def clues(known: Known, lang: str = "zh") -> pd.DataFrame:
    """Suspicions by finding and what has become of them: `finding` and a column per outcome, and 合计."""
    rows = detection.suspicions(known, lang).select("finding", "outcome").to_pandas()
    outcomes_of = [outcome.value for outcome in detection.Outcome]
    counts = pd.crosstab(rows["finding"], rows["outcome"]).reindex(
        index=list(detection.CLUE_OF), columns=outcomes_of, fill_value=0
    )
    named = {outcome.value: f"outcome_{outcome.name.lower()}" for outcome in detection.Outcome}
    return counts[counts.sum(axis=1) > 0].rename(columns=named).rename_axis(columns=None).reset_index()


def overlooked_sentence(known: Known, lang: str = "zh") -> str:
    """How many long absences of the last year ended without anybody having opened a case."""
    count = overlooked(known).pupil.nunique().to_pandas()
    key = "cases.overlooked_some" if count else "cases.overlooked_none"
    return say(key, lang, count=int(count), days=rules().regard.days)


def duty_gaps(known: Known) -> pd.DataFrame:
    """The chain by level: `line, level, units, gaps, pupils_without`, in the order of the chain."""
    rows = duties.coverage(known).to_pandas()
    rows = rows.assign(gap=rows["holder"].isna())
    rows["without"] = rows["pupils"].where(rows["gap"], 0)
    grouped = rows.groupby(["line", "level"]).agg(
        units=("unit_key", "size"), gaps=("gap", "sum"), pupils_without=("without", "sum")
    )
    order = {level.value: number for number, level in enumerate(DutyLevel)}
    return grouped.reset_index().sort_values("level", key=lambda levels: levels.map(order), ignore_index=True)


def checked(known: Known, table: pd.DataFrame, board: pd.DataFrame, lang: str = "zh") -> str:
    """One line a check with its result. Raises ChecksFailed naming those that do not hold."""
    path = history(known).to_pandas()
    now = path[path["until"].isna()].set_index(["case", "pupil"])["state"]
    waits = table[table["is_open"] | table["state"].isin(WATCHED)]
    concluding = steps(known).filter(lambda t: (t.step == Step.CONCLUDE) & t.due_on.isnull()).to_pandas()
    untold = waits["due_on"].isna() & ~waits["case"].isin(concluding["case"])
    results = {
        "check_clearance": (board["stock"] + board["new"] - board["closed"] == board["left"]).all(),
        "check_one_state": not table.duplicated(["case", "pupil"]).any() and len(now) == len(table),
        "check_replay": now.to_dict() == table.set_index(["case", "pupil"])["state"].to_dict(),
        "check_due": not untold.any(),
        "check_contiguous": _contiguous(path),
    }
    failed = [say(f"cases.{name}", lang) for name, holds in results.items() if not holds]
    if failed:
        raise ChecksFailed("; ".join(failed))
    return "\n".join(say("cases.check_holds", lang, check=say(f"cases.{name}", lang)) for name in results)


def write(
    out: str, store: Store, known: Known, table: pd.DataFrame, ledgers: str, county: str, townships: Mapping[str, str],
    lang: str = "zh",
) -> list[str]:  # fmt: skip
    """`restricted/cases.parquet` and the ledgers of the kinds of units named (`county,township,village,school`).

    `county` and `townships` are the names of the county and of each township code. Gives the names of the files under
    `out`; an empty `out` writes nothing. Names of people come only into the ledgers, each opening of the identities
    logged. Raises KeyError for a kind of unit that there is not.
    """
    if not out:
        return []
    folder = policy.path(out) / "restricted"
    disclosure.write_table(table, folder / "cases.parquet", tier="T3", title=say("cases.title_cases", lang))
    kinds = [kind.strip() for kind in ledgers.split(",") if kind.strip()]
    units = workbooks.units(known, kinds, county, townships)
    files = workbooks.Ledgers(store, known, townships).write_all(units, folder / "ledgers", disclosure.release)
    return ["restricted/cases.parquet", *(f"restricted/ledgers/{file.name}" for file in files)]


_INTERVALS = {
    "interval": ("low_pct", "high_pct"),
    "median_interval": ("median_low", "median_high"),
    "by_day_interval": ("by_day_low_pct", "by_day_high_pct"),
}
_TOLD_COLUMNS = {
    "interval", "median_interval", "by_day_interval", "median_days", "by_day_pct", "in_time_pct", "back_pct",
    "left_again_pct",
}  # fmt: skip


def _with_intervals(frame: pd.DataFrame, lang: str) -> pd.DataFrame:
    """The two ends of each interval as one column of text, an end that is not reached as …."""
    joined = frame
    for name, (low, high) in _INTERVALS.items():
        if low in joined:
            spans = [_interval(begins, ends, lang) for begins, ends in joined[[low, high]].to_numpy(dtype=float)]
            joined = joined.assign(**{low: spans}).drop(columns=high).rename(columns={low: name})
    return joined


def _interval(low: float, high: float, lang: str) -> str:
    if pd.isna(low) and pd.isna(high):
        return say("cases.interval_open", lang)
    ends = {end: "…" if pd.isna(value) else f"{value:.0f}" for end, value in {"low": low, "high": high}.items()}
    return say("cases.interval", lang, **ends)


def _said(column: str, value: Any, lang: str) -> str | int:
    if value is None or pd.isna(value):
        return "—"
    if isinstance(value, pd.Timestamp):
        return say("charts.year_month", lang, year=value.year, month=value.month)
    if isinstance(value, str):
        worded = next(
            (key for key in (f"cases.{column}_{value}", f"registers.{column}_{value}") if key in catalogue()), None
        )
        return say(worded, lang) if worded else label(value, lang)
    return int(value) if float(value) == int(value) and not column.endswith("_pct") else f"{float(value):.1f}"


def _limit(name: str, county: Deadlines, lang: str) -> str:
    if name == "watch":
        return say("cases.limit_watch", lang, days="/".join(map(str, county.watch_days)))
    limit = county.limits[name]
    told = say(f"cases.limit_{limit.unit.value}", lang, name=say(f"cases.limit_name_{name}", lang), days=limit.days)
    return told + say("cases.limit_later", lang) if name == "regard" else told


def _contiguous(path: pd.DataFrame) -> bool:
    """Whether each case's stays follow one another without a gap."""
    ordered = path.sort_values(["case", "pupil", "since"])
    following = ordered.groupby(["case", "pupil"])["since"].shift(-1)
    return bool((ordered["until"].eq(following) | (ordered["until"].isna() & following.isna())).all())
