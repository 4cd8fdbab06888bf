"""What often goes before leaving and befalls many more: staying away without excuse. A model learns from it too."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from baoxue import features
from baoxue.features.attendance import unexcused_days

if TYPE_CHECKING:
    from baoxue.store import Known


def stay_away(later: Known, end: dt.date) -> set[str]:
    """The pupils with `precursor_days` or more unexcused days in the far window of attendance before the horizon's
    end, as known later."""
    county = features.visits()
    found = unexcused_days(later, end, county.long_school_days).filter(lambda rows: rows.days >= county.precursor_days)
    return set(found.select("pupil").to_pandas()["pupil"])
