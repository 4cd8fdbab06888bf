"""The ladder beside every peer and rule on the public tables, each on its own strict split; and with few events."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from bars import Bar, at_least, at_most, say
from peers import average, logistic, peers
from sklearn.base import BaseEstimator
from sklearn.linear_model import LogisticRegression

from baoxue.risk import compared, datasets, validation
from baoxue.risk.datasets import Dataset
from baoxue.risk.ladder import Ladder

TABLES = {
    "hsls09": "hsls09/students.csv.gz", "uci_dropout": "uci_dropout/data.csv", "star_k3": "star_k3/star_mlmRev.csv",
    "oulad_2013": "oulad_2013", "student_performance": "student_performance",
}  # fmt: skip
MEASURES = ("auc", "average_precision", "brier_skill")
SHOWN = ["average_precision", "auc", "brier_skill", "recall", "precision"]
DRAWS = 400
FEW = (30, 75, 150)
REGRET_AUC, REGRET_AP_PCT = 0.005, 4.0


def public(data: Path, names: Sequence[str]) -> list[Bar]:
    """Every table: ours minus `avg` with its paired interval, regret against the best tuned peer, age alone beaten."""
    bars, regrets = [], []
    for name in names:
        dataset = datasets.load(name, data / TABLES[name])
        started = time.perf_counter()
        scores = scored(dataset)
        measures = measured(dataset, scores)
        say(f"\n## {name}: {len(dataset.y)} rows, {dataset.events} events, {time.perf_counter() - started:.0f} s\n")
        say(measures[SHOWN].round(4).sort_values("average_precision", ascending=False).to_string())
        bars += [*_against_average(name, scores), *_against_age(name, measures)]
        regrets.append(_regret(measures))
    regret = pd.DataFrame(regrets, index=list(names))
    say("\n## regret against the best tuned peer\n\n" + regret.round(4).to_string())
    return [
        *bars,
        at_most("public", "mean regret, AUC", regret["auc"].mean(), REGRET_AUC),
        at_most("public", "mean regret, AP in %", regret["average_precision_pct"].mean(), REGRET_AP_PCT, "{:.2f}"),
    ]


def scored(dataset: Dataset) -> pd.DataFrame:
    """What ours, every peer, `avg` and every rule say about rows they have not learned from."""
    lineup = [*compared.contenders(dataset), *peers(tuple(dataset.X.columns), dataset.groups is not None)]
    extra = [column for column in dataset.context.columns if column not in dataset.X.columns]
    frame = pd.concat([dataset.X, dataset.context[extra]], axis=1)
    scores = validation.out_of_fold(lineup, frame, dataset.y, dataset.splits(), dataset.groups)
    return scores.assign(avg=average(scores))


def measured(dataset: Dataset, scores: pd.DataFrame) -> pd.DataFrame:
    """`validation.table` of all of them at the table's capacity, indexed by contender."""
    table = validation.table(scores, compared.names(scores), share=dataset.mapping.capacity, draws=2)
    return table.set_index("contender")


def few_events(data: Path, repeats: int) -> list[Bar]:
    """hsls09 with few training events, tested on rows no training set of the repeat saw."""
    dataset = datasets.load("hsls09", data / TABLES["hsls09"])
    rows = [
        {"events": count, "model": name, "repeat": seed, **_one(dataset, model, count, seed)}
        for count in FEW
        for seed in range(repeats)
        for name, model in _lineup(dataset).items()
    ]
    table = pd.DataFrame(rows)
    mean = table.groupby(["events", "model"], sort=False)[["average_precision", "auc", "recall"]].mean()
    say(f"\n## hsls09 with few events, {repeats} repeats (recall at 5 %)\n\n" + mean.round(4).to_string())
    return [bar for count in FEW for bar in _few_bars(count, mean.loc[count], table[table["events"] == count])]


def _against_average(name: str, scores: pd.DataFrame) -> list[Bar]:
    bars = []
    for measure in MEASURES:
        gap = validation.gain(scores, "model", "avg", share=0.05, draws=DRAWS, measure=measure)
        told = f"{gap.gain:+.4f} ({gap.low:+.4f} to {gap.high:+.4f})"
        bars.append(Bar("public", f"{name}: {measure}, ours - avg", "upper limit ≥ 0", told, gap.high >= 0))
    return bars


def _against_age(name: str, measures: pd.DataFrame) -> list[Bar]:
    if "over_age" not in measures.index:
        return []
    ours, age = measures.loc[["model", "over_age"], "average_precision"]
    return [Bar("public", f"{name}: AP over age alone", f"> {age:.4f}", f"{ours:.4f}", bool(ours > age))]


def _regret(measures: pd.DataFrame) -> dict[str, float]:
    best = measures[measures.index.str.startswith("peer_")][["auc", "average_precision"]].max()
    ours = measures.loc["model"]
    short = best["average_precision"] - ours["average_precision"]
    return {"auc": best["auc"] - ours["auc"], "average_precision_pct": 100 * short / best["average_precision"]}


def _lineup(dataset: Dataset) -> dict[str, BaseEstimator]:
    age = next(contender for contender in compared.contenders(dataset) if contender.name == "over_age")
    ridge = logistic(LogisticRegression(C=0.03, max_iter=2000))
    return {"model": Ladder(), "ridge C=.03": ridge, "over_age": age.estimator}


def _few_bars(count: int, mean: pd.DataFrame, repeats: pd.DataFrame) -> list[Bar]:
    ours, ridge, age = (mean.loc[name] for name in ("model", "ridge C=.03", "over_age"))
    wide = repeats.pivot(index="repeat", columns="model", values="recall")
    below = int((wide["model"] < wide["over_age"]).sum())
    recall = at_least("few", f"{count} events: recall at 5 %, over age alone", ours["recall"], age["recall"])
    return [
        at_least("few", f"{count} events: AP, over ridge C=.03", ours["average_precision"], ridge["average_precision"]),
        recall,
        Bar("few", f"{count} events: repeats below age alone", "0", f"{below} of {len(wide)}", below == 0),
    ]


def _one(dataset: Dataset, model: BaseEstimator, events: int, seed: int) -> dict[str, float]:
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
