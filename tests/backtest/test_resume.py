"""A backtest that is killed half-way goes on where it was, to identical results."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from lab.backtest.many import backtest_many
from lab.backtest.store import Store
from lab.backtest.workers import Serial
from lab.forecast.linear import Ridge

SCRIPT = """
import pickle, sys
from pathlib import Path
from lab.backtest.many import backtest_many
from lab.backtest.store import Store
from lab.backtest.workers import Serial
from lab.forecast.linear import Ridge

tables = pickle.loads(Path(sys.argv[1]).read_bytes())
backtest_many(tables, {"ridge": Ridge()}, "2014-09-20", "2014-10-12",
              refit="daily", store=Store(Path(sys.argv[2])), workers=Serial())
"""


def run(tables, store=None):
    period = ("2014-09-20", "2014-10-12")
    return backtest_many(
        tables, {"ridge": Ridge()}, *period, refit="daily", store=store, workers=Serial()
    )


def test_a_killed_backtest_resumes_with_identical_results(tables, tmp_path):
    import pickle

    (tmp_path / "tables").write_bytes(pickle.dumps(tables))
    kept = tmp_path / "kept"
    command = [sys.executable, "-c", SCRIPT, str(tmp_path / "tables"), str(kept)]
    process = subprocess.Popen(command)
    try:
        wait_for(lambda: count(kept) >= 20 or process.poll() is not None)
    finally:
        os.kill(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    finished = count(kept)
    resumed = run(tables, Store(kept))
    assert 20 <= finished == resumed.kept < 3 * 23
    whole = run(tables)
    assert whole.table().equals(resumed.table())
    assert whole.fallbacks.equals(resumed.fallbacks)
    for key, forecasts in whole.forecasts.items():
        assert forecasts.values.tobytes() == resumed.forecasts[key].values.tobytes()


def count(folder: Path) -> int:
    return len(list(folder.glob("*/*.npz")))


def wait_for(condition, timeout_s=60):
    end = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end, "nothing happened in time"
        time.sleep(0.005)
