"""What networks of prices share, of days and of hours: scales, levels, blocks out of sight."""

import copy

import numpy as np
import pytest

from lab.errors import UsageError
from lab.forecast.naive import Naive
from lab.forecast.prices.dnn import PriceDnn
from lab.forecast.prices.hour_dnn import HourDnn

from .conftest import LOAD, PRICE, WIND

OTHERS = (LOAD, WIND)
KINDS = {
    "days": (PriceDnn, {"units": (32, 16), "first_passes": 20}),
    "hours": (HourDnn, {"units": (32, 16), "first_passes": 4}),
}
YESTERDAY, TODAY = 0, (4, 7)


@pytest.fixture(params=KINDS)
def network(request):
    """A function that makes a small network of days, or of hours."""
    kind, small = KINDS[request.param]
    return lambda *others, **options: kind(PRICE, others or OTHERS, **small, **options)


def changed(days, block):
    """The last four days, one block of their inputs off by noise."""
    last = {name: values[-4:].copy() for name, values in days[0].items()}
    last["x"][:, 24 * block : 24 * (block + 1)] += np.random.default_rng(1).normal(0, 5, (4, 24))
    return last


@pytest.mark.parametrize(
    "options",
    [
        {"scale": "linear"},
        {"scale": "asinh"},
        {"scale": "linear", "levelled": True},
        {"scale": "asinh", "levelled": True, "left_out": 0.3},
    ],
    ids=["linear", "asinh", "levelled", "all"],
)
def test_it_beats_the_rule(network, period, options):
    found = period.run(network(**options), refit="daily").forecasts.median
    rule = period.run(Naive("last_week", PRICE)).forecasts.median
    actual = period.actual()
    assert np.abs(found - actual).mean() < 0.8 * np.abs(rule - actual).mean()


def test_levelled_networks_follow_prices_that_rise_as_a_whole(network, days):
    x, y = days
    prices = [k for k, (name, _) in enumerate(network().inputs.blocks) if name == PRICE]
    raised = {name: values.copy() for name, values in x.items()}
    for k in prices:
        raised["x"][:, 24 * k : 24 * (k + 1)] += 500
    one = network(scale="linear", levelled=True).fit(x, y).predict(x)
    other = network(scale="linear", levelled=True).fit(raised, y + 500).predict(raised)
    np.testing.assert_allclose(other, one + 500, atol=0.05)


def test_blocks_out_of_sight_change_nothing_and_others_do(network, days):
    model = network(left_out=0.5, number=3).fit(*days)
    kept, all_blocks = model.kept_blocks(), range(len(model.inputs.blocks))
    assert {YESTERDAY, *TODAY} <= set(kept) < set(all_blocks)
    same = model.predict({name: values[-4:] for name, values in days[0].items()})
    for block in all_blocks:
        other = model.predict(changed(days, block))
        assert np.array_equal(other, same) == (block not in kept), model.inputs.blocks[block]


def test_the_level_counts_blocks_out_of_sight(network, days):
    model = network(left_out=0.5, levelled=True, number=3).fit(*days)
    hidden = min(set(range(1, 4)) - set(model.kept_blocks()))
    other = {name: values[-4:].copy() for name, values in days[0].items()}
    same = model.predict(other)
    other["x"][:, 24 * hidden : 24 * (hidden + 1)] += np.tile([5.0, -5.0], 12)
    np.testing.assert_allclose(model.predict(other), same)
    other["x"][:, 24 * hidden : 24 * (hidden + 1)] += 20.0
    assert np.abs(model.predict(other) - same).max() > 1


def test_networks_differ_in_what_they_look_at(network):
    kept = {tuple(network(left_out=0.4, number=n).kept_blocks()) for n in range(8)}
    assert len(kept) > 3
    assert network(left_out=0.0).kept_blocks() == list(range(10))


def test_a_second_fit_goes_on_from_the_first(network, days):
    model = network().fit(*days)
    before, steps = copy.deepcopy(model.network_.weights), model.network_.steps
    model.fit(*days)
    assert model.network_.steps - steps == model.daily_passes * steps / model.first_passes
    moved = [np.abs(a - b).max() for a, b in zip(before, model.network_.weights, strict=True)]
    assert 0 < max(moved) < 0.1


def test_a_forecast_does_not_depend_on_what_is_forecast_beside_it(network, days):
    model = network().fit(*days)
    last = {name: values[-4:] for name, values in days[0].items()}
    alone = [model.predict({n: v[k : k + 1] for n, v in last.items()}) for k in range(4)]
    np.testing.assert_array_equal(model.predict(last), np.concatenate(alone))


def test_a_market_without_exogenous_series_is_learnt(days):
    x = {"x": days[0]["x"][:, :96], "weekday": days[0]["weekday"]}
    for kind, small in KINDS.values():
        model = kind(PRICE, (), **small, levelled=True).fit(x, days[1])
        assert np.isfinite(model.predict(x)).all()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"scale": "log"}, "Unknown scale 'log'; choose one of"),
        ({"left_out": 1.0}, "from 0 to below 1"),
        ({"left_out": -0.1}, "from 0 to below 1"),
        ({"daily_passes": 0}, "daily_passes"),
    ],
)
def test_impossible_options_are_refused(network, wrong, words):
    with pytest.raises(UsageError, match=words):
        network(**wrong)
