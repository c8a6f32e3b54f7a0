import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.errors import DataError, SolveError, UsageError
from lab.optimise.appliances import Appliance, ConflictError, Promise, Site, plan
from lab.optimise.appliances import planning as planning_module
from lab.optimise.appliances.standard import six_in_a_day
from lab.solver import Solved

BEGIN = pd.Timestamp("2016-05-02", tz="UTC")
HOUR = pd.Timedelta(hours=1)
BOTH = pytest.mark.parametrize("way", ["apart", "together"])


@BOTH
def test_a_run_goes_where_it_is_cheapest(hours, item, way):
    made = plan([item()], hours([3, 1, 2, 9]), way=way)
    assert made.schedule["a"].tolist() == [0, 1, 1, 0]
    assert (made.bill.cost, made.baseline.cost, made.saving) == (3.0, 4.0, 0.25)
    assert made.solved.proven and made.solved.gap == 0 and made.way == way


@BOTH
@pytest.mark.parametrize(
    ("rest", "power"),
    [
        ({"kind": "interruptible"}, [1, 0, 1, 0, 0, 0]),
        ({"kind": "interruptible", "min_on_h": 2.0}, [1, 1, 0, 0, 0, 0]),
        ({"kind": "interruptible", "max_starts": 1}, [1, 1, 0, 0, 0, 0]),
        ({"kind": "interruptible", "min_off_h": 3.0}, [1, 0, 0, 0, 0, 1]),
        ({"energy_kwh": 1.5}, [1, 0, 0.5, 0, 0, 0]),
        ({"value": 6.5}, [1, 1, 0, 0, 0, 0]),
        ({"value": 5.5}, [0, 0, 0, 0, 0, 0]),
        ({"kind": "interruptible", "value": 2.1}, [0, 0, 0, 0, 0, 0]),
        ({"energy_kwh": 1.5, "value": 1.7}, [1, 0, 0.5, 0, 0, 0]),
    ],
)
def test_every_kind_keeps_its_rules(hours, item, way, rest, power):
    prices = [1, 5, 1.2, 5, 5, 1.5]
    made = plan([item(last=6, **rest)], hours(prices), way=way)
    assert made.schedule["a"].tolist() == pytest.approx(power)


@BOTH
def test_prices_below_zero_are_sought(hours, item, way):
    made = plan([item(), item("b", energy_kwh=1.0)], hours([1, -2, -1, 4]), way=way)
    assert made.schedule["a"].tolist() == [0, 1, 1, 0]
    assert made.bill.cost == pytest.approx(-5.0)


@BOTH
def test_a_dryer_waits_for_the_washing_machine(hours, item, way):
    pair = [item("d", last=5, duration_h=1.0, after=["w"]), item("w", last=5, duration_h=2.0)]
    made = plan(pair, hours([1, 9, 2, 2, 5]), way=way)
    # Washing in the two cheap hours leaves 5 for drying: 9 in all; at 1 and 9 it would be 12.
    assert made.schedule["w"].tolist() == [0, 0, 1, 1, 0]
    assert made.schedule["d"].tolist() == [0, 0, 0, 0, 1]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"kind": "interruptible"}, {}),
        ({}, {"kind": "interruptible"}),
        ({"energy_kwh": 2.0}, {"energy_kwh": 2.0}),
    ],
)
def test_other_kinds_wait_as_well(hours, item, first, second):
    pair = [item("w", last=6, **first), item("d", last=6, after=["w"], **second)]
    made = plan(pair, hours([1, 5, 2, 1, 9, 3]))
    ends = np.flatnonzero(made.schedule["w"] > 0).max()
    assert ends < np.flatnonzero(made.schedule["d"] > 0).min()
    assert made.way == "together" and made.solved.proven


def test_what_waits_for_an_optional_run_does_not_run_without_it(hours, item):
    pair = [item("w", value=1.0), item("d", duration_h=1.0, after=["w"], value=100.0)]
    made = plan(pair, hours([5, 5, 5, 5]))
    # The two together are worth 101 for 15, so even the unprofitable first one runs.
    assert made.schedule.sum().tolist() == [2, 1]
    alone = plan([item("w", value=1.0), item("d", duration_h=1.0, after=["w"], value=2.0)],
                 hours([5, 5, 5, 5]))  # fmt: skip
    assert alone.schedule.to_numpy().sum() == 0
    mixed = [item("w", kind="interruptible", value=1.0), item("d", after=["w"], value=2.0)]
    assert plan(mixed, hours([5, 5, 5, 5])).schedule.to_numpy().sum() == 0


