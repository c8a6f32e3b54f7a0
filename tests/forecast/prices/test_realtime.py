import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.errors import DataError, UsageError
from lab.forecast.prices import realtime_rules as rules
from lab.forecast.prices.realtime import RealtimeForecaster
from lab.forecast.prices.realtime_inputs import Minutes, RealtimeInputs
from lab.forecast.table import validate
from lab.simulate import prices as market
from lab.simulate.minutes import ZONE

DAY = 1440
SMALL = {"trees": 4, "depth": 2, "patience": 2, "seed": 42}


def tables(days=2, seed=7):
    """Return simulated prices and day-ahead level, one column for each region."""
    table = market.real_time_prices(days, seed)
    kinds = (market.PRICE, market.DAY_AHEAD)
    return [
        table[[k + r for r in market.REGIONS]].set_axis(list(market.REGIONS), axis=1) for k in kinds
    ]


@pytest.fixture(scope="module")
def two_days():
    return tables()


@pytest.fixture(scope="module")
def fitted(two_days):
    prices, level = two_days
    return RealtimeForecaster(**SMALL).fit(prices[:2160], level[:2160], prices.index[DAY])


def test_one_call_forecasts_every_horizon_and_region(fitted, two_days):
    prices, level = two_days
    found = fitted.predict(prices, level, prices.index[2160])
    assert found.price.shape == (720, 4, 4)
    assert found.confidence.shape == (4, 4)
    assert list(found.confidence.index) == [1, 5, 15, 60]
    assert found.confidence.to_numpy().min() > 0 and found.confidence.to_numpy().max() < 1
    assert (np.diff(found.values, axis=-1) >= 0).all()
    assert np.allclose(fitted.importance_.sum(), 1) and list(fitted.importance_) == [1, 5, 15, 60]


def test_forecasts_are_a_forecast_table(fitted, two_days):
    prices, level = two_days
    found = fitted.predict(prices, level, prices.index[-2])
    table = validate(found.to_table("xgboost"))
    assert len(table) == 2 * 4 * 4
    row = table[(table["series_id"] == "south") & (table["issued_at"] == prices.index[-1])].iloc[2]
    assert row["valid_at"] - row["issued_at"] == pd.Timedelta(minutes=15)
    assert row["q0.5"] == pytest.approx(found.price[1, 2, 2], rel=1e-6)
    low, high = found.interval(0.95)
    assert row["q0.025"] == pytest.approx(low[1, 2, 2], rel=1e-6) and (low <= high).all()
    with pytest.raises(UsageError, match=r"choose one of \[0.95, 0.9, 0.8, 0.5\]"):
        found.interval(0.7)


@settings(max_examples=8, deadline=None)
@given(at=st.integers(100, 2800), region=st.integers(0, 3), value=st.floats(-100, 1000))
def test_no_input_moves_when_a_later_price_does(two_days, at, region, value):
    prices, level = two_days
    changed = prices.copy()
    changed.iloc[at + 1 :, region] = value
    inputs = RealtimeInputs()
    before, after = (inputs.common(Minutes.of(p, level))[: at + 1] for p in (prices, changed))
    np.testing.assert_array_equal(before, after)


def test_no_forecast_moves_when_a_later_price_does(fitted, two_days):
    prices, level = two_days
    changed = prices.copy()
    changed.iloc[2501:] = 500.0
    before = fitted.predict(prices, level, prices.index[2400]).values[:101]
    after = fitted.predict(changed, level, prices.index[2400]).values
    np.testing.assert_array_equal(before, after[:101])
    assert (before[-1] != after[101]).any()


def test_a_fit_does_not_see_beyond_the_table_it_is_given(two_days):
    prices, level = two_days
    one = RealtimeForecaster(**SMALL).fit(prices[:2160], level[:2160], prices.index[DAY])
    changed = prices.copy()
    changed.iloc[2160:] = 9.0
    two = RealtimeForecaster(**SMALL).fit(changed[:2160], level[:2160], prices.index[DAY])
    assert one.boosters_[15].save_raw("json") == two.boosters_[15].save_raw("json")


def test_trees_do_not_learn_from_validation_values(two_days):
    prices, level = two_days
    changed = prices.copy()
    changed.iloc[DAY:] = changed.iloc[DAY:] * 1.5
    # As many trees as there are rounds: the validation part cannot stop them early.
    told = SMALL | {"trees": 1}
    one, two = (
        RealtimeForecaster(**told).fit(p[:2160], level[:2160], prices.index[DAY])
        for p in (prices, changed)
    )
    assert one.boosters_[60].save_raw("json") == two.boosters_[60].save_raw("json")
    assert (one.validation_mae_ != two.validation_mae_).all()


