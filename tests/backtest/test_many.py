"""Many series: equal bytes wherever they are computed, stand-ins, and what is refused."""

import os
import random
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from lab.backtest import Backtest
from lab.backtest.many import backtest_many
from lab.backtest.store import Store
from lab.backtest.units import Packed, Plan, Unit
from lab.backtest.workers import Processes, Serial, bundles
from lab.errors import DataError, UsageError
from lab.forecast.linear import Ridge
from lab.forecast.naive import Naive
from lab.forecast.view import DayTable

FIRST, LAST = "2014-10-01", "2014-10-12"


def models():
    return {"ridge": Ridge(), "yesterday": Naive("yesterday")}


def run(tables, **options):
    options = {"workers": Serial(), "leads": (1, 2), "refit": {"ridge": "weekly"}} | options
    return backtest_many(tables, models(), FIRST, LAST, **options)


@pytest.fixture(scope="module")
def serial(tables):
    return run(tables)


def same(one, other):
    pd.testing.assert_frame_equal(one.table(), other.table(), check_exact=True)
    pd.testing.assert_frame_equal(one.fallbacks, other.fallbacks)
    for key, forecasts in one.forecasts.items():
        assert forecasts.values.tobytes() == other.forecasts[key].values.tobytes()
    assert list(one.forecasts) == list(other.forecasts)


def test_a_unit_forecasts_what_the_single_backtest_does(tables, serial):
    alone = Backtest(tables["south"], FIRST, LAST, 2).run(Ridge(), "weekly").forecasts
    found = serial.forecasts["south", "ridge", 2]
    assert found.values == pytest.approx(alone.values, rel=1e-12)
    assert found.issued_at.equals(alone.issued_at)
    assert found.valid_at.equals(alone.valid_at)


def test_results_stand_in_the_order_of_the_call(serial):
    expected = [(s, m, n) for s in ("north", "south", "below") for m in models() for n in (1, 2)]
    assert list(serial.forecasts) == expected
    rows = 12 * 48 - 2  # the clock loses an hour on 5 October
    assert len(serial.table()) == rows * len(expected)
    assert not serial.table().duplicated(["series_id", "issued_at", "valid_at", "model"]).any()
    assert serial.costs["lead_days"].tolist() == [1, 2] * 6


def test_processes_compute_the_same_bytes(tables, serial):
    same(serial, run(tables, workers=Processes(2)))


def test_blocks_of_a_series_travel_together_where_there_are_many(tables):
    one = {"north": tables["north"]}
    plain = {"yesterday": Naive("yesterday")}
    options = {"leads": (1, 2, 3), "refit": "daily"}
    alone = backtest_many(one, plain, FIRST, LAST, workers=Serial(), **options)
    same(alone, backtest_many(one, plain, FIRST, LAST, workers=Processes(2), **options))


def test_bundles_keep_the_order_and_never_mix_series():
    plan = Plan(FIRST, LAST, None, 1, 0, {})
    unit = Unit(0, plan, Packed("a"), Naive("yesterday"), 1, (), None, together=2)
    units = [replace(unit, number=n, table=Packed(d)) for n, d in enumerate("aaabb")]
    assert [[u.number for u in b] for b in bundles(units)] == [[0, 1], [2], [3, 4]]


def test_a_model_that_fails_is_stood_in_for_and_named(serial):
    found = serial.fallbacks
    assert set(found["series_id"]) == {"below"}
    assert set(found["model"]) == {"ridge"}
    assert found["first"].tolist() == [FIRST, "2014-10-06"] * 2
    assert found["last"].tolist() == ["2014-10-05", LAST] * 2
    assert found["reason"].str.contains("at least one complete day").all()
    # Noise around a fixed profile: the longest mean is the best of the simple rules.
    assert found["rule"].unique().tolist() == ["median_of_28_days"]
    assert np.isfinite(serial.forecasts["below", "ridge", 1].values).all()


