"""Does the list serve every group alike? Recall and false alarms of groups, and where n is too small to say."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
from statsmodels.stats.proportion import proportion_confint

from baoxue.lists.early import listed_rows
from baoxue.risk.validation import MIN_EVENTS

Flags = npt.NDArray[np.bool_]


def audit(scores: pd.DataFrame, groups: pd.DataFrame, name: str) -> pd.DataFrame:
    """A row for everyone and for each yes/no column of `groups`: how the list of a contender treats its pupils.

    Columns: `group` (`everyone` first), `rows` (pupils times as-of dates), `events`; `found`, the share of the events
    whose pupil was listed, and `listed_in_vain`, the share of the others that were listed, each with `_low`, `_high`
    (exact 95 %); `told`: at least ten events, below which recall says nothing. `groups` has the rows of the examples
    that the scores' `row` counts.
    """
    rows = groups.iloc[scores["row"]].reset_index(drop=True).astype(bool)
    listed, event = listed_rows(scores, name).to_numpy(), scores["y"].to_numpy() == 1
    members = {"everyone": np.ones(len(rows), dtype=bool)} | {str(name): rows[name].to_numpy() for name in rows}
    return pd.DataFrame([_of_group(group, member, listed, event) for group, member in members.items()])


def _of_group(group: str, member: Flags, listed: Flags, event: Flags) -> dict[str, object]:
    events = int((member & event).sum())
    found = _share(member & event, listed, "found")
    in_vain = _share(member & ~event, listed, "listed_in_vain")
    size = {"group": group, "rows": int(member.sum()), "events": events}
    return size | found | in_vain | {"told": events >= MIN_EVENTS}


def _share(base: Flags, listed: Flags, name: str) -> dict[str, float]:
    """The share of the base that was listed, with its exact interval; nan, 0 and 1 for an empty base."""
    hits, of = int((base & listed).sum()), int(base.sum())
    low, high = proportion_confint(hits, of, method="beta") if of else (0.0, 1.0)
    return {name: hits / of if of else float("nan"), f"{name}_low": float(low), f"{name}_high": float(high)}
