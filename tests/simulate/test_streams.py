import numpy as np
import pytest

from lab.errors import UsageError
from lab.simulate.streams import HOUSEHOLD, NOISE, stream


def test_streams_repeat_and_differ_by_seed_kind_and_number():
    first = stream(7, NOISE, 3).random(50)
    assert np.array_equal(first, stream(7, NOISE, 3).random(50))
    for other in (stream(8, NOISE, 3), stream(7, HOUSEHOLD, 3), stream(7, NOISE, 4)):
        assert not np.isclose(first, other.random(50)).any()


@pytest.mark.parametrize(("seed", "number"), [(-1, 0), (0, -1)], ids=["seed", "number"])
def test_negative_numbers_are_refused(seed, number):
    with pytest.raises(UsageError, match="must not be negative"):
        stream(seed, NOISE, number)
