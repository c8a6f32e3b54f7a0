from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from lab.errors import DataError, SolveError, UsageError
from lab.optimise.control import compare, worth
from lab.optimise.control.compare import (
    Stage,
    by_foresight,
    by_policy,
    do_nothing,
    settled,
    violations,
)
from lab.optimise.control.policy import Policy
from lab.optimise.control.q_learning import Settings
from lab.optimise.control.states import Bins, loss_ends
from lab.optimise.control.teach import VALUES, Sight, Way, taught
from lab.optimise.storage.battery import Battery

from .conftest import market_of, noisy  # isort: skip


def three_hours(**changes):
    """Return the moves of a battery of 10 kWh that charges, waits and gives."""
    moves = {"held": [8.0, 8.0, 4.0], "taken": [3.0, 0.0, 0.0], "given": [0.0, 0.0, 4.0]}
    moves |= changes
    return tuple(np.array(moves[name]) for name in ("held", "taken", "given"))


@pytest.fixture
def small():
    battery = Battery(10, 4, soc_min=0.2, soc_max=0.9, soc_start=0.5, wear_per_kwh=0.01)
    return Stage(market_of([0.1, 0.2, 0.3], freq="h"), battery, 0.05)


def test_an_account_is_what_a_hand_finds(small):
    run = settled("by hand", small, (*three_hours(), np.array([0, 0, 2])))
    assert run.schedule["earned"].tolist() == pytest.approx([-3 * 0.11, 0, 4 * 0.29])
    # A kWh less than at the beginning.
    assert run.profit == pytest.approx(-0.33 + 1.16 - 0.05)
    assert run.schedule["in_vain"].tolist() == [False, True, False]
    assert run.in_vain_per_day == pytest.approx(8)
    assert run.cycles_per_day == pytest.approx(4 / 7 * 8)
    assert run.violations == 0
    assert run.schedule["soc"].tolist() == pytest.approx([0.8, 0.8, 0.4])


BROKEN = {
    "energy from nowhere": {"held": [8.0, 8.001, 4.001]},
    "too full": {"held": [9.1, 9.1, 5.1], "taken": [4.1, 0.0, 0.0]},
    "too empty": {"held": [8.0, 5.0, 1.0], "given": [0.0, 3.0, 4.0]},
    "too fast in": {"held": [9.0, 9.0, 5.0], "taken": [4.0, 0.0, 0.0], "limit": 3.9},
    "too fast out": {"held": [8.0, 8.0, 3.9], "given": [0.0, 0.0, 4.1]},
    "both at once": {"held": [8.0, 8.0, 4.0], "taken": [3.0, 1.0, 0.0], "given": [0.0, 1.0, 4.0]},
    "below nothing": {"held": [8.0, 8.0, 4.0], "taken": [3.0, 0.0, -0.5], "given": [0.0, 0.0, 3.5]},
}


@pytest.mark.parametrize("changes", BROKEN.values(), ids=BROKEN)
def test_a_broken_schedule_is_counted_and_refused(small, changes):
    changes = dict(changes)
    limit = changes.pop("limit", 4)
    battery = Battery(10, limit, 4, soc_min=0.2, soc_max=0.9, soc_start=0.5)
    stage = Stage(small.market, battery, 0.0)
    with pytest.raises(SolveError, match=r"'by hand' breaks the energy balance or a bound in \d"):
        settled("by hand", stage, (*three_hours(**changes), None))


def test_the_check_sees_a_millionth_too_much(small):
    run = settled("by hand", small, (*three_hours(), None))
    schedule = run.schedule.copy()
    schedule.iloc[1, schedule.columns.get_loc("energy_kwh")] += 2e-6
    assert violations(schedule, small.battery) == 2
    assert violations(run.schedule, small.battery) == 0


def test_below_the_reserve_only_full_charging_is_excused():
    # Half is lost in an hour; 2.5 of 5 kWh are left, the reserve is 4, full power is 1.
    battery = Battery(10, 1, self_discharge_per_hour=0.5, soc_min=0.4, soc_start=0.5)
    index = market_of([0.1, 0.1], freq="h").table.index

    def broken(charge, held):
        columns = {"charge_kw": charge, "discharge_kw": 0.0, "energy_kwh": held}
        return violations(pd.DataFrame(columns, index), battery)

    assert broken([1.0, 1.0], [3.5, 2.75]) == 0
    assert broken([0.01, 1.0], [2.51, 2.255]) == 1
    assert broken([0.0, 0.0], [2.5, 1.25]) == 2
    stronger = replace(battery, charge_kw=3.0)
    back = {"charge_kw": [1.5, 2.0], "discharge_kw": 0.0, "energy_kwh": [4.0, 4.0]}
    assert violations(pd.DataFrame(back, index), stronger) == 0