def test_the_same_fit_gives_the_same_bytes(two_days):
    prices, level = two_days
    fits = [
        RealtimeForecaster(**SMALL).fit(prices[:2160], level[:2160], prices.index[DAY])
        for _ in range(2)
    ]
    assert len({bytes(one.boosters_[5].save_raw("json")) for one in fits}) == 1


def test_it_finds_a_known_rule():
    """Prices that jump to and fro around a level: the next one is on the other side."""
    rng = np.random.default_rng(3)
    index = pd.date_range("2024-01-01", periods=3000, freq="min", tz="UTC")
    wave = 10.0 * (-1.0) ** np.arange(3000)[:, None] + rng.normal(0, 0.1, (3000, 2))
    prices = pd.DataFrame(40 + wave, index, ["a", "b"])
    level = pd.DataFrame(40.0, index, ["a", "b"])
    model = RealtimeForecaster((1, 2), seed=1).fit(prices[:2400], level[:2400], index[1800])
    found = model.predict(prices, level, index[2400])
    assert np.abs(found.price[:-1, 0] - prices.to_numpy()[2401:]).mean() < 1
    assert model.validation_mae_.max() < 1


@pytest.mark.parametrize("target", ["change", "level"])
@pytest.mark.parametrize("loss", ["absolute", "squared"])
def test_every_target_and_loss_forecasts_prices(two_days, target, loss):
    prices, level = two_days
    told = SMALL | {"trees": 60, "patience": 60}
    model = RealtimeForecaster(target=target, loss=loss, **told)
    model.fit(prices[:2160], level[:2160], prices.index[DAY])
    found = model.predict(prices, level, prices.index[2160])
    error = np.abs(found.price[:-60, 0] - prices.to_numpy()[2161:-59]).mean()
    assert error < 12


def test_inputs_by_hand():
    index = pd.date_range("2024-01-06 00:00", periods=5, freq="min", tz="UTC")
    prices = pd.DataFrame({"a": [1.0, 2, 4, 8, 16], "b": [0.0, 0, 0, 0, 3]}, index)
    level = pd.DataFrame({"a": [5.0] * 5, "b": [1.0] * 5}, index)
    inputs = RealtimeInputs((1, 3), (2,), (1,))
    told = Minutes.of(prices, level)
    names = inputs.names(["a", "b"])
    x = np.concatenate([inputs.common(told), inputs.levels(told, 1)], axis=-1)
    assert x.shape == (5, 2, len(names))
    row = dict(zip(names, x[4, 0], strict=True))
    assert row["price"] == 16 and row["lag_1min"] == -8 and row["lag_3min"] == -14
    assert row["mean_2min"] == -4 and row["min_2min"] == -8 and row["max_2min"] == 0
    assert row["std_2min"] == pytest.approx(np.std([8, 16], ddof=1))
    assert row["spread_to_a"] == 0 and row["spread_to_b"] == -13
    assert row["change_1min_b"] == 3 and row["weekend"] == 1 and row["minute_of_hour"] == 4
    assert row["from_level"] == 11 and np.isnan(row["to_level"]), "not published yet"
    assert dict(zip(names, x[3, 1], strict=True))["to_level"] == 1
    assert row["shared"] == 6.5 and row["apart"] == 4.5, "median of 11 and 2"
    assert row["shared_from_mean_2min"] == 6.5 - (6.5 + (3 - 1) / 2) / 2


@pytest.mark.parametrize("day_ahead", [True, False])
@pytest.mark.parametrize("shared", [True, False])
def test_every_input_has_a_name(two_days, day_ahead, shared):
    told = Minutes.of(*two_days)
    inputs = RealtimeInputs(day_ahead=day_ahead, shared=shared)
    x = np.concatenate([inputs.common(told), inputs.levels(told, 15)], axis=-1)
    assert x.shape[-1] == len(set(inputs.names(told.regions)))
    assert np.isfinite(x[60:-60]).all()


def test_the_course_of_the_level_runs_from_middle_to_middle():
    index = pd.date_range("2024-01-01 00:15", periods=150, freq="min", tz="UTC")
    level = pd.DataFrame(
        {"a": np.where(index.hour == 0, 10.0, np.where(index.hour == 1, 70, 40))}, index
    )
    told = Minutes.of(level, level)
    assert told.course(0)[[0, 15, 45, 75, 105, 135], 0].tolist() == [10, 10, 40, 70, 55, 40]
    assert told.course(60)[15, 0] == 70 and np.isnan(told.course(60)[-1, 0])


def test_the_time_of_day_is_local_on_both_clock_changes():
    for day in ("2023-03-12", "2023-11-05"):
        table = market.real_time_prices(1, 1, first=day).iloc[:, :2].set_axis(["a", "b"], axis=1)
        inputs = RealtimeInputs(zone=ZONE)
        x = inputs.common(Minutes.of(table, table))
        names = inputs.names("ab")
        cos = x[:, 0, names.index("day_cos")]
        local = table.index.tz_convert(ZONE)
        assert (cos[local.hour == 12] < -0.9).all() and (cos[local.hour == 0] > 0.9).all()


