"""SARIMA on hourly means: by hand where an autoregression of order one can be."""

import numpy as np
import pytest

from lab.errors import UsageError
from lab.forecast import sarima
from lab.forecast.sarima import Spec

AR1 = Spec((1, 0, 0), period=4)


def test_an_autoregression_fades_and_its_variance_grows():
    days = np.array([[0.0, 0.0, 0.0, 8.0]])
    mean, variance = sarima.continued(days, AR1, np.array([0.5]), lead=1)
    assert mean == pytest.approx([4, 2, 1, 0.5])
    assert variance == pytest.approx([1, 1.25, 1.3125, 1.328125])
    later, _ = sarima.continued(days, AR1, np.array([0.5]), lead=2)
    assert later == pytest.approx([0.25, 0.125, 0.0625, 0.03125])


def test_half_hours_lie_between_the_middles_of_hours():
    days = np.full((2, 48), 8.0)
    mean, _ = sarima.continued(days, Spec((1, 0, 0)), np.array([0.5]), lead=1)
    # Hours are 8 (the last known), 4, 2; a half-hour's middle is a quarter hour from its hour's.
    assert mean[:3] == pytest.approx([8 - 0.75 * 4, 4 - 0.25 * 2, 4 - 0.75 * 2])


def test_a_missing_end_is_continued_from_what_is_known():
    days = np.array([[0.0, 0.0, 8.0, np.nan]])
    mean, _ = sarima.continued(days, AR1, np.array([0.5]), lead=1)
    assert mean[:2] == pytest.approx([2, 1])


def test_hours_are_means_and_other_steps_stay():
    assert sarima.hourly(np.arange(48.0)[None])[0, :2].tolist() == [0.5, 2.5]
    assert sarima.smoothed(np.arange(48.0)[None])[0, :3].tolist() == [0.5, 0.5, 2.5]
    assert [sarima.hours_of(slots) for slots in (288, 24, 8)] == [24, 24, 8]


def test_parameters_are_found_again():
    rng = np.random.default_rng(2)
    values = np.zeros(2400)
    for step in range(1, len(values)):
        values[step] = 0.7 * values[step - 1] + rng.normal(0, 0.3)
    params, scale = sarima.fit(values.reshape(100, 24), Spec((1, 0, 0)))
    assert params == pytest.approx([0.7], abs=0.04)
    assert scale == pytest.approx(0.09, rel=0.1)


@pytest.mark.parametrize("order", [(1, 0), (1, -1, 0), (0.5, 0, 0)])
def test_impossible_orders_are_refused(order):
    with pytest.raises(UsageError, match="order of a SARIMA must be three whole numbers from 0"):
        Spec(order)
    with pytest.raises(UsageError, match="seasonal order"):
        Spec((1, 0, 0), order)
