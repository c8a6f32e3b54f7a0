"""The LASSO's whole path from a Gram matrix, and the point of it that a criterion takes.

Many targets that share their inputs share the Gram matrix, which is the costly part: one path
for each of them then needs no sample any more. Where a variable enters, one row is added to

    B = inverse(L) G[active, :],  with  L transposed(L) = G[active, active]

so that the direction of the path, the correlations along it and the next row of L are all read
from B; where one leaves, rotations take its row out again. A path costs as much as this one
factorisation of its last active set, so there is nothing to save by starting at yesterday's
solution: its factorisation would have to be made first.
"""

from typing import Any, NamedTuple

import numpy as np
from numba import njit

# What counts as zero beside a variable's own variance, and how far from a knot a step ends.
SINGULAR, TINY, NEAR = 1e-9, 1e-12, 1e-14
NONE = -1
# Sums may be taken in any order: the same one every time, chosen when compiled.
compiled: Any = njit(cache=True, nogil=True, fastmath={"reassoc", "contract"})


class Moments(NamedTuple):
    """What a LASSO needs of its samples.

    Attributes
    ----------
    gram : numpy.ndarray, shape (inputs, inputs)
        Mean products of centred inputs, in C order.
    moment : numpy.ndarray, shape (inputs,)
        Mean products of the centred inputs and the centred target.
    variance : float
        Of the target.
    samples : int
    """

    gram: np.ndarray
    moment: np.ndarray
    variance: float
    samples: int


class Path(NamedTuple):
    """Where a path stands; its arrays change as it is walked.

    Attributes
    ----------
    coef, corr, along : numpy.ndarray, shape (inputs,)
        Coefficients, correlations of what is left with the inputs, and by how much these fall
        for every unit that the penalty falls.
    half, low : numpy.ndarray, shapes (most, inputs) and (most, most)
        B and L, see above.
    active : numpy.ndarray of int, shape (most,)
        Variables in the order in which they entered.
    sign, reach, step : numpy.ndarray, shape (most,)
        Signs of their correlations, inverse(L) of the signs, and the direction.
    free : numpy.ndarray of bool, shape (inputs,)
        Which variables may enter.
    at : numpy.ndarray, shape (2,)
        Penalty, and the mean squared residual.
    number : numpy.ndarray of int, shape (2,)
        Active variables, and the one that enters next or `NONE`.
    """

    coef: np.ndarray
    corr: np.ndarray
    along: np.ndarray
    half: np.ndarray
    low: np.ndarray
    active: np.ndarray
    sign: np.ndarray
    reach: np.ndarray
    step: np.ndarray
    free: np.ndarray
    at: np.ndarray
    number: np.ndarray


@compiled
def begun(of: Moments, most: int) -> Path:
    """Return the beginning of a path, at the penalty where the first variable enters."""
    inputs = of.gram.shape[0]
    path = Path(
        np.zeros(inputs),
        of.moment.copy(),
        np.zeros(inputs),
        np.zeros((most, inputs)),
        np.zeros((most, most)),
        np.zeros(most, np.int64),
        np.zeros(most),
        np.zeros(most),
        np.zeros(most),
        np.ones(inputs, np.bool_),
        np.array([0.0, of.variance]),
        np.array([0, NONE]),
    )
    for q in range(inputs):
        if abs(path.corr[q]) > path.at[0]:
            path.at[0], path.number[1] = abs(path.corr[q]), q
    return path


@compiled
def advance(of: Moments, path: Path) -> bool:
    """Walk to the next knot; False, without a step, at the end of the path."""
    level, size, entering = path.at[0], path.number[0], path.number[1]
    if level <= TINY or (entering != NONE and size >= len(path.active)):
        return False
    if entering != NONE:
        _enter(of, path, entering)
    elif size == 0:
        return False
    size = path.number[0]
    coef, active, step = path.coef, path.active, path.step
    _direct(path)
    far, entering, leaving = _reached(path)
    for i in range(size):
        coef[active[i]] += far * step[i]
    for q in range(len(path.corr)):
        path.corr[q] -= far * path.along[q]
    if leaving != NONE:
        coef[active[leaving]] = 0.0
    residual = of.variance
    for i in range(size):
        residual -= coef[active[i]] * (of.moment[active[i]] + path.corr[active[i]])
    path.at[0], path.at[1], path.number[1] = level - far, max(residual, 0.0), entering
    if leaving != NONE:
        _leave(path, leaving)
    elif entering == NONE:
        # Nothing is left to enter: this was the last knot, least squares.
        path.at[0] = 0.0
    return True


