"""What every estimator here does with the X and y it is given, so that rules and models accept the same frames."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import Tags
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_consistent_length, check_is_fitted, column_or_1d, validate_data
from threadpoolctl import threadpool_limits

Column = str | int
Floats = npt.NDArray[np.float64]

LARGE_MATRIX = 20_000_000
"""From so many numbers on, more threads than one are of use."""


class BinaryRisk(ClassifierMixin, BaseEstimator):
    """Base of all models and rules: two classes, the later one the event, a log-odds score, missing values allowed."""

    classes_: npt.NDArray[np.generic]

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        tags.input_tags.allow_nan = True
        tags.input_tags.categorical = True
        tags.input_tags.string = True
        return tags

    def decision_function(self, X: pd.DataFrame | npt.ArrayLike) -> Floats:
        """The log-odds of the event, a value a row."""
        check_is_fitted(self)
        return self._log_odds(as_frame(self, X, reset=False))

    def predict_proba(self, X: pd.DataFrame | npt.ArrayLike) -> Floats:
        """Two columns: probability of no event, probability of the event."""
        probability = expit(self.decision_function(X))
        return np.column_stack([1 - probability, probability])

    def predict(self, X: pd.DataFrame | npt.ArrayLike) -> npt.NDArray[np.generic]:
        """The likelier class: with rare events nearly always "no event", so lists use the probability instead."""
        likelier = self.decision_function(X) > 0
        return self.classes_[likelier.astype(int)]

    def _log_odds(self, X: pd.DataFrame) -> Floats:
        raise NotImplementedError

    def _events(self, X: pd.DataFrame, y: npt.ArrayLike) -> Floats:
        """y as 0/1 of X's length; remembers the classes. Raises ValueError unless there are exactly two."""
        target = column_or_1d(y, warn=True)
        check_consistent_length(X, target)
        check_classification_targets(target)
        self.classes_, event = np.unique(target, return_inverse=True)
        if len(self.classes_) == 1:
            raise ValueError(f"y has one class only ({self.classes_[0]!r}): without an event there is nothing to learn")
        if len(self.classes_) > 2:
            kinds = len(self.classes_)
            raise ValueError(
                f"Only binary classification is supported. The target is multiclass: it has {kinds} classes"
            )
        return event.astype(float)


def as_frame(estimator: BaseEstimator, X: pd.DataFrame | npt.ArrayLike, *, reset: bool) -> pd.DataFrame:
    """X as a frame: as it is if it is one (names must be those seen in fit), else with columns x0, x1, …

    Raises ValueError or TypeError as scikit-learn does (wrong names, wrong width, sparse, infinite or complex values).
    """
    if isinstance(X, pd.DataFrame):
        validate_data(estimator, X, skip_check_array=True, reset=reset)
        if reset and not len(X):
            raise ValueError("Found array with 0 sample(s) while a minimum of 1 is required.")
        return X if all(isinstance(c, str) for c in X.columns) else X.set_axis(X.columns.astype(str), axis=1)
    array = validate_data(estimator, X, dtype=None, ensure_all_finite="allow-nan", reset=reset)
    frame = pd.DataFrame(array, columns=[f"x{i}" for i in range(array.shape[1])])
    return frame.infer_objects() if array.dtype == object else frame


def pick(X: pd.DataFrame, columns: Sequence[Column]) -> pd.DataFrame:
    """The columns of X by name, or by position where they are numbers. Raises ValueError for one that is not there."""
    absent = [c for c in columns if (c not in X.columns if isinstance(c, str) else c >= X.shape[1])]
    if absent:
        raise ValueError(f"X has no column {', '.join(map(repr, absent))}; it has {', '.join(map(str, X.columns))}")
    return pd.concat([X[c] if isinstance(c, str) else X.iloc[:, c] for c in columns], axis=1)


def threads_for(matrix: Floats) -> threadpool_limits:
    """Within it, numbers are worked out in one thread where the matrix is small: there many only wait for each other,
    and with several notebooks at once take thirty times as long."""
    return threadpool_limits(1 if matrix.size < LARGE_MATRIX else None)


def is_number(column: pd.Series) -> bool:
    """Whether a column is numbers or yes/no; everything else is words. Raises ValueError for dates."""
    if pd.api.types.is_datetime64_any_dtype(column) or pd.api.types.is_timedelta64_dtype(column):
        raise ValueError(f"column {column.name!r} holds dates; turn it into days, months or years first")
    return pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column)


def numbers(column: pd.Series) -> Floats:
    """A numeric column as floats, missing = nan. Raises ValueError if a value is infinite."""
    values = pd.to_numeric(column).to_numpy(dtype=float, na_value=np.nan)
    if np.isinf(values).any():
        raise ValueError(f"Input X contains infinity in column {column.name!r}")
    return values


def words(column: pd.Series) -> pd.Series:
    """A column of words as text, missing = None."""
    return column.astype(object).where(column.notna(), None).map(str, na_action="ignore")
