from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from lab.optimise.microgrid import Weights, compare, dispatch, feeder, idle, times

CHEAP = Weights(1, 0, 0)


@pytest.fixture(scope="module")
def table():
    """Return two days of two homes: one with a roof, one with an evening load."""
    index = pd.date_range("2016-09-05 07:00", periods=48, freq="h", tz="UTC")
    local = index.tz_convert("America/Los_Angeles").hour.to_numpy()
    return pd.DataFrame(
        {
            "home_1_load_kwh": np.full(48, 0.5),
            "home_2_load_kwh": np.where(local >= 17, 2.0, 0.1),
            "home_1_pv_w_per_kw": 600.0 * np.isin(local, range(9, 16)),
            "home_2_pv_w_per_kw": np.zeros(48),
            "price_usd_per_kwh": np.where(local >= 16, 0.5, 0.2),
            "carbon_kg_per_kwh": np.full(48, 0.1),
        },
        index=index,
    )


@pytest.fixture(scope="module")
def street():
    return feeder.Street(
        {"home_1": 4.0, "home_2": 4.0}, laterals=1, value_of_lost_load_usd_per_kwh=5.0
    )


@pytest.fixture(scope="module")
def found(table, street):
    return compare.ways(table, street, CHEAP)


@pytest.fixture(scope="module")
def told(found):
    return pd.DataFrame({name: way.summary(75.0) for name, way in found.items()}).T


def test_each_step_is_cheaper_than_the_one_before(told):
    cost = told["cost_usd"]
    assert cost["nothing"] > cost["rule"] > cost["alone"] > cost["together"]
    assert cost["nothing"] > cost["sharing"] > cost["pooled"] > cost["together"]
    assert (told["violations"] == 0).all()


def test_every_way_serves_the_same_demand(told):
    np.testing.assert_allclose(told["asked_kwh"], told["asked_kwh"].iloc[0])


def test_weeks_are_added_and_shares_are_of_the_sums(told):
    other = told.copy()
    other[["peak_kw", "valley_kw"]] *= 2
    other[["renewable_to_demand_kwh", "renewable_available_kwh"]] *= [0.0, 3.0]
    made = compare.totals({"a": told, "b": other})
    assert made.loc["rule", "cost_usd"] == pytest.approx(2 * told.loc["rule", "cost_usd"])
    assert made.loc["rule", "peak_kw"] == 2 * told.loc["rule", "peak_kw"]
    assert made.loc["nothing", "valley_kw"] == 2 * told.loc["nothing", "valley_kw"]
    assert made.loc["rule", "stability"] == pytest.approx(told.loc["rule", "stability"])
    assert made.loc["rule", "renewable_utilisation"] == pytest.approx(
        told.loc["rule", "renewable_utilisation"] / 4
    )
    assert made.loc["rule", "self_sufficiency"] == pytest.approx(
        told.loc["rule", "self_sufficiency"]
    )
    assert list(made.index) == list(told.index)


@pytest.mark.parametrize("way", ["rule", "alone"])
def test_bills_of_homes_add_up_to_what_the_street_pays(found, told, way):
    bills = compare.by_home(found[way])
    assert list(bills.index) == ["home_1", "home_2"]
    assert bills.sum() == pytest.approx(told.loc[way, "cost_usd"])


def test_homes_that_are_planned_alone_pay_for_moving_demand(found):
    moved = found["alone"].schedule["less_kw"].sum().sum()
    assert moved > 1
    free = compare.Way(
        found["alone"].grid.with_parts(
            demands=[replace(d, cost_usd_per_kwh=0.0) for d in found["alone"].grid.demands]
        ),
        found["alone"].schedule,
    )
    more = compare.by_home(found["alone"]) - compare.by_home(free)
    assert more.sum() == pytest.approx(0.02 * moved)


def test_an_island_nobody_knew_of_is_worse_than_one_that_was_known(found, table, street):
    mask = times.island(table.index, 0, 17, 6, street.zone)
    event = compare.ways(table, street, CHEAP, islanded=mask)
    calm = found["together"].plan
    nothing = event["nothing"].plan
    late = compare.surprised(calm, mask, CHEAP, nothing)
    shares = {name: compare.unserved(way.schedule, way, mask) for name, way in event.items()} | {
        "surprised": compare.unserved(late.schedule, late, mask)
    }
    assert shares["together"] <= shares["surprised"] + 1e-9
    assert shares["together"] < shares["alone"] < shares["nothing"] == pytest.approx(1.0)
    assert late.schedule["import_kw", "grid"].to_numpy()[mask].max() == 0
    first = int(np.argmax(mask))
    pd.testing.assert_frame_equal(
        late.schedule["charge_kw"].iloc[:first], calm.schedule["charge_kw"].iloc[:first], atol=1e-9
    )


def test_a_plan_is_one_of_the_ways(table, street):
    plan = dispatch(feeder.together(table, street), CHEAP, idle(feeder.alone(table, street)))
    way = compare.planned(plan)
    pd.testing.assert_series_equal(way.net_load_kw, plan.net_load_kw)
