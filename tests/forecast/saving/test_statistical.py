"""Files of the statistical models: same bytes, same forecasts, another version is refused."""

import json

import pytest

from lab.backtest import Backtest
from lab.errors import DataError
from lab.forecast import saving
from lab.forecast.ets import Ets
from lab.forecast.lasso import Lasso
from lab.forecast.mstl import Mstl
from lab.forecast.prophet import Prophet
from lab.forecast.sarimax import Sarimax

SIMPLE = {"order": (1, 0, 0), "seasonal_order": (1, 0, 0)}
BUILD = {
    "lasso": lambda: Lasso(0.1, season_days=40),
    "sarimax": lambda: Sarimax(**SIMPLE),
    "sarimax without temperature": lambda: Sarimax(temperature=None, history_days=30, **SIMPLE),
    "ets": lambda: Ets(history_days=40),
    "mstl": lambda: Mstl(windows=(11, 7), **SIMPLE),
    "prophet": lambda: Prophet(1, 1, 2, seasonality_prior=5.0, mode="log"),
}


@pytest.fixture(scope="module")
def period(table):
    return Backtest(table, "2014-05-07", "2014-05-08")


@pytest.mark.parametrize("name", BUILD)
def test_a_loaded_model_is_the_saved_one(period, name, tmp_path):
    forecast = period.run(model := BUILD[name]()).forecasts.values
    path = saving.save(model, tmp_path / saving.file_name(model))
    assert path.name == f"{model.name}.json"
    assert path.stat().st_size < 500_000
    loaded = saving.load(path)
    assert type(loaded) is type(model)
    assert saving.save(loaded, tmp_path / "again").read_bytes() == path.read_bytes()
    values = loaded.predict(period.inputs(loaded, period.first, period.last + 1))
    found = period.rows(values, loaded.layout, period.first, period.last + 1)
    assert found.tobytes() == forecast.tobytes()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"version": 99}, "has version 99 .* reads version"),
        ({"arrays": {}}, "not a complete Ets model"),
        ({"settings": {"history": 3}}, "not a complete Ets model"),
    ],
    ids=["version", "incomplete", "foreign setting"],
)
def test_a_changed_file_is_refused(period, change, words, tmp_path):
    period.run(model := BUILD["ets"]())
    path = saving.save(model, tmp_path / "ets.json")
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(DataError, match=words):
        saving.load(path)
