"""Time our optimisers, beside energypylinear and PuLP with CBC where those solve the same case.

    python benchmarks/optimise.py [--peer PYTHON] [--only CASE ...]

Prints one table: what was solved, seconds (best of a few, after one run that compiles), the figure
that is asked for, and the largest deviation that the independent checks found. With `--peer` the
two battery cases run in one go in energypylinear and PuLP as well, in an environment of their own:

    python -m venv .lab/peer && .lab/peer/bin/pip install -r benchmarks/optimise_peer.txt

One core each, but for Q-learning, whose seeds share two. The year of prices is German and comes
with `lab fetch epf`; without it that case is left out with a sentence. A run of all cases keeps its
figures for `benchmarks/costs.py`. Exits 1 where a figure is missed.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"
import numpy as np
import pandas as pd

from lab import data, paths
from lab.data.homes import homes_of
from lab.market.auction import uniform_price
from lab.market.best import best_welfare
from lab.market.order_book import OrderBook
from lab.optimise.appliances import deviation, plan, standard
from lab.optimise.control import compare, teach
from lab.optimise.control.market import Market
from lab.optimise.control.q_learning import Settings
from lab.optimise.microgrid import check as grid_check
from lab.optimise.microgrid import dispatch, feeder
from lab.optimise.storage.battery import Battery
from lab.optimise.storage.bill import Weights
from lab.optimise.storage.day_ahead import planned_on
from lab.optimise.storage.plan import Dispatch, perfect_foresight
from lab.optimise.storage.rolling import rolling, seasonal
from lab.optimise.storage.site import Site
from lab.simulate.minutes import ZONE
from lab.simulate.prices import DAY_AHEAD, PRICE, real_time_prices

# The documented example of energypylinear, per MWh.
PRICES = np.array([100, 50, 200, -100, 0, 200, 100, -100]) / 1000
FORECAST = np.array([-100, 0, 200, 100, -100, 100, 50, 200]) / 1000
PEER_TASK = {"power_mw": 2, "capacity_mwh": 4, "efficiency": 0.9}
PUBLISHED = Battery(4000, 2000, charge_efficiency=0.9, soc_end=0.0)
AT_HOME = Battery(6.4, 5, charge_efficiency=0.95, discharge_efficiency=0.95, soc_end=0.0)
# What the documentation of energypylinear, and a run of it, say of these cases [currency].
DOCUMENTED, ON_FORECAST, YEAR = 1037.78, -140.0, 56_825.71
# Where `benchmarks/costs.py` finds what was measured.
TARGET = Path(__file__).with_name("optimise.json")
COST = Weights(1, 0, 0)
GOALS = (Weights(), COST, Weights(0, 1, 0), Weights(0, 0, 1))


@dataclass(frozen=True)
class Figure:
    """One line of the table: what it says, its limit in seconds, and whether the value is right.

    `worst` is the largest deviation from any rule, None where there is no schedule; `kept_as` names
    it where figures are kept, and `numbers` are kept beside seconds and deviation.
    """

    case: str
    seconds: float
    most_s: float
    value: str
    right: bool
    worst: float | None
    kept_as: str
    numbers: dict[str, float] = field(default_factory=dict)

    @property
    def kept(self) -> bool:
        """Whether the figure is reached."""
        return self.right and self.seconds <= self.most_s and (self.worst or 0.0) <= 1e-6


def best_of(work: Callable[[], Any], times: int) -> tuple[float, Any]:
    """Return the least seconds of some runs, after one that does not count, and the last result."""
    found = work()
    taken = []
    for _ in range(times):
        begin = time.perf_counter()
        found = work()
        taken.append(time.perf_counter() - begin)
    return min(taken) if taken else 0.0, found


def at_prices(prices: np.ndarray) -> Site:
    """Return a site that does nothing but trade at these prices per kWh."""
    index = pd.date_range("2012-01-01", periods=len(prices), freq="h", tz="UTC")
    return Site(pd.DataFrame({"import_price": prices}, index=index))


def slug(case: str) -> str:
    """Return a case as a name."""
    return case.replace(", ", "_").replace(" ", "_").lower()


def worst(*found: Dispatch) -> float:
    """Return the largest deviation of any schedule from any rule [kWh, kW]."""
    return max(float(d.excesses["worst"].max()) for d in found)


def saved(
    case: str, run: tuple[float, Dispatch], most_s: float, said: tuple[float, float], name: str
) -> Figure:
    """Return the figure of a saving beside the published one, which it may be off by so much."""
    (seconds, one), (published, apart) = run, said
    off = abs(one.saving - published)
    value, numbers = f"{one.saving:,.4f}", {"off": off}
    return Figure(case, seconds, most_s, value, off <= apart, worst(one), name, numbers)


def german_year() -> np.ndarray | None:
    """Return the first 8,760 German prices per kWh, if they are at hand."""
    file = paths.root() / "data/benchmarks/epf/DE.csv.gz"
    return pd.read_csv(file).iloc[:8760, 1].to_numpy() / 1000 if file.exists() else None


def homes() -> list[Site]:
    """Return the Californian homes with 4 kW of PV each."""
    table = data.clean("california_homes")
    town = homes_of(table, 4.0)
    return [
        Site(
            pd.DataFrame(
                {
                    "import_price": table["price_usd_per_kwh"],
                    "export_price": 0.05,
                    "load_kw": town.load_kwh[h],
                    "pv_kw": town.pv_kwh[h],
                    "carbon_kg_per_kwh": table["carbon_kg_per_kwh"],
                }
            ),
            clock="America/Los_Angeles",
            name=h,
        )
        for h in town.load_kwh
    ]


def documented() -> list[Figure]:
    """Reproduce the documented case, with foresight and on its forecast."""
    site, said, made = at_prices(PRICES), (DOCUMENTED, 0.005), []
    for method in ("highs", "dynamic"):
        run = best_of(lambda m=method: perfect_foresight(site, PUBLISHED, COST, method=m), 5)
        made.append(saved(f"documented, {method}", run, 1.0, said, f"known_{method}"))
    run = best_of(lambda: planned_on(site, PUBLISHED, FORECAST), 5)
    said = (ON_FORECAST, 0.005)
    return [*made, saved("documented, forecast", run, 1.0, said, "known_forecast")]


def year() -> list[Figure]:
    """Dispatch one battery over a year of hourly prices."""
    prices = german_year()
    if prices is None:
        print("The year of prices is left out: lab fetch epf brings it.")
        return []
    site, said, made = at_prices(prices), (YEAR, 0.01), []
    for method, most in (("dynamic", 2.0), ("highs", np.inf)):
        run = best_of(lambda m=method: perfect_foresight(site, PUBLISHED, COST, method=m), 2)
        made.append(saved(f"year, {method}", run, most, said, f"year_{method}"))
    return made


def control() -> list[Figure]:
    """Re-plan one home every hour of a year, 48 h ahead."""
    site = homes()[0]
    columns = ("load_kw", "pv_kw", "carbon_kg_per_kwh")
    expected = {c: seasonal(site.array(c), 48, over=7) for c in columns}
    seconds, one = best_of(lambda: rolling(site, AT_HOME, expected), 2)
    right = perfect_foresight(site, AT_HOME).objective <= one.objective < 1
    value = f"{one.objective:.4f}"
    return [Figure("8,760 plans of 48 h", seconds, 30.0, value, right, worst(one), "plans")]


def town() -> list[Figure]:
    """Dispatch every home over its year, for every goal."""
    sites = homes()

    def solve() -> list[Dispatch]:
        return [perfect_foresight(s, AT_HOME, goal) for s in sites for goal in GOALS]

    begin = time.perf_counter()
    found = solve()
    seconds = time.perf_counter() - begin
    peak_gb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    value = f"{len(found)} optima, {peak_gb:.2f} GB"
    right = all(d.solved.proven for d in found) and peak_gb <= 2
    numbers = {"peak_gb": peak_gb}
    return [
        Figure("all homes, four goals", seconds, 30.0, value, right, worst(*found), "town", numbers)
    ]


def appliances() -> list[Figure]:
    """Schedule six appliances in a day, and 100 over a week under one connection."""
    made, limits = [], {"six, free": None, "six, 8 kW": 8.0}
    for case, limit in limits.items():
        items, place = standard.six_in_a_day(1, limit)
        seconds, one = best_of(lambda i=items, p=place: plan(i, p, way="together"), 5)
        away, name = deviation(one.schedule, items, place), slug(case)
        value = f"{one.bill.cost:.4f}, {one.solved.sentence[:15]}"
        made.append(Figure(case, seconds, 0.3, value, one.solved.proven, away, name))
    items, place = standard.block_of_flats(100, 7, 1, 0.6)
    begin = time.perf_counter()
    one = plan(items, place, gap=0.01, limit_s=120)
    seconds = time.perf_counter() - begin
    right = one.solved.proven and one.solved.gap <= 0.01
    away = deviation(one.schedule, items, place)
    value, numbers = f"gap {one.solved.gap:.2%}", {"gap_percent": 100 * one.solved.gap}
    many = Figure("100 appliances, 7 days", seconds, 60.0, value, right, away, "many", numbers)
    return [*made, many]


def microgrid() -> list[Figure]:
    """Plan 17 homes on a street for a week, doing nothing and the check included."""
    grid = feeder.case()
    seconds, one = best_of(lambda: dispatch(grid), 3)
    away = float(grid_check.violations(grid, one.schedule).max())
    value = f"{len(grid.nodes)} nodes, {grid.hours} h"
    return [Figure("microgrid", seconds, 5.0, value, one.solved.proven, away, "microgrid")]


def auction() -> list[Figure]:
    """Clear a book of 100,000 orders, its check included."""
    draws, n = np.random.default_rng(1), 50_000
    bids, offers = draws.normal(0.22, 0.08, n), draws.normal(0.16, 0.06, n)
    sizes = draws.uniform(1, 4, (2, n))
    seconds, one = best_of(lambda: uniform_price(OrderBook(bids, sizes[0], offers, sizes[1])), 5)
    filled = one.bid_filled_kwh, one.offer_filled_kwh
    welfare = float(one.book.bid_usd_per_kwh @ filled[0] - one.book.offer_usd_per_kwh @ filled[1])
    right = bool(np.isclose(best_welfare(one.book).welfare_usd, welfare))
    apart = abs(float(filled[0].sum() - filled[1].sum()))
    value = f"{one.price_usd_per_kwh:.4f} USD/kWh"
    return [Figure("100,000 orders", seconds, 0.1, value, right, apart, "orders")]


def learning() -> list[Figure]:
    """Teach ten agents 1,000 episodes of 14,400 minutes each, on both cores."""
    table = real_time_prices(10, 42)
    market = Market.of(table[PRICE + "north"], table[DAY_AHEAD + "north"], ZONE)
    way, store = 0.9**0.5, {"soc_min": 0.1, "soc_max": 0.9, "soc_start": 0.5}
    battery = Battery(1000, 500, charge_efficiency=way, discharge_efficiency=way, **store)
    stage = compare.Stage(market, battery, 0.036)
    teach.taught(stage, teach.Way(), Settings(episodes=1), seeds=[0])
    begin = time.perf_counter()
    teach.taught(stage, teach.Way(), Settings(), seeds=range(10), threads=2)
    seconds = time.perf_counter() - begin
    steps = 10 * Settings().episodes * Settings().steps
    value = f"{steps / 1e6:,.0f} million steps"
    right = steps == 144_000_000
    return [Figure("Q-learning, ten seeds", seconds, 20.0, value, right, None, "learning")]


CASES: dict[str, Callable[[], list[Figure]]] = {
    "documented": documented,
    "year": year,
    "control": control,
    "town": town,
    "appliances": appliances,
    "microgrid": microgrid,
    "auction": auction,
    "learning": learning,
}


def peers(python: str) -> pd.DataFrame:
    """Return profit and seconds of the peers on the two battery cases."""
    prices = {"documented": PRICES, "year": german_year()}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "task.json").write_text(json.dumps(PEER_TASK), encoding="utf-8")
        for case, values in prices.items():
            per_mwh = [] if values is None else (1000 * values).tolist()
            (folder / f"{case}.csv").write_text("\n".join(map(repr, per_mwh)), encoding="utf-8")
        words = [python, str(Path(__file__).with_name("optimise_peer.py")), name]
        told = subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True).stdout
    found = json.loads(told.splitlines()[-1])
    rows = {(case, n): v for case, of in found.items() for n, v in of.items()}
    return pd.DataFrame(rows).T


def keep(figures: list[Figure], peer: pd.DataFrame | None) -> None:
    """Leave what was measured where `benchmarks/costs.py` finds it."""
    told: dict[str, dict[str, float]] = {
        f.kept_as: {"seconds": round(f.seconds, 4)}
        | ({} if f.worst is None else {"deviation": max(f.worst, 0.0)})
        | {name: round(value, 4) for name, value in f.numbers.items()}
        for f in figures
    }
    told["every_case"] = {"deviation": max(one.get("deviation", 0.0) for one in told.values())}
    if peer is not None:
        told |= {
            f"{case}_{slug(n)}": {"seconds": round(float(s), 4)}
            for (case, n), s in peer["seconds"].items()
        }
    headline = {"model": "every_case", "metric": "deviation"}
    text = json.dumps({"headline": headline, "overall": {"cost": told}}, indent=2)
    TARGET.write_text(text + "\n", encoding="utf-8")


def main() -> int:
    """Print the table; return 1 where a figure is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--peer", metavar="PYTHON", help="interpreter that has energypylinear")
    parser.add_argument("--only", nargs="+", choices=CASES, default=list(CASES), metavar="CASE")
    asked = parser.parse_args()
    figures = [f for case in asked.only for f in CASES[case]()]
    print(f"{'case':32} {'seconds':>9} {'limit':>6}  {'value':24} {'deviation':>9}")
    for f in figures:
        limit = f"{f.most_s:g}" if np.isfinite(f.most_s) else "-"
        away = "-" if f.worst is None else f"{max(f.worst, 0):.0e}"
        line = f"{f.case:32} {f.seconds:9.4f} {limit:>6}  {f.value:24} {away:>9}"
        print(line, "" if f.kept else " MISSED")
    told = peers(asked.peer) if asked.peer else None
    if set(asked.only) == set(CASES):
        keep(figures, told)
    if told is not None:
        ours = {f.case.split(",")[0]: f.seconds for f in reversed(figures) if "highs" not in f.case}
        told["times ours"] = [s / ours.get(c, np.nan) for (c, _), s in told["seconds"].items()]
        print(told.round(4).to_string())
        apart = told["profit"] - [
            {"documented": DOCUMENTED, "year": YEAR}[c] for c, _ in told.index
        ]
        print(f"Profits of the peers lie within {apart.abs().max():.3f} of the documented ones.")
    else:
        print("No peer ran: --peer names an interpreter that has energypylinear and PuLP.")
    return int(not all(f.kept for f in figures))


if __name__ == "__main__":
    sys.exit(main())
