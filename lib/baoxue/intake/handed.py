"""What a list that comes back is held against: the registry's pupils by school, and what has been answered already."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import duckdb


@dataclass(frozen=True)
class Handed:
    """What the store knows that a list coming back is held against."""

    pupils: dict[str, list[str]]
    """School code -> the pupils who were ever on its registry."""
    latest: dt.date
    """Day of the latest registry snapshot."""
    answered: dict[str, dt.date]
    """School code -> day of the latest list that it has answered."""

    def write(self, file: Path) -> None:
        """Write it for the workers."""
        answered = {school: day.isoformat() for school, day in self.answered.items()}
        said = {"pupils": self.pupils, "latest": self.latest.isoformat(), "answered": answered}
        file.write_text(json.dumps(said), encoding="ascii")

    @classmethod
    def read(cls, file: Path) -> Handed:
        """What `write` wrote; read once by each process."""
        return _read(str(file), file.stat().st_mtime_ns)


@lru_cache(maxsize=1)
def _read(file: str, changed_ns: int) -> Handed:
    said = json.loads(Path(file).read_text(encoding="ascii"))
    answered = {school: dt.date.fromisoformat(day) for school, day in said["answered"].items()}
    return Handed(said["pupils"], dt.date.fromisoformat(said["latest"]), answered)


def known(stored: Mapping[str, Sequence[Path]]) -> Handed:
    """What the files of a store (by table, `links` among them) tell; of no registry at all nothing."""
    if not stored["enrolments"]:
        return Handed({}, dt.date.min, {})
    with duckdb.connect() as con:
        for table in ("enrolments", "links", "answers"):
            if stored[table]:
                con.read_parquet([str(file) for file in stored[table]], union_by_name=True).create_view(table)
        linked = "SELECT alias, arg_max(pupil, known_on) AS child FROM links GROUP BY alias"
        pupils = con.execute(
            f"""SELECT school_code, list(DISTINCT coalesce(child, pupil) ORDER BY coalesce(child, pupil))
            FROM enrolments LEFT JOIN ({linked if stored["links"] else "SELECT '' AS alias, NULL AS child"})
            ON alias = pupil WHERE pupil IS NOT NULL GROUP BY school_code ORDER BY school_code"""
        ).fetchall()
        latest = con.execute("SELECT max(snapshot_on) FROM enrolments").fetchall()[0][0]
        last = "SELECT school_code, max(list_as_of) FROM answers WHERE visited_on IS NOT NULL GROUP BY school_code"
        answered = con.execute(last).fetchall() if stored["answers"] else []
    return Handed(dict(pupils), latest, dict(answered))