@compiled
def _enter(of: Moments, path: Path, entering: int) -> None:
    """Add a variable's row to B and L; one that the active ones explain stays out."""
    size, inputs = path.number[0], len(path.corr)
    half, low, row = path.half, path.low, path.half[size]
    row[:] = of.gram[entering]
    own = rest = of.gram[entering, entering]
    for i in range(size):
        share = half[i, entering]
        low[size, i] = share
        rest -= share * share
        above = half[i]
        for q in range(inputs):
            row[q] -= share * above[q]
    path.free[entering] = False
    if rest <= SINGULAR * own:
        return
    root = np.sqrt(rest)
    low[size, size] = root
    path.sign[size] = 1.0 if path.corr[entering] > 0 else -1.0
    part = path.sign[size]
    for i in range(size):
        part -= low[size, i] * path.reach[i]
    part /= root
    path.reach[size], path.active[size] = part, entering
    for q in range(inputs):
        row[q] /= root
        path.along[q] += part * row[q]
    path.number[0] = size + 1


@compiled
def _leave(path: Path, leaving: int) -> None:
    """Rotate a variable's row out of L, B and the reach."""
    size, inputs = path.number[0] - 1, len(path.corr)
    half, low, reach = path.half, path.low, path.reach
    gone = path.active[leaving]
    for i in range(leaving, size):
        path.active[i], path.sign[i] = path.active[i + 1], path.sign[i + 1]
        low[i, : i + 2] = low[i + 1, : i + 2]
    for i in range(leaving, size):
        root = np.hypot(low[i, i], low[i, i + 1])
        c, s = low[i, i] / root, low[i, i + 1] / root
        for r in range(i, size):
            x, y = low[r, i], low[r, i + 1]
            low[r, i], low[r, i + 1] = c * x + s * y, c * y - s * x
        upper, lower = half[i], half[i + 1]
        for q in range(inputs):
            x, y = upper[q], lower[q]
            upper[q], lower[q] = c * x + s * y, c * y - s * x
        x, y = reach[i], reach[i + 1]
        reach[i], reach[i + 1] = c * x + s * y, c * y - s * x
    row = half[size]
    for q in range(inputs):
        path.along[q] -= reach[size] * row[q]
    path.free[gone] = True
    path.number[0] = size


@compiled
def _direct(path: Path) -> None:
    """Work the direction out: inverse(G[active, active]) sign, from the last row of L upwards."""
    size, step, low = path.number[0], path.step, path.low
    for i in range(size):
        step[i] = path.reach[i]
    for i in range(size - 1, -1, -1):
        part = step[i] / low[i, i]
        step[i] = part
        for q in range(i):
            step[q] -= part * low[i, q]


@compiled
def _reached(path: Path) -> tuple[float, int, int]:
    """Return how far the penalty falls to the next knot, and what enters or leaves there."""
    level = far = path.at[0]
    entering = leaving = NONE
    for q in range(len(path.corr)):
        if path.free[q]:
            for side in (-1.0, 1.0):
                pace = 1.0 + side * path.along[q]
                if pace > TINY:
                    until = (level + side * path.corr[q]) / pace
                    if 0.0 <= until < far:
                        far, entering = until, q
    for i in range(path.number[0]):
        until = -path.coef[path.active[i]] / path.step[i]
        if NEAR < until < far:
            far, entering, leaving = until, NONE, i
    return far, entering, leaving


