"""Optimised blocks against every other choice of blocks."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.calendar import midnights
from lab.errors import DataError, UsageError
from lab.market.time_of_use import Response, apply_blocks, best_blocks

BRUSSELS = "Europe/Brussels"


def response_of(cost, demand=None, elasticity=-0.3, zone="UTC"):
    index = pd.date_range("2016-03-25", periods=len(cost), freq="h", tz="UTC")
    demand = np.ones(len(cost)) if demand is None else demand
    return Response(pd.Series(cost, index), pd.Series(demand, index), elasticity, 0.15)


def by_brute_force(response, blocks):
    """Return the least loss over all sets of boundaries."""
    hour = np.asarray(response.demand_kwh.index.hour)
    weight, cost = response.slope, response.cost_per_kwh.to_numpy()
    best = np.inf
    for starts in combinations(range(24), blocks):
        block = (np.searchsorted(starts, hour, side="right") - 1) % blocks
        total = np.bincount(block, weight, blocks)
        mean = np.clip(np.bincount(block, weight * cost, blocks) / total, 0.05, 0.50)
        best = min(best, (weight * (cost - mean[block]) ** 2).sum() / 2)
    return best


def test_two_levels_of_cost_are_found():
    cost = np.where((np.arange(48) % 24 >= 17) & (np.arange(48) % 24 < 22), 0.30, 0.10)
    found = best_blocks(response_of(cost), "UTC", 2)
    assert found.starts == (17, 22)
    assert found.levels_per_kwh == pytest.approx((0.30, 0.10))
    assert found.loss == pytest.approx(0, abs=1e-12)
    assert found.price_per_kwh[[16, 17, 21, 22, 0]] == pytest.approx([0.1, 0.3, 0.3, 0.1, 0.1])


@settings(deadline=None, max_examples=6)
@given(st.integers(0, 2**31), st.integers(1, 3))
def test_no_other_boundaries_are_better(seed, blocks):
    draw = np.random.default_rng(seed)
    response = response_of(draw.normal(0.15, 0.08, 72), draw.uniform(0.2, 2.0, 72))
    found = best_blocks(response, "UTC", blocks)
    assert found.loss == pytest.approx(by_brute_force(response, blocks), rel=1e-9)
    price = apply_blocks(found.price_per_kwh, response.demand_kwh.index, "UTC")
    assert response.outcome(price)["loss"] == pytest.approx(found.loss, rel=1e-9)


def test_more_blocks_never_lose_more_and_each_recovers_its_cost():
    draw = np.random.default_rng(3)
    response = response_of(draw.normal(0.15, 0.03, 240), draw.uniform(0.5, 2.0, 240))
    losses = [best_blocks(response, "UTC", n).loss for n in (1, 2, 4, 8, 24)]
    assert np.all(np.diff(losses) <= 1e-12)
    price = best_blocks(response, "UTC", 4).price_per_kwh
    outcome = response.outcome(apply_blocks(price, response.demand_kwh.index, "UTC"))
    assert outcome["margin"] == pytest.approx(0, abs=1e-9)


def test_boundaries_do_not_depend_on_one_elasticity_for_all_hours():
    cost = np.random.default_rng(4).normal(0.15, 0.05, 96)
    weak, strong = (best_blocks(response_of(cost, elasticity=e), "UTC", 3) for e in (-0.1, -0.4))
    assert weak.starts == strong.starts
    assert strong.loss == pytest.approx(4 * weak.loss)


def test_bounds_and_the_shortest_block_are_kept():
    cost = np.where(np.arange(24) == 12, 2.0, 0.10)
    found = best_blocks(response_of(cost), "UTC", 2, least_hours=3)
    assert found.price_per_kwh.max() == 0.50
    lengths = np.diff([*found.starts, found.starts[0] + 24])
    assert lengths.min() >= 3


def test_blocks_at_whose_prices_demand_may_end_are_refused():
    # Demand falls to nothing at 0.15 (1 + 1 / 3) = 0.2.
    response = response_of(np.random.default_rng(0).uniform(0.1, 0.6, 48), elasticity=-3.0)
    with pytest.raises(UsageError, match=r"highest price of 0\.5, but ends at 0\.2; give a weaker"):
        best_blocks(response, "UTC", 2)
    found = best_blocks(response, "UTC", 2, bounds_per_kwh=(0.05, 0.19))
    price = apply_blocks(found.price_per_kwh, response.demand_kwh.index, "UTC")
    assert response.outcome(price)["loss"] == pytest.approx(found.loss)


def test_blocks_follow_the_clock_on_days_of_other_lengths():
    ends = midnights("2016-03-27", "2016-03-28", BRUSSELS)
    index = pd.date_range(*ends, freq="h", inclusive="left")
    price = apply_blocks(np.arange(24.0), index, BRUSSELS)
    assert price.tolist() == [0.0, 1.0, *np.arange(3.0, 24.0)]


def test_outcome_by_hand():
    # Price 0.30 instead of 0.15: demand of 1 falls to 0.7; cost is 0.10.
    found = response_of([0.10]).outcome(0.30)
    assert found["energy_kwh"] == pytest.approx(0.7)
    assert found["consumers"] == pytest.approx(-0.15 * 0.85)
    assert found["margin"] == pytest.approx(0.14)
    assert found["loss"] == pytest.approx(0.5 * 2.0 * 0.04)


DAY = np.full(24, 0.1)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: response_of(DAY, elasticity=0.3),
            UsageError,
            "elasticity must be below 0, got 0.3",
        ),
        (
            lambda: response_of(DAY, -np.ones(24)),
            DataError,
            r"Demand \[kWh\] must be at least 0, got -1",
        ),
        (lambda: response_of(DAY * np.nan), DataError, "Costs .* must be finite numbers, got nan"),
        (
            lambda: best_blocks(response_of(DAY), "UTC", 0),
            UsageError,
            "must fit into a day, got 0 of 1 h",
        ),
        (
            lambda: best_blocks(response_of(DAY), "UTC", 9, least_hours=3),
            UsageError,
            "got 9 of 3 h",
        ),
        (
            lambda: best_blocks(response_of(DAY), "UTC", 2, bounds_per_kwh=(0.5, 0.1)),
            UsageError,
            "a lower and a higher bound, got 0.5 and 0.1",
        ),
        (
            lambda: best_blocks(response_of(DAY[:5]), "UTC", 2),
            DataError,
            "demand above 0, got none at 5:00",
        ),
        (lambda: response_of(DAY).outcome(5.0), DataError, "Demand ends below the price 5"),
        (
            lambda: best_blocks(response_of(DAY), "UTC", 2.5),
            UsageError,
            "blocks must be a whole number, got 2.5",
        ),
        (
            lambda: best_blocks(response_of(DAY), "UTC", "3"),
            UsageError,
            "blocks must be a whole number, got '3'",
        ),
        (
            lambda: best_blocks(response_of(DAY), "UTC", 2, least_hours=2.5),
            UsageError,
            "least_hours must be a whole number, got 2.5",
        ),
        (
            lambda: apply_blocks(np.ones(12), response_of(DAY).demand_kwh.index, "UTC"),
            DataError,
            r"Prices by hour of the day must be one or 24 in a row, got the shape \(12,\)",
        ),
        (
            lambda: response_of(DAY).outcome(np.ones(3)),
            DataError,
            "Prices .* must be one or 24 in a row",
        ),
        (
            lambda: response_of(DAY, elasticity="weak"),
            UsageError,
            "elasticity must be a finite number, got 'weak'",
        ),
        (
            lambda: Response(
                response_of(DAY).cost_per_kwh, response_of(DAY[:2]).demand_kwh, -0.3, 0.15
            ),
            DataError,
            "the same time stamps",
        ),
    ],
    ids=[
        "sign",
        "negative",
        "nan",
        "none",
        "many",
        "bounds",
        "hour",
        "ends",
        "part of a block",
        "text",
        "part of an hour",
        "half a day",
        "few prices",
        "text elasticity",
        "stamps",
    ],
)
def test_bad_input_is_refused_by_name(call, error, message):
    with pytest.raises(error, match=message):
        call()
