"""The trends as their reader sees them: tables with official heads, computed sentences, checks, the files written."""

from __future__ import annotations

from typing import Any

import pandas as pd

from baoxue import disclosure, policy, rates
from baoxue.calendar import SchoolYear, Term
from baoxue.charts import dates
from baoxue.rates.casework import FLOWS
from baoxue.rates.cube import TOTAL
from baoxue.rates.intervals import CANNOT_TELL
from baoxue.rates.policy import indicators
from baoxue.store import Known
from baoxue.words import label, say

_TOLD = ["confirmed", "returned", "balance"]

BACK_WITHIN = {"returned": "back_within"}
"""`returned` of a rate is of the year's own dropouts; to a reader it would be everybody who came back in the year."""


class ChecksFailed(AssertionError):
    """Numbers that contradict each other; they must not be handed over."""


def shown(frame: pd.DataFrame, lang: str = "zh") -> pd.DataFrame:
    """A table of rates with official heads and words, its first column as the index.

    Per cents have two decimals; `low` and `high` of an interval become one column; an empty cell is —, and a rate
    that cannot be told reads so. A period that is not over (`is_complete` false) bears a star. Raises KeyError for a
    column that the catalogue (`trends.column_<name>`) has no head for.
    """
    joined = _with_intervals(frame.drop(columns="is_complete", errors="ignore"), lang)
    worded = {name: [_said(name, value, lang) for value in joined[name]] for name in map(str, joined)}
    if "is_complete" in frame:
        first = next(iter(worded))
        worded[first] = [
            f"{name}{'' if over else '*'}" for name, over in zip(worded[first], frame["is_complete"], strict=True)
        ]
    level = indicators().confidence_pct
    heads = {name: say(f"trends.column_{name}", lang).format(level=f"{level:g}") for name in worded}
    table = pd.DataFrame(worded, dtype="object").rename(columns=heads)
    return table.set_index(next(iter(heads.values())))


def headlines(known: Known, flows: pd.DataFrame, same_period: pd.DataFrame, lang: str = "zh") -> str:
    """The state of things in numbered sentences, as markdown: now, against the year before, still suspected.

    `flows`: `rates.cases_by_period(known, "year")`; `same_period`: `rates.dropout_rate_on_registry` cut at the same
    day of each year. Two years are called different only where the exact test says so (`rates.compare`).
    """
    year = SchoolYear.of(known.as_of)
    now = flows[flows["stage"] == TOTAL].iloc[-1]
    when = {"date": dates.day(known.as_of, lang), "year": dates.school_year(year.first, lang)}
    sentences = [
        say("trends.headline_now", lang, **when, **{name: now[name] for name in _TOLD}),
        _against_last_year(same_period[same_period["stage"] == TOTAL], year.first, lang),
        _still_suspected(int(now["suspected_open"]), lang),
    ]
    return "\n".join(f"{number}. {sentence}" for number, sentence in enumerate(sentences, 1))


def with_table_version(yearly: pd.DataFrame, tables: pd.DataFrame) -> pd.DataFrame:
    """`yearly` (`rates.dropout_rate_on_registry`) with the 报表口径 beside it (`rates.dropout_rate_in_tables`)."""
    beside = tables.rename(columns={"rate_pct": "table_rate_pct"})
    beside = beside[["school_year", "stage", "table_dropouts", "table_rate_pct"]]
    joined = yearly.merge(beside, on=["school_year", "stage"], how="left")
    columns = ["school_year", "stage", "population", "dropouts", "returned", "rate_pct", "low_pct", "high_pct"]
    return joined[[*columns, "net_rate_pct", "table_rate_pct", "is_complete"]].rename(columns=BACK_WITHIN)


def coverage(known: Known) -> pd.DataFrame:
    """入学率, 毛入学率, 残疾儿童少年入学率, 完成率 of the last school year with data, one below the other."""
    disabled = rates.disabled_enrolment_on_list(known).assign(stage=TOTAL)
    completion = rates.completion_on_households(known).rename(columns={"completed": "enrolled"})
    parts = {
        "net": rates.net_enrolment_on_households(known),
        "gross": rates.gross_enrolment_on_households(known),
        "disabled": disabled,
        "completion": completion,
    }
    columns = ["indicator", "school_year", "stage", "population", "enrolled", "rate_pct", "low_pct", "high_pct"]
    named = [part.assign(indicator=name).reindex(columns=columns) for name, part in parts.items()]
    last = [part[part["school_year"] == part["school_year"].max()] for part in named if len(part)]
    return pd.concat(last, ignore_index=True) if last else pd.DataFrame(columns=columns)


def checked(flows: pd.DataFrame, yearly: pd.DataFrame, retention: pd.DataFrame, lang: str = "zh") -> str:
    """One line a check with its result. Raises ChecksFailed naming those that do not hold."""
    ended = flows["opening"] + flows["confirmed"] - flows["returned"] - flows["closed_otherwise"]
    counts = ["suspected", "confirmed", "returned", "balance"]
    lost = retention[["suspended", "dropped_out", "unconfirmed", "unexplained"]].sum(axis=1)
    known_rate = yearly.dropna(subset=["rate_pct"])
    results = {
        "check_balance": (ended == flows["balance"]).all(),
        "check_stages": _adds_up(flows, "period", counts),
        "check_retention": (
            retention["start"] + retention["joined"] - retention["moved_out"] - lost == retention["end"]
        ).all(),
        "check_intervals": known_rate["rate_pct"].between(known_rate["low_pct"], known_rate["high_pct"]).all(),
        "check_net": (yearly["net_dropouts"] <= yearly["dropouts"]).all(),
    }
    failed = [say(f"trends.{name}", lang) for name, holds in results.items() if not holds]
    if failed:
        raise ChecksFailed("; ".join(failed))
    return "\n".join(say("trends.check_holds", lang, check=say(f"trends.{name}", lang)) for name in results)


