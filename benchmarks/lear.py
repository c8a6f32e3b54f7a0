"""Time LEAR beside scikit-learn's LassoLarsIC on the same days: 24 models a day and window.

    python benchmarks/lear.py [--market BE] [--days 5] [--peer-days 1]

The last days of a market of the open price benchmark (`lab fetch epf`); without one, France of
the embedded data, with the windows that fit. Both get the same inputs and the same noise variance,
for scikit-learn estimates none where days are hardly more than inputs. Each LEAR day is measured
with one thread and with two, the peer with one. Prints seconds, and by how much coefficients and
forecasts differ; writes the seconds to benchmarks/lear.json. Exits 1 where all windows of one day
take more than 0.5 s on one core, or a forecast differs by more than 0.01.
"""

import argparse
import json
import os
import sys
import time
import warnings
from pathlib import Path

os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"
from lab import compute

os.environ.update(compute.X86_64)
import numpy as np
import pandas as pd
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LassoLarsIC

from lab import data
from lab.backtest import Backtest
from lab.forecast.lear import Lear
from lab.forecast.prices import market as markets
from lab.forecast.view import DayTable

WINDOWS = (56, 84, 1092, 1456)
MOST_SECONDS, MOST_APART = 0.5, 0.01
TARGET = Path(__file__).with_name("lear.json")
EMBEDDED_WINDOWS = (56, 84, 364, 546)


def embedded() -> DayTable:
    """Return France of the embedded data in the benchmark's layout."""
    raw = data.clean("prices_fr_be")
    raw = raw[raw["zone"] == "FR"]
    hours = pd.to_datetime(raw["delivery_date"]) + pd.to_timedelta(raw["hour"], unit="h")
    names = ["price_eur_per_mwh", "generation_forecast_mw", "load_forecast_mw"]
    frame = raw[names].set_axis(pd.DatetimeIndex(hours).tz_localize(markets.ZONE))
    frame.columns = [markets.PRICE, *markets.OTHERS]
    knowledge = {markets.PRICE: "past"} | dict.fromkeys(markets.OTHERS, "known_future")
    return DayTable(frame, zone="UTC", target=markets.PRICE, knowledge=knowledge, series_id="FR")


def chosen(name: str | None) -> tuple[DayTable, tuple[int, ...]]:
    """Return a market with its windows."""
    there = markets.names()
    if name or there:
        return markets.market(name or there[0]), WINDOWS
    return embedded(), EMBEDDED_WINDOWS


def ours(period: Backtest, day: int, window: int, threads: int) -> tuple[float, Lear, np.ndarray]:
    """Return seconds of one fit, the model and its forecasts of the day."""
    os.environ["LAB_THREADS"] = str(threads)
    model = Lear(markets.PRICE, markets.OTHERS, noise="scaled")
    inputs = period.inputs(model, max(1, day - window), day)
    target = period.table.days[markets.PRICE][max(1, day - window) : day]
    begin = time.perf_counter()
    model.fit(inputs, target)
    spent = time.perf_counter() - begin
    return spent, model, model.predict(period.inputs(model, day, day + 1))[0, :, 0]


def theirs(period: Backtest, day: int, window: int, model: Lear) -> tuple[float, float, np.ndarray]:
    """Return the peer's seconds, the largest difference of a coefficient, and its forecasts."""
    inputs = period.inputs(model, max(1, day - window), day)
    target = period.table.days[markets.PRICE][max(1, day - window) : day]
    known = np.isfinite(inputs["x"]).all(axis=1)
    rows = np.concatenate([model.x_scale_.to(inputs["x"]), inputs["weekday"]], axis=1)[known]
    prices = model.y_scale_.to(target)[known]
    now = period.inputs(model, day, day + 1)
    row = np.concatenate([model.x_scale_.to(now["x"]), now["weekday"]], axis=1)
    begin, apart, found = time.perf_counter(), 0.0, np.empty(prices.shape[1])
    for hour in range(prices.shape[1]):
        peer = LassoLarsIC(criterion="aic", noise_variance=model.noise_[hour])
        peer.fit(rows, prices[:, hour])
        found[hour] = peer.predict(row)[0]
        apart = max(apart, float(np.abs(peer.coef_ - model.coef_[hour]).max()))
    return time.perf_counter() - begin, apart, model.y_scale_.back(found[None])[0]


def main() -> int:
    """Measure, print the table, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--market")
    parser.add_argument("--days", type=int, default=5)
    parser.add_argument("--peer-days", type=int, default=1)
    options = parser.parse_args()
    warnings.simplefilter("ignore", ConvergenceWarning)
    table, windows = chosen(options.market)
    days = range(len(table) - options.days, len(table))
    period = Backtest(table, str(table.dates[days[0]]), str(table.dates[-1]))
    # Compiled on a day that does not count.
    ours(period, days[0], windows[0], 2)
    rows = [_row(period, days, window, options.peer_days) for window in windows]
    found = pd.DataFrame(rows, index=pd.Index(windows, name="window [days]"))
    total = found[["LEAR, 1 thread [s]", "LEAR, 2 threads [s]", "LassoLarsIC [s]"]].sum()
    print(f"{table.series_id}, mean of {len(days)} days; the peer on {options.peer_days}.\n")
    print(found.to_string(float_format=lambda v: f"{v:.3g}"))
    print(
        f"\nAll windows, one day: {total.iloc[0]:.3f} s on one core, {total.iloc[1]:.3f} s on two "
        f"({total.iloc[0] / total.iloc[1]:.2f} times as fast), LassoLarsIC {total.iloc[2]:.1f} s "
        f"({total.iloc[2] / total.iloc[0]:.0f} times as long)."
    )
    names = ("one_core_s", "both_cores_s", "peer_s")
    told = {name: round(float(value), 4) for name, value in zip(names, total, strict=True)}
    headline = {"model": "four_windows", "metric": "one_core_s"}
    kept = {"headline": headline, "overall": {"cost": {"four_windows": told}}}
    TARGET.write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")
    apart = found["forecasts apart [1/MWh]"].max()
    return int(total.iloc[0] > MOST_SECONDS or apart > MOST_APART)


def _row(period: Backtest, days: range, window: int, peer_days: int) -> dict[str, float]:
    """Return what one window shows."""
    spent: dict[int, list[float]] = {1: [], 2: []}
    peer, coefficients, forecasts = [], 0.0, 0.0
    for day in days:
        for threads in (1, 2):
            seconds, model, found = ours(period, day, window, threads)
            spent[threads].append(seconds)
        if day >= days[-1] - peer_days + 1:
            seconds, apart, other = theirs(period, day, window, model)
            peer.append(seconds)
            coefficients = max(coefficients, apart)
            forecasts = max(forecasts, float(np.abs(found - other).max()))
    return {
        "LEAR, 1 thread [s]": float(np.mean(spent[1])),
        "LEAR, 2 threads [s]": float(np.mean(spent[2])),
        "LassoLarsIC [s]": float(np.mean(peer)),
        "coefficients apart [1]": coefficients,
        "forecasts apart [1/MWh]": forecasts,
    }


if __name__ == "__main__":
    sys.exit(main())
