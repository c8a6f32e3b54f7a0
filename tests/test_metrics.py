"""Scores, by hand on tiny vectors."""

from statistics import NormalDist

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab import metrics
from lab.errors import DataError, UsageError

ISSUED = pd.Timestamp("2014-01-01", tz="UTC")
LEVELS = (0.025, 0.1, 0.5, 0.9, 0.975)


def forecast(median, spread=0.0, model="m", mean=None):
    times = pd.date_range(ISSUED, periods=len(median), freq="30min", name="time")
    table = pd.DataFrame({"series_id": "s", "issued_at": ISSUED, "valid_at": times, "model": model})
    for level, width in zip(LEVELS, (-2, -1, 0, 1, 2), strict=True):
        table[metrics.quantile_column(level)] = np.asarray(median, dtype=float) + width * spread
    return table if mean is None else table.assign(mean=mean)


def actual(values):
    times = pd.date_range(ISSUED, periods=len(values), freq="30min", name="time")
    return pd.Series(values, index=times, dtype=float)


def test_scores_by_hand():
    row = metrics.evaluate(
        forecast([110, 90, 200], 10), actual([100, 100, 200]), unit="mw", scale=5
    )
    found = row.loc["m"]
    assert found["mae_mw"] == pytest.approx(20 / 3)
    assert found["mse_mw2"] == pytest.approx(200 / 3)
    assert found["rmse_mw"] == pytest.approx((200 / 3) ** 0.5)
    assert found["mape_percent"] == pytest.approx(20 / 3)
    assert found["smape_percent"] == pytest.approx(100 * (20 / 210 + 20 / 190) / 3)
    assert found["r2"] == pytest.approx(1 - 200 / (20000 / 3))
    assert found["mase"] == pytest.approx(4 / 3)
    assert found["coverage_80_percent"] == 100
    assert found["width_80_mw"] == 20
    assert found["width_95_mw"] == 40
    assert (found["rows"], found["missing"]) == (3, 0)


def test_direction_compares_each_move_within_one_issue():
    row = metrics.evaluate(forecast([1, 2, 3, 2]), actual([1, 5, 4, 3]), unit="mw")
    assert row.loc["m", "directional_accuracy_percent"] == pytest.approx(100 * 2 / 3)


def test_coverage_counts_what_lies_inside():
    row = metrics.evaluate(forecast([0, 0, 0, 0], 10), actual([5, -15, 15, 25]), unit="mw").loc["m"]
    assert row["coverage_80_percent"] == 25
    assert row["coverage_95_percent"] == 75


def test_squared_errors_take_the_mean_where_there_is_one():
    row = metrics.evaluate(forecast([1, 1], mean=[3.0, 3.0]), actual([1, 1]), unit="mw").loc["m"]
    assert row["mae_mw"] == 0
    assert row["mse_mw2"] == 4


def test_zero_counts_everywhere_but_in_mape():
    row = metrics.evaluate(forecast([0, 5, 11]), actual([0, 0, 10]), unit="mw").loc["m"]
    assert row["mape_percent"] == pytest.approx(10)
    assert row["smape_percent"] == pytest.approx(100 * (0 + 2 + 2 / 21) / 3)
    assert row["mae_mw"] == pytest.approx(2)


def test_negative_values_have_positive_errors():
    row = metrics.evaluate(forecast([-50, -150]), actual([-100, -100]), unit="eur").loc["m"]
    assert row["mape_percent"] == 50
    assert row["mae_eur"] == 50


@pytest.mark.parametrize(
    ("median", "fact"),
    [([1, np.nan, 3], [1, 2, 4]), ([1, 2, 3], [1, np.nan, 4])],
    ids=["forecast missing", "actual missing"],
)
def test_missing_rows_count_in_no_score(median, fact):
    row = metrics.evaluate(forecast(median), actual(fact), unit="mw").loc["m"]
    assert row["mae_mw"] == 0.5
    assert (row["rows"], row["missing"]) == (2, 1)
    assert row["coverage_80_percent"] == 50


