"""Homes that trade: by hand, and what holds for every net load."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.errors import DataError, SolveError, UsageError
from lab.market import p2p

HOURS = pd.date_range("2020-06-01", periods=3, freq="h", tz="UTC")
NET = pd.DataFrame({"a": [3.0, 1.0, 1.0], "b": [1.0, -2.0, 2.0], "c": [-2.0, -2.0, 0.5]}, HOURS)


def test_the_mid_market_rate_by_hand():
    found = p2p.mid_market_rate(NET, 0.30, 0.10)
    # First hour: 2 kWh are left and 4 lacking, so half of each need is met; at 0.20.
    assert found.bought_kwh.iloc[0].tolist() == [1.5, 0.5, 0.0]
    assert found.sold_kwh.iloc[1].tolist() == [0.0, 0.5, 0.5]
    assert found.traded_kwh.tolist() == [2.0, 1.0, 0.0]
    assert found.price_usd_per_kwh.round(9).tolist()[:2] == [0.2, 0.2]
    assert np.isnan(found.price_usd_per_kwh.iloc[2])
    assert found.gains_usd.round(9).to_dict() == {"a": 0.25, "b": 0.1, "c": 0.25}
    assert found.alone_usd["c"] == pytest.approx(-0.2 - 0.2 + 0.15)


def test_in_the_auction_the_shorter_side_gets_everything():
    found = p2p.double_auction(NET, 0.30, 0.10)
    assert found.price_usd_per_kwh.tolist()[:2] == pytest.approx([0.30, 0.10])
    # Sellers gain 0.2 on 2 kWh in the first hour, the buyer on 1 kWh in the second.
    assert found.gains_usd.round(9).to_dict() == {"a": 0.2, "b": 0.0, "c": 0.4}


def test_limits_that_do_not_meet_do_not_trade():
    shade = np.full(NET.shape, 0.6)
    assert p2p.double_auction(NET, 0.30, 0.10, shade=shade).traded_kwh.sum() == 0


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 2**31), st.floats(0, 0.4))
def test_no_home_is_worse_off_than_alone(seed, feed_in):
    draw = np.random.default_rng(seed)
    net = pd.DataFrame(draw.normal(0, 2, (5, 4)), pd.RangeIndex(5)).round(2)
    retail = pd.Series(feed_in + draw.uniform(0, 0.3, 5), net.index)
    full = p2p.mid_market_rate(net, retail, feed_in)
    for found in (full, p2p.double_auction(net, retail, feed_in)):
        assert (found.gains_usd >= -1e-9).all()
        assert found.traded_kwh.to_numpy() == pytest.approx(full.traded_kwh.to_numpy(), abs=1e-6)
        assert found.gains_usd.sum() == pytest.approx(full.gains_usd.sum(), abs=1e-6)
    shaded = p2p.double_auction(net, retail, feed_in, shade=draw.random(net.shape))
    assert (shaded.gains_usd >= -1e-9).all()
    assert shaded.gains_usd.sum() <= full.gains_usd.sum() + 1e-6


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: p2p.mid_market_rate(NET.iloc[:0], 0.3, 0.1),
            DataError,
            "at least one home and one",
        ),
        (
            lambda: p2p.mid_market_rate(NET, 0.1, 0.3),
            DataError,
            "must not be above .* got 0.3 and 0.1",
        ),
        (
            lambda: p2p.mid_market_rate(NET, np.nan, 0.1),
            DataError,
            r"Rates \[USD/kWh\] must be finite",
        ),
        (
            lambda: p2p.mid_market_rate(NET, pd.Series([0.3, 0.3], HOURS[:2]), 0.1),
            DataError,
            "got nan at hour 2",
        ),
        (
            lambda: p2p.mid_market_rate(NET * np.nan, 0.3, 0.1),
            DataError,
            "Net load .* at hour and home 0, 0",
        ),
        (
            lambda: p2p.double_auction(NET, 0.3, 0.1, share=2),
            UsageError,
            "share must be from 0 to 1",
        ),
        (
            lambda: p2p.double_auction(NET, 0.3, 0.1, shade=np.ones((1, 3))),
            DataError,
            "shade must lie from 0 to 1",
        ),
        (
            lambda: p2p.double_auction(NET, 0.3, 0.1, shade=np.full(NET.shape, 2.0)),
            DataError,
            "shade must lie from 0 to 1",
        ),
    ],
    ids=["empty", "crossed", "nan rate", "short rate", "nan net", "share", "shape", "shade"],
)
def test_bad_input_is_refused_by_name(call, error, message):
    with pytest.raises(error, match=message):
        call()


RATES = np.full(3, 0.30), np.full(3, 0.10)


@pytest.mark.parametrize(
    ("field", "factor", "what"),
    [
        ("bought_kwh", 2.0, "more bought than sold, or less"),
        ("received_usd", 2.0, "money that is paid and not received"),
        ("together_usd", 9.0, "a cost together that is no sum"),
        ("alone_usd", 9.0, "a cost alone that is no sum"),
    ],
)
def test_the_check_finds_what_is_wrong(field, factor, what):
    found = p2p.mid_market_rate(NET, 0.30, 0.10)
    p2p.check_exchange(found, NET, *RATES)
    spoilt = dataclasses.replace(found, **{field: getattr(found, field) * factor})
    with pytest.raises(SolveError, match=what):
        p2p.check_exchange(spoilt, NET, *RATES)


def priced(prices):
    """Return the exchange of 1 kWh that `a` buys of `b` each hour, with an account that fits."""
    index, names = HOURS[: len(prices)], ["a", "b"]
    net = pd.DataFrame([[1.0, -1.0]] * len(prices), index, names)
    price, none = np.array(prices), np.zeros(len(prices))

    def table(*columns):
        return pd.DataFrame(np.column_stack(columns), index, names)

    found = p2p.Exchange(
        "by hand",
        table(none + 1, none),
        table(none, none + 1),
        table(price, none),
        table(none, price),
        pd.Series([0.30 * len(prices), -0.10 * len(prices)], names),
        pd.Series([price.sum(), -price.sum()], names),
        pd.Series(price, index),
    )
    return found, net, np.full(len(prices), 0.30), np.full(len(prices), 0.10)


def test_a_loss_in_one_hour_is_found_though_the_sum_gains():
    p2p.check_exchange(*priced([0.30, 0.15]))
    for prices in ([0.35, 0.15], [0.05, 0.25]):
        found, *rest = priced(prices)
        assert (found.gains_usd > 0).all()
        with pytest.raises(SolveError, match="worse off in an hour than alone, by 0.05"):
            p2p.check_exchange(found, *rest)


def test_a_trade_at_another_price_is_found():
    found, *rest = priced([0.20, 0.20])
    other = dataclasses.replace(found, price_usd_per_kwh=found.price_usd_per_kwh + 0.05)
    with pytest.raises(SolveError, match="a trade that is not paid at the price, by 0.05"):
        p2p.check_exchange(other, *rest)


FIELDS = [field.name for field in dataclasses.fields(p2p.Exchange) if field.name != "rule"]


@pytest.mark.parametrize("field", FIELDS)
def test_what_is_no_number_fails_the_check(field):
    found, *rest = priced([0.20, 0.20])
    spoilt = dataclasses.replace(found, **{field: getattr(found, field) * np.nan})
    with pytest.raises(SolveError, match="The exchange with the rule by hand left"):
        p2p.check_exchange(spoilt, *rest)
