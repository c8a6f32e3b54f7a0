"""Prices solved again as real-time prices come: what may enter, and how they are settled."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from lab.errors import DataError, UsageError
from lab.market.dynamic import PriceRule, dynamic_price
from lab.market.resolve import real, resolve, settled
from lab.market.simulated_day import simulated_market

RULE = PriceRule()
SETTING = {
    "region": "east",
    "delivery_usd_per_kwh": 0.11,
    "least_cost_usd_per_kwh": 0.03,
    "full_usd_per_mwh": 30.0,
    "peak_kw": 1000.0,
}


@pytest.fixture(scope="module")
def market():
    return simulated_market(1, 7, **SETTING)


def test_a_simulated_day_is_within_its_ranges(market):
    assert len(market.demand_kw) == 1440
    assert str(market.demand_kw.index.tz) == "UTC"
    assert market.cost_usd_per_kwh.min() >= 0.03
    assert market.congestion.between(0, 1).all()
    assert market.demand_kw.min() >= 50.0
    assert market.day_ahead_usd_per_kwh.nunique() <= 24


def test_a_day_of_another_length_has_its_minutes():
    assert len(simulated_market(1, 7, first="2023-03-12", **SETTING).demand_kw) == 23 * 60
    assert len(simulated_market(1, 7, first="2023-11-05", **SETTING).demand_kw) == 25 * 60


def test_every_five_minutes_are_solved_from_what_came_before(market):
    found = resolve(market, RULE, 300, 300)
    assert len(found.answers) == len(found.table) == 288
    assert found.table.index[1] - found.table.index[0] == pd.Timedelta(seconds=300)
    seen = market.cost_usd_per_kwh.iloc[5:10].mean()
    load = market.demand_kw.iloc[10:15].mean()
    assert found.table["supply_forecast_kw"].iloc[2] == pytest.approx(RULE.supply_kw(load, seen))
    assert found.table["congestion"].iloc[0] == 0.0


@pytest.mark.parametrize("name", ["cost_usd_per_kwh", "congestion"])
def test_what_comes_later_changes_no_price_before_it(market, name):
    cut = 700
    noise = getattr(market, name).copy()
    noise.iloc[cut:] = 1.0
    later = dataclasses.replace(market, **{name: noise})
    one, two = (resolve(m, RULE, 300, 600).table["price_usd_per_kwh"] for m in (market, later))
    assert one.iloc[: cut // 5 + 1].equals(two.iloc[: cut // 5 + 1])
    assert not one.iloc[cut // 5 + 1 :].equals(two.iloc[cut // 5 + 1 :])


def test_hindsight_is_never_worse_and_sums_are_in_hours(market):
    came = real(market, RULE, 300)
    best = dynamic_price(came, RULE).price_usd_per_kwh
    live = resolve(market, RULE, 300, 300).table["price_usd_per_kwh"].to_numpy()
    found = settled({"base": np.full(288, 0.15), "live": live, "best": best}, came, RULE, 300)
    assert found.loc["best", "objective"] >= found["objective"].max()
    assert found.loc["base", "consumer_surplus_scaled"] == pytest.approx(1)
    assert found.loc["base", "energy_kwh"] == pytest.approx(market.demand_kw.sum() / 60)


def test_bad_input_is_refused_by_name(market):
    with pytest.raises(UsageError, match="every_s must be whole minutes, at least 60 s, got 90"):
        resolve(market, RULE, 90, 300)
    with pytest.raises(UsageError, match="seen_s must be a whole number, got '300'"):
        resolve(market, RULE, 300, "300")
    with pytest.raises(UsageError, match="every_s must be a whole number, got nan"):
        resolve(market, RULE, float("nan"), 300)
    with pytest.raises(UsageError, match="region must be one of north, .* got 'nowhere'"):
        simulated_market(1, 7, **(SETTING | {"region": "nowhere"}))
    with pytest.raises(UsageError, match="peak_kw must be above 0, got 0"):
        simulated_market(1, 7, **(SETTING | {"peak_kw": 0.0}))
    with pytest.raises(DataError, match="The simulation holds no minute from 2030"):
        market.part(pd.Timestamp("2030", tz="UTC"), pd.Timestamp("2031", tz="UTC"))
    first = market.demand_kw.index[0]
    assert len(market.part(first, first + pd.Timedelta(minutes=3)).congestion) == 3
