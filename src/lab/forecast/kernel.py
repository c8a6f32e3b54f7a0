"""Kernel ridge regression: days like this one, and what demand did on them."""

from typing import Self

import numpy as np

from lab.errors import UsageError
from lab.forecast.inputs import DayInputs, log_demand
from lab.forecast.model import CLOCK, Stacked, check_inputs, shapes_of, usable

# Parts of a day over which inputs that vary within it are averaged: three hours each.
PARTS = 8
# Standard deviations that an input may lie away from its mean: no heat is hotter than that.
REACH = 4.0


class KernelRidge:
    """One regression for all half-hours, on a Gaussian and a linear kernel over whole days.

    A day is one vector: inputs that stay the same all day once, the others as means of
    three hours. Days close to each other have similar deviations of log demand from the
    usual value; the linear part carries what lies outside the days seen.

    Parameters
    ----------
    penalty : float
        Added to the kernel's diagonal, above 0.
    length : float
        Length scale of the Gaussian kernel, in units of the usual distance of two days.
    linear : float
        Weight of the linear kernel beside the Gaussian one, at least 0.

    Attributes
    ----------
    constant_ : numpy.ndarray of bool, shape (inputs,)
        Inputs that never vary within a day.
    mean_, scale_ : numpy.ndarray, shape (columns,)
    support_ : numpy.ndarray of float32, shape (days, columns)
        Standardised days of the training part.
    dual_ : numpy.ndarray, shape (days, slots)
    intercept_ : numpy.ndarray, shape (slots,)

    Raises
    ------
    UsageError
        If a parameter is out of its range.

    References
    ----------
    Saunders, Gammerman, Vovk, Ridge regression learning algorithm in dual variables, ICML
    1998; Rasmussen, Williams, Gaussian processes for machine learning (2006), chapter 2.
    """

    name = "kernel_ridge"
    levels = (0.5,)
    layout = CLOCK

    def __init__(self, penalty: float = 0.05, length: float = 2.0, linear: float = 1.0) -> None:
        if not (penalty > 0 and length > 0 and linear >= 0):
            raise UsageError(
                "Kernel ridge needs a penalty and a length above 0 and a linear weight of at "
                f"least 0, got {penalty}, {length} and {linear}."
            )
        self.penalty, self.length, self.linear = penalty, length, linear
        self.inputs = DayInputs()

    def fit(self, inputs: Stacked, target: np.ndarray) -> Self:
        """Fit on complete days: x (days, slots, inputs), base (days, slots)."""
        deviation = log_demand(target) - inputs["base"]
        days = usable(inputs["base"], deviation)
        x, y = inputs["x"][days], deviation[days]
        self.constant_ = constant_within_days(x)
        rows = day_vectors(x, self.constant_)
        known = np.isfinite(rows)
        total = np.where(known, rows, 0.0).sum(axis=0)
        self.mean_ = total / np.maximum(known.sum(axis=0), 1)
        spread = np.where(known, rows - self.mean_, 0.0).std(axis=0)
        self.scale_ = np.where(spread > 1e-9, spread, 1.0)
        self.support_ = self._standard(rows)
        self.intercept_ = y.mean(axis=0)
        kernel = self._kernel(self.support_)
        kernel[np.diag_indices(len(kernel))] += self.penalty
        self.dual_ = np.linalg.solve(kernel, y - self.intercept_)
        self.shapes_ = shapes_of(inputs)
        return self

    def predict(self, inputs: Stacked) -> np.ndarray:
        """Return forecasts, shape (days, slots, 1); NaN where the base is missing."""
        check_inputs(self, inputs)
        rows = self._standard(day_vectors(inputs["x"], self.constant_))
        deviation = np.stack([self._kernel(row[None])[0] @ self.dual_ for row in rows])
        return np.exp(inputs["base"] + self.intercept_ + deviation)[:, :, None]

    def _standard(self, rows: np.ndarray) -> np.ndarray:
        """Return standardised days; what is missing counts as average."""
        standard = np.clip((rows - self.mean_) / self.scale_, -REACH, REACH)
        return np.where(np.isfinite(standard), standard, 0.0).astype(np.float32)

    def _kernel(self, rows: np.ndarray) -> np.ndarray:
        """Return the likeness of days to those of the training part."""
        here, there = rows.astype(float), self.support_.astype(float)
        columns = here.shape[1]
        product = here @ there.T
        apart = (here**2).sum(axis=1)[:, None] + (there**2).sum(axis=1) - 2 * product
        gauss = np.exp(-np.maximum(apart, 0.0) / (2 * self.length**2 * columns))
        return np.asarray(gauss + self.linear * product / columns)


def constant_within_days(x: np.ndarray) -> np.ndarray:
    """Return which inputs, shape (days, slots, inputs), hold one value all day, every day."""
    same = (x == x[:, :1]) | np.isnan(x)
    return np.asarray(same.all(axis=(0, 1)))


def day_vectors(x: np.ndarray, constant: np.ndarray) -> np.ndarray:
    """Return one row per day: constant inputs once, the others as means of three hours.

    Parameters
    ----------
    x : numpy.ndarray, shape (days, slots, inputs)
        With slots a multiple of 8.
    constant : numpy.ndarray of bool, shape (inputs,)

    Returns
    -------
    numpy.ndarray, shape (days, constant + 8 * varying)
        NaN where any value is missing.
    """
    days, slots, _ = x.shape
    parts = x[:, :, ~constant].reshape(days, PARTS, slots // PARTS, -1).mean(axis=2)
    return np.concatenate([x[:, 0, constant], parts.reshape(days, -1)], axis=1)
