"""A fitted model as a page of JSON: nothing in it can run, everything in it can be read, and a changed byte is noticed.

Pickle is not used: a pickle from another hand runs code when it is opened.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from baoxue.risk import rules
from baoxue.risk.effects import Additive, Effect
from baoxue.risk.frames import BinaryRisk
from baoxue.risk.joint import Joint
from baoxue.risk.ladder import Ladder

FORMAT = "baoxue risk model"
FORMAT_VERSION = 2
KINDS: dict[str, type[BinaryRisk]] = {
    kind.__name__: kind
    for kind in (Ladder, rules.RandomRule, rules.ColumnRule, rules.AbsenceRule, rules.GroupRateRule, rules.AbcRule)
}


class StoredError(ValueError):
    """A stored model that cannot be used, with the reason."""


def save(model: BinaryRisk, path: Path, about: Mapping[str, Any] | None = None) -> str:
    """Write a fitted `Ladder` or rule to `path`; returns the sha256 of its content. `about`: plain facts to keep with
    it (as-of date, label, store fingerprint). The file appears complete or not at all.

    Raises StoredError for a model of another kind, NotFittedError if it is not fitted.
    """
    kind = type(model).__name__
    if KINDS.get(kind) is not type(model):
        raise StoredError(f"{kind} cannot be stored; only {', '.join(KINDS)}")
    check_is_fitted(model)
    content = {
        "kind": kind, "params": model.get_params(), "classes": model.classes_.tolist(),
        "features": list(getattr(model, "feature_names_in_", [])), "n_features": model.n_features_in_,
        "learned": _learned(model), "about": dict(about or {}),
        "made_with": {name: version(name) for name in ("baoxue", "numpy", "scikit-learn", "interpret-core")},
    }  # fmt: skip
    digest = _digest(content)
    page = {"format": FORMAT, "format_version": FORMAT_VERSION, "sha256": digest, "content": content}
    draft = path.with_name(path.name + ".draft")
    draft.write_text(json.dumps(page, ensure_ascii=False, indent=1, sort_keys=True), encoding="utf-8")
    draft.replace(path)
    return digest


def load(path: Path) -> BinaryRisk:
    """The model in a file, ready to score. Raises StoredError if it is none, of another format version, or changed."""
    content = read(path)
    kind = KINDS.get(content["kind"])
    if kind is None:
        raise StoredError(f"{path.name}: holds a {content['kind']}, which this version does not know")
    model = kind(
        **{name: tuple(value) if isinstance(value, list) else value for name, value in content["params"].items()}
    )
    model.classes_ = np.array(content["classes"])
    model.n_features_in_ = content["n_features"]
    if content["features"]:
        model.feature_names_in_ = np.array(content["features"], dtype=object)
    for name, value in content["learned"].items():
        setattr(model, name, _additive(value) if name == "model_" else value)
    return model


def read(path: Path) -> dict[str, Any]:
    """The checked content of a stored model: `kind, params, features, learned, about, made_with, …`."""
    try:
        page = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeError, json.JSONDecodeError) as error:
        raise StoredError(f"{path.name}: cannot be read as a stored model: {error}") from error
    if not isinstance(page, dict) or page.get("format") != FORMAT:
        raise StoredError(f"{path.name}: is no stored model of this project")
    if page.get("format_version") != FORMAT_VERSION:
        written = page.get("format_version")
        raise StoredError(f"{path.name}: of format {written}, this version reads {FORMAT_VERSION}; fit the model again")
    if _digest(page.get("content")) != page.get("sha256"):
        raise StoredError(f"{path.name}: its content is not what was stored (sha256 differs); fit the model again")
    content: dict[str, Any] = page["content"]
    return content


def _learned(model: BinaryRisk) -> dict[str, Any]:
    own = ("classes_", "n_features_in_", "feature_names_in_")
    learned = {name: value for name, value in vars(model).items() if name.endswith("_") and name not in own}
    if isinstance(model, Ladder):
        additive = model.model_
        learned["model_"] = {
            "intercept": additive.intercept,
            "effects": [effect.as_json() for effect in additive.effects],
            "joint": [pair.as_json() for pair in additive.joint],
        }
    return learned


def _additive(plain: dict[str, Any]) -> Additive:
    effects = tuple(Effect.from_json(effect) for effect in plain["effects"])
    return Additive(plain["intercept"], effects, tuple(Joint.from_json(pair) for pair in plain["joint"]))


def _digest(content: object) -> str:
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("utf-8")).hexdigest()
