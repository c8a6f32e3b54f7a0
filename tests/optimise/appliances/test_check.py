import numpy as np
import pandas as pd
import pytest

from lab.errors import DataError, SolveError
from lab.optimise.appliances import deviation, verify, violations


@pytest.mark.parametrize(
    ("rest", "power", "rule", "amount"),
    [
        ({"first": 1}, [1, 1, 0, 0], "runs outside of its window", 1.0),
        ({}, [1, 0.5, 0, 0], "power outside of its bounds", 0.5),
        ({}, [1, 1.25, 0, 0], "power outside of its bounds", 0.25),
        ({}, [-0.5, 1, 1, 0], "power outside of its bounds", 0.5),
        ({}, [1, 0, 0, 0], "energy is not what it needs", 1.0),
        ({}, [1, 0, 1, 0], "starts too often", 1.0),
        ({"kind": "interruptible", "max_starts": 1}, [1, 0, 1, 0], "starts too often", 1.0),
        ({"kind": "interruptible", "min_on_h": 2.0}, [1, 0, 1, 0], "runs too briefly", 1.0),
        ({"kind": "interruptible", "min_off_h": 2.0}, [1, 0, 1, 0], "rests too briefly", 1.0),
        ({"energy_kwh": 1.5, "min_power_kw": 0.75}, [1, 0.5, 0, 0], "power outside", 0.25),
        ({"value": 1.0}, [1, 0, 0, 0], "energy is not what it needs", 1.0),
    ],
)
def test_every_rule_of_one_appliance_is_seen(hours, item, rest, power, rule, amount):
    one, site = item(**rest), hours([1, 1, 1, 1])
    found = violations(pd.DataFrame({"a": power}, site.index, dtype=float), [one], site)
    assert deviation(pd.DataFrame({"a": power}, site.index), [one], site) == found["amount"].max()
    row = found[found["rule"].str.startswith(rule)]
    assert row["amount"].tolist() == pytest.approx([amount])


@pytest.mark.parametrize(
    ("rest", "power", "limit", "rule"),
    [
        ({"after": ["a"]}, [0, 1, 1, 0], None, "starts before 'a' has finished"),
        ({"group": "g"}, [0, 1, 1, 0], None, "run at one time in group 'g'"),
        ({}, [0, 1, 1, 0], 1.5, "draws more than the limit"),
    ],
)
def test_every_shared_rule_is_seen(hours, item, rest, power, limit, rule):
    site = hours([1, 1, 1, 1], limit)
    pair = [item("a", group=rest.get("group")), item("b", **rest)]
    table = pd.DataFrame({"a": [1.0, 1, 0, 0], "b": power}, site.index)
    assert violations(table, pair, site)["rule"].tolist() == [rule]
    with pytest.raises(SolveError, match=f"breaks 1 rules, .*{rule}"):
        verify(table, pair, site)


def test_a_successor_needs_a_predecessor_that_runs(hours, item):
    site = hours([1, 1, 1, 1])
    pair = [item("a", value=1.0), item("b", after=["a"])]
    table = pd.DataFrame({"a": 0.0, "b": [0.0, 0, 1, 1]}, site.index)
    assert violations(table, pair, site)["amount"].tolist() == [float("inf")]


def test_a_slot_above_the_limit_without_appliances_is_not_theirs(hours, item):
    site = hours([1, 1, 1, 1], 2.0, load_kw=[0, 0, 3.0, 3.0])
    table = pd.DataFrame({"a": [1.0, 1, 0, 0]}, site.index)
    verify(table, [item()], site)


@pytest.mark.parametrize("rest", [{}, {"energy_kwh": 1.5}, {"value": 1.0}])
@pytest.mark.parametrize("power", [[np.nan] * 4, [1.0, 1.0, 0.0, np.nan], [np.inf, 0, 0, 0]])
def test_what_is_no_number_breaks_rules(hours, item, rest, power):
    site = hours([1, 1, 1, 1], 2.0)
    table = pd.DataFrame({"a": power}, site.index, dtype=float)
    found = violations(table, [item(**rest)], site)
    assert {"energy is not what it needs", "draws more than the limit"} <= set(found["rule"])
    with pytest.raises(SolveError, match="The schedule breaks"):
        verify(table, [item(**rest)], site)


def test_a_good_schedule_has_no_violations(hours, item):
    site = hours([1, 1, 1, 1], 1.0)
    verify(pd.DataFrame({"a": [0, 1.0, 1, 0]}, site.index), [item()], site)
    near = pd.DataFrame({"a": [0, 1.0, 1 - 1e-9, 0]}, site.index)
    assert not len(violations(near, [item()], site))
    assert deviation(near, [item()], site) == pytest.approx(1e-9, rel=1e-3)


def test_a_schedule_of_others_is_refused(hours, item):
    site = hours([1, 1, 1, 1])
    with pytest.raises(DataError, match="The schedule has no column of the appliance 'a'"):
        violations(pd.DataFrame({"b": 0.0}, site.index), [item()], site)
    with pytest.raises(DataError, match="must have the 4 slots from 2016-05-02 .* got 4 others"):
        violations(pd.DataFrame({"a": [0.0] * 4}), [item()], site)
