"""Two questions of the audit: what if groups were features, and how much is told by what is missing alone?"""

from __future__ import annotations

import pandas as pd

from baoxue import features, labels
from baoxue.lists.judging import settled
from baoxue.risk import splits, validation
from baoxue.risk.ladder import Ladder
from baoxue.risk.validation import Contender

WITH_GROUPS, MISSING_ONLY = "with_groups", "missing_only"


def studied(given: labels.Examples, *, study_groups: bool = False, seed: int = 0) -> pd.DataFrame:
    """`risk.validation.out_of_fold`, forward in time, of models that are never used: only asked what they would find.

    `missing_only` sees which features have no value and nothing else; a model that gains much from it learns how the
    registers are kept. `with_groups`, only if a study asks, sees the features and `features.GROUPS`. Without a missing
    value anywhere there is no `missing_only`.
    """
    X, asked = given.X[list(features.MODEL)], []
    missing = X.isna().astype(float).add_suffix("_missing")
    missing = missing.loc[:, missing.any()]
    if not missing.empty:
        asked.append(Contender(MISSING_ONLY, Ladder(seed=seed), tuple(map(str, missing)), takes_groups=True))
    if study_groups:
        ladder = Ladder(monotone=features.monotone(), seed=seed)
        columns = (*features.MODEL, *features.GROUPS)
        asked.append(Contender(WITH_GROUPS, ladder, columns, takes_groups=True, takes_precursor=True))
    frame = pd.concat([X, missing, given.groups.astype(float)], axis=1)
    parts = splits.forward(pd.to_datetime(given.about["as_of"]), gap=settled())
    return validation.out_of_fold(asked, frame, given.y, parts, given.about["school_code"], given.precursor)
