import matplotlib.pyplot as plt
import pytest

from lab.optimise.appliances import figures, plan


def test_a_gantt_has_a_bar_for_every_run_planned_and_at_once(evening):
    made = plan(*evening())
    above, below = figures.gantt(made, "Europe/Brussels", price_label="price [EUR/MWh]")
    # Stretches of equal power: one for each run, and the heater's last slot may be lower.
    assert len(below.patches) >= len(made.runs()) + made.schedule.shape[1]
    assert [t.get_text() for t in below.get_yticklabels()] == list(made.schedule)
    assert above.get_ylabel() == "price [EUR/MWh]" and below.get_xlabel() == "local time [h]"
    widths = sum(bar.get_width() for bar in below.patches if bar.get_alpha() == 1.0) * 24
    assert widths == pytest.approx((made.schedule > 1e-6).to_numpy().sum() / 4)
    plt.close("all")


def test_what_cannot_run_at_once_is_drawn_as_planned(hours, item):
    first, long = item(first=1, duration_h=1.0, group="g"), item("b", duration_h=3.0, group="g")
    made = plan([first, long], hours([1, 1, 1, 1]))
    _, below = figures.gantt(made, "UTC", price_label="price")
    assert len(below.patches) == len(made.runs()) == 2
    plt.close("all")


def test_colours_differ():
    assert len(set(figures.colours("abcdef").values())) == 6
