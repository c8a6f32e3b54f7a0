import numpy as np
import pytest

from lab.errors import UsageError
from lab.optimise.control import rules
from lab.optimise.control.compare import Stage, by_rule, do_nothing
from lab.optimise.control.dynamics import CHARGE, DISCHARGE, HOLD

from .conftest import market_of, noisy  # isort: skip


def test_a_rule_buys_below_and_sells_above():
    market = market_of([1.0, 2.0, 3.0, 4.0])
    assert rules.Rule(2.0, 3.0).actions(market).tolist() == [CHARGE, HOLD, HOLD, DISCHARGE]


def test_the_threshold_rule_takes_quarters_of_the_training_days():
    rule = rules.threshold(market_of(np.arange(101.0)))
    assert (rule.low, rule.high, rule.signal) == (25.0, 75.0, "price")


def test_signals_are_what_they_are_called():
    market = market_of([3.0, 5.0], [1.0, 4.0], freq="h")
    assert rules.signal(market, "price").tolist() == [3.0, 5.0]
    assert rules.signal(market, "less level").tolist() == [2.0, 1.0]
    two_days = market_of(np.tile(np.arange(24.0), 2) + 0.5, np.tile(np.arange(24.0), 2), freq="h")
    rank = rules.signal(two_days, "rank in the coming day")
    assert rank[:24].tolist() == pytest.approx(np.arange(1, 25) / 24)


def test_a_tuned_rule_earns_no_less_on_its_own_days_than_any_that_was_tried(battery):
    stage = Stage(noisy(2, seed=8), battery, 0.03)
    args = (stage.market, stage.limits, stage.start_kwh, stage.end_worth)
    rule = rules.tuned(*args, steps=9)
    best = by_rule("tuned", stage, rule).profit
    for name in rules.SIGNALS:
        told = rules.signal(stage.market, name)
        for low, high in ((0.25, 0.75), (0.125, 0.875), (0.5, 0.5)):
            other = rules.Rule(*np.quantile(told, [low, high]), name)
            assert by_rule("other", stage, other).profit <= best + 1e-9
    assert best > by_rule("threshold", stage, rules.threshold(stage.market)).profit - 1e-9
    assert do_nothing(stage).profit == 0
    plain = rules._earned.py_func(
        rules.signal(stage.market, "price")[:50], np.array([0.03, 0.05]), stage.market.price[:50],
        (stage.start_kwh, stage.end_worth), stage.limits,
    )  # fmt: skip
    fast = rules._earned(
        rules.signal(stage.market, "price")[:50], np.array([0.03, 0.05]), stage.market.price[:50],
        (stage.start_kwh, stage.end_worth), stage.limits,
    )  # fmt: skip
    assert plain == pytest.approx(fast)


def test_rules_that_make_no_sense_are_refused():
    with pytest.raises(UsageError, match="buy below what it sells above, got low 2 and high 1"):
        rules.Rule(2.0, 1.0)
    with pytest.raises(UsageError, match="Unknown signal 'moon'; choose one of price"):
        rules.Rule(1.0, 2.0, "moon").actions(market_of([1.0]))
