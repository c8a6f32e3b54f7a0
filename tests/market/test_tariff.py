"""Tariffs by cost, clock and congestion."""

import numpy as np
import pandas as pd
import pytest

from lab.calendar import midnights
from lab.errors import DataError, UsageError
from lab.market import tariff
from lab.market.tariff import Block, Season, TimeOfUse

BRUSSELS = "Europe/Brussels"


def local_day(day, freq="h"):
    begin = midnights(day, day, BRUSSELS)[0]
    end = midnights(*[(pd.Timestamp(day) + pd.Timedelta(days=1)).date().isoformat()] * 2, BRUSSELS)
    return pd.date_range(begin, end[0], freq=freq, inclusive="left")


@pytest.mark.parametrize(
    ("day", "hours", "night"),
    [("2016-03-26", 24, 9), ("2016-03-27", 23, 8), ("2016-10-30", 25, 10)],
    ids=["usual", "spring", "autumn"],
)
def test_the_clock_on_the_wall_counts_on_every_day(day, hours, night):
    found = TimeOfUse().multiplier(local_day(day), BRUSSELS)
    assert len(found) == hours
    assert (found == 0.7).sum() == night
    assert (found == 1.5).sum() == 5
    quarter = TimeOfUse().multiplier(local_day(day, "15min"), BRUSSELS)
    assert (quarter == 0.7).sum() == 4 * night


def test_seasons_have_blocks_of_their_own():
    two = tariff.seasons([Block(17, 22, 1.5)], [Block(12, 15, 0.5)], [6, 7, 8])
    index = pd.DatetimeIndex(["2020-01-15 18:00", "2020-07-15 18:00", "2020-07-15 12:00"], tz="UTC")
    assert two.multiplier(index, "UTC").tolist() == [1.5, 1.0, 0.5]


def test_rules_multiply():
    index = pd.DatetimeIndex(["2020-01-15 18:00", "2020-01-15 23:00"], tz="UTC")
    found = tariff.tariff(index, [0.10, -0.02], "UTC", congestion=[0.5, 0.0])
    assert found.to_numpy() == pytest.approx([0.10 * 1.1 * 1.5 * 1.25, -0.02 * 1.1 * 0.7])


def test_a_block_goes_past_midnight():
    assert Block(22, 7, 0.7).hours == [22, 23, 0, 1, 2, 3, 4, 5, 6]
    assert Block(0, 24, 1.0).hours == list(range(24))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: Block(5, 5, 1.0), UsageError, "at least one hour, got 5 twice"),
        (lambda: Block(5, 25, 1.0), UsageError, "Hours of a block must be from 0 to 24, got 25"),
        (
            lambda: Block(17.5, 22, 1.5),
            UsageError,
            "Hours of a block must be a whole number, got 17.5",
        ),
        (
            lambda: tariff.seasons([], [], range(1, 13)),
            UsageError,
            "A season must hold at least one month, got none",
        ),
        (
            lambda: Season((1.0, *range(2, 13))),
            UsageError,
            "Months of a season must be a whole number, got 1.0",
        ),
        (lambda: Block(5, 6, -1.0), UsageError, "multiplier must be at least 0, got -1"),
        (lambda: Season(blocks=(Block(5, 8, 1), Block(7, 9, 1))), UsageError, "must not overlap"),
        (
            lambda: TimeOfUse((Season((1, 2)),)),
            UsageError,
            r"each month from 1 to 12 once, got \[1, 2\]",
        ),
        (
            lambda: tariff.congestion_multiplier([0, 1.2]),
            DataError,
            "from 0 to 1, got 1.2 at position 1",
        ),
        (
            lambda: tariff.congestion_multiplier(np.nan),
            DataError,
            "Congestion levels must be finite",
        ),
        (
            lambda: tariff.marginal_cost_price([0.1, np.nan]),
            DataError,
            "Marginal costs .* position 1",
        ),
        (lambda: tariff.marginal_cost_price(0.1, 0), UsageError, "markup must be above 0, got 0"),
        (
            lambda: TimeOfUse().multiplier(pd.DatetimeIndex(["2020"]), "UTC"),
            DataError,
            "must be in UTC",
        ),
        (
            lambda: tariff.tariff(pd.date_range("2020", periods=4, tz="UTC"), [0.1, 0.2], "UTC"),
            DataError,
            r"Marginal costs \[USD/kWh\] must be one or 4 in a row, got the shape \(2,\)",
        ),
        (
            lambda: tariff.tariff(
                pd.date_range("2020", periods=4, tz="UTC"), 0.1, "UTC", congestion=[0.1] * 3
            ),
            DataError,
            "Congestion levels must be one or 4 in a row",
        ),
    ],
    ids=[
        "no hour",
        "hour",
        "half an hour",
        "no month",
        "month",
        "multiplier",
        "overlap",
        "months",
        "level",
        "nan level",
        "nan cost",
        "markup",
        "naive",
        "costs",
        "levels",
    ],
)
def test_bad_input_is_refused_by_name(call, error, message):
    with pytest.raises(error, match=message):
        call()
