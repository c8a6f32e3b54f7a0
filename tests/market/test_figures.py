"""Figures show what they are given."""

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from lab.market import auction, figures
from lab.market.order_book import OrderBook


@pytest.fixture
def axis():
    figure, found = plt.subplots()
    yield found
    plt.close(figure)


def test_supply_and_demand_cross_at_the_price(axis):
    book = OrderBook([0.3, 0.2], [1.0, 1.0], [0.1, 0.25], [1.0, 1.0])
    found = auction.uniform_price(book)
    figures.draw_crossing(axis, found)
    names = axis.get_legend_handles_labels()[1]
    assert names[:2] == ["demand (bids)", "supply (offers)"]
    lines = {line.get_label(): line for line in axis.lines}
    assert lines["uniform price"].get_ydata()[0] == found.price_usd_per_kwh
    assert lines["demand (bids)"].get_xdata().tolist() == [0.0, 1.0, 1.0, 2.0]
    assert lines["demand (bids)"].get_ydata().tolist() == [0.3, 0.3, 0.2, 0.2]


def test_without_trade_no_price_is_drawn(axis):
    figures.draw_crossing(axis, auction.uniform_price(OrderBook([0.1], [1.0], [0.2], [1.0])))
    assert len(axis.lines) == 2


def test_parts_are_stacked(axis):
    parts = pd.DataFrame({"buyers": [1.0, 2.0], "sellers": [3.0, 1.0]}, ["one", "two"])
    figures.draw_parts(axis, parts, figures.PARTIES, "gain [USD]")
    assert max(bar.get_x() + bar.get_width() for bar in axis.patches) == 4.0
    assert axis.get_xlim()[1] > 4.0
    assert axis.get_xlabel() == "gain [USD]"


def test_a_day_is_drawn_over_local_time(axis):
    hours = pd.date_range("2020-01-01 06:00", periods=3, freq="h", tz="UTC")
    figures.draw_day(
        axis, pd.DataFrame({"a": np.arange(3.0)}, hours), {"a": "black"}, "America/Chicago"
    )
    first = mpl.dates.num2date(axis.lines[0].get_xdata(orig=False)[0])
    assert (first.hour, first.day) == (0, 1)
    assert axis.lines[0].get_ydata().tolist() == [0.0, 1.0, 2.0, 2.0]
    last = mpl.dates.num2date(axis.lines[0].get_xdata(orig=False)[-1])
    assert (last.hour, last.day) == (3, 1)


def test_a_single_interval_is_drawn_as_a_day(axis):
    alone = pd.DataFrame({"a": [1.0]}, pd.date_range("2020-01-01", periods=1, tz="UTC"))
    figures.draw_day(axis, alone, {"a": "black"}, "UTC")
    assert np.ptp(axis.lines[0].get_xdata(orig=False)) == 1
