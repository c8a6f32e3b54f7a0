import subprocess
import sys

from lab.scale import usage

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
