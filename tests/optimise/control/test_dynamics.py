import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.optimise.control.dynamics import (
    CHARGE,
    DISCHARGE,
    HOLD,
    act,
    asked_for,
    follow,
    level_of,
    limits,
    run_energy,
    run_table,
)
from lab.optimise.storage.battery import Battery

# Ten kWh, 4 kW both ways, half is lost on the way in and a fifth on the way out; 1 to 9 kWh.
LIMITS = {"soc_min": 0.1, "soc_max": 0.9, "soc_start": 0.5}
ROUGH = Battery(10, 4, charge_efficiency=0.5, discharge_efficiency=0.8, **LIMITS)
LEAKY = Battery(10, 4, self_discharge_per_hour=0.5, soc_min=0.4, soc_max=1, soc_start=0.5)

STEPS = {
    "charge": (ROUGH, 5.0, CHARGE, (7.0, 4.0, 0.0)),
    "hold": (ROUGH, 5.0, HOLD, (5.0, 0.0, 0.0)),
    "discharge": (ROUGH, 8.0, DISCHARGE, (3.0, 0.0, 4.0)),
    "nearly full": (ROUGH, 8.5, CHARGE, (9.0, 1.0, 0.0)),
    "full": (ROUGH, 9.0, CHARGE, (9.0, 0.0, 0.0)),
    "nearly empty": (ROUGH, 2.0, DISCHARGE, (1.0, 0.0, 0.8)),
    "empty": (ROUGH, 1.0, DISCHARGE, (1.0, 0.0, 0.0)),
    "leaks": (LEAKY, 10.0, HOLD, (5.0, 0.0, 0.0)),
    "leaks below the reserve": (LEAKY, 5.0, DISCHARGE, (4.0, 1.5, 0.0)),
    "leaks and charges": (LEAKY, 5.0, CHARGE, (6.5, 4.0, 0.0)),
}


@pytest.mark.parametrize(("battery", "energy", "action", "wanted"), STEPS.values(), ids=STEPS)
def test_one_hour(battery, energy, action, wanted):
    of = limits(battery, 1.0)
    found = follow.py_func(energy, asked_for.py_func(action, of), of)
    assert found == pytest.approx(wanted)
    assert follow(energy, asked_for(action, of), of) == pytest.approx(wanted, abs=1e-12)


@settings(max_examples=60, deadline=None)
@given(
    wanted=st.lists(st.floats(-9, 9), min_size=1, max_size=30),
    soc=st.floats(0.1, 0.9),
    into=st.floats(0.3, 1),
    out=st.floats(0.3, 1),
)
def test_whatever_is_asked_energy_is_kept_and_limits_hold(wanted, soc, into, out):
    battery = Battery(10, 4, 3, into, out, soc_min=0.1, soc_max=0.9, soc_start=soc)
    held, taken, given_ = run_energy(np.array(wanted), 10 * soc, limits(battery, 1.0))
    before = np.append(10 * soc, held[:-1])
    assert np.abs(before + taken * into - given_ / out - held).max() < 1e-9
    assert held.min() > 1 - 1e-9
    assert held.max() < 9 + 1e-9
    assert taken.max() <= 4 + 1e-9
    assert given_.max() <= 3 + 1e-9
    assert (np.minimum(taken, given_) == 0).all()


@settings(deadline=None, max_examples=60)
@given(
    st.floats(0, 10),
    st.sampled_from([CHARGE, HOLD, DISCHARGE]),
    st.sampled_from([ROUGH, LEAKY]),
    st.sampled_from([1 / 60, 1.0]),
    st.booleans(),
)
def test_full_power_by_action_is_the_same_to_the_bit(energy, action, battery, step_h, plain):
    of = limits(battery, step_h)
    does = act.py_func if plain else act
    assert does(energy, action, of) == follow(energy, asked_for(action, of), of)


def test_charge_levels_are_equally_wide_between_the_limits():
    of = limits(ROUGH, 1.0)
    energies = [0.5, 1.0, 1.79, 1.8, 5.0, 8.9, 9.0]
    assert [level_of.py_func(e, of, 10) for e in energies] == [0, 0, 0, 1, 5, 9, 9]
    assert [level_of(e, of, 10) for e in energies] == [0, 0, 0, 1, 5, 9, 9]


@pytest.mark.parametrize("run", [run_table, run_table.py_func], ids=["compiled", "plain"])
def test_a_table_of_actions_is_followed_by_charge_level(run):
    # Charges in the lower half, discharges in the upper one.
    table = np.array([[CHARGE], [DISCHARGE]])
    held, taken, given_, asked = run(table, np.zeros((3, 2), np.int32), 4.0, limits(ROUGH, 1.0), 1)
    assert held.tolist() == pytest.approx([6.0, 1.0, 3.0])
    assert taken.tolist() == pytest.approx([4.0, 0.0, 4.0])
    assert given_.tolist() == pytest.approx([0.0, 4.0, 0.0])
    assert asked.tolist() == [CHARGE, DISCHARGE, CHARGE]


def test_an_action_is_kept_as_long_as_told():
    table = np.array([[CHARGE], [DISCHARGE]])
    moved = run_table(table, np.zeros((4, 2), np.int32), 4.0, limits(ROUGH, 1.0), 2)
    assert moved[3].tolist() == [CHARGE, CHARGE, DISCHARGE, DISCHARGE]


def test_plain_and_compiled_schedules_agree():
    of, wanted = limits(ROUGH, 1.0), np.array([3.0, -9.0, 9.0, 0.0])
    both = run_energy.py_func(wanted, 5.0, of), run_energy(wanted, 5.0, of)
    for plain, fast in zip(*both, strict=True):
        assert plain.tolist() == fast.tolist()
