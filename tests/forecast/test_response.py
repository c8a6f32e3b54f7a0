"""Terms of the regression on calendar and temperature."""

import numpy as np
import pytest

from lab.forecast import response
from lab.forecast.inputs import CALENDAR


def test_degrees_of_the_moment_and_of_the_last_day():
    steady = np.full((1, 4), 28.0)
    assert response.weather_terms(steady, steady)[0, 2].tolist() == [8, 2, 0, 10, 5, 0]
    cold = np.full((1, 4), 6.0)
    # After two of four steps at 6 degrees, the last four are 17 on average.
    assert response.weather_terms(cold, steady)[0, 1].tolist() == [0, 0, 10, 0, 0, 0]
    assert response.weather_terms(cold, steady)[0, 3].tolist() == [0, 0, 10, 0, 0, 10]


@pytest.mark.parametrize("slots", [48, 24])
def test_calendar_terms_repeat_every_week_of_one_season(slots):
    calendar = np.zeros((8, len(CALENDAR)))
    calendar[:, CALENDAR.index("weekday")] = np.arange(8) % 7
    calendar[5, CALENDAR.index("day_type")], calendar[6, CALENDAR.index("day_type")] = 1, 2
    terms = response.calendar_terms(calendar, slots)
    assert terms.shape[:2] == (8, slots)
    assert terms[7] == pytest.approx(terms[0])
    for other in (1, 5, 6):
        assert np.abs(terms[other] - terms[0]).max() > 0.1


def test_regression_recovers_a_line_and_passes_over_gaps():
    x = np.random.default_rng(0).normal(size=(500, 2))
    y = 3 + x @ np.array([1.0, -2.0])
    x[0, 0], y[1] = np.nan, np.nan
    assert response.regress(x, y) == pytest.approx([3, 1, -2], abs=0.01)


def test_regression_bears_a_column_that_never_varies():
    x = np.stack([np.arange(10.0), np.zeros(10)], axis=1)
    assert response.regress(x, x[:, 0])[[1, 2]] == pytest.approx([1, 0], abs=0.01)
