"""Learning a rare event with the help of an outcome that often goes before it and is far less rare.

A county loses some dozens of children a year, too few to learn from which signs matter together. Many more begin to
stay away. What foretells that is learned from thousands, in whatever form it takes; how far it also foretells leaving,
and what else does, is learned from those who left (a surrogate outcome, as in few-shot transfer: the large task gives
one column to the small one).
"""

from __future__ import annotations

import numpy as np

from baoxue.risk import design, logistic
from baoxue.risk.effects import Additive, weighted
from baoxue.risk.frames import threads_for
from baoxue.risk.pairs import pairs
from baoxue.risk.thinning import Rows

LEAN = 3.0
"""The score that foretells the precursor moves the risk so many times as readily as one column does. Between 3 and 10
nothing changes; at 1 a county's own few leavings shrink it away (benchmarks/one_county.py)."""
LEAVES = 4
"""Of a tree: enough to bend one column by another, where eight begin to follow chance (recall .21 against .20)."""
OTHERS_PER_PRECURSOR = 3
"""Precursors are thousands, so few rows without one are needed beside each (`thinning`)."""


def through_precursors(rows: Rows, early: Rows, monotone: dict[str, int], seed: int) -> Additive:
    """Ridge logistic regression (C = 0.03) on the columns and, as one more, on what foretells the precursor.

    `early`: the same columns with the precursor, or the event, as event. That score is boosting by pairs; its weight is
    never negative, so more of a column that may not lower the risk still never does.
    """
    foretold = pairs(early, monotone, seed, LEAVES)
    score = foretold.log_odds(rows.X)
    spread = float(score.std())
    if not spread:
        return logistic.ridge(rows, monotone)
    blocks = design.design(rows.X, 2, monotone)
    Z = np.column_stack([design.matrix(blocks, rows.X), (score - score.mean()) * LEAN / spread])
    signs = np.concatenate([*(block.signs() for block in blocks), [1.0]])
    with threads_for(Z):
        start, *coefficients, leaning = logistic.solve(Z, rows.event, logistic.RIDGE_C, signs, weight=rows.weight)
    leaning *= LEAN / spread
    own = Additive(start - leaning * float(score.mean()), design.effects(blocks, np.asarray(coefficients)))
    return weighted([own, foretold], [1.0, float(leaning)])