def write(out: str, flows: pd.DataFrame, yearly: pd.DataFrame, lang: str = "zh") -> list[str]:
    """The yearly rates as a public table, small counts hidden (T0), and the monthly counts for the bureau (T3).

    Gives the names of the files, under `out`; an empty `out` writes nothing. The months are not public: with the year's
    sum a hidden month could be worked out. So could a hidden count from its interval, which is left out.
    """
    if not out:
        return []
    tables = policy.path(out) / "tables"
    months = flows[["period", "stage", *FLOWS]]
    yearly = yearly[["school_year", "stage", "population", "dropouts", "rate_pct"]].round({"rate_pct": 4})
    disclosure.write_table(
        yearly, tables / "trends_rates.csv", tier="T0", counts={"dropouts": ["rate_pct", "population"]},
        plain=["school_year"], totals={"stage": TOTAL}, headings=heads(yearly, lang),
        title=say("trends.title_rates", lang),
    )  # fmt: skip
    disclosure.write_table(
        months, tables / "trends_months_T3.csv", tier="T3", headings=heads(months, lang),
        title=say("trends.title_months", lang),
    )  # fmt: skip
    return ["tables/trends_rates.csv", "tables/trends_months_T3.csv"]


def heads(table: pd.DataFrame, lang: str) -> dict[str, str]:
    """The official head of each column of a table that is written: `trends.column_<name>`."""
    return {str(column): say(f"trends.column_{column}", lang) for column in table.columns}


def _with_intervals(frame: pd.DataFrame, lang: str) -> pd.DataFrame:
    """Columns `low_pct, high_pct` (and `net_`) as one column of text."""
    joined = frame
    for prefix in ("", "net_"):
        low, high = f"{prefix}low_pct", f"{prefix}high_pct"
        if low in joined and high in joined:
            told = joined[low].notna()
            ends = joined[[low, high]].astype(float).map("{:.2f}".format).to_numpy()
            spans = [say("trends.interval", lang, low=begins, high=ends_at) for begins, ends_at in ends]
            text = pd.Series(spans, index=joined.index, dtype=object)
            otherwise = joined[f"{prefix}rate_pct"].isna().map({True: CANNOT_TELL, False: "—"})
            joined = joined.assign(**{low: text.where(told, otherwise)}).drop(columns=high)
            joined = joined.rename(columns={low: f"{prefix}interval"})
    return joined


def _said(column: str, value: Any, lang: str) -> str | int:
    if isinstance(value, bool) or column.startswith("is_"):
        return say("trends.said_yes" if value else "trends.said_no", lang)
    if column == "period":
        return _period(str(value), lang)
    if isinstance(value, str):
        topic = {"indicator": "indicator", "group": "group", "with_group": "group"}.get(column)
        return say(f"trends.{topic}_{value}", lang) if topic else label(value, lang)
    if value is None or pd.isna(value):
        return "—"
    if column == "school_year":
        return dates.school_year(int(value), lang)
    if isinstance(value, pd.Timestamp):
        return dates.day(value, lang)
    if column.endswith("_points"):
        return f"{float(value):+.3f}"
    return f"{float(value):.2f}" if column.endswith(("_pct", "_per_1000", "_correlation")) else int(value)


def _against_last_year(totals: pd.DataFrame, year: int, lang: str) -> str:
    rows = totals.set_index("school_year")
    if year not in rows.index or year - 1 not in rows.index:
        return say("trends.headline_no_year_before", lang)
    dropouts, population = rows["dropouts"].to_dict(), rows["population"].to_dict()
    told = rates.compare(dropouts[year], population[year], dropouts[year - 1], population[year - 1])
    counts = {"now": dropouts[year], "before": dropouts[year - 1], "verdict": label(told.verdict, lang)}
    key = "trends.headline_cannot_tell" if told.verdict == CANNOT_TELL else "trends.headline_differs"
    interval = {} if told.verdict == CANNOT_TELL else {"ratio": told.ratio, "low": told.low, "high": told.high}
    return say(key, lang, **counts, **interval)


def _still_suspected(count: int, lang: str) -> str:
    return say("trends.headline_suspected", lang, count=count) if count else say("trends.headline_none_suspected", lang)


def _adds_up(flows: pd.DataFrame, key: str, counts: list[str]) -> bool:
    """Whether the stages (and 不详) sum to 合计 in every period."""
    is_total = flows["stage"] == TOTAL
    totals = flows[is_total].set_index(key)[counts]
    return bool((flows[~is_total].groupby(key)[counts].sum().reindex(totals.index) == totals).all(axis=None))


def _period(name: str, lang: str) -> str:
    """A period of `rates.periods` in the reader's words: a month stays, a school year or term is said."""
    term = Term.read(name)
    if term:
        return say(f"trends.term_{term.number}", lang, year=dates.school_year(term.year, lang))
    return dates.school_year(int(name[:4]), lang) if name.endswith("学年") else name
