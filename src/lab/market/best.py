"""The largest welfare that a book allows, by a linear program that knows no auction."""

from dataclasses import dataclass

import numpy as np

from lab.market.order_book import OrderBook
from lab.solver import Solved, solve


@dataclass(frozen=True, eq=False)
class BestWelfare:
    """Optimum of the linear program.

    Attributes
    ----------
    welfare_usd : float
    quantity_kwh : float
        One of the quantities that reach it.
    price_usd_per_kwh : float
        Dual of the balance: what another kWh would be worth.
    bid_filled_kwh, offer_filled_kwh : numpy.ndarray
    solved : Solved
    """

    welfare_usd: float
    quantity_kwh: float
    price_usd_per_kwh: float
    bid_filled_kwh: np.ndarray
    offer_filled_kwh: np.ndarray
    solved: Solved


def best_welfare(book: OrderBook) -> BestWelfare:
    """Maximise what filled bids are worth less what filled offers ask, as much bought as sold.

    Parameters
    ----------
    book : OrderBook

    Returns
    -------
    BestWelfare

    Raises
    ------
    SolveError
        As `lab.solver.solve` does.
    """
    import cvxpy as cp

    if not len(book.bid_kwh) or not len(book.offer_kwh):
        nothing = np.zeros_like(book.bid_kwh), np.zeros_like(book.offer_kwh)
        return BestWelfare(0.0, 0.0, np.nan, *nothing, Solved(0.0, "optimal", 0.0, True))
    bought = cp.Variable(len(book.bid_kwh), bounds=[0, book.bid_kwh])
    sold = cp.Variable(len(book.offer_kwh), bounds=[0, book.offer_kwh])
    as_much_bought_as_sold = cp.sum(bought) == cp.sum(sold)
    welfare = book.bid_usd_per_kwh @ bought - book.offer_usd_per_kwh @ sold
    problem = cp.Problem(cp.Maximize(welfare), [as_much_bought_as_sold])
    solved = solve(problem, "The largest welfare of an order book")
    price = float(as_much_bought_as_sold.dual_value)
    fills = np.asarray(bought.value), np.asarray(sold.value)
    return BestWelfare(solved.objective, float(fills[0].sum()), price, *fills, solved)
