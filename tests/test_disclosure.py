"""The only door to a file: small counts hidden so that nothing gives them away, tiers kept, no person in a table."""

from __future__ import annotations

import stat
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from baoxue.disclosure import DisclosureError, Tier, hide, identifiers, mask, release, write_table
from baoxue.disclosure.doors import LEDGER, releases
from baoxue.disclosure.tiers import tier_of

SMALLEST = 5
ID = "11010519491231002X"


def by_stage(primary: int, junior: int) -> pd.DataFrame:
    """A table of two stages and their total: pupils who left, of how many, and the rate."""
    left = [primary + junior, primary, junior]
    return pd.DataFrame(
        {"stage": ["合计", "小学", "初中"], "left": left, "pupils": [900, 600, 300], "rate_pct": [1.1, 0.3, 2.0]}
    )


def hidden(frame: pd.DataFrame, column: str) -> list[bool]:
    return [value == "*" for value in frame[column]]


def test_a_count_below_the_threshold_is_hidden_with_its_rate_and_base() -> None:
    shown = hide(by_stage(2, 30), counts={"left": ["rate_pct", "pupils"]}, smallest=SMALLEST)
    assert list(shown["left"]) == [32, "*", 30]
    assert list(shown["rate_pct"]) == [1.1, "*", 2.0]
    assert list(shown["pupils"]) == [900, "*", 300]


def test_a_zero_stands_and_so_does_the_smallest_shown() -> None:
    table = pd.DataFrame({"stage": ["小学", "初中"], "left": [0, 5]})
    assert list(hide(table, counts=["left"], smallest=SMALLEST)["left"]) == [0, 5]


def test_a_total_does_not_give_a_hidden_count_away() -> None:
    shown = hide(by_stage(2, 30), counts={"left": ["rate_pct", "pupils"]}, totals={"stage": "合计"}, smallest=SMALLEST)
    assert hidden(shown, "left") == [False, True, True]


def test_a_zero_is_hidden_to_protect_its_neighbour_and_the_total_goes_with_it() -> None:
    shown = hide(by_stage(0, 2), counts={"left": ["rate_pct", "pupils"]}, totals={"stage": "合计"}, smallest=SMALLEST)
    assert hidden(shown, "left") == [True, False, True]


def test_two_hidden_counts_whose_sum_is_small_hide_the_total_too() -> None:
    shown = hide(by_stage(1, 1), counts={"left": ["rate_pct", "pupils"]}, totals={"stage": "合计"}, smallest=SMALLEST)
    assert hidden(shown, "left") == [True, True, True]


def test_a_column_that_is_the_sum_of_others_does_not_give_one_away() -> None:
    table = pd.DataFrame({"school": ["甲", "乙"], "boys": [3, 20], "girls": [9, 30], "all": [12, 50]})
    shown = hide(table, counts=["boys", "girls", "all"], sums={"all": ["boys", "girls"]}, smallest=SMALLEST)
    assert shown.iloc[0].tolist() == ["甲", "*", "*", 12]
    assert shown.iloc[1].tolist() == ["乙", 20, 30, 50]


def test_a_number_column_must_be_declared() -> None:
    with pytest.raises(DisclosureError, match="pupils, rate_pct"):
        hide(by_stage(2, 30), counts=["left"], smallest=SMALLEST)


def test_a_negative_or_broken_count_is_refused() -> None:
    with pytest.raises(DisclosureError, match="left"):
        hide(pd.DataFrame({"left": [1.5]}), counts=["left"], smallest=SMALLEST)
    with pytest.raises(DisclosureError, match="left"):
        hide(pd.DataFrame({"left": [-1]}), counts=["left"], smallest=SMALLEST)


