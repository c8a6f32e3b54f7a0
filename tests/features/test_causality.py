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
LEAST_STATE_OF_CHARGE = {"soc": (0.0, 1.0)}


def compute(feature: Feature, table: pd.DataFrame) -> np.ndarray:
    """Compute one feature of a table, rows as in the table."""
    grid = Grid(table, ZONE, "BE")
    return np.asarray(feature.compute(grid), dtype="float64")[grid.rows]


def changed_after(table: pd.DataFrame, row: int, kind: str, seed: int) -> pd.DataFrame:
    """Return the table with every value after `row` replaced."""
    noise = np.random.default_rng(seed)
    other = table.copy()
    for name in table:
        low, high = LEAST_STATE_OF_CHARGE.get(str(name), (-1e6, 1e6))
        fresh = {
            "noise": noise.uniform(low, high, len(table)),
            "missing": np.full(len(table), np.nan),
            "constant": np.full(len(table), high),
        }[kind]
        other[name] = np.where(np.arange(len(table)) > row, fresh, table[name])
    return other


def is_causal(feature: Feature, table: pd.DataFrame, row: int, kind: str, seed: int) -> bool:
    """Tell whether the feature up to `row` is the same bytes after a change behind it."""
    before = compute(feature, table)[: row + 1]
    after = compute(feature, changed_after(table, row, kind, seed))[: row + 1]
    return before.tobytes() == after.tobytes()


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
    other = compute(FEATURES[name], changed_after(gappy, -1, "noise", 5))
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
    before = features.build(table, spec, zone=ZONE, country="BE").iloc[:2501]
    after = features.build(
        changed_after(table, 2500, "noise", 3), spec, zone=ZONE, country="BE"
    ).iloc[:2501]
    assert before.to_numpy().tobytes() == after.to_numpy().tobytes()
