"""Weeks by rule, and their figure."""

import matplotlib as mpl
import matplotlib.pyplot as plt
import pandas as pd
import pytest

from lab.forecast import figures

ZONE = "Australia/Melbourne"


@pytest.fixture(autouse=True)
def no_screen():
    mpl.use("agg")
    yield
    plt.close("all")


@pytest.fixture
def index():
    """From Wednesday 1 to Sunday 19 January 2014: two whole weeks."""
    begin = pd.Timestamp("2014-01-01", tz=ZONE).tz_convert("UTC")
    return pd.date_range(begin, periods=19 * 48, freq="30min")


def test_only_whole_weeks_have_a_name(index):
    week = figures.weeks(index, ZONE)
    assert week.isna().sum() == 5 * 48
    assert [str(day.date()) for day in week.dropna().unique()] == ["2014-01-06", "2014-01-13"]


def test_hottest_and_median_week(index):
    week = figures.weeks(index, ZONE).dropna()
    heat = pd.Series(20.0, index=index)
    heat[index >= pd.Timestamp("2014-01-13", tz=ZONE)] = 21.0
    assert figures.hottest_week(week, heat, ZONE) == pd.Timestamp("2014-01-13")
    assert figures.median_week(week, heat) == pd.Timestamp("2014-01-06")


def test_week_is_drawn_in_local_time_with_units(index):
    names = ["q0.025", "q0.1", "q0.5", "q0.9", "q0.975"]
    part = pd.DataFrame(5000.0, index=index[:48], columns=names)
    figures.draw_week(part, part["q0.5"], ZONE, "ridge")
    axis = plt.gca()
    assert axis.get_ylabel() == "demand [MW]"
    assert [t.get_text() for t in axis.get_legend().get_texts()] == [
        "95 %",
        "80 %",
        "ridge",
        "measured",
    ]
    begin = mpl.dates.num2date(axis.lines[0].get_xdata(orig=False)[0])
    assert (begin.month, begin.day, begin.hour) == (1, 1, 0)


def test_curves_have_one_line_per_model():
    curves = pd.DataFrame({"ridge": [1.0, 2], "mean_of_four": [2.0, 3]})
    figures.draw_curves(curves, ["ridge", "mean_of_four"], "lead time [h]", "MAPE [%]")
    assert [line.get_label() for line in plt.gca().lines] == ["ridge", "mean of four"]
