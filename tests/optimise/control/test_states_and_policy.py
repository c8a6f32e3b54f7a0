import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from lab.errors import DataError, UsageError
from lab.optimise.control import figures
from lab.optimise.control.policy import Policy
from lab.optimise.control.states import Bins, told

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


def test_bad_bins_are_refused():
    with pytest.raises(UsageError, match="edges of bins must be rising"):
        Bins((2.0, 1.0))
    with pytest.raises(UsageError, match="moves of bins must be rising numbers"):
        Bins((1.0,), (np.nan,))
    with pytest.raises(DataError, match="at least one price, got none"):
        Bins.fit(np.empty((0, 3)))
    with pytest.raises(DataError, match="each of the 2 steps, got none"):
        Bins((0.0,), (0.0,)).column(np.ones((2, 1)), np.zeros(2, int))
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
    "price nan": ((0.5, np.nan, FORECASTS, 7), "price must be a number, got nan"),
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
    with pytest.raises(DataError, match="do not fill"):
        Policy.of(np.zeros((2, 7, 3)), policy.bins, 0.1, 0.9)
    with pytest.raises(DataError, match="must be numbers"):
        Policy(policy.values * np.nan, policy.bins, 0.1, 0.9)


@pytest.mark.parametrize("moves", [(), (-0.01, 0.01)], ids=["no forecasts", "forecasts"])
def test_a_map_has_a_panel_for_each_level_and_move(moves):
    import matplotlib.pyplot as plt

    bins = Bins((-0.1, 0.2), moves, shares=True)
    values = np.zeros((3, *bins.shape, 3))
    values[:, 0, ..., 0] = 1
    policy = Policy(values, bins, 0.1, 0.9)
    assert figures.met(policy)[:, 0].max() == 0
    assert (figures.met(policy)[:, 1:] == -1).all()
    fig = figures.policy_map(policy, [0, 2])
    assert len(fig.axes) == 2 * bins.shape[2]
    assert fig.axes[0].get_title() == "soc 0.10 to 0.37"
    assert [t.get_text() for t in fig.axes[0].get_yticklabels()] == ["-10"]
    plt.close(fig)
