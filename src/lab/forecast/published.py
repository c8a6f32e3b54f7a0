"""The forecast that is published, as one model: members, their mean, its correction, its band.

A combination moved by its last errors, with quantiles from past errors, is made by a whole
backtest. What of it one issue needs is little: the fitted members, how far the mean is moved
at each slot, and the band around it. `publish` takes that out of a backtest, as it was known
at the issue; the result forecasts like any model and is saved to one file.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from lab.errors import UsageError
from lab.forecast.band import Band, band_at
from lab.forecast.combination import common_levels, share_of, weighted
from lab.forecast.correction import corrected, moves
from lab.forecast.difficulty import disagreement
from lab.forecast.inputs import cooling
from lab.forecast.intervals import Calibration, ascending
from lab.forecast.model import STEPS, Model, Stacked
from lab.forecast.table import MEDIAN, QUANTILES, Forecasts, mean_of
from lab.forecast.view import View

BEYOND = -1


@dataclass(frozen=True)
class Evening:
    """What the evening before an issue announces of the day: degrees above two thresholds [K].

    Attributes
    ----------
    warm_above_c : float
        Counted from the last temperature before midnight [degC].
    hot_above_c : float
        Counted from the highest temperature of the last day [degC].
    """

    warm_above_c: float = 18.0
    hot_above_c: float = 24.0

    def __call__(self, view: View) -> np.ndarray:
        """Return both signs of one view, shape (2,)."""
        day = view.past_days["temperature_c"][-1]
        return np.array([cooling(day[-1], self.warm_above_c), cooling(day.max(), self.hot_above_c)])


@dataclass(frozen=True)
class PublishedInputs:
    """The inputs of all members, numbered, the wall-clock slots of the day and its signs."""

    members: tuple[Callable[[View], dict[str, np.ndarray]], ...]
    evening: Evening | None = None

    def __call__(self, view: View) -> dict[str, np.ndarray]:
        """Return the inputs of one view; the longest day has an hour more than the usual one."""
        slots = next(iter(view.past_days.values())).shape[1]
        slot = np.full(slots + slots // 24, BEYOND)
        slot[: len(view.slot)] = view.slot
        found = {"slot": slot}
        if self.evening is not None:
            found["evening"] = self.evening(view)
        made = {inputs: inputs(view) for inputs in set(self.members)}
        for number, inputs in enumerate(self.members):
            found |= {f"{number}.{name}": array for name, array in made[inputs].items()}
        return found


class _Together:
    """Fitted members that are asked the same days.

    Attributes
    ----------
    members : list of Model
    inputs : PublishedInputs
    """

    layout = STEPS

    def __init__(self, members: Sequence[Model], evening: Evening | None = None) -> None:
        self.members = list(members)
        self.inputs = PublishedInputs(tuple(member.inputs for member in members), evening)

    def fit(self, inputs: Stacked, target: np.ndarray) -> Self:
        """Fit the members anew; how they are put together stays as it is."""
        self.members = [
            member.fit(_part(inputs, number), target) for number, member in enumerate(self.members)
        ]
        return self

    def _asked(self, inputs: Stacked, levels: Sequence[float]) -> np.ndarray:
        """Return the quantiles of every member, shape (members, rows, levels)."""
        day, step = np.nonzero(inputs["slot"] != BEYOND)
        slot = inputs["slot"][day, step]
        rows = []
        for number, member in enumerate(self.members):
            columns = [member.levels.index(level) for level in levels]
            values = member.predict(_part(inputs, number))[:, :, columns]
            rows.append(values[day, step if member.layout == STEPS else slot])
        return np.stack(rows)


class Published(_Together):
    """A combination of models with its correction and its band, as known at one issue.

    Parameters
    ----------
    name : str
        Name in the forecast table.
    members : sequence of Model
        Fitted.
    move : numpy.ndarray, shape (slots,)
        Added to the logarithm of the combination.
    band : Band
    weights : sequence of float, optional
        One a member, at least 0; without them the plain mean.
    evening : Evening, optional
        Signs of the error size beside the members' disagreement.

    Notes
    -----
    Correction and band are of one issue. A later one is forecast with the state of that
    issue, a few days old; `publish` takes a newer state out of a newer backtest.
    """

    levels = QUANTILES

    def __init__(
        self,
        name: str,
        members: Sequence[Model],
        move: np.ndarray,
        band: Band,
        *,
        weights: Sequence[float] | None = None,
        evening: Evening | None = None,
    ) -> None:
        if not members:
            raise UsageError("A published forecast needs members, got none.")
        if weights is not None:
            share_of(weights, len(members))
        super().__init__(members, evening)
        self.name, self.move, self.band, self.evening = name, move, band, evening
        self.weights = None if weights is None else tuple(weights)

    def predict(self, inputs: Stacked) -> np.ndarray:
        """Return forecasts, shape (days, steps, levels), NaN beyond the end of a day."""
        day, step = np.nonzero(inputs["slot"] != BEYOND)
        slot = inputs["slot"][day, step]
        medians = self._asked(inputs, (MEDIAN,))[:, :, 0]
        point = self._mean(medians) * np.exp(self.move[slot])
        signs = None
        if self.band.announced is not None:
            columns = [disagreement(list(medians), day)[:, None], inputs.get("evening")]
            signs = np.concatenate([one for one in columns if one is not None], axis=1)
        found = np.full((*inputs["slot"].shape, len(QUANTILES)), np.nan)
        found[day, step] = self.band.around(point, slot, day, signs)
        return found

    def _mean(self, medians: np.ndarray) -> np.ndarray:
        """Return the weighted mean of the members' medians, shape (rows,)."""
        if self.weights is None:
            return np.asarray(medians.mean(axis=0))
        return np.asarray(share_of(self.weights, len(medians)) @ medians)


