"""A real Dask cluster on loopback: one worker dies, the table stays the same."""

import operator
from dataclasses import dataclass, replace

import pytest

from lab.backtest import keys
from lab.backtest.many import backtest_many
from lab.backtest.units import Packed, Plan, Unit, compute_unit
from lab.backtest.workers import Cluster, Processes, Serial, Threads, beside, chosen
from lab.errors import UsageError
from lab.forecast.naive import Naive
from lab.forecast.trees import XGBoost


@dataclass(frozen=True)
class OneDies(Cluster):
    """Ends a worker for good after a third of the outcomes."""

    victim: object = None
    after: int = 1

    def map(self, units, threads):
        for number, outcome in enumerate(super().map(units, threads), 1):
            if number == self.after:
                self.victim.kill()
                self.victim.wait()
            yield outcome


def run(tables, workers):
    models = {"xgboost": XGBoost(trees=10, depth=4), "last_week": Naive("last_week")}
    period = ("2014-10-01", "2014-10-12")
    two = {name: tables[name] for name in ("south", "below")}
    return backtest_many(two, models, *period, refit={"xgboost": "daily"}, workers=workers)


def test_a_cluster_that_loses_a_worker_gives_the_serial_table(tables, cluster):
    address, workers = cluster
    found = run(tables, OneDies(address, workers[0], after=9))
    assert workers[0].poll() is not None
    assert workers[1].poll() is None
    serial = run(tables, Serial())
    assert found.table().equals(serial.table())
    assert found.fallbacks.equals(serial.fallbacks)
    for key, forecasts in serial.forecasts.items():
        assert forecasts.values.tobytes() == found.forecasts[key].values.tobytes()


def test_results_come_in_the_order_of_the_items(cluster):
    for workers in (Serial(), Threads(2), Processes(2), Cluster(cluster[0])):
        assert list(workers.each(operator.neg, iter([3, 1, 2]))) == [-3, -1, -2]


def test_no_scheduler_is_said(tables, monkeypatch):
    monkeypatch.setattr("lab.backtest.workers.ANSWER_S", 1)
    with pytest.raises(UsageError, match="No Dask scheduler answers at 'tcp://127.0.0.1:9'"):
        run(tables, Cluster("tcp://127.0.0.1:9"))


@pytest.mark.parametrize(
    ("scheduler", "workers", "expected"),
    [
        ("", "1", Serial),
        ("", "2", Processes),
        ("tcp://127.0.0.1:8786", "2", Cluster),
    ],
    ids=["one", "processes", "cluster"],
)
def test_params_choose_the_workers(monkeypatch, scheduler, workers, expected):
    monkeypatch.setenv("LAB_SCHEDULER", scheduler)
    monkeypatch.setenv("LAB_WORKERS", workers)
    assert isinstance(chosen(), expected)
    assert isinstance(beside(), Cluster if scheduler else Threads)


def test_threads_take_units_one_after_the_other(tables):
    found, serial = (run(tables, workers) for workers in (Threads(2), Serial()))
    assert found.table().equals(serial.table())


def test_a_worker_with_other_code_refuses(tables):
    plan = Plan("2014-10-01", "2014-10-02", None, 1, 0, keys.surroundings())
    unit = Unit(0, plan, Packed("x"), Naive("yesterday"), 1, ((61, 63),), None)
    old = replace(plan, surroundings={**plan.surroundings, "numpy": "1.0"})
    with pytest.raises(UsageError, match="numpy is '.+' there and '1.0' here"):
        compute_unit(replace(unit, plan=old))
