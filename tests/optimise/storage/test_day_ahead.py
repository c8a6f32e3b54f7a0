import numpy as np
import pandas as pd
import pytest

from lab.errors import DataError, InfeasibleError
from lab.optimise.storage.battery import Battery
from lab.optimise.storage.bill import Weights
from lab.optimise.storage.day_ahead import by_day, forecast_of, planned_on
from lab.optimise.storage.plan import perfect_foresight

COST, BATTERY = Weights(1, 0, 0), Battery(2, 1, charge_efficiency=0.9, soc_end=0.0)


@pytest.fixture(scope="module")
def two_days(site):
    return site(0.05 + 0.04 * np.sin(np.arange(48) / 3))


def table(site, **columns):
    index = site.table.index
    return pd.DataFrame(
        {"valid_at": index, "issued_at": index[0] - pd.Timedelta(hours=12), "q0.5": 1.0} | columns
    )


def test_a_perfect_forecast_loses_nothing(two_days):
    real = two_days.array("import_price")
    foresight = perfect_foresight(two_days, BATTERY, COST, daily=True)
    assert planned_on(two_days, BATTERY, real, weights=COST).bill == foresight.bill


def test_no_forecast_beats_perfect_foresight(two_days):
    best = perfect_foresight(two_days, BATTERY, COST, daily=True).bill.cost
    for seed in range(5):
        wrong = two_days.array("import_price") + np.random.default_rng(seed).normal(0, 0.03, 48)
        assert planned_on(two_days, BATTERY, wrong, weights=COST).bill.cost >= best - 1e-9


def test_a_robust_plan_moves_no_energy_where_the_spread_is_not_sure(two_days):
    real = two_days.array("import_price")
    careful = planned_on(two_days, BATTERY, real + 0.5, real - 0.5, COST)
    assert careful.schedule["charge_kw"].sum() == 0


def test_the_battery_ends_every_local_day_as_told(site):
    one = site(np.tile([1.0, 3.0], 49 // 2 + 1)[:49], start="2021-10-30 22:00",
               clock="Europe/Brussels")  # fmt: skip
    done = planned_on(one, BATTERY, one.array("import_price"), weights=COST)
    energy = done.held["battery"]["energy_kwh"].to_numpy()
    assert energy[24] == energy[48] == 0


def test_days_add_up_to_the_bill(two_days):
    done = planned_on(two_days, BATTERY, two_days.array("import_price"), weights=COST)
    assert by_day(done).sum() == pytest.approx(done.bill.cost)
    assert len(by_day(done)) == 2


def test_reads_a_quantile(two_days):
    values = forecast_of(table(two_days), two_days)
    assert (values == 1).all()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda t: t.rename(columns={"q0.5": "q0.1"}), "has no q0.5; it has q0.1"),
        (lambda t: t.iloc[:20], "shorter than the plan: 28 of 48 steps have none, the first at"),
        (lambda t: pd.concat([t, t]), "of one model and series: got several for 2020-01-01 00:00"),
        (lambda t: t.drop(columns="issued_at"), "needs a column issued_at, got valid_at, q0.5"),
        (
            lambda t: t.assign(valid_at=t["valid_at"].dt.tz_localize(None)),
            "valid_at of a forecast table must be times with a zone, got datetime64",
        ),
        (
            lambda t: t.assign(issued_at=t["valid_at"].iloc[-1]),
            "issued before it begins, got 48 that were issued later",
        ),
    ],
    ids=["quantile", "short", "twice", "no column", "naive", "late"],
)
def test_bad_forecasts_in_one_sentence(two_days, change, said):
    with pytest.raises(DataError, match=said):
        forecast_of(change(table(two_days)), two_days)


def test_days_that_do_not_close(two_days):
    with pytest.raises(DataError, match="must end its days as it starts them"):
        planned_on(two_days, Battery(2, 1), two_days.array("import_price"))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"bought_at": np.ones(3)}, "expected import_price of site 'site' must be one or 48 in a"),
        ({"load_kw": np.ones(3)}, "expected load_kw of site 'site' must be one or 48 in a row"),
        ({"sold_at": np.full(48, np.nan)}, "expected export_price .* finite numbers, got nan"),
    ],
)
def test_expected_values_of_another_length(two_days, given, said):
    known = {"bought_at": two_days.array("import_price")}
    with pytest.raises(DataError, match=said):
        planned_on(two_days, BATTERY, **known | given)


