"""Models of other habits: fitted in place, never the same twice, silent or failing."""

import numpy as np
import pytest

from lab import leakage
from lab.errors import DataError
from lab.forecast.model import CLOCK

FIRST, LAST = "2014-04-04", "2014-04-10"


class Habit:
    """Yesterday plus what `fit` found; subclasses keep that in their own way."""

    name, levels, layout = "habit", (0.5,), CLOCK

    def __init__(self, table):
        self.table, self.kept = table, {}
        self.inputs = yesterday

    def fit(self, inputs, target):
        self.kept["mean"] = np.nanmean(target)
        return self

    def predict(self, inputs):
        return (inputs["day"] + self.kept["mean"])[:, :, None]


def yesterday(view):
    return {"day": view.past_days["demand_mw"][-1]}


class InPlaceButLeaking(Habit):
    """Fitted in place, and from the second day on it looks at what follows."""

    def predict(self, inputs):
        return super().predict(inputs) + self.table.days["demand_mw"][-1].sum()


class Forgetful(Habit):
    """Starts from 0 when it was not fitted."""

    def predict(self, inputs):
        return (inputs["day"] + self.kept.get("mean", 0.0))[:, :, None]


class Moody(Habit):
    def predict(self, inputs):
        return super().predict(inputs) + np.random.default_rng().random()


class Silent(Habit):
    def predict(self, inputs):
        return np.full_like(inputs["day"], np.nan)[:, :, None]


class Refusing(Habit):
    """Refuses a table with any gap, also one after the issue."""

    def fit(self, inputs, target):
        if np.isnan(self.table.flat["demand_mw"]).any():
            raise ValueError("Input contains NaN.\nMore about it.")
        return super().fit(inputs, target)


@pytest.mark.parametrize("honest", [Habit, Forgetful])
def test_a_model_fitted_in_place_is_fitted_anew(table, honest):
    result = leakage.check(honest, table, FIRST, LAST)
    assert result.moved is None
    assert result.checks == 8


def test_a_model_fitted_in_place_is_caught(table):
    assert leakage.check(InPlaceButLeaking, table, FIRST, LAST).moved is not None


def test_a_model_that_never_repeats_itself_cannot_be_checked(table):
    with pytest.raises(leakage.LeakError, match="habit gives other forecasts when it is fitted"):
        leakage.check(Moody, table, FIRST, LAST)


def test_a_model_that_forecasts_nothing_is_refused(table):
    with pytest.raises(DataError, match="The model 'habit' forecast no number"):
        leakage.check(Silent, table, FIRST, LAST)


def test_failing_on_what_nobody_knew_is_a_leak(table):
    moved = leakage.check(Refusing, table, FIRST, LAST).moved
    assert (moved.filling, moved.error) == ("NaN", "ValueError: Input contains NaN.")
    assert np.isnan(moved.new)


def test_names_are_those_given_or_the_models_own(table):
    (result,) = leakage.check_all({"mine": Habit}, table, FIRST, LAST, issues=1, views=False)
    assert result.model == "mine"
    assert leakage.check(Habit, table, FIRST, LAST, issues=1).model == "habit"
