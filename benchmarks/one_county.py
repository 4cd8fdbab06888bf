"""What can be learned from one county alone, beside models taught by many counties and beside the truth itself.

Four lines, so that what separates them can be told apart: ours taught by the county itself; ours taught by many other
counties (the difference is scarcity); the best peer taught by them (the ceiling: the difference is the form of the
model); the true hazard of the coming month and of the whole horizon (the difference is what no register holds, and
blows that are still to come).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from bars import Bar, at_least, say
from counties import HORIZON, NEXT_MONTH, county
from peers import peers
from sklearn.base import clone

from baoxue import features, lists
from baoxue.features import GROUPS, MODEL
from baoxue.lists.contenders import contenders
from baoxue.risk import splits, validation
from baoxue.risk.calibration import calibration
from baoxue.risk.decision import decide
from baoxue.risk.ladder import Ladder
from baoxue.risk.thinning import OTHERS_PER_EVENT

ENOUGH, SHARE = 0.9, 0.02
SLOPE = (0.85, 1.15)
DRAWS = 400
ELSEWHERE = "ours, taught by others"


def one_county(seeds: Sequence[int], others: pd.DataFrame, size: str, work: Path) -> list[Bar]:
    """Forward in time in each of the counties of `seeds`, pooled; `others`: the examples that teach the ceiling."""
    targets = [county(seed, size, work) for seed in seeds]
    scores = pd.concat([_judged(target) for target in targets], ignore_index=True)
    scores = _taught_by_others(scores, others)
    names = [column for column in scores if column not in _ABOUT]
    measures = validation.table(scores, names, share=SHARE, draws=DRAWS).set_index("contender")
    judged, taught = int(scores["y"].sum()), f"{int(others['left'].sum())} of {others['seed'].nunique()} other counties"
    say(f"\n## one county, {len(seeds)} seeds: {judged} leavings judged; the ceiling learned from {taught}\n")
    columns = [f"{measure}{end}" for measure in ("recall", "average_precision") for end in ("", "_low", "_high")]
    say(measures[[*columns, "auc"]].round(4).to_string())
    return [*_of_ceiling(measures), _against_rules(scores, measures), *_calibrated(scores)]


_ABOUT = ("row", "fold", "group", "y", "base", "seed", *GROUPS, *MODEL)


def _judged(target: pd.DataFrame) -> pd.DataFrame:
    """Ours and the rules on the later days of one county, taught by its own earlier ones; with the true hazards."""
    lineup = [each for each in contenders() if each.name not in ("logistic", "ridge")]
    parts = splits.forward(target["as_of"], gap=lists.settled())
    found = validation.out_of_fold(lineup, target, target["left"], parts, target["school_code"], target["precursor"])
    rows = target.iloc[found["row"]].reset_index(drop=True)
    seed = str(target["seed"].iloc[0])
    marked = found.assign(fold=seed + " " + found["fold"], group=seed + " " + found["group"])
    return marked.join(rows[["seed", HORIZON, NEXT_MONTH, *GROUPS, *MODEL]])


def _taught_by_others(scores: pd.DataFrame, others: pd.DataFrame) -> pd.DataFrame:
    """The same rows scored by models that learned from other counties; schools are kept together within.

    They learn from all leavings and `OTHERS_PER_EVENT` others for each: that moves every risk by the same step, and
    only ranking is judged here.
    """
    rest = others[~others["left"].astype(bool)]
    few = rest.sample(min(len(rest), OTHERS_PER_EVENT * int(others["left"].sum())), random_state=0)
    others = pd.concat([others[others["left"].astype(bool)], few]).sort_index()
    X, y = others[list(MODEL)], others["left"]
    groups = others["seed"].astype(str) + " " + others["school_code"].astype(str)
    ours = Ladder(monotone=features.monotone())
    lineup = {ELSEWHERE: ours} | {peer.name: peer.estimator for peer in peers(MODEL, grouped=True)}
    told = {}
    for name, model in lineup.items():
        given = {} if name == "peer_ebm" else {"groups": groups}
        if name == ELSEWHERE:
            given["precursor"] = others["precursor"]
        told[name] = clone(model).fit(X, y, **given).predict_proba(scores[list(MODEL)])[:, 1]
        say(f"{name} has learned")
    return scores.assign(**told)


def _of_ceiling(measures: pd.DataFrame) -> list[Bar]:
    best, bars = measures[measures.index.str.startswith("peer_")], []
    steps = ["model", ELSEWHERE, NEXT_MONTH, HORIZON]
    for measure in ("recall", "average_precision"):
        ceiling = best[measure].max()
        told = ", ".join(f"{name} {measures.loc[name, measure]:.4f}" for name in steps)
        say(f"{measure}: {told}; ceiling {ceiling:.4f} ({best[measure].idxmax()})")
        what = f"{measure} of ours over the ceiling's"
        bars.append(at_least("one_county", what, measures.loc["model", measure] / ceiling, ENOUGH, "{:.3f}"))
    return bars


def _against_rules(scores: pd.DataFrame, measures: pd.DataFrame) -> Bar:
    rules = [each.name for each in contenders() if each.is_rule]
    decided = decide(scores, measures.reset_index(), rules, share=SHARE, draws=DRAWS)
    gained = decided.gain
    told = f"{gained.gain:+.3f} ({gained.low:+.3f} to {gained.high:+.3f}) over {decided.rule}; report: {decided.use}"
    met = gained.low > 0 or decided.use != "model"
    return Bar("one_county", "recall at 2 %, ours - best rule", "lower limit > 0, or rule", told, met)


def _calibrated(scores: pd.DataFrame) -> list[Bar]:
    bars = []
    members = {"everyone": scores["y"].notna()} | {name: scores[name].astype(bool) for name in GROUPS}
    for name, member in members.items():
        rows = scores[member]
        found = calibration(rows["y"], rows["model"], rows["group"])
        slope, ratio = found.slope, found.observed_expected
        slopes = f"slope {slope.value:.2f} ({slope.low:.2f} to {slope.high:.2f})"
        told = f"{slopes}, O/E {ratio.value:.2f} ({ratio.low:.2f} to {ratio.high:.2f}), {found.events} leavings"
        met = bool(SLOPE[0] <= slope.value <= SLOPE[1] and ratio.spans(1)) if found.told else None
        bars.append(Bar("one_county", f"calibration, {name}", "slope .85-1.15, 1 in O/E's interval", told, met))
    return bars
