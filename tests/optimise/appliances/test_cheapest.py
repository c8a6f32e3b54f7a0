import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.errors import DataError, UsageError
from lab.optimise.appliances import cheapest_slots

INDEX = pd.date_range("2016-05-02 18:00", periods=5, freq="h", tz="UTC")
PRICES = pd.Series([0.3, 0.1, 0.2, 0.2, 0.1], INDEX)


def test_ranked_with_cost_and_saving():
    best = cheapest_slots(PRICES, 2.0, power_kw=3.0, every="1h", top=2)
    assert best.index.tolist() == [1, 2] and best.index.name == "rank"
    # Hours 1 and 2, and 3 and 4, cost the same: the earlier start comes first.
    assert best["start"].tolist() == [INDEX[1], INDEX[3]]
    assert best["end"].tolist() == [INDEX[3], INDEX[4] + pd.Timedelta("1h")]
    assert best["mean_price"].tolist() == pytest.approx([0.15, 0.15])
    assert best["cost"].tolist() == pytest.approx([0.9, 0.9])
    assert best["saving"].tolist() == pytest.approx([0.3, 0.3])
    assert best["saving_percent"].tolist() == pytest.approx([25.0, 25.0])


def test_runs_may_begin_between_prices_and_keep_apart():
    best = cheapest_slots(PRICES, 1.5, top=10, apart_h=1.0)
    gaps = best["start"].sort_values().diff().dropna()
    assert len(gaps) == 3 and (gaps >= pd.Timedelta("1h")).all()
    assert cheapest_slots(PRICES, 0.25, top=1)["start"].iloc[0] == INDEX[1]


def test_a_distance_that_is_no_whole_number_of_starts_is_kept():
    best = cheapest_slots(PRICES, 1.0, top=30, apart_h=0.3)
    assert best["start"].sort_values().diff().min() == pd.Timedelta("30min")
    closer = cheapest_slots(PRICES, 1.0, top=30, apart_h=3 * 0.25)
    assert closer["start"].sort_values().diff().min() == pd.Timedelta("45min")


def test_the_window_binds_and_now_is_its_first_start():
    best = cheapest_slots(PRICES, 1.0, earliest=INDEX[2], latest=INDEX[4], every="30min", top=9)
    assert len(best) == 3 and best["saving"].tolist() == pytest.approx([0, 0, 0])


def test_no_percent_of_a_cost_that_is_not_positive():
    best = cheapest_slots(PRICES - 0.35, 1.0, every="1h", top=1)
    assert best["saving"].iloc[0] == pytest.approx(0.2) and np.isnan(best["saving_percent"].iloc[0])


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(-5, 20), min_size=4, max_size=12), st.integers(1, 4))
def test_nothing_is_cheaper_than_the_first(prices, steps):
    index = pd.date_range("2016-10-29 22:00", periods=len(prices), freq="h", tz="UTC")
    best = cheapest_slots(pd.Series(prices, index, dtype=float), steps, every="1h", top=99)
    sums = [sum(prices[k : k + steps]) for k in range(len(prices) - steps + 1)]
    assert best["cost"].tolist() == pytest.approx(sorted(sums))


@pytest.mark.parametrize(
    ("prices", "options", "fault", "said"),
    [
        (PRICES.where(PRICES < 0.3), {}, DataError, "There is no price at 2016-05-02 18:00"),
        (PRICES.iloc[[0, 1, 3]], {}, DataError, "in equal steps"),
        (PRICES.tz_localize(None), {}, DataError, "must be in UTC"),
        (PRICES, {"duration_h": 0.4}, UsageError, "whole number of steps of 0.25 h, got 0.4"),
        (PRICES, {"duration_h": -1}, UsageError, "duration_h must be above 0, got -1"),
        (PRICES, {"duration_h": 6.0}, UsageError, "A run of 6 h does not fit"),
        (PRICES, {"latest": INDEX[1]}, UsageError, "A run of 2 h does not fit between"),
        (PRICES, {"duration_h": 1e-9}, UsageError, "whole number of steps of 0.25 h, got 1e-09"),
        (PRICES, {"duration_h": "2"}, UsageError, "duration_h must be a finite number, got '2'"),
        (PRICES, {"power_kw": 0.0}, UsageError, "power_kw must be above 0, got 0"),
        (PRICES, {"apart_h": -1.0}, UsageError, "apart_h must be at least 0, got -1"),
        (PRICES, {"top": 0}, UsageError, "top must be at least 1, got 0"),
        (PRICES, {"top": 2.5}, UsageError, "top must be a whole number, got 2.5"),
        (PRICES, {"every": "25min"}, UsageError, "no whole part"),
        (PRICES, {"every": "0min"}, UsageError, "length of a slot must be positive, .* got '0min'"),
        (PRICES, {"every": "often"}, UsageError, "length of a slot .* got 'often'"),
        (pd.Series(["dear"] * 5, INDEX), {}, DataError, "Prices must be finite numbers"),
        (PRICES, {"earliest": INDEX[0].tz_localize(None)}, UsageError, "earliest must be a time"),
        (PRICES, {"latest": "22:00"}, UsageError, "latest must be a time stamp .* got '22:00'"),
    ],
)
def test_one_sentence_names_what_is_wrong(prices, options, fault, said):
    with pytest.raises(fault, match=said):
        cheapest_slots(prices, **({"duration_h": 2.0} | options))
