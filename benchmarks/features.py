"""Measure time and memory of every feature on up to a million hourly rows; print a table.

    python benchmarks/features.py

Each size runs in a fresh process (`--rows N` is that process), so that its peak memory is
its own. The data are SIMULATED; only their number matters. Exits 1 when a limit is missed.
"""

import argparse
import json
import resource
import subprocess
import sys
import time

import numpy as np
import pandas as pd

from lab import features

SIZES = (250_000, 500_000, 1_000_000)
REPEATS = 3
MOST_SECONDS = 6.0
MOST_GB = 3.0
# Linear cost: a row of the largest table may cost this much more than one of the smallest
# (caches; quadratic cost would be 4).
MOST_GROWTH = 2.0
SPEC = {
    "families": list(features.FAMILIES),
    "regions": ["price_fr_eur_per_mwh"],
    "published": ["load_forecast_mw"],
    "battery": {"soc": "soc", "capacity_kwh": 10.0},
}
COLUMNS = (
    "price_eur_per_mwh",
    "price_fr_eur_per_mwh",
    "load_forecast_mw",
    "temperature_c",
    "wind_speed_m_per_s",
    "ghi_w_per_m2",
    "renewable_mw",
    "fossil_mw",
    "nuclear_mw",
)


def simulated(rows: int) -> pd.DataFrame:
    """Return a simulated hourly table from 1950 on, with a column for every family."""
    noise = np.random.default_rng(rows)
    index = pd.date_range("1950-01-01", periods=rows, freq="h", tz="UTC")
    table = pd.DataFrame({name: noise.normal(30, 20, rows) for name in COLUMNS}, index=index)
    for name in ("humidity", "soc"):
        table[name] = noise.uniform(0, 1, rows)
    return table


def measure(rows: int) -> dict[str, float]:
    """Build all features once, in this process; return seconds and peak memory."""
    table = simulated(rows)
    begin = time.perf_counter()
    built = features.build(table, SPEC, zone="Europe/Brussels", country="BE")
    seconds = time.perf_counter() - begin
    peak_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "rows": rows,
        "features": built.shape[1],
        "seconds": seconds,
        "us_per_row": seconds / rows * 1e6,
        "peak_gb": peak_kib * 1024 / 1e9,
    }


def measure_apart(rows: int) -> dict[str, float]:
    """Measure in fresh processes; return the run of the median time."""
    runs = []
    for _ in range(REPEATS):
        command = [sys.executable, __file__, "--rows", str(rows)]
        run = subprocess.run(command, capture_output=True, text=True, check=True)
        runs.append(json.loads(run.stdout))
    return sorted(runs, key=lambda run: run["seconds"])[REPEATS // 2]


def verdicts(results: pd.DataFrame) -> dict[str, bool]:
    """Return each limit as a sentence, and whether it was kept."""
    largest = results.iloc[-1]
    growth = largest["us_per_row"] / results["us_per_row"].iloc[0]
    return {
        f"{largest['rows']:,.0f} rows in {largest['seconds']:.2f} s, at most {MOST_SECONDS:g} s": (
            largest["seconds"] <= MOST_SECONDS
        ),
        f"peak memory {largest['peak_gb']:.2f} GB, at most {MOST_GB:g} GB": (
            largest["peak_gb"] <= MOST_GB
        ),
        f"time per row x {growth:.2f} from smallest to largest, at most x {MOST_GROWTH:g}": (
            growth <= MOST_GROWTH
        ),
    }


def main() -> int:
    """Print the table and the verdicts; return 1 if a limit was missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, help="measure this size here and print JSON")
    asked = parser.parse_args()
    if asked.rows:
        print(json.dumps(measure(asked.rows)))
        return 0
    results = pd.DataFrame([measure_apart(rows) for rows in SIZES])
    print(results.to_string(index=False, float_format="{:.2f}".format), end="\n\n")
    kept = verdicts(results)
    for sentence, good in kept.items():
        print(f"{'kept  ' if good else 'MISSED'} {sentence}")
    return 0 if all(kept.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