def test_the_period_of_choices_decides_the_stand_in(tables):
    # Last week equals this one in the period of choices alone.
    table = {"below": altered(tables["below"])}
    found = run(table, choose=("2014-09-11", "2014-09-17"), leads=(1,)).fallbacks
    assert found["rule"].unique().tolist() == ["last_week"]
    with pytest.raises(UsageError, match="period of choices must lie between"):
        run(table, choose=("2014-09-11", "2014-10-02"))


def altered(table):
    begin, end = (table.start[table.position(d)] for d in ("2014-09-11", "2014-09-18"))
    values = table.flat["demand_mw"].copy()
    values[begin:end] = values[begin - 336 : end - 336]
    frame = pd.DataFrame({**table.flat, "demand_mw": values}, index=table.index)
    return rebuilt(table, frame)


def rebuilt(table, frame, name=None):
    return DayTable(
        frame,
        zone="Australia/Melbourne",
        target="demand_mw",
        knowledge={column: table.knowledge.get(column, "past") for column in frame},
        series_id=name or table.series_id,
    )


def test_a_stand_in_gives_ordered_quantiles_and_stays_positive(tables):
    class Failing(Naive):
        name, levels = "failing", (0.1, 0.5, 0.9)

        def fit(self, inputs, target):
            raise np.linalg.LinAlgError("Singular matrix")

    model = Failing("yesterday")
    model.name = "failing"
    low = tables["north"]
    frame = pd.DataFrame({**low.flat, "demand_mw": low.flat["demand_mw"] % 300}, index=low.index)
    one = {"north": rebuilt(low, frame)}
    found = backtest_many(one, {"failing": model}, FIRST, LAST, workers=Serial())
    values = found.forecasts["north", "failing", 1].values
    assert found.fallbacks["reason"].tolist() == ["Singular matrix"]
    assert (np.diff(values, axis=1) >= 0).all()
    assert (np.diff(values, axis=1) > 0).any()
    assert values.min() >= 0


def test_other_failures_are_not_hidden(tables):
    class Broken(Naive):
        def fit(self, inputs, target):
            raise TypeError("a fault of the program")

    with pytest.raises(TypeError, match="a fault of the program"):
        backtest_many(tables, {"yesterday": Broken("yesterday")}, FIRST, LAST, workers=Serial())


def test_the_process_is_left_as_it_was(tables, monkeypatch):
    monkeypatch.setenv("LAB_THREADS", "7")
    monkeypatch.delenv("LAB_SEED", raising=False)
    np.random.seed(1)
    random.seed(1)
    before = np.random.get_state()[1].tolist(), random.getstate()
    run({"north": tables["north"]}, threads=2)
    assert os.environ["LAB_THREADS"] == "7"
    assert "LAB_SEED" not in os.environ
    assert (np.random.get_state()[1].tolist(), random.getstate()) == before


class Counting(Naive):
    """Remembers how many days each fit was shown; with state, what is new."""

    def __init__(self, log, warm_start):
        super().__init__("yesterday")
        self.log, self.warm_start = log, warm_start

    def fit(self, inputs, target):
        self.log.append(("fit", len(target), len(inputs["forecast"])))
        return self

    def update(self, inputs, target):
        self.log.append(("update", len(target), len(inputs["forecast"])))
        return self


@pytest.mark.parametrize(
    ("warm", "window", "expected"),
    [
        pytest.param(False, None, [("fit", 60, 60), ("fit", 65, 65)], id="expanding"),
        pytest.param(False, 14, [("fit", 14, 14), ("fit", 14, 14)], id="sliding"),
        pytest.param(True, None, [("fit", 60, 60), ("update", 5, 5)], id="warm"),
        pytest.param(True, 3, [("fit", 3, 3), ("update", 3, 3)], id="warm and sliding"),
    ],
)
def test_what_a_refit_is_shown(tables, warm, window, expected):
    log = []
    Backtest(tables["north"], FIRST, LAST).run(Counting(log, warm), "weekly", window)
    assert log == expected


