"""The way of every visit list there and back: `python benchmarks/feedback.py [--demo data/demo] [--as-of 2024-11-30]`.

On a copy of the demo county's store: the lists of all schools are written and locked, opened with each school's
password, answered in the workbook by a script and saved. First every school hands in its list tampered with (a pupil's
name), then under the name of another school, then as it should be, then once more after the county's next list was
answered. What was accepted and what was refused is counted, and every answer is compared with what was filled in.
Exit code 1 if a list went the wrong way.
"""

from __future__ import annotations

import argparse
import datetime as dt
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pandas as pd
from listing import opened
from openpyxl.worksheet.worksheet import Worksheet

from baoxue import lists
from baoxue.cases.answered import answers
from baoxue.codes import AnswerResult
from baoxue.intake.account import Account
from baoxue.intake.pseudonyms import read_key
from baoxue.store import Store, take_answers_in

FIRST = 6
"""The row of the first pupil, as Excel shows it."""
LATER = dt.timedelta(days=14)
Change = Callable[[Worksheet], None]


def handed_out(store: Store, as_of: dt.date, key: bytes, to: Path) -> list[str]:
    """The lists of a day, written; the schools that have one."""
    known = store.known_by(as_of)
    chosen = lists.choose(lists.score(known, None), lists.handled(known))
    return list(lists.hand_over(store, known, chosen, key, to)["school_code"])


def sent_back(
    written: Path, schools: list[str], to: Path, day: dt.date, change: Change | None = None
) -> dict[str, str]:
    """Every list opened, answered on a day, changed, saved without its password; reference -> result."""
    results, filled = [result.value for result in AnswerResult], {}
    to.mkdir(parents=True)
    for number, school in enumerate(schools):
        book = _book(written, school)
        sheet = book.worksheets[0]
        for row in _pupils(sheet):
            result = results[(number + row) % len(results)]
            sheet[f"J{row}"], sheet[f"K{row}"] = dt.datetime.combine(day, dt.time()), result
            filled[str(sheet.cell(row, 2).value)] = result
        if change:
            change(sheet)
        book.save(to / f"{school}.xlsx")
    return filled


def _pupils(sheet: Worksheet) -> list[int]:
    return [row for row in range(FIRST, sheet.max_row) if sheet.cell(row, 5).value]


def _another_name(sheet: Worksheet) -> None:
    for row in _pupils(sheet)[:1]:
        sheet.cell(row, 5).value = "别人"


def refused(account: Account) -> dict[str, str]:
    """File -> why it was refused, of those that were."""
    return {file.file: file.reason for file in account.files if file.reason}


def round_trip(store: Store, key: bytes, as_of: dt.date, folder: Path) -> list[tuple[str, int, int]]:
    """Each way a list can come back: what was tried, how many lists, how many went as they should."""
    schools = handed_out(store, as_of, key, folder / "run")
    written, arrived = folder / "run" / "restricted", as_of + LATER
    listed = [school for school in schools if _pupils(_book(written, school).worksheets[0])]

    def take(place: Path, on: dt.date = arrived) -> Account:
        return take_answers_in([place], store, key=key, arrived_on=on)

    told = []
    before = store.fingerprint()
    sent_back(written, listed, folder / "tampered", as_of + dt.timedelta(days=3), _another_name)
    no = refused(take(folder / "tampered"))
    told.append(("tampered with, refused", len(listed), sum(reason == "answers_changed" for reason in no.values())))

    sent_back(written, schools, folder / "own", as_of + dt.timedelta(days=3))
    (folder / "foreign").mkdir()
    for own, other in zip(schools, [*schools[1:], schools[0]], strict=True):
        shutil.copyfile(folder / "own" / f"{own}.xlsx", folder / "foreign" / f"{other}.xlsx")
    no = refused(take(folder / "foreign"))
    told.append(("of another school, refused", len(schools), len(no)))
    told.append(("store unchanged by them", 1, int(store.fingerprint() == before)))

    filled = sent_back(written, schools, folder / "back", as_of + dt.timedelta(days=3))
    no = refused(take(folder / "back"))
    told.append(("as it should be, accepted", len(schools), len(schools) - len(no)))
    rows = answers(store.known_by(arrived)).to_pandas()
    given = dict(zip(rows["reference"], rows["result"], strict=True))
    told.append(
        ("answers read as filled in", len(filled), sum(given.get(key) == value for key, value in filled.items()))
    )

    later = as_of + dt.timedelta(days=31)
    again = handed_out(store, later, key, folder / "next")
    sent_back(folder / "next" / "restricted", again, folder / "next back", later + dt.timedelta(days=3))
    take(folder / "next back", later + LATER)
    sent_back(written, listed, folder / "stale", as_of + dt.timedelta(days=5))
    no = refused(take(folder / "stale", later + LATER))
    asked = {school for school in again if _pupils(_book(folder / "next" / "restricted", school).worksheets[0])}
    stale = [f"{school}.xlsx" for school in listed if school in asked]
    told.append(("stale after the next list, refused", len(stale), sum(file in no for file in stale)))
    return told


def _book(written: Path, school: str) -> openpyxl.Workbook:
    """The list of a school, opened with its password."""
    passwords = pd.read_csv(written / "passwords.csv", dtype=str).set_index("school_code")["password"]
    return opened(written / "lists" / f"{school}.xlsx", str(passwords[school]))


def main() -> int:
    """Print what was tried and how it went."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--demo", type=Path, default=Path("data/demo"))
    parser.add_argument("--as-of", type=dt.date.fromisoformat, default=dt.date(2024, 11, 30))
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(given.demo / "store", Path(folder) / "store")
        told = round_trip(Store(Path(folder) / "store"), read_key(given.demo / "key"), given.as_of, Path(folder))
    table = pd.DataFrame(told, columns=["what", "of", "as they should"])
    sys.stdout.write(table.to_string(index=False) + "\n")
    met = bool((table["of"] == table["as they should"]).all())
    sys.stdout.write("bar met\n" if met else "bar MISSED\n")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
