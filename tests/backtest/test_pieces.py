"""Pooled and hourly backtests: kept, resumed, warm, and the same from a real Dask cluster."""

import os
import pickle
import signal
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pytest

from lab.backtest import Backtest, keys
from lab.backtest.hourly import HourlyBacktest
from lab.backtest.pieces import Parcel, compute_parcel
from lab.backtest.pooled import Pool
from lab.backtest.store import Store
from lab.errors import UsageError
from lab.forecast.linear import Ridge
from lab.forecast.nowcast.linear import NowcastRidge

PERIOD, HOURLY = ("2014-09-25", "2014-10-12"), ("2014-10-02", "2014-10-09")
GROUPS = {"two": ["north", "south"], "negative": ["below"]}

SCRIPT = """
import pickle, sys
from pathlib import Path
from lab.backtest.hourly import HourlyBacktest
from lab.backtest.pooled import Pool
from lab.backtest.store import Store
from lab.forecast.linear import Ridge
from lab.forecast.nowcast.linear import NowcastRidge

tables, store = pickle.loads(Path(sys.argv[2]).read_bytes()), Store(Path(sys.argv[3]))
if sys.argv[1] == "pool":
    groups = {"two": ["north", "south"], "negative": ["below"]}
    Pool(tables, "2014-09-25", "2014-10-12", store=store).run(Ridge(), groups, "daily")
else:
    period = HourlyBacktest(tables["north"], "2014-10-02", "2014-10-09", 2)
    period.run(NowcastRidge(), "daily", 20, store=store)
"""


def pooled(tables, store=None, **options):
    """Return a pooled run's values, and the model: two groups, the second of which fails."""
    model = Ridge()
    pool = Pool(tables, *PERIOD, store=store)
    found = pool.run(model, GROUPS, options.pop("refit", "daily"), **options)
    return b"".join(one.values.tobytes() for one in found.forecasts.values()), model


def hourly(tables, store=None, **options):
    """Return an hourly run's values, and the model."""
    model = NowcastRidge()
    period = HourlyBacktest(tables["north"], *HOURLY, horizon_h=2)
    found = period.run(model, options.pop("refit", "daily"), 20, store=store, **options)
    return found.forecasts.values.tobytes(), model


KINDS = [
    pytest.param(pooled, Ridge, 2 * 18, id="pool"),
    pytest.param(hourly, NowcastRidge, 8, id="hourly"),
]


@pytest.fixture
def fits(monkeypatch):
    """Count the fits of both models."""
    counted = []
    for kind in (Ridge, NowcastRidge):

        def fit(self, inputs, target, plain=kind.fit):
            counted.append(len(target))
            return plain(self, inputs, target)

        monkeypatch.setattr(kind, "fit", fit)
    return counted


def files(folder):
    return sorted(folder.glob("*/*.npz"), key=lambda file: file.stat().st_mtime_ns)


