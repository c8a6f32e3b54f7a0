"""Three small series over the clock change of 5 October 2014, the last without logarithms."""

import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest

from lab.forecast import demand

ZONE = "Australia/Melbourne"
DASK = "distributed.cli.dask_"


def series(name: str, seed: int, level: float):
    """Return 80 half-hourly days; ridge takes logarithms and fails on a negative level."""
    index = pd.date_range("2014-07-31 14:00", "2014-10-20 13:00", freq="30min", tz="UTC")[:-1]
    hour = index.tz_convert(ZONE).hour.to_numpy()
    rng = np.random.default_rng(seed)
    values = level + 500 * np.sin(hour / 24 * 2 * np.pi) + rng.normal(0, 50, len(index))
    frame = pd.DataFrame({"demand_mw": values, "temperature_c": 15.0}, index=index)
    table = demand.day_table(frame, ZONE, set())
    table.series_id = name
    return table


@pytest.fixture(scope="session")
def tables():
    levels = {"north": 4000.0, "south": 3000.0, "below": -4000.0}
    return {name: series(name, n, level) for n, (name, level) in enumerate(levels.items())}


def start(kind, *arguments):
    command = [sys.executable, "-m", f"{DASK}{kind}", *arguments]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


@pytest.fixture
def cluster(tmp_path):
    """A scheduler and two workers, each a process of its own without a guardian."""
    from distributed import Client

    file = str(tmp_path / "scheduler.json")
    local = ("--host", "127.0.0.1", "--no-dashboard")
    processes = [start("scheduler", *local, "--port", "0", "--scheduler-file", file)]
    worker = ("--no-nanny", "--nthreads", "2", "--memory-limit", "0", "--death-timeout", "60")
    for name in ("one", "two"):
        place = ("--local-directory", str(tmp_path), "--name", name)
        processes.append(start("worker", *local, *worker, *place, "--scheduler-file", file))
    try:
        while not (tmp_path / "scheduler.json").exists():
            assert processes[0].poll() is None
            time.sleep(0.05)
        with Client(scheduler_file=file, timeout=30, set_as_default=False) as client:
            client.wait_for_workers(2, timeout=60)
            address = client.scheduler.address
        yield address, processes[1:]
    finally:
        for process in reversed(processes):
            process.kill()
            process.wait()
