import math

import pytest

from lab.scale.figures import growth, line


def test_a_line_through_points_on_a_line():
    assert line([1, 2, 4], [5.0, 7.0, 11.0]) == pytest.approx((3.0, 2.0, 1.0))


def test_a_line_explains_less_of_a_curve():
    assert line([1, 2, 3], [0.0, 3.0, 0.0])[2] == pytest.approx(0.0)
    assert line([1, 2], [4.0, 4.0])[1:] == pytest.approx((0.0, 1.0))


@pytest.mark.parametrize(
    ("values", "expected"),
    [([2.0, 3.0, 5.0], 1.0), ([1.0, 4.0, 16.0], 2.0), ([1.0, 3.0, 5.0], 0.5)],
    ids=["linear", "quadratic", "cheaper"],
)
def test_growth_compares_the_last_step_with_those_before(values, expected):
    assert growth([1, 2, 4], values) == pytest.approx(expected)


def test_two_sizes_say_nothing_of_growth():
    assert math.isnan(growth([1, 2], [1.0, 2.0]))
