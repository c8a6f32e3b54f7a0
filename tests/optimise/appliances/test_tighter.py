import numpy as np
import pytest

from lab.optimise.appliances import model, plan
from lab.optimise.appliances.appliance import check_together
from lab.optimise.appliances.columns import lay_out
from lab.optimise.appliances.standard import six_in_a_day
from lab.optimise.appliances.terms import Terms
from lab.solver import solve


def relaxed(items, site):
    """Return the optimum of the linear relaxation, and the number of rules."""
    columns = lay_out(check_together(items), site)
    problem = model.build(columns, Terms(site, 1.0, 0.0), relaxed=True).problem
    return solve(problem, "A relaxation").objective, len(problem.constraints)


def test_an_adjustable_power_yields_to_what_is_on(hours, item, monkeypatch):
    pair = [item("a", power_kw=2.0, duration_h=1.0), item("b", power_kw=2.0, energy_kwh=2.0)]
    site = hours([1, 3, 9, 9], 2.0)
    # 2 kW for an hour each, and 2 kW of room: 2 at once at price 1, 2 more at price 3.
    assert relaxed(pair, site)[0] == pytest.approx(plan(pair, site).bill.cost) == 8.0
    wider = hours([1, 3, 9, 9], 3.0)
    best, tight = plan(pair, wider).bill.cost, relaxed(pair, wider)[0]
    monkeypatch.setattr(model, "FEW", 0)
    assert plan(pair, wider).bill.cost == pytest.approx(best)
    assert relaxed(pair, wider)[0] <= tight + 1e-9 <= best + 2e-9


def test_two_that_do_not_fit_take_turns(hours, item, monkeypatch):
    pair = [item("a", power_kw=2.0, duration_h=1.0), item("b", power_kw=2.0, duration_h=1.0)]
    site = hours([1, 3, 9, 9], 3.0)
    # Half of each may share the first hour in a relaxation, not with the rule.
    assert relaxed(pair, site)[0] == pytest.approx(plan(pair, site).bill.cost) == 8.0
    monkeypatch.setattr(model, "FEW", 0)
    assert relaxed(pair, site)[0] == pytest.approx(6.0)


@pytest.mark.parametrize("seed", range(3))
def test_six_appliances_cost_the_same_with_and_without(seed, monkeypatch):
    items, site = six_in_a_day(seed, 12.0)
    ours = plan(items, site).bill.cost
    monkeypatch.setattr(model, "FEW", 0)
    assert plan(items, site).bill.cost == pytest.approx(ours, abs=1e-7)
    assert np.isfinite(ours)
