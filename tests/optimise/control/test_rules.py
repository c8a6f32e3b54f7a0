import numpy as np
import pytest

from lab.errors import UsageError
from lab.optimise.control import rules
from lab.optimise.control.compare import Stage, by_rule, by_worth, do_nothing
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
    with pytest.raises(UsageError, match="signal of a rule must be one of price, .* got 'moon'"):
        rules.Rule(1.0, 2.0, "moon")
    with pytest.raises(UsageError, match="A signal must be one of price, .* got 'moon'"):
        rules.signal(market_of([1.0]), "moon")
    with pytest.raises(UsageError, match="high must be a finite number, got 'dear'"):
        rules.Rule(1.0, "dear")


def test_the_rule_on_the_worth_of_energy_counts_losses_and_wear(battery):
    # A kWh held is worth 1 USD: bought below 0.95, sold above 1 / 0.9.
    price = np.array([0.94, 0.96, 1.10, 1.12])
    worth = np.ones((4, 2))
    of = Stage(market_of(price), battery, 0.0).limits
    told = rules.on_worth(price, worth, of)
    assert told[:, 0].tolist() == [CHARGE, HOLD, HOLD, DISCHARGE]
    assert (told[:, 0] == told[:, 1]).all()
    assert (rules.on_worth(price, worth, of._replace(wear=0.05)) == HOLD).all()


def test_the_rule_on_the_worth_of_energy_is_asked_at_the_level_held(battery):
    # Half full of 10 to 90 kWh. The lower half is worth 2 USD/kWh and the upper half nothing.
    stage = Stage(market_of(np.full(120, 1.0)), battery, 0.0)
    held = by_worth("worth", stage, np.tile([2.0, 0.0], (120, 1))).schedule["energy_kwh"]
    down, up = 50 / 60 / 0.9, 50 / 60 * 0.95
    assert held.iloc[:2].tolist() == pytest.approx([50 - down, 50 - down + up])
    assert held.between(50 - down, 50 + up).all()
    assert by_worth("worth", stage, np.tile([2.0], (120, 1))).schedule["soc"].iloc[-1] == 0.9


def test_the_rule_on_the_worth_of_energy_takes_the_better_way_to_lose_energy(battery):
    # Worth -1: charging at -1.1 earns 1.1 - 0.95, giving 1 / 0.9 - 1.1; at -1 giving earns more.
    of = Stage(market_of([-1.1, -1.0]), battery, 0.0).limits
    told = rules.on_worth(np.array([-1.1, -1.0]), np.full((2, 1), -1.0), of)
    assert told[:, 0].tolist() == [CHARGE, DISCHARGE]


def test_the_rule_on_the_worth_of_energy_keeps_its_decisions(battery):
    price = np.tile([0.5, 2.0], 3)
    stage = Stage(market_of(price), battery, 0.0)
    asked = by_worth("worth", stage, np.ones((6, 1)), hold=2).schedule
    assert (asked["charge_kw"] > 0).all()
    assert by_worth("worth", stage, np.ones((6, 1))).schedule["charge_kw"].tolist()[1::2] == [0] * 3
