from dataclasses import replace

import pytest

from lab.errors import UsageError
from lab.scale.plan import cut


def test_periods_follow_each_other(plan):
    assert (plan.choose_to, plan.test_to) == ("2023-04-21", "2023-05-07")


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"choose_from": "2023-04-01"}, id="too-little-to-learn-from"),
        pytest.param({"test_from": "2023-04-15"}, id="no-choices"),
        pytest.param({"origins": 40}, id="beyond-the-end"),
    ],
)
def test_periods_out_of_order_are_refused(plan, changes):
    with pytest.raises(UsageError, match="all within 75 days from 2023-03-01"):
        replace(plan, **changes)


@pytest.mark.parametrize("name", ["origins", "learning_days", "part"])
def test_nothing_to_do_is_refused(plan, name):
    with pytest.raises(UsageError, match="must be at least 1"):
        replace(plan, **{name: 0})


def test_a_fleet_is_cut_into_parts_that_a_larger_one_shares(plan):
    plan = replace(plan, part=25)
    small, large = cut(plan, 30, "folder"), cut(plan, 60, "folder")
    assert [(part.start, part.count) for part in large] == [(0, 25), (25, 25), (50, 10)]
    assert small[0] == large[0]
    assert sum(part.count for part in small) == 30
    assert small[1].file.name == "simulated_meters_00025.parquet"
