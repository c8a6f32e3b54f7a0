import numpy as np
import pytest

from lab.checks import each, finite, floats, number, one_of, ordered, setting, whole, within
from lab.errors import DataError, UsageError


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        pytest.param("5", "'5'", id="text"),
        pytest.param(True, "True", id="truth value"),
        pytest.param(None, "None", id="nothing"),
        pytest.param([5.0], r"\[5.0\]", id="list"),
        pytest.param(float("nan"), "nan", id="missing"),
        pytest.param(float("inf"), "inf", id="endless"),
    ],
)
def test_what_is_no_number_is_refused(value, shown):
    said = f"^size must be a finite number, got {shown}.$"
    for refuse in (number, setting):
        with pytest.raises(UsageError, match=said):
            refuse(value, "size")


@pytest.mark.parametrize("value", [3, 3.0, np.int64(3), np.float32(3)], ids=repr)
def test_any_kind_of_number_is_one(value):
    assert number(value, "size") == 3.0


@pytest.mark.parametrize(
    ("ends", "outside", "inside", "said"),
    [
        pytest.param({"low": 0}, -0.1, 0, "at least 0, got -0.1", id="not negative"),
        pytest.param({"low": 0, "open_low": True}, 0, 0.1, "above 0, got 0", id="positive"),
        pytest.param({"low": 0, "high": 1}, 1.1, 1, "from 0 to 1, got 1.1", id="share"),
        pytest.param(
            {"low": 0, "high": 1, "open_low": True},
            0,
            1,
            "above 0 and up to 1, got 0",
            id="efficiency",
        ),
        pytest.param(
            {"low": 0, "high": 1, "open_high": True}, 1, 0, "from 0 to below 1, got 1", id="loss"
        ),
        pytest.param(
            {"low": 0, "high": 1, "open_low": True, "open_high": True},
            1,
            0.5,
            "above 0 and below 1, got 1",
            id="inner",
        ),
    ],
)
def test_a_setting_lies_in_its_range(ends, outside, inside, said):
    assert setting(inside, "x", **ends) == inside
    with pytest.raises(UsageError, match=f"^x must be {said}.$"):
        setting(outside, "x", **ends)


def test_the_first_value_outside_is_named_by_its_place():
    with pytest.raises(DataError, match=r"^Load must be finite numbers, got nan at hour 1, 0.$"):
        finite([[1.0, 2.0], [np.nan, 3.0]], "Load", "hour")
    with pytest.raises(DataError, match=r"^Load must be at least 0, got -2 at position 1.$"):
        within([1.0, -2.0, -3.0], "Load", 0)
    assert within([0.0, 1.0], "Load", 0).tolist() == [0.0, 1.0]


@pytest.mark.parametrize(
    "values", [["a"], [[1.0], [1.0, 2.0]], object()], ids=["text", "unequal", "thing"]
)
def test_values_that_are_no_numbers_are_refused(values):
    with pytest.raises(DataError, match=r"^Load must be finite numbers, got others \(.*\)\.$"):
        finite(values, "Load")


def test_there_is_one_value_for_each_or_one_for_all():
    assert each([1.0, 2.0], "Prices", 2).tolist() == [1.0, 2.0]
    assert each(3.0, "Prices", 2).tolist() == [3.0, 3.0]
    for values in ([1.0, 2.0, 3.0], [[1.0, 2.0]], []):
        with pytest.raises(DataError, match=r"^Prices must be one or 2 in a row, got the shape"):
            each(values, "Prices", 2)


@pytest.mark.parametrize("value", [2.0, "2", True], ids=repr)
def test_only_whole_numbers_are_whole(value):
    with pytest.raises(UsageError, match=r"^count must be a whole number, got"):
        whole(value, "count")
    assert whole(np.int64(2), "count", 1, 2) == 2


def test_bounds_are_in_order():
    assert ordered(1, 2.5, "prices") == (1.0, 2.5)
    with pytest.raises(
        UsageError, match=r"^prices must be a lower and a higher bound, got 2 and 2"
    ):
        ordered(2, 2, "prices")
    with pytest.raises(UsageError, match=r"^The higher bound of prices must be a finite number"):
        ordered(2, "3", "prices")


def test_a_name_is_among_those_allowed():
    assert one_of("a", ("a", "b"), "rule") == "a"
    with pytest.raises(UsageError, match=r"^rule must be one of a, b, got 'c'.$"):
        one_of("c", ("a", "b"), "rule")


def test_missing_values_are_floats_and_text_is_not():
    assert np.array_equal(floats([1, None, np.nan], "x"), [1.0, np.nan, np.nan], equal_nan=True)
    with pytest.raises(DataError, match=r"^x must be finite numbers, got others \(.*'a'\)\.$"):
        floats([1, "a"], "x")
