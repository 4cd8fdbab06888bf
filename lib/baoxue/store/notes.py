"""What was noted of rows that were refused: where each stands now, and what it says."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from baoxue.intake import shape
from baoxue.intake.refusals import WITHDRAWN

_UNSEEN = ["row_digest"]


def refusals(rejects: Sequence[Path], answers: Sequence[Path]) -> pd.DataFrame:
    """The refusals of these files with their `state`, see `Store.refusals`; a row that was withdrawn is none."""
    rows = _read(rejects, shape.REFUSALS).drop_columns(_UNSEEN).to_pandas()
    answered = _read(answers, shape.ANSWERS).to_pandas().set_index("number")["answer"]
    rows = rows[rows["reason"] != WITHDRAWN].reset_index(drop=True)
    return rows.assign(state=rows["number"].map(answered).astype(object).fillna("open"))


def quoted(files: Sequence[Path], numbers: pd.Series) -> pd.DataFrame:
    """The refused rows of these numbers as the schools wrote them, in the order they came in."""
    rows = _read(files, shape.QUOTED)
    return rows.filter(pa.compute.is_in(rows["number"], pa.array(numbers, pa.string()))).to_pandas()


def _read(files: Sequence[Path], schema: pa.Schema) -> pa.Table:
    return pa.concat_tables([schema.empty_table(), *(pq.read_table(file).cast(schema) for file in files)])
