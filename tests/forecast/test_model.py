"""What every model keeps: it forecasts from inputs like those of its fit, or says what differs."""

import numpy as np
import pytest

from lab.backtest import Backtest
from lab.backtest.hourly import HourlyBacktest
from lab.errors import DataError, UsageError
from lab.forecast import saving
from lab.forecast.daily.models import DailyRidge, DailyTrees
from lab.forecast.daily.peer import LagTrees
from lab.forecast.demand import day_table
from lab.forecast.ets import Ets
from lab.forecast.kernel import KernelRidge
from lab.forecast.lasso import Lasso
from lab.forecast.lightgbm import LightGBM
from lab.forecast.linear import Ridge
from lab.forecast.meter_trees import MeterTrees
from lab.forecast.model import check_inputs, shapes_of
from lab.forecast.mstl import Mstl
from lab.forecast.networks.dnn import Dnn
from lab.forecast.networks.lstm import Lstm
from lab.forecast.nowcast import saving as nowcast
from lab.forecast.nowcast.linear import NowcastRidge
from lab.forecast.nowcast.trees import NowcastTrees
from lab.forecast.profile_linear import ProfileRidge
from lab.forecast.profile_trees import ProfileTrees
from lab.forecast.prophet import Prophet
from lab.forecast.sarimax import Sarimax
from lab.forecast.trees import XGBoost

ZONE = "Australia/Melbourne"
SIMPLE = {"order": (1, 0, 0), "seasonal_order": (1, 0, 0)}
QUICK = {"epochs": 1, "validation_days": 10}
# Those that can use the target day's temperature, and those that know nothing of weather.
WARM = {
    "ridge": Ridge,
    "lasso": lambda: Lasso(0.1),
    "kernel": KernelRidge,
    "lightgbm": lambda: LightGBM(trees=2, leaves=3),
    "xgboost": lambda: XGBoost(trees=2, depth=2),
    "sarimax": lambda: Sarimax(**SIMPLE),
    "prophet": lambda: Prophet(1, 1, 2),
    "dnn": lambda: Dnn(units=(3,), **QUICK),
    "lstm": lambda: Lstm(units=(3,), step_hours=24, **QUICK),
}
BLIND = {
    "profile ridge": lambda: ProfileRidge("demand_mw"),
    "profile trees": lambda: ProfileTrees("demand_mw", trees=2),
    "meter trees": lambda: MeterTrees("demand_mw", trees=2),
    "ets": Ets,
    "mstl": lambda: Mstl(windows=(11, 7), **SIMPLE),
}
DAILY = {"daily ridge": DailyRidge, "daily trees": DailyTrees, "lag trees": LagTrees}
HOURLY = {"nowcast ridge": NowcastRidge, "nowcast trees": NowcastTrees}
LAST = "2014-05-08"


def inputs_of(table, model):
    return Backtest(table, LAST, LAST).inputs(model, 110, 112)


@pytest.fixture(scope="module")
def tables(frame, table):
    """The same demand with the target day's temperature known, and by the hour."""
    return {
        "known": day_table(frame, ZONE, set(), observe_temperature=True),
        "hourly": day_table(frame.resample("h").mean(), ZONE, set()),
        "usual": table,
    }


@pytest.fixture(scope="module")
def fitted(table, tmp_path_factory):
    """Return a model of a family, fitted, saved and loaded; each is made once."""
    made = {}

    def of(name):
        if name not in made:
            model = (WARM | BLIND)[name]()
            Backtest(table, LAST, LAST).run(model)
            path = saving.save(model, tmp_path_factory.mktemp("models") / "model")
            made[name] = model, saving.load(path)
        return made[name]

    return of


@pytest.mark.parametrize("name", WARM)
def test_a_temperature_that_was_not_known_in_the_fit_is_refused(fitted, tables, name):
    for model in fitted(name):
        assert np.isfinite(model.predict(inputs_of(tables["usual"], model))).all()
        with pytest.raises(DataError, match=r"was fitted on .* shapes .*; got .*\)\.$") as error:
            model.predict(inputs_of(tables["known"], model))
        assert str(error.value).startswith(f"The model {model.name} ")


@pytest.mark.parametrize("name", ["sarimax", "prophet"])
def test_a_temperature_that_was_known_in_the_fit_must_be_again(tables, name):
    model = WARM[name]()
    Backtest(tables["known"], LAST, LAST).run(model)
    words = r"shapes temperature_ahead \(48,\); got no temperature_ahead\.$"
    with pytest.raises(DataError, match=words):
        model.predict(inputs_of(tables["usual"], model))


@pytest.mark.parametrize("name", WARM | BLIND)
def test_another_step_of_time_is_refused(fitted, tables, name):
    for model in fitted(name):
        with pytest.raises(DataError, match=r"\(.*48.*\); got .*\(.*24.*\)"):
            model.predict(inputs_of(tables["hourly"], model))


@pytest.mark.parametrize("name", HOURLY)
def test_another_step_is_refused_by_models_of_the_next_hours(tables, name, tmp_path):
    model = HOURLY[name]()
    HourlyBacktest(tables["hourly"], LAST, LAST, 2).run(model)
    other = tables["usual"]
    issue = model.inputs(other.view_at(4802, 4))
    for one in (model, nowcast.load(nowcast.save(model, tmp_path / "model.json"))):
        with pytest.raises(DataError, match=rf"^The model {model.name} was fitted on inputs"):
            one.predict({name: values[None] for name, values in issue.items()})


@pytest.mark.parametrize("name", WARM | BLIND | DAILY | HOURLY)
def test_a_model_that_was_not_fitted_says_so(name, tmp_path):
    model = (WARM | BLIND | DAILY | HOURLY)[name]()
    save = nowcast.save if name in HOURLY else saving.save
    for use in (lambda: model.predict({}), lambda: save(model, tmp_path / "model")):
        with pytest.raises(UsageError) as error:
            use()
        told = type(model).__name__
        assert str(error.value) == f"{told} has not been fitted; call fit first."
    assert not list(tmp_path.iterdir())


def test_the_number_of_issues_does_not_matter_and_only_what_differs_is_told():
    model = Ridge()
    model.shapes_ = shapes_of({"x": np.zeros((9, 4, 2)), "base": np.zeros((9, 4))})
    check_inputs(model, {"x": np.zeros((1, 4, 2)), "base": np.zeros((1, 4))})
    words = r"shapes no wind, x \(4, 2\); got wind \(\), x \(4, 3\)\.$"
    with pytest.raises(DataError, match=words):
        check_inputs(
            model, {"x": np.zeros((9, 4, 3)), "base": np.zeros((9, 4)), "wind": np.zeros(9)}
        )


def test_names_that_are_not_one_for_each_input_are_refused():
    inputs = {"x": np.zeros((3, 4, 5)), "base": np.zeros((3, 4))}
    words = r"^XGBoost needs one name for each of its 5 inputs, got 2: a, b\.$"
    with pytest.raises(UsageError, match=words):
        XGBoost(names=["a", "b"]).fit(inputs, np.ones((3, 4)))
