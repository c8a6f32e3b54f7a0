from dataclasses import replace

import numpy as np
import pytest

from lab.errors import DataError, UsageError
from lab.optimise.storage.battery import Battery
from lab.optimise.storage.bill import Weights, doing_nothing
from lab.optimise.storage.plan import perfect_foresight
from lab.optimise.storage.rolling import rolling, seasonal

COST = Weights(1, 0, 0)
BATTERY = Battery(4, 2, charge_efficiency=0.9, discharge_efficiency=0.9)


@pytest.fixture(scope="module")
def home(site):
    draws, hours = np.random.default_rng(1), np.arange(24 * 8)
    return site(
        np.where(hours % 24 > 15, 0.5, 0.2), export_price=np.full(len(hours), 0.05),
        load_kw=draws.gamma(2, 0.5, len(hours)), carbon_kg_per_kwh=np.full(len(hours), 0.3),
        pv_kw=3 * np.maximum(np.sin(np.pi * (hours % 24 - 6) / 12), 0),
    )  # fmt: skip


def test_with_all_known_and_all_ahead_it_is_perfect_foresight(home):
    far = rolling(home, BATTERY, {}, horizon=len(home.table))
    assert far.objective == pytest.approx(perfect_foresight(home, BATTERY).objective, abs=1e-9)


def test_a_longer_horizon_is_no_worse_here(home):
    cost = {h: rolling(home, BATTERY, {}, horizon=h).objective for h in (1, 12, 48)}
    assert cost[48] <= cost[12] <= cost[1]
    assert perfect_foresight(home, BATTERY).objective <= cost[48]


def test_each_step_is_the_first_of_a_mixed_integer_plan(site):
    one = site(np.array([-0.2, 0.31, -0.5, 0.42, -0.1, 0.23]))
    energy = rolling(one, BATTERY, {}, COST, horizon=3).held["battery"]["energy_kwh"].to_numpy()
    held = np.append(0.0, energy)
    for t in range(6):
        now = Battery(4, 2, charge_efficiency=0.9, discharge_efficiency=0.9, soc_start=held[t] / 4)
        seen = replace(one, table=one.table.iloc[t : t + 3])
        best = perfect_foresight(seen, now, COST, method="highs").bill.cost
        followed = perfect_foresight(seen, now, COST, method="dynamic")
        assert followed.bill.cost == pytest.approx(best, abs=1e-6)
        assert followed.held["battery"]["energy_kwh"].iloc[0] == pytest.approx(held[t + 1])


def test_seeing_the_hour_is_worth_something(home):
    expected = {c: seasonal(home.array(c), 48) for c in ("load_kw", "pv_kw")}
    blind = rolling(home, BATTERY, expected)
    seeing = rolling(home, BATTERY, expected, sees_now=True)
    assert perfect_foresight(home, BATTERY).objective <= seeing.objective < blind.objective


def test_energy_left_is_held_where_it_has_a_value(site):
    one = site([0.1, 0.1])
    done = rolling(one, BATTERY, {}, COST, horizon=1, value_per_kwh=1.0)
    assert done.held["battery"]["energy_kwh"].iloc[-1] == pytest.approx(3.6)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (np.ones((192, 3)), "must give 48 steps ahead at each of the 192 steps .* got shape"),
        (np.ones(192), "got shape"),
        (np.full((192, 48), np.nan), "must be a number everywhere, got 9216 that are not"),
    ],
)
def test_bad_forecasts_in_one_sentence(home, given, said):
    with pytest.raises(DataError, match=said):
        rolling(home, BATTERY, {"load_kw": given})


def test_where_it_does_not_apply(home):
    with pytest.raises(UsageError, match="A rolling plan needs one battery without"):
        rolling(home, BATTERY, {}, Weights(0.5, 0.3, 0.2))
    with pytest.raises(UsageError, match="horizon must be at least 1, got 0"):
        rolling(home, BATTERY, {}, horizon=0)


def test_a_forecast_of_no_column_is_refused_and_not_taken_for_foresight(home):
    with pytest.raises(UsageError, match="must be one of import_price, .*, got 'load'"):
        rolling(home, BATTERY, {"load": seasonal(home.array("load_kw"), 48)})
    with pytest.raises(UsageError, match="horizon must be a whole number, got 2.5"):
        rolling(home, BATTERY, {}, horizon=2.5)


@pytest.mark.parametrize("sees_now", [False, True])
def test_what_comes_later_changes_no_decision_before(home, sees_now):
    columns, at_hour = ("load_kw", "pv_kw", "carbon_kg_per_kwh"), 100
    later = home.table.copy()
    later.loc[later.index[at_hour:], list(columns)] *= 3

    def ran(site):
        expected = {c: seasonal(site.array(c), 24) for c in columns}
        done = rolling(
            site, BATTERY, expected, horizon=24, sees_now=sees_now, base=doing_nothing(home)
        )
        return done.held["battery"]["energy_kwh"].to_numpy()

    one, two = ran(home), ran(replace(home, table=later))
    assert (one[:at_hour] == two[:at_hour]).all()
    assert (one[at_hour:] != two[at_hour:]).any()


def test_seasonal_means_look_back_only():
    values = np.arange(10.0)
    before = seasonal(values, 4, period=3, over=2)
    changed = values.copy()
    changed[6:] = 99
    assert (seasonal(changed, 4, period=3, over=2)[:7] == before[:7]).all()
    assert before[7].tolist() == [2.5, 3.5, 4.5, 2.5]


def test_no_future_price_is_seen_beside_a_forecast_of_it(site, home):
    one = site(1 + np.sin(np.arange(48.0)))
    flat = np.ones((48, 24))
    done = rolling(one, BATTERY, {"import_price": flat}, COST, horizon=24)
    assert done.schedule["charge_kw"].sum() == 0
    with pytest.raises(DataError, match="give one of export_price too, got import_price"):
        rolling(home, BATTERY, {"import_price": np.ones((192, 48))})
    crossed = {"import_price": np.ones((192, 48)), "export_price": np.full((192, 48), 2.0)}
    with pytest.raises(UsageError, match="of at least the expected export prices"):
        rolling(home, BATTERY, crossed)