def cube(inner: np.ndarray) -> pd.DataFrame:
    """A table of places and stages with totals along both, from the counts inside."""
    full = np.pad(inner, ((0, 1), (0, 1)))
    full[:-1, -1], full[-1, :-1] = inner.sum(1), inner.sum(0)
    full[-1, -1] = inner.sum()
    rows, columns = full.shape
    places, stages = [*map(str, range(rows - 1)), "all"], [*map(str, range(columns - 1)), "all"]
    cells = [(place, stage, int(full[i, j])) for i, place in enumerate(places) for j, stage in enumerate(stages)]
    return pd.DataFrame(cells, columns=["place", "stage", "n"])


def attack(table: pd.DataFrame, shown: pd.DataFrame) -> dict[int, float]:
    """For each small count, how far apart its possible values are to one who knows the totals and what is shown."""
    size = len(table)
    equations, known = [], []
    for key, other in (("place", "stage"), ("stage", "place")):
        for _, group in table.groupby(other):
            line = np.zeros(size)
            line[group.index] = np.where(group[key] == "all", -1, 1)
            equations.append(line)
            known.append(0)
    for row in range(size):
        if shown["n"].iloc[row] != "*":
            equations.append(np.eye(size)[row])
            known.append(table["n"].iloc[row])
    widths = {}
    for row in table.index[(table["n"] >= 1) & (table["n"] < SMALLEST)]:
        low, high = (
            linprog(s * np.eye(size)[row], A_eq=np.array(equations), b_eq=known, bounds=(0, None)) for s in (1, -1)
        )
        widths[row] = np.inf if high.status == 3 else -high.fun - low.fun
    return widths


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.integers(0, 12), min_size=2, max_size=3), min_size=2, max_size=4))
@example([[1, 0], [1, 5], [2, 4], [0, 1]])
def test_no_small_count_can_be_worked_out_from_a_table_with_totals_both_ways(counts: list[list[int]]) -> None:
    width = min(map(len, counts))
    table = cube(np.array([row[:width] for row in counts]))
    shown = hide(table, counts=["n"], totals={"place": "all", "stage": "all"}, smallest=SMALLEST)
    small = (table["n"] >= 1) & (table["n"] < SMALLEST)
    assert (shown["n"][small] == "*").all()
    assert all(width >= SMALLEST - 1e-6 for width in attack(table, shown).values())


def test_a_table_is_a_csv_that_excel_reads_with_its_small_counts_hidden(tmp_path: Path) -> None:
    file = tmp_path / "tables" / "left.csv"
    written = write_table(
        by_stage(2, 30),
        file,
        tier="T0",
        counts={"left": ["rate_pct", "pupils"]},
        totals={"stage": "合计"},
        headings={"stage": "学段", "left": "辍学人数"},
    )
    assert file.read_bytes().startswith(b"\xef\xbb\xbf")
    assert file.read_text(encoding="utf-8-sig").splitlines() == [
        "学段,辍学人数,pupils,rate_pct",
        "合计,32,900,1.1",
        "小学,*,*,*",
        "初中,*,*,*",
    ]
    assert (written.rows, written.hidden, written.counts) == (3, 6, ("辍学人数",))


def test_a_table_of_the_case_office_hides_nothing_and_is_for_its_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "tables" / "left_T3.csv"
    write_table(by_stage(2, 30), file, tier=Tier.BUREAU)
    assert "小学,2," in file.read_text(encoding="utf-8-sig")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize("column", ["full_name", "姓名", "id_number", "学籍号", "phone", "address", "监护人"])
def test_a_column_that_names_or_reaches_a_person_enters_no_table(tmp_path: Path, column: str) -> None:
    with pytest.raises(DisclosureError, match=column):
        write_table(pd.DataFrame({column: ["x"]}), tmp_path / "restricted" / "a.csv", tier="T3")


def test_a_pseudonym_enters_the_case_office_s_tables_but_no_public_one(tmp_path: Path) -> None:
    frame = pd.DataFrame({"pupil": ["pbcd"], "state": ["疑似"]})
    write_table(frame, tmp_path / "restricted" / "cases.parquet", tier="T3")
    with pytest.raises(DisclosureError, match="pupil"):
        write_table(frame, tmp_path / "tables" / "cases.csv", tier="T0")


