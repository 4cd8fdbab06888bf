"""What is true in the simulated county, for tests and benchmarks: who left, how likely it was, what must be found.

Nothing here reads a file of the drop or applies a rule of the registers to it: every row follows from lives and plants.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from baoxue.codes import Placement
from baoxue.demo import findings, presence, seating, timeline
from baoxue.demo.facts import Facts, all_not_arrived, names

FEWEST_LESSONS = 4
"""Lessons at home in a term, under which a child is as good as not taught."""
WAYS = np.array(["slow", "sudden", "wave"])


def outcomes(facts: Facts) -> pd.DataFrame:
    """Every end of a school life and every leaving: `id_number, left_on, kind`, and what the contract leaves open.

    Also `returned_on` (empty: never), `way` (slow, sudden, wave; hidden: behind an unconfirmed transfer or an
    expired suspension) and `is_found` (a case was opened before the drop ended). Only `dropout` is leaving.
    """
    frames = [_leavings(facts), _hidden(facts), _ends(facts), _suspensions(facts), _not_arrived(facts)]
    rows = pd.concat(frames, ignore_index=True)
    rows.insert(0, "id_number", names(facts.everyone)[rows.pop("child")])
    rows["left_on"] = pd.to_datetime(rows["left_on"])
    return rows.sort_values(["left_on", "id_number", "kind"], kind="stable", ignore_index=True)


def hazards(facts: Facts) -> pd.DataFrame:
    """True chance of leaving within the month, `id_number, month, hazard`; only while at risk, by child and month."""
    name = names(facts.everyone)[: len(facts.lives.people)].astype(str)
    order = np.argsort(name, kind="stable")
    matrix = facts.lives.hazard[order]
    row, month = np.nonzero(~np.isnan(matrix))
    labels = timeline.clock().months.strftime("%Y-%m").to_numpy().astype(object)
    return pd.DataFrame(
        {
            "id_number": name[order].astype(object)[row],
            "month": labels[month],
            "hazard": matrix[row, month].astype(float),
        }
    )


def _leavings(facts: Facts) -> pd.DataFrame:
    rows = facts.followed
    return pd.DataFrame(
        {
            "child": rows["pupil"], "left_on": rows["left_on"], "kind": "dropout", "returned_on": rows["returned_on"],
            "way": WAYS[rows["way"]], "is_found": rows["opened_on"].notna(),
        }
    )  # fmt: skip


def _hidden(facts: Facts) -> pd.DataFrame:
    """Leavings that look like something else in every file."""
    transfers, expired = facts.chosen.transfer_dropouts, facts.chosen.suspension_dropouts
    until = facts.lives.suspensions.set_index("pupil")["until_on"].loc[expired].to_numpy()
    left = np.concatenate([facts.lives.ends.gone_on[transfers], presence.days(pd.Series(until)) + 1])
    child = np.concatenate([transfers, expired])
    return pd.DataFrame({"child": child, "left_on": left, "kind": "dropout", "way": "hidden", "is_found": False})


def _ends(facts: Facts) -> pd.DataFrame:
    ends = facts.lives.ends
    counted = ~np.isin(ends.kind, ("", seating.LEFT, seating.NOT_ARRIVED))
    counted[facts.chosen.transfer_dropouts] = False
    child = np.flatnonzero(counted)
    return pd.DataFrame({"child": child, "left_on": ends.gone_on[child], "kind": ends.kind[child]})


def _suspensions(facts: Facts) -> pd.DataFrame:
    rows = facts.lives.suspensions
    return pd.DataFrame(
        {"child": rows["pupil"], "left_on": rows["from_on"], "kind": "suspension", "returned_on": rows["resumed_on"]}
    )


def _not_arrived(facts: Facts) -> pd.DataFrame:
    return pd.DataFrame({"child": all_not_arrived(facts), "left_on": findings.THIS_YEAR, "kind": "not_arrived"})


def support_gaps(facts: Facts, lessons: pd.DataFrame) -> pd.DataFrame:
    """Disabled children on the registry as of the findings' day without a placement, or taught at home next to never:
    `id_number, gap` (`placement_none`, `home_lessons_few`)."""
    grade, _, _ = facts.lives.seats.on(timeline.LATEST_REGISTRY)
    there = (grade > 0) & (presence.days(facts.lives.people["joined_on"]) <= timeline.LATEST_REGISTRY)
    there &= ~(facts.lives.ends.off_registry_on <= timeline.LATEST_REGISTRY)
    people = facts.lives.people
    none = np.flatnonzero(there & (people["placement"] == Placement.NONE).to_numpy() & people["has_id"].to_numpy())
    counts = lessons["child"].value_counts()
    few = [child for child in counts.index[counts < FEWEST_LESSONS] if child < len(there) and there[child]]
    gaps = [(child, "placement_none") for child in none] + [(child, "home_lessons_few") for child in few]
    rows = pd.DataFrame(gaps, columns=["child", "gap"])
    rows.insert(0, "id_number", names(facts.everyone)[rows.pop("child").astype(int)])
    return rows.sort_values(["gap", "id_number"], ignore_index=True)


def write(
    facts: Facts,
    damages: pd.DataFrame,
    duty_gaps: pd.DataFrame,
    work_gaps: pd.DataFrame,
    support_gaps: pd.DataFrame,
    out: Path,
) -> None:
    """Write the truth: outcomes, hazards, findings, what was damaged on purpose, for whom nobody answers, what the
    bureau's own work left undone, which disabled children lack a place or lessons."""
    out.mkdir(parents=True)
    tables = {
        "outcomes": outcomes(facts),
        "findings": findings.findings(facts),
        "damages": damages,
        "duty_gaps": duty_gaps,
        "work_gaps": work_gaps,
        "support_gaps": support_gaps,
        "hazards": hazards(facts),
    }
    for name, rows in tables.items():
        schema = [(column, _arrow_type(column, rows[column])) for column in rows.columns]
        pq.write_table(
            pa.Table.from_pandas(rows, schema=pa.schema(schema), preserve_index=False), out / f"{name}.parquet"
        )


def _arrow_type(column: str, values: pd.Series) -> pa.DataType:
    if pd.api.types.is_datetime64_any_dtype(values):
        return pa.date32()
    if pd.api.types.is_float_dtype(values):
        return pa.float64()
    if column == "row":
        return pa.int64()
    return pa.bool_() if column == "is_found" else pa.string()