@compiled
def chosen_by_criterion(of: Moments, noise: float, most: int) -> tuple[np.ndarray, float, int]:
    """Return the point of a LASSO path with the least Akaike criterion.

    Parameters
    ----------
    of : Moments
    noise : float
        Variance of the target's noise, which weighs fit against size:
        `samples * residual / noise + 2 * size`, at the knots of the path.
    most : int
        Active variables at which the path ends.

    Returns
    -------
    coef : numpy.ndarray, shape (inputs,)
    penalty : float
        On the mean squared error's scale, as scikit-learn's `alpha`.
    size : int
        Active variables.

    References
    ----------
    Efron, Hastie, Johnstone, Tibshirani, Least angle regression (2004),
    doi:10.1214/009053604000000067; degrees of freedom: Zou, Hastie, Tibshirani (2007),
    doi:10.1214/009053607000000127.
    """
    path = begun(of, most)
    best, penalty, size = path.coef.copy(), path.at[0], 0
    least = of.samples * of.variance / noise
    for _ in range(8 * most + 8):
        if not advance(of, path):
            break
        criterion = of.samples * path.at[1] / noise + 2.0 * path.number[0]
        if criterion < least:
            least, penalty, size = criterion, path.at[0], path.number[0]
            best[:] = path.coef
    return best, penalty, size


@compiled
def scaled_noise(of: Moments, share: float, most: int) -> float:
    """Return the noise variance that the scaled LASSO estimates.

    It is the mean squared residual at the point of the path whose penalty is `share` times the
    residual's root. Between two knots the residual is a parabola of the penalty, so the point is
    found exactly.

    Parameters
    ----------
    of : Moments
    share : float
        The penalty in units of the noise's standard deviation; `sqrt(log(inputs) / samples)` is
        the universal one, but for its factor of sqrt(2).
    most : int
        Active variables at which the path ends, whatever is left then.

    References
    ----------
    Sun, Zhang, Scaled sparse linear regression (2012), doi:10.1093/biomet/ass043.
    """
    path = begun(of, most)
    if path.at[0] <= share * np.sqrt(of.variance):
        return of.variance
    for _ in range(8 * most + 8):
        level, residual = path.at[0], path.at[1]
        if not advance(of, path):
            break
        if path.at[0] <= share * np.sqrt(path.at[1]):
            # residual = before - slope * (level^2 - penalty^2), whatever entered or left.
            span = level**2 - path.at[0] ** 2
            slope = (residual - path.at[1]) / span
            return (residual - slope * level**2) / (1.0 - share**2 * slope)
    return path.at[1]


@compiled
def at_penalty(
    of: Moments, penalty: float, coef: np.ndarray, tolerance: float, sweeps: int
) -> np.ndarray:
    """Return the LASSO at one penalty, by coordinate descent from a first guess.

    Parameters
    ----------
    of : Moments
    penalty : float
        As scikit-learn's `alpha`.
    coef : numpy.ndarray, shape (inputs,)
        To begin with; it is not changed.
    tolerance : float
        Largest move of a coefficient in a sweep at which the descent ends.
    sweeps : int
        At most.

    Returns
    -------
    numpy.ndarray, shape (inputs,)

    References
    ----------
    Friedman, Hastie, Tibshirani (2010), doi:10.18637/jss.v033.i01.
    """
    gram, moment = of.gram, of.moment
    inputs = gram.shape[0]
    found = coef.copy()
    corr = moment.copy()
    for i in range(inputs):
        if found[i] != 0.0:
            for q in range(inputs):
                corr[q] -= found[i] * gram[i, q]
    for _ in range(sweeps):
        moved = 0.0
        for i in range(inputs):
            own = gram[i, i]
            if own <= TINY:
                continue
            before = found[i]
            pull = corr[i] + own * before
            after = 0.0
            if pull > penalty:
                after = (pull - penalty) / own
            elif pull < -penalty:
                after = (pull + penalty) / own
            if after != before:
                away = after - before
                found[i] = after
                for q in range(inputs):
                    corr[q] -= away * gram[i, q]
                moved = max(moved, abs(away))
        if moved < tolerance:
            break
    return found
