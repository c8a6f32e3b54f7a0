import subprocess
import sys
import time

from lab import usage

HOLD = "x = bytearray(200_000_000); print(len(x), flush=True); import sys; sys.stdin.read()"


def test_a_child_counts_with_its_peak():
    before = usage.peak_bytes()
    child = subprocess.Popen(
        [sys.executable, "-c", HOLD], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        child.stdout.readline()
        assert usage.peak_bytes() > before + 200_000_000
    finally:
        child.kill()
        child.communicate()
    assert usage.peak_bytes() < before + 100_000_000


def test_processor_time_grows_with_work():
    before = usage.cpu_seconds()
    sum(number * number for number in range(2_000_000))
    assert usage.cpu_seconds() > before


def test_a_process_that_has_ended_counts_nothing(monkeypatch):
    import psutil

    child = subprocess.Popen([sys.executable, "-c", ""])
    gone = psutil.Process(child.pid)
    child.wait()
    assert usage._peak(gone) == 0
    assert usage._cpu(gone) == 0


def test_without_a_recorded_peak_what_is_held_counts(monkeypatch):
    import psutil

    monkeypatch.setattr(usage, "PEAK", "NoSuchLine:")
    held = usage._peak(psutil.Process())
    assert held > 10_000_000


def test_processes_at_work_together_count_together():
    alone = usage.held_bytes()
    with usage.watched(interval_s=0.02) as found:
        children = [
            subprocess.Popen(
                [sys.executable, "-c", HOLD], stdin=subprocess.PIPE, stdout=subprocess.PIPE
            )
            for _ in range(2)
        ]
        for child in children:
            child.stdout.readline()
        time.sleep(0.2)
        for child in children:
            child.kill()
            child.communicate()
    assert found.peak_bytes > alone + 400_000_000
    seen = found.peak_bytes
    time.sleep(0.1)
    assert found.peak_bytes == seen
