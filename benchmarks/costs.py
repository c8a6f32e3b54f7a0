"""Measure what models cost: seconds of training, one forecast from a loaded file, memory of stages.

    python benchmarks/costs.py

Run after `make repro`: training seconds, stage seconds and peaks of memory are those of the last
runs here. One forecast is 24 hours from a model loaded from its file, its inputs worked out from
what was known; the 95th percentile of many. Families that no study keeps a file of are fitted on a
few weeks first: what a forecast takes does not depend on how well a model was trained. A
combination is timed as one model where a study saves it as one; else it takes what its members
take, one after the other. The metrics of the studies that run by name are kept beside them, as
their last runs left them, and what a fleet of simulated meters took here. Prints a table, writes
benchmarks/costs.json, which the study `scorecard` shows; exits 1 above 100 ms.
"""

# ruff: noqa: E402 (threads are fixed before numpy is imported)

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

# One forecast is too little work to share among threads.
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "LAB_THREADS"):
    os.environ.setdefault(variable, "1")

import numpy as np
import pandas as pd

from lab import data
from lab.backtest import Backtest
from lab.calendar import holidays_of
from lab.forecast import demand, ev, meters, saving
from lab.forecast.ets import Ets
from lab.forecast.lasso import Lasso
from lab.forecast.mstl import Mstl
from lab.forecast.networks.cnn_lstm import CnnLstm
from lab.forecast.networks.dnn import Dnn
from lab.forecast.networks.gru import Gru
from lab.forecast.networks.lstm import StackedLstm
from lab.forecast.networks.transformer import Transformer
from lab.forecast.nowcast import saving as nowcast_saving
from lab.forecast.published import Published
from lab.forecast.sarimax import Sarimax
from lab.forecast.view import DayTable
from lab.runner import study as pipeline
from lab.scale import growth
from lab.solar import ahead, homes, physics, site, whole_day
from lab.solar import saving as solar_saving

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "benchmarks" / "costs.json"
MOST_MS, PERCENTILE = 100.0, 95
DAYS, REPEATS, WARM_UP = 20, 5, 5
SHORT_DAYS = 200
SHORT = {"epochs": 1, "validation_days": 20}
# Half-hours of a day; days that measured weather's inputs look back on, and on with past power.
HALVES, BACK_DAYS, BACK_DAYS_POWER = 48, 3, 30
COSTS = ("forecast_ms", "fit_s")
# What a study's combination consists of, where its file does not say so itself.
MEMBERS = {
    "demand_nowcast": ("ridge", "lightgbm"),
    "ev_forecast": ("ridge", "lightgbm"),
    "meter_forecast": ("global", "by_cluster", "per_meter"),
    "solar_forecast": ("index_blend", "index_trees"),
}
# Studies by name whose metrics the scorecard shows, and the one of simulated meters.
APART, FLEET = ("benchmark_demand", "benchmark_intervals", "benchmark_epf", "scale"), "scale"
CHOSEN = "chosen"
# Of many models of a study these are kept beside that of the headline, and its minutes.
KEPT = {
    "benchmark_epf": (
        "lear_ensemble",
        "dnn_ensemble",
        "naive",
        "published_lear_ensemble",
        "published_dnn_ensemble",
        "published_mean",
    )
}
# Scripts beside this one that leave what they measured in a file of their name.
BESIDE = ("lear", "optimise")
# A study that fits a model for each horizon names them all; the nearest counts.
NEAREST = ("", "24 h")
Take = Callable[[Any, int], Any]


def victoria() -> DayTable:
    """Return the table of the studies of Victoria's demand."""
    raw = data.clean("vic_demand")
    zone = "Australia/Melbourne"
    return demand.day_table(raw, zone, demand.holiday_dates(raw, zone, "AU", "VIC"))


def fleet() -> DayTable:
    """Return the table of the study of the EV fleet."""
    zone = "America/Los_Angeles"
    energy = ev.fleet_energy(data.clean("ev_sessions"), zone, 6.6, 14)
    return ev.day_table(energy, zone, ev.free_days("US", "CA", range(2018, 2023), ["12-24"]))


