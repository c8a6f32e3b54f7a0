"""Control by the worth of energy under the last days."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.errors import SolveError, UsageError
from lab.optimise.storage import dynamic, scenarios
from lab.optimise.storage.battery import Battery
from lab.optimise.storage.bill import Weights, doing_nothing
from lab.optimise.storage.piecewise import at
from lab.optimise.storage.plan import perfect_foresight
from lab.optimise.storage.rolling import rolling, seasonal
from lab.optimise.storage.rules import self_consumption
from lab.optimise.storage.scenarios import over_past_days

COST = Weights(1, 0, 0)
BATTERY = Battery(4, 2, charge_efficiency=0.9, discharge_efficiency=0.9)


@pytest.fixture(scope="module")
def home(site):
    draws, hours = np.random.default_rng(1), np.arange(24 * 28)
    clear = np.repeat(draws.uniform(0.2, 1, 28), 24)
    return site(
        np.where(hours % 24 > 15, 0.5, 0.2), export_price=np.full(len(hours), 0.05),
        load_kw=draws.gamma(1, 1.0, len(hours)), carbon_kg_per_kwh=np.full(len(hours), 0.3),
        pv_kw=3 * clear * np.maximum(np.sin(np.pi * (hours % 24 - 6) / 12), 0),
    )  # fmt: skip


def test_where_every_day_is_the_same_it_is_perfect_foresight_after_the_first(site):
    day = np.arange(48) % 24
    one = site(
        np.where(day == 20, 0.5, 0.2), export_price=np.full(48, 0.05),
        load_kw=np.where(day == 20, 1.8, 0.0), pv_kw=np.where(day == 12, 1.5, 0.0),
    )  # fmt: skip
    done = over_past_days(one, BATTERY, COST)
    bought = done.schedule["import_kw"].to_numpy()
    # On the first day nothing is known to be worth keeping energy for; on the second 1.35 kWh from
    # the sun are topped up for the dear load, which takes 2 kWh out of the battery.
    assert bought[20] == 1.8
    assert bought[44] == pytest.approx(0)
    assert bought[24:].sum() == pytest.approx((2 - 0.9 * 1.5) / 0.9)


def test_it_lies_between_rules_and_foresight_where_loads_cannot_be_foretold(home):
    expected = {c: seasonal(home.array(c), 48, over=7) for c in ("load_kw", "pv_kw")}
    certain = rolling(home, BATTERY, expected, sees_now=True).objective
    own, best = self_consumption(home, BATTERY).objective, perfect_foresight(home, BATTERY)
    ours = over_past_days(home, BATTERY)
    assert best.objective < ours.objective < min(own, certain)
    assert ours.violations == 0


@pytest.mark.parametrize("column", scenarios.UNKNOWN)
def test_what_comes_later_changes_no_decision_before(home, column):
    at_hour, base = 400, doing_nothing(home)
    values = home.array(column).copy()
    values[at_hour:] = values[at_hour:][::-1] + 1.0
    other = replace(home, table=home.table.assign(**{column: values}))
    first, second = (
        over_past_days(s, BATTERY, base=base).held["battery"]["energy_kwh"].to_numpy()
        for s in (home, other)
    )
    assert (first[:at_hour] == second[:at_hour]).all()
    assert (first[at_hour:] != second[at_hour:]).any()


def test_a_longer_horizon_is_no_worse_here(home):
    cost = {h: over_past_days(home, BATTERY, horizon=h).objective for h in (4, 24, 48)}
    assert cost[48] < cost[24] < cost[4] < 1


@st.composite
def steps(draw):
    share = st.floats(0, 1).map(lambda x: round(x, 2))
    out, sold, gap = draw(share), draw(share), draw(share)
    lengths = [draw(share) * 3 for _ in range(4)]
    lengths[draw(st.sampled_from([0, 2]))] = 0.0  # either PV is left over, or load
    costs = [sold, sold + gap, -(sold + gap) * out, -sold * out]
    return np.column_stack([lengths, costs])


@settings(max_examples=60, deadline=None)
@given(steps(), st.lists(st.floats(-1, 1), min_size=6, max_size=6), st.sampled_from([1.0, 0.95]))
def test_a_step_back_is_that_of_the_exact_programme(step, slopes, kept):
    grid = np.linspace(0.0, 3.0, 7)
    after = np.append(0.0, np.cumsum(np.sort(slopes)) * 0.5)
    total = np.zeros(7)
    scenarios._add_cheapest(total, grid, after, step, kept)
    x, y, _ = dynamic._before(grid.copy(), after.copy(), step, kept, 0.0, 3.0, False)
    exact = np.array([at(x, y, e) for e in grid])
    assert total - total[0] == pytest.approx(exact - exact[0], abs=1e-9)


def test_a_reserve_that_leaks_is_kept(site):
    leaky = Battery(4, 2, soc_min=0.5, soc_start=0.5, self_discharge_per_hour=0.1)
    one = site(np.full(72, 0.2), load_kw=np.ones(72))
    done = over_past_days(one, leaky, COST)
    assert done.held["battery"]["energy_kwh"].min() == pytest.approx(2.0)
    with pytest.raises(SolveError, match="loses its energy faster than it may be charged"):
        over_past_days(one, replace(leaky, charge_kw=0.1), COST)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"days": 0}, "days must be at least 1, got 0"),
        ({"horizon": 0}, "horizon must be at least 1, got 0"),
        ({"levels": 1}, "levels must be at least 2, got 1"),
        ({"horizon": 2.5}, "horizon must be a whole number, got 2.5"),
        ({"period": 0}, "period must be at least 1, got 0"),
        ({"weights": Weights(0.5, 0.3, 0.2)}, "needs one battery without a cap of cycles"),
    ],
)
def test_bad_input_in_one_sentence(home, given, said):
    with pytest.raises(UsageError, match=said):
        over_past_days(home, BATTERY, **given)


def test_prices_at_which_losing_energy_pays(site):
    with pytest.raises(UsageError, match="at which losing energy never pays"):
        over_past_days(site(np.full(48, -0.1)), BATTERY, COST)
