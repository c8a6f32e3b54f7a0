import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.errors import UsageError
from lab.forecast.prices.realtime_intervals import Shifts, losses_by_strength, recent_movement
from lab.forecast.table import QUANTILES


def drawn(issues, seed=1, scale=1.0):
    return scale * np.random.default_rng(seed).standard_normal((issues, 2, 3))


def inside(band, truth, nominal):
    low, high = (QUANTILES.index(p) for p in ((0.1, 0.9) if nominal == 80 else (0.025, 0.975)))
    return ((truth >= band[..., low]) & (truth <= band[..., high])).mean()


@pytest.mark.parametrize("nominal", [80, 95])
def test_intervals_hold_what_they_promise_for_errors_of_the_same_kind(nominal):
    calm = np.ones((4000, 3))
    shifts = Shifts.learn(drawn(4000), calm, 0.0, 1.0)
    band = shifts.around(np.zeros((4000, 2, 3)), calm)
    assert inside(band, drawn(4000, seed=2), nominal) == pytest.approx(nominal / 100, abs=0.012)


def test_confidence_is_the_share_within_the_tolerance():
    errors = np.array([0.5, -0.5, 1.0, 3.0])[:, None, None]
    found = Shifts.learn(errors, np.ones((4, 1)), 0.0, 1.0)
    assert found.confidence.tolist() == [[3 / 5]], "conformal: one more, which may fail"
    some = np.where(np.arange(4)[:, None, None] == 0, np.nan, errors)
    assert Shifts.learn(some, np.ones((4, 1)), 0.0, 1.0).confidence.tolist() == [[2 / 4]]


def test_bands_widen_when_prices_move_and_only_then():
    errors, moving = drawn(400), np.full((1, 3), 4.0)
    point, calm = np.zeros((1, 2, 3)), np.ones((400, 3))
    bands = {
        s: Shifts.learn(errors, calm, s, 1.0).around(point, moving)[0, 0, 0]
        for s in (0.0, 0.5, 1.0)
    }
    assert bands[1.0] == pytest.approx(4 * bands[0.0])
    assert bands[0.5] == pytest.approx(2 * bands[0.0])


@settings(max_examples=30, deadline=None)
@given(
    strength=st.sampled_from([0.0, 0.5, 1.0]),
    lean=st.floats(-5, 5),
    recent=st.floats(0, 50),
)
def test_quantiles_never_cross_and_the_median_is_the_forecast(strength, lean, recent):
    shifts = Shifts.learn(drawn(60) + lean, np.ones((60, 3)), strength, 1.0)
    band = shifts.around(np.full((1, 2, 3), 7.0), np.full((1, 3), recent))
    assert (np.diff(band, axis=-1) >= 0).all()
    assert (band[..., QUANTILES.index(0.5)] == 7.0).all()


def test_the_strength_that_fits_has_the_least_loss():
    rng = np.random.default_rng(5)
    recent = np.exp(rng.normal(0, 0.7, (2000, 3)))
    moved = drawn(2000) * recent[:, None, :]
    assert losses_by_strength(moved, recent, (0.0, 0.5, 1.0)).idxmin() == 1.0
    assert losses_by_strength(drawn(2000), recent, (0.0, 0.5, 1.0)).idxmin() == 0.0


def test_movement_by_hand():
    found = recent_movement(np.array([[0.0], [3.0], [7.0], [7.0]]), window_min=2)
    assert np.isnan(found[:2]).all()
    assert found[2:, 0] == pytest.approx([np.sqrt(12.5), np.sqrt(8)])


@pytest.mark.parametrize(
    ("strength", "tolerance", "errors"),
    [(1.5, 1.0, drawn(5)), (0.5, 0.0, drawn(5)), (0.5, 1.0, np.full((5, 2, 3), np.nan))],
    ids=["strength", "tolerance", "errors"],
)
def test_impossible_calibrations_are_refused(strength, tolerance, errors):
    with pytest.raises(UsageError, match="Intervals need a strength from 0 to 1"):
        Shifts.learn(errors, np.ones((5, 3)), strength, tolerance)