@pytest.mark.parametrize("columns", [["charge_kw"], ["discharge_kw"], ["energy_kwh"], slice(None)])
def test_what_is_no_number_is_a_violation(small, columns):
    schedule = settled("by hand", small, (*three_hours(), None)).schedule.copy()
    numbers = schedule[["charge_kw", "discharge_kw", "energy_kwh"]].copy()
    numbers.loc[:, columns] = np.nan
    assert violations(numbers, small.battery) == 3
    nothing = np.full(3, np.nan)
    with pytest.raises(SolveError, match="breaks the energy balance or a bound in 3 steps"):
        settled("nobody", small, (nothing, nothing, nothing, None))


@pytest.mark.parametrize("name", ["cycles_per_day", "soc_end"])
def test_a_battery_with_limits_that_bind_foresight_alone_is_refused(small, name):
    with pytest.raises(UsageError, match=f"must have no {name}, .* got 0.5"):
        replace(small, battery=replace(small.battery, **{name: 0.5}))


WORTHS = {
    "other levels": (np.zeros((3, 5)), r"told for 3 steps and 10 levels, got the shape \(3, 5\)"),
    "other steps": (np.zeros((2, 10)), r"3 steps and 10 levels, got the shape \(2, 10\)"),
    "a row": (np.zeros(3), r"3 steps and 10 levels, got the shape \(3,\)"),
    "nan": (np.full((3, 10), np.nan), "worth of stored energy must be finite numbers, got nan"),
    "text": (np.full((3, 10), "a"), "worth of stored energy must be finite numbers, got others"),
}


@pytest.mark.parametrize(("value", "words"), WORTHS.values(), ids=WORTHS)
def test_a_policy_is_followed_on_a_worth_for_each_of_its_levels_only(small, value, words):
    bins = Bins((0.0,))
    policy = Policy(np.zeros((10, *bins.shape, 3)), bins, 0.2, 0.9)
    assert by_policy("holds", small, policy, np.zeros((3, 10))).profit == 0
    with pytest.raises(DataError, match=words):
        by_policy("x", small, policy, value)


def test_a_rule_is_followed_on_a_worth_for_each_step_only(small):
    for value in (np.zeros((2, 5)), np.zeros(3), np.zeros((3, 0))):
        with pytest.raises(DataError, match="told for 3 steps and at least one levels, got"):
            compare.by_worth("x", small, value)
    with pytest.raises(UsageError, match="hold must be at least 1, got 0"):
        compare.by_worth("x", small, np.zeros((3, 2)), 0)
    with pytest.raises(UsageError, match="every must be a whole number, got 0.5"):
        compare.by_plans("x", small, worth.fitted(noisy(2)), 0.5)


def test_a_stage_begins_within_the_limits(small):
    with pytest.raises(UsageError, match="end_worth must be a finite number, got nan"):
        replace(small, end_worth=np.nan)
    object.__setattr__(small.battery, "soc_start", 0.95)
    with pytest.raises(DataError, match="soc must lie from 0.2 to 0.9, got 0.95"):
        Stage(small.market, small.battery, 0.0)


def test_foresight_sells_what_is_worth_less_than_its_price(small):
    run = by_foresight("all known", small)
    # Buys 4 at 0.1 and has 9 to sell down to the reserve: 3 at 0.2, 4 at 0.3.
    assert run.profit == pytest.approx(4 * -0.11 + 3 * 0.19 + 4 * 0.29 - 0.05 * 3)
    assert do_nothing(small).profit == 0


def test_a_table_has_a_row_for_each_run(small):
    best = by_foresight("all known", small)
    found = compare.table([do_nothing(small), best, best], best)
    assert found.index.tolist() == ["do nothing", "all known", "all known"]
    assert found["share_percent"].tolist() == pytest.approx([0, 100, 100])
    assert found["violations"].sum() == 0


