"""LASSO, one for every half-hour of the day: ridge's inputs, most of them left out."""

from typing import Self

import numpy as np

from lab.errors import DataError, UsageError
from lab.forecast.linear import Ridge
from lab.forecast.model import Stacked

CRITERIA = ("aic", "bic")
# Penalties at which the half-hours are compared, as shares of the largest that matters; sweeps of
# coordinate descent, at most, and the duality gap, as a share of the variance, that ends them.
GRID = np.geomspace(0.2, 2e-3, 25)
MOST_SWEEPS, TOLERANCE = 20_000, 1e-3


class Lasso(Ridge):
    """LASSO per half-hour on the deviation of log demand from its usual value.

    The path over the penalties comes from the Gram matrices by coordinate descent; the
    penalty is the same share of each half-hour's largest useful one. Missing inputs count
    as average.

    Parameters
    ----------
    penalty : {"aic", "bic"} or float
        The criterion, summed over the half-hours, that chooses the share in a fit, or the
        share itself, above 0 and below 1.
    season_days : float, optional
        As for `Ridge`.

    Attributes
    ----------
    share_ : float
        Penalty taken, as a share of the one at which every coefficient is zero.
    coef_ : numpy.ndarray, shape (slots, inputs)
        Of standardised inputs.
    intercept_ : numpy.ndarray, shape (slots,)
    mean_, scale_ : numpy.ndarray, shape (slots, inputs)

    Raises
    ------
    UsageError
        If the penalty is neither a criterion nor such a share.

    References
    ----------
    Tibshirani, Regression shrinkage and selection via the lasso (1996),
    doi:10.1111/j.2517-6161.1996.tb02080.x; coordinate descent: Friedman, Hastie, Tibshirani
    (2010), doi:10.18637/jss.v033.i01; degrees of freedom: Zou, Hastie, Tibshirani (2007),
    doi:10.1214/009053607000000127.
    """

    name = "lasso"

    def __init__(self, penalty: str | float = "bic", season_days: float | None = None) -> None:
        super().__init__(season_days=season_days)
        given = not isinstance(penalty, str)
        if penalty not in CRITERIA and not (given and 0 < float(penalty) < 1):
            raise UsageError(
                f"The LASSO's penalty must be one of {', '.join(CRITERIA)} or a share above 0 and "
                f"below 1, got {penalty!r}."
            )
        self.penalty = penalty

    def fit(self, inputs: Stacked, target: np.ndarray) -> Self:
        """Fit on complete days: x (days, slots, inputs), base (days, slots).

        Raises
        ------
        UsageError
            If no day is complete, or every deviation is the same.
        DataError
            If a value is infinite.
        """
        if np.isinf(target).any() or np.isinf(inputs["x"]).any():
            raise DataError(
                "The LASSO needs values that are finite or missing; the days to learn from hold "
                "an infinite one."
            )
        return super().fit(inputs, target)

    def _solve(self, z: np.ndarray, y: np.ndarray, weight: np.ndarray) -> np.ndarray:
        """Return coefficients (slots, inputs) at the penalty chosen or given."""
        root = np.sqrt(weight)[:, None]
        z, y = z * root, y * root
        if not (y.std(axis=0) > 1e-9).all():
            raise UsageError(
                "The LASSO needs a demand that varies, got one whose deviation from the usual day "
                "is the same on all days at some time of the day."
            )
        shares = GRID if isinstance(self.penalty, str) else np.array([float(self.penalty)])
        paths = np.stack([_path(*one, shares) for one in zip(z, y.T, strict=True)])
        best = self._best(paths, z, y)
        self.share_ = float(shares[best])
        return np.asarray(paths[:, best])

    def _best(self, paths: np.ndarray, z: np.ndarray, y: np.ndarray) -> int:
        """Return which share has the least criterion; paths (slots, shares, inputs)."""
        days, found = len(y), (paths != 0).sum(axis=2)
        left = ((y.T[:, None] - paths @ z.transpose(0, 2, 1)) ** 2).mean(axis=2)
        cost = np.log(days) if self.penalty == "bic" else 2.0
        return int((days * np.log(left) + cost * found).sum(axis=0).argmin())


def _path(z: np.ndarray, y: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Return one slot's coefficients at shares of its largest penalty, (shares, inputs)."""
    from sklearn.linear_model import lasso_path

    moment = z.T @ y
    penalties = shares * np.abs(moment).max() / len(y)
    found = lasso_path(
        z, y, alphas=penalties, precompute=z.T @ z, Xy=moment, tol=TOLERANCE, max_iter=MOST_SWEEPS
    )
    return np.asarray(found[1].T)
