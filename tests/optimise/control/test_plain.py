"""The compiled functions, run as the Python that they are written in, line by line."""

import numpy as np
import pytest

from lab.optimise.control import dynamics, planning, q_learning
from lab.optimise.control.dynamics import limits
from lab.optimise.control.planning import Plans
from lab.optimise.control.q_learning import Settings
from lab.optimise.storage.battery import Battery

from .test_q_learning import lessons_of  # isort: skip

LEAKY = Battery(
    10, 4, 3, 0.9, 0.8, self_discharge_per_hour=0.1, soc_min=0.2, soc_start=0.5, wear_per_kwh=0.01
)


@pytest.fixture
def plain(monkeypatch):
    """Take every compiled function of the package out for its Python."""

    def take():
        for module in (dynamics, planning, q_learning):
            for name, one in list(vars(module).items()):
                if hasattr(one, "py_func"):
                    monkeypatch.setattr(module, name, one.py_func)

    return take


def test_plans_are_the_same(plain):
    of, draw = limits(LEAKY, 1.0), np.random.default_rng(2)
    ahead, price = draw.normal(0.03, 0.05, (30, 4)), draw.normal(0.03, 0.05, 30)
    plans = Plans(ahead, np.array([1.0, 1, 2, 6]), np.full(30, 0.02), 2)
    args = (price, plans, 5.0, of)
    run, worth = planning.run_plans(*args), planning.worth_in_plans(plans, of, 5)
    most = planning.foresight(price, 5.0, 0.02, of)
    plain()
    for fast, slow in zip(run, planning.run_plans(*args), strict=True):
        assert slow == pytest.approx(fast, abs=1e-12)
    assert planning.worth_in_plans(plans, of, 5) == pytest.approx(worth)
    assert planning.foresight(price, 5.0, 0.02, of) == pytest.approx(most)


WAYS = {"acts": {}, "thinks": {"thinks": True}, "anywhere": {"thinks": True, "anywhere": True}}


@pytest.mark.parametrize("how", WAYS.values(), ids=WAYS)
def test_learning_is_the_same(plain, stage, how):
    settings = Settings(levels=3, episodes=2, steps=120, hold=3, averaged=2, epsilon=0.5, **how)
    args = (lessons_of(stage, levels=3), stage.limits, settings.rates, settings.counts)
    fast = q_learning._episodes(*args, np.uint64(3))
    plain()
    with np.errstate(over="ignore"):
        slow = q_learning._episodes(*args, np.uint64(3))
    assert slow[0] == pytest.approx(fast[0], abs=1e-12)
    assert slow[1] == pytest.approx(fast[1])


def test_the_generator_is_splitmix64():
    # First output of the reference implementation by Vigna for the seed 0.
    with np.errstate(over="ignore"):
        found = q_learning.bits.py_func(np.uint64(q_learning.GOLDEN))
    assert found == (0xE220A8397B1DCDAF >> 11) / 2**53
