"""One battery bids into two simulated markets, day-ahead and real-time, and adapts as prices come.

The day before, a strategy names a price to buy below and one to sell above in the day-ahead market,
where the battery's limits are part of the bid: it is accepted hour by hour as far as the energy
allows, as markets with a model of storage do. In real time it either delivers what it sold, or
decides anew every minute, by a margin or by a plan of the coming day, and settles the difference
at the real-time price. The battery is small:
its bids move no price, so what every strategy would have earned is known at the end of a day.

Bids close before the day-ahead prices are published, at 13:00 of the day before, so they are
accepted on the energy that is planned for midnight then: what is held at 13:00, with what is
traded day ahead for the rest of that day delivered. What real time does with it in those hours is
not known yet; energy that was sold and is not there at midnight is bought back in real time.

The adaptive agent follows the strategy that has earned most lately, which adds up what each earned
with older days counting less. The day before is not over when bids close, so it is left out and
the agent listens to the days up to the one before it.

References
----------
Cesa-Bianchi, Lugosi, Prediction, Learning, and Games (2006), doi:10.1017/CBO9780511546921:
following leaders, discounted regret. Herbster, Warmuth, Tracking the best expert (1998),
doi:10.1023/A:1007424614876.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lab.checks import setting, whole
from lab.errors import SolveError, UsageError
from lab.optimise.control import worth
from lab.optimise.control.compare import Stage, violations
from lab.optimise.control.dynamics import NEAR, Limits, run_energy
from lab.optimise.control.forecasts import Reversion
from lab.optimise.control.market import HOURS, PUBLISHED_HOUR, Market
from lab.optimise.control.planning import Plans, run_plans

PROFILE_DAYS = 7


@dataclass(frozen=True)
class Strategy:
    """How to bid.

    Attributes
    ----------
    day_ahead : float, optional
        Margin over what stored energy is worth in day-ahead bids [1]; None to stay out. 0 is
        truthful: the bid is the marginal cost.
    real_time : float, optional
        The same in real time; None to deliver the day-ahead position and no more.
    self_scheduled : bool
        Whether the day-ahead bids take any price, in the cheapest and dearest expected hours.
    planned : bool
        Whether real time follows a plan made every minute, in place of a margin.
    """

    day_ahead: float | None = None
    real_time: float | None = None
    self_scheduled: bool = False
    planned: bool = False

    def __post_init__(self) -> None:
        for name in ("day_ahead", "real_time"):
            if getattr(self, name) is not None:
                setting(getattr(self, name), f"The margin {name}", 0, 1, open_high=True)

    @property
    def name(self) -> str:
        """What it does, in a few words.

        Examples
        --------
        >>> Strategy(0.1, None).name
        'day ahead 10 %, delivered'
        """
        ahead = "self-scheduled" if self.self_scheduled else _told("day ahead", self.day_ahead)
        if self.planned:
            return f"{ahead}, real time planned"
        if self.real_time is None:
            return f"{ahead}, delivered"
        return f"{ahead}, {_told('real time', self.real_time)}"


def grid(margins: Sequence[float]) -> dict[str, Strategy]:
    """Return every mix of day-ahead and real-time margins, and of self-scheduling, by name."""
    ahead = [Strategy(m) for m in (None, *margins)] + [Strategy(self_scheduled=True)]
    now = [Strategy(real_time=m) for m in (None, *margins)] + [Strategy(planned=True)]
    mixes = [
        Strategy(a.day_ahead, n.real_time, a.self_scheduled, n.planned) for a in ahead for n in now
    ]
    return {one.name: one for one in mixes}


@dataclass(frozen=True)
class Days:
    """What bidders know and meet, day by day.

    Attributes
    ----------
    stage : Stage
    expected : numpy.ndarray, shape (days, 24)
        Mean day-ahead price of each hour over the seven days before [USD/kWh]; NaN on the first.
    plans : Plans
        Of real time; its `end_worth`, the mean price of the coming day, is what bids by a
        margin hold prices against.
    """

    stage: Stage
    expected: np.ndarray
    plans: Plans

    @classmethod
    def of(cls, stage: Stage, reversion: Reversion) -> "Days":
        """Return the days of a stage, with forecasts as `reversion` makes them.

        Parameters
        ----------
        stage : Stage
        reversion : Reversion
            Fitted on days that are not scored, at the lead times of a plan's blocks.
        """
        market = stage.market
        levels = pd.Series(market.level).groupby([market.day, market.hour]).mean().unstack()
        levels = levels.reindex(columns=range(HOURS)).T.ffill().bfill().T
        before = levels.rolling(PROFILE_DAYS, min_periods=1).mean().shift()
        return cls(stage, before.to_numpy(), worth.plans(market, reversion, stage.limits))

    def plans_of(self, day: int) -> Plans:
        """Return the plans of a day, counted from 0."""
        at, plans = self.steps(day), self.plans
        return Plans(plans.ahead[at], plans.blocks, plans.end_worth[at], plans.every)

    def __len__(self) -> int:
        return len(self.expected)

    def steps(self, day: int) -> slice:
        """Return the steps of a day, counted from 0."""
        first, last = np.searchsorted(self.stage.market.day, [day, day + 1])
        return slice(int(first), int(last))

    def planned_kwh(self, day: int, done: "Day") -> float:
        """Return the energy planned for the end of a day when bids for the next one close [kWh].

        It is what is held at 13:00, with what is traded day ahead from then on delivered.
        """
        open_for = int((self.stage.market.hour[self.steps(day)] < PUBLISHED_HOUR).sum())
        held = done.held[:open_for]
        left, _, _ = run_energy(-done.position[open_for:], held[-1], self.stage.limits)
        return float(np.append(held, left)[-1])


@dataclass(frozen=True)
class Day:
    """What came of one day.

    Attributes
    ----------
    profit : float
        Of both markets, the change of the energy held included [USD].
    held, taken, given, position : numpy.ndarray, shape (steps,)
        Energy held after each step, moved at the terminals, and sold day ahead (below 0:
        bought) [kWh].
    """

    profit: float
    held: np.ndarray
    taken: np.ndarray
    given: np.ndarray
    position: np.ndarray


def bid_day(
    days: Days, day: int, strategy: Strategy, start_kwh: float, planned_kwh: float | None = None
) -> Day:
    """Return what a strategy does on one day.

    Parameters
    ----------
    days : Days
    day : int
        Counted from 0.
    strategy : Strategy
    start_kwh : float
        Energy held as the day begins [kWh].
    planned_kwh : float, optional
        The same as it was planned when bids closed [kWh], see `Days.planned_kwh`; unless given,
        nothing was done since then and it is `start_kwh`.

    Raises
    ------
    UsageError
        On the first day, before which no day-ahead price is known.
    """
    if not 1 <= day < len(days):
        raise UsageError(f"Days to bid on are numbered 1 to {len(days) - 1}, got {day}.")
    stage, at = days.stage, days.steps(day)
    market, of = stage.market, stage.limits
    price, level = market.price[at], market.level[at]
    wanted = _day_ahead(days.expected[day], level, market.hour[at], strategy, stage)
    planned_kwh = start_kwh if planned_kwh is None else planned_kwh
    _, bought, sold = run_energy(wanted, planned_kwh, of)
    position = sold - bought
    plans = days.plans_of(day)
    if strategy.planned:
        held, taken, given, _ = run_plans(price, plans, start_kwh, of)
    else:
        wanted = -position
        if strategy.real_time is not None:
            wanted = _crossing(price, plans.end_worth, strategy.real_time, of)
        held, taken, given = run_energy(wanted, start_kwh, of)
    cash = level @ position + price @ (given - taken - position) - of.wear * (taken + given).sum()
    change = held[-1] - start_kwh
    return Day(float(cash + stage.end_worth * change), held, taken, given, position)


@dataclass(frozen=True)
class Season:
    """What came of many days.

    Attributes
    ----------
    profit : pandas.Series
        Of every day, by its local date [USD].
    followed : pandas.Series
        Name of the strategy that was followed on each.
    violations : int
        Steps that break the battery's balance or bounds by more than 1e-6.
    short_kwh : float
        Energy settled in real time that was traded day ahead and not delivered [kWh].
    """

    profit: pd.Series
    followed: pd.Series
    violations: int
    short_kwh: float


def fixed(days: Days, strategy: Strategy, first: int = 1) -> Season:
    """Follow one strategy from a day on, counted from 0."""
    return _season(days, [strategy] * (len(days) - whole(first, "first")), first)


def adaptive(
    days: Days,
    strategies: Mapping[str, Strategy],
    earned: pd.DataFrame,
    first: int,
    forgetting: float,
) -> Season:
    """Follow what has earned most lately, chosen for the next day before bids close.

    Bids for a day close while the day before it still runs (`market.PUBLISHED_HOUR`), so what
    counts are the days up to the one before that.

    Parameters
    ----------
    days : Days
    strategies : mapping of str to Strategy
    earned : pandas.DataFrame
        What each strategy (column) earned on days 1, 2, ... (rows) with a battery of its own.
    first : int
        First day that is bid on, counted from 0.
    forgetting : float
        What a day counts less than the next one, over 0 and up to 1 [1].

    Raises
    ------
    UsageError
        If forgetting lies outside, or no day is over when bids for the first close.
    """
    setting(forgetting, "forgetting", 0, 1, open_low=True)
    if whole(first, "first") < 3:
        raise UsageError(
            "An adaptive bidder needs a day that is over when bids close, so first must be at "
            f"least 3, got {first}."
        )
    chosen = []
    for day in range(first, len(days)):
        # Row k of `earned` is day k + 1; day - 1 still runs when bids for `day` close.
        past = earned.iloc[: day - 2]
        counts = forgetting ** np.arange(len(past))[::-1]
        chosen.append(strategies[str((past.mul(counts, axis=0)).sum().idxmax())])
    return _season(days, chosen, first)


def _season(days: Days, followed: Sequence[Strategy], first: int) -> Season:
    """Follow a strategy a day; the battery goes on from day to day."""
    if not 1 <= first < len(days):
        raise UsageError(f"Days to bid on are numbered 1 to {len(days) - 1}, got first {first}.")
    stage, done = days.stage, list[Day]()
    energy = stage.start_kwh
    for day, strategy in enumerate(followed, first):
        planned = days.planned_kwh(day - 1, done[-1]) if done else energy
        done.append(bid_day(days, day, strategy, energy, planned))
        energy = done[-1].held[-1]
    begin = days.steps(first).start
    schedule = _schedule(stage.market, done, begin)
    broken = violations(schedule, stage.battery)
    if broken:
        raise SolveError(f"A bidder breaks the energy balance or a bound in {broken} steps.")
    dates = pd.Index(stage.market.local.date[begin:]).unique()
    short = sum(float(np.abs(d.given - d.taken - d.position).sum()) for d in done)
    names = pd.Series([one.name for one in followed], dates)
    return Season(pd.Series([d.profit for d in done], dates), names, broken, short)


def _schedule(market: Market, done: Sequence[Day], begin: int) -> pd.DataFrame:
    """Return what the check reads."""
    parts = {name: np.concatenate([getattr(d, name) for d in done]) for name in ("taken", "given")}
    return pd.DataFrame(
        {
            "charge_kw": parts["taken"] / market.step_h,
            "discharge_kw": parts["given"] / market.step_h,
            "energy_kwh": np.concatenate([d.held for d in done]),
        },
        index=market.table.index[begin:],
    )


def _day_ahead(
    expected: np.ndarray, level: np.ndarray, hour: np.ndarray, strategy: Strategy, stage: Stage
) -> np.ndarray:
    """Return the energy that the day-ahead market would take, before the battery's limits [kWh]."""
    of = stage.limits
    if strategy.self_scheduled:
        span, steps = of.ceiling_kwh - of.floor_kwh, 1 / stage.market.step_h
        # Hours that fill and empty the battery, whole ones.
        fill = int(np.ceil(span / (of.stored_kwh * steps) - NEAR))
        empty = int(np.ceil(span / (of.drawn_kwh * steps) - NEAR))
        order = np.argsort(expected, kind="stable")
        buys, sells = np.isin(hour, order[:fill]), np.isin(hour, order[-empty:])
        return np.where(sells, -of.discharge_kwh, np.where(buys, of.charge_kwh, 0.0))
    if strategy.day_ahead is None:
        return np.zeros(len(level))
    value = np.full(len(level), expected.mean() * of.discharge_efficiency)
    return _crossing(level, value, strategy.day_ahead, of)


def _crossing(price: np.ndarray, value: np.ndarray, margin: float, of: Limits) -> np.ndarray:
    """Return full power where a price is better than what stored energy is worth [kWh]."""
    away = margin * np.abs(value)
    sells = (price - of.wear) * of.discharge_efficiency > value + away
    buys = (price + of.wear) / of.charge_efficiency < value - away
    return np.where(sells, -of.discharge_kwh, np.where(buys, of.charge_kwh, 0.0))


def _told(market: str, margin: float | None) -> str:
    return f"no {market}" if margin is None else f"{market} {100 * margin:.0f} %"
