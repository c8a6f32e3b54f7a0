"""Every strategy on the same stage: same minutes, same battery, same account, same check."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lab.checks import finite, number, whole
from lab.errors import DataError, SolveError, UsageError
from lab.optimise.control import planning, worth
from lab.optimise.control.dynamics import (
    CHARGE,
    DISCHARGE,
    HOLD,
    Limits,
    limits,
    run_energy,
    run_table,
)
from lab.optimise.control.environment import check_soc
from lab.optimise.control.forecasts import Reversion
from lab.optimise.control.market import HOURS, Market
from lab.optimise.control.policy import Policy
from lab.optimise.control.rules import Rule, on_worth
from lab.optimise.control.states import told
from lab.optimise.storage.battery import Battery
from lab.optimise.storage.bill import Weights
from lab.optimise.storage.check import TOLERANCE
from lab.optimise.storage.plan import perfect_foresight
from lab.optimise.storage.site import Site


@dataclass(frozen=True)
class Stage:
    """Where strategies are compared.

    Attributes
    ----------
    market : Market
    battery : Battery
        Begins at its `soc_start`. It has neither a cap on cycles nor a fixed end, which not every
        strategy could keep.
    end_worth : float
        What a kWh held more at the end than at the beginning is paid for [USD/kWh]; a kWh held
        less costs as much.

    Raises
    ------
    UsageError
        For a battery with `cycles_per_day` or `soc_end`, or an end worth that is no number.
    """

    market: Market
    battery: Battery
    end_worth: float

    def __post_init__(self) -> None:
        for name in ("cycles_per_day", "soc_end"):
            value = getattr(self.battery, name)
            if value is not None:
                raise UsageError(
                    f"The battery of a stage must have no {name}, which would not bind every "
                    f"strategy alike, got {value:g}."
                )
        number(self.end_worth, "end_worth")
        check_soc(self.battery.soc_start, self.battery.soc_min, self.battery.soc_max)

    @property
    def limits(self) -> Limits:
        """The battery's limits for one step."""
        return limits(self.battery, self.market.step_h)

    @property
    def start_kwh(self) -> float:
        """Energy at the beginning [kWh]."""
        return self.battery.soc_start * self.battery.capacity_kwh


@dataclass(frozen=True)
class Run:
    """What a strategy did on a stage; checked before it is returned.

    Attributes
    ----------
    name : str
    stage : Stage
    schedule : pandas.DataFrame
        `price` [USD/kWh], `charge_kw`, `discharge_kw`, `energy_kwh` (end of the step), `soc`,
        `earned` [USD] and `in_vain`, whether the battery could not move as it was asked to.
    violations : int
        Steps that break the energy balance or a bound by more than 1e-6 kWh or kW.
    """

    name: str
    stage: Stage
    schedule: pd.DataFrame
    violations: int

    @property
    def profit(self) -> float:
        """Money earned, the change of the energy held included [USD]."""
        change = self.schedule["energy_kwh"].iloc[-1] - self.stage.start_kwh
        return float(self.schedule["earned"].sum() + self.stage.end_worth * change)

    @property
    def cycles_per_day(self) -> float:
        """Energy discharged in a day, as a multiple of the energy between the limits [1]."""
        market, battery = self.stage.market, self.stage.battery
        given = self.schedule["discharge_kw"].sum() * market.step_h
        return float(given / battery.usable_kwh / days(market))

    @property
    def in_vain_per_day(self) -> float:
        """Steps in a day in which a full battery is asked to charge or an empty one to give."""
        return float(self.schedule["in_vain"].sum() / days(self.stage.market))


def do_nothing(stage: Stage) -> Run:
    """Hold."""
    return _by_actions("do nothing", stage, np.full(len(stage.market), HOLD))


def by_rule(name: str, stage: Stage, rule: Rule) -> Run:
    """Follow a rule."""
    return _by_actions(name, stage, rule.actions(stage.market))


