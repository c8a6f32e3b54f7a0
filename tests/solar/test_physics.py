import numpy as np
import pandas as pd
import pytest

from lab.errors import DataError, UsageError
from lab.solar import physics


@pytest.fixture(scope="module")
def table(frame, world):
    return physics.weather_inputs(frame, world.PLACE, world.PLANE)


def test_physics_follows_power_of_clear_days(frame, table):
    clear = np.arange(len(frame)) // 48 % 3 == 0
    known = clear & frame["power_w"].notna().to_numpy() & table["day"].to_numpy()
    error = table["physics_w"][known] - frame["power_w"][known]
    assert error.abs().mean() < 0.08 * frame["power_w"].max()


def test_physics_is_zero_at_night_and_never_negative(table):
    assert (table["physics_w"][~table["day"]] == 0).all()
    assert (table["physics_w"] >= 0).all()


def test_moving_is_linear_between_stamps():
    values = pd.Series([0.0, 30.0, 60.0], pd.date_range("2021", periods=3, freq="30min", tz="UTC"))
    assert physics.moved(values, pd.Timedelta(minutes=10)).tolist() == [10.0, 40.0, 60.0]


@pytest.mark.parametrize("adjusts", [False, True], ids=["alone", "adjusting"])
def test_boosting_explains_power_and_keeps_its_bounds(frame, table, adjusts):
    inputs = (*physics.ADJUSTED_BY, "ghi")
    model = physics.Boosted(inputs, adjusts=adjusts, trees=40).fit(table, frame["power_w"])
    found = model.predict(table)
    known = frame["power_w"].notna().to_numpy() & table["day"].to_numpy()
    assert np.corrcoef(found[known], frame["power_w"][known])[0, 1] > 0.97
    assert (found >= 0).all() and found.max() <= model.peak_
    assert (found[~table["day"].to_numpy()] == 0).all()


def test_constant_power_is_one_sentence(frame, table):
    with pytest.raises(DataError, match="daylight rows with changing power"):
        physics.Boosted().fit(table, frame["power_w"] * 0)


def test_power_without_values_is_one_sentence(frame, table):
    with pytest.raises(DataError, match="got 0 rows"):
        physics.Boosted().fit(table, frame["power_w"] * np.nan)


def test_a_missing_weather_column_is_one_sentence(frame, world):
    with pytest.raises(DataError, match=r"temperature_c missing\."):
        physics.weather_inputs(frame.drop(columns="temperature_c"), world.PLACE, world.PLANE)


def test_impossible_settings_are_refused():
    with pytest.raises(UsageError, match="got 0, 6, 1, 256 and 0.1"):
        physics.Boosted(trees=0)
    with pytest.raises(UsageError, match="got 0 and 1.0"):
        physics.Boosted(row_share=0)


def test_members_are_averaged(frame, table):
    settings = {"trees": 10, "row_share": 0.5}
    two = physics.Boosted(members=2, **settings).fit(table, frame["power_w"])
    one = physics.Boosted(members=1, **settings).fit(table, frame["power_w"])
    noon = table["elevation"] > 20
    assert len(two.boosters_) == 2
    assert not np.array_equal(two.predict(table)[noon], one.predict(table)[noon])
    again = physics.Boosted(members=2, **settings).fit(table, frame["power_w"])
    assert np.array_equal(two.predict(table), again.predict(table))


def test_contributions_add_up_to_the_learned_power(frame, table):
    model = physics.Boosted(trees=20, members=2, row_share=0.5).fit(table, frame["power_w"])
    found = model.contributions(table)
    assert found.shape == (len(table), len(model.inputs) + 1)
    power, day = model.predict(table), table["day"].to_numpy()
    free = day & (power > 0) & (power < model.peak_)
    np.testing.assert_allclose(found.sum(axis=1)[free], power[free], rtol=1e-4)
