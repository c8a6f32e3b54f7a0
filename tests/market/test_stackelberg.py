"""The game of a retailer and its consumers: an equilibrium is one that nobody wants to leave."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.errors import DataError, SolveError, UsageError
from lab.market import stackelberg
from lab.market.stackelberg import Consumers, Limits

BASE = 0.15


def random_game(seed, consumers=3, hours=6, shift=0.4):
    draw = np.random.default_rng(seed)
    demand = draw.uniform(0.5, 2.0, (consumers, hours))
    elasticity = draw.uniform(-0.4, -0.05, consumers)
    return Consumers(demand, elasticity, BASE, shift), draw.uniform(0.08, 0.20, hours)


def test_one_consumer_and_hour_by_hand():
    # Demand 1 - 2 (p - 0.15), cost 0.10, cap far away: the monopoly asks (0.65 + 0.10) / 2.
    one = Consumers(np.array([[1.0]]), np.array([-0.3]), BASE)
    found = stackelberg.equilibrium(one, np.array([0.10]), Limits(mean_usd_per_kwh=0.50))
    assert found.price_usd_per_kwh == pytest.approx([0.375], abs=1e-6)
    assert found.demand_kwh[0] == pytest.approx([0.55], abs=1e-6)
    assert found.profit_usd == pytest.approx(0.275 * 0.55)


def test_without_shifting_the_cap_shares_half_of_what_costs_differ_by():
    # The same slope in all hours: p = (choke + cost) / 2 - a constant that the cap sets.
    consumers = Consumers(np.ones((1, 3)), np.array([-0.3]), BASE)
    found = stackelberg.equilibrium(consumers, np.array([0.10, 0.14, 0.18]), Limits())
    assert found.price_usd_per_kwh == pytest.approx([0.13, 0.15, 0.17], abs=1e-6)


@settings(deadline=None, max_examples=8)
@given(st.integers(0, 2**31), st.floats(0, 0.9))
def test_nobody_gains_by_leaving_the_equilibrium(seed, shift):
    consumers, cost = random_game(seed, shift=shift)
    found = stackelberg.equilibrium(consumers, cost, Limits())
    assert stackelberg.leader_gain(consumers, cost, Limits(), found) < 1e-7
    assert stackelberg.follower_gains(consumers, found, seed).max() < 1e-7
    mean = np.average(found.price_usd_per_kwh, weights=consumers.demand_kwh.sum(axis=0))
    assert mean <= BASE + 1e-7


def test_other_prices_are_left():
    consumers, cost = random_game(1)
    flat = stackelberg.played(consumers, cost, np.full(6, BASE))
    assert stackelberg.leader_gain(consumers, cost, Limits(), flat) > 1e-4
    best = stackelberg.equilibrium(consumers, cost, Limits())
    worse = dataclasses.replace(best, utility_usd=best.utility_usd - 0.01)
    assert stackelberg.follower_gains(consumers, worse, 1).min() > 0.005


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 2**31), st.floats(0, 0.95))
def test_the_answer_of_consumers_adds_up(seed, shift):
    consumers, _ = random_game(seed, shift=shift)
    draw = np.random.default_rng(seed)
    price = draw.uniform(0.1, 0.2, 6)
    change = consumers.answer(price) - consumers.demand_kwh
    total = -consumers.response @ (price - BASE)
    assert change.sum(axis=0) == pytest.approx(total)
    alone = dataclasses.replace(consumers, shift=0.0).answer(price) - consumers.demand_kwh
    assert change.sum(axis=1) == pytest.approx((1 - shift) * alone.sum(axis=1))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: Consumers(np.ones((1, 2)), np.array([0.2]), BASE),
            UsageError,
            "below 0, got 0.2 of consumer 0",
        ),
        (
            lambda: Consumers(np.zeros((1, 2)), np.array([-0.2]), BASE),
            DataError,
            r"Demand \[kWh\] must be above 0",
        ),
        (
            lambda: Consumers(np.ones((2, 2)), np.array([-0.2]), BASE),
            DataError,
            "one elasticity each",
        ),
        (
            lambda: Consumers(np.ones((1, 2)), np.array([-0.2]), BASE, 1.0),
            UsageError,
            "shift must be from 0",
        ),
        (lambda: Limits(0.5, 0.05), UsageError, "a lower and a higher bound, got 0.5 and 0.05"),
        (
            lambda: Limits(mean_usd_per_kwh=0.9),
            UsageError,
            "mean_usd_per_kwh must be from 0.05 to 0.5",
        ),
        (
            lambda: stackelberg.equilibrium(random_game(1)[0], np.array([0.1]), Limits()),
            DataError,
            "one for each of 6 hours, got 1",
        ),
        (
            lambda: stackelberg.equilibrium(random_game(1)[0], np.full(6, np.nan), Limits()),
            DataError,
            "Costs .* must be finite numbers, got nan at hour 0",
        ),
        (
            lambda: stackelberg.played(random_game(1)[0], np.full(6, 0.1), np.full(6, 3.0)),
            SolveError,
            "The demand of consumer 0 ends in hour 0 at 3 USD/kWh",
        ),
        (
            lambda: stackelberg.played(random_game(1)[0], np.full(6, 0.1), np.full(6, np.nan)),
            DataError,
            "Prices .* must be finite numbers, got nan at hour 0",
        ),
    ],
    ids=["sign", "zero", "shape", "shift", "bounds", "cap", "hours", "nan", "ends", "nan price"],
)
def test_bad_input_is_refused_by_name(call, error, message):
    with pytest.raises(error, match=message):
        call()
