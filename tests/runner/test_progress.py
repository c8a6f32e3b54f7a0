"""What the runner repeats of a notebook's long work."""

import time

from lab.backtest.progress import Progress
from lab.compute import PROGRESS_VARIABLE
from lab.runner.progress import repeated


def test_each_new_line_is_said_once(tmp_path):
    path, said = tmp_path / "progress", []
    with repeated(path, said.append, interval_s=0.01):
        for line in ("1 of 3\n", "2 of 3\n"):
            path.write_text(line)
            until = time.monotonic() + 10
            while line.strip() not in said and time.monotonic() < until:
                time.sleep(0.01)
        time.sleep(0.05)
    assert said == ["1 of 3", "2 of 3"]


def test_no_file_says_nothing(tmp_path):
    said = []
    with repeated(tmp_path / "progress", said.append, interval_s=0.01):
        time.sleep(0.05)
    assert said == []


def test_under_the_runner_a_backtest_writes_its_last_line(tmp_path, monkeypatch):
    path = tmp_path / "progress"
    monkeypatch.setenv(PROGRESS_VARIABLE, str(path))
    progress = Progress(2, what="backtest of ridge", unit="fits")
    progress.step()
    assert not path.exists()
    progress.step()
    assert path.read_text().startswith("backtest of ridge: 2 of 2 fits")
