import numpy as np
import pandas as pd
import pytest

from lab.errors import DataError
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
        (
            lambda t: t.assign(issued_at=t["valid_at"].iloc[-1]),
            "issued before it begins, got 48 that were issued later",
        ),
    ],
    ids=["quantile", "short", "twice", "late"],
)
def test_bad_forecasts_in_one_sentence(two_days, change, said):
    with pytest.raises(DataError, match=said):
        forecast_of(change(table(two_days)), two_days)


def test_days_that_do_not_close(two_days):
    with pytest.raises(DataError, match="must end its days as it starts them"):
        planned_on(two_days, Battery(2, 1), two_days.array("import_price"))


def test_load_and_pv_that_are_expected(site):
    one = site([1, 1, 3], load_kw=[0, 0, 1.0], export_price=[0.1] * 3)
    blind = planned_on(one, Battery(2, 1, soc_end=0.0), one.array("import_price"),
                       one.array("export_price"), COST, load_kw=np.zeros(3))  # fmt: skip
    assert blind.saving == 0
