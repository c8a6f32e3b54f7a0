import numpy as np
import pandas as pd
import pytest

from lab.errors import UsageError
from lab.simulate.households import CLUSTERS, activity, households


def household(cluster: str, **changes: float) -> pd.DataFrame:
    """Return one household without peculiarities."""
    plain = {"cluster": cluster, "shift_h": 0.0, "width": 1.0}
    return pd.DataFrame([plain | changes])


def test_shares_of_the_clusters_add_up():
    assert sum(cluster.share for cluster in CLUSTERS.values()) == pytest.approx(1)


def test_a_household_is_the_same_in_every_fleet():
    fleet = households(12, seed=5)
    assert fleet.iloc[7:9].equals(households(2, seed=5, start=7))
    assert fleet.index[0] == "simulated_meter_00000_w"
    assert not fleet.iloc[0].equals(households(1, seed=6).iloc[0])


def test_clusters_come_as_often_as_their_shares():
    drawn = households(1500, seed=1)
    found = drawn["cluster"].value_counts(normalize=True)
    for name, cluster in CLUSTERS.items():
        # Three standard errors of a share of 1,500.
        assert found[name] == pytest.approx(cluster.share, abs=0.04)
    assert 0.25 < (drawn["heating_w_per_k"] > 0).mean() < 0.35
    assert (drawn[["base_w", "activity_w", "width"]] > 0).all(axis=None)


def test_activity_peaks_where_the_cluster_says():
    work, free = activity(household("commuters"))[0]
    assert work.argmax() == 19
    assert work[7] > work[4] and work[7] > work[12]
    assert free[11] > work[11], "at home on a free day"


def test_a_shift_moves_the_day_and_wraps_at_midnight():
    plain = activity(household("night_storage"))[0, 0]
    moved = activity(household("night_storage", shift_h=-5.0))[0, 0]
    assert np.allclose(moved, np.roll(plain, -5))


@pytest.mark.parametrize(("count", "start"), [(0, 0), (1, -1)], ids=["none", "start"])
def test_impossible_fleets_are_refused(count, start):
    with pytest.raises(UsageError, match=f"got {count} and {start}"):
        households(count, 1, start=start)
