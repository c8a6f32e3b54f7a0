import numpy as np
import pandas as pd
import pytest

from lab.errors import DataError, UsageError
from lab.optimise.microgrid import FlexibleDemand, Generator, Line, Microgrid, Node, Store


def nodes(*names, value=None):
    return [Node(name, [1.0, 1.0], value) for name in names]


def test_a_disconnected_node_is_refused_by_name(make):
    with pytest.raises(
        UsageError,
        match="Node 'c' is disconnected: no line leads from it to a connection to the grid.$",
    ):
        make([1.0, 1.0], nodes=nodes("a", "b", "c"), lines=[Line("ab", "a", "b", 1)])


def test_all_disconnected_nodes_are_named(make):
    with pytest.raises(UsageError, match=r"Node 'b' is disconnected.*\(nor from 'c'\)"):
        make([1.0, 1.0], nodes=nodes("a", "b", "c"), lines=[Line("bc", "b", "c", 1)])


def test_without_a_connection_all_nodes_must_reach_the_first(make):
    with pytest.raises(
        UsageError, match="Node 'b' is disconnected: no line leads from it to node 'a'"
    ):
        make([1.0, 1.0], nodes=nodes("a", "b"), connections=[])
    whole = make([1.0, 1.0], nodes=nodes("a", "b"), connections=[], lines=[Line("ba", "b", "a", 1)])
    assert whole.connections == ()


@pytest.mark.parametrize(
    ("more", "error", "said"),
    [
        pytest.param({"nodes": []}, UsageError, "needs at least one node, got none", id="no node"),
        pytest.param(
            {"nodes": nodes("a", "a")},
            UsageError,
            "The nodes of a microgrid need different names, got 'a' twice",
            id="twice",
        ),
        pytest.param(
            {"stores": [Store("s", "z", 1.0)]},
            UsageError,
            "'s' of the stores stands on the node 'z', which is not among a",
            id="nowhere",
        ),
        pytest.param(
            {"lines": [Line("l", "a", "z", 1.0)]},
            UsageError,
            "'l' of the lines stands on the node 'z'",
            id="line to nowhere",
        ),
        pytest.param(
            {"generators": [Generator("g", "a", [1.0])]},
            DataError,
            "available_kw of 'g' must have 2 hours, got 1",
            id="short series",
        ),
        pytest.param(
            {"islanded": [True]},
            DataError,
            "The mask of islanded hours must have 2 entries, got 1",
            id="short mask",
        ),
        pytest.param(
            {"islanded": [False, True]},
            UsageError,
            "Node 'a' needs a value of lost load: 1 hours are islanded",
            id="no value of lost load",
        ),
    ],
)
def test_nonsense_is_refused_by_name(make, more, error, said):
    with pytest.raises(error, match=said):
        make([1.0, 1.0], [1.0, 1.0], **more)


def test_an_island_without_demand_needs_no_value_of_lost_load(make):
    assert make([1.0, 1.0], islanded=[True, False]).mask.tolist() == [True, False]


def test_flexible_demand_on_an_island_needs_the_value_of_lost_load(make):
    with pytest.raises(UsageError, match="Node 'a' needs a value of lost load"):
        make([1.0], demands=[FlexibleDemand("f", "a", [1.0])], islanded=[True])


@pytest.mark.parametrize(
    ("index", "said"),
    [
        pytest.param(pd.DatetimeIndex([], tz="UTC"), "at least one hour", id="empty"),
        pytest.param(pd.date_range("2016", periods=2, freq="h"), "no time zone", id="naive"),
        pytest.param(
            pd.DatetimeIndex(
                ["2016-01-01 00:00", "2016-01-01 01:00", "2016-01-01 03:00"], tz="UTC"
            ),
            "the step to 2016-01-01 03:00 UTC is another one",
            id="gap",
        ),
        pytest.param(
            pd.DatetimeIndex(["2016-01-01 01:00", "2016-01-01 00:00"], tz="UTC"),
            "the step to 2016-01-01 00:00 UTC",
            id="backwards",
        ),
    ],
)
def test_hours_must_follow_each_other(index, said):
    with pytest.raises(DataError, match=said):
        Microgrid(index, [Node("a", [0.0] * len(index))])


def test_places_and_ends_say_who_stands_where(make):
    grid = make(
        [1.0, 1.0],
        nodes=nodes("a", "b"),
        lines=[Line("ab", "a", "b", 1)],
        stores=[Store("s", "b", 1.0)],
    )
    assert grid.places("stores").toarray().tolist() == [[0.0], [1.0]]
    assert grid.places("generators").toarray().tolist() == [[0.0], [0.0]]
    assert grid.ends("start").toarray().tolist() == [[1.0], [0.0]]
    assert grid.ends("end").toarray().tolist() == [[0.0], [1.0]]


def test_windows_are_local_days_also_on_the_days_of_clock_changes():
    index = pd.date_range("2017-03-12 08:00", periods=47, freq="h", tz="UTC")
    demand = FlexibleDemand("f", "a", np.ones(47))
    grid = Microgrid(index, [Node("a", np.zeros(47))], demands=[demand], zone="America/Los_Angeles")
    assert np.bincount(grid.windows(demand)).tolist() == [23, 24]


def test_windows_of_a_length_follow_each_other(make):
    demand = FlexibleDemand("f", "a", [1.0] * 5, window_hours=2)
    assert make([1.0] * 5, demands=[demand]).windows(demand).tolist() == [0, 0, 1, 1, 2]


def test_half_hours_are_steps_of_half_an_hour(make):
    index = pd.date_range("2016", periods=3, freq="30min", tz="UTC")
    assert make([1.0] * 3, index=index).step_h == 0.5
