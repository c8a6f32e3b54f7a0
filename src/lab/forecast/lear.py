"""LEAR: for every hour of the next day a LASSO on past prices and published forecasts.

The LASSO-estimated autoregressive model of Lago et al., written from its description: inputs
are the prices of the last days and the exogenous series of the day and of days before it,
one model an hour, all fitted anew every day. The hours share their inputs, so one Gram matrix
serves all of them; `lab.forecast.lars` does the rest.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Self

import numpy as np

from lab import compute
from lab.errors import UsageError
from lab.forecast import lars
from lab.forecast.model import CLOCK, Stacked, check_inputs, shapes_of
from lab.forecast.scaling import SCALES
from lab.forecast.view import View

PRICE_LAGS, OTHER_LAGS, WEEKDAYS = (1, 2, 3, 7), (1, 7), 7
NOISES = ("auto", "least_squares", "scaled")
# Least squares tell the noise where samples outnumber the inputs by this share at least.
SPARE = 0.2
FEWEST = 30
# Forecasts on the scale end so far beyond what was learnt from: seven times its size where it is
# transformed, two deviations where it is not.
BEYOND = 2.0


@dataclass(frozen=True)
class LearInputs:
    """Prices of the last days, exogenous series of the day and of days before it, the weekday.

    Attributes
    ----------
    target : str
        Column of the prices.
    others : tuple of str
        Exogenous columns that are known ahead; none, one or several.
    price_lags, other_lags : tuple of int
        Days back; the day itself always counts of the others.
    """

    target: str
    others: tuple[str, ...] = ()
    price_lags: tuple[int, ...] = PRICE_LAGS
    other_lags: tuple[int, ...] = OTHER_LAGS

    def __call__(self, view: View) -> dict[str, np.ndarray]:
        """Return `x`, shape (inputs,), and `weekday`, shape (7,); NaN before the first day."""
        rows = [self._back(view, self.target, lag) for lag in self.price_lags]
        for name in self.others:
            rows.append(np.asarray(view.future_days[name], dtype=float))
            rows += [self._back(view, name, lag) for lag in self.other_lags]
        weekday = (view.date.astype(int) + 3) % WEEKDAYS
        return {
            "x": np.concatenate(rows),
            "weekday": (np.arange(WEEKDAYS) == weekday).astype(float),
        }

    @property
    def blocks(self) -> list[tuple[str, int]]:
        """Columns and the days that they lie back, in the order of `x`; each is a day's slots."""
        found = [(self.target, lag) for lag in self.price_lags]
        return found + [(name, lag) for name in self.others for lag in (0, *self.other_lags)]

    def names(self, slots: int = 24) -> list[str]:
        """Return what the inputs are called, the days of the week last."""
        called = [("price" if name == self.target else name, lag) for name, lag in self.blocks]
        parts = [f"{name}_{lag}d" if lag else name for name, lag in called]
        days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
        return [f"{part}_{hour:02d}h" for part in parts for hour in range(slots)] + days

    def weights(self, *, today: float, back: float = 1.0, slots: int = 24) -> np.ndarray:
        """Return one weight an input of `x`: exogenous series of the day itself, and all else."""
        return np.repeat([back if lag else today for _, lag in self.blocks], slots)

    @staticmethod
    def _back(view: View, name: str, days: int) -> np.ndarray:
        """Return a column's values so many days before the day that is forecast."""
        past = view.past_days[name]
        return past[-days] if len(past) >= days else np.full(past.shape[1], np.nan)


def complete(who: str, inputs: Stacked, target: np.ndarray) -> np.ndarray:
    """Return the days whose inputs and prices are all known, a boolean array of shape (days,).

    Raises
    ------
    UsageError
        If there are fewer than `FEWEST`; `who` begins the sentence.
    """
    known = np.isfinite(inputs["x"]).all(axis=1) & np.isfinite(target).all(axis=1)
    if known.sum() < FEWEST:
        raise UsageError(
            f"{who} needs at least {FEWEST} days without gaps to learn from, got {known.sum()}."
        )
    return np.asarray(known)


