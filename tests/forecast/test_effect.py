"""The temperature effect to expect is learnt from how effects followed each other."""

import numpy as np
import pytest

from lab.forecast import effect
from lab.forecast.inputs import CALENDAR


@pytest.mark.parametrize("lead", [1, 3])
def test_a_fading_effect_is_expected_to_fade(lead):
    rng = np.random.default_rng(0)
    days = np.zeros((400, 8))
    for day in range(1, len(days)):
        days[day] = 0.8 * days[day - 1] + rng.normal(0, 0.1, 8)
    calendar, temperature = np.zeros((400, len(CALENDAR))), rng.normal(20, 1, (400, 8))
    coefficients, wrong = effect.fit(days, temperature, calendar, lead)
    known = days[-20:].copy()
    known[-1] += 1.0
    moved = effect.expected(effect.predictors(known, temperature[-20:], 0.0), coefficients)
    known[-1] -= 1.0
    still = effect.expected(effect.predictors(known, temperature[-20:], 0.0), coefficients)
    assert (moved - still).mean() == pytest.approx(0.8**lead, abs=0.12)
    noise = 0.01 * sum(0.64**k for k in range(lead))
    assert wrong.mean() == pytest.approx(noise, rel=0.2)


def test_predictors_are_the_same_at_every_time_but_for_profiles():
    found = effect.predictors(np.arange(80.0).reshape(10, 8), np.ones((10, 8)), np.pi / 2)
    assert found.shape == (8, 13)
    assert found[:, 0].tolist() == list(range(72, 80))
    assert found[3, [1, 2, 3]].tolist() == [51, 75.5, 79]
    assert found[0, 9] == 1.0
