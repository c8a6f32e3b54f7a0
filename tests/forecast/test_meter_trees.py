"""Trees of the median: they learn it, in units of the level, and say why."""

import numpy as np
import pytest

from lab.errors import UsageError
from lab.forecast.meter_trees import MeterTrees


def stacked(days=60, slots=4, level=10.0):
    """Return inputs of which the first is the answer in units of the level, with outliers."""
    rng = np.random.default_rng(0)
    x = rng.uniform(1, 2, (days, slots, 3)).astype(np.float32)
    inputs = {"x": x, "level": np.full((days, 1), level)}
    target = x[:, :, 0] * level
    target[::10] = 1000.0
    return inputs, target


def small(**changes):
    return MeterTrees(**{"trees": 60, "leaves": 8, "min_rows": 5, "learning_rate": 0.1} | changes)


def test_it_forecasts_the_median_whatever_the_outliers():
    inputs, target = stacked()
    found = small().fit(inputs, target).predict(inputs)
    assert found.shape == (60, 4, 1)
    usual = np.arange(60) % 10 > 0
    assert np.median(np.abs(found[usual, :, 0] - target[usual])) < 1.0


def test_forecasts_grow_with_the_level_of_the_meter():
    inputs, target = stacked()
    model = small().fit(inputs, target)
    twice = model.predict(inputs | {"level": 2 * inputs["level"]})
    assert twice == pytest.approx(2 * model.predict(inputs))


def test_unknown_levels_and_targets_are_passed_over():
    inputs, target = stacked()
    inputs["level"][3], target[4] = np.nan, np.nan
    found = small().fit(inputs, target).predict(inputs)
    assert np.isnan(found[3]).all()
    assert np.isfinite(np.delete(found, 3, axis=0)).all()


@pytest.mark.parametrize(
    ("least", "lowest"),
    [pytest.param(0.0, 0.0, id="not-negative"), pytest.param(-np.inf, -20.0, id="any")],
)
def test_the_least_value_is_kept(least, lowest):
    inputs, target = stacked()
    found = small(least=least).fit(inputs, np.full_like(target, -20.0)).predict(inputs)
    assert found.min() == pytest.approx(lowest)


def test_contributions_sum_to_the_forecast():
    inputs, target = stacked()
    model = small().fit(inputs, target)
    parts = model.contributions(inputs)
    assert parts.shape == (60, 4, 4)
    assert 10 * parts.sum(axis=2) == pytest.approx(model.predict(inputs)[:, :, 0])
    means = np.abs(parts[..., :-1]).mean(axis=(0, 1))
    assert means.argmax() == 0


@pytest.mark.parametrize("setting", ["trees", "leaves", "min_rows"])
def test_impossible_settings_are_refused(setting):
    with pytest.raises(UsageError, match="must be at least 1 and leaves at least 2"):
        MeterTrees(**{setting: 0})


def test_too_few_values_are_refused():
    inputs, target = stacked(days=2)
    with pytest.raises(UsageError, match="at least 10 measured values with some history, got 8"):
        small().fit(inputs, target)
