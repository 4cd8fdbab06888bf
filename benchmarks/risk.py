"""All models and rules on the same splits of the public tables: `python benchmarks/risk.py [--data FOLDER] [--few 20]`.

Prints, for each table: area under the curve, average precision, Brier skill and recall at the table's capacity of every
contender; ours minus `avg` (the mean in log-odds of logistic regression, explainable boosting and, if installed,
CatBoost) with a paired bootstrap interval over schools or courses; the regret against the best peer. Then hsls09 with
few events. Peers are tuned no further than their defaults; CatBoost and LightGBM take part only where installed.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, LogisticRegressionCV
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler
from threadpoolctl import threadpool_limits

from baoxue import policy
from baoxue.risk import compared, datasets, validation
from baoxue.risk.ladder import Ladder
from baoxue.risk.validation import Contender

TABLES = {
    "hsls09": "hsls09/students.csv.gz", "uci_dropout": "uci_dropout/data.csv", "star_k3": "star_k3/star_mlmRev.csv",
    "oulad_2013": "oulad_2013", "student_performance": "student_performance",
}  # fmt: skip
NUMBERS, WORDS = make_column_selector(dtype_include="number"), make_column_selector(dtype_exclude="number")
AVERAGED = ("peer_logistic_tuned", "peer_ebm", "peer_catboost")
SHOWN = ["average_precision", "auc", "brier_skill", "recall", "precision"]


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


def peers() -> dict[str, BaseEstimator]:
    """The models ours are measured against."""
    from interpret.glassbox import ExplainableBoostingClassifier

    tuned = LogisticRegressionCV(
        Cs=np.logspace(-3, 1, 9), scoring="neg_log_loss", max_iter=2000, use_legacy_attributes=False
    )
    found: dict[str, BaseEstimator] = {
        "peer_logistic": logistic(LogisticRegression(max_iter=2000)),
        "peer_logistic_tuned": logistic(tuned),
        "peer_ebm": boosting(ExplainableBoostingClassifier(random_state=0, n_jobs=1, outer_bags=8)),
        "peer_hgb": boosting(HistGradientBoostingClassifier(random_state=0)),
    }
    if find_spec("catboost"):
        from catboost import CatBoostClassifier

        found["peer_catboost"] = boosting(CatBoostClassifier(random_seed=0, verbose=0, thread_count=1))
    if find_spec("lightgbm"):
        from lightgbm import LGBMClassifier

        found["peer_lightgbm"] = boosting(LGBMClassifier(random_state=0, verbose=-1, n_jobs=1))
    return found


def average(scores: pd.DataFrame) -> pd.Series:
    """`avg`: the mean in log-odds of the peers' probabilities, a value a row."""
    clipped = scores[[name for name in AVERAGED if name in scores]].clip(1e-9, 1 - 1e-9)
    return 1 / (1 + np.exp(-np.log(clipped / (1 - clipped)).mean(axis=1)))


def table(name: str, data: Path) -> pd.DataFrame:
    """Every contender on one table; prints as it goes."""
    dataset = datasets.load(name, data / TABLES[name])
    features = tuple(dataset.X.columns)
    started = time.perf_counter()
    lineup = [*compared.contenders(dataset), *(Contender(n, model, features) for n, model in peers().items())]
    extra = [column for column in dataset.context.columns if column not in dataset.X.columns]
    frame = pd.concat([dataset.X, dataset.context[extra]], axis=1)
    scores = validation.out_of_fold(lineup, frame, dataset.y, dataset.splits(), dataset.groups)
    scores["avg"] = average(scores)
    measures = validation.table(scores, [*(c.name for c in lineup), "avg"], share=dataset.mapping.capacity, draws=200)
    say(f"\n## {name}: {len(dataset.y)} rows, {dataset.events} events, {time.perf_counter() - started:.0f} s\n")
    say(measures.set_index("contender")[SHOWN].round(4).sort_values("average_precision", ascending=False).to_string())
    say(against_average(scores, measures))
    return measures.assign(dataset=name)


def against_average(scores: pd.DataFrame, measures: pd.DataFrame) -> str:
    """Ours minus `avg` with its interval, and the regret against the best peer, a line a measure."""
    by_name = measures.set_index("contender")
    peer_names = [name for name in by_name.index if name.startswith("peer_")]
    lines = []
    for measure in ("auc", "average_precision", "brier_skill"):
        gap = validation.gain(scores, "model", "avg", share=0.05, draws=200, measure=measure)
        best = by_name.loc[peer_names, measure].max()
        regret = best - by_name.loc["model", measure]
        lines.append(f"{measure}: ours - avg {gap.gain:+.4f} ({gap.low:+.4f} to {gap.high:+.4f}); regret {regret:+.4f}")
    return "\n".join(lines)


def few_events(data: Path, repeats: int, counts: tuple[int, ...] = (30, 75, 150)) -> pd.DataFrame:
    """hsls09 with few training events, tested on rows no training set of the repeat saw; the mean over repeats."""
    dataset = datasets.load("hsls09", data / TABLES["hsls09"])
    models: dict[str, Callable[[], BaseEstimator]] = {
        "model": Ladder,
        "ridge C=.03": lambda: logistic(LogisticRegression(C=0.03, max_iter=2000)),
        "over_age": lambda: compared.contenders(dataset)[2].estimator,
    }
    rows = [
        {"events": count, "model": name, **_one(dataset, model(), count, seed)}
        for count in counts
        for seed in range(repeats)
        for name, model in models.items()
    ]
    return pd.DataFrame(rows).groupby(["events", "model"], sort=False).mean(numeric_only=True)


def _one(dataset: datasets.Dataset, model: BaseEstimator, events: int, seed: int) -> dict[str, float]:
    draw = np.random.default_rng(seed)
    y = dataset.y.to_numpy()
    order = {kind: draw.permutation(np.flatnonzero(y == kind)) for kind in (0, 1)}
    part = events / len(order[1])
    learn = np.concatenate([rows[: round(part * len(rows))] for rows in order.values()])
    judge = np.concatenate([rows[len(rows) // 2 :] for rows in order.values()])
    fitted = model.fit(dataset.X.iloc[learn], y[learn])
    told = pd.DataFrame({"fold": 1, "group": judge, "y": y[judge], "base": y[learn].mean()})
    told["model"] = fitted.predict_proba(dataset.X.iloc[judge])[:, 1]
    row = validation.table(told, ["model"], share=0.05, draws=2).iloc[0]
    return {name: float(row[name]) for name in ("average_precision", "auc", "recall")}


def say(text: str) -> None:
    """Print at once, so that a long run shows how far it is."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main() -> None:
    """Read the command line and run."""
    given = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    beside = policy.ROOT.parent / "shared" / "data"
    given.add_argument("--data", type=Path, default=Path(os.environ.get("BAOXUE_SHARED_DATA") or beside))
    given.add_argument("--tables", nargs="*", default=list(TABLES), choices=list(TABLES))
    given.add_argument("--few", type=int, default=20, help="repeats with few events; 0 leaves them out")
    asked = given.parse_args()
    # on small matrices threads wait for each other: thirty times as long on a busy machine
    with threadpool_limits(1):
        for name in asked.tables:
            table(name, asked.data)
        if asked.few:
            say(f"\n## hsls09 with few events, {asked.few} repeats (recall at 5 %)\n")
            say(few_events(asked.data, asked.few).round(4).to_string())


if __name__ == "__main__":
    main()
