"""Standard errors: by hand, against the formula for independent values, and undefined."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab import metrics
from lab.errors import UsageError
from lab.evaluation.bootstrap import (
    block_length,
    circular_weights,
    coverage,
    standard_error_of_mean,
    standard_errors,
    with_errors,
)


@pytest.mark.parametrize(("issues", "block"), [(1, 7), (365, 7), (729, 9), (8000, 20)])
def test_default_block_is_the_cube_root_and_at_least_a_week(issues, block):
    assert block_length(issues) == block


@given(st.integers(1, 30), st.integers(1, 40))
def test_every_draw_has_as_many_issues_as_there_are(issues, block):
    weights = circular_weights(issues, block, draws=20)
    assert weights.shape == (20, issues)
    assert (weights.sum(axis=1) == issues).all()


def test_a_block_is_consecutive_and_goes_on_at_the_beginning():
    weights = circular_weights(5, 3, draws=200)
    # Five issues are one whole block of three and two issues of another.
    rows = {tuple(row) for row in weights.tolist()}
    assert (2, 2, 1, 0, 0) in rows
    assert (2, 1, 0, 0, 2) in rows
    assert (1, 0, 1, 0, 3) not in rows


def test_draws_repeat_with_the_seed_of_the_project(monkeypatch):
    monkeypatch.setenv("LAB_SEED", "3")
    assert (circular_weights(9, 2) == circular_weights(9, 2, seed=3)).all()
    assert (circular_weights(9, 2) != circular_weights(9, 2, seed=4)).any()


def test_independent_values_have_the_error_of_the_formula():
    values = np.random.default_rng(0).normal(0, 3, 900)
    expected = values.std() / 30
    # The variance of 90 blocks is known to about 15 %.
    assert standard_error_of_mean(values, block=10) == pytest.approx(expected, rel=0.25)
    assert standard_error_of_mean(values, block=1) == pytest.approx(expected, rel=0.08)


def test_values_that_stay_together_have_a_larger_error():
    values = np.repeat(np.random.default_rng(1).normal(size=100), 7)
    blocks = standard_error_of_mean(values, block=14)
    assert blocks > 1.8 * standard_error_of_mean(values, block=1)


def test_all_circular_blocks_are_equal_by_hand():
    # 0, 1, 0, 1 in blocks of two: every block has the mean one half.
    values = np.array([0.0, 1, 0, 1])
    assert standard_error_of_mean(values, block=2) == 0
    # Singly: the deviation 1/2 over the root of 4.
    assert standard_error_of_mean(values, block=1, draws=20_000) == pytest.approx(0.25, rel=0.02)


def test_a_missing_issue_is_passed_over():
    values = np.random.default_rng(2).normal(size=400)
    holes = values.copy()
    holes[::2] = np.nan
    ratio = standard_error_of_mean(holes, block=1) / standard_error_of_mean(values, block=1)
    assert ratio == pytest.approx(2**0.5, rel=0.15)


def test_an_issue_with_more_rows_weighs_more():
    means, rows = np.array([1.0, 5.0, 1.0, 5.0] * 10), np.array([3, 1, 3, 1] * 10)
    weighted = standard_error_of_mean(means * rows, rows, block=1, draws=5000)
    # The ratio's error: deviations 3 (1 - 2) and 1 (5 - 2), root mean square 3, mean rows 2.
    assert weighted == pytest.approx(3 / 2 / 40**0.5, rel=0.06)


@pytest.mark.parametrize(
    "values",
    [np.arange(13.0), np.r_[np.arange(13.0), np.full(50, np.nan)], np.full(30, np.nan)],
    ids=["short", "few known", "none known"],
)
def test_fewer_than_two_blocks_have_no_error(values):
    assert np.isnan(standard_error_of_mean(values, block=7))


def test_columns_are_drawn_alike():
    values = np.random.default_rng(3).normal(size=(40, 2, 3))
    found = standard_error_of_mean(values, block=7)
    assert found.shape == (2, 3)
    assert found[1, 2] == pytest.approx(float(standard_error_of_mean(values[:, 1, 2], block=7)))


@pytest.mark.parametrize("numbers", [(0, 1, 1), (1, 0, 1), (1, 1, 0)], ids=str)
def test_an_impossible_bootstrap_is_refused(numbers):
    with pytest.raises(UsageError, match="at least one issue"):
        circular_weights(*numbers)


@pytest.fixture
def table(scored):
    rng = np.random.default_rng(4)
    return scored({"b": rng.normal(0, 1, 80), "a": rng.normal(0, 2, 80)})


def test_means_are_those_of_the_summary_with_the_error_beside(table):
    hour = pd.Series(table["valid_at"].dt.hour.to_numpy(), index=table["valid_at"])
    hour = hour[~hour.index.duplicated()]
    for by in ((), {"hour": hour}):
        found = standard_errors(table, by=by, unit="mw")
        scores = metrics.summarise(table, unit="mw", by=by)
        names = [name for name in found if name in scores]
        assert len(names) == 13
        pd.testing.assert_frame_equal(found[names], scores[names])
        assert list(found)[:2] == ["mae_mw", "mae_mw_se"]
        assert (found["issues"] == 40).all()


def test_errors_are_those_of_the_losses_per_issue(table):
    found = standard_errors(table, ["mae_mw", "coverage_80_percent"], unit="mw")
    own = table[table["model"] == "a"]
    daily = own.groupby("issued_at")[["absolute", "inside_80"]].mean().to_numpy()
    expected = standard_error_of_mean(daily)
    assert found.loc["a", "mae_mw_se"] == pytest.approx(expected[0])
    assert found.loc["a", "coverage_80_percent_se"] == pytest.approx(100 * expected[1])


def test_a_rare_regime_has_no_error(table):
    times = pd.DatetimeIndex(table["valid_at"].unique())
    regime = pd.Series(np.where(np.arange(len(times)) < 10, "rare", "common"), index=times)
    found = standard_errors(table, ["mae_mw"], {"regime": regime}, unit="mw")
    assert np.isnan(found.loc[("a", "rare"), "mae_mw_se"])
    assert found.loc[("a", "common"), "mae_mw_se"] > 0
    assert found.loc[("a", "rare"), "issues"] == 5


def test_an_unknown_score_is_refused(table):
    with pytest.raises(UsageError, match="Unknown mean score 'rmse_mw'; choose one of mae_mw"):
        standard_errors(table, ["rmse_mw"], unit="mw")


def test_coverage_has_a_row_per_interval_and_judges_it(scored):
    # The 80 % interval is from -1 to 1: always missed, and always held.
    found = coverage(scored({"wrong": [1.5] * 40, "wide": [0.5] * 40}), unit="mw")
    rows = found.set_index(["model", "nominal_percent"])
    assert rows.loc[("wrong", 80), "coverage_percent"] == 0
    assert not rows.loc[("wrong", 80), "within_two_se"]
    assert rows.loc[("wide", 80), ["coverage_percent", "coverage_se_percent"]].tolist() == [100, 0]
    assert rows.loc[("wrong", 80), "winkler_mw"] == pytest.approx(2 + 2 / 0.2 * 0.5)
    assert rows.loc[("wrong", 95), "width_mw"] == 4


def test_honest_intervals_are_within_two_errors(scored):
    z = 1 / 1.2816
    errors = np.random.default_rng(5).normal(0, z, 400)
    found = coverage(scored({"honest": errors}), unit="mw")
    assert found.set_index("nominal_percent").loc[80, "within_two_se"]


def test_coverage_without_error_is_within_nothing(scored):
    assert not coverage(scored({"m": [0.5] * 10}), unit="mw")["within_two_se"].any()


def test_errors_stand_beside_the_coverage_of_their_model():
    held = pd.DataFrame(
        {
            "model": ["ridge", "ridge", "other"],
            "nominal_percent": [80.0, 95.0, 80.0],
            "coverage_se_percent": [1.5, float("nan"), 9.0],
        }
    )
    given = {"ridge": {"coverage_80_percent": 79.0}, "lstm": {"coverage_80_percent": 70.0}}
    found = with_errors(given, held)
    assert found["ridge"]["coverage_80_se_percent"] == 1.5
    assert found["ridge"]["coverage_95_se_percent"] != found["ridge"]["coverage_95_se_percent"]
    assert found["lstm"] == given["lstm"]
    assert given["ridge"] == {"coverage_80_percent": 79.0}