def household() -> DayTable:
    """Return the table of one household of the study of meters."""
    loads, weather = meters.measured_loads(data.clean("be_meters")), data.clean("be_weather")
    holidays = set(holidays_of("BE", None, range(2015, 2018)))
    columns = [str(name) for name in weather.columns if pd.api.types.is_float_dtype(weather[name])]
    tables = meters.day_tables(loads, weather, "Europe/Brussels", holidays, columns)
    return next(iter(tables.values()))


def day_inputs(table: DayTable) -> Take:
    """Return how a day-ahead model's inputs of the n-th last day are worked out."""
    return lambda model, n: _alone(model.inputs(table.view(len(table) - 2 - n)))


def hour_inputs(table: DayTable) -> Take:
    """Return how an hourly model's inputs of the n-th last issue are worked out."""
    steps = int(pd.Timedelta(days=1) / table.step)
    last = len(table.index) - 2 * steps
    return lambda model, n: _alone(model.inputs(table.view_at(last - 7 * n * 2, steps)))


def solar_inputs() -> Take:
    """Return how inputs of the n-th last day of a PV system, or a roof, are worked out."""
    zone, raw = "Etc/GMT+7", data.clean("pv_nrel")
    early = raw[raw.index < "2012-07-01"]
    place = site.locate(early)
    plane = site.orient(early, np.flatnonzero(site.clear_rows(early, zone)), place)
    air = ahead.typical_atmosphere(early, place)
    clear = ahead.clear_power(pd.DatetimeIndex(raw.index), place, plane, air)
    past = raw[["power_w", "temperature_c"]].assign(
        ghi_index=raw["ghi_w_per_m2"] / raw["ghi_clear_w_per_m2"].where(lambda ghi: ghi > 30)
    )
    system = day_inputs(_power_table(past, clear, zone))
    others = day_inputs(roof())

    def take(model: Any, n: int) -> Any:
        if not isinstance(model, physics.Boosted):
            return (others if "others" in model.inputs.weather else system)(model, n)
        asked, first = set(model.inputs), len(raw) - (n + 2) * HALVES
        power = asked & set(whole_day.OF_PAST_POWER)
        days = BACK_DAYS_POWER if power else BACK_DAYS
        some = raw.iloc[first - days * HALVES : first + 2 * HALVES]
        table = physics.weather_inputs(some, place, plane)
        if asked & set(whole_day.OF_WHOLE_DAY):
            table = whole_day.add_whole_day(table, some, place, plane, air, zone=zone)
        if power:
            table = whole_day.add_past_power(table, some["power_w"], zone)
        return table.iloc[days * HALVES : (days + 1) * HALVES]

    return take


def roof() -> DayTable:
    """Return the table of one home's PV; what a forecast takes does not depend on its plane."""
    zone, town = "Etc/GMT+8", data.clean("california_homes")
    power = town.filter(regex=r"home_\d+_pv_w_per_kw$")
    sky, fields = homes.town_sky(
        pd.DatetimeIndex(town.index), site.Place(34.09, -117.44), ahead.Atmosphere(0.1, 1.5)
    )
    plane = homes.upper_plane(power.iloc[:, 0].to_numpy(), fields)
    clear = pd.Series(site.expected(fields, plane), town.index)
    every = pd.DataFrame(dict.fromkeys(power, clear))
    index = homes.others_index(power, every, pd.Series(power.columns, power.columns))
    name = str(power.columns[0])
    frame, knowledge = homes.inputs_frame(power[name], clear, index[name], sky)
    return DayTable(frame, zone=zone, target="power_w", knowledge=knowledge, series_id=name)


def _power_table(past: pd.DataFrame, ahead_of: pd.DataFrame, zone: str) -> DayTable:
    """Return a system's table: what is measured, and what the sun's path tells ahead."""
    known = ahead_of.assign(day_type=0.0)
    knowledge = dict.fromkeys(past, "past") | dict.fromkeys(known, "known_future")
    return DayTable(past.join(known), zone=zone, target="power_w", knowledge=knowledge)


