"""The pictures of the trends as a notebook shows them: drawn, with their sentence, at the size of the page."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from IPython.display import Image

from baoxue import charts, rates
from baoxue.store import Known


def strip(months: pd.DataFrame, year: int, lang: str = "zh") -> Image:
    """The months of the last three school years, the one of `year` included (`charts.monthly_strip`)."""
    recent = months[months["period"] >= f"{year - 2}-09"]
    return charts.picture(
        charts.monthly_strip(charts.axes(9, 2.3), recent, lang), charts.monthly_strip_alt(recent, lang)
    )


def years(yearly: pd.DataFrame, lang: str = "zh") -> Image:
    """The rate of each school year (`charts.yearly_rates`)."""
    return charts.picture(charts.yearly_rates(charts.axes(6.5, 3), yearly, lang), charts.yearly_rates_alt(yearly, lang))


def groups(table: pd.DataFrame, lang: str = "zh") -> Image:
    """The monitored groups of a year (`charts.group_rates`)."""
    return charts.picture(charts.group_rates(charts.axes(6.5, 2.8), table, lang), charts.group_rates_alt(table, lang))


def cohorts(known: Known, first_grade: int, lang: str = "zh") -> Image:
    """Survival from a grade on (`charts.survival_curves`), single cohorts from grade 7, where they reach the end."""
    curve = rates.survival(known, first_grade)
    drawn = charts.survival_curves(charts.axes(6.5, 2.9), curve, lang, cohorts=first_grade == 7)
    return charts.picture(drawn, charts.survival_curves_alt(curve, lang))


def passage(flows: pd.DataFrame, name: str, lang: str = "zh") -> Image:
    """The last year of a passage as a flow (`charts.passage_flow`)."""
    year = charts.latest(flows)
    drawn = charts.passage_flow(charts.axes(6.6, 2.9), flows, year, name, lang)
    return charts.picture(drawn, charts.passage_flow_alt(flows, year, name, lang))


def season(known: Known, lang: str = "zh") -> Image:
    """Who left in which month of which year (`charts.season_strip`)."""
    table = rates.season_by_year(known)
    return charts.picture(charts.season_strip(charts.axes(7.5, 2), table, lang), charts.season_strip_alt(table, lang))


def townships(known: Known, names: Mapping[str, str], lang: str = "zh") -> Image:
    """The townships on a grid (`charts.grid_map`); `names`: code -> name."""
    cells = charts.grid_cells(charts.township_centres(known.table("schools").to_pandas()))
    places = rates.places_standing_out(known, "township_code")
    short = {code: name.rsplit(" ", 1)[0] for code, name in names.items()}
    drawn = charts.grid_map(charts.axes(6, 4.2), cells, places, short, lang)
    return charts.picture(drawn, charts.grid_map_alt(cells, places, dict(names), lang))


def schools(known: Known, lang: str = "zh") -> Image:
    """The schools in the funnel, unnamed (`charts.funnel`)."""
    places = rates.places_standing_out(known, "school_code")
    return charts.picture(charts.funnel(charts.axes(5.8, 3.2), places, lang), charts.funnel_alt(places, lang))
