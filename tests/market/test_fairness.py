"""Who pays more and who pays less."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.errors import DataError
from lab.market import fairness

HOURS = pd.date_range("2020", periods=2, freq="h", tz="UTC")
LOAD = pd.DataFrame(
    {"early": [2.0, 0.0], "late": [0.0, 1.0], "even": [1.0, 1.0], "none": 0.0}, HOURS
)
PRICE = pd.Series([0.1, 0.3], HOURS)


def test_the_flat_price_brings_the_same_revenue():
    flat = fairness.flat_price(LOAD, PRICE)
    assert flat == pytest.approx((3 * 0.1 + 2 * 0.3) / 5)
    bills = fairness.against_flat(LOAD, PRICE, flat)
    assert bills["change_usd"].sum() == pytest.approx(0)
    assert bills["pays"].to_dict() == {
        "early": "less",
        "late": "more",
        "even": "more",
        "none": "the same",
    }
    assert np.isnan(bills.loc["none", "change_percent"])


@given(st.lists(st.floats(0.0, 100.0), min_size=1, max_size=8).filter(lambda v: sum(v) > 1e-3))
def test_gini_lies_between_0_and_1_and_knows_no_unit(values):
    amounts = np.array(values)
    found = fairness.gini(amounts)
    assert -1e-12 <= found < 1
    assert fairness.gini(amounts * 7) == pytest.approx(found, abs=1e-9)
    apart = np.abs(amounts[:, None] - amounts[None, :]).mean() / (2 * amounts.mean())
    assert found == pytest.approx(apart, abs=1e-9)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: fairness.flat_price(LOAD * 0, PRICE), "needs some load, got none"),
        (lambda: fairness.flat_price(-LOAD, PRICE), r"Load \[kWh\] must be at least 0"),
        (lambda: fairness.against_flat(LOAD, PRICE * np.nan, 0.2), "Prices .* must be finite"),
        (lambda: fairness.against_flat(LOAD, PRICE.iloc[:1], 0.2), "the same time stamps"),
        (lambda: fairness.gini(np.zeros(3)), "needs an amount above 0, got 3 of 0"),
        (lambda: fairness.gini(np.array([1.0, -1.0])), "Amounts must be at least 0, got -1"),
    ],
    ids=["no load", "negative", "nan", "stamps", "zero", "below"],
)
def test_bad_input_is_refused_by_name(call, message):
    with pytest.raises(DataError, match=message):
        call()
