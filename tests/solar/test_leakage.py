"""No day-ahead model of `lab.solar` moves when anything unknown at the issue does."""

import importlib
import pkgutil

import pytest

from lab import leakage, solar
from lab.forecast.view import DayTable
from lab.solar import ahead
from lab.solar.indices import IndexInputs

FIRST, LAST = "2021-03-20", "2021-03-26"
# The roofs' inputs; without an envelope those of the system.
ROOF = IndexInputs("power_w", ("temperature_c", "ghi_index"), 14)
SYSTEM = IndexInputs("power_w", ("temperature_c", "ghi_index"))


def day_ahead_models():
    """Return every class of the package that learns and forecasts from views: name to class."""
    modules = [m.name for m in pkgutil.iter_modules(solar.__path__, f"{solar.__name__}.")]
    return {
        name: kind
        for module in map(importlib.import_module, modules)
        for name, kind in vars(module).items()
        if isinstance(kind, type) and kind.__module__ == module.__name__
        if all(hasattr(kind, part) for part in ("fit", "predict", "layout"))
    }


def names_of(table, inputs):
    return inputs.names(table.view(60))


FOUND = day_ahead_models()
BUILDERS = {
    "SmartPersistence": lambda kind, table, inputs: kind("slotwise", inputs),
    "IndexBlend": lambda kind, table, inputs: kind(names_of(table, inputs), inputs),
    "IndexTrees": lambda kind, table, inputs: kind(
        names_of(table, inputs), trees=3, depth=2, inputs=inputs
    ),
}
CASES = {
    f"{name}, {of}": lambda table, kind=kind, name=name, inputs=inputs: BUILDERS[name](
        kind, table, inputs
    )
    for name, kind in FOUND.items()
    for of, inputs in (("system", SYSTEM), ("roof", ROOF))
}
CASES["SmartPersistence, daily"] = lambda table: FOUND["SmartPersistence"]("daily", SYSTEM)


@pytest.fixture(scope="module")
def measured(frame, world):
    """Power and weather of whole local days, beside the sun's path."""
    whole = frame.loc["2021-01-01 23:00":]
    past = whole[["power_w", "temperature_c"]].assign(
        ghi_index=whole["ghi_w_per_m2"] / whole["ghi_clear_w_per_m2"].clip(lower=30)
    )
    path = ahead.clear_power(past.index, world.PLACE, world.PLANE, world.AIR)
    return past.join(path).iloc[: 48 * 90]


@pytest.fixture(scope="module")
def build(world):
    def made(raw):
        past = ("power_w", "temperature_c", "ghi_index")
        knowledge = {name: "past" if name in past else "known_future" for name in raw}
        return DayTable(raw, zone=world.ZONE, target="power_w", knowledge=knowledge)

    return made


def test_every_model_has_a_builder():
    assert set(FOUND) == set(BUILDERS)


@pytest.mark.parametrize("lead_days", [1, 3])
@pytest.mark.parametrize("case", CASES)
def test_no_day_ahead_model_leaks(measured, build, case, lead_days):
    result = leakage.check(CASES[case], build(measured), FIRST, LAST, lead_days=lead_days, issues=2)
    assert result.moved is None
    # Two days of 48 half-hours, under noise and under NaN, each level by itself.
    assert result.forecasts == 2 * 2 * 48 * len(FOUND[case.split(",")[0]].levels)


@pytest.mark.parametrize("case", CASES)
def test_each_is_caught_when_power_is_known_a_day_early(measured, build, case):
    early = leakage.Prepared(
        measured,
        lambda raw: build(raw.assign(power_w=raw["power_w"].shift(-48).fillna(0.0))),
    )
    result = leakage.check(CASES[case], early, FIRST, LAST, issues=1)
    assert result.moved is not None