def test_a_group_runs_one_at_a_time(hours, item):
    trio = [item("x", group="g"), item("y", group="g", kind="interruptible"), item("z")]
    made = plan(trio, hours([1, 1, 3, 3]))
    assert ((made.schedule[["x", "y"]] > 0).sum(axis=1) == 1).all()
    assert made.schedule["z"].tolist() == [1, 1, 0, 0] and made.way == "together"


def test_the_limit_counts_the_rest_of_the_house_and_the_sun(hours, item):
    prices, free = [1, 2, 3, 4], item("b", kind="interruptible")
    assert plan([item(), free], hours(prices, 2.0)).way == "apart"
    tight = plan([item(), free], hours(prices, 2.0, load_kw=1.0, pv_kw=[0, 0.9, 0, 0]))
    assert tight.schedule.sum(axis=1).tolist() == [1, 1, 1, 1]
    assert not (tight.baseline_violations.empty) and tight.bill.peak_kw == 2.0


def test_a_switch_keeps_a_least_power(hours, item):
    made = plan([item(power_kw=2.0, energy_kwh=3.0, min_power_kw=1.5)], hours([1, 2, 3, 4]))
    assert made.schedule["a"].tolist() == pytest.approx([1.5, 1.5, 0, 0])
    ruled = item(power_kw=2.0, energy_kwh=3.0, max_starts=1, min_power_kw=0.5, last=5)
    made = plan([ruled], hours([1, 9, 2, 3, 9]))
    assert made.schedule["a"].tolist() == pytest.approx([0, 0, 2, 1, 0])


@pytest.mark.parametrize(
    ("export", "power"), [(0.0, [0, 1, 1, 0]), (4.5, [1, 0, 0, 1]), (9.0, [1, 0, 0, 1])]
)
def test_the_sun_is_worth_what_feeding_in_would_earn(hours, item, export, power):
    site = hours([4, 5, 5, 4], pv_kw=[0, 1, 1, 0], export_price_per_kwh=export)
    made = plan([item(kind="interruptible")], site)
    assert made.schedule["a"].tolist() == power


def test_where_feeding_in_earns_more_than_drawing_costs_nobody_does_both(hours, item):
    site = hours([1, 1, 8, 8], pv_kw=[2, 0, 0, 0], export_price_per_kwh=3.0)
    made = plan([item(power_kw=3.0, duration_h=1.0), item("b", duration_h=1.0)], site)
    assert made.schedule["a"].tolist() == [0, 3, 0, 0]
    assert made.bill.cost == pytest.approx(4.0)


def test_half_the_weight_on_carbon_takes_the_share_of_each(hours, item):
    site = hours([1, 2, 2, 1], carbon_kg_per_kwh=[4, 1, 1, 1])
    cost = plan([item(duration_h=1.0)], site)
    clean = plan([item(duration_h=1.0)], site, weights={"carbon": 1.0})
    both = plan([item(duration_h=1.0)], site, weights={"cost": 0.5, "carbon": 0.5})
    assert cost.schedule["a"].tolist() == [1, 0, 0, 0]
    assert (clean.bill.carbon_kg, clean.baseline.carbon_kg) == (1.0, 4.0)
    assert clean.schedule["a"].sum() == 1
    # At once: 1 and 4. The last slot has half of 1 / 1 and half of 1 / 4.
    assert both.schedule["a"].tolist() == [0, 0, 0, 1]
    assert both.solved.objective == pytest.approx(0.5 + 0.125)


@pytest.mark.parametrize(
    ("weights", "said"),
    [
        ({"peak": 1.0}, "Weights are of cost and carbon, got 'peak'"),
        ({"cost": -1.0}, "Weights must be 0 or more and not all 0"),
        ({}, "not all 0"),
        ({"cost": 0.5, "carbon": 0.5}, "Immediate execution adds a carbon_kg of 0"),
    ],
)
def test_weights_that_weigh_nothing_are_refused(hours, item, weights, said):
    with pytest.raises(UsageError, match=said):
        plan([item()], hours([1, 1, 1, 1]), weights=weights)


def test_what_is_worth_money_needs_a_weight_of_cost(hours, item):
    with pytest.raises(UsageError, match="cost needs a weight above 0"):
        plan([item(value=1.0)], hours([1, 1, 1, 1]), weights={"carbon": 1.0})


