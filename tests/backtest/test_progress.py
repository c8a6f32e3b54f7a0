"""Rate and time left, on a terminal and in a log."""

import io
import logging

import pytest

from lab.backtest import Backtest
from lab.backtest.progress import Progress
from lab.forecast.naive import Naive


class Clock:
    """Seconds that pass when told to."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_the_rate_counts_what_was_computed_and_not_what_was_kept():
    clock = Clock()
    progress = Progress(10, kept=4, stream=Terminal(), clock=clock)
    assert progress.line() == "backtest: 4 of 10 units (4 kept from before)"
    clock.now = 4.0
    progress.step()
    progress.step()
    assert progress.line() == "backtest: 6 of 10 units (4 kept from before), 0.5/s, 8 s left"


def test_a_terminal_line_renews_itself_and_ends():
    clock, stream = Clock(), Terminal()
    progress = Progress(3, stream=stream, clock=clock)
    for now in (0.1, 0.5, 0.6):
        clock.now = now
        progress.step()
    lines = stream.getvalue()
    assert lines.count("\r") == 2  # the first step came too soon after the start
    assert "2 of 3 units, 4.0/s, 0 s left" in lines
    assert lines.endswith("\n")


def test_without_a_terminal_only_the_log_hears(caplog):
    clock, stream = Clock(), io.StringIO()
    progress = Progress(4, stream=stream, clock=clock)
    with caplog.at_level(logging.INFO, "lab.backtest"):
        for now in (10.0, 30.0, 40.0, 50.0):
            clock.now = now
            progress.step()
    assert stream.getvalue() == ""
    assert [record.message for record in caplog.records] == [
        "backtest: 2 of 4 units, 0.1/s, 30 s left",
        "backtest: 4 of 4 units, 0.1/s, 0 s left",
    ]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(7, "7 s left"), (185, "3 min 05 s left"), (3720, "1 h 02 min left")],
    ids=["seconds", "minutes", "hours"],
)
def test_durations_read_well(seconds, text):
    clock = Clock()
    progress = Progress(2, stream=io.StringIO(), clock=clock)
    progress.done, clock.now = 1, float(seconds)
    assert progress.line().endswith(text)


def test_a_backtest_of_one_series_says_how_far_it_is(tables, caplog, capsys):
    period = Backtest(tables["north"], "2014-10-01", "2014-10-03")
    with caplog.at_level(logging.INFO, "lab.backtest"):
        period.run(Naive("yesterday"), "daily")
        period.run(Naive("yesterday"), "once")
    (line,) = [record.message for record in caplog.records]
    assert line.startswith("backtest of yesterday: 3 of 3 fits, ")
    assert line.endswith("/s, 0 s left")
    assert capsys.readouterr() == ("", "")
