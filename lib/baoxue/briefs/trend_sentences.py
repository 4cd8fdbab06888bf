"""What the trends say in sentences, computed: composition and rate, clusters, the next term, groups of one child."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from baoxue import rates
from baoxue.calendar import Term
from baoxue.charts import dates
from baoxue.panel import school_days
from baoxue.rates.cube import TOTAL
from baoxue.rates.intervals import CANNOT_TELL
from baoxue.rates.policy import indicators
from baoxue.store import Known
from baoxue.words import label, say


def composition(known: Known, year: int, lang: str = "zh", by: tuple[str, ...] = rates.FACTORS) -> str:
    """How much of the change of the rate since the year before is who the pupils are, for each factor, as markdown.

    The part that rates changed has its interval; where it holds 0 the sentence says that nothing can be told.
    """
    lines = []
    for factor in by:
        told = rates.composition_and_rate(known, year, factor)
        whole = told[told[factor] == TOTAL] if len(told) else told
        if len(whole):
            numbers = {str(name): value for name, value in whole.iloc[0].items() if str(name).endswith("_points")}
            verdict = label(str(whole.iloc[0]["verdict"]), lang)
            unit = say(f"trends.unit_{factor}", lang)
            lines.append(say("trends.composition_line", lang, unit=unit, verdict=verdict, **numbers))
    return "\n".join(f"- {line}" for line in lines) or say("trends.headline_no_year_before", lang)


def clusters(known: Known, names: Mapping[str, str], lang: str = "zh") -> str:
    """Whether leavings lie closer together than chance, in space (schools) and in time (months), as markdown.

    A school is named only if its circle stands out; the list is for the bureau.
    """
    lines = []
    for found in _records(rates.scan_schools(known)):
        key = "trends.scan_schools_none" if found["verdict"] == CANNOT_TELL else "trends.scan_schools"
        schools = say("charts.and_between", lang).join(names.get(code, code) for code in found["schools"].split("、"))
        lines.append(say(key, lang, **{**found, "schools": schools}))
    for found in _records(month_cluster(known)):
        key = "trends.scan_months_none" if found["verdict"] == CANNOT_TELL else "trends.scan_months"
        lines.append(say(key, lang, when=_span(found["first"], found["last"], lang), **found))
    return "\n".join(f"- {line}" for line in lines) or f"- {say('trends.scan_nothing', lang)}"


def outlook(known: Known, lang: str = "zh") -> str:
    """What the next term's count of confirmed dropouts may be, and how often such intervals have held, as markdown."""
    lines = [_coming(row, lang) for row in rates.next_term(known).to_dict("records")]
    counts = rates.term_counts(known)
    tested = rates.back_test(counts[counts["is_complete"]])
    if len(tested):
        lines.append(say("trends.outlook_tested", lang, level=indicators().confidence_pct, **rates.coverage(tested)))
    return "\n".join(f"- {line}" for line in lines) or f"- {say('trends.outlook_none', lang)}"


def month_cluster(known: Known) -> pd.DataFrame:
    """`rates.scan_months` over the settled months, by school days."""
    years = rates.season_by_year(known)
    long = years.reset_index().melt(id_vars="school_year", var_name="month", value_name="count").dropna()
    calendar_year = long["school_year"] + (long["month"].astype(int) < 9)
    name = calendar_year.astype(str) + "-" + long["month"].astype(str).str.zfill(2)
    counts = pd.Series(long["count"].astype(int).to_numpy(), index=name.to_numpy()).sort_index()
    held = school_days(known).strftime("%Y-%m").value_counts()
    exposure = held.reindex(counts.index, fill_value=0)
    months = exposure.index[exposure > 0]
    return rates.scan_months(counts[months], exposure[months])


def school_names(known: Known) -> dict[str, str]:
    """School code -> name, from the list of schools."""
    frame = known.table("schools").select("school_code", "school_name").to_pandas()
    return dict(zip(frame["school_code"], frame["school_name"], strict=True))


def _span(first: str, last: str, lang: str) -> str:
    return first if first == last else say("trends.scan_span", lang, first=first, last=last)


def _coming(row: dict, lang: str) -> str:
    term = Term.read(row["period"])
    assert term is not None
    year = dates.school_year(term.year, lang)
    named = {"stage": label(row["stage"], lang), "period": say(f"trends.term_{term.number}", lang, year=year)}
    if pd.isna(row["expected"]):
        return say("trends.outlook_too_short", lang, terms=row["terms"], **named)
    numbers = {name: row[name] for name in ("expected", "low", "high", "terms")}
    return say("trends.outlook_line", lang, level=indicators().confidence_pct, **numbers, **named)


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]
