import numpy as np
import pandas as pd
import pytest

from lab.errors import DataError, UsageError
from lab.optimise.storage.site import Site


def test_what_is_not_given_is_nothing(site):
    table = site([0.1, 0.2]).table
    assert table["export_price"].tolist() == [0.1, 0.2]
    assert table[["load_kw", "pv_kw", "carbon_kg_per_kwh"]].to_numpy().sum() == 0


def test_quarter_hours(site):
    assert site([1, 2], step="15min").step_h == 0.25


def test_a_local_day_of_25_hours(site):
    one = site(np.ones(49), start="2021-10-30 22:00", clock="Europe/Brussels")
    assert np.bincount(one.codes("day")).tolist() == [25, 24]


def test_a_local_day_of_23_hours(site):
    one = site(np.ones(47), start="2021-03-27 23:00", clock="Europe/Brussels")
    assert np.bincount(one.codes("day")).tolist() == [23, 24]


def test_months_are_local(site):
    one = site(np.ones(3), start="2021-01-31 22:00", clock="Europe/Brussels")
    assert one.codes("month").tolist() == [0, 1, 1]


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"load_kw": [1, np.nan]}, "load_kw of site 'site' must be a number of at least 0 .* nan"),
        ({"load_kw": [1, -1]}, "got -1 at 2020-01-01 01:00 UTC"),
        ({"export_price": [1, np.inf]}, "export_price of site 'site' must be a number in every"),
        ({"import_limit_kw": -1}, "import_limit_kw of site 'site' must be at least 0, got -1"),
        ({"import_limit_kw": "much"}, "import_limit_kw of site 'site' must be a finite number"),
        ({"demand_charge_per_kw": np.nan}, "demand_charge_per_kw"),
        ({"demand_charge_per_kw": np.inf}, "demand_charge_per_kw .* finite number, got inf"),
        ({"load_kw": ["a", "b"]}, "load_kw of site 'site' must be finite numbers, got others"),
        ({"load_kwh": [1, 1]}, "has the unknown column 'load_kwh'; it may hold: import_price"),
    ],
)
def test_bad_columns_in_one_sentence(site, columns, said):
    with pytest.raises((DataError, UsageError), match=said):
        site([0.1, 0.2], **columns)


def test_a_clock_that_is_no_zone(site):
    with pytest.raises(UsageError, match="Unknown time zone 'Mars/X' of site 'site'"):
        site([0.1], clock="Mars/X")


def test_nan_prices_are_refused(site):
    with pytest.raises(DataError, match="import_price of site 'site' must be a number"):
        site([0.1, np.nan])


@pytest.mark.parametrize(
    ("index", "said"),
    [
        (pd.RangeIndex(2), "tz-aware time per row"),
        (pd.DatetimeIndex(["2020-01-01", "2020-01-02"]), "tz-aware"),
        (pd.DatetimeIndex(["2020-01-02", "2020-01-01"], tz="UTC"), "equally spaced and rising"),
        (pd.DatetimeIndex(["2020-01-01"] * 2, tz="UTC"), "equally spaced and rising"),
    ],
)
def test_bad_times_in_one_sentence(index, said):
    with pytest.raises(DataError, match=said):
        Site(pd.DataFrame({"import_price": [1.0, 2.0]}, index=index))


def test_without_prices_no_site():
    with pytest.raises(DataError, match="needs a column import_price, got load_kw"):
        Site(pd.DataFrame({"load_kw": [1.0]}, index=pd.date_range("2020", periods=1, tz="UTC")))
