from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from lab import data
from lab.quality.examine import examine, examine_sessions, widen_market
from lab.quality.rules import Rules

ROOT = Path(__file__).parents[2]
GROUPS = ["stuck", "interpolated", "outliers", "bounds", "siblings", "clock", "sessions", "repair"]
SETTINGS = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))["data_quality"]


@pytest.fixture(scope="session")
def rules() -> Rules:
    """The thresholds that the stage runs with: what the tests prove, holds for them."""
    return Rules.of(**{name: SETTINGS[name] for name in GROUPS})


class Measured:
    """The project's own tables and what the rules find in them, each computed once."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.tables: dict[str, pd.DataFrame] = {}
        self.found: dict[str, pd.DataFrame] = {}

    def table(self, name: str) -> pd.DataFrame:
        if name not in self.tables:
            self.tables[name] = data.load(name, root=ROOT)
        return self.tables[name]

    def findings(self, name: str) -> pd.DataFrame:
        if name not in self.found:
            table = self.table(name)
            if "arrival" in table:
                self.found[name] = examine_sessions(name, table, self.rules)
            else:
                wide = widen_market(table) if "delivery_date" in table else table
                zone = SETTINGS["zones"].get(name)
                self.found[name] = examine(name, wide, self.rules, zone)
        return self.found[name]

    def of(self, name: str, check: str) -> pd.DataFrame:
        found = self.findings(name)
        return found[found["check"] == check].reset_index(drop=True)


@pytest.fixture(scope="session")
def measured(rules) -> Measured:
    return Measured(rules)


@pytest.fixture
def hourly() -> Iterator[pd.DatetimeIndex]:
    """Sixty days of hours."""
    yield pd.date_range("2021-03-01", periods=60 * 24, freq="h", tz="UTC", name="time")


@pytest.fixture
def noise(hourly) -> pd.Series:
    """A load that never repeats a value."""
    values = 200 + 100 * np.random.default_rng(7).random(len(hourly))
    return pd.Series(values, hourly, name="load_kw")
