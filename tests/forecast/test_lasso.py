"""LASSO: leaves out what does not matter, keeps the conditions of its optimum, refuses nonsense."""

import numpy as np
import pytest

from lab.backtest import Backtest
from lab.errors import DataError, UsageError
from lab.forecast.lasso import Lasso
from lab.forecast.naive import Naive


@pytest.fixture(scope="module")
def sample():
    """300 days of one slot: the first and the third of five inputs matter."""
    rng = np.random.default_rng(1)
    x = rng.normal(size=(300, 1, 5))
    deviation = x @ np.array([0.1, 0, -0.2, 0, 0]) + rng.normal(0, 0.01, (300, 1))
    return {"x": x, "base": np.zeros((300, 1))}, np.exp(deviation + 8)


def test_only_inputs_that_matter_are_kept(sample):
    model = Lasso("bic").fit(*sample)
    assert (model.coef_ != 0).tolist() == [[True, False, True, False, False]]
    assert model.coef_[0] / model.scale_[0] == pytest.approx([0.1, 0, -0.2, 0, 0], abs=0.01)
    assert model.predict(sample[0])[:, :, 0] == pytest.approx(sample[1], rel=0.06)


def test_aic_penalises_no_more_than_bic(sample):
    assert Lasso("aic").fit(*sample).share_ <= Lasso("bic").fit(*sample).share_


@pytest.mark.parametrize("share", [0.02, 0.3, 0.9])
def test_given_penalty_meets_the_conditions_of_the_optimum(sample, share):
    inputs, target = sample
    model = Lasso(share).fit(inputs, target)
    z = (inputs["x"][:, 0] - model.mean_[0]) / model.scale_[0]
    y = np.log(target[:, 0])
    y = y - y.mean()
    pull, limit = z.T @ (y - z @ model.coef_[0]), share * np.abs(z.T @ y).max()
    active = model.coef_[0] != 0
    assert pull[active] == pytest.approx(limit * np.sign(model.coef_[0][active]), rel=0.01)
    assert (np.abs(pull[~active]) <= limit).all()
    assert model.share_ == share


def test_missing_input_counts_as_average(sample):
    model = Lasso().fit(*sample)
    gap, average = np.full((1, 1, 5), np.nan), model.mean_[None]
    base = np.zeros((1, 1))
    found = [model.predict({"x": x, "base": base}) for x in (gap, average)]
    assert found[0] == pytest.approx(found[1])


@pytest.mark.parametrize("lead", [1, 2])
def test_lasso_beats_yesterday(table, lead):
    period = Backtest(table, "2014-05-01", "2014-05-10", lead_days=lead)
    error = [
        np.abs(period.run(model).forecasts.median / period.actual() - 1).mean()
        for model in (Lasso(), Naive("yesterday"))
    ]
    assert error[0] < error[1]


@pytest.mark.parametrize("penalty", ["cv", 0.0, 1.0, -1, float("nan")])
def test_impossible_penalty_is_refused(penalty):
    with pytest.raises(UsageError, match="one of aic, bic or a share above 0 and below 1, got"):
        Lasso(penalty)


def test_days_that_cannot_be_learnt_from_are_refused(sample):
    inputs, target = sample
    with pytest.raises(DataError, match="hold an infinite one"):
        Lasso().fit(inputs, np.where(target == target.max(), np.inf, target))
    with pytest.raises(UsageError, match="needs a demand that varies"):
        Lasso().fit(inputs, np.full_like(target, 5.0))
    with pytest.raises(UsageError, match="at least one complete day"):
        Lasso().fit(inputs, np.full_like(target, np.nan))
