"""Time and accuracy of our models beside those of peers, in one run on the same days.

    python benchmarks/models.py
    python benchmarks/models.py --peer .lab/peer/bin/python

The task: Victoria's demand, each day of four weeks of 2014, the year of which no model of ours
chose anything, from its own midnight, with what was known then. Each week is the first whole
one of the middle month of a season. Everybody learns from all days before a week and is
fitted once before it; those that are cheap only when fitted anew each day (statsmodels) are. Our
combination is the mean that `demand_forecast` chose on 2013, without the correction by its
errors of the week before, and LightGBM's settings are those of `model_tuning`. Prophet and
statsmodels run as they come, with their defaults. With `--peer` mlforecast with LightGBM runs
too, in an environment of its own, because it asks for another pandas than lab:

    python -m venv .lab/peer && .lab/peer/bin/pip install -r benchmarks/peer.txt

Peers see demand and the clock; ours also the temperature until midnight, the calendar of
holidays and nothing of the day itself. Seconds are inputs, fit and forecasts, without imports.
Prints the weeks apart, then all together. Exits 1 if our combination is not more accurate,
over all weeks, than every peer that ran.
"""

import argparse
import json
import logging
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from lab import compute, data
from lab.backtest import Backtest
from lab.forecast import demand
from lab.forecast.kernel import KernelRidge
from lab.forecast.lightgbm import LightGBM
from lab.forecast.linear import Ridge
from lab.forecast.naive import Naive
from lab.forecast.trees import XGBoost
from lab.forecast.view import DayTable
from lab.tuning.chosen import chosen

ZONE, DAYS = "Australia/Melbourne", 7
# The first whole week of the middle month of each season. None has a clock change.
WEEKS = {
    "summer": "2014-01-06",
    "autumn": "2014-04-07",
    "winter": "2014-07-07",
    "spring": "2014-10-06",
}
# Clock of the peers: Victoria's standard time all year, so that every day has 24 hours.
STANDARD = "Etc/GMT-10"
STEPS, WEEK, MEMORY_DAYS = 48, 336, 56
COMBINATION = ("ridge", "kernel ridge", "LightGBM")
# As in demand_forecast, which chose the penalty.
RIDGE_ALPHA, RIDGE_SEASON_DAYS = 3, 50
Found = dict[str, tuple[np.ndarray, float]]
Forecast = Callable[[pd.Series, pd.DatetimeIndex], np.ndarray]


def ours(table: DayTable, first: str, last: str) -> Found:
    """Return our models' forecasts of the days and their seconds, by name."""
    models = {
        "last day of the same type": Naive("same_day_type"),
        "ridge": Ridge(RIDGE_ALPHA, RIDGE_SEASON_DAYS),
        "kernel ridge": KernelRidge(),
        "LightGBM": LightGBM(**chosen("vic_demand", "lightgbm")),
        "XGBoost": XGBoost(),
    }
    found = {}
    for name, model in models.items():
        begin = time.perf_counter()
        run = Backtest(table, first, last).run(model, "once")
        found[name] = (run.forecasts.median, time.perf_counter() - begin)
    values = np.mean([found[name][0] for name in COMBINATION], axis=0)
    return found | {"combination": (values, sum(found[name][1] for name in COMBINATION))}


def prophet(past: pd.Series, ahead: pd.DatetimeIndex) -> np.ndarray:
    """Return Prophet's forecast with its defaults; it has no lags, so one fit serves all days."""
    from prophet import Prophet

    logging.getLogger("cmdstanpy").disabled = True
    model = Prophet()
    model.fit(pd.DataFrame({"ds": past.index, "y": past.to_numpy()}))
    return model.predict(pd.DataFrame({"ds": ahead}))["yhat"].to_numpy()


def holt_winters(past: pd.Series, ahead: pd.DatetimeIndex) -> np.ndarray:
    """Return statsmodels' exponential smoothing with an additive week, fitted to eight weeks."""
    from statsmodels.tsa.holtwinters import ExponentialSmoothing

    recent = past.to_numpy()[-MEMORY_DAYS * STEPS :]
    model = ExponentialSmoothing(recent, seasonal="add", seasonal_periods=WEEK)
    return np.asarray(model.fit().forecast(len(ahead)))


def decomposed(past: pd.Series, ahead: pd.DatetimeIndex) -> np.ndarray:
    """Return statsmodels' STL of the week with an autoregression of the rest, eight weeks."""
    from statsmodels.tsa.ar_model import AutoReg
    from statsmodels.tsa.forecasting.stl import STLForecast

    recent = past.to_numpy()[-MEMORY_DAYS * STEPS :]
    model = STLForecast(recent, AutoReg, model_kwargs={"lags": STEPS}, period=WEEK)
    return np.asarray(model.fit().forecast(len(ahead)))


