"""The demo county against its own truth: who left is found or named as not found; who did not leave is not accused."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from baoxue.cases.board import case_table
from baoxue.cases.detection import suspicions
from baoxue.cases.facts import LEFT
from baoxue.cases.overlooked import overlooked

AS_OF = dt.date(2024, 11, 30)
YEAR_AGO = dt.date(2023, 12, 1)
NOT_DROPOUTS = ("transfer", "death", "emigration", "graduated", "suspension")


@pytest.fixture(scope="module")
def known(county):
    return county.store.known_by(AS_OF)


@pytest.fixture(scope="module")
def table(known) -> pd.DataFrame:
    return case_table(known)


@pytest.fixture(scope="module")
def truth(county) -> pd.DataFrame:
    """Every ending that truly happened, with the child's pseudonym."""
    outcomes = pd.read_parquet(county.drop / "truth" / "outcomes.parquet")
    people = county.store.identity(reader="tests", why="truth of the demo county", columns=("pupil", "id_number"))
    rows = outcomes.merge(people, on="id_number", how="left")
    return rows.assign(left_on=pd.to_datetime(rows["left_on"]))


def test_every_true_dropout_of_the_last_year_has_a_case_or_a_clue_or_is_named_with_the_reason(known, table, truth):
    left = truth[(truth["kind"] == "dropout") & truth["left_on"].between(str(YEAR_AGO), str(AS_OF))]
    assert len(left) >= 5
    with_case = left["pupil"].isin(table["pupil"])
    with_clue = left["pupil"].isin(suspicions(known).to_pandas()["pupil"])
    back_unseen = left["pupil"].isin(overlooked(known).to_pandas()["pupil"])
    missed = left[~with_case & ~with_clue & ~back_unseen]
    # not found: the absence is younger than the registers and the roll call can see, or was over before they could
    young = missed["left_on"] > pd.Timestamp(AS_OF) - pd.Timedelta(days=30)
    back_soon = pd.to_datetime(missed["returned_on"]) - missed["left_on"] < pd.Timedelta(days=30)
    assert (young | back_soon).all(), missed[["left_on", "returned_on"]]


def test_no_death_transfer_emigration_or_approved_leave_is_concluded_as_dropout(table, truth):
    others = truth[truth["kind"].isin(NOT_DROPOUTS) & (truth["left_on"] <= str(AS_OF))]
    dropouts = truth[truth["kind"] == "dropout"]["pupil"]
    innocent = set(others["pupil"].dropna()) - set(dropouts.dropna())
    accused = table[table["conclusion"].isin(list(LEFT)) & table["pupil"].isin(innocent)]
    assert accused.empty, accused[["case", "state", "conclusion"]]


def test_a_child_who_died_is_on_no_list_of_work(known, table, truth):
    dead = set(truth[(truth["kind"] == "death") & (truth["left_on"] < "2024-11-01")]["pupil"].dropna())
    assert not dead & set(table[table["is_open"]]["pupil"])
    to_look_at = suspicions(known).filter(lambda t: t.outcome == "待核实").to_pandas()
    assert not dead & set(to_look_at["pupil"])


def test_every_case_of_a_true_return_is_not_open(table, truth):
    """A case closed as returned is at rest or under watch; none of them waits for an admonition."""
    closed = table[table["closed_on"].notna()]
    assert not closed["is_open"].any()
