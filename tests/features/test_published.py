"""Day-ahead forecasts as published."""

import pytest

from lab import features
from lab.errors import UsageError


def test_a_published_column_is_handed_on_and_known_ahead(simulated):
    spec = {"families": ["published"], "published": ["load_forecast_mw"]}
    table = simulated(10)
    built = features.build(table, spec, zone="Europe/Brussels")
    assert built["load_forecast_mw"].tolist() == table["load_forecast_mw"].tolist()
    assert features.catalogue(spec).loc["load_forecast_mw", ["unit", "knowledge"]].tolist() == [
        "MW",
        "known_future",
    ]


def test_a_family_without_a_column_is_refused():
    with pytest.raises(UsageError, match="'published' needs at least one column"):
        features.names({"families": ["published"]})
