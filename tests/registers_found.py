"""What a rule of the registers finds in a store that a test has drawn."""

from __future__ import annotations

import pandas as pd

from baoxue.registers import Finding, Sides, finding_rows, rules
from baoxue.store import Store


def found(store: Store, finding: Finding, as_of: str = "2024-11-30", **set_by_county: int) -> dict[str, str]:
    """Pupil -> since (ISO date) of one finding."""
    rows = rows_of(store, finding, as_of, **set_by_county)
    return {str(pupil): str(since)[:10] for pupil, since in zip(rows["pupil"], rows["since"], strict=True)}


def rows_of(store: Store, finding: Finding, as_of: str = "2024-11-30", **set_by_county: int) -> pd.DataFrame:
    """One finding with all its columns, ordered by pupil; keywords replace numbers of params/policy/registers.yaml."""
    county = rules().model_copy(update=set_by_county)
    rows = finding_rows(Sides(store.known_by(as_of), county=county), finding).to_pandas()
    return rows.sort_values("pupil").reset_index(drop=True)