def timed(
    forecast: Forecast, series: pd.Series, ahead: pd.DatetimeIndex, *, daily: bool
) -> tuple[np.ndarray, float]:
    """Return a peer's forecasts of all days, fitted once or at every midnight, and its seconds."""
    blocks = np.split(np.arange(len(ahead)), len(ahead) // STEPS) if daily else [slice(None)]
    begin = time.perf_counter()
    parts = []
    for block in blocks:
        days = ahead[block]
        parts.append(forecast(series[series.index < days[0]], days))
    return np.concatenate(parts), time.perf_counter() - begin


def mlforecast(python: str, series: pd.Series, days: int) -> tuple[np.ndarray, float, str]:
    """Return mlforecast's forecasts, seconds and version, from an environment that has it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        series.rename_axis("time").rename("demand_mw").to_csv(folder / "demand.csv")
        task = {"days": days, "threads": compute.threads()}
        (folder / "task.json").write_text(json.dumps(task), encoding="utf-8")
        words = [python, str(Path(__file__).with_name("mlforecast_peer.py")), name]
        ran = subprocess.run(words, capture_output=True, text=True, check=True)
        found = pd.read_csv(folder / "forecasts.csv")["lightgbm"].to_numpy()
    said = json.loads(ran.stdout.strip().splitlines()[-1])
    return found, said["seconds"], said["version"]


def peers(series: pd.Series, ahead: pd.DatetimeIndex, python: str | None) -> Found:
    """Return the peers' forecasts and seconds, by name."""
    found = {
        "Prophet, defaults": timed(prophet, series, ahead, daily=False),
        "statsmodels, Holt-Winters": timed(holt_winters, series, ahead, daily=True),
        "statsmodels, STL and autoregression": timed(decomposed, series, ahead, daily=True),
    }
    if python:
        until = series[series.index <= ahead[-1]]
        values, seconds, version = mlforecast(python, until, len(ahead) // STEPS)
        found[f"mlforecast {version}, LightGBM"] = (values, seconds)
    return found


def table_of(found: dict[str, Found], actual: np.ndarray) -> pd.DataFrame:
    """Return MAPE and seconds of everyone, and both as ratios to our combination."""
    rows = [
        {
            "whose": whose,
            "model": name,
            "MAPE [%]": 100 * float(np.nanmean(np.abs(values / actual - 1))),
            "seconds": seconds,
        }
        for whose, models in found.items()
        for name, (values, seconds) in models.items()
    ]
    table = pd.DataFrame(rows)
    reference = table[table["model"] == "combination"].iloc[0]
    table["MAPE ratio"] = table["MAPE [%]"] / reference["MAPE [%]"]
    table["time ratio"] = table["seconds"] / reference["seconds"]
    return table.sort_values("MAPE [%]", ignore_index=True)


def together(weeks: list[Found]) -> Found:
    """Return the forecasts of all weeks one after the other, and the seconds of all."""
    return {
        name: (np.concatenate([week[name][0] for week in weeks]), sum(w[name][1] for w in weeks))
        for name in weeks[0]
    }


def week_of(
    raw: pd.DataFrame, table: DayTable, first: str, days: int, python: str | None
) -> tuple[dict[str, Found], np.ndarray]:
    """Return everybody's forecasts of the days from `first`, and what was measured."""
    last = str((pd.Timestamp(first) + pd.Timedelta(days=days - 1)).date())
    series = raw["demand_mw"].copy()
    series.index = pd.DatetimeIndex(raw.index).tz_convert(STANDARD).tz_localize(None)
    begin = pd.Timestamp(first, tz=ZONE).tz_convert(STANDARD).tz_localize(None)
    ahead = pd.date_range(begin, periods=STEPS * days, freq="30min")
    found = {"ours": ours(table, first, last), "peer": peers(series, ahead, python)}
    return found, Backtest(table, first, last).actual()


def main() -> int:
    """Print the tables and who is behind whom; return 1 if a peer is more accurate."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--peer", metavar="PYTHON", help="interpreter that has mlforecast")
    parser.add_argument("--days", type=int, default=DAYS, help=f"days of each week ({DAYS})")
    asked = parser.parse_args()
    raw = data.load("vic_demand")
    table = demand.day_table(raw, ZONE, demand.holiday_dates(raw, ZONE, "AU", "VIC"))
    weeks, measured = [], []
    with warnings.catch_warnings(record=True) as said:
        for season, first in WEEKS.items():
            found, actual = week_of(raw, table, first, asked.days, asked.peer)
            weeks.append(found)
            measured.append(actual)
            show(f"{season}, {asked.days} days from {first}", table_of(found, actual))
    failed = sum("converge" in str(one.message) for one in said)
    everything = {whose: together([week[whose] for week in weeks]) for whose in weeks[0]}
    results = table_of(everything, np.concatenate(measured))
    days = asked.days * len(WEEKS)
    show(f"all {days} days; {compute.threads()} threads", results)
    if failed:
        print(f"{failed} of {days} daily fits of Holt-Winters did not converge, by default.")
    if not asked.peer:
        print("mlforecast did not run: --peer names an interpreter that has it.")
    behind = results[(results["whose"] == "peer") & (results["MAPE ratio"] <= 1)]
    print(f"{'MISSED' if len(behind) else 'kept  '} the combination errs less than every peer")
    return 1 if len(behind) else 0


def show(what: str, results: pd.DataFrame) -> None:
    """Print a table under what it tells of."""
    print(f"Victoria, day ahead, {what}")
    print(results.to_string(index=False, float_format="{:.2f}".format), end="\n\n", flush=True)


if __name__ == "__main__":
    sys.exit(main())
