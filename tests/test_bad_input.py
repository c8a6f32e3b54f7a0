"""Bad input, whichever way it comes in: one sentence each, never a traceback from a library."""

import json

import numpy as np
import pandas as pd
import pytest

from lab import modelfile
from lab.backtest import Backtest
from lab.backtest.hourly import HourlyBacktest
from lab.backtest.many import backtest_many
from lab.backtest.pooled import Pool
from lab.errors import DataError, LabError, UsageError
from lab.forecast import demand, ev, meters, saving
from lab.forecast.daily.table import daily_table
from lab.forecast.linear import Ridge
from lab.forecast.naive import Naive
from lab.forecast.nowcast import saving as nowcast
from lab.forecast.nowcast.linear import NowcastRidge
from lab.forecast.nowcast.rules import NowcastRule
from lab.forecast.sarimax import Sarimax
from lab.forecast.view import DayTable
from lab.solar import ahead, physics, site, tomorrow
from lab.solar import saving as solar_saving
from lab.solar.indices import IndexInputs

ZONE = "Australia/Melbourne"
FIRST, LAST = "2014-05-01", "2014-05-02"
PLACE, PLANE = site.Place(46.0, 8.0), site.Plane(35.0, 150.0, 15.0, 3.0, -0.004)


@pytest.fixture(scope="module")
def frame():
    """Hourly demand over the clock change of 6 April 2014."""
    index = pd.date_range("2014-02-28 13:00", "2014-05-04 13:00", freq="h", tz="UTC", name="time")
    rng, hour = np.random.default_rng(0), index.tz_convert(ZONE).hour.to_numpy()
    demand_mw = 4000 + 500 * np.sin(hour / 12 * np.pi) + rng.normal(0, 50, len(index))
    warm = 15 + rng.normal(0, 3, len(index))
    return pd.DataFrame({"demand_mw": demand_mw, "temperature_c": warm}, index=index)


def table_of(frame, name="a"):
    table = demand.day_table(frame, ZONE, set())
    table.series_id = name
    return table


def daily(frame, first=FIRST, ahead=1):
    stood_in(Backtest(table_of(frame), first, LAST, ahead).run(Ridge()))


def hourly(frame, first=FIRST, ahead=24):
    stood_in(HourlyBacktest(table_of(frame), first, LAST, ahead).run(NowcastRidge()))


def pooled(frame, first=FIRST, ahead=1):
    stood_in(Pool({"a": table_of(frame)}, first, LAST, (ahead,)).run(Ridge(), {"all": ["a"]}))


def many(frame, first=FIRST, ahead=1):
    tables = {"a": table_of(frame)}
    stood_in(backtest_many(tables, {"ridge": Ridge()}, first, LAST, leads=(ahead,)))


def stood_in(results):
    """Raise what the table of fallbacks says, which is how a failing fit is heard of."""
    for reason in results.fallbacks["reason"]:
        raise LabError(reason)


ENGINES = {"daily": daily, "hourly": hourly, "pool": pooled, "many": many}


def with_value(column, value):
    return lambda f: f.assign(**{column: f[column].mask(np.arange(len(f)) == 500, value)})


def without_the_hour_that_comes_twice(frame):
    return frame.drop(pd.Timestamp("2014-04-05 16:00", tz="UTC"))


FAULTS = {
    "too short": (lambda f: f, {"first": "2014-03-05"}, "at least one .* four earlier days"),
    "no value": (lambda f: f.assign(demand_mw=np.nan), {}, "has no value of demand_mw before"),
    "constant": (lambda f: f.assign(demand_mw=7.0), {}, "is constant at 7 before the first"),
    "no temperature": (lambda f: f[["demand_mw"]], {}, "needs the column 'temperature_c'; it has"),
    "no target": (lambda f: f[["temperature_c"]], {}, "needs the column 'demand_mw'; it has"),
    "text": (lambda f: f.assign(temperature_c="warm"), {}, "'temperature_c' must be numeric"),
    "negative": (lambda f: f, {"ahead": -1}, "whole (number|horizon).* got -1"),
    "no horizon": (lambda f: f, {"ahead": 0}, "whole (number|horizon).* got 0"),
    "gap": (without_the_hour_that_comes_twice, {}, "evenly spaced, without gaps"),
    "no zone": (lambda f: f.tz_localize(None), {}, "must be in UTC, got no time zone"),
    "infinite": (with_value("demand_mw", np.inf), {}, "'demand_mw' .* is infinite at 2014-03-21"),
    "endless cold": (with_value("temperature_c", -np.inf), {}, "'temperature_c' .* is infinite"),
    "nothing": (lambda f: f.iloc[:0], {}, "needs at least two time stamps, got 0"),
}


def check_sentence(error):
    """Demand that an error's text is one line with the end of a sentence."""
    text = str(error.value)
    assert "\n" not in text
    assert text.endswith(".")


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("engine", ENGINES)
def test_every_backtest_says_what_is_wrong(frame, engine, fault):
    change, options, words = FAULTS[fault]
    with pytest.raises(LabError, match=words) as error:
        ENGINES[engine](change(frame), **options)
    check_sentence(error)


