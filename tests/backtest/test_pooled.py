"""One model over many series: what it learns from, what it forecasts, what stands in."""

import lightgbm
import numpy as np
import pandas as pd
import pytest

from lab.backtest import Backtest
from lab.backtest.pooled import Pool
from lab.backtest.store import Store
from lab.errors import UsageError
from lab.forecast import meters
from lab.forecast.meter_trees import MeterTrees
from lab.forecast.model import CLOCK
from lab.forecast.naive import Naive

ZONE = "Europe/Brussels"
FIRST, LAST = "2016-03-20", "2016-04-02"


class Grand:
    """Forecasts the mean of all it has learnt from; fails if that is above `most`."""

    name, levels, layout = "grand", (0.1, 0.5), CLOCK

    def __init__(self, most=np.inf):
        self.most = most
        self.inputs = yesterday

    def fit(self, inputs, target):
        self.days_, self.mean_ = len(target), float(np.nanmean(target))
        if self.mean_ > self.most:
            raise ValueError("too much  to learn")
        return self

    def predict(self, inputs):
        days = inputs["day"]
        return np.repeat(np.full(days.shape, self.mean_)[:, :, None], 2, axis=2)


def yesterday(view):
    return {"day": view.past_days["load_w"][-1]}


def made(levels):
    """Return tables from 29 February to 4 April 2016, over the clock change of 27 March."""
    index = pd.date_range("2016-02-28 23:00", "2016-04-04 21:00", freq="h", tz="UTC")
    wave = np.sin(np.arange(len(index)) / 12 * np.pi)
    loads = pd.DataFrame({name: level + wave for name, level in levels.items()}, index=index)
    return meters.day_tables(loads, pd.DataFrame(index=index), ZONE, set())


@pytest.fixture(scope="module")
def tables():
    return made({"a": 10.0, "b": 20.0, "c": 60.0})


def test_a_group_learns_from_its_own_series_alone(tables):
    pool = Pool(tables, FIRST, LAST)
    found = pool.run(Grand(), {"small": ["a", "b"], "large": ["c"]}).forecasts
    assert list(found) == [("a", "grand", 1), ("b", "grand", 1), ("c", "grand", 1)]
    assert found["a", "grand", 1].median == pytest.approx(15.0, abs=0.05)
    assert found["b", "grand", 1].values == pytest.approx(found["a", "grand", 1].values)
    assert found["c", "grand", 1].median == pytest.approx(60.0, abs=0.05)
    # Fourteen days, of which one has 23 hours.
    assert len(found["c", "grand", 1].valid_at) == 14 * 24 - 1


@pytest.mark.parametrize("lead", [1, 3])
def test_groups_of_one_are_the_backtest_of_one_series(tables, lead):
    model = MeterTrees(trees=3, min_rows=5)
    pool = Pool(tables, FIRST, LAST, [lead])
    pooled = pool.run(model, {name: [name] for name in tables}, "weekly").forecasts
    alone = Backtest(tables["b"], FIRST, LAST, lead).run(model, "weekly").forecasts
    found = pooled["b", "lightgbm", lead]
    assert found.values.tobytes() == alone.values.tobytes()
    assert found.issued_at.equals(alone.issued_at)
    assert found.series_id == "b"


@pytest.mark.parametrize(
    ("lead", "learn_from", "days"),
    [
        pytest.param(1, None, 19, id="all-but-the-first"),
        pytest.param(3, None, 15, id="those-that-had-ended"),
        pytest.param(1, "2016-03-10", 10, id="from-a-day"),
    ],
)
def test_days_learnt_from_are_those_that_had_ended(tables, lead, learn_from, days):
    model = Grand()
    Pool(tables, FIRST, LAST, [lead], learn_from=learn_from).run(model, {"all": list(tables)})
    assert model.days_ == 3 * days


def test_the_same_from_one_worker_and_from_two(tables, monkeypatch):
    made = []
    for number in ("1", "2"):
        monkeypatch.setenv("LAB_WORKERS", number)
        monkeypatch.setattr("lab.backtest.pooled.FEWEST_DAYS", 1)
        pool = Pool(tables, FIRST, LAST, (2, 1))
        groups = {"x": ["a", "c"], "y": ["b"]}
        model = MeterTrees(trees=3, min_rows=5)
        found = pool.run(model, groups, "weekly")
        made.append((found, model.booster_.model_to_string()))
    (one, first), (two, second) = made
    assert first == second
    for key, values in one.forecasts.items():
        assert values.values.tobytes() == two.forecasts[key].values.tobytes()
    assert one.costs["series_id"].tolist() == ["a", "a", "b", "b", "c", "c"]
    assert (one.costs["fit_s"] > 0).all()


