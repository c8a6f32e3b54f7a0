"""Books of orders: what they hold and what they refuse."""

import numpy as np
import pandas as pd
import pytest

from lab.errors import DataError
from lab.market.order_book import COLUMNS, OrderBook


def test_a_table_becomes_a_book_in_the_order_of_arrival():
    rows = [("bid", 0.3, 2.0), ("offer", 0.1, 1.0), ("bid", -0.05, 1.5)]
    book = OrderBook.of(pd.DataFrame(rows, columns=list(COLUMNS)))
    assert book.bid_usd_per_kwh.tolist() == [0.3, -0.05]
    assert book.bid_lots.tolist() == [2_000_000_000, 1_500_000_000]
    assert book.offer_kwh.tolist() == [1.0]


@pytest.mark.parametrize(
    ("sides", "message"),
    [
        (([], [], [], []), "The order book is empty: it needs at least one bid or offer"),
        (([0.1], [-1.0], [], []), r"Quantities of bids \[kWh\] must be at least .* got -1 at"),
        (([0.1], [0.0], [], []), "Quantities of bids .* got 0 at position 0"),
        (
            ([], [], [0.1, np.nan], [1, 1]),
            "Prices of offers must be finite numbers, got nan at offer 1",
        ),
        (([np.inf], [1.0], [], []), "Prices of bids must be finite numbers, got inf at bid 0"),
        (
            ([0.1, 0.2], [1.0], [], []),
            "Each bid needs one price and one quantity, got 2 prices and 1",
        ),
        (([0.1], [1e10], [], []), "The bids of a book must sum to at most"),
        ((["dear"], [1.0], [], []), "Prices of bids must be finite numbers, got others"),
    ],
    ids=["empty", "negative", "zero", "nan price", "infinite", "lengths", "too much", "text"],
)
def test_bad_orders_are_refused_by_name(sides, message):
    with pytest.raises(DataError, match=message):
        OrderBook(*sides)


def test_bad_tables_are_refused_by_name():
    with pytest.raises(DataError, match="needs the columns .*, got no quantity_kwh"):
        OrderBook.of(pd.DataFrame({"side": ["bid"], "price_usd_per_kwh": [0.1]}))
    rows = pd.DataFrame([("ask", 0.1, 1.0)], columns=list(COLUMNS))
    with pytest.raises(DataError, match="must be bid or offer, got 'ask' in row 0"):
        OrderBook.of(rows)
