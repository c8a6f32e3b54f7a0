"""Measure what the workbench promises about itself, in one run, and print a table.

    python benchmarks/workbench.py

Exits 1 when a limit is missed. The studies are not run: `make repro` must have been.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from lab import notebooks

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
CELLS = [
    "from lab import data, style\nstyle.use()",
    'demand = data.load("vic_demand")["demand_mw"]',
    'demand.iloc[: 48 * days].plot(ylabel="demand [MW]");',
]
STUDY = {
    "cells": [
        {"cell_type": "markdown", "source": "# Plot\nWhat does one table look like?"},
        {"cell_type": "code", "source": "days = 7", "metadata": {"tags": ["parameters"]}},
        *[{"cell_type": "code", "source": source} for source in CELLS],
    ],
    "nbformat": 4,
    "nbformat_minor": 5,
}
PARAMS = "compute: {threads: 2, seed: 1}\nplot: {days: 7}\n"


def command(*words: str, cwd: Path = ROOT) -> float:
    """Return the seconds of a command that must succeed, the environment's programs first."""
    environment = {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}"}
    begin = time.perf_counter()
    subprocess.run(words, cwd=cwd, env=environment, check=True, capture_output=True)
    return time.perf_counter() - begin


def import_lab() -> float:
    """Return the seconds that `import lab` takes in a fresh process."""
    code = "import time; t = time.perf_counter(); import lab; print(time.perf_counter() - t)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return float(run.stdout)


def run_small_study() -> float:
    """Return the seconds of `lab run` on a study of one table and one plot."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "notebooks").mkdir()
        for shared in ("data", "templates", "requirements.lock"):
            (root / shared).symlink_to(ROOT / shared)
        (root / "params.yaml").write_text(PARAMS, encoding="utf-8")
        notebooks.write(STUDY, root / "notebooks" / "plot.ipynb")
        return command("lab", "run", "plot", cwd=root)


def environment_gigabytes() -> float:
    """Return the size on disk of the installed environment, in GB (10^9 bytes)."""
    words = ["du", "-sB1", ".venv"]
    size = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
    return int(size.stdout.split()[0]) / 1e9


def main() -> int:
    """Print measured values beside their limits."""
    rows = [
        ("import lab [s]", [import_lab() for _ in range(5)], 0.3),
        ("lab run, one table and one plot [s]", [run_small_study() for _ in range(5)], 4.0),
        ("make repro, nothing changed [s]", [command("make", "repro") for _ in range(3)], 4.0),
        ("installed environment [GB]", [environment_gigabytes()], 3.5),
    ]
    missed = False
    for what, values, limit in rows:
        middle = statistics.median(values)
        missed |= middle > limit
        verdict = "MISSED" if middle > limit else "ok"
        print(f"{what:<38} median of {len(values)}: {middle:6.2f}   at most {limit:g}   {verdict}")
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