class Combined(_Together):
    """The quantiles of several models as one model: their average, or a regression on medians.

    Parameters
    ----------
    name : str
        Name in the forecast table.
    members : sequence of Model
        Fitted.
    weights : sequence of float, optional
        One a member, at least 0, not all 0: the quantiles of the levels that all members
        have are averaged, as by `lab.forecast.combination.average_quantiles`.
    coefficients : numpy.ndarray, shape (9, 1 + members), optional
        Of `lab.forecast.qra.coefficients_at`, intercept first: quantiles by regression.
        Without weights and coefficients all members count the same.

    Raises
    ------
    UsageError
        If there is no member, both are given, or they do not fit the members.
    """

    def __init__(
        self,
        name: str,
        members: Sequence[Model],
        *,
        weights: Sequence[float] | None = None,
        coefficients: np.ndarray | None = None,
    ) -> None:
        if not members or (weights is not None and coefficients is not None):
            raise UsageError(
                "A combination needs members, and weights or coefficients but not both, got "
                f"{len(members)} members."
            )
        super().__init__(members)
        self.name, self.coefficients = name, coefficients
        self.weights = None if weights is None else tuple(weights)
        if coefficients is None:
            share_of(weights, len(members))
            self.levels = common_levels([member.levels for member in members])
        elif coefficients.shape == (len(QUANTILES), 1 + len(members)):
            self.levels = QUANTILES
        else:
            raise UsageError(
                f"A regression on {len(members)} members needs coefficients of the shape "
                f"{(len(QUANTILES), 1 + len(members))}, got {coefficients.shape}."
            )

    def predict(self, inputs: Stacked) -> np.ndarray:
        """Return forecasts, shape (days, steps, levels), NaN beyond the end of a day."""
        day, step = np.nonzero(inputs["slot"] != BEYOND)
        wanted = self.levels if self.coefficients is None else (MEDIAN,)
        found = np.full((*inputs["slot"].shape, len(self.levels)), np.nan)
        found[day, step] = self._together(self._asked(inputs, wanted))
        return found

    def _together(self, rows: np.ndarray) -> np.ndarray:
        """Return the quantiles (rows, levels) of the members' values (members, rows, levels)."""
        if self.coefficients is None:
            return np.asarray(np.tensordot(share_of(self.weights, len(rows)), rows, axes=1))
        found = self.coefficients[:, 0] + rows[:, :, 0].T @ self.coefficients[:, 1:].T
        return ascending(found, QUANTILES)


@dataclass(frozen=True)
class Recipe:
    """How a published forecast is made of its members' past.

    Attributes
    ----------
    calibration : Calibration
    share, days : float, int
        As in `lab.forecast.correction.corrected`.
    weights, evening
        As in `Published`.
    """

    calibration: Calibration
    share: float = 0.0
    days: int = 14
    weights: tuple[float, ...] | None = None
    evening: Evening | None = None


def publish(
    models: Sequence[Model],
    past: Sequence[Forecasts],
    actual: np.ndarray,
    recipe: Recipe,
    *,
    issue: int,
    name: str = "combination",
    signs: np.ndarray | None = None,
) -> Published:
    """Return the published forecast as it stood at one issue of a backtest.

    Parameters
    ----------
    models : sequence of Model
        The members, fitted with what was known at the issue.
    past : sequence of Forecasts
        What each of them forecast through the backtest.
    actual : numpy.ndarray, shape (rows,)
        Measured values; those not known at the issue are not used.
    recipe : Recipe
    issue : int
        Number of the issue in the backtest.
    name : str
    signs : numpy.ndarray, shape (issues, signs), optional
        For a calibration by difficulty: the members' disagreement, then the evening's signs.

    Raises
    ------
    DataError
        If the members' forecasts are not of the same rows.
    UsageError
        If a setting is out of range, or too little was known at the issue.
    """
    together = mean_of(past, name)
    if recipe.weights is not None:
        together = weighted(past, recipe.weights, name)
    moving = (together, actual, recipe.share, recipe.days)
    band = band_at(corrected(*moving), actual, recipe.calibration, issue, signs)
    return Published(
        name,
        models,
        moves(*moving)[issue],
        band,
        weights=recipe.weights,
        evening=recipe.evening,
    )


def _part(inputs: Stacked, number: int) -> dict[str, np.ndarray]:
    """Return the inputs of one member under their own names."""
    head = f"{number}."
    return {key.removeprefix(head): a for key, a in inputs.items() if key.startswith(head)}
