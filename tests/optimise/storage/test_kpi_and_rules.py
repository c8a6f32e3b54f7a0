from dataclasses import replace

import numpy as np
import pytest

from lab.errors import SolveError, UsageError
from lab.optimise.storage.battery import Battery
from lab.optimise.storage.kpi import figures, of_dispatch
from lab.optimise.storage.rules import best_hours, by_the_clock, self_consumption


@pytest.fixture(scope="module")
def home(site):
    return site(
        [0.2, 0.2, 0.4, 0.4], export_price=[0.1] * 4, load_kw=[1, 1, 1, 3], pv_kw=[0, 4, 0, 0],
        carbon_kg_per_kwh=[0.5] * 4,
    )  # fmt: skip


def test_key_figures_by_hand(home):
    seen = figures(home, np.array([1.0, -3.0, 1.0, 3.0]))
    assert seen["cost"] == pytest.approx(0.2 + 0.4 + 1.2)
    assert seen["carbon"] == pytest.approx(2.5)
    assert seen[["daily_peak", "annual_peak", "monthly_peak"]].tolist() == [3, 3, 3]
    assert seen["ramping"] == 4 + 4 + 2
    assert seen["one_minus_load_factor"] == pytest.approx(1 - 0.5 / 3)
    assert seen["self_consumption"] == pytest.approx(0.25)
    assert seen["self_sufficiency"] == pytest.approx(1 - 5 / 6)
    assert seen["renewable_utilisation"] == 1


def test_shares_of_nothing_are_nan(site):
    seen = figures(site([1.0, 2.0]), np.array([1.0, -1.0]), 0.0)
    assert np.isnan(seen[["self_consumption", "self_sufficiency"]]).all()


def test_the_rule_stores_what_is_left_over(home):
    done = self_consumption(home, Battery(2, 2))
    assert done.held["battery"]["energy_kwh"].tolist() == [0, 2, 1, 0]
    seen = of_dispatch(done)
    assert seen["self_consumption"] == pytest.approx(0.75)
    assert seen["monthly_peak"] == pytest.approx(2 / 3)
    assert seen["saving_percent"] == pytest.approx(100 * (0.8 - 0.2) / 1.5)
    assert seen["violations"] == 0


def test_a_rule_keeps_the_reserve_in_spite_of_self_discharge(site):
    one = site(np.full(48, 0.3), load_kw=np.ones(48))
    leaky = Battery(10, 5, self_discharge_per_hour=0.001, soc_min=0.1, soc_start=0.1)
    for done in (self_consumption(one, leaky), by_the_clock(one, leaky, [], [18])):
        assert done.violations == 0
        assert done.held["battery"]["energy_kwh"].tolist() == pytest.approx([1.0] * 48)
    assert done.schedule["charge_kw"].sum() == pytest.approx(48 * 0.001)
    with pytest.raises(SolveError, match="loses its energy faster than it may be charged"):
        self_consumption(one, replace(leaky, charge_kw=0.0005))


def test_a_rule_claims_no_optimum(home):
    solved = self_consumption(home, Battery(2, 2)).solved
    assert (solved.status, solved.proven) == ("carried out", False)
    assert np.isnan([solved.gap, solved.bound]).all()
    assert solved.sentence == "Carried out: nothing is claimed about the optimum."


@pytest.mark.parametrize("hour", [24, 1.5, "2"])
def test_hours_that_no_clock_shows(home, hour):
    with pytest.raises(UsageError, match="An hour of the clock must be"):
        by_the_clock(home, Battery(2, 2), [1, hour], [18])


def test_by_the_clock_with_losses_and_limits(site):
    one = site([1.0, 1.0, 5.0, 1.0])
    done = by_the_clock(one, Battery(1.5, 1, charge_efficiency=0.8), [0, 1], [2])
    assert done.schedule["charge_kw"].tolist() == pytest.approx([1, 0.7 / 0.8, 0, 0])
    assert done.schedule["discharge_kw"].tolist() == pytest.approx([0, 0, 1, 0])


def test_the_hours_that_pay_on_the_mean_day(site):
    one = site(np.tile(np.arange(24.0), 3))
    assert best_hours(one, Battery(2, 1)) == ([0, 1], [22, 23])
    assert best_hours(one, Battery(2, 1, charge_efficiency=0.5)) == ([0, 1, 2, 3], [22, 23])


def test_a_battery_too_small_to_matter_changes_no_figure(site):
    one = site([0.2] * 4, load_kw=[1, 0, 2, 1], pv_kw=[0, 5, 5, 0], export_limit_kw=1)
    seen = of_dispatch(self_consumption(one, Battery(1e-9, 1)))
    assert seen[["cost", "daily_peak", "monthly_peak", "ramping"]].tolist() == pytest.approx(
        [1] * 4
    )


def test_the_load_factor_by_windows_of_730_hours(site):
    net = np.concatenate([np.full(730, 1.0), np.full(730, 2.0)])
    net[5], net[735] = 2.0, 8.0
    seen = figures(site(np.ones(1460)), net)
    expected = np.mean([1 - (731 / 730) / 2, 1 - (1466 / 730) / 8])
    assert seen["one_minus_load_factor"] == pytest.approx(expected)
    assert seen["annual_peak"] == 8
