"""Kernel regression of prices: scikit-learn's at the same kernel, fading days, refusals."""

import numpy as np
import pytest
from sklearn.kernel_ridge import KernelRidge

from lab.errors import UsageError
from lab.forecast.naive import Naive
from lab.forecast.prices.kernel import PriceKernel

from .conftest import LOAD, PRICE, WIND

OTHERS = (LOAD, WIND)


def test_without_fading_it_is_kernel_ridge_regression(days):
    inputs, target = days
    model = PriceKernel(PRICE, OTHERS, half_lives_days=(1e12,), length=3.0).fit(inputs, target)
    rows, y = model.support_, model.y_scale_.to(target)
    apart = np.sqrt(((rows[:, None] - rows[None]) ** 2).sum(axis=2))
    kernel = np.exp(-apart / 3.0)
    theirs = KernelRidge(alpha=model.penalty, kernel="precomputed").fit(kernel, y - y.mean(axis=0))
    expected = model.y_scale_.back(theirs.predict(kernel[-3:]) + y.mean(axis=0))
    some = {name: values[-3:] for name, values in inputs.items()}
    np.testing.assert_allclose(model.predict(some)[:, :, 0], expected, rtol=1e-6)


def test_several_half_lives_are_the_mean_of_their_regressions(days):
    inputs, target = days
    some = {name: values[-5:] for name, values in inputs.items()}

    def of(*half_lives):
        model = PriceKernel(PRICE, OTHERS, half_lives_days=half_lives).fit(inputs, target)
        return model.y_scale_.to(model.predict(some)[:, :, 0])

    np.testing.assert_allclose(of(20, 300), (of(20) + of(300)) / 2, rtol=1e-9)
    assert np.abs(of(20) - of(300)).max() > 0.01


def test_old_days_fade(days):
    inputs, target = days
    changed = target.copy()
    changed[:100] += 500
    some = {name: values[-5:] for name, values in inputs.items()}

    def moved(half_life):
        found = [
            PriceKernel(PRICE, OTHERS, half_lives_days=(half_life,)).fit(inputs, y).predict(some)
            for y in (target, changed)
        ]
        return np.abs(found[0] - found[1]).mean()

    assert moved(15) < 0.25 * moved(1000)


def test_a_forecast_does_not_depend_on_its_neighbours(days):
    inputs, target = days
    model = PriceKernel(PRICE, OTHERS).fit(inputs, target)
    many = model.predict({name: values[-9:] for name, values in inputs.items()})
    one = model.predict({name: values[-1:] for name, values in inputs.items()})
    np.testing.assert_array_equal(many[-1], one[0])


def test_it_beats_the_rule(period):
    ours = period.run(PriceKernel(PRICE, OTHERS), refit="weekly").forecasts.median
    rule = period.run(Naive("last_week", PRICE)).forecasts.median
    actual = period.actual()
    assert np.abs(ours - actual).mean() < 0.8 * np.abs(rule - actual).mean()


@pytest.mark.parametrize(
    "wrong", [{"half_lives_days": ()}, {"half_lives_days": (0,)}, {"penalty": 0}, {"length": -1}]
)
def test_impossible_parameters_are_refused(wrong):
    with pytest.raises(UsageError, match="at least one half-life"):
        PriceKernel(PRICE, **wrong)


def test_too_few_days_are_refused(days):
    inputs, target = days
    few = {name: values[:20] for name, values in inputs.items()}
    with pytest.raises(UsageError, match="at least 30 days without gaps"):
        PriceKernel(PRICE, OTHERS).fit(few, target[:20])
