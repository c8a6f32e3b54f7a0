"""Peers' dispatch of one battery: energypylinear, and PuLP with CBC, in their own environment.

    PYTHON benchmarks/optimise_peer.py FOLDER

Reads FOLDER/documented.csv and FOLDER/year.csv (prices per MWh, one a line) and FOLDER/task.json,
and prints JSON: for each peer the profit and its seconds, for one case after the other.
`benchmarks/optimise.py` starts it.
"""

import json
import sys
import time
from pathlib import Path

import energypylinear
import pulp

CASES = ("documented", "year")


def by_energypylinear(prices: list[float], task: dict) -> float:
    """Return the profit of energypylinear's battery."""
    asset = energypylinear.Battery(
        power_mw=task["power_mw"],
        capacity_mwh=task["capacity_mwh"],
        efficiency_pct=task["efficiency"],
        initial_charge_mwh=0.0,
        final_charge_mwh=0.0,
        electricity_prices=prices,
    )
    done = asset.optimize(verbose=4)
    power = done.results["site-export_power_mwh"] - done.results["site-import_power_mwh"]
    return float((power * prices).sum())


def by_pulp(prices: list[float], task: dict) -> float:
    """Return the profit of the textbook model in PuLP, solved by CBC, one thread."""
    hours = range(len(prices))
    most, full = task["power_mw"], task["capacity_mwh"]
    problem = pulp.LpProblem("battery", pulp.LpMaximize)
    charge = pulp.LpVariable.dicts("charge", hours, 0, most)
    discharge = pulp.LpVariable.dicts("discharge", hours, 0, most)
    held = pulp.LpVariable.dicts("held", hours, 0, full)
    charging = pulp.LpVariable.dicts("charging", hours, cat="Binary")
    problem += pulp.lpSum(prices[t] * (discharge[t] - charge[t]) for t in hours)
    for t in hours:
        before = held[t - 1] if t else 0
        problem += held[t] == before + task["efficiency"] * charge[t] - discharge[t]
        problem += charge[t] <= most * charging[t]
        problem += discharge[t] <= most * (1 - charging[t])
    problem += held[len(prices) - 1] == 0
    problem.solve(pulp.PULP_CBC_CMD(msg=False, threads=1))
    return float(pulp.value(problem.objective))


def main(folder: Path) -> None:
    """Run every case on every peer."""
    task = json.loads((folder / "task.json").read_text(encoding="utf-8"))
    found: dict = {}
    for case in CASES:
        lines = (folder / f"{case}.csv").read_text(encoding="utf-8").split()
        prices = [float(x) for x in lines]
        if not prices:
            continue
        for name, solve in (("energypylinear", by_energypylinear), ("PuLP with CBC", by_pulp)):
            begin = time.perf_counter()
            profit = solve(prices, task)
            seconds = time.perf_counter() - begin
            found.setdefault(case, {})[name] = {"profit": profit, "seconds": seconds}
            print(name, case, f"{seconds:.2f} s", file=sys.stderr)
    print(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