@pytest.mark.parametrize("value", VALUES)
def test_every_way_of_teaching_ends_in_policies_that_keep_the_limits(stage, value):
    way = Way(
        value, hold=5, sees_forecasts=True, thinks=True, everywhere=True, shares=value != "none"
    )
    settings = Settings(levels=5, episodes=3, steps=1000)
    group = taught(stage, way, settings, seeds=[1, 2], others=[noisy(3, seed=4)], bins=(4, 3))
    runs = group.runs("taught", stage)
    assert len(runs) == 3
    assert sum(run.violations for run in runs) == 0
    assert group.levels == 5
    assert group.together(stage).hold == 5


def test_agents_whose_energy_has_a_worth_earn_and_beat_doing_nothing(stage):
    way = Way("published plan", thinks=True)
    group = taught(stage, way, Settings(levels=5, episodes=30, steps=4320), seeds=[1], bins=(6, 3))
    unseen = Stage(noisy(3, seed=9), stage.battery, stage.end_worth)
    best = by_foresight("all known", unseen).profit
    assert group.runs("taught", unseen)[0].profit > 0.5 * best


def test_other_regions_are_learnt_from_only_when_told(stage):
    settings, other = Settings(levels=3, episodes=2, steps=500), [noisy(3, seed=4)]
    alone, told, everywhere = (
        taught(stage, Way(everywhere=way), settings, seeds=[1], others=others).learnt.values
        for way, others in ((False, []), (False, other), (True, other))
    )
    assert np.array_equal(alone, told)
    assert not np.array_equal(alone, everywhere)


def test_the_worth_in_plans_is_found_once_for_what_it_rests_on(stage):
    market, of, sight = noisy(2), stage.limits, Sight.of(stage.market)
    first = worth.in_plan(market, sight.plan, of, 4)
    assert first == pytest.approx(worth.in_plan(noisy(2), sight.plan, of, 4))
    kept = first.copy()
    first[:] = 0
    assert np.array_equal(worth.in_plan(market, sight.plan, of, 4), kept)
    assert len(market.worths) == 1
    for other in (
        worth.in_plan(market, sight.plan.levels_only, of, 4),
        worth.in_plan(market, sight.plan, of._replace(wear=0.01), 4),
    ):
        assert not np.allclose(other, kept)
    assert worth.in_plan(market, sight.plan, of, 5).shape == (2880, 5)
    assert len(market.worths) == 4


def test_moves_are_seen_only_when_told(stage):
    sight = Sight.of(stage.market)
    assert sight.move(Way(), stage.market) is None
    move = sight.move(Way(sees_forecasts=True), stage.market)
    # Prices above their level are expected to fall.
    assert np.corrcoef(move, stage.market.price - stage.market.level)[0, 1] < -0.5


def test_hours_are_told_apart_unless_the_way_leaves_them_out(stage):
    settings = Settings(levels=3, episodes=5, steps=2000)
    apart, alike = (
        taught(stage, Way("mean", hours=hours), settings, seeds=[1, 2], bins=(4, 3))
        for hours in (True, False)
    )
    values = alike.together(stage).values
    assert np.abs(values).max() > 0
    assert (values == values[:, :, :1]).all()
    assert not (apart.together(stage).values == apart.together(stage).values[:, :, :1]).all()
    # What is learnt without hours is learnt from all of them.
    way = Way("mean", hours=False, sees_forecasts=True)
    seeing = taught(stage, way, settings, seeds=[1], bins=(4, 3)).together(stage).values
    assert (seeing == seeing[:, :, :1]).all()
    assert not (seeing == seeing[..., :1, :]).all()


def test_at_any_charge_and_with_bins_at_the_losses_an_agent_finds_the_rule_on_the_worth(stage):
    way = Way(
        "published plan", 1, thinks=True, shares=True, losses=True, anywhere=True, hours=False
    )
    group = taught(stage, way, Settings(levels=5, episodes=30, steps=4320), seeds=[1], bins=(6, 3))
    assert set(loss_ends(stage.limits)) <= set(group.bins.edges)
    value = group.sight.worth(way, stage, 5)
    rule = compare.by_worth("rule", stage, value).profit
    found = group.runs("taught", stage)[0].profit
    assert found == pytest.approx(rule, rel=0.03)


def test_ways_that_make_no_sense_are_refused():
    with pytest.raises(UsageError, match="value of a way must be one of none, mean, .* got 'gold'"):
        Way("gold")
    with pytest.raises(UsageError, match="hold of a way must be at least 1, got 0"):
        Way(hold=0)
    with pytest.raises(UsageError, match="bins end at losses must tell prices as shares"):
        Way("mean", losses=True)