def test_an_identifier_inside_a_text_column_is_refused_without_being_repeated(tmp_path: Path) -> None:
    with pytest.raises(DisclosureError) as caught:
        write_table(pd.DataFrame({"remark": [f"见{ID}"]}), tmp_path / "restricted" / "a.csv", tier="T3")
    assert "remark" in str(caught.value) and ID not in str(caught.value)


@pytest.mark.parametrize(
    ("place", "tier"),
    [("restricted/a.csv", "T0"), ("tables/a_T3.csv", "T0"), ("tables/a.csv", "T3"), ("tables/a_T2.csv", "T3")],
)
def test_a_file_whose_place_says_another_tier_is_refused(tmp_path: Path, place: str, tier: str) -> None:
    with pytest.raises(DisclosureError, match=tier):
        write_table(pd.DataFrame({"a": ["x"]}), tmp_path / place, tier=tier)
    assert not (tmp_path / place).exists()


def test_the_tier_of_a_file_is_read_from_its_place_and_name() -> None:
    places = [
        "tables/a.csv",
        "tables/a_T1.csv",
        "restricted/scores.parquet",
        "restricted/lists/a_T2.xlsx",
        "reports/a.docx",
    ]
    assert [tier_of(Path(place)) for place in places] == ["T0", "T1", "T3", "T2", "T3"]


def test_a_writer_that_fails_leaves_nothing_and_keeps_what_was_there(tmp_path: Path) -> None:
    file = tmp_path / "restricted" / "list.xlsx"
    release(file, lambda draft: draft.write_bytes(b"whole"), tier="T2")

    def broken(draft: Path) -> None:
        draft.write_bytes(b"ha")
        raise RuntimeError("disk full")

    with pytest.raises(RuntimeError):
        release(file, broken, tier="T2")
    assert file.read_bytes() == b"whole"
    assert [place.name for place in file.parent.iterdir()] == ["list.xlsx"]


def test_a_file_name_with_a_phone_in_it_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DisclosureError, match="name of a file"):
        release(tmp_path / "restricted" / "13812345678.xlsx", lambda draft: None, tier="T2")


def test_every_release_is_written_down_for_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = tmp_path / "ledger.jsonl"
    monkeypatch.setenv(LEDGER, str(ledger))
    table = pd.DataFrame({"stage": ["小学"], "left": [7]})
    for _ in range(2):
        written = write_table(table, tmp_path / "tables" / "left.csv", tier="T0", counts=["left"], title="辍学")
    assert releases(ledger) == [written]


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        (f"身份证{ID}号", ["id_number"]),
        ("Ｇ１１０１０５１９４９１２３１００２Ｘ", ["registry_number"]),
        (f"abc{ID[:17]}x7", ["id_number"]),
        ("000" + ID, ["id_number"]),
        ("L330382201001011234", ["registry_number"]),
        ("110105 19491231 002X", ["id_number"]),
        ("电话13812345678，转12012345678", ["phone", "phone"]),
        ("138 1234-5678", ["phone"]),
        ("0.110105194912310021", []),
        ("比率 0.13812345678", []),
        ("sha 3f138123456780a9c1d2e3f4a5b6c7d8e9f", []),
        ("2133012345 330382108 2024-11-30", []),
        ("1732924800000000000", []),
    ],
)
def test_identifiers_are_told_from_other_numbers(text: str, kinds: list[str]) -> None:
    assert [hit.kind for hit in identifiers(text)] == kinds


@given(st.text(alphabet="ab项，0 ", max_size=12), st.text(alphabet="ab项，. ", max_size=12))
def test_an_id_number_is_found_wherever_it_stands_and_masked(before: str, after: str) -> None:
    text = f"{before}{ID}{after}"
    assert any(hit.kind == "id_number" for hit in identifiers(text))
    assert ID not in mask(text)
