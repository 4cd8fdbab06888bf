"""The names of places on a form: always Chinese, as the county writes them."""

from __future__ import annotations

import pandas as pd

from baoxue.briefs import Period
from baoxue.registers import place_names


def county(period: Period) -> str:
    """The county's name; empty where the places were not given."""
    return period.places.county.name if period.places else ""


def office(period: Period) -> str:
    """The 填报单位 of the county's forms: its education bureau."""
    return f"{county(period)}教育局"


def named(codes: pd.Series, period: Period) -> pd.Series:
    """Schools and townships by name; what has no name stays as it is."""
    townships = period.places.townships if period.places else {}
    names = place_names(period.known, townships)
    return codes.map(lambda code: names.get(code, code))
