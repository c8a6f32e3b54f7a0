from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from lab.backtest import Backtest
from lab.forecast.naive import RULES, Naive
from lab.forecast.profile import from_scale, to_scale
from lab.scale import forecasts, parts
from lab.scale.forecasts import INTERVALS, MEDIAN, Choices
from lab.scale.plan import LEVELS, TARGET
from lab.simulate import ZONE


@pytest.fixture(scope="module")
def choices(part, model):
    return forecasts.choose(part, model)


@pytest.fixture(scope="module")
def outcome(part, model, choices):
    shift, _ = forecasts.chosen([choices])
    return forecasts.forecast(part, model, shift)


def test_intervals_are_named_by_their_share():
    for share, (low, high) in INTERVALS.items():
        assert 100 * (LEVELS[high] - LEVELS[low]) == pytest.approx(share)


def test_rules_and_model_are_scored_on_the_same_hours_as_by_the_engine(part, plan, outcome):
    table = next(parts.tables(part))
    period = Backtest(table, plan.test_from, plan.test_to)
    by_rule = [period.run(Naive(rule, TARGET)).forecasts.median for rule in RULES]
    all_of_them = [outcome.values[0][:, MEDIAN], *by_rule]
    away = np.abs(np.array(all_of_them) - period.actual())
    expected = away[:, np.isfinite(away).all(axis=0)].mean(axis=1)
    found = outcome.scores.iloc[0].filter(like="_mae_w").to_numpy(dtype=float)
    np.testing.assert_allclose(found, expected)


def test_quantiles_ascend_from_zero(outcome, plan):
    assert outcome.values.shape == (6, 24 * plan.origins, len(LEVELS))
    assert outcome.values.dtype == np.float32
    known = outcome.values[np.isfinite(outcome.values).all(axis=2)]
    assert len(known) > 0.9 * 6 * 24 * plan.origins
    assert (np.diff(known, axis=1) >= 0).all()
    assert known.min() >= 0


def test_the_median_is_the_models_own_whatever_the_shift(part, model, plan, outcome):
    wide = np.linspace(-1, 1, len(LEVELS))
    other = forecasts.forecast(part, model, wide)
    np.testing.assert_array_equal(other.values[:, :, MEDIAN], outcome.values[:, :, MEDIAN])
    table = next(parts.tables(part))
    own = Backtest(table, plan.test_from, plan.test_to)
    seen = own.inputs(model, own.first, own.last + 1)
    expected = own.rows(model.predict(seen), model.layout, own.first, own.last + 1)
    np.testing.assert_allclose(outcome.values[0, :, MEDIAN], expected[:, MEDIAN], rtol=1e-5)


def test_a_shift_widens_intervals_and_their_coverage(part, model, outcome):
    wide = np.linspace(-2, 2, len(LEVELS))
    other = forecasts.forecast(part, model, wide)
    assert (other.inside.sum(axis=1) > outcome.inside.sum(axis=1)).all()
    np.testing.assert_array_equal(other.scored, outcome.scored)


def test_coverage_is_counted_by_issue(outcome, plan, part):
    assert outcome.inside.shape == (2, plan.origins)
    assert (outcome.inside[0] <= outcome.inside[1]).all()
    assert (outcome.inside[1] <= outcome.scored).all()
    known = 0
    for number, table in enumerate(parts.tables(part)):
        actual = Backtest(table, plan.test_from, plan.test_to).actual()
        known += np.isfinite(actual) & np.isfinite(outcome.values[number]).all(axis=1)
    assert outcome.scored.tolist() == known.reshape(plan.origins, 24).sum(axis=1).tolist()


def test_errors_of_the_choices_are_on_the_models_scale(part, plan, model, choices):
    table = next(parts.tables(part))
    period = Backtest(table, plan.choose_from, plan.choose_to)
    seen = period.inputs(model, period.first, period.last + 1)
    level = seen["level"][:, :, None]
    actual = period.table.days[TARGET][period.first : period.last + 1][:, :, None]
    errors = to_scale(actual, level) - to_scale(model.predict(seen), level)
    errors = errors.reshape(-1, len(LEVELS))
    errors = errors[np.isfinite(errors).all(axis=1)]
    np.testing.assert_allclose(choices.errors[: len(errors)], errors, atol=1e-6)


def test_the_shift_is_the_quantile_of_errors_and_the_rule_the_best():
    errors = np.repeat(np.arange(1.0, 200.0)[:, None], len(LEVELS), axis=1)
    away = np.array([5.0, 4.0, 3.0, 2.0, 1.0, 6.0])
    shift, rule = forecasts.chosen([Choices(errors[:100], away), Choices(errors[100:], away)])
    # 199 errors 1 to 199: place 200 p.
    expected = 200 * np.array(LEVELS)
    expected[MEDIAN] = 0
    np.testing.assert_allclose(shift, expected)
    assert rule == RULES[4]


def test_parts_are_the_same_alone_and_together(part, model, outcome, choices):
    shift, _ = forecasts.chosen([choices])
    alone = replace(part, start=3, count=2)
    table = pd.read_parquet(part.file).iloc[:, 3:5]
    table.to_parquet(alone.file)
    found = forecasts.forecast(alone, model, shift)
    assert found.values.tobytes() == outcome.values[3:5].tobytes()
    pd.testing.assert_frame_equal(found.scores, outcome.scores.iloc[3:5])


def test_a_meter_that_is_silent_in_the_test_has_no_error(part, model, choices, plan):
    shift, _ = forecasts.chosen([choices])
    silent = replace(part, start=0, count=1)
    table = pd.read_parquet(part.file).iloc[:, :1]
    table.loc[pd.Timestamp(plan.test_from, tz=ZONE) :] = np.nan
    elsewhere = replace(silent, folder=str(part.file.parent / "silent"))
    elsewhere.file.parent.mkdir(exist_ok=True)
    table.to_parquet(elsewhere.file)
    found = forecasts.forecast(elsewhere, model, shift)
    assert found.scored.sum() == 0
    assert found.scores.filter(like="_mae_w").isna().all(axis=None)
    assert found.scores["mean_w"].iloc[0] > 0


def test_the_scale_goes_there_and_back():
    values = np.array([0.0, 3.0, 250.0])
    np.testing.assert_allclose(from_scale(to_scale(values, 80.0), 80.0), values)


def test_widths_and_scores_are_means_over_the_measured_hours():
    values = np.zeros((4, len(forecasts.LEVELS)))
    values[:, 0], values[:, -1] = -2.0, 2.0
    low, high = forecasts.INTERVALS[80]
    values[:, low], values[:, high] = -1.0, 1.0
    found = forecasts._widths(values, np.array([0.0, 1.5, -3.0, np.nan]))
    assert found["width_80_w"] == 2.0
    assert found["winkler_80_w"] == pytest.approx(2 + 10 * (0.5 + 2.0) / 3)
    assert found["width_95_w"] == 4.0
    assert found["winkler_95_w"] == pytest.approx(4 + 40 * 1.0 / 3)
    assert np.isnan(list(forecasts._widths(values, np.full(4, np.nan)).values())).all()
