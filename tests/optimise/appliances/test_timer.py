import numpy as np
import pandas as pd
import pytest

from lab.errors import DataError, UsageError
from lab.optimise.appliances import Site, plan, requests, set_timer, timed, violations
from lab.optimise.appliances.clock import at_clock

ZONE = "Europe/Brussels"
EVENING = {"start": "18:00", "end": "+1 08:00"}
DISHES = {"name": "dishes", "power_kw": 1.0, "duration_h": 2.0, **EVENING}
WASHING = {"name": "washing", "power_kw": 2.0, "duration_h": 1.0, **EVENING}
DRYER = {"name": "dryer", "power_kw": 3.0, "duration_h": 1.0, "after": ["washing"], **EVENING}


def prices(of_hour, first="2016-05-01", days=14, step="h"):
    """Return the same prices on every local day, by UTC slot."""
    stamps = (pd.Timestamp(first) + pd.DateOffset(days=k) for k in (0, days))
    begin, end = (stamp.tz_localize(ZONE).tz_convert("UTC") for stamp in stamps)
    slots = pd.date_range(begin, end, freq=step, inclusive="left")
    return pd.Series([of_hour.get(h, 0.3) for h in slots.tz_convert(ZONE).hour], slots)


def site_of(series, asked, limit_kw=None):
    begin, end = min(a.earliest for a in asked), max(a.latest for a in asked)
    part = series[(series.index >= begin) & (series.index < end)]
    return Site(part.to_frame("price_per_kwh"), limit_kw)


@pytest.mark.parametrize("step", ["h", "15min"])
def test_each_starts_at_its_own_cheapest_hour(step):
    heater = {"name": "heater", "power_kw": 4.0, "energy_kwh": 2.0, "kind": "adjustable", **EVENING}
    clock = set_timer([DISHES, heater], prices({22: 0.0, 2: 0.1, 3: 0.1}, step=step), ZONE)
    assert clock == {"dishes": "+1 02:00", "heater": "22:00"}


def test_a_chain_is_set_together():
    # Alone, the washing machine would take 03:00, which leaves the dryer nothing cheap.
    clock = set_timer([DRYER, WASHING], prices({2: 0.2, 3: 0.1}), ZONE)
    assert clock == {"washing": "+1 02:00", "dryer": "+1 03:00"}


def test_a_group_is_set_to_take_turns():
    pair = [wish | {"group": "socket"} for wish in (DISHES, WASHING)]
    clock = set_timer(pair, prices({2: 0.1, 3: 0.1}), ZONE)
    asked = requests(pair, "2016-05-02", ZONE)
    site = site_of(prices({}), asked)
    schedule = timed(asked, site, clock, "2016-05-02", ZONE)
    assert not len(violations(schedule, asked, site))
    # Three hours, of which two are cheap: the washing machine's may not overlap the dishes'.
    assert clock == {"dishes": "+1 01:00", "washing": "+1 03:00"}


def test_a_mean_over_the_days_counts_and_every_day_in_it():
    price = prices({2: 0.1, 3: 0.1, 4: 0.1})
    price[price.index[price.index.tz_convert(ZONE).hour == 2][0]] = 99.0
    assert set_timer([DISHES], price, ZONE) == {"dishes": "+1 03:00"}


@pytest.mark.parametrize(
    ("day", "start"),
    [("2016-03-25", "+1 02:00"), ("2016-03-26", "+1 03:00"), ("2016-10-29", "+1 02:00")],
    ids=["usual", "spring", "autumn"],
)
def test_a_timer_follows_the_local_clock(day, start):
    asked = requests([DISHES], day, ZONE)
    series = prices({}, first=day, days=2)
    schedule = timed(asked, site_of(series, asked), {"dishes": "+1 02:00"}, day, ZONE)
    assert schedule.index[schedule["dishes"] > 0][0] == at_clock(start, day, ZONE)


def test_a_timer_that_leaves_too_little_starts_as_late_as_it_may():
    # In that night 02:00 to 08:00 lasts five hours.
    asked = requests([DISHES | {"duration_h": 6.0}], "2016-03-26", ZONE)
    site = site_of(prices({}, first="2016-03-26", days=2), asked)
    schedule = timed(asked, site, {"dishes": "+1 02:00"}, "2016-03-26", ZONE)
    assert schedule["dishes"].tolist() == [0] * 7 + [1] * 6
    assert not len(violations(schedule, asked, site))


def test_who_has_no_timer_starts_at_once_and_one_set_too_early_waits(hours, item):
    items, site = [item("a"), item("b", first=1)], hours([1, 1, 1, 1])
    schedule = timed(items, site, {"b": "00:00"}, "2016-05-02", "UTC")
    assert schedule["a"].tolist() == [1, 1, 0, 0] and schedule["b"].tolist() == [0, 1, 1, 0]


def test_a_timer_knows_no_limit(hours, item):
    items, site = [item("a"), item("b")], hours([1, 1, 1, 1], limit_kw=1.5)
    schedule = timed(items, site, {"a": "01:00", "b": "01:00"}, "2016-05-02", "UTC")
    assert violations(schedule, items, site)["rule"].tolist() == ["draws more than the limit"]


@pytest.mark.parametrize("seed", range(3))
def test_no_timer_beats_the_plan(evening, seed):
    asked, site = evening(seed=seed)
    best = plan(asked, site)
    for hour in range(6):
        clock = {a.name: f"+1 0{hour}:00" for a in asked}
        schedule = timed(asked, site, clock, "2016-05-02", ZONE)
        assert not len(violations(schedule, asked, site))
        assert site.bill(schedule.sum(axis=1)).cost >= best.bill.cost - 1e-9


def test_bad_input(hours, item):
    with pytest.raises(UsageError, match="A timer is set for 'z', which is not among"):
        timed([item("a")], hours([1, 1, 1, 1]), {"z": "01:00"}, "2016-05-02", "UTC")
    with pytest.raises(UsageError, match="A clock time is written '18:00'"):
        timed([item("a")], hours([1, 1, 1, 1]), {"a": "early"}, "2016-05-02", "UTC")
    with pytest.raises(DataError, match="The earlier prices have none at 18:00"):
        set_timer([DISHES], prices({}, days=1).iloc[:12], ZONE)
    with pytest.raises(UsageError, match="Unknown time zone 'Mars/X'"):
        set_timer([DISHES], prices({}), "Mars/X")
    with pytest.raises(DataError, match="The earlier prices must be two or more"):
        set_timer([DISHES], prices({}).iloc[:1], ZONE)
    with pytest.raises(DataError, match="Earlier prices must be finite numbers, got nan"):
        set_timer([DISHES], prices({}).mask(prices({}).index.hour == 3), ZONE)
    with pytest.raises(DataError, match="Earlier prices must be"):
        set_timer([DISHES], prices({}).astype(object).replace(0.3, "dear"), ZONE)
    full = [wish | {"end": "20:00", "group": "socket"} for wish in (DISHES, WASHING)]
    with pytest.raises(UsageError, match="No hours of a timer keep the rules of 'dishes', 'wash"):
        set_timer(full, prices({}), ZONE)


def test_a_window_between_whole_hours_keeps_its_start():
    wish = DISHES | {"start": "18:30", "end": "19:30", "duration_h": 1.0}
    assert set_timer([wish], prices({}, step="30min"), ZONE) == {"dishes": "18:30"}
    later = set_timer([wish | {"end": "+2 19:30"}], prices({12: 0.0}, step="30min"), ZONE)
    assert later == {"dishes": "+1 12:00"} and np.isfinite(
        at_clock("+1 12:00", "2016-05-02", ZONE).value
    )
