"""What is published is one model: it repeats the backtest's own row for the issue, to the bit."""

import numpy as np
import pytest

from lab.backtest import Backtest
from lab.errors import UsageError
from lab.forecast import saving
from lab.forecast.combination import average_quantiles, weighted
from lab.forecast.correction import corrected
from lab.forecast.difficulty import Difficulty, disagreement
from lab.forecast.intervals import Calibration, calibrate
from lab.forecast.kernel import KernelRidge
from lab.forecast.lightgbm import LightGBM
from lab.forecast.linear import Ridge
from lab.forecast.naive import Naive
from lab.forecast.published import Combined, Evening, Published, Recipe, publish
from lab.forecast.qra import Regression, average_by_regression, coefficients_at
from lab.forecast.table import QUANTILES, mean_of

FIRST, CLOCK_CHANGE, LAST = "2014-02-20", "2014-04-06", "2014-05-08"
SHARE, DAYS = 0.5, 7
WEIGHTS = (0.5, 0.0, 0.3, 0.2)
PLAIN = Calibration(min_days=20, window_days=60)
TOLD = Calibration(min_days=20, window_days=60, difficulty=Difficulty(10.0, min_days=20))


def backtest(table, last, weights=None, how=PLAIN):
    """Return what a study does: members, their forecasts, and the published one."""
    period = Backtest(table, FIRST, last)
    models = [Ridge(), KernelRidge(), LightGBM(trees=3, leaves=4), Naive("yesterday")]
    past = [period.run(model, "weekly").forecasts for model in models]
    actual = period.actual()
    views = (table.view(day) for day in range(period.first, period.last + 1))
    apart = disagreement([one.median for one in past], past[0].day)
    signs = np.column_stack([apart, np.stack([Evening()(view) for view in views])])
    point = mean_of(past, "both") if weights is None else weighted(past, weights, "both")
    found = calibrate(corrected(point, actual, SHARE, DAYS), actual, how, signs)
    return period, models, past, actual, signs, found


def as_published(case, weights=None, how=PLAIN, actual=None):
    _, models, past, measured, signs, found = case
    recipe = Recipe(how, SHARE, DAYS, weights=weights, evening=Evening())
    measured = measured if actual is None else actual
    issue = int(found.day[-1])
    return publish(models, past, measured, recipe, issue=issue, name="both", signs=signs)


def early(case):
    """Return a case that ends at its eleventh issue."""
    _, models, past, actual, signs, found = case
    keep = found.day <= 10
    past = [one.rows(keep) for one in past]
    return None, models, past, actual[keep], signs[:11], found.rows(keep)


def forecast(model, period):
    """Return the model's forecast of the last day of a backtest, row by row."""
    values = model.predict(period.inputs(model, period.last, period.last + 1))
    return period.rows(values, model.layout, period.last, period.last + 1)


@pytest.fixture(scope="module")
def case(table):
    return backtest(table, LAST, how=TOLD)


@pytest.mark.parametrize("last", [CLOCK_CHANGE, "2014-05-06", LAST])
@pytest.mark.parametrize("how", [PLAIN, TOLD], ids=["plain", "difficulty"])
def test_it_repeats_the_row_of_the_backtest_to_the_bit(table, last, how):
    made = backtest(table, last, how=how)
    found, own = forecast(as_published(made, how=how), made[0]), made[-1]
    rows = own.values[own.day == own.day[-1]]
    assert len(rows) == (50 if last == CLOCK_CHANGE else 48)
    assert np.isfinite(rows).all()
    assert found.tobytes() == rows.tobytes()


def test_with_weights_it_repeats_it_but_for_the_rounding_of_a_sum(table):
    made = backtest(table, LAST, WEIGHTS)
    own = made[-1]
    found = forecast(as_published(made, WEIGHTS), made[0])
    # A matrix product adds in an order that depends on how many rows there are.
    assert found == pytest.approx(own.values[own.day == own.day[-1]], rel=1e-13)


def test_it_holds_nothing_that_was_measured_later(case):
    _, _, past, actual, _, _ = case
    hidden = np.where(past[0].day < past[0].day[-1], actual, np.nan)
    before, after = (as_published(case, how=TOLD, actual=a) for a in (actual, hidden))
    assert after.move.tobytes() == before.move.tobytes()
    assert after.band.quantiles.tobytes() == before.band.quantiles.tobytes()
    assert after.band.recent == before.band.recent
    assert after.band.announced.weight.tobytes() == before.band.announced.weight.tobytes()


