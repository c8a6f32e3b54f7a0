"""Missing values, outliers and scale: learned on the training part, applied everywhere.

Each class follows scikit-learn's habits (`fit`, `transform`, learned attributes end in
`_`) and gives its parameters as plain numbers, so that they are saved as JSON. Nothing
is learned in `transform`: a row's result depends on that row, for the imputer also on
rows before it, and on the training part.
"""

import json
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd

from lab.errors import DataError, UsageError
from lab.features.grid import NS_PER_HOUR, is_real

# Makes the median absolute deviation of a normal distribution its standard deviation.
MAD_TO_STD = 1.4826
# Half of a column may be one value but for rounding: less than this share of the largest is none.
SAME = 1e-12
# Stands for "no limit": JSON has no infinity.
NO_LIMIT = float(np.finfo("float64").max)


class _Learner:
    """What the three steps share: the columns they were fitted on, and JSON."""

    PARAMETERS: ClassVar[tuple[str, ...]]
    LEARNED: ClassVar[tuple[str, ...]]
    columns_: list[str]

    def _learn(self, train: pd.DataFrame) -> np.ndarray:
        """Check the training part and remember its columns."""
        if train.empty:
            raise DataError("The training part must hold at least one row, got none.")
        wrong = [name for name in train if not is_real(train[name])]
        if wrong:
            raise DataError(f"Column {wrong[0]!r} must be numeric, got {train[wrong[0]].dtype}.")
        self.columns_ = [str(name) for name in train.columns]
        return train.to_numpy(dtype="float64", na_value=np.nan)

    def _apply(self, frame: pd.DataFrame) -> np.ndarray:
        """Check that a table has the columns of the training part."""
        if not hasattr(self, "columns_"):
            raise UsageError(f"{type(self).__name__} must be fitted on a training part first.")
        if [str(name) for name in frame.columns] != self.columns_:
            raise DataError(
                f"{type(self).__name__} was fitted on {len(self.columns_)} columns from "
                f"{self.columns_[0]!r} to {self.columns_[-1]!r}; the table must have the same."
            )
        return frame.to_numpy(dtype="float64", na_value=np.nan)

    def to_dict(self) -> dict[str, Any]:
        """Return parameters and learned values as plain numbers and lists."""
        return {
            name: value.tolist() if isinstance(value, np.ndarray) else value
            for name, value in vars(self).items()
        }

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> Self:
        """Return a fitted step from what `to_dict` gave.

        Raises
        ------
        ValueError
            If a learned value is missing or has not one number per column.
        """
        columns = [str(name) for name in content["columns_"]]
        step = cls(**{name: content[name] for name in cls.PARAMETERS})
        step.columns_ = columns
        for name in cls.LEARNED:
            value = np.array(content[name], dtype="float64")
            if value.shape != (len(columns),):
                raise ValueError(f"{len(columns)} columns but {value.size} values of {name}")
            setattr(step, name, value)
        return step


