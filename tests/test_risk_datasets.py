"""Any table, mapped: what does not fit is refused with the file, the key and the nearest right one."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
import yaml

from baoxue import policy
from baoxue.risk import compared, datasets
from baoxue.risk.leaks import LeakError
from baoxue.risk.mapping import MappingError, read_mapping

TABLE = """id;sex_w1;age_w1;code_w1;born;absent_w1;absent_w2;status_w2;school
1;f;12;7;2010-03;0;1;in school;A
2;m;14;7;2009-00;5;9;left;A
3;f;13;8;-9-;2;2;;B
4;m;12;8;2010-12;1;1;moved away;B
5;f;15;7;2008-06;7;9;left;C
6;m;12;9;2010-01;;0;in school;C
"""

MAPPING = {
    "title": {"zh": "小表", "en": "Small"}, "about": {"zh": "六行", "en": "six rows"},
    "event": {"zh": "离校", "en": "left"},
    "source": {"zh": "自编", "en": "made up"}, "licence": {"zh": "无", "en": "none"},
    "file": "small.csv", "format": {"separator": ";", "missing": ["-9-"]}, "id": "id",
    "outcome": {
        "column": "status_w2", "positive": ["left"], "excluded": {"moved away": {"zh": "转学", "en": "a transfer"}},
    },
    "features": ["*_w1", "born"], "excluded": {"school": {"zh": "整校留出", "en": "held out"}},
    "months": ["born"], "categories": ["code_w1"], "groups": "school", "split": {"scheme": "grouped", "folds": 2},
    "rules": {"over_age": {"column": "age_w1"}}, "monitored": ["sex_w1"],
}  # fmt: skip


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A folder with the small table and its mapping."""
    (tmp_path / "small.csv").write_text(TABLE, encoding="utf-8")
    write(tmp_path, {})
    return tmp_path


def write(folder: Path, changes: dict) -> Path:
    file = folder / "small.yaml"
    file.write_text(yaml.safe_dump({**MAPPING, **changes}, allow_unicode=True), encoding="utf-8")
    return file


def test_rows_with_an_unknown_or_excluded_outcome_are_left_out_and_counted(small: Path) -> None:
    table = datasets.load(small / "small.yaml", small)
    assert table.account == {"rows_read": 6, "outcome_unknown": 1, "excluded": 1, "used": 4, "events": 2}
    assert table.y.tolist() == [0, 1, 1, 0]


def test_features_are_those_of_the_mapping_in_the_order_of_the_table(small: Path) -> None:
    X = datasets.load(small / "small.yaml", small / "small.csv").X
    assert list(X) == ["sex_w1", "age_w1", "code_w1", "born", "absent_w1"]
    assert X["code_w1"].tolist() == ["7", "7", "7", "9"]
    assert X["born"].round(4).tolist() == [2010.25, 2009.0, 2008.5, 2010.0833]


def test_a_column_of_the_outcomes_own_wave_is_refused_wherever_it_is_named(small: Path) -> None:
    with pytest.raises(
        MappingError, match="absent_w2 cannot be a feature: its name says that it was asked in the wave"
    ):
        datasets.load(small / "small.yaml", small, add_features="absent_w2")
    with pytest.raises(MappingError, match="absent_w2 cannot be a feature"):
        datasets.load(small / "small.yaml", small, features=["age_w1", "absent_w2"])
    with pytest.raises(MappingError, match="absent_w2 cannot be a feature"):
        datasets.load(small / "small.yaml", small, add_features="absent_*")
    with pytest.raises(MappingError, match=r"small\.yaml: .*absent_w2 cannot be a feature"):
        read_mapping(write(small, {"features": ["age_w1", "absent_w2"]}))
    with pytest.raises(MappingError, match="absent_w2 cannot be a feature"):
        read_mapping(write(small, {"rules": {"absence": ["absent_w2"]}}))


def test_a_column_declared_post_event_is_refused_with_the_reason_given(small: Path) -> None:
    file = write(small, {"post_event": {"absent_w1": {"zh": "事后补登", "en": "written down afterwards"}}})
    assert "absent_w1" not in datasets.load(file, small).X
    with pytest.raises(MappingError, match=r"absent_w1 cannot be a feature: .*written down afterwards"):
        datasets.load(file, small, add_features="absent_w1")


def test_outcome_identifier_and_excluded_columns_are_refused_too(small: Path) -> None:
    for column, why in (("status_w2", "it is the outcome"), ("id", "identifier of a row"), ("school", "held out")):
        with pytest.raises(MappingError, match=f"{column} cannot be a feature: .*{why}"):
            datasets.load(small / "small.yaml", small, add_features=column)