class Lear:
    """One LASSO an hour of the next day, on standardised and transformed prices.

    Prices and exogenous series are standardised by median and median absolute deviation and
    transformed by the inverse sinh. Each hour's penalty is the knot of its path with the least
    Akaike criterion. What that criterion takes for the noise decides how much is kept: where
    samples abound it is the residual variance of least squares, as scikit-learn's; where there
    are hardly more samples than inputs, or fewer, least squares leaves no residual, and the
    noise comes from the scaled LASSO, which estimates it beside the coefficients.

    Parameters
    ----------
    target : str
        Column of the prices.
    others : sequence of str
        Exogenous columns that are known ahead.
    name : str
        Such as `lear_1092`.
    noise : {"auto", "least_squares", "scaled"}
    scale : {"asinh", "linear"}
        Whether prices and exogenous series are transformed, as published, or standardised alone.

    Attributes
    ----------
    coef_ : numpy.ndarray, shape (slots, inputs)
        Of inputs on the scale.
    intercept_ : numpy.ndarray, shape (slots,)
    penalty_ : numpy.ndarray, shape (slots,)
        As scikit-learn's `alpha`.
    noise_ : numpy.ndarray, shape (slots,)
        Noise variance on the target's scale.

    Raises
    ------
    UsageError
        If the way to the noise or the scale is unknown.

    References
    ----------
    Lago, Marcjasz, De Schutter, Weron, Forecasting day-ahead electricity prices (2021),
    doi:10.1016/j.apenergy.2021.116983; the noise: Sun, Zhang, Scaled sparse linear
    regression (2012), doi:10.1093/biomet/ass043.
    """

    levels = (0.5,)
    layout = CLOCK

    def __init__(
        self,
        target: str,
        others: Sequence[str] = (),
        *,
        name: str = "lear",
        noise: str = "auto",
        scale: str = "asinh",
    ) -> None:
        if noise not in NOISES:
            raise UsageError(f"Unknown noise {noise!r}; choose one of {', '.join(NOISES)}.")
        if scale not in SCALES:
            raise UsageError(f"Unknown scale {scale!r}; choose one of {', '.join(SCALES)}.")
        self.name, self.noise, self.scale = name, noise, scale
        self.target, self.others = target, tuple(others)
        self.inputs = LearInputs(target, self.others)

    def fit(self, inputs: Stacked, target: np.ndarray) -> Self:
        """Fit on the days whose inputs and prices are all known.

        Parameters
        ----------
        inputs : mapping of arrays
            `x` (days, inputs) and `weekday` (days, 7).
        target : numpy.ndarray, shape (days, slots)

        Raises
        ------
        UsageError
            If fewer than `FEWEST` such days are left.
        """
        known = complete("LEAR", inputs, target)
        x, y = inputs["x"][known], target[known]
        self.x_scale_, self.y_scale_ = (SCALES[self.scale].of(values) for values in (x, y))
        z = np.concatenate([self.x_scale_.to(x), inputs["weekday"][known]], axis=1)
        t = self.y_scale_.to(y)
        self.highest_ = np.abs(t).max() + BEYOND
        problem = Problem.of(z, t, least_squares=self.noise != "scaled")
        each = partial(self._hour, problem)
        hours, threads = range(t.shape[1]), compute.threads()
        if threads == 1:
            found = [each(hour) for hour in hours]
        else:
            with ThreadPoolExecutor(threads) as pool:
                found = list(pool.map(each, hours))
        self.coef_ = np.stack([one[0] for one in found])
        self.penalty_, self.noise_ = (np.array([one[k] for one in found]) for k in (1, 2))
        self.intercept_ = problem.middle - self.coef_ @ problem.mean
        self.shapes_ = shapes_of(inputs)
        return self

    def predict(self, inputs: Stacked) -> np.ndarray:
        """Return forecasts, shape (days, slots, 1); NaN where an input is missing.

        On the scale a forecast reaches at most `BEYOND` further than any price that was learnt
        from, so that nothing explodes on the way back.
        """
        check_inputs(self, inputs)
        z = np.concatenate([self.x_scale_.to(inputs["x"]), inputs["weekday"]], axis=1)
        found = z @ self.coef_.T + self.intercept_
        return self.y_scale_.back(np.clip(found, -self.highest_, self.highest_))[:, :, None]

    def _hour(self, problem: "Problem", hour: int) -> tuple[np.ndarray, float, float]:
        """Return coefficients, penalty and noise of one hour."""
        noise = problem.noise(hour, self.noise)
        coef, penalty, _ = lars.chosen_by_criterion(problem.moments(hour), noise, problem.most)
        return coef, penalty, noise


@dataclass(frozen=True)
class Problem:
    """What the paths of all hours need of the days that are learnt from.

    Attributes
    ----------
    gram : numpy.ndarray, shape (inputs, inputs)
        Mean products of the centred inputs.
    moment : numpy.ndarray, shape (slots, inputs)
        Mean products of each hour's centred target and the inputs.
    variance : numpy.ndarray, shape (slots,)
        Of the targets.
    mean, middle : numpy.ndarray
        Of inputs and targets.
    samples : int
    residual : numpy.ndarray, shape (slots,)
        Residual variance of least squares; NaN where it leaves none or was not asked for.
    """

    gram: np.ndarray
    moment: np.ndarray
    variance: np.ndarray
    mean: np.ndarray
    middle: np.ndarray
    samples: int
    residual: np.ndarray

    @classmethod
    def of(cls, z: np.ndarray, t: np.ndarray, *, least_squares: bool = True) -> Self:
        """Return the problem of inputs (days, inputs) and targets (days, slots).

        The residual of least squares costs as much as some paths: it may be left out.
        """
        samples, inputs = z.shape
        mean, middle = z.mean(axis=0), t.mean(axis=0)
        z, t = z - mean, t - middle
        gram, moment = z.T @ z / samples, np.ascontiguousarray(t.T @ z / samples)
        variance = (t**2).mean(axis=0)
        residual = np.full(len(variance), np.nan)
        if least_squares and samples > (1 + SPARE) * inputs:
            values, vectors = np.linalg.eigh(gram)
            kept = values > lars.SINGULAR * values[-1]
            onto = moment @ vectors[:, kept]
            explained = (onto**2 / values[kept]).sum(axis=1)
            residual = samples * (variance - explained) / (samples - kept.sum() - 1)
        return cls(gram, moment, variance, mean, middle, samples, residual)

    @property
    def most(self) -> int:
        """Active variables at which a path ends: fewer than there are samples."""
        return min(self.samples - 2, len(self.gram))

    def moments(self, hour: int) -> lars.Moments:
        """Return what the path of an hour needs."""
        variance = float(self.variance[hour])
        return lars.Moments(self.gram, self.moment[hour], variance, self.samples)

    def noise(self, hour: int, way: str) -> float:
        """Return the noise variance of an hour, on its scale; above 0."""
        least_squares = float(self.residual[hour])
        if way == "least_squares" or (way == "auto" and np.isfinite(least_squares)):
            found = least_squares
        else:
            share = float(np.sqrt(np.log(len(self.gram)) / self.samples))
            found = float(lars.scaled_noise(self.moments(hour), share, self.most))
        return max(found, lars.TINY * float(self.variance[hour]), lars.TINY)
