"""The simulated county's drop folder, folder by folder, in the forms in which a county keeps its files."""

from __future__ import annotations

from collections.abc import Callable

from baoxue.demo import daily_files, list_files, register_files, work_files
from baoxue.demo.filing import Drop

FOLDERS: tuple[Callable[[Drop], None], ...] = (
    list_files.write_schools,
    list_files.write_calendar,
    register_files.write_registry,
    register_files.write_rosters,
    list_files.write_changes,
    daily_files.write_absences,
    daily_files.write_rolls,
    daily_files.write_marks,
    list_files.write_aid,
    register_files.write_households,
    list_files.write_admissions,
    list_files.write_lists,
    list_files.write_cases,
    work_files.write_work,
)
"""What writes the files of one source, or of a few that lie together."""


def write(drop: Drop, progress: Callable[[int], None]) -> None:
    """Write every folder of the drop; `progress(done)` is called with the number of `FOLDERS` written."""
    for number, step in enumerate(FOLDERS, 1):
        step(drop)
        progress(number)