def test_a_warm_model_keeps_its_blocks_together(tables):
    from lab.backtest.cadence import chains

    edges = [(60, 65), (65, 72)]
    assert chains(Counting([], True), edges) == [((60, 65), (65, 72))]
    assert chains(Counting([], False), edges) == [((60, 65),), ((65, 72),)]


def changed(tables, name, column, value):
    table = tables["north"]
    frame = pd.DataFrame(table.flat, index=table.index)
    frame[column] = value
    return {"north": table, name: rebuilt(table, frame, name)}


@pytest.mark.parametrize(
    ("value", "words"),
    [
        pytest.param(np.nan, "'b' has no value of demand_mw before the first", id="all NaN"),
        pytest.param(3.0, "'b' is constant at 3 before the first", id="constant"),
    ],
)
def test_a_series_without_information_is_refused_or_stood_in_for(tables, value, words):
    series = changed(tables, "b", "demand_mw", value)
    with pytest.raises(DataError, match=words):
        run(series)
    found = run(series, strict=False, leads=(1,))
    assert found.fallbacks["reason"].str.contains(words).all()
    assert found.fallbacks["series_id"].unique().tolist() == ["b"]
    values = found.forecasts["b", "ridge", 1].values
    np.testing.assert_array_equal(values, np.full(values.shape, value))


def test_infinite_values_are_refused(tables):
    with pytest.raises(DataError, match="'temperature_c' of series 'b' is infinite at 2014-07-31"):
        run(changed(tables, "b", "temperature_c", np.inf))


@pytest.mark.parametrize("extra", [True, False], ids=["extra", "missing"])
def test_series_with_other_columns_are_refused(tables, extra):
    series = changed(tables, "b", "wind", 1.0)
    names, verb = (("north", "b"), "has the extra") if extra else (("b", "north"), "lacks the")
    with pytest.raises(DataError, match=f"'{names[1]}' {verb} column 'wind', unlike '{names[0]}'"):
        run({name: series[name] for name in names})


def test_series_that_declare_other_knowledge_are_refused(tables):
    table = tables["north"]
    frame = pd.DataFrame(table.flat, index=table.index)
    other = rebuilt(table, frame, "b")
    other.knowledge = {**other.knowledge, "temperature_c": "known_future"}
    with pytest.raises(DataError, match="same target and knowledge times; 'b' differs"):
        run({"north": table, "b": other})


def test_a_model_that_needs_a_missing_column_is_refused(tables):
    table = tables["north"]
    frame = pd.DataFrame({"demand_mw": table.flat["demand_mw"]}, index=table.index)
    with pytest.raises(
        DataError,
        match="'ridge' needs the column 'day_type', known at .*; the series have demand_mw",
    ):
        run({"north": rebuilt(table, frame)})


def test_every_model_is_checked_before_any_work(tables):
    class Warm(Naive):
        def __init__(self):
            super().__init__("yesterday")
            self.name = "warm"
            self.inputs = lambda view: {"x": view.future[f"wind_{view.lead_days}"]}

    # With a daily refit the first model alone has more units than there are models and leads.
    chosen = {"yesterday": Naive("yesterday"), "warm": Warm()}

    class Idle(Serial):
        def map(self, units, threads):
            raise AssertionError("some unit was computed before the check")

    with pytest.raises(DataError, match="'warm' needs the column 'wind_1', known at its issue"):
        backtest_many(tables, chosen, FIRST, LAST, refit="daily", workers=Idle(), leads=(1, 2))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"refit": {"lgmb": "once"}}, "Unknown model 'lgmb' in refit; choose one of ridge, yest"),
        ({"refit": "hourly"}, "Unknown refit cadence 'hourly' of ridge; choose one of once"),
        ({"leads": (-1,)}, "lead_days must be at least 1 and a whole number, got -1"),
        ({"leads": (1, 1)}, "Leads must be different days"),
        ({"leads": ()}, "Leads must be different days"),
        ({"window_days": 0}, "window_days must be at least 1 and a whole number, got 0"),
        ({"threads": 0}, "threads must be at least 1 and a whole number, got 0"),
        ({"leads": (40,)}, "must start after the table's first 80 days"),
    ],
    ids=["model", "cadence", "negative", "twice", "no lead", "window", "threads", "history"],
)
def test_impossible_requests_are_refused(tables, options, words):
    with pytest.raises(UsageError, match=words):
        run(tables, **options)


