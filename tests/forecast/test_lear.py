"""LEAR: its inputs, its penalties beside scikit-learn's, its noise, its threads, its file."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import Lasso, LassoLarsIC

from lab.backtest import Backtest
from lab.errors import UsageError
from lab.forecast.lear import Lear, LearInputs
from lab.forecast.naive import Naive
from lab.forecast.scaling import AsinhScale, LinearScale
from lab.forecast.view import DayTable

DAYS, PRICE, LOAD = 500, "price_eur_per_mwh", "load_forecast_mw"


@pytest.fixture(scope="module")
def market():
    """Hourly prices that follow a load known ahead, with spikes and some below zero."""
    rng = np.random.default_rng(7)
    index = pd.date_range("2014-01-01", periods=24 * DAYS, freq="h", tz="UTC")
    wave = np.sin((index.hour.to_numpy() - 6) / 24 * 2 * np.pi)
    weekend = np.where(index.dayofweek >= 5, -0.4, 0.0)
    daily = np.repeat(rng.normal(0, 0.3, DAYS), 24)
    load = 10 + 2 * wave + weekend + daily + rng.normal(0, 0.2, len(index))
    price = 40 + 8 * (load - 10) + rng.normal(0, 2, len(index))
    price[rng.integers(0, len(index), 40)] += 200
    price[rng.integers(0, len(index), 40)] -= 60
    frame = pd.DataFrame(
        {PRICE: price, LOAD: load, "wind_mw": rng.gamma(2.0, 1.0, len(index))}, index=index
    )
    knowledge = {PRICE: "past", LOAD: "known_future", "wind_mw": "known_future"}
    return DayTable(frame, zone="UTC", target=PRICE, knowledge=knowledge, series_id="X")


@pytest.fixture(scope="module")
def days(market):
    """Inputs and prices of the days from the eighth on."""
    period = Backtest(market, "2014-01-08", "2015-05-10")
    model = Lear(PRICE, (LOAD, "wind_mw"))
    return period.inputs(model, 7, DAYS - 10), market.days[PRICE][7 : DAYS - 10]


def some(days, count):
    inputs, target = days
    return {name: values[-count:] for name, values in inputs.items()}, target[-count:]


def test_inputs_are_those_that_were_published(market):
    told = LearInputs(PRICE, (LOAD, "wind_mw"))
    view = market.view(30)
    found = told(view)
    names = told.names()
    assert found["x"].shape == (240,)
    assert len(names) == 247
    at = dict(zip(names, np.concatenate([found["x"], found["weekday"]]), strict=True))
    price, load = market.days[PRICE], market.days[LOAD]
    for lag in (1, 2, 3, 7):
        assert at[f"price_{lag}d_05h"] == price[30 - lag, 5]
    assert at[f"{LOAD}_23h"] == load[30, 23]
    assert at[f"{LOAD}_7d_00h"] == load[23, 0]
    # 31 January 2014 was a Friday.
    assert [day for day in names[-7:] if at[day]] == ["friday"]


@pytest.mark.parametrize("day", ["2014-03-30", "2014-10-26"], ids=["23 hours", "25 hours"])
def test_days_of_other_lengths_are_laid_out_by_the_wall_clock(day):
    index = pd.date_range("2013-12-31 23:00", "2014-11-30 22:00", freq="h", tz="UTC")
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(
        {PRICE: rng.normal(40, 5, len(index)), LOAD: rng.normal(10, 1, len(index))}, index
    )
    table = DayTable(
        frame,
        zone="Europe/Brussels",
        target=PRICE,
        knowledge={PRICE: "past", LOAD: "known_future"},
        series_id="X",
    )
    number = [str(date) for date in table.dates].index(day)
    told = LearInputs(PRICE, (LOAD,))
    names = told.names()
    for later in (0, 1, 2, 3, 7):
        found = told(table.view(number + later))["x"]
        assert found.shape == (168,)
        assert np.isfinite(found).all()
    at = dict(zip(names[:168], told(table.view(number))["x"], strict=True))
    assert at[f"{LOAD}_23h"] == table.days[LOAD][number, 23]


def test_without_history_there_is_no_input(market):
    assert np.isnan(LearInputs(PRICE)(market.view(3))["x"]).any()


@pytest.mark.parametrize("count", [56, 400])
def test_coefficients_are_those_of_scikit_learn_at_the_same_penalty(days, count):
    inputs, target = some(days, count)
    model = Lear(PRICE, (LOAD, "wind_mw")).fit(inputs, target)
    z = np.concatenate([model.x_scale_.to(inputs["x"]), inputs["weekday"]], axis=1)
    t = model.y_scale_.to(target)
    for hour in (0, 12, 23):
        theirs = Lasso(model.penalty_[hour], tol=1e-13, max_iter=10**6).fit(z, t[:, hour])
        assert np.abs(model.coef_[hour] - theirs.coef_).max() < 1e-6
        assert model.intercept_[hour] == pytest.approx(theirs.intercept_, abs=1e-6)


def test_penalties_of_a_long_window_are_those_of_the_published_criterion(days):
    inputs, target = some(days, 400)
    model = Lear(PRICE, (LOAD, "wind_mw")).fit(inputs, target)
    z = np.concatenate([model.x_scale_.to(inputs["x"]), inputs["weekday"]], axis=1)
    t = model.y_scale_.to(target)
    # Without the seventh day of the week, which the other six tell.
    kept = np.arange(246)
    for hour in (3, 18):
        theirs = LassoLarsIC(criterion="aic", max_iter=2000).fit(z[:, kept], t[:, hour])
        assert model.noise_[hour] == pytest.approx(theirs.noise_variance_, rel=1e-6)
        assert model.penalty_[hour] == pytest.approx(theirs.alpha_, rel=1e-6)


def test_short_windows_take_the_noise_of_the_scaled_lasso(days):
    auto, scaled = (
        Lear(PRICE, (LOAD, "wind_mw"), noise=way).fit(*some(days, 84)) for way in ("auto", "scaled")
    )
    np.testing.assert_array_equal(auto.noise_, scaled.noise_)
    variance = auto.y_scale_.to(some(days, 84)[1]).var(axis=0)
    assert (auto.noise_ > 0.01 * variance).all()
    assert (auto.noise_ < variance).all()
    # Far fewer inputs than samples are kept: nothing is told by heart.
    assert (np.count_nonzero(auto.coef_, axis=1) < 42).all()


def test_it_beats_the_rules(market):
    period = Backtest(market, "2015-03-01", "2015-05-10")
    model = Lear(PRICE, (LOAD, "wind_mw"))
    ours = period.run(model, "weekly", 200).forecasts.median
    rule = period.run(Naive("yesterday", PRICE)).forecasts.median
    actual = period.actual()
    assert np.abs(ours - actual).mean() < 0.8 * np.abs(rule - actual).mean()


def test_threads_change_no_bit(days, monkeypatch):
    found = []
    for threads in ("1", "3"):
        monkeypatch.setenv("LAB_THREADS", threads)
        model = Lear(PRICE, (LOAD, "wind_mw")).fit(*some(days, 100))
        found.append(model.predict(days[0]).tobytes())
    assert found[0] == found[1]


def test_days_with_gaps_are_left_out_and_are_not_forecast(days):
    inputs, target = some(days, 120)
    plain = Lear(PRICE, (LOAD, "wind_mw")).fit(some(days, 100)[0], some(days, 100)[1])
    gaps = {name: values.copy() for name, values in inputs.items()}
    gaps["x"][:10, 3] = np.nan
    holes = target.copy()
    holes[10:20, 5] = np.nan
    model = Lear(PRICE, (LOAD, "wind_mw")).fit(gaps, holes)
    np.testing.assert_allclose(model.coef_, plain.coef_, atol=1e-12)
    forecasts = model.predict(gaps)
    assert np.isnan(forecasts[:10]).all()
    assert np.isfinite(forecasts[10:]).all()


def test_nothing_explodes_beyond_what_was_learnt(days):
    inputs, target = some(days, 100)
    model = Lear(PRICE, (LOAD, "wind_mw")).fit(inputs, target)
    wild = {"x": inputs["x"][-1:] * 1e6, "weekday": inputs["weekday"][-1:]}
    largest = np.abs(target - model.y_scale_.middle).max()
    assert np.abs(model.predict(wild)).max() < 10 * largest


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda d: Lear(PRICE, noise="loud"), "Unknown noise 'loud'; choose one of auto"),
        (lambda d: Lear(PRICE).fit(*some(d, 20)), "at least 30 days without gaps .* got 20"),
        (lambda d: Lear(PRICE).predict(d[0]), "has not been fitted"),
    ],
    ids=["noise", "few days", "not fitted"],
)
def test_what_cannot_be_is_refused(days, make, words):
    with pytest.raises(UsageError, match=words):
        make(days)


def test_the_scale_takes_spikes_and_signs_and_goes_back():
    values = np.array([[1.0, 5.0, 2.0], [2.0, 5.0, 2.0], [3.0, 5.0, 2.0], [-900.0, 5.0, 9.0]])
    scale = AsinhScale.of(values)
    np.testing.assert_allclose(scale.back(scale.to(values)), values, rtol=1e-12)
    assert scale.to(values)[3, 0] > -8
    # A constant column keeps its unit, one with a single other value is still measured.
    assert scale.spread[1] == 1.0
    assert scale.spread[2] == pytest.approx(values[:, 2].std())


def test_a_price_that_an_input_tells_exactly_is_learnt(days):
    inputs, _ = some(days, 60)
    told = inputs["x"][:, 96:120]
    model = Lear(PRICE, (LOAD, "wind_mw")).fit(inputs, told)
    assert (model.noise_ > 0).all()
    np.testing.assert_allclose(model.predict(inputs)[:, :, 0], told, rtol=0.02)


def test_without_the_transformation_it_is_equivariant_to_unit_and_level(days):
    inputs, target = days
    scale = {"noise": "scaled", "scale": "linear"}
    model = Lear(PRICE, (LOAD, "wind_mw"), **scale).fit(inputs, target)
    moved = {"x": inputs["x"] * 3 + 5, "weekday": inputs["weekday"]}
    other = Lear(PRICE, (LOAD, "wind_mw"), **scale).fit(moved, target * 3 + 5)
    last = {name: values[-1:] for name, values in inputs.items()}
    there = {name: values[-1:] for name, values in moved.items()}
    np.testing.assert_allclose(other.predict(there), model.predict(last) * 3 + 5, rtol=1e-6)
    bent = Lear(PRICE, (LOAD, "wind_mw"), noise="scaled").fit(inputs, target)
    assert np.abs(bent.predict(last) - model.predict(last)).max() > 0.1


def test_a_linear_scale_clips_what_lies_far_away():
    scale = LinearScale.of(np.array([[0.0], [1.0], [2.0], [3.0], [4.0]]))
    np.testing.assert_allclose(scale.to(np.array([[2.0], [1e6]])), [[0.0], [12.0]])
    np.testing.assert_allclose(scale.back(scale.to(np.array([[3.5]]))), [[3.5]])


def test_an_unknown_scale_is_refused():
    with pytest.raises(UsageError, match="choose one of asinh, linear"):
        Lear(PRICE, scale="log")