def test_every_sign_widens_or_narrows_the_band(case):
    period = case[0]
    model = as_published(case, how=TOLD)
    inputs = period.inputs(model, period.last, period.last + 1)
    hotter = inputs | {"evening": inputs["evening"] + 5.0}
    usual, moved = (model.predict(i)[0, :48] for i in (inputs, hotter))
    assert (usual[:, 4] == moved[:, 4]).all()
    assert (usual[:, 8] != moved[:, 8]).all()


def test_a_day_ends_where_it_ends(case):
    period = case[0]
    model = as_published(case)
    values = model.predict(period.inputs(model, period.last, period.last + 1))
    assert values.shape == (1, 50, len(QUANTILES))
    assert np.isnan(values[0, 48:]).all()
    assert (np.diff(values[0, :48], axis=1) >= 0).all()


def test_a_fit_teaches_the_members_and_leaves_the_state(case):
    period = case[0]
    model = as_published(case)
    before = model.band
    anew = Published("anew", [Ridge()], model.move, before).fit(
        period.inputs(Published("anew", [Ridge()], model.move, before), 40, 60),
        period.table.days["demand_mw"][40:60],
    )
    assert np.isfinite(anew.predict(period.inputs(anew, 60, 61))[0, :48]).all()
    assert anew.band is before


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda c: Published("p", [], np.zeros(48), None), "got none"),
        (lambda c: Published("p", [Ridge()], np.zeros(48), None, weights=(1, 2)), r"\[1, 2\]"),
        (lambda c: Published("p", [Ridge()], np.zeros(48), None, weights=(-1,)), "at least 0"),
        (lambda c: Published("p", [Ridge()], np.zeros(48), None, weights=(0,)), "not all"),
        (lambda c: as_published(early(c)), "knows 20 days, got number 10"),
    ],
    ids=["no member", "weights", "negative", "all 0", "too early"],
)
def test_what_cannot_be_published_is_refused(case, make, words):
    with pytest.raises(UsageError, match=words):
        make(case)


def joined(case, name):
    """Return a combination as a backtest makes it, and as the model of its last issue."""
    _, models, past, actual, _, _ = case
    if name == "average":
        return average_quantiles(past, name, WEIGHTS), Combined(name, models, weights=WEIGHTS)
    how = Regression(min_days=20, refresh_days=5)
    found = coefficients_at(past, actual, how, int(past[0].day[-1]))
    made = Combined(name, models, coefficients=found)
    return average_by_regression(past, actual, how, name), made


@pytest.mark.parametrize("name", ["average", "regression"])
def test_a_combination_repeats_the_row_of_the_backtest_and_is_saved(case, tmp_path, name):
    own, model = joined(case, name)
    found = forecast(model, case[0])
    # A product of matrices adds in an order that depends on how many rows there are.
    assert found == pytest.approx(own.values[own.day == own.day[-1]], rel=1e-12)
    path = saving.save(model, tmp_path / saving.file_name(model))
    assert path.name == f"{name}.zip"
    loaded = saving.load(path)
    assert saving.save(loaded, tmp_path / "again").read_bytes() == path.read_bytes()
    assert forecast(loaded, case[0]).tobytes() == found.tobytes()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"weights": (1, 2)}, "of 1 members needs as many weights"),
        ({"coefficients": np.zeros((9, 3))}, r"of the shape \(9, 2\), got \(9, 3\)"),
        ({"weights": (1,), "coefficients": np.zeros((9, 2))}, "but not both, got 1 members"),
    ],
    ids=["weights", "coefficients", "both"],
)
def test_a_combination_that_does_not_fit_its_members_is_refused(given, words):
    with pytest.raises(UsageError, match=words):
        Combined("c", [Ridge()], **given)


def test_coefficients_need_an_issue_that_knows_enough(case):
    with pytest.raises(UsageError, match="knows 60 days .* got number 10 of"):
        coefficients_at(case[2], case[3], Regression(min_days=60), 10)
