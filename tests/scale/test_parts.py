from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from lab import leakage, simulate
from lab.errors import UsageError
from lab.scale import parts
from lab.scale.plan import TARGET


def test_a_part_holds_its_simulated_meters(plan, part):
    table = pd.read_parquet(part.file)
    assert next(iter(table)) == "simulated_meter_00000_w"
    made = simulate.meters(6, plan.days, plan.seed, first=plan.first)
    pd.testing.assert_frame_equal(table, made, check_freq=False)


def test_what_is_learnt_from_lies_before_the_choices(plan, part, learnt):
    inputs, target = learnt
    assert inputs["x"].dtype == target.dtype == np.float32
    assert target.shape == (6 * plan.learning_days, 24)
    for number, table in enumerate(parts.tables(part)):
        chosen = parts.drawn_days(plan, table, number)
        assert len(set(chosen)) == plan.learning_days
        assert table.dates[chosen].max() < np.datetime64(plan.choose_from)
        block = slice(number * plan.learning_days, (number + 1) * plan.learning_days)
        measured = table.days[TARGET][chosen].astype(np.float32)
        np.testing.assert_array_equal(target[block], measured)


def test_meters_are_learnt_from_on_different_days(plan, part):
    drawn = [parts.drawn_days(plan, t, n).tolist() for n, t in enumerate(parts.tables(part))]
    assert len({tuple(days) for days in drawn}) > 1


def test_shared_inputs_are_those_of_one_view_after_the_other(plan, part):
    table = next(parts.tables(part))
    function = plan.model(1).inputs
    (found,) = parts.shared_inputs(table, [function], [40, 41])
    for row, day in enumerate((40, 41)):
        np.testing.assert_array_equal(found["x"][row], function(table.view(day))["x"])


def test_other_code_is_refused(part):
    old = replace(part, surroundings={**part.surroundings, "numpy": "1.0"})
    for task in (parts.write, parts.learn):
        with pytest.raises(UsageError, match="numpy is '.+' there and '1.0' here"):
            task(old)


def test_the_model_passes_the_leak_guard(plan, part):
    table = next(parts.tables(part))
    checked = leakage.check_all(
        {"lightgbm": lambda _: plan.model(1)},
        table,
        plan.test_from,
        plan.test_to,
        issues=2,
        window_days=25,
    )
    assert leakage.require(checked)
