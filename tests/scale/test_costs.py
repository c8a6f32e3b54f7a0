import json
from dataclasses import replace

import numpy as np
import pytest

from lab.errors import LabError, UsageError
from lab.scale import costs
from lab.scale.costs import STAGES, keep_costs, measure
from lab.scale.figures import against_meters, cost_table


@pytest.fixture(scope="module")
def environment():
    """Run with one thread a process and two processes."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {"LAB_THREADS": "1", "LAB_WORKERS": "2", "LAB_SCHEDULER": ""}.items():
            patch.setenv(name, value)
        yield patch


@pytest.fixture(scope="module")
def plan(plan):
    """Return the plan in parts of three meters."""
    return replace(plan, part=3)


@pytest.fixture(scope="module")
def ways(plan, environment):
    """Return what five meters cost, two parts, by processes and on a cluster on loopback."""
    return {way: measure(plan, 5, way) for way in ("processes", "dask")}


def test_a_cluster_forecasts_the_same_bytes(ways):
    one, other = ways["processes"], ways["dask"]
    assert one.digest == other.digest
    assert one.scores.equals(other.scores)
    assert one.issues.equals(other.issues)
    assert one.rule == other.rule


def test_costs_are_measured(ways, plan):
    for run in ways.values():
        assert set(run.seconds) == set(STAGES)
        assert min(run.seconds.values()) > 0
        assert sum(run.seconds.values()) < run.total_s
        # Three Python processes with numpy, pandas and LightGBM.
        assert 0.3 < run.peak_gb < 3
        assert run.cpu_s > 1
        assert run.learnt == 5 * plan.learning_days * 24
        assert run.forecasts == 5 * plan.origins * 24
        assert len(run.scores) == 5 and len(run.issues) == plan.origins


def test_costs_are_kept_outside_every_output(ways, tmp_path, monkeypatch):
    (tmp_path / "params.yaml").touch()
    monkeypatch.chdir(tmp_path)
    # A notebook by hand leaves no seconds among those of the stages.
    path = keep_costs("scale", list(ways.values()))
    assert path == tmp_path / ".lab" / "scratch" / "by-hand" / ".lab" / "timings" / "scale.json"
    kept = json.loads(path.read_text(encoding="utf-8"))
    assert [row["way"] for row in kept] == ["processes", "dask"]
    assert kept[0]["total_s"] == pytest.approx(ways["processes"].total_s, abs=1e-3)


def test_a_table_and_a_figure_tell_the_costs(ways):
    runs = list(ways.values())
    table = cost_table(runs)
    assert list(table.index) == [(5, "processes"), (5, "dask")]
    assert table["in all [s]"].tolist() == [run.total_s for run in runs]
    figure = against_meters([10, 20, 30], [1.0, 2.0, 3.0], unit="time [s]", most=5, what="them")
    (axis,) = figure.axes
    assert axis.get_ylabel() == "time [s]"
    straight, measured = axis.lines[:2]
    np.testing.assert_allclose(straight.get_ydata(), [0, 3], atol=1e-9)
    assert list(measured.get_ydata()) == [1.0, 2.0, 3.0]


@pytest.mark.parametrize(
    ("meters", "way"), [(0, "serial"), (3, "threads")], ids=["no-meters", "way"]
)
def test_impossible_measurements_are_refused(plan, meters, way):
    with pytest.raises(UsageError, match="serial, processes, dask"):
        measure(plan, meters, way)


def test_a_process_that_fails_is_one_sentence(plan, environment, monkeypatch):
    monkeypatch.setenv("LAB_WORKERS", "two")
    with pytest.raises(LabError, match="^Forecasting 1 simulated meters .serial. failed: Value"):
        measure(plan, 1, "serial")


def test_ways_choose_their_workers(environment, monkeypatch):
    with costs.workers("serial") as one, costs.workers("processes") as two:
        assert (type(one).__name__, type(two).__name__, two.number) == ("Serial", "Processes", 2)
    monkeypatch.setenv("LAB_SCHEDULER", "tcp://10.0.0.1:8786")
    with costs.workers("dask") as cluster:
        assert cluster.address == "tcp://10.0.0.1:8786"


def test_one_process_gives_the_bytes_of_two(plan, ways, environment, tmp_path):
    request = tmp_path / costs.REQUEST
    asked = {"plan": vars(plan), "meters": 5, "way": "serial"}
    request.write_text(json.dumps(asked), encoding="utf-8")
    costs.answer(request)
    found = json.loads((tmp_path / costs.COSTS).read_text(encoding="utf-8"))
    assert found["digest"] == ways["processes"].digest
