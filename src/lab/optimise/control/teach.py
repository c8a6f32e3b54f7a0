"""From training days to policies: what an agent sees, what its energy is worth, and learning."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np

from lab.checks import one_of, whole
from lab.errors import UsageError
from lab.optimise.control import worth
from lab.optimise.control.compare import Run, Stage, by_policy
from lab.optimise.control.forecasts import SEEN_MIN, Reversion
from lab.optimise.control.market import Market
from lab.optimise.control.policy import Policy
from lab.optimise.control.q_learning import Learnt, Lessons, Settings, learn
from lab.optimise.control.states import Bins, loss_ends, told

VALUES = ("none", "mean", "published plan", "forecast plan")


@dataclass(frozen=True)
class Way:
    """How an agent is taught.

    Attributes
    ----------
    value : str
        What stored energy is credited at, and prices are told against. `none`: nothing;
        `mean`: the mean published level of the coming day; `published plan` and
        `forecast plan`: its worth in the best plan on published levels, or on forecasts that
        start from the present price.
    hold : int
        Steps that a decision is kept.
    sees_forecasts : bool
        Whether the state holds the move that forecasts 1, 5 and 15 minutes ahead expect.
    thinks : bool
        Whether all three actions are judged at every step, see `q_learning.Settings`.
    everywhere : bool
        Whether the same days of other regions are learnt from, too.
    shares : bool
        Whether prices are told as a share of what stored energy is worth, see `states.told`.
    losses : bool
        Whether a bin of these shares ends where losses do, see `states.loss_ends`.
    anywhere : bool
        Whether values are learnt at charges drawn at random, see `q_learning.Settings`.
    hours : bool
        Whether hours are told apart; unless they are, all hours have the same values.
    """

    value: str = "none"
    hold: int = 1
    sees_forecasts: bool = False
    thinks: bool = False
    everywhere: bool = False
    shares: bool = False
    losses: bool = False
    anywhere: bool = False
    hours: bool = True

    def __post_init__(self) -> None:
        if self.losses and not self.shares:
            raise UsageError("A way whose bins end at losses must tell prices as shares.")
        one_of(self.value, VALUES, "The value of a way")
        whole(self.hold, "hold of a way", 1)


@dataclass(frozen=True)
class Sight:
    """What was found of how a market's deviations die away, on its training days.

    Attributes
    ----------
    plan, near : Reversion
        For the blocks of a plan, and for 1, 5 and 15 minutes ahead.
    """

    plan: Reversion
    near: Reversion

    @classmethod
    def of(cls, market: Market) -> "Sight":
        """Fit on a market's past."""
        return cls(worth.fitted(market), Reversion.fit(market, SEEN_MIN))

    def worth(self, way: Way, stage: Stage, levels: int) -> np.ndarray:
        """Return what stored energy is worth [USD/kWh], shape (steps, levels)."""
        if way.value == "none":
            return worth.nothing(stage.market, levels)
        if way.value == "mean":
            return worth.at_mean(stage.market, self.plan.levels_only, stage.limits, levels)
        plan = self.plan if way.value == "forecast plan" else self.plan.levels_only
        return worth.in_plan(stage.market, plan, stage.limits, levels)

    def move(self, way: Way, market: Market) -> np.ndarray | None:
        """Return the expected move of the price [USD/kWh], where agents see it; shape (steps,)."""
        if not way.sees_forecasts:
            return None
        return np.asarray(self.near.ahead(market).mean(axis=1) - market.price)


@dataclass(frozen=True)
class Class:
    """Agents that were taught alike, one for each seed.

    Attributes
    ----------
    way : Way
    bins : Bins
    learnt : Learnt
    sight : Sight
    """

    way: Way
    bins: Bins
    learnt: Learnt
    sight: Sight

    @property
    def levels(self) -> int:
        """How many charge levels agents tell apart."""
        return self.learnt.values.shape[1]

    def together(self, stage: Stage) -> Policy:
        """Return the policy of the mean of the agents' values."""
        return self._policy(self.learnt.values.mean(axis=0), stage)

    def runs(self, name: str, stage: Stage) -> list[Run]:
        """Follow each agent's policy on a stage, and at last that of their mean values."""
        value = self.sight.worth(self.way, stage, self.levels)
        move = self.sight.move(self.way, stage.market)
        policies = [self._policy(values, stage) for values in self.learnt.values]
        policies.append(self.together(stage))
        return [by_policy(name, stage, one, value, move) for one in policies]

    def _policy(self, values: np.ndarray, stage: Stage) -> Policy:
        battery = stage.battery
        return Policy.of(values, self.bins, battery.soc_min, battery.soc_max, self.way.hold)


def taught(
    stage: Stage,
    way: Way,
    settings: Settings,
    *,
    seeds: Sequence[int],
    others: Sequence[Market] = (),
    bins: tuple[int, int] = (10, 3),
    threads: int = 1,
) -> Class:
    """Teach agents on a stage of training days.

    Parameters
    ----------
    stage : Stage
    way : Way
        Its `hold`, `thinks` and `anywhere` take the place of those of the settings.
    settings : Settings
    seeds : sequence of int
        One agent each.
    others : sequence of Market
        Other regions on the same days; used where the way is `everywhere`.
    bins : tuple of int
        Bins of prices and of expected moves.
    threads : int

    Returns
    -------
    Class
    """
    settings = replace(settings, hold=way.hold, thinks=way.thinks, anywhere=way.anywhere)
    stages = [stage, *(replace(stage, market=one) for one in others if way.everywhere)]
    sights = [Sight.of(one.market) for one in stages]
    pairs = list(zip(sights, stages, strict=True))
    with ThreadPoolExecutor(whole(threads, "threads", 1)) as pool:
        found = pool.map(lambda pair: pair[0].worth(way, pair[1], settings.levels), pairs)
    value = np.concatenate(list(found))
    price = np.concatenate([one.market.price for one in stages])
    hour = np.concatenate([one.market.hour for one in stages])
    moves = [sight.move(way, one.market) for sight, one in pairs]
    move = np.concatenate([one for one in moves if one is not None]) if way.sees_forecasts else None
    seen = told(price[:, None], value, way.shares)
    between = loss_ends(stage.limits) if way.losses else None
    cut = Bins.fit(seen, move, shares=way.shares, bins=bins[0], move_bins=bins[1], between=between)
    hour = hour if way.hours else np.zeros_like(hour)
    lessons = Lessons(price, value, cut.column(seen, hour, move), cut.columns, stage.end_worth)
    learnt = learn(lessons, stage.limits, settings, seeds=seeds, threads=threads)
    if not way.hours:
        learnt = replace(learnt, values=_for_every_hour(learnt.values, cut))
    return Class(way, cut, learnt, sights[0])


def _for_every_hour(values: np.ndarray, bins: Bins) -> np.ndarray:
    """Return values, of shape (seeds, levels, columns, 3), with those of hour 0 in every hour."""
    prices, hours, moves = bins.shape
    apart = values.reshape(*values.shape[:2], prices, hours, moves, values.shape[-1])
    return apart[:, :, :, :1].repeat(hours, axis=3).reshape(values.shape)
