"""Battery state, on SIMULATED states of charge."""

import numpy as np
import pandas as pd
import pytest

from lab import features
from lab.errors import DataError, UsageError

SPEC = {"families": ["battery"], "battery": {"soc": "soc", "capacity_kwh": 10}}


def state(soc, step="1h") -> pd.DataFrame:
    """Return the battery family of a simulated state of charge."""
    index = pd.date_range("2016-01-01", periods=len(soc), freq=step, tz="UTC")
    return features.build(pd.DataFrame({"soc": soc}, index=index), SPEC, zone="Europe/Brussels")


@pytest.mark.parametrize(("step", "rows"), [("1h", 24), ("15min", 96)])
def test_one_full_cycle_a_day(step, rows):
    up = np.linspace(0, 1, rows // 2 + 1)
    soc = np.concatenate([[0.0] * rows, up, up[-2::-1]])  # a day of rest, then up and down
    last = state(soc, step).iloc[-1]
    assert last["battery_cycles_24h"] == pytest.approx(1)
    assert last["battery_depth_24h"] == 1
    assert last["battery_soc_mean_24h"] == pytest.approx(0.5)


def test_stored_energy_capacity_and_time_at_the_limits():
    table = state([0.0] * 6 + [0.5] * 12 + [1.0] * 6)
    assert table["battery_stored_kwh"].iloc[[0, 6, 18]].tolist() == [0, 5, 10]
    assert table["battery_at_limit_share_24h"].iloc[-1] == pytest.approx(0.5)
    assert set(table["battery_capacity_kwh"]) == {10}
    assert features.catalogue(SPEC).loc["battery_capacity_kwh", "knowledge"] == "static"


@pytest.mark.parametrize("wrong", [-0.1, 1.1, 55.0])
def test_a_state_of_charge_outside_0_to_1_is_refused(wrong):
    with pytest.raises(DataError, match="'soc' must be a state of charge from 0 to 1"):
        state([0.5, wrong, 0.5])


def test_a_family_without_a_battery_is_refused():
    with pytest.raises(UsageError, match="'battery' needs soc and capacity_kwh"):
        features.names({"families": ["battery"]})
