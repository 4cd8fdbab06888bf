"""The models ours is measured against, tuned by inner log loss, with whole groups kept together where there are any.

CatBoost and LightGBM take part only where they are installed; the suite itself never needs them.
"""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, GroupKFold, StratifiedKFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

from baoxue.risk.validation import Contender

NUMBERS, WORDS = make_column_selector(dtype_include="number"), make_column_selector(dtype_exclude="number")
AVERAGED = ("peer_logistic", "peer_ebm", "peer_catboost")
"""What `avg` is the mean of, in log-odds."""
INNER_FOLDS = 3


def logistic(model: BaseEstimator) -> Pipeline:
    """Impute (with flags), scale, one-hot, then the model: the baseline of the data folder's own table."""
    numbers = make_pipeline(SimpleImputer(strategy="median", add_indicator=True), StandardScaler())
    words = make_pipeline(
        SimpleImputer(strategy="constant", fill_value="missing"), OneHotEncoder(handle_unknown="ignore")
    )
    return make_pipeline(make_column_transformer((numbers, NUMBERS), (words, WORDS)), model)


def boosting(model: BaseEstimator) -> Pipeline:
    """Levels as codes, unseen ones missing, then the model."""
    codes = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=np.nan, encoded_missing_value=np.nan)
    return make_pipeline(make_column_transformer((codes, WORDS), remainder="passthrough"), model)


def peers(columns: tuple[str, ...], grouped: bool) -> list[Contender]:
    """Every peer that is installed, as a contender on these columns; with `grouped` inner folds are by group."""
    found = {"logistic": _tuned_logistic(grouped), "hgb": _tuned_trees(grouped), "ebm": _ebm()}
    if find_spec("catboost"):
        found["catboost"] = _tuned_catboost(grouped)
    if find_spec("lightgbm"):
        found["lightgbm"] = _tuned_lightgbm(grouped)
    return [
        Contender(f"peer_{name}", model, columns, takes_groups=isinstance(model, GridSearchCV))
        for name, model in found.items()
    ]


def average(scores: pd.DataFrame) -> pd.Series:
    """`avg`: the mean in log-odds of tuned logistic regression, explainable boosting and CatBoost, a value a row."""
    clipped = scores[[name for name in AVERAGED if name in scores]].clip(1e-9, 1 - 1e-9)
    return 1 / (1 + np.exp(-np.log(clipped / (1 - clipped)).mean(axis=1)))


def _tuned(model: Pipeline, grid: dict[str, list[float]], grouped: bool) -> GridSearchCV:
    folds = GroupKFold(INNER_FOLDS) if grouped else StratifiedKFold(INNER_FOLDS, shuffle=True, random_state=0)
    step = model.steps[-1][0]
    named = {f"{step}__{name}": values for name, values in grid.items()}
    return GridSearchCV(model, named, scoring="neg_log_loss", cv=folds)


def _tuned_logistic(grouped: bool) -> GridSearchCV:
    return _tuned(logistic(LogisticRegression(max_iter=3000)), {"C": list(np.logspace(-3, 1, 7))}, grouped)


def _tuned_trees(grouped: bool) -> GridSearchCV:
    model = HistGradientBoostingClassifier(random_state=0, learning_rate=0.05, early_stopping=False)
    return _tuned(boosting(model), {"max_iter": [50, 150], "max_leaf_nodes": [8, 31]}, grouped)


def _tuned_lightgbm(grouped: bool) -> GridSearchCV:
    from lightgbm import LGBMClassifier

    model = LGBMClassifier(random_state=0, learning_rate=0.05, verbose=-1, n_jobs=1)
    return _tuned(boosting(model), {"n_estimators": [50, 150], "num_leaves": [8, 31]}, grouped)


def _tuned_catboost(grouped: bool) -> GridSearchCV:
    from catboost import CatBoostClassifier

    model = CatBoostClassifier(random_seed=0, learning_rate=0.05, verbose=0, thread_count=1, allow_writing_files=False)
    return _tuned(boosting(model), {"iterations": [150, 400], "depth": [4, 6]}, grouped)


def _ebm() -> Pipeline:
    from interpret.glassbox import ExplainableBoostingClassifier

    return boosting(ExplainableBoostingClassifier(random_state=0, n_jobs=1, outer_bags=8, interactions=10))
