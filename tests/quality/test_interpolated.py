import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.quality.interpolated import straight_runs
from lab.quality.scores import score
from lab.quality.stuck import mask


@settings(max_examples=40, deadline=None)
@given(start=st.integers(2, 200), length=st.integers(1, 60), seed=st.integers(0, 500))
def test_an_injected_line_is_found_with_its_ends(rules, start, length, seed):
    stamps = pd.date_range("2021-01-01", periods=300, freq="30min", tz="UTC")
    series = pd.Series(np.random.default_rng(seed).random(300), stamps)
    line = np.linspace(series.iloc[start - 1], series.iloc[start - 1] + 3, length + 2)
    series.iloc[start : start + length + 1] = line[1:]
    found = straight_runs(series, rules.interpolated)
    if length < rules.interpolated.min_samples:
        assert found.empty
    else:
        (run,) = found.itertuples()
        assert (run.start, run.samples) == (stamps[start], length)
        assert run.end == stamps[start + length - 1]


def test_noise_flat_lines_and_short_series_are_not_lines(rules, noise):
    assert straight_runs(noise, rules.interpolated).empty
    flat = noise.copy()
    flat.iloc[10:40] = 5.0
    assert straight_runs(flat, rules.interpolated).empty
    assert straight_runs(noise.iloc[:4], rules.interpolated).empty


def test_a_missing_row_ends_a_line(rules, noise):
    line = noise.copy()
    line.iloc[100:110] = np.arange(10.0)
    assert straight_runs(line.drop(line.index[105]), rules.interpolated).empty


def test_labelled_lines_without_a_false_alarm(rules, measured):
    table = measured.table("pv_labelled_interpolated")
    found = straight_runs(table["power_normalised"], rules.interpolated)
    result = score(mask(table.index, found), table["interpolated"])
    assert result["precision_percent"] == 100
    assert result["recall_percent"] > 94