def test_a_rule_stands_in_for_the_group_that_fails_alone(tables):
    pool = Pool(tables, FIRST, LAST, choose=("2016-03-08", "2016-03-19"))
    found = pool.run(Grand(most=50.0), {"small": ["a", "b"], "large": ["c"]})
    assert found.fallbacks["series_id"].tolist() == ["c"]
    row = found.fallbacks.iloc[0]
    assert (row["first"], row["last"], row["model"]) == (FIRST, LAST, "grand")
    assert row["reason"] == "too much to learn"
    rule = Backtest(tables["c"], FIRST, LAST).run(Naive(row["rule"], target="load_w")).forecasts
    stood = found.forecasts["c", "grand", 1]
    assert stood.median == pytest.approx(rule.median, nan_ok=True)
    assert not (stood.values[:, 0] > stood.median).any()


def test_a_failure_of_the_library_that_fits_is_stood_in_for(tables, monkeypatch):
    def fit(self, inputs, target):
        raise lightgbm.basic.LightGBMError("no split")

    monkeypatch.setattr(Grand, "fit", fit)
    found = Pool(tables, FIRST, LAST).run(Grand(), {"all": ["a", "b", "c"]})
    assert found.fallbacks["reason"].tolist() == ["no split"] * 3


def test_a_dead_series_gets_a_rule_and_teaches_nothing():
    tables = made({"a": 10.0, "dead": np.nan})
    found = Pool(tables, FIRST, LAST).run(Grand(), {"all": ["a", "dead"]})
    assert found.forecasts["a", "grand", 1].median == pytest.approx(10.0, abs=0.05)
    assert np.isnan(found.forecasts["dead", "grand", 1].median).all()
    assert found.fallbacks["series_id"].tolist() == ["dead"]
    assert "no value of load_w" in found.fallbacks["reason"].iloc[0]


@pytest.mark.parametrize(
    "groups",
    [
        pytest.param({"x": ["a", "b"]}, id="left-out"),
        pytest.param({"x": ["a", "b"], "y": ["b", "c"]}, id="twice"),
        pytest.param({}, id="none"),
    ],
)
def test_groups_hold_every_series_once(tables, groups):
    with pytest.raises(UsageError, match="each of the 3 series once, got"):
        Pool(tables, FIRST, LAST).run(Grand(), groups)


def test_series_over_other_days_are_refused(tables):
    index = pd.date_range("2016-02-28 23:00", "2016-04-10 21:00", freq="h", tz="UTC")
    loads = pd.DataFrame({"d": 1.0}, index=index)
    longer = meters.day_tables(loads, pd.DataFrame(index=index), ZONE, set())
    with pytest.raises(UsageError, match="'d' covers others than 'a'"):
        Pool(tables | longer, FIRST, LAST)


def test_the_models_of_every_lead_and_group_come_back_if_asked_for(tables, tmp_path):
    groups = {"small": ["a", "b"], "large": ["c"]}
    pool = Pool(tables, FIRST, LAST, [1, 3], store=Store(tmp_path))
    assert pool.run(Grand(), groups, "weekly").models == {}
    model = Grand()
    found = pool.run(model, groups, "weekly", models=True)
    assert list(found.models) == [(1, "small"), (1, "large"), (3, "small"), (3, "large")]
    means = {key: one.mean_ for key, one in found.models.items()}
    assert means[1, "small"] == pytest.approx(15.0, abs=0.05)
    assert means[3, "large"] == pytest.approx(60.0, abs=0.05)
    # As fitted last, before the last week; two days fewer are known, and two have no history.
    assert found.models[1, "large"].days_ - found.models[3, "large"].days_ == 4
    assert model.mean_ == means[3, "large"]
    # Two of the three weeks of each come from the store.
    assert found.kept == 2 * len(found.models)


def test_a_model_whose_last_fit_failed_does_not_come_back(tables):
    groups = {"large": ["c"], "small": ["a", "b"]}
    found = Pool(tables, FIRST, LAST).run(Grand(most=50.0), groups, models=True)
    assert list(found.models) == [(1, "small")]
