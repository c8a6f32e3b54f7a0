"""Small scored tables whose issues, models and losses stand in the test."""

import json

import pandas as pd
import pytest

from lab import metrics

# What a study left in its metrics file, and the task of the scorecard that reads it.
METRICS = {
    "headline": {"model": "ridge", "baseline": "last_week"},
    "overall": {
        "next_day": {
            "ridge": {
                "mae_mw": 4.0,
                "coverage_80_percent": 79.0,
                "coverage_95_percent": 96.0,
                "p_against_rule": 0.01,
            },
            "lstm": {"mae_mw": 3.0},
            "last_week": {"mae_mw": 5.0},
        }
    },
}
TASK = {"study": "demand", "variant": "next_day", "metric": "mae_mw"}


def forecast_table(errors, model, hours=2, first="2014-01-01", spread=1.0):
    """Forecasts of 0, one issue per local day, whose errors are `errors`, row by row."""
    rows = len(errors)
    issued = pd.date_range(first, periods=-(-rows // hours), freq="D", tz="UTC").repeat(hours)
    lead = pd.to_timedelta([i % hours for i in range(rows)], unit="h")
    table = pd.DataFrame(
        {"series_id": "s", "issued_at": issued[:rows], "valid_at": issued[:rows] + lead}
    ).assign(model=model)
    for level, width in ((0.025, -2), (0.1, -1), (0.5, 0), (0.9, 1), (0.975, 2)):
        table[metrics.quantile_column(level)] = [-e + width * spread for e in errors]
    return table


@pytest.fixture
def scored():
    """A function: `{model: errors}` to a scored table; the actual value is always 0."""

    def of(errors, hours=2, **settings):
        tables = [forecast_table(e, name, hours, **settings) for name, e in errors.items()]
        table = pd.concat(tables, ignore_index=True)
        times = pd.DatetimeIndex(table["valid_at"].unique(), name="time")
        return metrics.score(table, pd.Series(0.0, index=times))

    return of


@pytest.fixture
def root(tmp_path):
    """A project whose study `demand` has run."""
    folder = tmp_path / "reports" / "metrics"
    folder.mkdir(parents=True)
    (folder / "demand.json").write_text(json.dumps(METRICS))
    return tmp_path
