import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from lab.errors import DataError, UsageError
from lab.optimise.control import figures
from lab.optimise.control.dynamics import limits
from lab.optimise.control.policy import Policy
from lab.optimise.control.rules import on_worth
from lab.optimise.control.states import Bins, loss_ends, told

FORECASTS = (0.05, 0.06, 0.07)


@pytest.fixture
def policy():
    """Two levels, three price bins, 24 hours, three moves; each value tells its own place."""
    bins = Bins((0.02, 0.05), (-0.01, 0.01))
    values = np.arange(2 * 3 * 24 * 3 * 3, dtype=float).reshape(2, 3, 24, 3, 3)
    return Policy(values, bins, 0.1, 0.9, hold=5)


def test_bins_hold_equally_many_minutes():
    prices = np.arange(100.0)[:, None]
    bins = Bins.fit(prices, np.arange(100.0), bins=4)
    assert bins.shape == (4, 24, 3)
    assert bins.columns == 288
    column = bins.column(prices, np.zeros(100, int), np.zeros(100))
    assert np.unique(column // 72, return_counts=True)[1].tolist() == [25, 25, 25, 25]


def test_a_column_tells_bin_hour_and_move_apart():
    bins = Bins((0.0,), (0.0,))
    hour, move = np.array([3, 3, 23, 0]), np.array([-1.0, 1.0, 1.0, -1.0])
    found = bins.column(np.array([-1.0, -1.0, 1.0, 1.0])[:, None], hour, move)
    assert found[:, 0].tolist() == [6, 7, 95, 48]
    assert found.dtype == np.int32
    assert bins.place(0.2, 0.1, (0.3, 0.3, 0.3), 23) == (1, 23, 1)


def test_a_share_is_of_the_worth_but_not_of_next_to_nothing():
    price, worth = np.array([0.06, 0.03, 0.02]), np.array([0.04, 0.04, 0.001])
    assert told(price, worth, shares=False).tolist() == pytest.approx([0.02, -0.01, 0.019])
    assert told(price, worth, shares=True).tolist() == pytest.approx([0.5, -0.25, 1.9])
    assert Bins((0.2,), (), True).place(0.05, 0.04, FORECASTS, 0) == (1, 0, 0)


def test_a_bin_goes_from_loss_to_loss_and_the_others_hold_equally_many():
    values = np.arange(100.0)[:, None]
    bins = Bins.fit(values, bins=4, between=(39.5, 79.5))
    # 40 below, 20 above: two bins of 20 below, one of 20 above.
    assert bins.edges == pytest.approx((19.5, 39.5, 79.5))
    column = bins.column(values, np.zeros(100, int))
    assert np.unique(column, return_counts=True)[1].tolist() == [20, 20, 40, 20]
    # However few lie on a side, it has a bin.
    assert Bins.fit(values, bins=4, between=(0.5, 1.5)).edges[:2] == (0.5, 1.5)
    assert Bins.fit(values, bins=4, between=(97.5, 98.5)).edges[2:] == (98.5,)


def test_losses_are_where_the_rule_on_the_worth_turns(battery):
    of = limits(battery, 1 / 60)
    low, high = loss_ends(of)
    worth = 0.04
    price = worth * (1 + np.array([low - 1e-6, low + 1e-6, high - 1e-6, high + 1e-6]))
    assert on_worth(price, np.full((4, 1), worth), of)[:, 0].tolist() == [0, 1, 1, 2]
    column = Bins((low, high), (), True).column(told(price, worth, True)[:, None], np.zeros(4, int))
    assert (column[:, 0] // 24).tolist() == [0, 1, 1, 2]


def test_bad_bins_are_refused():
    with pytest.raises(UsageError, match="edges of bins must be rising"):
        Bins((2.0, 1.0))
    with pytest.raises(UsageError, match="moves of bins must be rising numbers"):
        Bins((1.0,), (np.nan,))
    with pytest.raises(DataError, match="at least one price, got none"):
        Bins.fit(np.empty((0, 3)))
    with pytest.raises(DataError, match="got 4 bins, 0 values below and 3 above"):
        Bins.fit(np.arange(3.0), bins=4, between=(-2.0, -1.0))
    with pytest.raises(DataError, match="need at least 3 bins .* got 2 bins, 1 values below"):
        Bins.fit(np.arange(3.0), bins=2, between=(0.5, 1.5))
    with pytest.raises(DataError, match="each of the 2 steps, got none"):
        Bins((0.0,), (0.0,)).column(np.ones((2, 1)), np.zeros(2, int))
    with pytest.raises(DataError, match=r"row for each of the 2 hours .* the shape \(3, 1\)"):
        Bins((0.0,)).column(np.ones((3, 1)), np.zeros(2, int))
    with pytest.raises(DataError, match="Prices less worth must be finite numbers, got nan"):
        Bins((0.0,)).column(np.full((2, 1), np.nan), np.zeros(2, int))
    with pytest.raises(DataError, match="Expected moves must be finite numbers, got nan"):
        Bins((0.0,), (0.0,)).column(np.ones((2, 1)), np.zeros(2, int), np.full(2, np.nan))
    with pytest.raises(UsageError, match="move_bins must be at least 1, got 0"):
        Bins.fit(np.ones((3, 1)), move_bins=0)
    with pytest.raises(DataError, match="edges of bins must be finite numbers, got others"):
        Bins(("low",))
    with pytest.raises(DataError, match="each of the 2 steps, got 1"):
        Bins((0.0,), (0.0,)).column(np.ones((2, 1)), np.zeros(2, int), np.ones(1))


def test_an_action_comes_with_its_values(policy):
    # Upper level, middle price bin, hour 7, prices about to rise.
    action, values = policy.action(0.6, 0.04, FORECASTS, 7)
    assert action == 2
    assert values.tolist() == policy.values[1, 1, 7, 2].tolist()
    low, _ = policy.action(0.1, 0.04, FORECASTS, 7, worth=0.03), None
    assert low[1].tolist() == policy.values[0, 0, 7, 2].tolist()


def test_the_table_is_what_actions_say(policy):
    assert policy.table.shape == (2, 216)
    assert (policy.table == 2).all()
    assert [policy.level(soc) for soc in (0.1, 0.49, 0.5, 0.9)] == [0, 0, 1, 1]


BAD = {
    "soc below": ((0.05, 0.04, FORECASTS, 7), "soc must lie from 0.1 to 0.9, got 0.05"),
    "soc nan": ((np.nan, 0.04, FORECASTS, 7), "got nan"),
    "price nan": ((0.5, np.nan, FORECASTS, 7), "price must be a finite number, got nan"),
    "price text": ((0.5, "dear", FORECASTS, 7), "price must be a finite number, got 'dear'"),
    "soc text": (("full", 0.04, FORECASTS, 7), "soc must be a finite number, got 'full'"),
    "forecast text": ((0.5, 0.04, "abc", 7), "Forecasts must be finite numbers, got others"),
    "worth nan": ((0.5, 0.04, FORECASTS, 7, np.nan), "worth must be a finite number, got nan"),
    "hour text": ((0.5, 0.04, FORECASTS, "7"), "hour must be a whole number .* got '7'"),
    "two forecasts": ((0.5, 0.04, (0.1, 0.2), 7), "must be 3 numbers"),
    "hour 24": ((0.5, 0.04, FORECASTS, 24), "hour must be a whole number from 0 to 23, got 24"),
    "hour 3.0": ((0.5, 0.04, FORECASTS, 3.0), "hour must be a whole number .* got 3.0"),
    "hour nan": ((0.5, 0.04, FORECASTS, np.nan), "hour must be a whole number .* got nan"),
}


@pytest.mark.parametrize(("asked", "words"), BAD.values(), ids=BAD)
def test_bad_questions_are_refused(policy, asked, words):
    with pytest.raises(DataError, match=words):
        policy.action(*asked)


def test_a_saved_policy_is_the_same_again(policy, tmp_path):
    path = policy.save(tmp_path / "deep" / "policy.parquet")
    again = Policy.load(path)
    assert np.array_equal(again.values, policy.values)
    assert (again.bins, again.soc_min, again.soc_max, again.hold) == (policy.bins, 0.1, 0.9, 5)
    assert path.read_bytes() == policy.save(tmp_path / "again.parquet").read_bytes()


def test_rows_in_another_order_are_the_same_policy(policy, tmp_path):
    path = policy.save(tmp_path / "policy.parquet")
    table = pq.read_table(path)
    pq.write_table(table.take(list(range(len(table)))[::-1]), path)
    assert np.array_equal(Policy.load(path).values, policy.values)


def test_files_that_are_no_such_policy_are_refused(policy, tmp_path):
    path = policy.save(tmp_path / "policy.parquet")
    pq.write_table(pq.read_table(path).slice(1), path)
    with pytest.raises(DataError, match="policy.parquet should hold 432 states .* got 431 rows"):
        Policy.load(path)
    pq.write_table(pq.read_table(policy.save(path)).drop_columns("hold"), path)
    with pytest.raises(DataError, match="values of charge, hold, discharge, got 432 rows with"):
        Policy.load(path)
    pd.DataFrame({"a": [1]}).to_parquet(path)
    with pytest.raises(DataError, match="is no policy that `Policy.save` wrote"):
        Policy.load(path)
    path.write_text("{}")
    with pytest.raises(DataError, match="is no policy"):
        Policy.load(path)
    with pytest.raises(UsageError, match="There is no policy file"):
        Policy.load(tmp_path / "none.parquet")


def test_values_of_another_shape_are_refused(policy):
    with pytest.raises(DataError, match=r"shape \(levels, 3, 24, 3, 3\)"):
        Policy(policy.values[..., 0], policy.bins, 0.1, 0.9)
    with pytest.raises(UsageError, match="soc_min of a policy must be from 0 to below 0.1, got"):
        Policy(policy.values, policy.bins, 0.9, 0.1)
    with pytest.raises(UsageError, match="hold of a policy must be at least 1, got 0"):
        Policy(policy.values, policy.bins, 0.1, 0.9, 0)
    with pytest.raises(DataError, match="do not fill"):
        Policy.of(np.zeros((2, 7, 3)), policy.bins, 0.1, 0.9)
    with pytest.raises(DataError, match="must be numbers"):
        Policy(policy.values * np.nan, policy.bins, 0.1, 0.9)


@pytest.mark.parametrize("moves", [(), (-0.01, 0.01)], ids=["no forecasts", "forecasts"])
@pytest.mark.parametrize(("shares", "label"), [(True, "-10"), (False, "-100")])
def test_a_map_has_a_panel_for_each_policy_and_hour(moves, shares, label):
    import matplotlib.pyplot as plt

    bins = Bins((-0.1, 0.2), moves, shares=shares)
    values = np.zeros((3, *bins.shape, 3))
    # The lowest price charges at each hour but 5, where it is never met.
    values[:, 0, ..., 0] = 1
    values[:, 0, 5] = 0
    policy = Policy(values, bins, 0.1, 0.9)
    assert figures.met(policy)[:, 0, 4].max() == 0
    assert (figures.met(policy)[:, 1:] == -1).all()
    fig = figures.policy_map({"four": (policy, 4), "five": (policy, 5)})
    four, five = (axis.images[0].get_array() for axis in fig.axes)
    # Prices go up, charge goes to the right.
    assert four.tolist() == [[0, 0, 0], [-1, -1, -1], [-1, -1, -1]]
    assert (five == -1).all()
    assert [axis.get_title() for axis in fig.axes] == ["four", "five"]
    assert fig.axes[0].get_yticklabels()[0].get_text() == label
    plt.close(fig)
