"""The Diebold-Mariano test: by hand, against its symmetry, and where it is undefined."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats

from lab.errors import UsageError
from lab.evaluation.diebold_mariano import (
    diebold_mariano,
    draw_p_values,
    long_run_variance,
    p_values,
)

ZERO = np.zeros(4)
LOSSES = hnp.arrays(float, (2, 20), elements=st.floats(0, 1e3).map(lambda x: round(x, 3)))


def test_without_lags_it_is_the_t_test_with_the_correction():
    # d = 1, 2, 3, 6: mean 3, variance 14 / 4; correction (n - 1) / n makes it the t statistic.
    found = diebold_mariano(np.array([1.0, 2, 3, 6]), ZERO, lags=0)
    assert found.mean_difference == 3
    assert found.statistic == pytest.approx(np.sqrt(3 / 4) * 3 / np.sqrt(14 / 4 / 4))
    known = stats.ttest_1samp([1.0, 2, 3, 6], 0)
    assert found.statistic == pytest.approx(known.statistic)
    assert found.p_differs == pytest.approx(known.pvalue)
    assert found.p_second_better == pytest.approx(known.pvalue / 2)
    assert found.p_first_better == pytest.approx(1 - known.pvalue / 2)
    assert (found.issues, found.lags) == (4, 0)


def test_bartlett_variance_by_hand():
    # Centred -2, -1, 0, 3: g0 = 14 / 4, g1 = (2 + 0 + 0) / 4, g2 = (0 - 3) / 4.
    values = np.array([1.0, 2, 3, 6])
    assert long_run_variance(values, 1) == pytest.approx(14 / 4 + 2 * 0.5 * 2 / 4)
    assert long_run_variance(values, 2) == pytest.approx(
        14 / 4 + 2 * (2 / 3) * 2 / 4 + 2 * (1 / 3) * (-3 / 4)
    )


def test_small_sample_correction_of_a_longer_horizon():
    # n = 4, h = 2: (4 + 1 - 4 + 2 / 4) / 4 = 0.375; two lags are not asked for: h - 1 = 1.
    found = diebold_mariano(np.array([1.0, 2, 3, 6]), ZERO, horizon=2)
    assert found.lags == 1
    assert found.statistic == pytest.approx(np.sqrt(0.375) * 3 / np.sqrt(4 / 4))


def test_default_lags_grow_with_the_issues():
    losses = np.random.default_rng(1).random((2, 365))
    assert diebold_mariano(*losses).lags == 5
    assert diebold_mariano(*losses, horizon=8).lags == 7


def test_a_missing_issue_keeps_its_place():
    gap = np.array([1.0, np.nan, 2, 3])
    found = diebold_mariano(gap, ZERO, lags=1)
    # Known 1, 2, 3 about 2: -1, 0, 1; neighbours in time are 2 and 3 alone: product 0.
    assert found.issues == 3
    assert found.statistic == pytest.approx(np.sqrt(2 / 3) * 2 / np.sqrt(2 / 3 / 3))


@pytest.mark.parametrize(
    ("first", "statistic", "p"),
    [
        (ZERO, 0.0, 1.0),
        (ZERO + 2, np.inf, 0.0),
        (ZERO - 2, -np.inf, 0.0),
        (np.array([1.0, np.nan, np.nan, np.nan]), np.nan, np.nan),
        (np.full(4, np.nan), np.nan, np.nan),
    ],
    ids=["equal", "always worse", "always better", "one issue", "no issue"],
)
def test_cases_without_variance(first, statistic, p):
    found = diebold_mariano(first, ZERO)
    np.testing.assert_equal((found.statistic, found.p_differs), (statistic, p))


def test_a_difference_by_rounding_alone_is_none():
    losses = np.array([0.1 + 0.2, 1.1, 2.2, 3.3])
    assert diebold_mariano(losses, np.array([0.3, 1.1, 2.2, 3.3])).p_differs == 1


def test_a_horizon_beyond_the_issues_says_nothing():
    assert np.isnan(diebold_mariano(np.array([1.0, 2, 3, 6]), ZERO, horizon=4).p_differs)


@given(LOSSES)
def test_exchanging_the_models_exchanges_the_answer(losses):
    there, back = diebold_mariano(*losses), diebold_mariano(*losses[::-1])
    assert there.p_second_better == pytest.approx(back.p_first_better)
    assert there.p_differs == pytest.approx(back.p_differs)
    assert there.statistic == pytest.approx(-back.statistic)


@given(LOSSES, st.floats(0.01, 100))
def test_the_unit_does_not_matter(losses, factor):
    one = diebold_mariano(*losses)
    assume(abs(one.statistic) < 1e6)
    assert diebold_mariano(*(factor * losses)).p_differs == pytest.approx(one.p_differs, abs=1e-6)


@given(hnp.arrays(float, 12, elements=st.floats(-100, 100)), st.integers(0, 11))
def test_variance_is_never_negative(values, lags):
    assert long_run_variance(values, lags) >= 0


def test_equal_models_are_told_apart_as_rarely_as_promised():
    rng = np.random.default_rng(0)
    found = [diebold_mariano(*rng.random((2, 120))).p_differs < 0.05 for _ in range(400)]
    # Standard error of a share of 0.05 in 400 tries: 0.011; the lags cost a little.
    assert np.mean(found) == pytest.approx(0.05, abs=0.035)


@pytest.mark.parametrize(
    ("second", "settings", "message"),
    [
        (np.zeros(3), {}, "one loss per issue each"),
        (ZERO, {"horizon": 0}, "horizon of at least 1"),
        (ZERO, {"lags": -1}, "got 1 and -1"),
    ],
    ids=["shapes", "horizon", "lags"],
)
def test_impossible_comparisons_are_refused(second, settings, message):
    with pytest.raises(UsageError, match=message):
        diebold_mariano(ZERO, second, **settings)


@pytest.fixture
def losses():
    rng = np.random.default_rng(2)
    good = rng.random(60)
    return pd.DataFrame({"good": good, "bad_one": good + rng.random(60), "twin": good})


def test_matrix_is_small_where_the_column_is_better(losses):
    matrix = p_values(losses)
    assert matrix.loc["bad_one", "good"] < 0.001
    assert matrix.loc["good", "bad_one"] > 0.999
    assert matrix.loc["good", "twin"] == 0.5
    assert np.isnan(np.diag(matrix)).all()
    both = p_values(losses, two_sided=True)
    pd.testing.assert_frame_equal(both, both.T, check_names=False)
    assert both.loc["good", "bad_one"] == pytest.approx(2 * matrix.loc["bad_one", "good"])


@pytest.mark.parametrize("two_sided", [False, True], ids=["one-sided", "two-sided"])
def test_figure_names_models_and_prints_numbers(losses, two_sided):
    losses = losses.rename(columns={"good": "lightgbm", "bad_one": "best_naive"})
    axis = draw_p_values(p_values(losses, two_sided=two_sided), two_sided=two_sided)
    axis.figure.canvas.draw()
    for labels in (axis.get_xticklabels(), axis.get_yticklabels()):
        assert [one.get_text() for one in labels] == ["LightGBM", "best simple rule", "twin"]
    shown = [text.get_text() for text in axis.texts]
    assert len(shown) - shown.count("") == 6
    assert "<0.001" in shown
    assert ("differ" in axis.get_xlabel()) == two_sided
    plt.close(axis.figure)


def test_a_figure_of_many_models_prints_two_digits():
    losses = pd.DataFrame(np.random.default_rng(0).random((60, 13)) + np.linspace(0, 2, 13))
    axis = draw_p_values(p_values(losses))
    shown = {text.get_text() for text in axis.texts} - {""}
    assert {"<.01", "1"} <= shown
    assert max(map(len, shown)) == 4
    plt.close(axis.figure)
