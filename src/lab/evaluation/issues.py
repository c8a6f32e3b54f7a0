"""Scored rows laid out by issue: what tests and bootstraps work on.

Errors of one issue go together, and those of neighbouring issues are alike; so an issue,
not a row, is the unit that is resampled and compared.
"""

import pandas as pd

from lab.errors import UsageError

ROW = ["series_id", "issued_at", "valid_at"]


def common_rows(scored: pd.DataFrame, column: str = "absolute") -> pd.DataFrame:
    """Return the rows of `lab.metrics.score` for which every model has a value.

    Parameters
    ----------
    scored : pandas.DataFrame
        What `lab.metrics.score` returns, of one or more models.
    column : str
        The loss that must be known.

    Returns
    -------
    pandas.DataFrame
        In the given order; models may have forecast different hours, and a comparison
        of means over different hours says little.

    Raises
    ------
    UsageError
        If the loss is not a column of the table.
    """
    known = scored[_known(scored, column)]
    models = known["model"].nunique() if len(known) else 0
    if models < scored["model"].nunique():
        return known.iloc[:0]
    count = known.groupby(ROW, observed=True)["model"].transform("size")
    return known[count == models]


def per_issue(scored: pd.DataFrame, column: str = "absolute") -> pd.DataFrame:
    """Return the mean loss of every issue, one column per model.

    Parameters
    ----------
    scored : pandas.DataFrame
        What `lab.metrics.score` returns.
    column : str
        The loss to average, such as `absolute`, `squared`, `pinball` or `crps`.

    Returns
    -------
    pandas.DataFrame
        Indexed by `issued_at`, ascending; the mean over lead times and series. Rows that
        a model has not are left out for all, issues without a common row as well.

    Raises
    ------
    UsageError
        If the loss is not a column of the table.
    """
    rows = common_rows(scored, column)
    means = rows.groupby(["issued_at", rows["model"].astype(str)])[column].mean()
    order = [name for name in dict.fromkeys(scored["model"].astype(str)) if len(rows)]
    return means.unstack("model").reindex(columns=order)


def _known(scored: pd.DataFrame, column: str) -> pd.Series:
    """Return which rows have the loss."""
    if column not in scored.columns:
        raise UsageError(
            f"Unknown loss {column!r}; choose a column of the scored table "
            f"({', '.join(str(name) for name in scored.columns[6:])})."
        )
    return scored[column].notna()
