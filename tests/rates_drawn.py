"""A county drawn in a few lines, in which a rate is told from one pupil on, so that it can be counted by eye."""

import shutil
from collections.abc import Iterator

import pandas as pd
import pytest

from baoxue import policy

SCHOOLS = """
    school_code | school_name | school_type | township_code | urban_rural
    2133000001  | 甲小学      | 小学        | 330382001     | 城区
    3133000001  | 乙中学      | 初级中学    | 330382101     | 乡村
"""


@pytest.fixture
def told_from_one(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The county's own policy, but with `smallest_population: 1`."""
    root = tmp_path_factory.mktemp("county")
    shutil.copytree(policy.ROOT / "params" / "policy", root / "params" / "policy")
    file = root / "params" / "policy" / "indicators.yaml"
    lines = file.read_text(encoding="utf-8").splitlines()
    changed = ["smallest_population: 1" if line.startswith("smallest_population:") else line for line in lines]
    file.write_text("\n".join(changed), encoding="utf-8")
    monkeypatch.setattr(policy, "ROOT", root)
    policy.load.cache_clear()
    yield
    policy.load.cache_clear()


def registry(*snapshots: tuple[str, str]) -> str:
    """Enrolments drawn as `("2024-09-01", "a7 b7 c6")`: pupil a in grade 7; `d7*` is on leave (休学)."""
    rows = ["pupil | snapshot_on | school_code | grade | class | registration | status | sex"]
    for day, pupils in snapshots:
        for word in pupils.split():
            name, grade = word.rstrip("*")[:-1], word.rstrip("*")[-1]
            school = "2133000001" if int(grade) <= 6 else "3133000001"
            status = "休学" if word.endswith("*") else "在读"
            rows.append(f"{name} | {day} | {school} | {grade} | 01 | r-{name} | {status} | 男")
    return "\n".join(rows)


def row(frame: pd.DataFrame, **at: object) -> dict:
    """The one row of a frame with these values, rounded to two decimals."""
    for name, value in at.items():
        frame = frame[frame[name] == value]
    assert len(frame) == 1, f"{len(frame)} rows at {at}"
    return {k: round(v, 2) if isinstance(v, float) else v for k, v in frame.iloc[0].to_dict().items()}
