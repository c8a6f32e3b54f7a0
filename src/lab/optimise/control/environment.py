"""The battery and its market as a gymnasium environment, so that any agent library plugs in.

The compiled loops of `q_learning` and `dynamics` do the same, step for step; tests hold them
against each other.
"""

from typing import Any

import gymnasium as gym
import numpy as np

from lab.checks import number, whole
from lab.errors import DataError, UsageError
from lab.optimise.control.dynamics import ACTIONS, NEAR, asked_for, follow, limits
from lab.optimise.control.forecasts import SEEN_MIN, Reversion
from lab.optimise.control.market import Market
from lab.optimise.storage.battery import Battery

SEEN = ("soc", "price", "level", *(f"forecast_{lead}_min" for lead in SEEN_MIN), "hour")


class BatteryEnv(gym.Env[np.ndarray, np.int64]):
    """One battery that charges, holds or discharges at full power, step by step.

    An observation holds the state of charge, the price, its day-ahead level, the forecasts 1, 5
    and 15 minutes ahead [USD/kWh] and the hour of the local clock. The reward is the money of
    the step [USD]; behind the last step of an episode the energy held more than at its beginning
    is paid for at `end_worth`. An episode is cut off after `steps`, never terminated; behind the
    last minute of the market comes the first one.

    Parameters
    ----------
    market : Market
    battery : Battery
    reversion : lab.optimise.control.forecasts.Reversion
        With the lead times 1, 5 and 15.
    end_worth : float
        Worth of the energy left [USD/kWh].
    steps : int, optional
        Length of an episode; the whole market unless given.

    Raises
    ------
    UsageError
        For other lead times, a length that is not positive, an unknown action, or a step before
        `reset`.
    """

    metadata = {"render_modes": []}

    def __init__(
        self,
        market: Market,
        battery: Battery,
        reversion: Reversion,
        end_worth: float = 0.0,
        steps: int | None = None,
    ) -> None:
        if reversion.leads != SEEN_MIN:
            raise UsageError(f"The lead times must be {SEEN_MIN}, got {reversion.leads}.")
        self.steps = len(market) if steps is None else whole(steps, "steps", 1)
        self.battery, self.limits = battery, limits(battery, market.step_h)
        self.price, self.end_worth = market.price, number(end_worth, "end_worth")
        told = [market.price, market.level, *reversion.ahead(market).T, market.hour]
        self._told = np.stack(told, axis=1)
        far = np.array([1.0, *[np.inf] * 5, 23.0], np.float32)
        low = np.array([0.0, *[-np.inf] * 5, 0.0], np.float32)
        self.observation_space = gym.spaces.Box(low, far, dtype=np.float32)
        self.action_space = gym.spaces.Discrete(len(ACTIONS))
        self.energy_kwh, self.at, self.done = np.nan, 0, self.steps

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[np.ndarray, dict[str, Any]]:
        """Begin an episode at a random step and state of charge, or at those of `options`.

        `options` may hold `step` and `soc`.

        Raises
        ------
        DataError
            If the state of charge lies outside the battery's limits, or there is no such step.
        """
        super().reset(seed=seed)
        given = options or {}
        battery = self.battery
        at = given.get("step", self.np_random.integers(len(self.price)))
        soc = given.get("soc", self.np_random.uniform(battery.soc_min, battery.soc_max))
        check_soc(soc, battery.soc_min, battery.soc_max)
        if not isinstance(at, int | np.integer) or not 0 <= at < len(self.price):
            raise DataError(
                "The first step must be a whole number from 0 to "
                f"{len(self.price) - 1}, got {at!r}."
            )
        self.at = int(at)
        self.energy_kwh = self.begun_kwh = soc * battery.capacity_kwh
        self.done = 0
        return self._seen(), {}

    def step(self, action: Any) -> tuple[np.ndarray, float, bool, bool, dict[str, Any]]:
        """Act for one step; `info` tells the energy taken and given at the terminals [kWh]."""
        if not self.action_space.contains(action):
            raise UsageError(
                f"An action must be {', '.join(f'{k} ({n})' for k, n in enumerate(ACTIONS))}, "
                f"got {action}."
            )
        if self.done >= self.steps:
            raise UsageError("The episode is over; call reset before the next step.")
        wanted = asked_for(int(action), self.limits)
        self.energy_kwh, taken, given = follow(self.energy_kwh, wanted, self.limits)
        price, wear = self.price[self.at], self.limits.wear
        reward = float(given * (price - wear) - taken * (price + wear))
        self.at = (self.at + 1) % len(self.price)
        self.done += 1
        over = self.done == self.steps
        if over:
            reward += self.end_worth * (self.energy_kwh - self.begun_kwh)
        info = {"taken_kwh": taken, "given_kwh": given, "wanted_kwh": wanted}
        return self._seen(), reward, False, over, info

    def _seen(self) -> np.ndarray:
        """Return what an agent sees of the present minute."""
        soc = self.energy_kwh / self.battery.capacity_kwh
        return np.array([soc, *self._told[self.at]], np.float32)


def check_number(value: Any, name: str) -> float:
    """Return a number of the state that an agent is in, or raise `DataError`."""
    try:
        return number(value, name)
    except UsageError as error:
        raise DataError(str(error)) from error


def check_soc(soc: float, least: float, most: float) -> None:
    """Refuse a state of charge outside the limits, or one that is no number.

    Raises
    ------
    DataError
        In one sentence.
    """
    if not least - NEAR <= check_number(soc, "soc") <= most + NEAR:
        raise DataError(f"soc must lie from {least:g} to {most:g}, got {soc:g}.")
