"""Where energy went, by hand; figures show what the tables say."""

import matplotlib.pyplot as plt
import pandas as pd
import pytest

from lab.optimise.storage.battery import Battery
from lab.optimise.storage.drawing import draw_flows, draw_schedule
from lab.optimise.storage.flows import flows
from lab.optimise.storage.rules import self_consumption


@pytest.fixture(scope="module")
def done(site):
    one = site(
        [0.2] * 4, export_price=[0.1] * 4, load_kw=[1, 1, 2, 3], pv_kw=[0, 6, 0, 0],
        export_limit_kw=1.5,
    )  # fmt: skip
    return self_consumption(one, Battery(2, 4, charge_efficiency=0.8))


def test_energy_from_each_source_to_each_sink(done):
    # 1 of 6 kWh serves the load, 2.5 fill the battery, 1.5 are sold and 1 is left unused.
    expected = pd.DataFrame(
        [[1, 2.5, 1.5, 1, 0], [4, 0, 0, 0, 0], [2, 0, 0, 0, 0.5]],
        index=["PV", "grid", "battery"],
        columns=["load", "battery", "grid", "curtailed", "losses"],
    )
    assert flows(done).to_numpy() == pytest.approx(expected.to_numpy())


def test_what_is_still_held_was_not_lost(site):
    one = site([0.2] * 2, load_kw=[0, 0], pv_kw=[1, 1])
    energy = flows(self_consumption(one, Battery(9, 4, charge_efficiency=0.8)))
    assert energy.loc["battery", "losses"] == pytest.approx(0.4)


def test_bands_are_as_high_as_their_energy(done):
    _, axis = plt.subplots()
    draw_flows(axis, flows(done))
    told = {t.get_text() for t in axis.texts}
    assert {"PV\n6 kWh", "load\n7 kWh", "curtailed\n1 kWh"} <= told
    assert len(axis.collections) == 7  # six flows, and what the battery loses
    plt.close()


def test_the_days_of_a_schedule(done):
    _, axes = plt.subplots(3, 1)
    index = done.site.table.index
    draw_schedule(axes, done, index[0], index[3], {"price": "tariff"})
    idle, net = axes[0].lines[:2]
    assert idle.get_ydata().tolist() == pytest.approx([1, -5, 2])
    assert net.get_ydata().tolist() == pytest.approx([1, -1.5, 0])
    assert axes[2].get_ylabel() == "tariff"
    plt.close()
