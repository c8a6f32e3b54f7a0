import pytest

from lab.errors import SolveError
from lab.optimise.appliances import immediate


def test_everything_starts_at_once_and_successors_wait(hours, item):
    washing, drying = item("w", duration_h=2.0), item("d", duration_h=1.0, after=["w"])
    table = immediate([drying, washing], hours([1, 1, 1, 1]))
    assert table["w"].tolist() == [1, 1, 0, 0]
    assert table["d"].tolist() == [0, 0, 1, 0]


def test_a_group_takes_turns_in_the_order_given(hours, item):
    items = [item("x", group="g"), item("y", group="g", kind="interruptible")]
    table = immediate(items, hours([1, 1, 1, 1]))
    assert table["y"].tolist() == [0, 0, 1, 1]


@pytest.mark.parametrize(
    ("least", "powers"), [(0.0, [2, 1, 0, 0]), (1.4, [1.5, 1.5, 0, 0])], ids=["part", "even"]
)
def test_the_last_slot_of_an_adjustable_run_takes_the_rest(hours, item, least, powers):
    heater = item(power_kw=2.0, energy_kwh=3.0, min_power_kw=least)
    assert immediate([heater], hours([1, 1, 1, 1]))["a"].tolist() == powers


def test_a_run_that_ends_after_the_prices_is_refused(hours, item):
    items = [item("w", duration_h=3.0), item("d", after=["w"])]
    with pytest.raises(SolveError, match="'d' cannot be run at once: the prices end"):
        immediate(items, hours([1, 1, 1, 1]))
