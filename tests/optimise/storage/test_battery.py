import math

import numpy as np
import pytest

from lab.errors import UsageError
from lab.optimise.storage.battery import Battery


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"capacity_kwh": -2}, "capacity_kwh of battery 'b' must be above 0, got -2"),
        ({"capacity_kwh": math.nan}, "capacity_kwh"),
        ({"charge_kw": 0}, "charge_kw"),
        ({"discharge_kw": math.inf}, "discharge_kw"),
        (
            {"charge_efficiency": 1.2},
            "charge_efficiency of battery 'b' must be above 0 and up to 1",
        ),
        ({"discharge_efficiency": 0}, "discharge_efficiency"),
        ({"self_discharge_per_hour": 1}, "self_discharge_per_hour"),
        ({"soc_min": 0.9, "soc_max": 0.5}, "soc_max of battery 'b' must be above 0.9 and up to 1"),
        ({"soc_start": 0.05, "soc_min": 0.1}, "soc_start .* be from 0.1 to 1, got"),
        ({"soc_end": 1.5}, "soc_end"),
        ({"wear_per_kwh": -0.1}, "wear_per_kwh"),
        ({"cycles_per_day": 0}, "cycles_per_day of battery 'b' must be above 0"),
        ({"charge_kw": "5"}, "charge_kw .* got '5'"),
    ],
)
def test_one_sentence_names_what_is_wrong(change, said):
    with pytest.raises(UsageError, match=said):
        Battery(**{"capacity_kwh": 10, "charge_kw": 5, "name": "b"} | change)


def test_numbers_of_numpy_are_numbers():
    assert Battery(np.int64(10), np.float32(5)).usable_kwh == 10


def test_discharges_as_fast_as_it_charges_unless_told():
    assert Battery(10, 5).discharge_kw == 5
    assert Battery(10, 5, 2).discharge_kw == 2


def test_round_trip_and_what_is_kept():
    one = Battery(10, 5, charge_efficiency=0.9, discharge_efficiency=0.8)
    assert one.round_trip == pytest.approx(0.72)
    assert Battery(10, 5, self_discharge_per_hour=0.1).kept(2) == pytest.approx(0.81)
