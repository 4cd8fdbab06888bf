"""The risk core on real tables that nobody here wrote, where they are present: the stated baselines are reached."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from baoxue import policy
from baoxue.risk import compared, datasets
from baoxue.risk.mapping import MappingError
from baoxue.risk.measures import Order
from baoxue.risk.validation import Contender, out_of_fold

DATA = Path(os.environ.get("BAOXUE_SHARED_DATA") or policy.ROOT.parent / "shared" / "data")
TABLES = {
    "hsls09": "hsls09/students.csv.gz",
    "uci_dropout": "uci_dropout/data.csv",
    "star_k3": "star_k3/star_mlmRev.csv",
    "oulad_2013": "oulad_2013",
    "student_performance": "student_performance",
}
USED = {
    "hsls09": (15_826, 405), "uci_dropout": (4_424, 1_421), "star_k3": (19_994, 5_015), "oulad_2013": (11_353, 1_552),
    "student_performance": (649, 100),
}  # fmt: skip
ALLOWED_BELOW = 0.01

pytestmark = pytest.mark.skipif(
    not DATA.is_dir(),
    reason="NOT TESTED ON REAL DATA: no public data beside the checkout; set BAOXUE_SHARED_DATA to its folder",
)
every_table = pytest.mark.parametrize("name", TABLES)


def aucs(told: pd.DataFrame, name: str) -> tuple[float, float]:
    """The area under the curve within folds (mean over folds) and over all rows together."""
    folds = [Order.of(f["y"].to_numpy(float), f[name].to_numpy()).curve().auc() for _, f in told.groupby("fold")]
    return float(np.mean(folds)), Order.of(told["y"].to_numpy(float), told[name].to_numpy()).curve().auc()


@every_table
def test_the_mapping_reads_the_stated_rows_without_a_false_alarm(name: str) -> None:
    table = datasets.load(name, DATA / TABLES[name])
    assert (table.account["used"], table.account["events"]) == USED[name]
    assert not table.signs["stops"].any()


@every_table
def test_logistic_regression_is_at_most_a_hundredth_below_the_stated_baseline(name: str) -> None:
    table = datasets.load(name, DATA / TABLES[name])
    assert table.mapping.stated is not None
    logistic = next(c for c in compared.contenders(table) if c.name == "logistic")
    told = out_of_fold([logistic], table.X, table.y, table.splits(), table.groups)
    assert min(aucs(told, "logistic")) >= table.mapping.stated.auc - ALLOWED_BELOW


def test_the_second_survey_is_refused_as_a_feature() -> None:
    for column in ("absences_survey2", "skipping_class_survey2", "gpa_11th_survey3", "enrollment_status_survey2"):
        with pytest.raises(MappingError, match=f"{column} cannot be a feature"):
            datasets.load("hsls09", DATA / TABLES["hsls09"], add_features=column)


def test_the_marks_of_the_same_course_are_refused_by_name_and_found_under_another(tmp_path: Path) -> None:
    from baoxue.risk.leaks import LeakError

    file = DATA / TABLES["student_performance"] / "student-por_cleaned.csv"
    with pytest.raises(MappingError, match="G2 cannot be a feature"):
        datasets.load("student_performance", file, add_features="G2")
    renamed = pd.read_csv(file).rename(columns={"G2": "class_test"})
    renamed.to_csv(tmp_path / "renamed.csv", index=False)
    with pytest.raises(LeakError, match="class_test"):
        datasets.load("student_performance", tmp_path / "renamed.csv")


def test_the_trap_of_the_class_size_experiment_is_shown() -> None:
    signs = datasets.load("star_k3", DATA / TABLES["star_k3"]).signs
    missing = signs[signs["level"] == "(missing)"]
    assert set(missing["column"]) == {"sx", "eth"} and (missing["events"] / missing["rows"] > 0.95).all()


@pytest.mark.parametrize("file", ["student-por.renamed-columns.csv", "student-por.row-quoted.csv"])
def test_the_same_table_under_other_headers_or_quoted_is_the_same_table(file: str) -> None:
    folder = DATA / TABLES["student_performance"]
    first, other = datasets.load("student_performance", folder), datasets.load("student_performance", folder / file)
    pd.testing.assert_frame_equal(first.X, other.X[first.X.columns], check_dtype=False)


def test_one_wave_of_courses_ahead_of_the_next_can_be_tested_forward() -> None:
    table = datasets.load("oulad_2013", DATA / TABLES["oulad_2013"])
    logistic = next(c for c in compared.contenders(table) if c.name == "logistic")
    columns = tuple(c for c in logistic.columns if c != "code_presentation")
    from baoxue.risk.splits import forward

    parts = forward(table.X["code_presentation"].map({"2013B": 1, "2013J": 2}))
    told = out_of_fold([Contender("logistic", logistic.estimator, columns)], table.X, table.y, parts)
    assert aucs(told, "logistic")[0] > 0.65