@pytest.mark.parametrize(("run", "kind", "pieces"), KINDS)
def test_a_killed_run_resumes_with_the_same_bytes_and_fewer_fits(
    run, kind, pieces, tables, tmp_path, fits
):
    (tmp_path / "tables").write_bytes(pickle.dumps(tables))
    kept = tmp_path / "kept"
    name = "pool" if run is pooled else "hourly"
    command = [sys.executable, "-c", SCRIPT, name, str(tmp_path / "tables"), str(kept)]
    process = subprocess.Popen(command)
    end = time.monotonic() + 120
    try:
        while len(files(kept)) < pieces // 3 and process.poll() is None:
            assert time.monotonic() < end, "nothing happened in time"
            time.sleep(0.005)
    finally:
        os.kill(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    finished = len(files(kept))
    assert pieces // 3 <= finished < pieces
    values, model = run(tables, Store(kept))
    assert len(fits) == pieces - finished
    fits.clear()
    whole, alone = run(tables)
    assert len(fits) == pieces
    assert values == whole
    if run is hourly:
        assert model.coef_.tobytes() == alone.coef_.tobytes()


@pytest.mark.parametrize(("run", "kind", "pieces"), KINDS)
def test_a_kept_run_fits_the_last_block_alone_and_a_damaged_file_anew(
    run, kind, pieces, tables, tmp_path, fits
):
    first, _ = run(tables, Store(tmp_path), refit="weekly")
    made = len(fits)
    fits.clear()
    again, _ = run(tables, Store(tmp_path), refit="weekly")
    assert (again, len(fits)) == (first, 1)
    fits.clear()
    untouched = run(tables, Store(tmp_path), refit="weekly", fitted=False)
    assert (untouched[0], len(fits)) == (first, 0)
    assert not [name for name in vars(untouched[1]) if name.endswith("_")]
    assert len(files(tmp_path)) == made
    damaged = files(tmp_path)[0]
    damaged.write_bytes(damaged.read_bytes()[:-40])
    mended, _ = run(tables, Store(tmp_path), refit="weekly", fitted=False)
    assert (mended, len(fits)) == (first, 1)


def test_kept_pieces_and_reasons_are_told(tables, tmp_path, caplog):
    caplog.set_level("INFO", logger="lab.backtest")
    first = Pool(tables, *PERIOD, store=Store(tmp_path)).run(Ridge(), GROUPS, "monthly")
    again = Pool(tables, *PERIOD, store=Store(tmp_path)).run(Ridge(), GROUPS, "monthly")
    assert (first.kept, again.kept) == (0, 3)
    assert again.fallbacks.equals(first.fallbacks)
    assert set(first.fallbacks["series_id"]) == {"below"}
    assert (first.fallbacks["reason"] != "").all()
    assert again.table().equals(first.table())
    assert "backtest: 4 of 4 units, " in caplog.text
    assert "backtest: 4 of 4 units (3 kept from before), " in caplog.text


def test_other_data_lead_or_group_is_not_what_was_kept(tables, tmp_path, fits):
    period = ("2014-10-08", "2014-10-12")
    pool = Pool(tables, *period, (1,), store=Store(tmp_path))
    pool.run(Ridge(), GROUPS)
    for other, groups in (
        (Pool(tables, *period, (2,), store=Store(tmp_path)), GROUPS),
        (Pool(tables, *period, learn_from="2014-08-20", store=Store(tmp_path)), GROUPS),
        (pool, {"all": list(tables)}),
    ):
        assert other.run(Ridge(), groups, fitted=False).kept == 0
    assert pool.run(Ridge(alpha=7.0), GROUPS, fitted=False).kept == 0
    assert pool.run(Ridge(), GROUPS, fitted=False).kept == 2


def test_a_cluster_gives_the_pool_and_the_hours_of_one_process(tables, cluster, monkeypatch):
    pool = Pool(tables, *PERIOD)
    alone = (pool.run(plain := Ridge(), GROUPS, "weekly"), hourly(tables, refit="weekly"))
    sent = []
    monkeypatch.setattr("lab.backtest.pieces._computed", lambda *_, **__: sent.append(1))
    monkeypatch.setattr("lab.backtest.pooled.FEWEST_DAYS", 1)
    monkeypatch.setenv("LAB_SCHEDULER", cluster[0])
    far = Pool(tables, *PERIOD)
    # The last group is the one that fails: turn them round to see a fitted model come back.
    turned = dict(reversed(GROUPS.items()))
    found = (far.run(model := Ridge(), turned, "weekly"), hourly(tables, refit="weekly"))
    assert not sent
    assert found[0].table().equals(alone[0].table())
    for key, forecasts in alone[0].forecasts.items():
        assert forecasts.values.tobytes() == found[0].forecasts[key].values.tobytes()
    assert sorted(found[0].fallbacks["reason"]) == sorted(alone[0].fallbacks["reason"])
    assert found[1][0] == alone[1][0]
    assert found[1][1].coef_.tobytes() == alone[1][1].coef_.tobytes()
    monkeypatch.delenv("LAB_SCHEDULER")
    monkeypatch.undo()
    pool.run(plain, turned, "weekly")
    assert model.coef_.tobytes() == plain.coef_.tobytes()


def test_two_threads_forecast_the_hours_as_one_does(tables, monkeypatch):
    made = []
    for number in ("1", "2"):
        monkeypatch.setenv("LAB_WORKERS", number)
        made.append(hourly(tables))
    (one, first), (two, second) = made
    assert one == two
    assert first.coef_.tobytes() == second.coef_.tobytes()


class Growing:
    """Keeps its state: the mean of all targets it was ever shown, each once."""

    name, levels, layout, warm_start = "growing", (0.5,), "clock", True

    def __init__(self, inputs):
        self.inputs, self.shown = inputs, []

    def fit(self, inputs, target):
        self.total_, self.count_ = 0.0, 0
        return self.update(inputs, target)

    def update(self, inputs, target):
        self.shown.append(len(target))
        self.total_ += float(np.nansum(target))
        self.count_ += target.size
        return self

    def predict(self, inputs):
        return (inputs["shape"] + self.total_ / self.count_)[:, :, None]


def of_day(view):
    return {"shape": 0.01 * view.past_days["demand_mw"][-1]}


def of_hour(view):
    return {"shape": 0.01 * view.start.past["demand_mw"][-len(view.valid_at) :]}


def test_a_warm_model_goes_through_a_pools_blocks_in_order(tables, monkeypatch):
    monkeypatch.setenv("LAB_WORKERS", "2")
    alone = {
        name: Backtest(table, *PERIOD).run(Growing(of_day), "weekly").forecasts
        for name, table in tables.items()
    }
    model = Growing(of_day)
    found = Pool(tables, *PERIOD).run(model, {name: [name] for name in tables}, "weekly")
    for name, forecasts in alone.items():
        assert forecasts.values.tobytes() == found.forecasts[name, "growing", 1].values.tobytes()
    # Fifty-four days before 25 September, then those of each week that has ended.
    assert sorted(model.shown) == sorted(3 * [54, 4, 7])


def test_a_warm_model_goes_through_the_hours_in_order(tables):
    model = Growing(of_hour)
    period = HourlyBacktest(tables["north"], *HOURLY, horizon_h=2)
    period.run(model, "daily")
    assert len(model.shown) == 8
    # A day has 24 new issues; that of 5 October, when the clock is put forward, has 23.
    assert model.shown[1:] == [24, 24, 24, 23, 24, 24, 24]


def no_rows(self, inputs, target):
    raise ValueError("no rows")


def test_a_failing_fit_of_the_hours_is_stood_in_for(tables, monkeypatch):
    monkeypatch.setattr(NowcastRidge, "fit", no_rows)
    period = HourlyBacktest(tables["north"], *HOURLY, horizon_h=2)
    found = period.run(NowcastRidge(), "daily", 20)
    assert found.fallbacks["first"].tolist() == found.refits
    assert set(found.fallbacks["reason"]) == {"no rows"}
    assert np.isfinite(found.forecasts.values).all()


def test_a_failing_fit_of_the_hours_is_raised_where_that_is_asked(tables, monkeypatch, tmp_path):
    monkeypatch.setattr(NowcastRidge, "fit", no_rows)
    # Not even one that is kept from a run that was forgiving.
    hourly(tables, Store(tmp_path), fitted=False)
    with pytest.raises(ValueError, match="no rows"):
        hourly(tables, Store(tmp_path), fitted=False, forgiving=False)


def test_a_forecast_of_another_size_is_a_failure_of_the_model(tables, monkeypatch):
    monkeypatch.setattr(Ridge, "predict", lambda self, inputs: np.zeros((5, 48, 1)))
    found = Pool(tables, *PERIOD).run(Ridge(), {"all": list(tables)})
    assert found.fallbacks["series_id"].tolist() == list(tables)


def test_a_parcel_from_other_code_is_refused():
    parcel = Parcel(b"", 1, 0, keys.surroundings(), forgiving=True, fitted=True)
    old = replace(parcel, surroundings={**parcel.surroundings, "numpy": "1.0"})
    with pytest.raises(UsageError, match="numpy is '.+' there and '1.0' here"):
        compute_parcel(old)


def test_without_a_store_of_its_own_no_series_gets_the_forecasts_of_another(
    tables, tmp_path, monkeypatch
):
    monkeypatch.setenv("LAB_KEEP", "1")
    monkeypatch.setattr("lab.paths.root", lambda: tmp_path)
    each = {name: [name] for name in ("north", "south")}
    alone = {name: pooled_alone(tables, {name: [name]}) for name in each}
    for _ in range(2):
        assert pooled_alone(tables, each) == alone["north"] | alone["south"]
    values = []
    for _ in range(2):
        for name in each:
            period = HourlyBacktest(tables[name], *HOURLY, horizon_h=2)
            run = period.run(NowcastRidge(), "daily", 20, fitted=False)
            values.append(run.forecasts.values.tobytes())
    assert values[:2] == values[2:]
    assert values[0] != values[1]
    assert list((tmp_path / ".lab" / "backtest").glob("*/*.npz"))


def pooled_alone(tables, groups):
    """Return the forecasts of a pool of the groups' series, by series."""
    members = {name: tables[name] for group in groups.values() for name in group}
    found = Pool(members, *PERIOD).run(Ridge(), groups, "daily", fitted=False)
    return {key[0]: one.values.tobytes() for key, one in found.forecasts.items()}