def by_worth(name: str, stage: Stage, worth_usd_per_kwh: np.ndarray, hold: int = 1) -> Run:
    """Follow `rules.on_worth`, at a worth of shape (steps, levels), each decision for `hold` steps.

    What a policy that is told the same worth earns more than this was learnt.

    Raises
    ------
    DataError
        If the worth is of another shape, or one is no number.
    """
    value = _worth_of(worth_usd_per_kwh, stage)
    column = on_worth(stage.market.price, value, stage.limits).astype(np.int32)
    acts = np.tile([CHARGE, HOLD, DISCHARGE], (column.shape[1], 1))
    whole(hold, "hold", 1)
    return settled(name, stage, run_table(acts, column, stage.start_kwh, stage.limits, hold))


def by_policy(
    name: str,
    stage: Stage,
    policy: Policy,
    worth_usd_per_kwh: np.ndarray,
    move: np.ndarray | None = None,
) -> Run:
    """Follow a learnt policy.

    Parameters
    ----------
    name : str
    stage : Stage
    policy : Policy
    worth_usd_per_kwh : numpy.ndarray, shape (steps, levels)
        What stored energy is worth, told as while learning.
    move : numpy.ndarray, shape (steps,), optional
        Expected moves of the price [USD/kWh], where the policy sees forecasts.

    Raises
    ------
    DataError
        If worth or moves are of another shape, or one is no number.
    """
    market = stage.market
    value = _worth_of(worth_usd_per_kwh, stage, len(policy.values))
    price = told(market.price[:, None], value, policy.bins.shares)
    column = policy.bins.column(price, market.hour, move)
    moves = run_table(policy.table, column, stage.start_kwh, stage.limits, policy.hold)
    return settled(name, stage, moves)


def by_plans(name: str, stage: Stage, reversion: Reversion, every: int = 1) -> Run:
    """Make a new plan of the coming day every few steps; act on its value of energy (MPC).

    Parameters
    ----------
    name : str
    stage : Stage
    reversion : Reversion
        Forecasts for the blocks of a plan (`forecasts.middles`).
    every : int
        Steps between plans; in between, the value of energy stays that of the latest plan.
    """
    market, of = stage.market, stage.limits
    plans = worth.plans(market, reversion, of, whole(every, "every", 1))
    return settled(name, stage, planning.run_plans(market.price, plans, stage.start_kwh, of))


def by_foresight(name: str, stage: Stage, *, method: str = "highs") -> Run:
    """Carry out the linear programme that knows all prices, through the same stage.

    The energy left at the end is sold in steps that are added behind the last one, at a price
    that pays `end_worth` for each kWh held; they are taken away again.
    """
    market, battery = stage.market, stage.battery
    index = market.table.index
    step = pd.Timedelta(hours=market.step_h).round("s")
    per_step = stage.limits.discharge_kwh / battery.discharge_efficiency
    more = int(np.ceil(battery.usable_kwh / per_step)) + 1
    span = pd.date_range(index[0], periods=len(index) + more, freq=step)
    closing = stage.end_worth / battery.discharge_efficiency + battery.wear_per_kwh
    price = np.append(market.price, np.full(more, closing))
    site = Site(pd.DataFrame({"import_price": price}, span), clock=market.zone)
    found = perfect_foresight(site, battery, Weights(1, 0, 0), method=method)
    moved = found.schedule.iloc[: len(market)]
    wanted = (moved["charge_kw"] - moved["discharge_kw"]).to_numpy() * market.step_h
    moves = run_energy(wanted, stage.start_kwh, stage.limits)
    return settled(name, stage, (*moves, None))