def test_constant_actual_has_no_r2_and_no_scale_no_mase():
    row = metrics.evaluate(forecast([1, 2]), actual([1, 1]), unit="mw").loc["m"]
    assert np.isnan(row["r2"])
    assert np.isnan(row["mase"])


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=30))
def test_perfect_forecast_scores_zero(values):
    row = metrics.evaluate(forecast(values), actual(values), unit="mw", scale=1.0).loc["m"]
    for name in ("mae_mw", "mse_mw2", "rmse_mw", "smape_percent", "mase", "pinball_mw"):
        assert row[name] == 0
    assert row["coverage_95_percent"] == 100
    assert row["directional_accuracy_percent"] == 100


@given(st.floats(0.01, 0.99), st.floats(-100, 100), st.floats(-100, 100))
def test_pinball_is_never_negative(level, fact, value):
    assert metrics.pinball(np.array([fact]), np.array([value]), level)[0] >= 0


def test_pinball_by_hand():
    loss = metrics.pinball(np.array([10, 10]), np.array([8, 12]), 0.9)
    assert loss == pytest.approx([1.8, 0.2])


def test_mase_scale_is_the_mean_seasonal_change():
    assert metrics.mase_scale(pd.Series([1.0, 2, 4, np.nan, 8]), 2) == pytest.approx(3.5)


@pytest.mark.parametrize("season", [0, 3], ids=["none", "too long"])
def test_mase_scale_refuses_an_impossible_season(season):
    with pytest.raises(UsageError, match=f"between 1 and 2 steps, got {season}"):
        metrics.mase_scale(pd.Series([1.0, 2, 3]), season)


def test_groups_by_lead_time_and_by_time():
    table, fact = forecast([1, 2, 3, 4]), actual([2, 2, 4, 4])
    lead = metrics.evaluate(table, fact, unit="mw", by=("lead_time_h",))
    assert lead["mae_mw"].tolist() == [1, 0, 1, 0]
    assert lead.index.tolist() == [("m", 0.0), ("m", 0.5), ("m", 1.0), ("m", 1.5)]
    half = pd.Series(["a", "a", "b", "b"], index=fact.index)
    grouped = metrics.evaluate(table, fact, unit="mw", by={"half": half})
    assert grouped.loc[("m", "b"), "mae_mw"] == 0.5
    assert grouped["rows"].tolist() == [2, 2]


def test_unknown_group_is_refused():
    with pytest.raises(UsageError, match="Unknown group 'colour'"):
        metrics.evaluate(forecast([1]), actual([1]), unit="mw", by=("colour",))


def test_reliability_is_the_share_below_each_level():
    shares = metrics.reliability(forecast([0, 0, 0, np.nan], 10), actual([-15, 5, 15, 0]))
    assert shares.loc["m"].tolist() == pytest.approx([0, 1 / 3, 1 / 3, 2 / 3, 1])


def test_overall_is_plain_and_without_counts():
    found = metrics.overall(metrics.evaluate(forecast([1]), actual([2]), unit="mw"))
    assert found["m"]["mae_mw"] == 1.0
    assert "rows" not in found["m"]


def test_table_without_median_is_refused():
    with pytest.raises(DataError, match=r"needs the column q0\.5"):
        metrics.score(forecast([1]).drop(columns="q0.5"), actual([1]))


def test_duplicate_actual_is_refused():
    fact = actual([1, 1])
    with pytest.raises(DataError, match="one row per time stamp"):
        metrics.score(forecast([1]), pd.concat([fact, fact]))


def test_quantile_names():
    assert metrics.quantile_column(0.025) == "q0.025"
    assert metrics.levels_of(["model", "q0.9", "q0.1", "quality"]) == {0.1: "q0.1", 0.9: "q0.9"}
    with pytest.raises(UsageError, match=r"between 0 and 1, got 1\.5"):
        metrics.quantile_column(1.5)


