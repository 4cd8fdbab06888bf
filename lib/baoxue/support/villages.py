"""Village rules (村规民约): which village has some, and whether they speak of compulsory school."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from baoxue.store import Known

STATES = ("with_schooling", "without_schooling", "no_rules", "not_reported")


def villages(known: Known) -> pd.DataFrame:
    """Every village of the household register or of the report: `township_code, village, revised_on, state`.

    `state` is one of `STATES`. No rows where no village has ever reported, for then nothing was asked.
    """
    rows = known.table("village_rules")
    if not rows.count().to_pandas():
        return pd.DataFrame(columns=["township_code", "village", "revised_on", "state"])
    keys = ["township_code", "village"]
    homes = known.table("households").select(*keys).distinct()
    every = homes.filter(homes.village.notnull()).union(rows.select(*keys), distinct=True)
    told = rows.select(*keys, "has_rules", "has_schooling", "revised_on").to_pandas()
    frame = every.to_pandas().merge(told, how="left", on=keys)
    has_rules, schooling = frame["has_rules"] == True, frame["has_schooling"] == True  # noqa: E712 - may be missing
    state = pd.Series("not_reported", index=frame.index).mask(frame["has_rules"].notna(), "no_rules")
    state = state.mask(has_rules, "without_schooling").mask(has_rules & schooling, "with_schooling")
    return frame.assign(state=state).sort_values(keys, ignore_index=True)[[*keys, "revised_on", "state"]]


def village_table(rows: pd.DataFrame) -> pd.DataFrame:
    """By township in code order: `township_code, villages` and a column per state."""
    counts = pd.crosstab(rows["township_code"], rows["state"]).reindex(columns=list(STATES), fill_value=0)
    counts.insert(0, "villages", counts.sum(axis=1))
    return counts.rename_axis("township_code").rename_axis(columns=None).reset_index()
