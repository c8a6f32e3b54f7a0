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


def test_its_change_over_a_day_and_a_week_is_known_ahead_too(simulated):
    spec = {"families": ["published"], "published": ["load_forecast_mw"]}
    table = simulated(200)
    load, built = table["load_forecast_mw"], features.build(table, spec, zone="Europe/Brussels")
    assert built["load_forecast_mw_diff_24h"].iloc[-1] == load.iloc[-1] - load.iloc[-25]
    assert built["load_forecast_mw_diff_168h"].iloc[-1] == load.iloc[-1] - load.iloc[-169]
    assert set(features.catalogue(spec)["knowledge"]) == {"known_future"}


def test_a_family_without_a_column_is_refused():
    with pytest.raises(UsageError, match="'published' needs at least one column"):
        features.names({"families": ["published"]})