@pytest.mark.parametrize("engine", ENGINES)
def test_the_same_call_without_a_fault_runs(frame, engine):
    ENGINES[engine](frame)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda f: pd.concat([f, f[["demand_mw"]]], axis=1), "'demand_mw' must stand once"),
        (lambda f: f.assign(demand_mw=f["demand_mw"] + 1j), "real numbers, got complex128"),
        (lambda f: f.assign(demand_mw="much"), "'demand_mw' must be numeric, got str"),
    ],
    ids=["twice", "complex", "text"],
)
@pytest.mark.parametrize("build", ["study", "table"])
def test_a_column_of_no_real_numbers_or_that_stands_twice_is_refused(frame, build, change, words):
    known = dict.fromkeys(frame, "past")
    with pytest.raises(DataError, match=words) as error:
        if build == "study":
            table_of(change(frame))
        else:
            DayTable(change(frame), zone=ZONE, target="demand_mw", knowledge=known)
    check_sentence(error)


def test_an_extra_column_is_refused_unless_its_knowledge_is_declared(frame):
    with pytest.raises(UsageError, match="'wind' must declare its knowledge time"):
        DayTable(
            frame.assign(wind=1.0), zone=ZONE, target="demand_mw",
            knowledge=dict.fromkeys(frame, "past"),
        )  # fmt: skip


@pytest.mark.parametrize("start", [Pool, backtest_many], ids=["pool", "many"])
def test_a_column_that_one_series_has_alone_is_refused(frame, start):
    whole = table_of(frame, "b")
    wide = whole.knowledge | {"wind": "past"}
    data = pd.DataFrame(whole.flat, index=whole.index).assign(wind=1.0)
    other = DayTable(data, zone=ZONE, target="demand_mw", knowledge=wide, series_id="b")
    models = () if start is Pool else ({"ridge": Ridge()},)
    with pytest.raises(DataError, match="'b' has the extra column 'wind', unlike 'a'"):
        start({"a": table_of(frame), "b": other}, *models, FIRST, LAST)


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (lambda f: ev.day_table(f, ZONE, set()), "needs the column 'energy_kwh'"),
        (lambda f: meters.day_tables(f, f, ZONE, set(), ["wind"]), "needs the column 'wind'"),
        (
            lambda f: meters.day_tables(f.assign(a="on"), f, ZONE, set()),
            "'a' must be numeric, got str",
        ),
        (lambda f: daily_table(f[["demand_mw"]], ZONE, set()), "needs the column 'temperature_c'"),
    ],
    ids=["fleet", "weather", "meter", "daily"],
)
def test_every_table_of_days_names_the_column_it_lacks(frame, build, words):
    with pytest.raises(DataError, match=words) as error:
        build(frame)
    check_sentence(error)


def test_a_sarimax_without_any_temperature_says_how_to_go_without(frame):
    with pytest.raises(DataError, match="values of the temperature 'temperature_c', got none; "):
        cold = Backtest(table_of(frame.assign(temperature_c=np.nan)), FIRST, LAST)
        cold.run(Sarimax(), forgiving=False)


@pytest.mark.parametrize(
    "build",
    [
        lambda: Naive("oracle"),
        lambda: NowcastRule("oracle"),
        lambda: tomorrow.SmartPersistence("oracle"),
        lambda: tomorrow.IndexBlend(["mean_7"], columns=["oracle"]),
    ],
    ids=["rule", "rule of hours", "persistence", "blend"],
)
def test_an_unknown_name_is_told_with_those_there_are(build):
    with pytest.raises(UsageError, match="'oracle'") as error:
        build()
    check_sentence(error)


@pytest.mark.parametrize(
    ("package", "kind"),
    [(saving, "Ridge"), (nowcast, "NowcastRule"), (solar_saving, "Boosted")],
    ids=["forecast", "nowcast", "solar"],
)
def test_a_model_file_of_another_version_is_refused(tmp_path, package, kind):
    path = tmp_path / "model.json"
    path.write_text(json.dumps(json.loads(modelfile.header(kind)) | {"version": 1}))
    with pytest.raises(DataError, match=r"has version 1 .* this code reads version 2\.") as error:
        package.load(path)
    check_sentence(error)


@pytest.fixture(scope="module")
def sunny():
    """Three weeks of simulated weather and power."""
    index = pd.date_range("2021-05-01", periods=48 * 24, freq="30min", tz="UTC", name="time")
    sky = site.sun(index, PLACE)["elevation"].to_numpy()
    ghi = 900 * np.clip(np.sin(np.radians(sky)), 0, None)
    cloud = np.repeat(np.random.default_rng(1).uniform(0.3, 1, 24), 48)
    return pd.DataFrame(
        {
            "power_w": 2 * cloud * ghi,
            "ghi_w_per_m2": cloud * ghi,
            "ghi_clear_w_per_m2": ghi,
            "temperature_c": 12.0 + cloud,
        },
        index=index,
    )