def test_without_a_positive_cost_at_once_there_is_no_share(hours, item):
    made = plan([item()], hours([-1, -1, -1, -2]))
    assert np.isnan(made.saving)


def test_what_is_left_out_is_not_saved(hours, item):
    pair = [item("a"), item("b", duration_h=1.0, value=0.5)]
    made = plan(pair, hours([2, 2, 1, 1]))
    assert made.schedule["b"].sum() == 0 and made.baseline.cost == 6.0
    assert made.saving == pytest.approx(0.5)  # 4 at once, 2 planned: of `a` alone
    nothing = plan(pair[1:], hours([2, 2, 1, 1]))
    assert np.isnan(nothing.saving)


def test_requests_that_cannot_all_run_at_once_are_planned(hours, item):
    first = item("a", first=1, duration_h=1.0, group="g")
    long = item("b", duration_h=3.0, group="g")
    site = hours([1, 1, 1, 1], carbon_kg_per_kwh=1.0)
    ours, other = plan([first, long], site), plan([long, first], site)
    for made in (ours, other):
        assert made.schedule["a"].tolist() == [0, 0, 0, 1] and made.solved.proven
    # In the order given a begins at once, and b has no three hours left in a row.
    assert ours.at_once is None and other.at_once is not None
    assert np.isnan(ours.saving) and np.isnan(ours.baseline.cost) and other.saving == 0
    rule = ours.baseline_violations.iloc[0]
    assert (rule["appliance"], rule["rule"]) == ("a, b", "the prices end before all have run")
    with pytest.raises(UsageError, match="The prices end before all have run .* one weight alone"):
        plan([first, long], site, weights={"cost": 0.5, "carbon": 0.5})


@BOTH
@pytest.mark.parametrize(
    "day", ["2016-03-26", "2016-10-29", "2016-05-02"], ids=["23h", "25h", "24h"]
)
def test_six_requests_across_midnight_and_the_change_of_the_clock(evening, way, day):
    asked, site = evening(day)
    made = plan(asked, site, way=way)
    length = {"2016-03-26": 100, "2016-10-29": 108, "2016-05-02": 104}[day]
    assert site.slots == length and made.solved.proven
    assert made.schedule.sum().sum() * 0.25 == pytest.approx(63.8)
    assert made.bill.cost == pytest.approx(plan(asked, site).bill.cost, abs=1e-9)
    runs = made.runs()
    assert runs["energy_kwh"].sum() == pytest.approx(63.8)
    dryer = runs[runs["appliance"] == "dryer"].iloc[0]
    washed = runs[runs["appliance"] == "washing machine"].iloc[0]
    assert dryer["start"] >= washed["end"]


def test_a_scaled_and_shifted_price_leaves_the_plan(evening):
    asked, site = evening()
    full = Site((site.table + 0.165) * 1.21)
    ours, theirs = plan(asked, site), plan(asked, full)
    assert full.bill(ours.schedule.sum(axis=1)).cost == pytest.approx(theirs.bill.cost, abs=1e-9)
    assert theirs.saving < ours.saving


@pytest.mark.parametrize("seed", range(3))
def test_a_limit_costs_but_is_kept(evening, seed):
    free = plan(*evening(seed=seed))
    tight = plan(*evening(seed=seed, limit_kw=9.2))
    assert tight.bill.peak_kw <= 9.2 + 1e-6 < tight.baseline.peak_kw
    assert tight.bill.cost >= free.bill.cost - 1e-9 and tight.solved.proven


requests_of_any_kind = st.lists(
    st.fixed_dictionaries(
        {
            "kind": st.sampled_from(["continuous", "interruptible", "adjustable"]),
            "first": st.integers(0, 3),
            "length": st.integers(3, 5),
            "steps": st.integers(1, 3),
            "power": st.sampled_from([0.5, 1.0, 2.0]),
            "rules": st.sampled_from(
                [{}, {"min_on_h": 2.0}, {"min_off_h": 2.0}, {"max_starts": 1}]
            ),
            "value": st.none() | st.integers(-2, 9),
            "waits": st.booleans(),
        }
    ),
    min_size=1,
    max_size=3,
)


def drawn(wishes):
    """Return appliances from wishes; an unbroken one may wait for the one before it."""
    made = []
    for number, w in enumerate(wishes):
        rest = dict(w["rules"]) if w["kind"] == "interruptible" else {}
        need = {"energy_kwh": w["steps"] * w["power"] * 0.8} if w["kind"] == "adjustable" else {
            "duration_h": float(w["steps"])}  # fmt: skip
        before = made[-1] if made else None
        chained = w["waits"] and before is not None and "continuous" == w["kind"] == before.kind
        window = (BEGIN + w["first"] * HOUR, BEGIN + (w["first"] + w["length"]) * HOUR)
        after = (before.name,) if chained else ()
        made.append(
            Appliance(f"a{number}", w["power"], *window, kind=w["kind"], value=w["value"],
                      after=after, **need, **rest)
        )  # fmt: skip
    return made


