"""Prophet as specified, its quick forecast against Prophet's own, and refusals."""

import numpy as np
import pytest

from lab.backtest import Backtest
from lab.errors import UsageError
from lab.forecast import prophet
from lab.forecast.prophet import Prophet


def test_the_specification_reaches_prophet():
    model = Prophet()._new()
    assert (model.seasonality_mode, model.growth) == ("multiplicative", "flat")
    assert (model.changepoint_prior_scale, model.seasonality_prior_scale) == (0.05, 10)
    daily = model.seasonalities["workday"]
    assert (daily["fourier_order"], daily["prior_scale"], daily["mode"]) == (
        8,
        10,
        "multiplicative",
    )
    assert set(prophet.REGRESSORS) == set(model.extra_regressors)
    assert {one["mode"] for one in model.extra_regressors.values()} == {"multiplicative"}


@pytest.mark.parametrize(
    "settings", [{}, {"mode": "log"}, {"growth": "linear"}], ids=["as specified", "log", "linear"]
)
def test_the_quick_forecast_is_prophets_own(table, settings):
    period = Backtest(table, "2014-05-06", "2014-05-07")
    model = Prophet(1, 2, 3, **settings)
    median = period.run(model).forecasts.median
    rows = prophet._rows(period.inputs(model, period.first, period.last + 1))
    own = model.model_.predict(rows)["yhat"].to_numpy()
    assert median == pytest.approx(np.exp(own) if settings.get("mode") == "log" else own)


def test_missing_temperature_gives_no_forecast(table):
    period = Backtest(table, "2014-05-06", "2014-05-07")
    period.run(model := Prophet(1, 1, 2))
    inputs = period.inputs(model, period.first, period.last + 1)
    gap = inputs["regressors"].copy()
    gap[0, :, 0] = np.nan
    found = model.predict(inputs | {"regressors": gap})
    assert np.isnan(found[0]).all()
    assert np.isfinite(found[1]).all()


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"daily_order": 0}, "Fourier orders must be at least 1 .* got orders \\(4, 3, 0\\)"),
        ({"changepoint_prior": 0}, "prior scales above 0"),
        ({"growth": "logistic"}, "growth must be flat or linear, got 'logistic'"),
        ({"mode": "additive"}, "mode must be multiplicative or log, got 'additive'"),
    ],
    ids=["order", "prior", "growth", "mode"],
)
def test_impossible_settings_are_refused(settings, words):
    with pytest.raises(UsageError, match=words):
        Prophet(**settings)
