"""Changing anything after t changes no feature at or before t, to the last bit.

The features under test are read from the catalogue, so a new one is tested the moment it
is registered.
"""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab import features
from lab.features.causality import moved_by_the_future, with_future
from lab.features.feature import PAST, Feature
from lab.features.grid import Grid

ZONE = "Europe/Brussels"
EVERYTHING = {
    "families": list(features.FAMILIES),
    "lags_h": [1, 2, 3, 24, 48, 168],
    "regions": ["price_fr_eur_per_mwh"],
    "published": ["load_forecast_mw"],
    "battery": {"soc": "soc", "capacity_kwh": 10.0},
}
FEATURES = {feature.name: feature for feature in features.features_of(EVERYTHING)}


def compute(feature: Feature, table: pd.DataFrame) -> np.ndarray:
    """Compute one feature of a table, rows as in the table."""
    grid = Grid(table, ZONE, "BE")
    return np.asarray(feature.compute(grid), dtype="float64")[grid.rows]


def another(table: pd.DataFrame, kind: str, seed: int) -> np.ndarray:
    """Return other values for every cell of the table, states of charge from 0 to 1."""
    noise = np.random.default_rng(seed)
    if kind == "missing":
        return np.full(table.shape, np.nan)
    values = noise.uniform(-1e6, 1e6, table.shape) if kind == "noise" else np.full(table.shape, 1e6)
    values[:, table.columns.get_loc("soc")] = noise.uniform(0, 1, len(table))
    return values


def is_causal(feature: Feature, table: pd.DataFrame, row: int, kind: str, seed: int) -> bool:
    """Tell whether the feature up to `row` is the same bytes after a change behind it."""

    def one(part: pd.DataFrame) -> pd.DataFrame:
        return pd.DataFrame({feature.name: compute(feature, part)}, index=part.index)

    return moved_by_the_future(one, table, row, another(table, kind, seed)) == 0


@pytest.fixture(scope="session")
def gappy(simulated) -> pd.DataFrame:
    """A table over both a clock change and missing rows."""
    table = simulated(1000)
    return table.drop(table.index[[200, 201, 500, 870]])


@pytest.mark.parametrize("name", FEATURES)
@settings(max_examples=20, deadline=None)
@given(
    row=st.integers(0, 995),
    kind=st.sampled_from(["noise", "missing", "constant"]),
    seed=st.integers(0, 2**32 - 1),
)
def test_no_feature_sees_what_comes_after(gappy, name, row, kind, seed):
    assert is_causal(FEATURES[name], gappy, row, kind, seed)


@pytest.mark.parametrize("name", FEATURES)
def test_every_feature_of_a_shorter_table_is_the_same(gappy, name):
    whole = compute(FEATURES[name], gappy)
    for rows in (200, 203, 700, 995):
        np.testing.assert_array_equal(
            compute(FEATURES[name], gappy.iloc[:rows]), whole[:rows], strict=True
        )


@pytest.mark.parametrize("name", [n for n, f in FEATURES.items() if f.knowledge == PAST])
def test_every_past_feature_sees_what_happens_at_or_before_t(gappy, name):
    """The property above would hold for a constant too; these are none."""
    plain = compute(FEATURES[name], gappy)
    other = compute(FEATURES[name], with_future(gappy, -1, another(gappy, "noise", 5)))
    assert np.isfinite(plain).any()
    assert (plain != other)[np.isfinite(plain) & np.isfinite(other)].any()


@pytest.mark.parametrize(
    "leak",
    [
        pytest.param(
            lambda g: (
                pd.Series(g.values("price_eur_per_mwh"))
                .rolling(5, center=True, min_periods=1)
                .mean()
                .to_numpy()
            ),
            id="centred-mean",
        ),
        pytest.param(lambda g: np.roll(g.values("price_eur_per_mwh"), -1), id="next-value"),
        pytest.param(
            lambda g: g.values("price_eur_per_mwh") - np.nanmean(g.values("price_eur_per_mwh")),
            id="global-mean",
        ),
    ],
)
def test_the_check_catches_a_leak(gappy, leak):
    leaking = Feature("leak", "test", "1", PAST, "looks ahead", leak)
    assert not is_causal(leaking, gappy, 600, "noise", 0)


@pytest.mark.parametrize("step", ["5min", "15min", "30min"])
def test_the_whole_table_is_causal_at_other_steps(simulated, step):
    table = simulated(3000, step)
    spec = EVERYTHING | {"lags_h": [1, 2], "rolling_h": [3, 24]}

    def everything(part: pd.DataFrame) -> pd.DataFrame:
        return features.build(part, spec, zone=ZONE, country="BE")

    assert moved_by_the_future(everything, table, 2500, another(table, "noise", 3)) == 0


def test_the_check_counts_every_value_that_moved():
    table = pd.DataFrame({"a": [1.0, 2.0, 3.0, 4.0], "b": 0.0})
    other = np.full((4, 2), 9.0)
    assert with_future(table, 1, other)["a"].tolist() == [1, 2, 9, 9]
    assert moved_by_the_future(lambda t: t.shift(-1), table, 1, other) == 2
    assert moved_by_the_future(lambda t: t.shift(-1), table, 3, other) == 0
    assert moved_by_the_future(lambda t: t.iloc[::-1], table, 2, other) == 2 * 1
    assert table["a"].tolist() == [1, 2, 3, 4]