@settings(max_examples=40, deadline=None)
@given(
    wishes=requests_of_any_kind,
    prices=st.lists(st.integers(-3, 9), min_size=16, max_size=16),
    limit=st.none() | st.sampled_from([2.0, 3.0]),
)
def test_the_cheap_way_finds_what_the_solver_finds(wishes, prices, limit):
    index = pd.date_range(BEGIN, periods=16, freq="h")
    site = Site(pd.DataFrame({"price_per_kwh": np.asarray(prices, float)}, index), limit)
    items = drawn(wishes)
    try:
        exact = plan(items, site, way="together")
    except ConflictError:
        with pytest.raises(ConflictError):
            plan(items, site)
        return
    quick = plan(items, site)
    assert quick.solved.objective == pytest.approx(exact.solved.objective, abs=1e-7)


def test_apart_is_refused_where_something_is_shared(hours, item):
    with pytest.raises(SolveError, match="cannot be found apart"):
        plan([item(), item("b")], hours([1, 2, 3, 4], 1.0), way="apart")


def test_out_of_time_the_best_schedule_comes_with_its_gap(hours, item, monkeypatch):
    real = planning_module.solve

    def late(*args, **options):
        found = real(*args, **options)
        return Solved(found.objective, "time limit", 0.07, False)

    monkeypatch.setattr(planning_module, "solve", late)
    made = plan([item()], hours([3, 1, 2, 9]), way="together", limit_s=5)
    assert not made.solved.proven and made.schedule["a"].sum() == 2
    assert "not proven" in made.solved.sentence and "7.00%" in made.solved.sentence


def test_a_model_that_counts_otherwise_than_the_bill_is_refused(hours, item, monkeypatch):
    real = planning_module.solve
    monkeypatch.setattr(
        planning_module,
        "solve",
        lambda *args, **options: Solved(real(*args, **options).objective + 1, "optimal", 0, True),
    )
    with pytest.raises(SolveError, match="The model counts 4, the bill of its schedule 3"):
        plan([item()], hours([3, 1, 2, 9]), way="together")


@pytest.mark.parametrize("limit", [None, 9.2])
def test_six_appliances_in_96_slots(limit):
    items, site = six_in_a_day(0, limit)
    made = plan(items, site, way="together")
    assert site.slots == 96 and made.solved.proven
    assert made.bill.cost <= plan(items, site).bill.cost + 1e-9
    assert made.bill.peak_kw <= (limit or np.inf) + 1e-6


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"way": "apartt"}, "way must be one of apart, together, in parts, got 'apartt'"),
        ({"gap": -1}, "gap must be from 0 to below 1, got -1"),
        ({"gap": float("nan")}, "gap must be a finite number, got nan"),
        ({"gap": "0"}, "gap must be a finite number, got '0'"),
        ({"limit_s": 0}, "limit_s must be above 0, got 0"),
    ],
)
def test_how_to_plan_is_checked_whatever_the_way(hours, item, how, said):
    # One appliance by itself never comes to the solver, which would refuse some of these.
    with pytest.raises(UsageError, match=said):
        plan([item()], hours([3, 1, 2, 9]), **how)


@pytest.mark.parametrize("way", ["apart", "in parts"])
def test_a_promise_is_not_quietly_kept_another_way(hours, item, way):
    site = hours([3, 1, 2, 9])
    promise = Promise(plan([item()], site).schedule, 0.1)
    assert plan([item()], site, promise=promise, way="together").way == "together"
    with pytest.raises(UsageError, match=f"only be kept by the way 'together', got '{way}'"):
        plan([item()], site, promise=promise, way=way)


def test_a_promise_of_other_appliances_or_slots_is_refused(hours, item):
    site = hours([3, 1, 2, 9])
    for schedule, said in (
        (plan([item("b")], site).schedule, "no column of the appliance 'a'"),
        (plan([item()], site).schedule.iloc[1:], "must have the 4 slots from .* got 3 others"),
    ):
        with pytest.raises(DataError, match=said):
            plan([item()], site, promise=Promise(schedule, 0.1))