class Imputer(_Learner):
    """Carry the last observation forward for a while, then use the training median.

    Parameters
    ----------
    limit_h : float
        How old a carried observation may be [h]; 0 carries none.

    Attributes
    ----------
    median_ : numpy.ndarray, shape (columns,)
        Median of each column over the training part; 0 for a column without any value.
    """

    PARAMETERS = ("limit_h",)
    LEARNED = ("median_",)

    def __init__(self, limit_h: float = 3.0) -> None:
        self.limit_h = limit_h

    def fit(self, train: pd.DataFrame) -> Self:
        """Learn the medians of the training part."""
        values = pd.DataFrame(self._learn(train))
        self.median_ = values.median().fillna(0.0).to_numpy()
        return self

    def transform(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the table without NaN; a value carried forward comes from an earlier row."""
        filled = pd.DataFrame(self._apply(frame), index=frame.index, columns=frame.columns)
        if self.limit_h > 0:
            filled = filled.where(filled.notna() | ~self._recent(filled), filled.ffill())
        return filled.fillna(dict(zip(frame.columns, self.median_, strict=True)))

    def _recent(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Tell where the last observation is at most `limit_h` old."""
        stamps = pd.DatetimeIndex(frame.index).as_unit("ns").asi8[:, None]
        seen = np.where(frame.notna(), stamps, np.iinfo("int64").min)
        age_h = (stamps - np.maximum.accumulate(seen).astype("float64")) / NS_PER_HOUR
        return pd.DataFrame(age_h <= self.limit_h, index=frame.index, columns=frame.columns)


class OutlierLimiter(_Learner):
    """Move values beyond `width` robust standard deviations to that limit.

    A column whose median absolute deviation is 0 in training (flags, mostly-zero series)
    has no scale to judge by and is left as it is.

    Parameters
    ----------
    width : float
        Limit in robust standard deviations (1.4826 times the MAD) from the median.

    Attributes
    ----------
    low_, high_ : numpy.ndarray, shape (columns,)
        Limits learned from the training part.
    """

    PARAMETERS = ("width",)
    LEARNED = ("low_", "high_")

    def __init__(self, width: float = 8.0) -> None:
        self.width = width

    def fit(self, train: pd.DataFrame) -> Self:
        """Learn the limits of the training part."""
        values = pd.DataFrame(self._learn(train))
        median = values.median()
        spread = MAD_TO_STD * (values - median).abs().median()
        reach = (self.width * spread).where(spread > 0, NO_LIMIT)
        self.low_ = (median - reach).fillna(-NO_LIMIT).to_numpy()
        self.high_ = (median + reach).fillna(NO_LIMIT).to_numpy()
        return self

    def transform(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the table with far values moved to the limits; NaN stays."""
        limited = np.clip(self._apply(frame), self.low_, self.high_)
        return pd.DataFrame(limited, index=frame.index, columns=frame.columns)

    def outside(self, frame: pd.DataFrame) -> pd.Series:
        """Count for each column the values that `transform` would move."""
        values = self._apply(frame)
        moved = (values < self.low_) | (values > self.high_)
        return pd.Series(moved.sum(axis=0), index=frame.columns, name="outliers")


class Scaler(_Learner):
    """Subtract a centre and divide by a scale.

    Parameters
    ----------
    method : str
        `standard`: mean and standard deviation. `robust`: median and 1.4826 times the MAD,
        the standard deviation where the MAD is 0.

    Attributes
    ----------
    centre_, scale_ : numpy.ndarray, shape (columns,)
        Learned from the training part; the scale of a constant column is 1.
    """

    PARAMETERS = ("method",)
    LEARNED = ("centre_", "scale_")
    METHODS = ("standard", "robust")

    def __init__(self, method: str = "standard") -> None:
        if method not in self.METHODS:
            raise UsageError(
                f"Unknown scaling {method!r}; choose one of {', '.join(self.METHODS)}."
            )
        self.method = method

    def fit(self, train: pd.DataFrame) -> Self:
        """Learn centre and scale of the training part."""
        values = pd.DataFrame(self._learn(train))
        centre, scale = values.mean(), values.std(ddof=0)
        if self.method == "robust":
            centre = values.median()
            spread = MAD_TO_STD * (values - centre).abs().median()
            scale = spread.where(spread > SAME * values.abs().max(), scale)
        self.centre_ = centre.fillna(0.0).to_numpy()
        self.scale_ = scale.where(scale > 0, 1.0).to_numpy()
        return self

    def transform(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the scaled table; NaN stays."""
        scaled = (self._apply(frame) - self.centre_) / self.scale_
        return pd.DataFrame(scaled, index=frame.index, columns=frame.columns)

    def inverse_transform(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the table in its own units again."""
        values = self._apply(frame) * self.scale_ + self.centre_
        return pd.DataFrame(values, index=frame.index, columns=frame.columns)


class Preprocessor:
    """Outliers, then missing values, then scale, each fitted on the same training part.

    Parameters
    ----------
    limiter, imputer, scaler : optional
        The three steps; their defaults if omitted.
    """

    def __init__(
        self,
        limiter: OutlierLimiter | None = None,
        imputer: Imputer | None = None,
        scaler: Scaler | None = None,
    ) -> None:
        self.limiter = limiter or OutlierLimiter()
        self.imputer = imputer or Imputer()
        self.scaler = scaler or Scaler()

    def fit(self, train: pd.DataFrame) -> Self:
        """Fit the steps one after the other."""
        limited = self.limiter.fit(train).transform(train)
        self.scaler.fit(self.imputer.fit(limited).transform(limited))
        return self

    def transform(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return a table without NaN, limited and scaled, in float64."""
        return self.scaler.transform(self.imputer.transform(self.limiter.transform(frame)))

    def save(self, path: str | Path) -> None:
        """Write parameters and learned values as JSON."""
        content = {name: step.to_dict() for name, step in vars(self).items()}
        Path(path).write_text(
            json.dumps(content, indent=1, allow_nan=False) + "\n", encoding="utf-8"
        )

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read what `save` wrote.

        Raises
        ------
        DataError
            If the file is not JSON with the three steps.
        """
        try:
            content = json.loads(Path(path).read_text(encoding="utf-8"))
            return cls(
                OutlierLimiter.from_dict(content["limiter"]),
                Imputer.from_dict(content["imputer"]),
                Scaler.from_dict(content["scaler"]),
            )
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise DataError(f"{path} must be a preprocessor saved as JSON, got {error}.") from error
