"""The path of the LASSO from a Gram matrix: scikit-learn's, knot by knot, and its noise."""

import numpy as np
import pytest
from sklearn.linear_model import Lasso, LassoLarsIC, lars_path_gram

from lab.forecast import lars


def problem(samples=300, inputs=40, seed=0, alike=0.0, noise=0.5):
    """Return inputs and target, centred, of which a quarter of the inputs matter."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(samples, inputs)) + alike * rng.normal(size=(samples, 1))
    weight = np.where(np.arange(inputs) % 4 == 0, rng.normal(size=inputs), 0.0)
    # What neighbours say of each other is taken back.
    x[:, 1::4] += alike * x[:, ::4]
    y = x @ weight + rng.normal(0, noise, samples)
    return x - x.mean(axis=0), y - y.mean()


def moments(x, y):
    return lars.Moments(x.T @ x / len(x), x.T @ y / len(x), float((y**2).mean()), len(x))


def path_of(of):
    """Return knots and coefficients of scikit-learn's path."""
    total = of.moment * of.samples, of.gram * of.samples
    knots, _, path = lars_path_gram(*total, n_samples=of.samples, method="lasso")
    return knots, path


def least_squares_noise(x, y):
    left = y - x @ np.linalg.lstsq(x, y, rcond=None)[0]
    return float(left @ left) / (len(x) - x.shape[1] - 1)


# Inputs that are alike make variables leave the path again.
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("alike", [0.0, 3.0], ids=["apart", "alike"])
def test_the_point_taken_is_that_of_scikit_learn(seed, alike):
    x, y = problem(seed=seed, alike=alike)
    noise = least_squares_noise(x, y)
    coef, penalty, size = lars.chosen_by_criterion(moments(x, y), noise, x.shape[1])
    theirs = LassoLarsIC(criterion="aic").fit(x, y)
    assert penalty == pytest.approx(theirs.alpha_, rel=1e-9)
    np.testing.assert_allclose(coef, theirs.coef_, atol=1e-9)
    assert size == np.count_nonzero(theirs.coef_)


def test_variables_leave_the_path_in_these_problems():
    left = 0
    for seed in range(4):
        x, y = problem(seed=seed, alike=3.0)
        _, path = path_of(moments(x, y))
        left += int(((path[:, :-1] != 0) & (path[:, 1:] == 0)).sum())
    assert left > 5


@pytest.mark.parametrize("noise", [0.05, 0.3, 1.0])
def test_fewer_samples_than_inputs_follow_the_same_path(noise):
    x, y = problem(samples=30, inputs=60, seed=5)
    coef, penalty, size = lars.chosen_by_criterion(moments(x, y), noise, 28)
    theirs = Lasso(penalty, fit_intercept=False, tol=1e-12, max_iter=10**6).fit(x, y)
    np.testing.assert_allclose(coef, theirs.coef_, atol=1e-6)
    # No knot of the path has a smaller criterion.
    knots, path = path_of(moments(x, y))
    sizes = np.count_nonzero(path, axis=0)
    sums = ((y[:, None] - x @ path) ** 2).sum(axis=0) / noise + 2 * sizes
    best = sums[(sizes <= 28) & (knots > 1e-9)].min()
    assert ((y - x @ coef) ** 2).sum() / noise + 2 * size <= best + 1e-6


def test_a_repeated_and_a_constant_input_do_no_harm():
    x, y = problem(inputs=12)
    x[:, 5], x[:, 7] = x[:, 4], 0.0
    coef, penalty, _ = lars.chosen_by_criterion(moments(x, y), 0.25, 12)
    assert np.isfinite(coef).all()
    assert coef[7] == 0
    twin = coef[4] + coef[5]
    alone = np.delete(x, 5, axis=1)
    single, again, _ = lars.chosen_by_criterion(moments(alone, y), 0.25, 11)
    assert penalty == pytest.approx(again)
    assert twin == pytest.approx(single[4])


def test_a_target_without_relation_keeps_nothing():
    x, _ = problem()
    nothing = moments(x, np.zeros(len(x)))._replace(variance=1.0)
    coef, _, size = lars.chosen_by_criterion(nothing, 1.0, 40)
    assert (coef == 0).all()
    assert size == 0


def test_descent_ends_where_scikit_learn_does_from_any_beginning():
    x, y = problem(alike=1.0)
    theirs = Lasso(0.05, fit_intercept=False, tol=1e-14, max_iter=10**6).fit(x, y).coef_
    for begin in (np.zeros(40), np.ones(40), theirs):
        before = begin.copy()
        found = lars.at_penalty(moments(x, y), 0.05, begin, 1e-12, 10**5)
        np.testing.assert_allclose(found, theirs, atol=1e-6)
        np.testing.assert_array_equal(begin, before)


@pytest.mark.parametrize(("samples", "inputs"), [(400, 40), (80, 200)], ids=["many", "few"])
@pytest.mark.parametrize("noise", [0.3, 1.0])
def test_the_scaled_lasso_finds_the_noise(samples, inputs, noise):
    found = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        x = rng.normal(size=(samples, inputs))
        y = x[:, :3] @ [2.0, -1.0, 1.0] + rng.normal(0, noise, samples)
        x, y = x - x.mean(axis=0), y - y.mean()
        share = np.sqrt(np.log(inputs) / samples)
        found.append(lars.scaled_noise(moments(x, y), share, 60))
    # Shrunk coefficients leave a little more than the noise itself.
    assert 0.85 * noise**2 < np.mean(found) < 1.5 * noise**2


def test_a_target_that_is_told_exactly_leaves_no_noise():
    x, _ = problem()
    assert lars.scaled_noise(moments(x, x[:, 0]), 0.1, 40) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("alike", [0.0, 3.0], ids=["apart", "alike"])
def test_penalty_and_noise_of_the_scaled_lasso_belong_together(alike):
    x, y = problem(alike=alike)
    of, share = moments(x, y), 0.1
    noise = lars.scaled_noise(of, share, 40)
    coef = lars.at_penalty(of, share * np.sqrt(noise), np.zeros(40), 1e-12, 10**6)
    assert ((y - x @ coef) ** 2).mean() == pytest.approx(noise, rel=1e-6)


def test_noise_without_relation_is_the_variance():
    x, y = problem()
    of = moments(x, y)._replace(moment=np.full(40, 1e-6))
    assert lars.scaled_noise(of, 0.1, 40) == of.variance
