import numpy as np
import pandas as pd
import pytest

from lab.errors import DataError, UsageError
from lab.optimise.appliances import Site, in_slots

INDEX = pd.date_range("2016-05-02", periods=4, freq="h", tz="UTC")
PRICES = pd.DataFrame({"price_per_kwh": [0.1, -0.2, 0.3, 0.4]}, INDEX)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (PRICES.rename(columns={"price_per_kwh": "price"}), "needs the column price_per_kwh"),
        (PRICES.assign(wind=1.0), "got price_per_kwh, wind"),
        (
            PRICES.assign(price_per_kwh=[0.1, np.nan, 0.3, 0.4]),
            "price_per_kwh has no value at .*01",
        ),
        (PRICES.assign(pv_kw="sun"), "pv_kw must be finite numbers, got others .*'sun'"),
        (PRICES.assign(pv_kw=[0, 0, -2.0, 0]), "pv_kw must be 0 or more, got -2 at .*02:00"),
        (PRICES.assign(carbon_kg_per_kwh=np.inf), "carbon_kg_per_kwh has no value"),
        (PRICES.iloc[[0, 1, 3]], "The slots of a site must be .* in equal steps"),
        (PRICES.iloc[::-1], "in order"),
        (PRICES.iloc[:1], "two or more"),
        (PRICES.tz_localize(None), "must be in UTC"),
    ],
)
def test_a_table_that_does_not_do_is_refused(table, said):
    with pytest.raises(DataError, match=said):
        Site(table)


def test_a_limit_must_be_positive():
    with pytest.raises(UsageError, match="limit_kw must be above 0, got -3"):
        Site(PRICES, limit_kw=-3)


def test_the_bill_uses_the_sun_first_and_sells_the_rest():
    site = Site(
        PRICES.assign(pv_kw=3.0, load_kw=1.0, export_price_per_kwh=0.05, carbon_kg_per_kwh=0.5)
    )
    # Slot by slot: drawn 0, 1, 0, 0; fed in 2, 0, 2, 1.
    bill = site.bill([0.0, 3.0, 0.0, 1.0])
    assert bill.cost == pytest.approx(-0.2 * 1 - 0.05 * 5)
    assert (bill.import_kwh, bill.export_kwh, bill.peak_kw) == (1.0, 5.0, 1.0)
    assert bill.carbon_kg == pytest.approx(0.5)
    # Without appliances 2 kW are fed in all the time: they use 3 kWh of it and draw 1.
    added = site.added([0.0, 3.0, 0.0, 1.0])
    assert added.cost == pytest.approx(-0.2 + 0.05 * 3)
    assert added.export_kwh == pytest.approx(-3.0)


def test_windows_that_reach_beyond_the_prices_are_refused(item):
    with pytest.raises(DataError, match="The window of 'a', .* reaches beyond the prices"):
        Site(PRICES).window(item(last=5))


def test_runs_are_whole_slots(item):
    with pytest.raises(
        UsageError, match="duration_h of 'a' must be a whole number of slots of 1 h"
    ):
        Site(PRICES).steps(item(duration_h=1.5))
    assert Site(PRICES).steps(item(energy_kwh=1.5)) == 2


def test_the_least_power_must_not_take_more_than_is_needed(item):
    heater = item("heater", power_kw=4.0, energy_kwh=5.0, min_power_kw=3.0)
    with pytest.raises(UsageError, match="'heater' needs 5 kWh, but at its .* 3 kW it takes 6 kWh"):
        Site(PRICES).steps(heater)
    assert Site(PRICES).steps(item(power_kw=4.0, energy_kwh=6.0, min_power_kw=3.0)) == 2


def test_a_window_between_slots_may_hold_too_few_of_them(item):
    with pytest.raises(UsageError, match="The window of 'a' holds 1 whole slots, its run needs 2"):
        Site(PRICES).window(item(first=0.5, last=2.6))


def test_longer_steps_are_held_through_their_slots():
    held = in_slots(PRICES["price_per_kwh"], "15min")
    assert held.iloc[4:8].tolist() == [-0.2] * 4 and len(held) == 16
    with pytest.raises(UsageError, match="no whole part"):
        in_slots(PRICES["price_per_kwh"], "25min")
    with pytest.raises(DataError, match="The values must be two or more, in equal steps"):
        in_slots(PRICES["price_per_kwh"].iloc[:1], "15min")