def test_crps_by_hand():
    # Quantiles -20, -10, 0, 10, 20 of 0.025 to 0.975, the value 15. Pinball losses: 0.875,
    # 2.5, 7.5, 4.5 and (1 - 0.975) * 5 = 0.125; weights 0.1, 0.475, 0.8, 0.475, 0.1; tails 0
    # at the bottom times 0.025 and 0 at the top.
    row = metrics.evaluate(forecast([0], 10), actual([15]), unit="mw").loc["m"]
    assert row["crps_mw"] == pytest.approx(0.0875 + 1.1875 + 6 + 2.1375 + 0.0125)


def test_crps_counts_what_lies_beyond_the_tails():
    row = metrics.evaluate(forecast([0], 10), actual([30]), unit="mw").loc["m"]
    inner = 0.1 * 0.025 * 50 + 0.475 * 0.1 * 40 + 0.8 * 15 + 0.475 * 0.9 * 20 + 0.1 * 0.975 * 10
    assert row["crps_mw"] == pytest.approx(inner + 0.025 * 10)


@given(st.floats(-1e3, 1e3), st.floats(-1e3, 1e3))
def test_crps_of_a_point_is_its_absolute_error(value, fact):
    row = metrics.evaluate(forecast([value]), actual([fact]), unit="mw").loc["m"]
    assert row["crps_mw"] == pytest.approx(abs(value - fact), abs=1e-9)


def test_crps_of_a_fine_grid_is_that_of_the_normal_distribution():
    levels = np.arange(1, 1000) / 1000
    values = NormalDist()
    keys = forecast([0])[["series_id", "issued_at", "valid_at", "model"]]
    columns = {metrics.quantile_column(level): values.inv_cdf(level) for level in levels}
    table = keys.join(pd.DataFrame(columns, index=[0]))
    for fact in (0.0, 1.3):
        exact = fact * (2 * values.cdf(fact) - 1) + 2 * values.pdf(fact) - np.pi**-0.5
        found = metrics.score(table, actual([fact]))["crps"].iloc[0]
        # The tails beyond 0.001 hold 0.0007 of the score.
        assert found == pytest.approx(exact, abs=1e-3)


@given(st.lists(st.floats(0.01, 0.99), min_size=1, max_size=9, unique=True).map(sorted))
def test_crps_weights_sum_to_two(levels):
    weights, low, high = metrics.crps_weights(levels)
    assert sum(weights) + low + high == pytest.approx(2)
    assert min(*weights, low, high) > 0


@pytest.mark.parametrize(
    ("fact", "winkler_80", "winkler_95"),
    [(5, 20, 40), (15, 20 + 10 * 5, 40), (-25, 20 + 10 * 15, 40 + 40 * 5)],
    ids=["inside", "outside 80", "outside both"],
)
def test_winkler_score_is_the_width_and_a_penalty(fact, winkler_80, winkler_95):
    row = metrics.evaluate(forecast([0], 10), actual([fact]), unit="mw").loc["m"]
    assert row["winkler_80_mw"] == pytest.approx(winkler_80)
    assert row["winkler_95_mw"] == pytest.approx(winkler_95)


def test_missing_rows_have_no_probabilistic_score():
    scored = metrics.score(forecast([0, np.nan, 0], 10), actual([5, 5, np.nan]))
    assert scored[["crps", "winkler_80", "winkler_95"]].notna().all(axis=1).tolist() == [
        True,
        False,
        False,
    ]


def test_mean_metrics_name_columns_of_score():
    scored = metrics.score(forecast([0, 1], 10), actual([5, 2]))
    scores = metrics.summarise(scored, unit="mw")
    for name, (loss, factor) in metrics.mean_metrics("mw").items():
        assert scores.loc["m", name] == pytest.approx(factor * scored[loss].mean())
