"""Does the list serve every group alike? Recall and false alarms of groups, and where n is too small to say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd
from statsmodels.stats.proportion import proportion_confint

from baoxue.codes import Sex
from baoxue.lists.early import listed_rows
from baoxue.risk.frames import Floats
from baoxue.risk.validation import MIN_EVENTS, interval, resampled

if TYPE_CHECKING:
    from baoxue.labels import Examples
    from baoxue.store import Known

Flags = npt.NDArray[np.bool_]
EVERYONE = "everyone"


def audit(scores: pd.DataFrame, groups: pd.DataFrame, name: str, draws: int = 400, seed: int = 0) -> pd.DataFrame:
    """A row for everyone and for each yes/no column of `groups`: how the list of a contender treats its pupils.

    Columns: `group` (`everyone` first), `rows` (pupils times as-of dates), `events`; `found`, the share of the events
    whose pupil was listed, and `listed_in_vain`, the share of the others that were listed, each with `_low`, `_high`
    (exact 95 %); `found_gap` and `listed_in_vain_gap`, the group's share less that of everyone else, with 95 % limits
    from `draws` resamplings of whole schools; `told`: at least ten events in the group, `gap_told`: and ten outside it.
    `groups` has the rows of the examples that the scores' `row` counts.
    """
    rows = groups.iloc[scores["row"]].reset_index(drop=True).astype(bool)
    listed, event = listed_rows(scores, name).to_numpy(), scores["y"].to_numpy() == 1
    members = {EVERYONE: np.ones(len(rows), dtype=bool)} | {str(name): rows[name].to_numpy() for name in rows}
    table = pd.DataFrame([_of_group(group, member, listed, event) for group, member in members.items()])
    member = np.column_stack(list(members.values())).astype(float)
    weights = [np.ones(len(rows)), *resampled(scores["group"], draws, seed)]
    for column, base in (("found", event), ("listed_in_vain", ~event)):
        point, *drawn = [_gaps(member, weight * base, listed) for weight in weights]
        low, high = interval(point, drawn)
        table[f"{column}_gap"], table[f"{column}_gap_low"], table[f"{column}_gap_high"] = point, low, high
    others = table["events"].iloc[0] - table["events"]
    return table.assign(gap_told=table["told"] & (others >= MIN_EVENTS))


def audit_groups(given: Examples) -> pd.DataFrame:
    """The groups a report may name, a yes/no column each: boys, girls and the monitored groups.

    Children of prisoners are left out: they are named nowhere outside the bureau's case office (GLOSSARY).
    """
    sex = {"is_boy": given.about["sex"] == Sex.MALE, "is_girl": given.about["sex"] == Sex.FEMALE}
    return pd.DataFrame(sex).join(given.groups.drop(columns="has_parent_in_prison"))


def audit_places(known: Known, given: Examples) -> pd.DataFrame:
    """A yes/no column for each school type (its official word) and each township (its code), rows as in the examples.

    A school that is not on the list of schools belongs to none.
    """
    schools = known.table("schools").select("school_code", "school_type", "township_code").to_pandas()
    schools = schools.drop_duplicates("school_code", keep="last").set_index("school_code")
    own = schools.reindex(given.about["school_code"]).set_axis(given.about.index)
    return pd.concat([pd.get_dummies(own[name]) for name in ("school_type", "township_code")], axis=1).astype(bool)


def _gaps(member: Floats, base: Floats, listed: Flags) -> Floats:
    """For each column of members the share of its base listed, less that of everyone else; nan without a base."""
    of, hits = base @ member, (base * listed) @ member
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(hits / of - (hits[0] - hits) / (of[0] - of))


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
