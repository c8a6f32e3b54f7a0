"""Continuous piecewise-linear functions on an interval, as a dynamic programme needs them.

A function is two arrays: rising positions and values there, linear in between, infinite outside.
Nothing has to be convex. Compiled; positions and values are float64.
"""

from typing import Any

import numpy as np
from numba import njit

compiled: Any = njit(cache=True, nogil=True, error_model="numpy")
# Points closer than this are one; a value this close to a line (relative) lies on it.
SAME, STRAIGHT = 1e-11, 1e-13


@compiled
def at(x: np.ndarray, y: np.ndarray, position: float) -> float:
    """Return the value at a position inside the interval."""
    if position <= x[0]:
        return y[0]
    if position >= x[-1]:
        return y[-1]
    j = np.searchsorted(x, position)
    share = (position - x[j - 1]) / (x[j] - x[j - 1])
    return y[j - 1] + share * (y[j] - y[j - 1])


@compiled
def simplified(x: np.ndarray, y: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the first n points without those that lie on the line of their neighbours."""
    m = 1
    for i in range(1, n):
        if x[i] - x[m - 1] <= SAME:
            y[m - 1] = min(y[m - 1], y[i])
            continue
        if m >= 2:
            share = (x[m - 1] - x[m - 2]) / (x[i] - x[m - 2])
            line = y[m - 2] + share * (y[i] - y[m - 2])
            if abs(line - y[m - 1]) <= STRAIGHT * (1 + abs(line)):
                m -= 1
        x[m], y[m] = x[i], y[i]
        m += 1
    return x[:m].copy(), y[:m].copy()


@compiled
def clipped(x: np.ndarray, y: np.ndarray, low: float, high: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the function on the part of its interval from low to high; empty where none is."""
    low, high = max(low, x[0]), min(high, x[-1])
    if low > high + SAME:
        return x[:0].copy(), y[:0].copy()
    high = max(low, high)
    out_x, out_y = np.empty(len(x) + 2), np.empty(len(x) + 2)
    out_x[0], out_y[0], n = low, at(x, y, low), 1
    for i in range(len(x)):
        if low + SAME < x[i] < high - SAME:
            out_x[n], out_y[n] = x[i], y[i]
            n += 1
    if high > low + SAME:
        out_x[n], out_y[n] = high, at(x, y, high)
        n += 1
    return out_x[:n].copy(), out_y[:n].copy()


@compiled
def lesser(
    x: np.ndarray, y: np.ndarray, u: np.ndarray, v: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the lower of two functions; where only one is given, that one.

    The intervals overlap, and a function that begins or ends inside the other's interval is not the
    lower one there, so that the result is continuous.
    """
    grid = np.unique(np.concatenate((x, u)))
    out_x, out_y = np.empty(2 * len(grid)), np.empty(2 * len(grid))
    n = 0
    for i in range(len(grid)):
        p = grid[i]
        a = at(x, y, p) if x[0] - SAME <= p <= x[-1] + SAME else np.inf
        b = at(u, v, p) if u[0] - SAME <= p <= u[-1] + SAME else np.inf
        if i > 0:
            q = grid[i - 1]
            if max(x[0], u[0]) - SAME <= q and p <= min(x[-1], u[-1]) + SAME:
                was = at(x, y, q) - at(u, v, q)
                now = a - b
                if was * now < 0:
                    share = was / (was - now)
                    out_x[n] = q + share * (p - q)
                    out_y[n] = at(x, y, q) + share * (a - at(x, y, q))
                    n += 1
        out_x[n], out_y[n] = p, min(a, b)
        n += 1
    return simplified(out_x, out_y, n)


@compiled
def reached_from_below(  # noqa: PLR0912
    x: np.ndarray, y: np.ndarray, length: float, slope: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return min over 0 <= u <= length of f(p - u) + slope u, for every p.

    The infimal convolution with one linear piece. With g(z) = f(z) - slope z it is
    slope p + the minimum of g over the window from p - length to p, and that minimum lies at an
    end of the window or at a local minimum of g inside it.
    """
    if length <= SAME:
        return x, y
    k = len(x)
    g = y - slope * x
    is_valley = np.zeros(k, np.bool_)
    for i in range(k):
        is_valley[i] = (i == 0 or g[i] <= g[i - 1]) and (i == k - 1 or g[i] <= g[i + 1])
    grid = np.empty(2 * k)
    a = b = n = 0
    while a < k or b < k:  # both lists rise
        if b >= k or (a < k and x[a] <= x[b] + length):
            grid[n] = x[a]
            a += 1
        else:
            grid[n] = x[b] + length
            b += 1
        n += 1
    out_x, out_y = np.empty(8 * k + 8), np.empty(8 * k + 8)
    m = 0
    first = 0
    left_g = 0  # segment of g that holds p, and that holds p - length
    left_s = 0
    for i in range(n - 1):
        p, q = grid[i], grid[i + 1]
        if q - p <= SAME:
            continue
        middle = 0.5 * (p + q)
        lowest = np.inf
        while first < k and x[first] < middle - length:
            first += 1
        j = first
        while j < k and x[j] <= middle:
            if is_valley[j]:
                lowest = min(lowest, g[j])
            j += 1
        here_p = here_q = there_p = there_q = np.inf
        if middle < x[k - 1]:
            while x[left_g + 1] < middle:
                left_g += 1
            rate = (g[left_g + 1] - g[left_g]) / (x[left_g + 1] - x[left_g])
            here_p = g[left_g] + rate * (p - x[left_g])
            here_q = g[left_g] + rate * (q - x[left_g])
        if middle - length > x[0]:
            while x[left_s + 1] < middle - length:
                left_s += 1
            rate = (g[left_s + 1] - g[left_s]) / (x[left_s + 1] - x[left_s])
            there_p = g[left_s] + rate * (p - length - x[left_s])
            there_q = g[left_s] + rate * (q - length - x[left_s])
        m = _lowest_of_three(p, q, here_p, here_q, there_p, there_q, lowest, slope, out_x, out_y, m)
    return simplified(out_x, out_y, m)


@compiled
def _lowest_of_three(p, q, a, b, c, d, flat, slope, out_x, out_y, m):  # type: ignore[no-untyped-def]  # noqa: PLR0917
    """Write the minimum of two lines and a constant between p and q, tilted by the slope."""
    cuts = np.empty(5)
    cuts[0], n = p, 1
    for one, two, three, four in ((a, b, c, d), (a, b, flat, flat), (c, d, flat, flat)):
        if np.isfinite(one) and np.isfinite(three) and (one - three) * (two - four) < 0:
            cuts[n] = p + (q - p) * (one - three) / ((one - three) - (two - four))
            n += 1
    cuts[n] = q
    n += 1
    ordered = np.sort(cuts[:n])
    for i in range(n):
        share = (ordered[i] - p) / (q - p)
        value = flat
        if np.isfinite(a):
            value = min(value, a + share * (b - a))
        if np.isfinite(c):
            value = min(value, c + share * (d - c))
        out_x[m], out_y[m] = ordered[i], value + slope * ordered[i]
        m += 1
    return m


@compiled
def reached_from_above(
    x: np.ndarray, y: np.ndarray, length: float, slope: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return min over 0 <= u <= length of f(p + u) + slope u, for every p."""
    u, v = reached_from_below(-x[::-1], y[::-1].copy(), length, slope)
    return -u[::-1], v[::-1].copy()


@compiled
def slid_if_convex(
    x: np.ndarray, y: np.ndarray, length: float, slope: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return `reached_from_below` of a convex function: the piece takes its place by slope."""
    if length <= SAME:
        return x, y
    k = len(x)
    out_x, out_y = np.empty(k + 1), np.empty(k + 1)
    i = 0
    out_x[0], out_y[0] = x[0], y[0]
    while i + 1 < k and y[i + 1] - y[i] <= slope * (x[i + 1] - x[i]):
        i += 1
        out_x[i], out_y[i] = x[i], y[i]
    for j in range(i, k):
        out_x[j + 1], out_y[j + 1] = x[j] + length, y[j] + slope * length
    return out_x, out_y
