"""From training days to policies: what an agent sees, what its energy is worth, and learning."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from lab.errors import UsageError
from lab.optimise.control import worth
from lab.optimise.control.compare import Run, Stage, by_policy
from lab.optimise.control.forecasts import SEEN_MIN, Reversion
from lab.optimise.control.market import Market
from lab.optimise.control.policy import Policy
from lab.optimise.control.q_learning import Learnt, Lessons, Settings, learn
from lab.optimise.control.states import Bins

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
    """

    value: str = "none"
    hold: int = 1
    sees_forecasts: bool = False

    def __post_init__(self) -> None:
        if self.value not in VALUES:
            raise UsageError(f"Unknown value {self.value!r}; choose one of {', '.join(VALUES)}.")


@dataclass(frozen=True)
class Class:
    """Agents that were taught alike, one for each seed.

    Attributes
    ----------
    way : Way
    bins : Bins
    learnt : Learnt
    plan, seen : Reversion
        Forecasts for plans, and those 1, 5 and 15 minutes ahead; fitted on the training days.
    settings : Settings
    """

    way: Way
    bins: Bins
    learnt: Learnt
    plan: Reversion
    seen: Reversion
    settings: Settings

    def policies(self, stage: Stage) -> list[Policy]:
        """Return the policy of each agent."""
        return [self._policy(values, stage) for values in self.learnt.values]

    def together(self, stage: Stage) -> Policy:
        """Return the policy of the mean of the agents' values."""
        return self._policy(self.learnt.values.mean(axis=0), stage)

    def run(self, name: str, stage: Stage, policy: Policy) -> Run:
        """Follow a policy of this class on a stage."""
        told = worth_of(self.way, stage, self.plan, self.settings.levels)
        return by_policy(name, stage, policy, told, _seen(self.way, stage.market, self.seen))

    def runs(self, name: str, stage: Stage) -> list[Run]:
        """Follow each agent's policy on a stage."""
        told = worth_of(self.way, stage, self.plan, self.settings.levels)
        seen = _seen(self.way, stage.market, self.seen)
        return [by_policy(name, stage, one, told, seen) for one in self.policies(stage)]

    def _policy(self, values: np.ndarray, stage: Stage) -> Policy:
        battery = stage.battery
        return Policy.of(values, self.bins, battery.soc_min, battery.soc_max, self.way.hold)


def taught(
    stage: Stage,
    way: Way,
    settings: Settings,
    *,
    seeds: Sequence[int],
    bins: tuple[int, int] = (10, 3),
    threads: int = 1,
) -> Class:
    """Teach agents on a stage of training days.

    Parameters
    ----------
    stage : Stage
    way : Way
        Its `hold` takes the place of that of the settings.
    settings : Settings
    seeds : sequence of int
        One agent each.
    bins : tuple of int
        Bins of prices and of expected moves.
    threads : int
    """
    market, settings = stage.market, replace(settings, hold=way.hold)
    plan, sight = worth.fitted(market), Reversion.fit(market, SEEN_MIN)
    told, seen = worth_of(way, stage, plan, settings.levels), _seen(way, market, sight)
    cut = Bins.fit(market, told, seen, bins=bins[0], move_bins=bins[1])
    column = cut.column(market, told, seen)
    lessons = Lessons(market.price, told, column, cut.columns, stage.end_worth)
    learnt = learn(lessons, stage.limits, settings, seeds=seeds, threads=threads)
    return Class(way, cut, learnt, plan, sight, settings)


def worth_of(way: Way, stage: Stage, plan: Reversion, levels: int) -> np.ndarray:
    """Return what stored energy is worth at every step and charge level [USD/kWh]."""
    if way.value == "none":
        return worth.nothing(stage.market, levels)
    if way.value == "mean":
        return worth.at_mean(stage.market, plan.levels_only, stage.limits, levels)
    sight = plan if way.value == "forecast plan" else plan.levels_only
    return worth.in_plan(stage.market, sight, stage.limits, levels)


def _seen(way: Way, market: Market, sight: Reversion) -> np.ndarray | None:
    """Return the forecasts that the state holds, where it holds any."""
    return sight.ahead(market) if way.sees_forecasts else None
