"""Whoever is killed, and when: every file old or new, no stray process, then identical.

LAB_KILLS=20 kills at twenty random moments instead of six.
"""

import contextlib
import hashlib
import os
import random
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path

import psutil
import pytest

from lab import notebooks

SLOW = """\
import subprocess, sys, time
import pandas as pd
from lab import outputs
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(120)"])
for part in range(3):
    time.sleep(0.3 if rows < 5 else 2)  # longer where a test waits for the first part
    outputs.table(pd.DataFrame({"value": range(rows)}), f"data/clean/part_{part}.parquet")
child.kill()"""
FILES = [*(f"data/clean/part_{part}.parquet" for part in range(3)), "reports/tiny.html"]
STAGE = """\
stages:
  tiny:
    cmd: lab run tiny
    deps: [notebooks/tiny.ipynb]
    params: [compute, tiny]
    outs:
""" + "".join(f"      - {path}: {{persist: true}}\n" for path in FILES)
TOKEN = "LAB_TEST_TOKEN"
CASES = ["runner-KILL", "kernel-KILL", "dvc-KILL", "runner-TERM", "runner-INT", "dvc-TERM"]


def hashes(root: Path) -> list[str]:
    return [hashlib.sha256((root / path).read_bytes()).hexdigest() for path in FILES]


def strays(token: str) -> list[psutil.Process]:
    """Return the living processes that inherited the token."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            living = process.status() != psutil.STATUS_ZOMBIE
            if living and process.environ().get(TOKEN) == token:
                found.append(process)
    return found


def start(root: Path, token: str) -> subprocess.Popen:
    folder = Path(sys.executable).parent
    environment = {**os.environ, TOKEN: token, "PATH": f"{folder}:{os.environ['PATH']}"}
    return subprocess.Popen(
        [str(folder / "dvc"), "repro", "-q", "--no-run-cache"], cwd=root, env=environment,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip


def find(token: str, who: str) -> psutil.Process | None:
    """Return the dvc, runner or kernel process of a run, if it is there yet."""
    marks = {"dvc": "dvc", "runner": "lab", "kernel": "ipykernel_launcher"}
    for process in strays(token):
        with contextlib.suppress(psutil.Error):
            words = [Path(word).name for word in process.cmdline()[:3]]
            if marks[who] in words and "-c" not in words:
                return process
    return None


@pytest.fixture(scope="module")
def results(module_project):
    """Return the project, and the hashes of its outputs for 3 rows and for 4."""
    root = module_project
    dvc = str(Path(sys.executable).parent / "dvc")
    subprocess.run([dvc, "init", "-q", "--no-scm"], cwd=root, check=True)
    (root / "dvc.yaml").write_text(STAGE, encoding="utf-8")
    path = root / "notebooks" / "tiny.ipynb"
    content = notebooks.read(path)
    content["cells"][-1]["source"] = SLOW
    notebooks.write(content, path)
    known = {}
    for rows in (3, 4):
        set_rows(root, rows)
        known[rows] = run_whole(root)
    assert all(a != b for a, b in zip(known[3], known[4], strict=True))
    return root, known


def set_rows(root: Path, rows: int) -> None:
    path = root / "params.yaml"
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[-1] = f"tiny: {{rows: {rows}, label: a, ratio: 0.5, nested: {{depth: 2}}}}"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def run_whole(root: Path) -> list[str]:
    assert start(root, "whole").wait(120) == 0
    return hashes(root)


def kill_at_random(root: Path, case: str, moment: random.Random) -> float:
    """Start a run, kill its part `case` at a random moment; return the seconds strays lived."""
    token = uuid.uuid4().hex
    process = start(root, token)
    who, _, name = case.partition("-")
    while (victim := find(token, who)) is None:
        assert process.poll() is None, f"the run ended before its {who} was seen"
        time.sleep(0.02)
    time.sleep(moment.uniform(0, 2.5))
    with contextlib.suppress(psutil.Error):
        victim.send_signal(getattr(signal, f"SIG{name}"))
    killed = time.monotonic()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(10)
    while strays(token) and time.monotonic() < killed + 15:
        time.sleep(0.1)
    return time.monotonic() - killed


@pytest.mark.parametrize(("name", "rows"), [("KILL", 5), ("TERM", 6)])
def test_a_killed_run_leaves_its_half_report(results, name, rows):
    root, _ = results
    set_rows(root, rows)
    kept = root / ".lab" / "failed" / "tiny.html"
    kept.unlink(missing_ok=True)
    token = uuid.uuid4().hex
    process = start(root, token)
    while not (root / ".lab" / "run" / "tiny" / "stage" / FILES[0]).exists():
        assert process.poll() is None, "the run ended before its first output was seen"
        time.sleep(0.02)
    find(token, "runner").send_signal(getattr(signal, f"SIG{name}"))
    killed = time.monotonic()
    process.wait(20)
    while strays(token) and time.monotonic() < killed + 15:
        time.sleep(0.1)
    assert time.monotonic() < killed + 10
    assert "the run was stopped before the notebook ended" in kept.read_text(encoding="utf-8")
    assert not list((root / ".lab" / "dead").iterdir())


@pytest.mark.parametrize("number", range(int(os.environ.get("LAB_KILLS", len(CASES)))))
def test_a_kill_leaves_old_or_new_and_no_stray(results, number):
    root, known = results
    case, rows = CASES[number % len(CASES)], 3 + number % 2
    set_rows(root, rows)
    lived = kill_at_random(root, case, random.Random(number))
    assert lived < 10, f"a process outlived {case} by more than 10 s"
    for path, now, *either in zip(FILES, hashes(root), known[3], known[4], strict=True):
        assert now in either, f"{path} is neither old nor new"
    assert run_whole(root) == known[rows]