@pytest.mark.parametrize(
    ("spoil", "word"),
    [
        (lambda p: p.drop(p.index[70]), "row for every minute"),
        (lambda p: p.mask(p == p.iloc[70, 0]), "lack one, the first"),
        (lambda p: p.tz_localize(None), "UTC"),
        (lambda p: p.rename(columns={"west": "moon"}), "same regions"),
    ],
    ids=["gap", "nan", "naive", "regions"],
)
def test_tables_that_are_not_whole_are_refused(two_days, spoil, word):
    prices, level = two_days
    with pytest.raises(DataError, match=word):
        Minutes.of(spoil(prices), level)


@pytest.mark.parametrize(
    ("told", "word"),
    [
        ({"horizons_min": (5, 1)}, "ascending horizons"),
        ({"trees": 0}, "at least 1 tree"),
        ({"target": "log"}, "'log'; choose change or level"),
        ({"loss": "huber"}, "choose absolute or squared"),
        ({"row_share": 0.0}, "row_share above 0"),
    ],
)
def test_impossible_settings_are_refused(told, word):
    with pytest.raises(UsageError, match=word):
        RealtimeForecaster(**told)


def test_lags_of_the_future_are_refused():
    with pytest.raises(UsageError, match="from 1 minute"):
        RealtimeInputs(lags_min=(0, 5))


def test_too_little_history_is_refused(fitted, two_days):
    prices, level = two_days
    with pytest.raises(UsageError, match="121 minutes before"):
        RealtimeForecaster(**SMALL).fit(prices[:400], level[:400], prices.index[100])
    with pytest.raises(UsageError, match="more than 60 minutes"):
        fitted.predict(prices[:60], level[:60])
    with pytest.raises(UsageError, match="regions north"):
        fitted.predict(prices[["north"]], level[["north"]])


def test_the_rules_by_hand():
    index = pd.date_range("2024-01-01", periods=4, freq="min", tz="UTC")
    prices = pd.DataFrame({"a": [10.0, 20, 30, 40]}, index)
    level = pd.DataFrame({"a": [0.0, 100, 100, 100]}, index)
    told = Minutes.of(prices, level)
    assert rules.persistence(told, (1, 2))[:, 1, 0].tolist() == [10, 20, 30, 40]
    assert rules.level(told, (1,))[:3, 0, 0].tolist() == [100, 100, 100]
    assert rules.reversion(told, (1,), np.array([0.5]))[0, 0, 0] == 55
    known = rules.outcomes(told, (1, 2), end=3)[:, :, 0]
    np.testing.assert_array_equal(known[:2], [[20, 30], [30, np.nan]])
    assert np.isnan(known[2:]).all()


def test_the_share_of_the_way_is_found():
    index = pd.date_range("2024-01-01", periods=4000, freq="min", tz="UTC")
    away = np.zeros(4000)
    rng = np.random.default_rng(1)
    for k in range(1, 4000):
        away[k] = 0.8 * away[k - 1] + rng.normal()
    told = Minutes.of(pd.DataFrame({"a": 50 + away}, index), pd.DataFrame({"a": 50.0}, index=index))
    assert rules.shares_of_way(told, (1, 20), 4000).tolist() == pytest.approx([0.2, 1.0], abs=0.16)


def test_rules_are_banded_and_scored_where_everything_came_true(two_days, fitted):
    prices, level = two_days
    market_told = Minutes.of(prices, level)
    told = {"strengths": (0.0, 1.0), "tolerance": 5.0}
    point = rules.persistence(market_told, fitted.horizons_min)
    found = rules.banded(point, market_told, fitted.horizons_min, (DAY, 2160), **told)
    both = {"xgboost": fitted.predict(prices, level, prices.index[2160]), "persistence": found}
    scored = rules.scored(both, prices)
    assert len(scored) == 2 * (720 - 60) * 4 * 4
    assert sorted(scored["horizon_min"].unique()) == [1, 5, 15, 60]
    assert scored["absolute"].notna().all()
    own = scored[(scored["model"] == "persistence") & (scored["series_id"] == "east")]
    values = prices["east"].to_numpy()
    wanted = np.abs(values[2160 + 15 : 2880 - 45] - values[2160 : 2880 - 60]).mean()
    assert own[own["horizon_min"] == 15]["absolute"].mean() == pytest.approx(wanted, rel=1e-5)
    with pytest.raises(UsageError, match="within 2880 minutes"):
        rules.banded(point, market_told, fitted.horizons_min, (DAY, 2880), **told)