def test_wrong_names_are_refused(tables):
    with pytest.raises(UsageError, match="series 'north' must be given by its name, got 'east'"):
        run({"east": tables["north"]})
    with pytest.raises(UsageError, match="at least one series"):
        run({})
    with pytest.raises(UsageError, match="at least one model"):
        backtest_many(tables, {}, FIRST, LAST)
    with pytest.raises(UsageError, match="model 'yesterday' must be given by its name, got 'x'"):
        backtest_many(tables, {"x": Naive("yesterday")}, FIRST, LAST)


def test_a_gap_at_the_clock_change_is_refused(tables):
    table = tables["north"]
    frame = pd.DataFrame(table.flat, index=table.index)
    spring = frame.index.tz_convert("Australia/Melbourne").date == pd.Timestamp("2014-10-05").date()
    gapped = frame.drop(frame.index[spring][4:6])
    with pytest.raises(DataError, match="evenly spaced, without gaps or duplicates"):
        rebuilt(table, gapped)


def test_too_short_a_history_is_said_in_the_fallbacks(tables):
    found = backtest_many(
        {"north": tables["north"]}, {"ridge": Ridge()}, "2014-08-03", "2014-08-03", workers=Serial()
    )
    assert "at least one complete day" in found.fallbacks["reason"].item()


def test_kept_units_give_the_same_results(tables, serial, tmp_path):
    first = run(tables, store=Store(tmp_path))
    again = run(tables, store=Store(tmp_path))
    assert (first.kept, again.kept) == (0, len(list(tmp_path.glob("*/*.npz"))))
    same(serial, first)
    same(serial, again)
    pd.testing.assert_frame_equal(first.costs, again.costs)


@pytest.mark.parametrize("damage", [b"", b"text", None], ids=["empty", "foreign", "another unit's"])
def test_a_damaged_file_is_computed_anew(tables, serial, tmp_path, damage):
    run(tables, store=Store(tmp_path))
    files = sorted(tmp_path.glob("*/*.npz"))
    files[3].write_bytes(files[4].read_bytes() if damage is None else damage)
    found = run(tables, store=Store(tmp_path))
    assert found.kept == len(files) - 1
    same(serial, found)


def test_other_parameters_are_other_units(tables, tmp_path):
    one = {"north": tables["north"]}
    for alpha in (10.0, 30.0):
        model = {"ridge": Ridge(alpha)}
        found = backtest_many(one, model, FIRST, LAST, store=Store(tmp_path), workers=Serial())
        assert found.kept == 0


def test_what_a_model_has_learned_is_no_parameter(tables, tmp_path):
    one = {"north": tables["north"]}
    model = Ridge()
    options = {"store": Store(tmp_path), "workers": Serial()}
    backtest_many(one, {"ridge": model}, FIRST, LAST, **options)
    Backtest(tables["south"], FIRST, LAST).run(model)
    assert backtest_many(one, {"ridge": model}, FIRST, LAST, **options).kept == 1


def test_a_model_without_lasting_parameters_is_not_kept(tables, tmp_path):
    model = Naive("yesterday")
    model.loss = lambda error: error
    with pytest.raises(UsageError, match="must be named values to be kept, got <function"):
        run_one = {"yesterday": model}
        backtest_many(tables, run_one, FIRST, LAST, store=Store(tmp_path), workers=Serial())