def test_of_a_forecast_no_optimum_is_claimed(two_days):
    solved = planned_on(two_days, BATTERY, np.ones(48)).solved
    assert (solved.status, solved.proven) == ("carried out", False)


@pytest.fixture(scope="module")
def three_days(site):
    hour = np.arange(72) % 24
    return site(
        np.where(hour > 15, 0.5, 0.2), export_price=np.full(72, 0.05), demand_charge_per_kw=2.0,
        load_kw=np.random.default_rng(1).gamma(2, 0.5, 72), carbon_kg_per_kwh=np.full(72, 0.3),
    )  # fmt: skip


@pytest.mark.parametrize("weights", [COST, Weights(0.5, 0.3, 0.2), Weights(0, 0, 1)])
def test_what_is_expected_of_a_later_day_changes_no_day_before(three_days, weights):
    now = three_days.array("load_kw")
    later = np.where(np.arange(72) < 48, now, 20 * now)
    prices = (three_days.array("import_price"), three_days.array("export_price"))
    one, two = (
        planned_on(three_days, BATTERY, *prices, weights, load_kw=load)
        .held["battery"]["energy_kwh"].to_numpy()
        for load in (now, later)
    )  # fmt: skip
    assert (one[:48] == two[:48]).all()
    assert np.abs(one[48:] - two[48:]).max() > 1e-3


def test_the_peak_so_far_is_carried_into_the_next_day_of_the_month(site):
    load = np.r_[6.0, np.zeros(23), 1.0, 3.0, np.zeros(22)]
    prices = np.r_[np.ones(24), 1.0, 1.2, np.ones(22)]
    terms = {"load_kw": load, "export_price": np.zeros(48), "demand_charge_per_kw": 10.0}
    one = site(prices, **terms)
    lossless = Battery(4, 4, soc_end=0.0)
    done = planned_on(one, lossless, prices, np.zeros(48), COST)
    # The day before had 6 kW that nothing could shave, so 3 kW of the dear hour are bought before.
    assert done.schedule["import_kw"].iloc[24:26].tolist() == pytest.approx([4, 0])
    new_month = site(prices, start="2020-01-31", **terms)
    done = planned_on(new_month, lossless, prices, np.zeros(48), COST)
    assert done.schedule["import_kw"].iloc[24:26].tolist() == pytest.approx([2, 2])


def test_several_batteries_a_limit_and_a_cap_are_planned_by_day(site):
    one = site(np.tile(np.r_[np.ones(12), np.full(12, 3.0)], 2), load_kw=np.ones(48),
               import_limit_kw=2.5)  # fmt: skip
    pair = [
        Battery(6, 3, soc_end=0.0, cycles_per_day=0.5, name="a"),
        Battery(4, 3, soc_end=0.0, name="b"),
    ]
    done = planned_on(one, pair, one.array("import_price"), weights=COST)
    assert done.violations == 0
    assert done.saving == pytest.approx(2 * 2 * (3 + 4))
    assert done.held["a"]["energy_kwh"].iloc[[23, 47]].tolist() == pytest.approx([0, 0])


def test_a_day_that_cannot_be_planned_is_named(site):
    one = site(np.ones(48), import_limit_kw=2.0)
    load = np.where(np.arange(48) < 24, 1.0, 5.0)
    with pytest.raises(InfeasibleError, match="of site 'site on 2020-01-02' cannot be planned"):
        planned_on(one, BATTERY, np.ones(48), weights=COST, load_kw=load)


def test_load_and_pv_that_are_expected(site):
    one = site([1, 1, 3], load_kw=[0, 0, 1.0], export_price=[0.1] * 3)
    blind = planned_on(one, Battery(2, 1, soc_end=0.0), one.array("import_price"),
                       one.array("export_price"), COST, load_kw=np.zeros(3))  # fmt: skip
    assert blind.saving == 0