def test_a_leak_under_an_innocent_name_stops_the_loading(small: Path) -> None:
    rows = [f"{i};f;12;7;2010-03;0;1;{'left' if i % 9 == 0 else 'in school'};A" for i in range(300)]
    leaky = [row.replace(";12;", ";15;") if "left" in row else row for row in rows]
    (small / "small.csv").write_text("\n".join([TABLE.splitlines()[0], *leaky]), encoding="utf-8")
    with pytest.raises(LeakError, match="age_w1"):
        datasets.load(small / "small.yaml", small)


def test_a_misspelt_column_gets_the_nearest_one(small: Path) -> None:
    with pytest.raises(MappingError, match=r"'agew1' \(did you mean 'age_w1'\?\)"):
        datasets.load(small / "small.yaml", small, add_features="agew1")


def test_a_misspelt_dataset_gets_the_nearest_one() -> None:
    with pytest.raises(MappingError, match=r"'hsls9' \(did you mean 'hsls09'\?\)"):
        read_mapping("hsls9")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"featurs": ["a"]}, "featurs"),
        ({"capacity": 5}, "capacity"),
        ({"outcome": {"column": "status_w2", "positive": [False]}}, r"outcome\.positive"),
        ({"outcome": {"column": "status_w2"}}, "positive"),
        ({"split": {"scheme": "random"}}, r"split\.scheme"),
        ({"groups": 3}, "groups"),
    ],
)
def test_a_mapping_that_does_not_fit_names_file_and_key(changes: dict, told: str, tmp_path: Path) -> None:
    with pytest.raises(MappingError, match=rf"small\.yaml: .*{told}"):
        read_mapping(write(tmp_path, changes))


def test_a_mapping_cannot_be_changed_after_it_was_read(small: Path) -> None:
    with pytest.raises(ValueError, match="frozen"):
        read_mapping(small / "small.yaml").capacity = 0.5


def test_a_missing_file_column_or_wrong_encoding_is_told(small: Path) -> None:
    with pytest.raises(MappingError, match=r"no file or folder 'else\.csv'"):
        datasets.load(small / "small.yaml", small / "else.csv")
    with pytest.raises(MappingError, match=r"sex_w9"):
        datasets.load(write(small, {"monitored": ["sex_w9"]}), small)
    (small / "small.csv").write_bytes(TABLE.replace("in school", "在校").encode("gbk"))
    with pytest.raises(MappingError, match=r"small\.csv: cannot be read as utf-8-sig"):
        datasets.load(write(small, {}), small)
    assert (
        len(datasets.load(write(small, {"format": {"separator": ";", "encoding": "gbk", "missing": ["-9-"]}}), small).y)
        == 4
    )


def test_workbook_and_parquet_are_read_as_the_text_is(small: Path) -> None:
    text = datasets.load(small / "small.yaml", small)
    frame = pd.read_csv(small / "small.csv", sep=";")
    frame.to_excel(small / "small.xlsx", index=False)
    frame.replace("-9-", None).to_parquet(small / "small.parquet")
    for name in ("small.xlsx", "small.parquet"):
        pd.testing.assert_frame_equal(datasets.load(small / "small.yaml", small / name).X, text.X, check_dtype=False)


def test_a_file_whose_every_line_is_quoted_is_unwrapped(small: Path) -> None:
    text = datasets.load(small / "small.yaml", small)
    (small / "quoted.csv").write_text("\n".join(f'"{line}"' for line in TABLE.splitlines()), encoding="utf-8")
    pd.testing.assert_frame_equal(datasets.load(small / "small.yaml", small / "quoted.csv").X, text.X)


def test_a_query_sees_the_tables_given_to_it_and_nothing_else(small: Path) -> None:
    query = "SELECT * REPLACE (age_w1 + 1 AS age_w1) FROM data ORDER BY id"
    assert datasets.load(write(small, {"query": query}), small).X["age_w1"].tolist() == [13, 15, 16, 13]
    with pytest.raises(MappingError, match="query"):
        datasets.load(write(small, {"query": f"SELECT * FROM read_csv('{small / 'small.csv'}')"}), small)


def test_the_school_average_is_no_contender_where_whole_schools_are_held_out(small: Path) -> None:
    rules = {"school_average": "school"}
    held_out = datasets.load(write(small, {"rules": rules}), small)
    assert [c.name for c in compared.contenders(held_out)] == ["model", "logistic", "random"]
    random_folds = datasets.load(write(small, {"rules": rules, "split": {"scheme": "folds", "folds": 2}}), small)
    assert "school_average" in [c.name for c in compared.contenders(random_folds)]


@pytest.mark.parametrize("file", sorted((policy.ROOT / "params" / "datasets").glob("*.yaml")), ids=lambda f: f.stem)
def test_every_mapping_of_the_project_can_be_read(file: Path) -> None:
    mapping = read_mapping(file.stem)
    assert mapping.post_event or mapping.excluded
    assert mapping.file or mapping.tables or mapping.simulated
