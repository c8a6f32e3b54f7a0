"""Sequences and day vectors of a view."""

import numpy as np
import pytest

from lab.errors import UsageError
from lab.forecast.inputs import DayInputs, calendar_inputs
from lab.forecast.networks.inputs import DayVector, SequenceInputs


def test_a_sequence_ends_with_the_latest_hours(table):
    view = table.view(100)
    found = SequenceInputs(6, day_parts=0)(view)
    assert found["sequence"].shape == (28, 4)
    assert found["base"].shape == (48,)
    assert found["sequence"][-1, 0] == pytest.approx(np.log(view.past["demand_mw"][-12:]).mean())
    assert found["sequence"][0, 1] == pytest.approx(view.past_days["temperature_c"][-7, :12].mean())
    assert len(found["calendar"]) == len(calendar_inputs(view))


def test_too_short_a_history_is_missing(table):
    found = SequenceInputs(12)(table.view(4))
    assert np.isnan(found["sequence"]).all()
    assert np.isnan(found["base"]).all()


def test_a_day_vector_holds_constants_once_and_parts_of_the_rest(table):
    view = table.view(100)
    x = DayInputs()(view)["x"]
    varying = (x != x[:1]).any(axis=0).sum()
    short, long = (DayVector(parts)(view)["day"] for parts in (4, 8))
    assert len(long) - len(short) == 4 * varying
    first = DayInputs().names(view).index("usual")
    assert first == 0
    assert short[0] == pytest.approx(x[:12, 0].mean())


def test_a_sequence_may_bring_the_day_vector(table):
    view = table.view(100)
    found = SequenceInputs(12, day_parts=4)(view)
    assert set(found) == {"sequence", "day", "base"}
    assert found["day"].tobytes() == DayVector(4)(view)["day"].tobytes()


@pytest.mark.parametrize("parts", [0, 5])
def test_parts_that_do_not_divide_a_day_are_refused(parts):
    with pytest.raises(UsageError, match=f"parts must divide 24, got {parts}"):
        DayVector(parts)
    with pytest.raises(UsageError, match=f"day_parts must be 0 or divide 24, got {parts or 7}"):
        SequenceInputs(3, day_parts=parts or 7)
