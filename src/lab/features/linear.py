"""What a set of features adds to a simple rule: a linear correction, learned in training."""

from itertools import pairwise

import numpy as np
import pandas as pd

from lab.features.preprocess import OutlierLimiter, Preprocessor
from lab.features.target import TARGET

PENALTIES = tuple(10.0**power for power in range(8))
FOLDS = 5


def linear_forecast(
    train: pd.DataFrame,
    test: pd.DataFrame,
    rule: pd.Series,
    preprocessor: Preprocessor | None = None,
    penalty: float | None = None,
) -> pd.Series:
    """Forecast the target as a simple rule plus a linear function of the features.

    Parameters
    ----------
    train, test : pandas.DataFrame
        As `ahead` returns them: features and `target`, indexed by t, in order of time.
    rule : pandas.Series
        What the rule says about the target, for every row of both parts.
    preprocessor : Preprocessor, optional
        Not yet fitted; the defaults if omitted. Its limits for outliers also hold for the
        corrections to learn from, so that a few price spikes do not decide the fit.
    penalty : float, optional
        What `choose_penalty` says on the training part if omitted.

    Returns
    -------
    pandas.Series
        Forecast for the rows of `test`, in the unit of the target.

    Notes
    -----
    Ridge regression. Neighbouring hours are alike, so leaving out one row at a time would
    choose too small a penalty; `choose_penalty` leaves out what comes later instead.
    """
    steps = preprocessor or Preprocessor()
    inputs, goal = correction_to_learn(train, rule, steps)
    strength = choose_penalty(inputs, goal) if penalty is None else penalty
    (weights,), level = ridge(inputs, goal, (strength,))
    columns = train.columns.drop(TARGET)
    correction = steps.transform(test[columns]).to_numpy() @ weights + level
    return (rule.reindex(test.index) + correction).rename("forecast")


def correction_to_learn(
    train: pd.DataFrame, rule: pd.Series, steps: Preprocessor
) -> tuple[np.ndarray, np.ndarray]:
    """Fit the preprocessor; return treated features and what the rule must be corrected by.

    Returns
    -------
    numpy.ndarray, shape (rows, columns)
        Features without gaps and outliers, scaled.
    numpy.ndarray, shape (rows,)
        Target minus rule, outliers limited.
    """
    columns = train.columns.drop(TARGET)
    wanted = (train[TARGET] - rule.reindex(train.index)).to_frame(TARGET)
    limited = OutlierLimiter(steps.limiter.width).fit(wanted).transform(wanted)
    inputs = steps.fit(train[columns]).transform(train[columns])
    return inputs.to_numpy(), limited[TARGET].to_numpy()


def choose_penalty(inputs: np.ndarray, goal: np.ndarray) -> float:
    """Return the penalty with the least mean absolute error on later rows.

    The rows are cut into `FOLDS` + 1 blocks in order of time; each block but the first is
    told from all blocks before it.
    """
    ends = np.linspace(0, len(goal), FOLDS + 2).astype(int)[1:]
    errors = np.zeros(len(PENALTIES))
    for begin, end in pairwise(ends):
        weights, level = ridge(inputs[:begin], goal[:begin], PENALTIES)
        told = inputs[begin:end] @ weights.T + level
        errors += np.abs(told - goal[begin:end, None]).sum(axis=0)
    return PENALTIES[int(errors.argmin())]


def choose_penalty_by_rows(inputs: np.ndarray, goal: np.ndarray) -> float:
    """Return the penalty with the least mean absolute error on single rows left out.

    The usual way, shown beside `choose_penalty`: the neighbours of a row, which are nearly
    the same, stay in, so it trusts the features too much.
    """
    centre, middle = inputs.mean(axis=0), goal.mean()
    values, vectors = np.linalg.eigh((inputs - centre).T @ (inputs - centre))
    turned = (inputs - centre) @ vectors
    errors = []
    for penalty in PENALTIES:
        told = turned @ ((turned.T @ (goal - middle)) / (values + penalty))
        leverage = (turned**2) @ (1 / (values + penalty)) + 1 / len(goal)
        errors.append(np.abs((goal - middle - told) / (1 - leverage)).mean())
    return PENALTIES[int(np.argmin(errors))]


def ridge(
    inputs: np.ndarray, goal: np.ndarray, penalties: tuple[float, ...]
) -> tuple[np.ndarray, np.ndarray]:
    """Return the weights and the level of a ridge regression for each penalty.

    Parameters
    ----------
    inputs : numpy.ndarray, shape (rows, columns)
        Scaled features, without NaN.
    goal : numpy.ndarray, shape (rows,)
        What to learn.
    penalties : tuple of float
        Added to the diagonal of the normal equations.

    Returns
    -------
    numpy.ndarray, shape (penalties, columns)
        Weights.
    numpy.ndarray, shape (penalties,)
        Level, which is not penalised.

    References
    ----------
    A. E. Hoerl, R. W. Kennard, Ridge regression: biased estimation for nonorthogonal
    problems, Technometrics 12 (1970) 55-67, doi:10.1080/00401706.1970.10488634
    """
    centre, middle = inputs.mean(axis=0), goal.mean()
    moved = inputs - centre
    values, vectors = np.linalg.eigh(moved.T @ moved)
    loads = vectors.T @ (moved.T @ (goal - middle))
    weights = np.stack([vectors @ (loads / (values + penalty)) for penalty in penalties])
    return weights, middle - weights @ centre


def scores(forecast: pd.Series, fact: pd.Series) -> dict[str, float]:
    """Return mean absolute error, root mean square error and rank correlation.

    Parameters
    ----------
    forecast, fact : pandas.Series, shape (rows,)
        With the same index, neither of them missing.
    """
    error = forecast - fact
    return {
        "mae": float(error.abs().mean()),
        "rmse": float(np.sqrt((error**2).mean())),
        "rank_correlation": float(forecast.rank().corr(fact.rank())),
    }
