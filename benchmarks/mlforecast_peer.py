"""A peer's day-ahead forecasts: mlforecast with LightGBM, in an environment of its own.

    PYTHON benchmarks/mlforecast_peer.py FOLDER

Reads FOLDER/demand.csv (time, demand_mw) and FOLDER/task.json, writes FOLDER/forecasts.csv and
prints JSON with its seconds. `benchmarks/models.py` starts it. It does not import lab:
mlforecast 1.1 asks for pandas 2, lab for pandas 3.
"""

import json
import sys
import time
from pathlib import Path

import lightgbm
import mlforecast
import pandas as pd

LAGS = [1, 2, 3, 48, 96, 144, 336, 672]
SETTINGS = {"n_estimators": 200, "num_leaves": 31, "learning_rate": 0.06, "verbosity": -1}


def main(folder: Path) -> None:
    """Fit once, forecast 48 half-hours from every midnight with the demand until then."""
    task = json.loads((folder / "task.json").read_text(encoding="utf-8"))
    demand = pd.read_csv(folder / "demand.csv", parse_dates=["time"])
    series = demand.rename(columns={"time": "ds", "demand_mw": "y"}).assign(unique_id="victoria")
    begin = time.perf_counter()
    peer = mlforecast.MLForecast(
        models={"lightgbm": lightgbm.LGBMRegressor(n_jobs=task["threads"], **SETTINGS)},
        freq="30min",
        lags=LAGS,
        date_features=["hour", "minute", "dayofweek", "month"],
    )
    found = peer.cross_validation(
        series, n_windows=task["days"], h=48, step_size=48, refit=False, input_size=None
    )
    seconds = time.perf_counter() - begin
    found[["ds", "lightgbm"]].to_csv(folder / "forecasts.csv", index=False)
    print(json.dumps({"seconds": seconds, "version": mlforecast.__version__}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
