import numpy as np
import pandas as pd
import pytest

from lab.errors import UsageError
from lab.optimise.appliances import Appliance
from lab.optimise.appliances.appliance import check_together

BEGIN = pd.Timestamp("2016-05-02 18:00", tz="Europe/Brussels")
GOOD = {"name": "a", "power_kw": 2.0, "earliest": BEGIN, "latest": BEGIN + pd.Timedelta("4h"),
        "duration_h": 2.0}  # fmt: skip
FLEXIBLE = GOOD | {"kind": "adjustable", "duration_h": None, "energy_kwh": 4.0}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"power_kw": -7.0}, "power_kw of 'a' must be positive, got -7.0"),
        ({"power_kw": float("nan")}, "power_kw of 'a' must be positive, got nan"),
        ({"kind": "lazy"}, "The kind of 'a' must be one of continuous, .* got 'lazy'"),
        ({"duration_h": None}, "'a' is continuous, so it needs duration_h and no energy_kwh"),
        ({"energy_kwh": 1.0}, "'a' is continuous, so it needs duration_h and no energy_kwh"),
        ({"duration_h": 0.0}, "duration_h of 'a' must be positive, got 0.0"),
        ({"duration_h": 5.0}, "The window of 'a' is 4 h long, shorter than its run of 5 h"),
        ({"latest": BEGIN}, "The window of 'a' is 0 h long"),
        (
            {"latest": BEGIN.tz_localize(None)},
            "latest of 'a' must be a time stamp with a time zone",
        ),
        ({"earliest": "18:00"}, "earliest of 'a' must be a time stamp .* got '18:00'"),
        ({"min_on_h": -1.0, "kind": "interruptible"}, "min_on_h of 'a' must be 0 or more"),
        ({"min_off_h": float("inf"), "kind": "interruptible"}, "min_off_h of 'a'"),
        (
            {"max_starts": 0, "kind": "interruptible"},
            "max_starts of 'a' must be a whole number .* got 0",
        ),
        ({"max_starts": 2}, "'a' is continuous, one run without a break"),
        ({"value": float("nan")}, "value of 'a' must be a number"),
        ({"power_kw": "1"}, "power_kw of 'a' must be a number, got '1'"),
        ({"power_kw": None}, "power_kw of 'a' must be a number, got None"),
        ({"power_kw": True}, "power_kw of 'a' must be a number, got True"),
        ({"duration_h": "2"}, "duration_h of 'a' must be a number, got '2'"),
        ({"min_on_h": [1]}, r"min_on_h of 'a' must be a number, got \[1\]"),
        ({"max_starts": 1.5, "kind": "interruptible"}, "must be a whole number .* got 1.5"),
        ({"max_starts": float("nan")}, "must be a whole number .* got nan"),
        ({"after": "wash"}, "after of 'a' must be a list of names, got 'wash'"),
        ({"after": None}, "after of 'a' must be a list of names, got None"),
        ({"name": 5}, "The name and the group of an appliance must be text, got 5 and None"),
        ({"group": ["g"]}, r"group of an appliance must be text, got 'a' and \['g'\]"),
        ({"min_power_kw": 3.0}, "min_power_kw of 'a' must lie from 0 to its power of 2 kW"),
    ],
)
def test_one_sentence_names_what_is_wrong(change, said):
    with pytest.raises(UsageError, match=said):
        Appliance(**(GOOD | change))


def test_numbers_of_numpy_are_numbers():
    rest = {"power_kw": np.float32(2), "duration_h": np.int64(2), "kind": "interruptible"}
    made = Appliance(**(GOOD | rest | {"max_starts": np.float64(2)}))
    assert made.needs_kwh == 4.0
    assert (made.max_starts, type(made.max_starts)) == (2, int)


def test_an_adjustable_appliance_needs_energy_and_time_for_it():
    assert Appliance(**FLEXIBLE).needs_kwh == 4.0
    with pytest.raises(UsageError, match="needs energy_kwh and no duration_h"):
        Appliance(**(FLEXIBLE | {"duration_h": 1.0}))
    with pytest.raises(UsageError, match="shorter than its run of 5 h"):
        Appliance(**(FLEXIBLE | {"energy_kwh": 10.0}))


def test_an_adjustable_appliance_with_runs_to_count_is_on_at_some_power():
    with pytest.raises(UsageError, match="'a' is adjustable and its runs are bound"):
        Appliance(**(FLEXIBLE | {"max_starts": 1}))


def named(name, *after):
    return Appliance(**(GOOD | {"name": name, "after": after}))


def test_predecessors_come_first_whatever_the_order_given():
    assert list(check_together([named("c", "b"), named("b", "a"), named("a")])) == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("items", "said"),
    [
        ([], "At least one appliance"),
        ([named("a"), named("a")], "'a' comes twice"),
        ([named("a", "b")], "'a' runs after 'b', which is not planned"),
        ([named("a", "b"), named("b", "a")], "'a', 'b' wait for each other in a circle"),
    ],
)
def test_what_cannot_be_planned_together_is_refused(items, said):
    with pytest.raises(UsageError, match=said):
        check_together(items)