def settled(
    name: str, stage: Stage, moves: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray | None]
) -> Run:
    """Return the account of what was held, taken, given [kWh] and asked for, checked.

    Raises
    ------
    SolveError
        If a step breaks the energy balance or a bound.
    """
    market, battery = stage.market, stage.battery
    held, taken, given, asked = moves
    wear = battery.wear_per_kwh
    idle = (taken < TOLERANCE) & (given < TOLERANCE)
    schedule = pd.DataFrame(
        {
            "price": market.price,
            "charge_kw": taken / market.step_h,
            "discharge_kw": given / market.step_h,
            "energy_kwh": held,
            "soc": held / battery.capacity_kwh,
            "earned": given * (market.price - wear) - taken * (market.price + wear),
            "in_vain": False if asked is None else idle & (asked != HOLD),
        },
        index=market.table.index,
    )
    broken = violations(schedule, battery)
    if broken:
        raise SolveError(
            f"The strategy {name!r} breaks the energy balance or a bound in {broken} steps."
        )
    return Run(name, stage, schedule, broken)


def violations(schedule: pd.DataFrame, battery: Battery) -> int:
    """Count the steps of a schedule that break the energy balance or a bound by over 1e-6.

    Nothing but the schedule and the battery's plate is read: energies from powers, step by step.
    Self-discharge may bring a battery below its reserve; then a step must end at the reserve
    or charge at full power. A value that is no number breaks what it enters.
    """
    index = schedule.index
    hours = (index[1] - index[0]) / pd.Timedelta(hours=1) if len(index) > 1 else 1 / 60
    charge, discharge = schedule["charge_kw"].to_numpy(), schedule["discharge_kw"].to_numpy()
    held = schedule["energy_kwh"].to_numpy()
    before = np.append(battery.soc_start * battery.capacity_kwh, held[:-1])
    kept = before * (1 - battery.self_discharge_per_hour) ** hours
    into = charge * hours * battery.charge_efficiency
    out = discharge * hours / battery.discharge_efficiency
    floor = battery.soc_min * battery.capacity_kwh - TOLERANCE
    keeps = np.abs(kept + into - out - held) <= TOLERANCE
    keeps &= (held >= floor) | (charge >= battery.charge_kw - TOLERANCE)
    keeps &= held <= battery.soc_max * battery.capacity_kwh + TOLERANCE
    keeps &= (charge >= -TOLERANCE) & (charge <= battery.charge_kw + TOLERANCE)
    keeps &= (discharge >= -TOLERANCE) & (discharge <= (battery.discharge_kw or 0) + TOLERANCE)
    keeps &= (charge <= TOLERANCE) | (discharge <= TOLERANCE)
    # What holds is told, not what breaks: a comparison with NaN is false.
    return int((~keeps).sum())


def table(runs: list[Run], best: Run) -> pd.DataFrame:
    """Return profit, share of the best, violations and use of every run."""
    rows = [
        {
            "profit_usd_per_day": run.profit / days(run.stage.market),
            "share_percent": 100 * run.profit / best.profit,
            "violations": run.violations,
            "in_vain_per_day": run.in_vain_per_day,
            "cycles_per_day": run.cycles_per_day,
        }
        for run in runs
    ]
    return pd.DataFrame(rows, index=[run.name for run in runs])


def days(market: Market) -> float:
    """Return the length of a market [days]."""
    return len(market) * market.step_h / HOURS


def _worth_of(worth_usd_per_kwh: np.ndarray, stage: Stage, levels: int | None = None) -> np.ndarray:
    """Return a worth for every step and level: the compiled loops look at no bounds."""
    value = finite(worth_usd_per_kwh, "The worth of stored energy")
    steps, many = len(stage.market), levels or "at least one"
    fits = value.ndim == 2 and len(value) == steps and value.shape[1] > 0
    if not fits or levels not in (None, value.shape[1]):
        raise DataError(
            f"The worth of stored energy must be told for {steps} steps and {many} levels, got "
            f"the shape {value.shape}."
        )
    return value


def _by_actions(name: str, stage: Stage, actions: np.ndarray) -> Run:
    """Act as told, whatever the charge level."""
    column = np.ascontiguousarray(actions[:, None], np.int32)
    acts = np.array([[CHARGE, HOLD, DISCHARGE]])
    return settled(name, stage, run_table(acts, column, stage.start_kwh, stage.limits, 1))
