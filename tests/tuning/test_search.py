"""A search: never worse than its start, the same after a kill, limited in time."""

import numpy as np
import pandas as pd
import pytest

from lab.errors import DataError, UsageError
from lab.tuning.search import Search, search
from lab.tuning.space import Range, space_of

SPACE = space_of({"rate": ["log", 0.001, 1.0], "trees": ["int", 1, 50]})
START = {"rate": 0.5, "trees": 2}


def bowl(values, report):
    report(1.0)
    return (values["rate"] - 0.1) ** 2 + (values["trees"] - 30) ** 2 / 1000


def run(tmp_path, objective=bowl, **kw):
    told = {"start": START, "trials": 20, "time_limit_s": 60, "folder": tmp_path} | kw
    return search("bowl", objective, SPACE, **told)


def test_it_finds_better_values_than_it_began_with(tmp_path):
    found = run(tmp_path)
    assert found.trials["number"].tolist() == list(range(20))
    first = found.trials.iloc[0]
    assert (first["rate"], first["trees"]) == (0.5, 2)
    assert bowl(found.best, lambda loss: None) == found.trials["loss"].min() < first["loss"] / 3
    assert found.trials["best"].is_monotonic_decreasing
    assert not found.stopped_early


def test_a_killed_search_ends_as_one_that_was_not(tmp_path):
    whole = run(tmp_path / "whole")
    calls = []

    def fragile(values, report):
        calls.append(values)
        if len(calls) == 12:
            raise KeyboardInterrupt
        return bowl(values, report)

    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "killed", fragile)
    before = len(calls)
    again = run(tmp_path / "killed", fragile)
    assert len(calls) == before + 20 - 11, "eleven finished trials are not repeated"
    assert again.trials.equals(whole.trials)
    assert again.best == whole.best


def test_a_finished_search_leaves_nothing_to_resume_from(tmp_path):
    run(tmp_path)
    assert list(tmp_path.glob("*.journal")) == []


def test_another_basis_is_another_search(tmp_path):
    with pytest.raises(ZeroDivisionError):
        run(tmp_path, lambda v, r: 1 / 0, basis={"data": "a"})
    run(tmp_path, basis={"data": "b"})
    assert len(list(tmp_path.glob("*.journal"))) == 1


def test_what_is_behind_is_pruned(tmp_path):
    def slow(values, report):
        loss = bowl(values, lambda _: None)
        for _ in range(3):
            report(loss)
        return loss

    found = run(tmp_path, slow, trials=30)
    pruned = found.trials[found.trials["state"] == "pruned"]
    assert 0 < len(pruned) < 22
    assert pruned["loss"].min() > found.trials["best"].iloc[-1]


def test_time_limit_stops_and_is_told(tmp_path):
    ticks = iter(range(0, 1000, 10))
    found = run(tmp_path, time_limit_s=45, clock=lambda: next(ticks))
    assert found.stopped_early
    assert len(found.trials) == 4
    assert len(list(tmp_path.glob("*.journal"))) == 1, "the rest can be had later"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"trials": 0}, "1 to 100 trials, got 0"),
        ({"trials": 101}, "1 to 100 trials, got 101"),
        ({"time_limit_s": 0}, "above 0, got 0"),
        ({"start": {"rate": 0.5}}, "must name rate, trees, got rate"),
        ({"start": {"rate": 5.0, "trees": 2}}, "rate begins at 5.0, outside its range 0.001 to 1"),
    ],
    ids=["no trials", "too many", "no time", "missing", "outside"],
)
def test_refuses_what_cannot_begin(tmp_path, change, words):
    with pytest.raises(UsageError, match=words):
        run(tmp_path, **change)


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (["even", 0, 1], "one of log, float"),
        (["int", 3, 3], "must go up, got 3 to 3"),
        (["log", 0, 1], "begin above 0, got 0"),
        (["int", 3], "must be"),
    ],
    ids=["kind", "order", "logarithm", "short"],
)
def test_refuses_ranges(told, words):
    with pytest.raises(UsageError, match=words):
        space_of({"x": told})


def test_ranges_hold_their_ends():
    assert Range("int", 1, 3).holds(3)
    assert not Range("int", 1, 3).holds(4)


def sometimes(values, report):
    if values["trees"] > 40:
        raise DataError("The training diverged.")
    return float("inf") if values["trees"] < 4 else bowl(values, report)


def test_a_trial_that_fails_is_recorded_and_the_search_goes_on(tmp_path):
    found = run(tmp_path, sometimes, trials=30)
    trials = found.trials
    bad = (trials["trees"] > 40) | (trials["trees"] < 4)
    assert (trials["state"] == "failed").tolist() == bad.tolist()
    assert (trials["trees"] > 40).any(), "some trial raised"
    assert trials["loss"].isna().tolist() == bad.tolist()
    assert trials["number"].tolist() == list(range(30))
    assert bad[0], "the values to begin with have no finite loss"
    assert np.isnan(trials["best"][0])
    assert trials["best"].iloc[-1] == trials["loss"].min() == bowl(found.best, lambda loss: None)


def test_failed_trials_are_not_repeated_after_a_kill(tmp_path):
    whole = run(tmp_path / "whole", sometimes)
    calls = []

    def fragile(values, report):
        calls.append(values)
        if len(calls) == 12:
            raise KeyboardInterrupt
        return sometimes(values, report)

    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "killed", fragile)
    again = run(tmp_path / "killed", fragile)
    assert len(calls) == 12 + 20 - 11
    assert again.trials.equals(whole.trials)


def test_a_search_whose_every_trial_fails_says_why(tmp_path):
    def failing(values, report):
        raise DataError("The training diverged.")

    with pytest.raises(DataError, match="No trial .* the last failed: The training diverged."):
        run(tmp_path, failing, trials=2)


def trials(*rows):
    table = pd.DataFrame(rows, columns=["state", "loss"])
    best = table["loss"].where(table["state"] == "complete").cummin().ffill()
    return table.assign(best=best)


@pytest.mark.parametrize(
    ("rows", "early", "sentence"),
    [
        (
            [("complete", 4.0), ("pruned", 9.0), ("complete", 3.0)],
            False,
            "3 trials, 1 stopped; 4.000 at the beginning, 3.000 at the end.",
        ),
        (
            [("failed", np.nan), ("complete", 3.0)],
            True,
            "2 trials, 0 stopped, 1 failed; the settings it began with failed, 3.000 at the end, "
            "cut short by the time limit.",
        ),
    ],
    ids=["complete", "first trial failed"],
)
def test_a_search_is_told_in_a_sentence_without_nan(rows, early, sentence):
    assert Search({}, trials(*rows), early).sentence() == sentence


def test_a_start_that_fails_has_no_loss_and_the_search_goes_on(tmp_path):
    def at_first(values, report):
        return np.nan if values == START else bowl(values, report)

    found = run(tmp_path, at_first, trials=6)
    assert np.isnan(found.begun)
    assert found.ended == found.trials["loss"].min()
    assert "1 failed; the settings it began with failed, " in found.sentence()
