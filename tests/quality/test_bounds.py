import numpy as np
import pandas as pd
import pytest

from lab.quality.bounds import clipped_at, dark_power, limits_of, outside, zeros


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        pytest.param("ghi_w_per_m2", (0, 1500), id="irradiance"),
        pytest.param("diffuse_w_per_m2", (0, 800), id="the longest ending decides"),
        pytest.param("humidity", (0, 1), id="the whole name"),
        pytest.param("load_kw", (0, None), id="a load is not negative"),
        pytest.param("battery_power_kw", (None, None), id="a battery may be"),
        pytest.param("price_eur_per_mwh", (-1000, 10000), id="a price may be"),
        pytest.param("visitors", (None, None), id="no unit, no limit"),
    ],
)
def test_limits_follow_the_unit(rules, column, expected):
    assert limits_of(column, rules.bounds) == expected


def test_values_outside_by_hand(rules, hourly):
    load = pd.Series([1.0, -0.1, np.nan, 0], hourly[:4], name="load_kw")
    assert outside(load, rules.bounds).tolist() == [-0.1]
    soc = pd.Series([1.0, 1.01, -0.2], hourly[:3], name="battery_soc")
    assert outside(soc, rules.bounds).tolist() == [1.01, -0.2]
    price = pd.Series([-80.0, 9000], hourly[:2], name="price_eur_per_mwh")
    assert outside(price, rules.bounds).empty


def test_power_in_the_dark_by_hand(rules, hourly):
    light = pd.Series([0.0, 0, 0, 50, 90, 0, 0, 0], hourly[:8])
    power = pd.Series([0.0, 1, 20, 60, 100, 30, 1, np.nan], hourly[:8])
    dark = dark_power(power, light, rules.bounds)
    assert dark.samples.tolist() == [20, 30]
    assert (dark.before_sunrise, dark.after_sunset) == (1, 1)


def test_zeros_by_day_and_by_night(hourly):
    light = pd.Series([0.0, 0, 5, 5], hourly[:4])
    count = zeros(pd.Series([0.0, 0, 0, 7], hourly[:4]), light)
    assert (count.samples, count.share, count.days_share) == (3, 0.75, 1.0)
    assert (count.share_by_night, count.share_by_day) == (1.0, 0.5)
    assert np.isnan(zeros(light, None).share_by_day)


def test_a_sensor_cut_off_at_zero(rules, noise):
    cold = (noise - 230).clip(lower=0).rename("temperature_c")
    assert clipped_at(cold, rules.bounds) == 0


def test_a_natural_limit_a_single_stretch_or_a_constant_is_no_cut(rules, noise):
    assert clipped_at((noise - 230).clip(lower=0).rename("load_kw"), rules.bounds) is None
    once = noise.rename("temperature_c")
    once.iloc[:200] = 150
    assert clipped_at(once, rules.bounds) is None
    assert clipped_at((noise * 0).rename("temperature_c"), rules.bounds) is None
