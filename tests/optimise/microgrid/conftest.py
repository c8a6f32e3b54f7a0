"""Small microgrids whose best plan can be found by hand."""

import numpy as np
import pandas as pd
import pytest

from lab.optimise.microgrid import (
    GridConnection,
    Line,
    Microgrid,
    Node,
    Store,
)


def hours(count, start="2016-08-01", step="h"):
    return pd.date_range(start, periods=count, freq=step, tz="UTC")


def connection(prices, *, paid=None, limit=100.0, node="a", name="grid"):
    prices = np.asarray(prices, dtype=float)
    sold = np.minimum(0.0, prices) if paid is None else np.asarray(paid, dtype=float)
    return GridConnection(name, node, limit, limit, prices, sold)


@pytest.fixture
def make():
    """Return a function that makes a microgrid of node `a` on the grid, and more on request."""

    def microgrid(prices, load=None, **more):
        count = len(prices)
        nodes = more.pop("nodes", [Node("a", [0.0] * count if load is None else load)])
        connections = more.pop("connections", [connection(prices)])
        index = more.pop("index", hours(count))
        return Microgrid(index, nodes, connections=connections, **more)

    return microgrid


@pytest.fixture
def battery():
    """Return a function that makes a battery without losses that starts empty."""

    def made(**changed):
        given = {
            "name": "battery", "node": "a", "capacity_kwh": 10.0, "hourly_share": 0.2,
            "charge_efficiency": 1.0, "discharge_efficiency": 1.0, "initial_soc": 0.0,
        }  # fmt: skip
        return Store(**given | changed)

    return made


@pytest.fixture
def two_nodes():
    """Return a function that makes node a on the grid, and a load at b behind one line."""

    def made(prices, load, *, capacity_kw=10.0, loss_share=0.0, **more):
        count = len(prices)
        nodes = [Node("a", [0.0] * count), Node("b", load)]
        lines = [Line("ab", "a", "b", capacity_kw, loss_share)]
        given = {"connections": [connection(prices)]} | more
        return Microgrid(hours(count), nodes, lines, **given)

    return made