def measured_weather(frame):
    weather = physics.weather_inputs(frame, PLACE, PLANE)
    physics.Boosted(trees=2).fit(weather, frame["power_w"]).predict(weather)


def pv_table(frame):
    clear = ahead.clear_power(pd.DatetimeIndex(frame.index), PLACE, PLANE, ahead.Atmosphere(0.1, 1))
    data = frame.drop(columns=["ghi_w_per_m2", "ghi_clear_w_per_m2"]).join(clear)
    knowledge = dict.fromkeys(clear, "known_future")
    knowledge |= {"power_w": "past", "temperature_c": "past"}
    return DayTable(data, zone="Etc/GMT-1", target="power_w", knowledge=knowledge, series_id="pv")


def next_day(frame):
    inputs = IndexInputs("power_w", ("temperature_c",), 7)
    names = inputs.names(pv_table(frame.assign(temperature_c=12.0)).view(10))
    model = tomorrow.IndexTrees(names, trees=2, inputs=inputs)
    Backtest(pv_table(frame), "2021-05-20", "2021-05-21").run(model)


SOLAR_FAULTS = {
    "no value": (lambda f: f.assign(power_w=np.nan), "got 0 rows", "has no value of power_w"),
    "constant": (lambda f: f.assign(power_w=3.0), "with changing power", "is constant at 3"),
    "no column": (
        lambda f: f.drop(columns="temperature_c"),
        "temperature_c missing",
        "needs the column 'temperature_c'",
    ),
    "infinite": (
        with_value("power_w", np.inf),
        "power that is finite or missing",
        "'power_w' of series 'pv' is infinite",
    ),
    "endless heat": (
        with_value("temperature_c", np.inf),
        "temperature_c hold infinite values",
        "'temperature_c' of series 'pv' is infinite",
    ),
    "gap": (lambda f: f.drop(f.index[500:502]), "evenly spaced", "evenly spaced"),
    "no zone": (lambda f: f.tz_localize(None), "must be in UTC", "must be in UTC"),
    "nothing": (lambda f: f.iloc[:0], "hold no finite value", "two time stamps, got 0"),
}


@pytest.mark.parametrize("fault", SOLAR_FAULTS)
@pytest.mark.parametrize("model", [measured_weather, next_day])
def test_solar_models_say_what_is_wrong(sunny, model, fault):
    change, with_weather, without = SOLAR_FAULTS[fault]
    with pytest.raises(LabError, match=with_weather if model is measured_weather else without) as e:
        model(change(sunny))
    check_sentence(e)


@pytest.mark.parametrize("model", [measured_weather, next_day])
def test_solar_models_without_a_fault_run(sunny, model):
    model(sunny)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda w: w.drop(columns="ghi"), "needs the input 'ghi'; the table has elevation, "),
        (lambda w: w.drop(columns="day"), "needs the input 'day'; the table has elevation, "),
        (lambda w: w.drop(columns="physics_w"), "needs the input 'physics_w'; the table has"),
        (lambda w: w.assign(temperature=np.inf), "missing; 'temperature' holds an infinite"),
    ],
    ids=["input", "day", "physics", "infinite"],
)
@pytest.mark.parametrize("method", ["fit", "predict"])
def test_a_solar_model_names_the_input_that_is_wrong(sunny, method, change, words):
    weather = physics.weather_inputs(sunny, PLACE, PLANE)
    model = physics.Boosted(trees=2, adjusts=True).fit(weather, sunny["power_w"])
    given = (change(weather), sunny["power_w"])
    with pytest.raises(DataError, match=words) as error:
        getattr(model, method)(*given[: 2 if method == "fit" else 1])
    check_sentence(error)


def test_names_that_are_not_one_for_each_input_are_refused(sunny):
    model = tomorrow.IndexTrees(["a", "b"], trees=2)
    inputs = {"x": np.zeros((3, 48, 4)), "clear": np.ones((3, 48))}
    words = "IndexTrees needs one name for each of its 4 inputs, got 2: a, b"
    with pytest.raises(UsageError, match=words) as error:
        model.fit(inputs, np.ones((3, 48)))
    check_sentence(error)
    model = tomorrow.IndexTrees(list("abcd"), trees=2).fit(inputs, np.ones((3, 48)))
    with pytest.raises(UsageError, match="each of its 3 inputs, got 4: a, b, c, d"):
        model.predict(inputs | {"x": inputs["x"][:, :, :3]})


@pytest.mark.parametrize(
    "model", [physics.Boosted(), tomorrow.IndexTrees(["a"])], ids=["weather", "next day"]
)
def test_a_solar_model_that_was_not_fitted_says_so(model, tmp_path):
    for use in (model.predict, lambda _: solar_saving.save(model, tmp_path / "model.json")):
        with pytest.raises(UsageError, match="has not been fitted; call fit first") as error:
            use({})
        check_sentence(error)