def _alone(inputs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return the inputs of one issue as a stack of one."""
    return {name: values[None] for name, values in inputs.items()}


def forecast_ms(model: Any, take: Take) -> float:
    """Return the 95th percentile of one forecast, inputs included [ms]."""
    seconds = []
    for turn in range(WARM_UP + DAYS * REPEATS):
        begin = time.perf_counter()
        model.predict(take(model, turn % DAYS))
        seconds.append(time.perf_counter() - begin)
    return float(np.percentile(1e3 * np.array(seconds[WARM_UP:]), PERCENTILE))


def kept(study: str, take: Take, load: Callable[[Path], Any]) -> Iterator[tuple[str, float]]:
    """Yield name and milliseconds of every model file of a study."""
    for path in sorted((ROOT / "models" / study).iterdir()):
        yield path.stem, forecast_ms(load(path), take)


def fitted_shortly(table: DayTable) -> Iterator[tuple[str, float]]:
    """Yield name and milliseconds of the families of which no default study keeps a file."""
    families = [Lasso(), Ets(), Mstl(), Sarimax(), Dnn(**SHORT)]
    families += [kind(**SHORT) for kind in (StackedLstm, Gru, Transformer, CnnLstm)]
    period = Backtest(table, str(table.dates[-20]), str(table.dates[-20]))
    with tempfile.TemporaryDirectory() as folder:
        for model in families:
            period.run(model, window_days=SHORT_DAYS)
            path = saving.save(model, Path(folder) / saving.file_name(model))
            yield model.name, forecast_ms(saving.load(path), day_inputs(table))


def timings(study: str) -> dict[str, dict[str, float]]:
    """Return the seconds of fits that the last run of a study left behind."""
    path = ROOT / ".lab" / "timings" / f"{study}.json"
    if not path.is_file():
        return {}
    told = json.loads(path.read_text(encoding="utf-8"))
    found = {}
    for name, one in told.items():
        model, _, horizon = name.partition(", ")
        if "fit_s" in one and horizon in NEAREST:
            found[model] = {"fit_s": one["fit_s"]}
    return found


def stages() -> dict[str, dict[str, float]]:
    """Return seconds and peak of memory [MB] of the last run here of every default study."""
    found = {}
    for study in variants(pipeline.stages(ROOT)):
        path = ROOT / ".lab" / "timings" / f"{study.label}.runtime.json"
        if path.is_file():
            found[study.label] = json.loads(path.read_text(encoding="utf-8"))
    return found


def variants(names: Iterable[str]) -> Iterator[pipeline.Study]:
    """Yield the named studies, one with a matrix variant by variant."""
    for name in names:
        yield from pipeline.find(name, ROOT).variants


def apart() -> dict[str, dict[str, Any]]:
    """Return the metrics of the studies by name, and what a fleet of meters took.

    Of a study that compares many models those are kept which it names `chosen`.
    """
    before = json.loads(TARGET.read_text(encoding="utf-8")) if TARGET.is_file() else {}
    before = before.get("apart", {})
    found = {}
    for study in variants(APART):
        path = ROOT / study.metrics
        if path.is_file():
            held = json.loads(path.read_text(encoding="utf-8"))
            overall = {variant: some(study, held, s) for variant, s in held["overall"].items()}
            found[study.label] = {"headline": held["headline"], "overall": overall}
            cost = taken(study) or before.get(study.label, {}).get("overall", {}).get("cost")
            found[study.label]["overall"] |= {"cost": cost} if cost else {}
    for name in BESIDE:
        path = TARGET.with_name(f"{name}.json")
        if path.is_file():
            found[name] = json.loads(path.read_text(encoding="utf-8"))
    return found


def some(study: pipeline.Study, held: Any, scores: dict[str, Any]) -> dict[str, Any]:
    """Return the scores that are kept: of what is `chosen`, of `KEPT`, or all."""
    if CHOSEN in scores:
        return {CHOSEN: scores[CHOSEN]}
    if study.name not in KEPT:
        return scores
    wanted = (held["headline"]["model"], *KEPT[study.name])
    return {name: scores[name] for name in wanted if name in scores}


def taken(study: pipeline.Study) -> dict[str, dict[str, float]] | None:
    """Return what the last run here of a study by name took; None if it tells nothing.

    Of a market: all its fits and forecasts, shared by the processes of a study. What a store kept
    of an interrupted run counts with the seconds that it took then.
    """
    record = ROOT / ".lab" / "timings" / f"{study.label}.json"
    if study.name not in {FLEET, *KEPT} or not record.is_file():
        return None
    told = json.loads(record.read_text(encoding="utf-8"))
    if study.name == FLEET:
        return fleet_cost([one for one in told if one["way"] != "dask"])
    workers = pipeline.read_yaml(ROOT / "params.yaml")["compute"]["workers"]
    spent = sum(one["fit_s"] + one["predict_s"] for one in told.values())
    return {"market": {"minutes": round(spent / workers / 60, 2)}}


def fleet_cost(runs: list[dict[str, Any]]) -> dict[str, dict[str, float]]:
    """Return minutes and memory [GB] by number of meters, and how the time grows at the end."""
    sizes, seconds = [one["meters"] for one in runs], [one["total_s"] for one in runs]
    found = {
        f"{one['meters']}_meters": {
            "minutes": round(one["total_s"] / 60, 3),
            "peak_gb": round(one["peak_gb"], 3),
        }
        for one in runs
    }
    return found | {"time": {"growth": round(growth(sizes, seconds), 3)}}


def machine() -> str:
    """Return what the seconds were measured on."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    names = {line.split(":")[1].strip() for line in lines if line.startswith("model name")}
    return f"{os.cpu_count()} cores of {' and '.join(sorted(names)) or 'an unnamed processor'}"


def measure() -> dict[str, dict[str, dict[str, float]]]:
    """Return every study's models with `forecast_ms`, and `fit_s` where a run left it."""
    table = victoria()
    measured = {
        "demand_forecast": dict(kept("demand_forecast", day_inputs(table), saving.load)),
        "demand_nowcast": dict(kept("demand_nowcast", hour_inputs(table), nowcast_saving.load)),
        "ev_forecast": dict(kept("ev_forecast", day_inputs(fleet()), saving.load)),
        "meter_forecast": dict(kept("meter_forecast", day_inputs(household()), saving.load)),
        "solar_forecast": dict(kept("solar_forecast", solar_inputs(), solar_saving.load)),
        "benchmark_demand": dict(fitted_shortly(table)),
    }
    found = {}
    for study, models in measured.items():
        told = timings(study)
        rows = {n: {"forecast_ms": round(ms, 2)} | told.get(n, {}) for n, ms in models.items()}
        found[study] = rows | combined(study, rows | {n: told[n] for n in told if n not in rows})
    return found


def combined(study: str, rows: dict[str, dict[str, float]]) -> dict[str, dict[str, float]]:
    """Return a study's combination: timed as one where it is saved, else what its members take.

    A cost that one of the members lacks, the combination lacks too.
    """
    names, own = members(study), rows.get("combination", {})
    costs = {cost: [rows.get(name, {}).get(cost) for name in names] for cost in COSTS}
    sums = {cost: round(sum(each), 2) for cost, each in costs.items() if each and None not in each}
    return {"combination": sums | own} if sums | own else {}


def members(study: str) -> tuple[str, ...]:
    """Return the names of a combination's members, none where a study has no combination."""
    file = ROOT / "models" / study / "combination.zip"
    if file.is_file():
        model = saving.load(file)
        return tuple(one.name for one in model.members) if isinstance(model, Published) else ()
    return MEMBERS.get(study, ())


def main() -> int:
    """Measure, print, write; return the exit status."""
    studies = measure()
    for study, models in studies.items():
        for name, row in sorted(models.items()):
            once = f"{row['forecast_ms']:8.2f}" if "forecast_ms" in row else "       -"
            fit = f"{row['fit_s']:9.2f} s of fits" if "fit_s" in row else ""
            print(f"{study:<18} {name:<18} {once} ms {fit}")
    for name, row in stages().items():
        memory = f"{row['peak_mb'] / 1e3:6.2f} GB" if "peak_mb" in row else ""
        print(f"stage {name:<18} {row['seconds']:8.1f} s {memory}")
    told = {"machine": machine(), "studies": studies, "stages": stages(), "apart": apart()}
    partial = TARGET.with_suffix(".partial")
    partial.write_text(json.dumps(told, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    partial.replace(TARGET)
    slow = [
        f"{study} {name}"
        for study, models in studies.items()
        for name, row in models.items()
        if row.get("forecast_ms", 0) > MOST_MS
    ]
    print(f"Above {MOST_MS:g} ms: {', '.join(slow) or 'none'}.")
    return int(bool(slow))


if __name__ == "__main__":
    sys.exit(main())
