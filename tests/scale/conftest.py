"""A fleet of six simulated meters over two months, cut, learnt and forecast."""

import pytest

from lab.scale import parts
from lab.scale.plan import Plan, cut

PERIODS = {
    "first": "2023-03-01",
    "days": 75,
    "choose_from": "2023-04-15",
    "test_from": "2023-04-22",
    "origins": 16,
}


@pytest.fixture(scope="session")
def plan():
    """Return a plan of the smallest model."""
    return Plan(**PERIODS, learning_days=10, seed=4, trees=4, leaves=5)


@pytest.fixture(scope="session")
def part(plan, tmp_path_factory):
    """Return the one part of six simulated meters, written."""
    (made,) = cut(plan, 6, str(tmp_path_factory.mktemp("fleet")))
    parts.write(made)
    return made


@pytest.fixture(scope="session")
def learnt(part):
    """Return what the part gives to learn from."""
    return parts.learn(part)


@pytest.fixture(scope="session")
def model(plan, learnt):
    """Return the global model."""
    return plan.model(1).fit(*learnt)
