"""Inputs of the networks that forecast demand, each a pure function of one `View`."""

from dataclasses import dataclass

import numpy as np

from lab.errors import UsageError
from lab.forecast.inputs import WEEK, DayInputs, History, Inputs, calendar_inputs, cooling
from lab.forecast.view import View

CHANNELS = ("log_demand", "temperature_c", "deviation", "cooling")
HOURS_PER_DAY = 24


@dataclass(frozen=True)
class SequenceInputs:
    """The last 168 hours as a sequence, and what is known of the target day as a vector.

    Parameters
    ----------
    step_hours : int
        Hours averaged into one step; 3 gives 56 steps, 1 gives 168.
    day_parts : int
        Parts of the `DayVector`. With 0 the vector is the calendar alone, and the network
        must find in the sequence whatever it needs: a year is too little for that.

    Raises
    ------
    UsageError
        If the steps or the parts do not divide a day.
    """

    step_hours: int = 3
    day_parts: int = 24

    def __post_init__(self) -> None:
        if self.step_hours < 1 or HOURS_PER_DAY % self.step_hours:
            raise UsageError(f"step_hours must divide 24, got {self.step_hours}.")
        if self.day_parts < 0 or HOURS_PER_DAY % (self.day_parts or 1):
            raise UsageError(f"day_parts must be 0 or divide 24, got {self.day_parts}.")

    def __call__(self, view: View) -> Inputs:
        """Return `sequence` (steps, 4), `base` (slots,), and `day` or `calendar` (inputs,)."""
        past = History.of(view)
        steps = WEEK * HOURS_PER_DAY // self.step_hours
        sequence = np.full((steps, len(CHANNELS)), np.nan)
        if len(past.log) >= WEEK:
            heat = past.temperature[-WEEK:]
            channels = (past.log[-WEEK:], heat, past.deviation, cooling(heat))
            sequence = np.stack([c.reshape(steps, -1).mean(axis=1) for c in channels], axis=1)
        if self.day_parts:
            return {"sequence": sequence} | DayVector(self.day_parts)(view)
        calendar = np.array(list(calendar_inputs(view).values()))
        return {"sequence": sequence, "calendar": calendar, "base": past.base}


@dataclass(frozen=True)
class DayVector:
    """The inputs of the linear models and trees as one vector for the whole day.

    Parameters
    ----------
    parts : int
        An input that varies within the day is given as means of so many parts of it: 24
        are hours.

    Raises
    ------
    UsageError
        If there are not 1 to 24 parts that divide a day of hours.
    """

    parts: int = 24

    def __post_init__(self) -> None:
        if self.parts < 1 or HOURS_PER_DAY % self.parts:
            raise UsageError(f"parts must divide 24, got {self.parts}.")

    def __call__(self, view: View) -> Inputs:
        """Return `day` (inputs,) and `base` (slots,)."""
        past = History.of(view)
        columns = DayInputs().columns(view, past).values()
        pieces = [
            np.asarray(c, float).reshape(self.parts, -1).mean(axis=1) if np.ndim(c) else [float(c)]
            for c in columns
        ]
        return {"day": np.concatenate(pieces), "base": past.base}
