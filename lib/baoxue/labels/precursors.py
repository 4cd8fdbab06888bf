"""What often goes before leaving and befalls many more: staying away without excuse. A model learns from it too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from baoxue import features

if TYPE_CHECKING:
    from baoxue.store import Known


def stays_away(known: Known) -> pd.Series:
    """Whether a pupil had unexcused absence on `precursor_pct` or more of 100 days seen in the far window before the
    day, by pupil; pupils of whom no day was seen are not in it."""
    shares = features.attended(known).select("pupil", "unexcused_long_pct").to_pandas().set_index("pupil")
    return shares["unexcused_long_pct"].dropna() >= features.visits().precursor_pct
