"""A stored model scores as the one it came from, runs nothing when opened, and a change to it is noticed."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError

from baoxue.risk import stored
from baoxue.risk.frames import BinaryRisk
from baoxue.risk.ladder import Ladder
from baoxue.risk.rules import AbcRule, AbsenceRule, ColumnRule, GroupRateRule, RandomRule
from risk_drawn import pupils

MODELS = [
    Ladder("ridge"), Ladder("splines", monotone={"absent_days": 1}), ColumnRule("over_age"),
    AbsenceRule(("absent_days",)), GroupRateRule("carer"), AbcRule({"absent_days": 3}), RandomRule(4),
]  # fmt: skip


@pytest.mark.parametrize("model", MODELS, ids=[type(m).__name__ + str(i) for i, m in enumerate(MODELS)])
def test_a_stored_model_gives_the_same_scores(model: BinaryRisk, tmp_path: Path) -> None:
    X, y = pupils(1500)
    digest = stored.save(model.fit(X, y), tmp_path / "model.json", about={"as_of": "2024-11-30"})
    again = stored.load(tmp_path / "model.json")
    assert np.array_equal(again.predict_proba(X), model.predict_proba(X))
    assert again.get_params() == model.get_params() and again.feature_names_in_.tolist() == X.columns.tolist()
    assert len(digest) == 64 and stored.read(tmp_path / "model.json")["about"] == {"as_of": "2024-11-30"}


def test_a_stored_ladder_keeps_its_rung_and_its_reasons(tmp_path: Path) -> None:
    X, y = pupils(1500)
    model = Ladder("ridge").fit(X, y)
    stored.save(model, tmp_path / "model.json")
    again = stored.load(tmp_path / "model.json")
    assert (again.rung_, again.events_, again.intercept_) == ("ridge", model.events_, model.intercept_)
    assert again.contributions(X).equals(model.contributions(X))


def test_the_same_model_is_the_same_bytes(tmp_path: Path) -> None:
    X, y = pupils(800)
    for name in ("a", "b"):
        stored.save(Ladder("ridge").fit(X, y), tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def page(folder: Path) -> Path:
    X, y = pupils(400)
    stored.save(Ladder("ridge").fit(X, y), folder / "model.json")
    return folder / "model.json"


def test_a_changed_number_is_noticed(tmp_path: Path) -> None:
    file = page(tmp_path)
    content = json.loads(file.read_text(encoding="utf-8"))
    content["content"]["learned"]["intercept_"] = 0.0
    file.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(stored.StoredError, match=r"model\.json: its content is not what was stored"):
        stored.load(file)


def test_another_format_version_is_refused(tmp_path: Path) -> None:
    file = page(tmp_path)
    file.write_text(
        file.read_text(encoding="utf-8").replace('"format_version": 2', '"format_version": 1'), encoding="utf-8"
    )
    with pytest.raises(stored.StoredError, match="of format 1, this version reads 2"):
        stored.load(file)


@pytest.mark.parametrize("content", [b"\x80\x04\x95", b"{}", b"[1, 2]", b""])
def test_a_file_that_is_no_stored_model_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "other.json").write_bytes(content)
    with pytest.raises(stored.StoredError, match=r"other\.json"):
        stored.load(tmp_path / "other.json")


def test_what_is_not_fitted_or_not_ours_is_not_stored(tmp_path: Path) -> None:
    from sklearn.linear_model import LogisticRegression

    with pytest.raises(NotFittedError):
        stored.save(Ladder(), tmp_path / "model.json")
    with pytest.raises(stored.StoredError, match="LogisticRegression cannot be stored"):
        stored.save(LogisticRegression(), tmp_path / "model.json")
    assert not list(tmp_path.iterdir())
