"""The six simple rules by hand."""

from types import SimpleNamespace

import numpy as np
import pytest

from lab.errors import UsageError
from lab.forecast.naive import RULES, Naive

# Eight days of two half-days each: values 10 d and 10 d + 5; day types of a week from Monday.
DAYS = np.array([[10.0 * d, 10.0 * d + 5] for d in range(8)])
TYPES = np.array([0, 0, 0, 0, 0, 1, 2, 0.0])


def view(days=DAYS, types=TYPES, today=0.0, steps=2, gap=0):
    return SimpleNamespace(
        gap=gap,
        valid_at=range(steps),
        past={"demand_mw": days.ravel()},
        past_days={"demand_mw": days, "day_type": np.repeat(types[:, None], 2, axis=1)},
        future_days={"day_type": np.full(2, today)},
    )


def rule(name, **changes):
    model = Naive(name)
    inputs = model.inputs(view(**changes))
    stacked = {key: values[None] for key, values in inputs.items()}
    return model.fit(stacked, np.empty((1, 2))).predict(stacked)[0, :, 0]


@pytest.mark.parametrize(
    ("name", "today", "expected"),
    [
        ("last_value", 0, [75, 75]),
        ("yesterday", 0, [70, 75]),
        ("last_week", 0, [10, 15]),
        ("same_day_type", 0, [70, 75]),
        ("same_day_type", 1, [50, 55]),
        ("same_day_type", 2, [60, 65]),
        ("mean_of_four", 0, [(20 + 30 + 40 + 70) / 4, (25 + 35 + 45 + 75) / 4]),
    ],
)
def test_rules_by_hand(name, today, expected):
    assert rule(name, today=float(today)).tolist()[:2] == expected


def test_with_a_longer_lead_the_latest_whole_days_or_weeks_are_taken():
    assert rule("yesterday", gap=4).tolist()[:2] == [70, 75]
    assert rule("last_week", gap=4).tolist()[:2] == [30, 35]
    assert rule("last_week", gap=14).tolist()[:2] == [10, 15]


def test_median_profile_needs_its_28_days_and_passes_over_gaps():
    days = np.array([[float(d), 100.0] for d in range(28)])
    days[27, 0] = np.nan
    types = np.zeros(28)
    assert rule("median_of_28_days", days=days, types=types).tolist() == [13, 100]
    assert np.isnan(rule("median_of_28_days", days=days[1:], types=types[1:])).all()


def test_missing_value_stays_missing():
    days = DAYS.copy()
    days[7, 0] = np.nan
    assert np.isnan(rule("yesterday", days=days)[0])
    assert rule("yesterday", days=days)[1] == 75
    assert np.isnan(rule("mean_of_four", days=days)[0])


def test_negative_values_pass():
    assert rule("same_day_type", days=-DAYS).tolist() == [-70, -75]


def test_too_little_history_gives_nan():
    assert np.isnan(rule("mean_of_four", today=1.0)).all()
    assert np.isnan(rule("last_week", days=DAYS[:3], types=TYPES[:3])).all()


def test_end_of_the_long_day_reaches_back_two_days():
    # Steps 1 to 48 of the 50 are 24 h after yesterday's; the last two would be today's.
    days = np.arange(96.0).reshape(2, 48)
    both = SimpleNamespace(
        gap=0, valid_at=range(50), past={"demand_mw": days.ravel()}, past_days={"demand_mw": days}
    )
    found = Naive("yesterday").inputs(both)["forecast"]
    assert found[:3].tolist() == [48, 49, 50]
    assert found[47:].tolist() == [95, 48, 49]


def test_short_day_leaves_the_columns_unused():
    found = Naive("yesterday").inputs(
        SimpleNamespace(
            gap=0,
            valid_at=range(46),
            past={"demand_mw": np.arange(48.0)},
            past_days={"demand_mw": np.zeros((1, 48))},
        )
    )["forecast"]
    assert found[45] == 45
    assert np.isnan(found[46:]).all()


def test_unknown_rule_is_refused():
    with pytest.raises(
        UsageError, match=f"Unknown simple rule 'tomorrow'; choose one of {RULES[0]}"
    ):
        Naive("tomorrow")
