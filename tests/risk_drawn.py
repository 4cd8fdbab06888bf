"""Small tables with a known rule, drawn from a seed, for the tests of the risk core."""

from __future__ import annotations

import numpy as np
import pandas as pd


def pupils(rows: int = 2000, seed: int = 0, events: float = 0.05) -> tuple[pd.DataFrame, pd.Series]:
    """Features and outcome: risk rises with `absent_days` and `over_age`, and is higher where `carer` is other.

    About the share `events` of the rows are events; a tenth of `absent_days` is missing; `noise` means nothing.
    """
    draw = np.random.default_rng(seed)
    absent = draw.poisson(2.0, rows).astype(float)
    over_age = draw.normal(0, 1, rows)
    carer = draw.choice(["both", "one", "other"], rows, p=[0.6, 0.3, 0.1])
    logit = np.log(events / (1 - events)) - 1 + 0.4 * absent + 0.7 * over_age + 0.8 * (carer == "other")
    y = pd.Series((draw.random(rows) < 1 / (1 + np.exp(-logit))).astype(int), name="left")
    absent[draw.random(rows) < 0.1] = np.nan
    X = pd.DataFrame({"absent_days": absent, "over_age": over_age, "carer": carer, "noise": draw.normal(0, 1, rows)})
    return X, y


def with_events(X: pd.DataFrame, y: pd.Series, count: int, of_each: int = 20) -> tuple[pd.DataFrame, pd.Series]:
    """The first `count` events and `of_each` times as many rows without one."""
    kept = pd.concat([y[y == 1].head(count), y[y == 0].head(count * of_each)]).index.sort_values()
    return X.loc[kept].reset_index(drop=True), y.loc[kept].reset_index(drop=True)
