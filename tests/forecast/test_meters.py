"""Tables of meters: what was filled is blank again, and each knows what it may."""

import numpy as np
import pandas as pd
import pytest

from lab.errors import DataError
from lab.forecast import meters

ZONE = "Europe/Brussels"
# From local midnight of 26 March to that of 29 March 2016: the 27th has 23 hours.
HOURS = pd.date_range("2016-03-25 23:00", "2016-03-28 21:00", freq="h", tz="UTC", name="time")


def cleaned():
    first = np.arange(len(HOURS), dtype=float)
    first[5] = np.nan
    filled = np.zeros(len(HOURS), dtype=bool)
    filled[7] = True
    return pd.DataFrame(
        {"meter_ab_w": first, "meter_cd_w": 2.0, "meter_ab_w_imputed": filled}, index=HOURS
    )


def test_flagged_and_filled_hours_are_blank():
    loads = meters.measured_loads(cleaned())
    assert list(loads) == ["ab", "cd"]
    assert np.flatnonzero(loads["ab"].isna()).tolist() == [5, 7]
    assert loads["ab"].iloc[6] == 6.0
    assert loads["cd"].notna().all()


def test_a_table_without_meters_is_refused():
    with pytest.raises(DataError, match="no column meter_<id>_w; it has power_w"):
        meters.measured_loads(pd.DataFrame({"power_w": [1.0]}))


def test_each_meter_has_a_table_with_its_knowledge_times():
    loads = meters.measured_loads(cleaned())
    weather = pd.DataFrame({"temperature_c": 1.0, "rain": 0.0}, index=HOURS)
    tables = meters.day_tables(loads, weather, ZONE, set(), ["temperature_c"])
    assert list(tables) == ["ab", "cd"]
    table = tables["ab"]
    assert table.series_id == "ab"
    assert np.diff(table.start).tolist() == [24, 23, 24]
    assert table.knowledge["load_w"] == table.knowledge["temperature_c"] == "past"
    assert table.knowledge["weekday"] == "known_future"
    assert "rain" not in table.knowledge
    view = table.view(2)
    assert np.flatnonzero(np.isnan(view.past["load_w"])).tolist() == [5, 7]
    assert "temperature_c" not in view.future


@pytest.mark.parametrize(
    ("first", "last", "hours"),
    [
        pytest.param("2016-03-26", "2016-03-26", 2, id="day-with-both"),
        pytest.param("2016-03-27", "2016-03-28", 0, id="days-without"),
    ],
)
def test_flagged_hours_are_counted_by_local_day(first, last, hours):
    loads = meters.measured_loads(cleaned())
    counts = meters.flagged_hours(loads, ZONE, first, last)
    assert counts.to_dict() == {"ab": hours, "cd": 0}
