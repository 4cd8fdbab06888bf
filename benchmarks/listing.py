"""What goes to schools, over several counties: no other school's pupil, no group, no score; reasons that add up."""

from __future__ import annotations

import io
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path

import msoffcrypto
import numpy as np
import openpyxl
import pandas as pd
from bars import Bar, at_most, say

from baoxue import demo, features, lists
from baoxue.demo import timeline
from baoxue.lists import Ranking
from baoxue.store import Store, take_in

GROUPS = ("留守", "随迁", "流动", "残疾", "低收入", "低保", "贫困", "孤儿", "服刑", "困境", "单亲", "少数民族")
FORECASTS = ("概率", "评分", "得分", "风险", "等级", "排名", "名次", "预测", "辍学")
REASONS_TO = 1e-6


def handed(seeds: Sequence[int], size: str, work: Path) -> list[Bar]:
    """Lists of one simulated county a seed, decrypted and read cell by cell."""
    found = [_of_county(seed, size, work) for seed in seeds]
    say(pd.DataFrame(found, index=list(seeds)).rename_axis("seed").to_string())
    count = {name: sum(row[name] for row in found) for name in found[0]}
    told = f"of {count['pupils']} pupils on {count['lists']} lists, {len(seeds)} seeds"
    return [
        Bar("lists", what, "0", f"{count[name]} {told}", count[name] == 0)
        for name, what in (
            ("strangers", "pupils of another school"), ("groups", "group words"), ("forecasts", "scores, forecasts"),
        )
    ]  # fmt: skip


def reasons(store: Store) -> list[Bar]:
    """Contributions + intercept against the written probability, for every listed pupil and every scored one."""
    known = store.known_by(timeline.AS_OF)
    ranking = lists.ranking(known, "model")
    scores = lists.choose(lists.score(known, ranking.fitted), lists.handled(known))
    apart = _apart(ranking, known.as_of, store, scores)
    listed = apart[scores.loc[scores["scored"], "listed"].to_numpy()]
    say(f"\n## reasons: {len(apart)} scored, {len(listed)} listed\n")
    return [
        at_most("reasons", "listed pupils: largest distance from the score", float(listed.max()), REASONS_TO, "{:.1e}"),
        at_most("reasons", "all scored pupils", float(apart.max()), REASONS_TO, "{:.1e}"),
    ]


def _apart(ranking: Ranking, as_of: object, store: Store, scores: pd.DataFrame) -> np.ndarray:
    model = ranking.fitted
    scored = scores[scores["scored"]]
    rows = features.matrix(store.known_by(as_of)).loc[scored["pupil"], list(model.feature_names_in_)]
    odds = model.contributions(rows).sum(axis=1) + model.intercept_
    return np.abs(1 / (1 + np.exp(-odds.to_numpy())) - scored["probability"].to_numpy())


def _of_county(seed: int, size: str, work: Path) -> dict[str, int]:
    with tempfile.TemporaryDirectory(dir=work) as place:
        demo.write(Path(place) / "drop", size=size, seed=seed)
        store = Store(Path(place) / "store")
        take_in(Path(place) / "drop", store, key=demo.key(seed), arrived_on=timeline.LAST_DAY)
        known = store.known_by(timeline.AS_OF)
        ranking = lists.ranking(known, "model")
        scores = lists.choose(lists.score(known, ranking.fitted), lists.handled(known))
        record = lists.hand_over(store, known, scores, demo.key(seed), Path(place) / "out")
        return _read(Path(place) / "out" / "restricted", store, scores, record)


def _read(out: Path, store: Store, scores: pd.DataFrame, record: pd.DataFrame) -> dict[str, int]:
    names = store.identity(reader="benchmarks", why="lists of a simulated county").set_index("pupil")["full_name"]
    passwords = pd.read_csv(out / "passwords.csv", dtype=str).set_index("school_code")["password"]
    found = {"lists": len(record), "pupils": int(scores["listed"].sum()), "strangers": 0, "groups": 0, "forecasts": 0}
    for school in record["school_code"]:
        own = set(names.reindex(scores.loc[scores["school_code"] == school, "pupil"]).dropna())
        sheets = opened(out / "lists" / f"{school}.xlsx", str(passwords[school]))
        cells = [str(cell.value) for sheet in sheets for row in sheet.iter_rows() for cell in row if cell.value]
        found["strangers"] += len(_named(sheets) - own)
        found["groups"] += sum(any(word in cell for word in GROUPS) for cell in cells)
        shares = sum(bool(re.search(r"\d+(\.\d+)?\s*[%％]|0\.\d{3,}", cell)) for cell in cells)
        found["forecasts"] += shares + sum(any(word in cell for word in FORECASTS) for cell in cells)
    return found


def _named(book: openpyxl.Workbook) -> set[str]:
    """The names under the heading 姓名 of every sheet."""
    found: set[str] = set()
    for sheet in book:
        head = next((cell for row in sheet.iter_rows(max_row=15) for cell in row if cell.value == "姓名"), None)
        rows = sheet.iter_rows(min_row=head.row + 1, min_col=head.column, max_col=head.column) if head else ()
        found |= {str(cell.value) for (cell,) in rows if cell.value and cell.value != "—"}
    return found


def opened(file: Path, password: str) -> openpyxl.Workbook:
    """A list, decrypted."""
    with file.open("rb") as source:
        locked = msoffcrypto.OfficeFile(source)
        locked.load_key(password=password)
        page = io.BytesIO()
        locked.decrypt(page)
    return openpyxl.load_workbook(page)
