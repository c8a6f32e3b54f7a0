"""One row an hour of the next day, on the scale of the last weeks: what trees learn from."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from lab.forecast.prices.local import SCALE_DAYS, WEEK, day_of_week, place, ruled, to_scale
from lab.forecast.view import View

LAGS = (1, 2, 3, 7)
Column = tuple[str, np.ndarray | float]


@dataclass(frozen=True)
class HourInputs:
    """Prices of the last days, published forecasts of the day, the weekday.

    Attributes
    ----------
    target : str
        Column of the prices.
    others : tuple of str
        Exogenous columns that are known ahead; none, one or several.
    scale_days : int
        Days that tell median and spread of everything.
    """

    target: str
    others: tuple[str, ...] = ()
    scale_days: int = SCALE_DAYS

    def __call__(self, view: View) -> dict[str, np.ndarray]:
        """Return `x` (slots, inputs), `base` (slots,), `middle` and `spread` (1,).

        The base is the benchmark's rule on the scale; NaN in the table's first week.
        """
        middle, spread = place(view.past_days[self.target], self.scale_days)
        base = to_scale(ruled(view, self.target), middle, spread)
        columns = [values for _, values in self._columns(view, middle, spread)]
        x = np.stack([np.broadcast_to(one, base.shape) for one in columns], axis=1)
        return {"x": x, "base": base, "middle": np.array([middle]), "spread": np.array([spread])}

    def names(self) -> list[str]:
        """Return what the inputs are called, the number of the hour last."""
        own = [f"price {lag}d" for lag in LAGS]
        own += ["price rule", "price week mean", "price week high", "price latest"]
        own += ["price 1d mean", "price 1d low", "price 1d high", "price 2d mean"]
        for name in self.others:
            told = name.removesuffix("_mw").replace("_", " ")
            own += [told, f"{told} day mean", f"{told} less 1d", f"{told} less 7d"]
        return [*own, "weekday", "hour"]

    def _columns(self, view: View, middle: float, spread: float) -> Iterator[Column]:
        """Yield the inputs, each with a name, one value or one an hour."""
        prices = to_scale(view.past_days[self.target][-WEEK:], middle, spread)
        missing = np.full((WEEK - len(prices), prices.shape[1]), np.nan)
        week = np.concatenate([missing, prices])
        for lag in LAGS:
            yield f"price {lag}d", week[-lag]
        yield "rule", to_scale(ruled(view, self.target), middle, spread)
        yield "week mean", week.mean(axis=0)
        yield "week high", week.max(axis=0)
        yield "latest", week[-1, -1]
        last = week[-1]
        yield from (("mean", last.mean()), ("low", last.min()), ("high", last.max()))
        yield "mean before", week[-2].mean()
        for name in self.others:
            yield from self._published(view, name)
        yield "weekday", float(day_of_week(view))

    def _published(self, view: View, name: str) -> Iterator[Column]:
        """Yield what a published forecast says of the day, in units of its last weeks."""
        past, day = view.past_days[name], view.future_days[name]
        middle, spread = place(past, self.scale_days)
        now = (day - middle) / spread
        yield name, now
        yield "day mean", now.mean()
        for lag in (1, WEEK):
            before = past[-lag] if len(past) >= lag else np.full(len(day), np.nan)
            yield "change", (day - before) / spread
