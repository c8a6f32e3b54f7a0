"""Rules without learning: buy below one price and sell above another."""

from dataclasses import dataclass

import numpy as np

from lab.checks import number, one_of, whole
from lab.errors import UsageError
from lab.optimise.control.dynamics import CHARGE, DISCHARGE, HOLD, Limits, compiled, run_table
from lab.optimise.control.forecasts import known_level
from lab.optimise.control.market import HOURS, Market

LOW, HIGH = 0.25, 0.75
SIGNALS = ("price", "less level", "rank in the coming day")


@dataclass(frozen=True)
class Rule:
    """Charge while a signal is below `low`, discharge while it is above `high`.

    Attributes
    ----------
    low, high : float
    signal : str
        One of `SIGNALS`: the price [USD/kWh], the price less its day-ahead level [USD/kWh], or
        the share of the coming 24 hours whose level lies below the price [1].
    """

    low: float
    high: float
    signal: str = "price"

    def __post_init__(self) -> None:
        one_of(self.signal, SIGNALS, "The signal of a rule")
        if not number(self.low, "low") <= number(self.high, "high"):
            raise UsageError(
                f"A rule must buy below what it sells above, got low {self.low:g} and high "
                f"{self.high:g}."
            )

    def actions(self, market: Market) -> np.ndarray:
        """Return the action of every step, shape (steps,)."""
        told = signal(market, self.signal)
        return np.where(told < self.low, CHARGE, np.where(told > self.high, DISCHARGE, HOLD))


def signal(market: Market, name: str) -> np.ndarray:
    """Return what a rule looks at, shape (steps,).

    Raises
    ------
    UsageError
        For an unknown signal.
    """
    if one_of(name, SIGNALS, "A signal") == "price":
        return market.price
    if name == "less level":
        return market.price - market.level
    hour = round(1 / market.step_h)
    coming = [known_level(market, k * hour) < market.price for k in range(HOURS)]
    return np.mean(coming, axis=0)


def threshold(training: Market) -> Rule:
    """Return the rule that buys in the cheapest and sells in the dearest quarter of minutes."""
    low, high = np.quantile(training.price, [LOW, HIGH])
    return Rule(float(low), float(high))


def on_worth(price: np.ndarray, worth_usd_per_kwh: np.ndarray, of: Limits) -> np.ndarray:
    """Return what a battery does that trades on the worth of stored energy, without learning.

    It charges where a kWh costs less than what is stored of it is worth, and discharges where a
    kWh earns more than what is drawn for it was worth; wear counts both ways.

    Parameters
    ----------
    price : numpy.ndarray, shape (steps,)
        In USD/kWh.
    worth_usd_per_kwh : numpy.ndarray, shape (steps, levels)
        What a kWh held is worth at each charge level.
    of : Limits

    Returns
    -------
    numpy.ndarray of int, shape (steps, levels)
    """
    paid, earned = price[:, None] + of.wear, price[:, None] - of.wear
    charge = of.charge_kwh * (worth_usd_per_kwh * of.charge_efficiency - paid)
    discharge = of.discharge_kwh * (earned - worth_usd_per_kwh / of.discharge_efficiency)
    # Below a worth of 0 both can be above 0: energy that is to be got rid of is lost both ways.
    better = np.where(charge >= discharge, CHARGE, DISCHARGE)
    return np.where(np.maximum(charge, discharge) > 0, better, HOLD)


def tuned(
    training: Market, of: Limits, start_kwh: float, end_worth: float, *, steps: int = 41
) -> Rule:
    """Return the rule that earns most on the training days, of all signals.

    Parameters
    ----------
    training : Market
    of : Limits
    start_kwh, end_worth : float
        Energy at the beginning [kWh], and what energy at the end is worth [USD/kWh].
    steps : int
        Quantiles of the signal that are tried for each of the two limits.
    """
    whole(steps, "steps", 1)
    best, rule = -np.inf, threshold(training)
    for name in SIGNALS:
        told = signal(training, name)
        tried = np.quantile(told, np.linspace(0, 1, steps))
        earned = _earned(told, tried, training.price, (start_kwh, end_worth), of)
        low, high = np.unravel_index(np.argmax(earned), earned.shape)
        if earned[low, high] > best:
            best, rule = earned[low, high], Rule(float(tried[low]), float(tried[high]), name)
    return rule


@compiled
def _earned(
    told: np.ndarray, tried: np.ndarray, price: np.ndarray, ends: tuple[float, float], of: Limits
) -> np.ndarray:
    """Return what every pair of limits earns [USD]."""
    start, worth = ends
    earned = np.full((len(tried), len(tried)), -np.inf)
    table = np.array([[CHARGE, HOLD, DISCHARGE]])
    column = np.empty((len(told), 1), np.int32)
    for low in range(len(tried)):
        for high in range(low, len(tried)):
            for t in range(len(told)):
                column[t, 0] = 0 if told[t] < tried[low] else (2 if told[t] > tried[high] else 1)
            held, taken, given, _ = run_table(table, column, start, of, 1)
            paid = 0.0
            for t in range(len(told)):
                paid += given[t] * (price[t] - of.wear) - taken[t] * (price[t] + of.wear)
            earned[low, high] = paid + worth * (held[-1] - start)
    return earned
