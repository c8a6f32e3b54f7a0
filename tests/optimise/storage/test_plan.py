"""The linear and mixed-integer model: published cases, hand-made cases, invariants, bad input."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab import solver
from lab.errors import InfeasibleError, SolveError, UsageError
from lab.optimise.storage.battery import Battery
from lab.optimise.storage.bill import Weights
from lab.optimise.storage.check import excesses, refuse_excesses
from lab.optimise.storage.day_ahead import planned_on
from lab.optimise.storage.plan import perfect_foresight

COST, METHODS = Weights(1, 0, 0), ["highs", "dynamic"]
# The documented example of energypylinear, per MWh; its battery is 2 MW, 4 MWh, 0.9 on charging.

PRICES = np.array([100, 50, 200, -100, 0, 200, 100, -100]) / 1000
FORECAST = np.array([-100, 0, 200, 100, -100, 100, 50, 200]) / 1000
PUBLISHED = Battery(4000, 2000, charge_efficiency=0.9, soc_end=0.0)
GERMANY = Path(__file__).parents[3] / "data" / "benchmarks" / "epf" / "DE.csv.gz"


@pytest.mark.parametrize("method", METHODS)
def test_the_documented_case_of_energypylinear(site, method):
    found = perfect_foresight(site(PRICES), PUBLISHED, COST, method=method)
    assert round(found.saving, 2) == 1037.78
    assert found.violations == 0


def test_the_documented_case_planned_on_its_forecast(site):
    assert round(planned_on(site(PRICES), PUBLISHED, FORECAST).saving, 2) == -140.00


@pytest.mark.skipif(not GERMANY.exists(), reason="needs the EPF benchmark: lab fetch epf")
@pytest.mark.parametrize("method", METHODS)
def test_a_year_of_german_prices(site, method):
    prices = pd.read_csv(GERMANY).iloc[:8760, 1].to_numpy() / 1000
    found = perfect_foresight(site(prices), PUBLISHED, COST, method=method)
    assert found.saving == pytest.approx(56_825.71, abs=0.01)


def test_doing_nothing_counts_one(site):
    one = site([0.2, 0.3], load_kw=[1.0, 1.0], carbon_kg_per_kwh=[0.3, 0.3])
    idle = perfect_foresight(one, Battery(1, 1, soc_max=1e-6, charge_efficiency=1))
    assert idle.objective == pytest.approx(1.0, abs=1e-5)


def test_the_value_of_energy_is_the_price_where_nothing_can_be_moved(site):
    one = site([0.2, 0.4], load_kw=[1.0, 1.0])
    found = perfect_foresight(one, Battery(10, 0.1, wear_per_kwh=1.0), COST, method="highs")
    assert found.value.tolist() == pytest.approx([0.2, 0.4])


def test_several_batteries_share_the_work(site):
    pair = [Battery(1, 1, name="a"), Battery(1, 1, name="b")]
    two = perfect_foresight(site([1, 3]), pair, COST)
    assert two.saving == pytest.approx(4)
    assert two.schedule["soc"].tolist() == pytest.approx([1, 0])
    assert set(two.held) == {"a", "b"}


def test_a_cap_of_cycles_holds_for_each_local_day(site):
    one = site([1, 3, 1, 3] * 6 + [1, 3] * 12, clock="UTC")
    found = perfect_foresight(one, Battery(1, 1, cycles_per_day=2), COST)
    daily = found.schedule["discharge_kw"].groupby(found.schedule.index.date).sum()
    assert daily.tolist() == pytest.approx([2, 2])


def test_a_monthly_peak_is_shaved(site):
    one = site([1.0] * 4, load_kw=[1, 1, 5, 1], demand_charge_per_kw=10)
    found = perfect_foresight(one, Battery(4, 4), COST)
    assert found.schedule["import_kw"].max() == pytest.approx(7 / 3)
    assert found.bill.cost == pytest.approx(8 + 10 * 7 / 3)


def test_the_weight_of_peaks(site):
    one = site([1.0, 1.0, 1.1, 1.0], load_kw=[1, 1, 5, 1])
    found = perfect_foresight(one, Battery(4, 4), Weights(0, 0, 1))
    assert found.objective == pytest.approx(7 / 3)


def test_limits_of_the_connection(site):
    one = site([1, 3], load_kw=[1, 1], import_limit_kw=1.5)
    assert perfect_foresight(one, Battery(4, 4), COST).saving == pytest.approx(1.0)
    sunny = site([1, 1], export_price=[0.5, 0.5], pv_kw=[3, 0], export_limit_kw=1)
    found = perfect_foresight(sunny, Battery(1, 1), COST)
    assert found.schedule["curtailed_kw"].tolist() == pytest.approx([1, 0])


def test_never_buys_and_sells_at_once(site):
    one = site([1.0, 1.0], export_price=[2.0, 2.0], load_kw=[1, 1], pv_kw=[3, 0])
    found = perfect_foresight(one, Battery(1, 1), COST)
    assert found.violations == 0
    assert np.minimum(found.schedule["import_kw"], found.schedule["export_kw"]).max() < 1e-9


def test_carbon_alone_moves_energy_to_clean_hours(site):
    one = site([1, 1], load_kw=[1, 1], carbon_kg_per_kwh=[0.1, 0.5])
    assert perfect_foresight(one, Battery(1, 1), Weights(0, 1, 0)).bill.carbon_kg == pytest.approx(
        0.2
    )


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(-1, 1).map(lambda x: round(x, 2)), min_size=4, max_size=12))
def test_more_time_or_a_bigger_battery_never_costs_more(site, prices):
    cost = lambda p, b: perfect_foresight(site(p), b, COST).bill.cost  # noqa: E731
    small = Battery(2, 1, charge_efficiency=0.8)
    assert cost(prices, small) <= cost(prices[:-1], small) + 1e-9
    assert cost(prices, Battery(3, 1, charge_efficiency=0.8)) <= cost(prices, small) + 1e-9


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(-1, 1).map(lambda x: round(x, 2)), min_size=2, max_size=8))
def test_a_battery_without_capacity_earns_nothing(site, prices):
    for sunny in ({}, {"pv_kw": 2.0, "load_kw": 1.0}, {"pv_kw": 2.0, "export_price": -1.0}):
        one = site(prices, **sunny)
        found = perfect_foresight(one, Battery(1e-9, 1), COST)
        assert found.saving == pytest.approx(0, abs=1e-7)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(-1, 1).map(lambda x: round(x, 2)), min_size=2, max_size=8))
def test_a_battery_without_capacity_earns_nothing_by_trade(site, prices):
    assert perfect_foresight(site(prices), Battery(1e-9, 1), COST).saving == pytest.approx(
        0, abs=1e-8
    )


@pytest.mark.parametrize("method", METHODS)
def test_a_final_charge_out_of_reach(site, method):
    said = (
        "Battery 'battery' cannot get from .* of 0 to soc_end = 1 in 2 steps of 1 h: from 0 to 0.2"
    )
    with pytest.raises(InfeasibleError, match=said):
        perfect_foresight(site([1, 1]), Battery(10, 1, soc_end=1.0), COST, method=method)


def test_a_charge_that_every_day_should_reach_but_a_short_one_cannot(site):
    one = site(np.ones(47), start="2021-03-27 23:00", clock="Europe/Brussels")
    full = Battery(23.5, 1, soc_start=0.0, soc_end=1.0, self_discharge_per_hour=0.0)
    with pytest.raises(InfeasibleError, match="in 23 steps"):
        perfect_foresight(one, full, COST, daily=True)


def test_a_site_that_cannot_be_served(site):
    dark = site([1, 1], load_kw=[5, 5], import_limit_kw=1)
    with pytest.raises(InfeasibleError, match="The dispatch of site 'site' cannot be planned"):
        perfect_foresight(dark, Battery(1, 1), COST)


def test_terms_that_cannot_be_weighed(site):
    with pytest.raises(UsageError, match="The cost of doing nothing is 0"):
        perfect_foresight(site([1, 2], carbon_kg_per_kwh=[0.1, 0.1]), Battery(1, 1))


@pytest.mark.parametrize(
    ("weights", "said"),
    [
        ((-1, 1, 0), "The weight of cost must be at least 0, got -1"),
        ((0, 0, 0), "must not all be 0"),
        ((1, float("nan"), 0), "The weight of carbon must be a finite number, got nan"),
        ((1, 0, float("inf")), "The weight of peak must be a finite number, got inf"),
        (("1", 0, 0), "The weight of cost must be a finite number, got '1'"),
    ],
)
def test_bad_weights(weights, said):
    with pytest.raises(UsageError, match=said):
        Weights(*weights)


@pytest.mark.parametrize("method", ["auto", "highs"])
def test_bad_limits_of_the_search_in_one_sentence(site, method):
    for bad, said in (({"limit_s": -1}, "limit_s must be above 0"), ({"gap": 7}, "gap must be")):
        with pytest.raises(UsageError, match=said):
            perfect_foresight(site([1, 2]), Battery(1, 1), COST, method=method, **bad)


@pytest.mark.parametrize("method", METHODS)
def test_a_battery_that_cannot_hold_its_reserve(site, method):
    leaky = Battery(10, 0.1, self_discharge_per_hour=0.5, soc_min=0.5, soc_start=0.5)
    with pytest.raises(InfeasibleError, match="The dispatch of site 'site' cannot be planned"):
        perfect_foresight(site([1.0, 1.0]), leaky, COST, method=method)


@pytest.mark.parametrize("owned", [[], [Battery(1, 1), Battery(2, 1)]])
def test_batteries_have_names_of_their_own(site, owned):
    with pytest.raises(UsageError, match="at least one battery, and no two of one name"):
        perfect_foresight(site([1, 2]), owned, COST)


def test_time_is_limited_in_one_sentence(site):
    many = [Battery(5, 1, name=f"b{i}", cycles_per_day=1) for i in range(3)]
    with pytest.raises(SolveError, match="no schedule within 0.00025 s; allow more time"):
        perfect_foresight(
            site(np.sin(np.arange(4000))), [replace(b, soc_end=0.5) for b in many], COST,
            limit_s=0.00025,
        )  # fmt: skip
    idle = perfect_foresight(site(np.sin(np.arange(4000))), many, COST, limit_s=0.00025)
    assert (idle.saving, idle.violations, idle.solved.status) == (0, 0, "stopped")
    assert idle.solved.sentence == "Best in the time given: not proven, and no bound is known."


def test_out_of_time_the_best_so_far_is_returned_as_not_proven(site, monkeypatch):
    plain = solver.solve

    def hurried(problem, what, **given):
        done = plain(problem, what, **given)
        return replace(done, proven=False, bound=done.objective * 1.25)

    monkeypatch.setattr(solver, "solve", hurried)
    full = Battery(1, 1, charge_efficiency=0.5, soc_start=1.0)
    found = perfect_foresight(site([-1.0, -1.0, -1.0]), full, COST, method="highs")
    assert not found.solved.proven
    assert found.solved.sentence.startswith("Best in the time given, within")
    assert found.violations == 0


def in_no_time_for_whole_numbers(*args, **given):
    """Return the plan if every linear problem is solved, and none with whole numbers."""
    plain = solver.solve

    def hurried(problem, what, **options):
        if problem.is_mixed_integer():
            raise solver.OutOfTimeError("no time")
        return plain(problem, what, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(solver, "solve", hurried)
        return perfect_foresight(*args, method="highs", limit_s=60, **given)


def test_out_of_time_no_limit_is_broken_and_no_bound_is_beaten(site):
    # Burning energy, which the relaxation does, would keep exports within the limit.
    one = site([0.1, -1.0], export_price=[0.08, -1.02], export_limit_kw=0.5)
    full = Battery(5, 3, charge_efficiency=0.7, discharge_efficiency=0.8, soc_start=1.0)
    found = in_no_time_for_whole_numbers(one, full, COST)
    assert found.violations == 0
    assert found.objective == pytest.approx(-0.9328571)  # the optimum
    assert found.solved.bound < found.objective
    assert found.solved.gap == pytest.approx(found.solved.bound / found.objective - 1)
    assert not found.solved.proven


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_a_schedule_that_ran_out_of_time_lies_between_bound_and_doing_nothing(site, data):
    n = data.draw(st.integers(2, 12))
    values = lambda low, high: np.array(  # noqa: E731
        data.draw(st.lists(st.floats(low, high).map(lambda x: round(x, 2)), min_size=n, max_size=n))
    )
    prices, of = values(-1, 1), st.sampled_from
    sold = prices + data.draw(of([-0.1, 0.0, 0.1]))
    one = site(
        prices, export_price=sold, load_kw=values(0, 3), pv_kw=values(0, 3), import_limit_kw=4.0,
        export_limit_kw=data.draw(of([0.5, 9.0])),
    )  # fmt: skip
    lossy = Battery(4, 2, charge_efficiency=0.7, discharge_efficiency=0.8, soc_start=0.5)
    best = perfect_foresight(one, lossy, COST, method="highs")
    found = in_no_time_for_whole_numbers(one, lossy, COST)
    assert found.violations == 0
    assert best.objective - 1e-6 <= found.objective <= found.nothing.cost + 1e-6
    assert not found.solved.bound > best.objective + 1e-6


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(0, 1).map(lambda x: round(x, 2)), min_size=2, max_size=12))
def test_without_negative_prices_the_relaxation_is_tight(site, prices):
    lossy = Battery(2, 1, charge_efficiency=0.9)
    above = np.asarray(prices) + 0.01
    assert perfect_foresight(site(above), lossy, COST, method="highs").binaries == 0


def test_binaries_only_where_they_are_needed(site):
    found = perfect_foresight(site(PRICES), PUBLISHED, COST, method="highs")
    assert 1 <= found.binaries <= (PRICES < 0).sum()


def test_the_check_sees_a_day_that_does_not_end_as_told(site):
    one = site(np.tile([1.0, 3.0], 24))
    battery = Battery(1, 1, soc_end=0.0)
    free = perfect_foresight(one, replace(battery, soc_end=None), COST)
    held = {"battery": free.held["battery"].assign(energy_kwh=np.where(np.arange(48) < 47, 1, 0))}
    for daily, steps in ((False, 0), (True, 1)):
        seen = excesses(one, [battery], free.schedule, held, daily=daily)
        assert seen.loc["battery: final soc", "steps"] == steps


def test_the_check_sees_every_broken_rule(site):
    one = site([1, 2, 3], load_kw=[1, 1, 1], import_limit_kw=1)
    battery = Battery(2, 1, soc_end=0.0, cycles_per_day=0.5)
    good = perfect_foresight(one, battery, COST)
    assert good.excesses["steps"].sum() == 0
    broken = good.schedule.assign(import_kw=[3.0, 1, 1], curtailed_kw=[0.1, 0, 0])
    held = {"battery": pd.DataFrame(
        {"charge_kw": [2.0, 0, 0], "discharge_kw": [0.5, 1, 1.5], "energy_kwh": [3.0, 1, 1]},
        index=good.schedule.index,
    )}  # fmt: skip
    seen = excesses(one, [battery], broken, held)
    named = set(seen.index[seen["steps"] > 0])
    assert named == {
        "energy balance", "import limit", "curtailed beyond PV", "battery: state of charge",
        "battery: soc limits", "battery: power", "battery: charge and discharge at once",
        "battery: final soc", "battery: cycles per day",
    }  # fmt: skip
    with pytest.raises(SolveError, match="breaks the rule '.*' by 2 in"):
        refuse_excesses("It", seen)


def test_a_schedule_that_is_no_number_breaks_every_rule(site):
    one, battery = site([1, 2]), Battery(1, 1)
    done = perfect_foresight(one, battery, COST)
    nothing = excesses(one, [battery], done.schedule * np.nan, {"battery": done.held["battery"]})
    assert nothing.loc["energy balance", "steps"] == 2
    with pytest.raises(SolveError, match="breaks the rule"):
        refuse_excesses("It", nothing)


@pytest.mark.parametrize("prices", [([0.2, 0.2], [-0.1, -0.1]), ([-0.2, -0.2], [-0.3, -0.3])])
def test_a_perfect_forecast_curtails_as_foresight_does(site, prices):
    bought, sold = np.array(prices)
    one = site(bought, export_price=sold, pv_kw=[3, 3], load_kw=[1, 0])
    battery = Battery(1, 1, charge_efficiency=0.9, soc_end=0.0)
    best = perfect_foresight(one, battery, COST, daily=True)
    assert planned_on(one, battery, bought, sold, COST).bill.cost == pytest.approx(best.bill.cost)


def test_what_no_plan_foresaw_is_reported_and_not_refused(site):
    one = site([1, 3], pv_kw=[0, 0], load_kw=[3, 0], export_limit_kw=1, import_limit_kw=9)
    battery = Battery(3, 3, soc_end=0.0)
    done = planned_on(one, battery, one.array("import_price"), weights=COST, load_kw=[0, 3])
    assert done.excesses.loc["export limit", "worst"] == pytest.approx(2)
    assert done.violations == 1
