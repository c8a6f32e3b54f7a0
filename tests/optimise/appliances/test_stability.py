import numpy as np
import pandas as pd
import pytest

from lab.errors import DataError, UsageError
from lab.optimise.appliances import Promise, moved, plan, replan


def test_a_run_moves_only_for_more_than_the_penalty(hours, item):
    before = plan([item()], hours([1.0, 1.0, 1.1, 1.1]))
    newer = hours([1.2, 1.2, 1.1, 1.1])  # moving gains 0.2
    now = newer.index[0]
    stays = replan(before, newer, now=now, penalty=0.3)
    goes = replan(before, newer, now=now, penalty=0.1)
    assert stays.schedule.equals(before.schedule)
    assert goes.schedule["a"].tolist() == [0, 0, 1, 1]
    assert goes.solved.objective == pytest.approx(2.2 + 0.1)


@pytest.mark.parametrize(
    ("rest", "penalty", "power"),
    [
        ({"kind": "interruptible"}, 0.5, [1, 0, 1, 0]),
        ({"kind": "interruptible"}, 1.5, [1, 1, 0, 0]),
        ({"energy_kwh": 2.0}, 0.5, [1, 0, 1, 0]),
        ({"energy_kwh": 2.0}, 1.5, [1, 1, 0, 0]),
    ],
)
def test_other_runs_move_in_part(hours, item, rest, penalty, power):
    before = plan([item(**rest)], hours([1, 1, 2, 2]))
    # Half of the run gains 0.5, and moving it costs half the penalty.
    newer = replan(before, hours([1, 2, 1.5, 2]), now=pd.Timestamp(0, tz="UTC"), penalty=penalty)
    assert newer.schedule["a"].tolist() == pytest.approx(power)
    share = moved(before.schedule, newer.schedule, before.appliances)["a"]
    assert share == pytest.approx(0.0 if power[1] else 0.5)


def test_what_has_passed_stays(hours, item):
    trio = [item("c"), item("i", kind="interruptible"), item("e", energy_kwh=2.0)]
    before = plan(trio, hours([1, 2, 3, 4]))
    dear = hours([9, 9, 1, 1])
    newer = replan(before, dear, now=dear.index[1], penalty=0.0)
    # The unbroken run has begun; of the others one hour has passed.
    assert newer.schedule["c"].tolist() == [1, 1, 0, 0]
    assert newer.schedule["i"].iloc[0] == 1 and newer.schedule["i"].iloc[1] == 0
    assert newer.schedule["e"].iloc[0] == pytest.approx(1)
    late = replan(before, dear, now=dear.index[-1] + pd.Timedelta("5h"), penalty=0.0)
    assert np.allclose(late.schedule, before.schedule)


def test_an_optional_run_that_was_not_promised(hours, item):
    pair = [item("a", value=1.0), item("b", kind="interruptible")]
    before = plan(pair, hours([5, 5, 5, 5]))
    assert before.schedule["a"].sum() == 0
    cheap = hours([0.1, 0.1, 0.1, 0.1])  # worth 1, costs 0.2
    now = cheap.index[0]
    assert replan(before, cheap, now=now, penalty=0.9).schedule["a"].sum() == 0
    runs = replan(before, cheap, now=now, penalty=0.7)
    assert runs.schedule["a"].sum() == 2
    assert moved(before.schedule, runs.schedule, pair)["a"] == 1.0


def test_bad_promises_are_refused(hours, item):
    before = plan([item()], hours([1, 2, 3, 4]))
    now = before.site.index[0]
    with pytest.raises(UsageError, match="needs the slots of the one before"):
        replan(before, hours([1, 2, 3, 4, 5]), now=now, penalty=0.0)
    with pytest.raises(UsageError, match="penalty of moving must be at least 0, got -1"):
        replan(before, before.site, now=now, penalty=-1)
    with pytest.raises(UsageError, match="now must be a time stamp with a time zone"):
        replan(before, before.site, now=now.tz_localize(None), penalty=0.0)
    with pytest.raises(UsageError, match="slots that have passed must be at least 0, got -1"):
        Promise(before.schedule, 0.0, -1)
    with pytest.raises(UsageError, match="slots that have passed must be a whole number, got 2.5"):
        Promise(before.schedule, 0.0, 2.5)
    with pytest.raises(DataError, match="no column of the appliance 'b'"):
        moved(before.schedule, before.schedule, [item("b")])
