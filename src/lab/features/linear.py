"""What a set of features says together: a linear forecast, learned on the training part."""

import numpy as np
import pandas as pd

from lab.features.preprocess import OutlierLimiter, Preprocessor
from lab.features.target import TARGET

PENALTIES = tuple(10.0**power for power in range(-1, 5))


def linear_forecast(
    train: pd.DataFrame,
    test: pd.DataFrame,
    today: pd.Series,
    preprocessor: Preprocessor | None = None,
) -> pd.Series:
    """Forecast the target as today's value plus a linear function of the features.

    Parameters
    ----------
    train, test : pandas.DataFrame
        As `ahead` returns them: features and `target`, indexed by t.
    today : pandas.Series
        Value of the target series at t, for every row of both parts.
    preprocessor : Preprocessor, optional
        Not yet fitted; the defaults if omitted. Its limits for outliers also hold for the
        changes to learn from, so that a few price spikes do not decide the fit.

    Returns
    -------
    pandas.Series
        Forecast for the rows of `test`, in the unit of the target.

    Notes
    -----
    Ridge regression; the penalty is chosen by leave-one-out error on the training part.
    """
    from sklearn.linear_model import RidgeCV

    steps = preprocessor or Preprocessor()
    columns = train.columns.drop(TARGET)
    change = (train[TARGET] - today.reindex(train.index)).to_frame(TARGET)
    limited = OutlierLimiter(steps.limiter.width).fit(change).transform(change)
    inputs = steps.fit(train[columns]).transform(train[columns])
    model = RidgeCV(alphas=PENALTIES).fit(inputs.to_numpy(), limited[TARGET].to_numpy())
    learned = model.predict(steps.transform(test[columns]).to_numpy())
    return (today.reindex(test.index) + learned).rename("forecast")


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
