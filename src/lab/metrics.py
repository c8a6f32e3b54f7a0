"""Scores of a forecast table: how far off, how surely, and when.

A table is scored row by row first (`score`), then averaged over any groups
(`evaluate`), so a breakdown by hour or temperature uses the same numbers as the total.

Missing and zero values: a row whose actual or forecast value is missing counts in no
score, only in `missing`. The percentage error of a row with an actual value of exactly
zero is undefined and left out of MAPE alone; sMAPE of a perfect zero is 0. R2 of a
group in which the actual value never changes is NaN, as is MASE without a scale.

The CRPS is twice the integral of the pinball loss over all levels, by the trapezoid rule
over the levels of the table; beyond the outermost ones the quantile stays as it is.
"""

import re
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from lab.errors import DataError, UsageError

INTERVALS = {80: (0.1, 0.9), 95: (0.025, 0.975)}
QUANTILE_COLUMN = re.compile(r"^q(0\.\d+)$")
PERCENT = 100.0


def quantile_column(level: float) -> str:
    """Return the column name of a quantile level: 0.5 gives `q0.5`.

    Raises
    ------
    UsageError
        If the level is not between 0 and 1.
    """
    if not 0 < level < 1:
        raise UsageError(f"A quantile level must lie between 0 and 1, got {level}.")
    return f"q{level:g}"


def levels_of(columns: Sequence[str] | pd.Index) -> dict[float, str]:
    """Return the quantile levels among column names, ascending, with their column."""
    found = {float(m[1]): str(c) for c in columns if (m := QUANTILE_COLUMN.match(str(c)))}
    return dict(sorted(found.items()))


def pinball(actual: np.ndarray, forecast: np.ndarray, level: float) -> np.ndarray:
    """Return the pinball (quantile) loss of each value, in its unit.

    Over-forecasting costs `1 - level` per unit, under-forecasting `level`.

    References
    ----------
    Koenker, Bassett, Regression quantiles (1978), doi:10.2307/1913643.

    Examples
    --------
    >>> [round(float(x), 9) for x in pinball(np.array([10.0, 10.0]), np.array([8.0, 12.0]), 0.9)]
    [1.8, 0.2]
    """
    error = np.asarray(actual) - np.asarray(forecast)
    return np.maximum(level * error, (level - 1) * error)


def crps_weights(levels: Sequence[float]) -> tuple[np.ndarray, float, float]:
    """Return the quadrature weights of the CRPS: of every level, and of both tails.

    Parameters
    ----------
    levels : sequence of float
        Quantile levels p_1 < ... < p_K between 0 and 1.

    Returns
    -------
    weights : numpy.ndarray, shape (levels,)
        Of the pinball loss of each level; with the tails they sum to 2.
    low, high : float
        Of the loss of level 0 at the lowest and of level 1 at the highest quantile.

    Notes
    -----
    CRPS = 2 times the integral of pinball_p(y, q_p) over p from 0 to 1. The trapezoid rule
    with p_0 = 0 and p_(K+1) = 1 gives level k the weight p_(k+1) - p_(k-1) and the ends
    p_1 and 1 - p_K. In the tails q is held at the outermost quantile, where the loss is
    linear in p and the rule exact; a tail that reaches further is therefore not seen. A
    point forecast, the same value at all levels, scores its absolute error.

    References
    ----------
    Gneiting, Raftery, Strictly proper scoring rules, prediction, and estimation (2007),
    doi:10.1198/016214506000001437.

    Examples
    --------
    >>> weights, low, high = crps_weights([0.1, 0.5, 0.9])
    >>> [round(float(x), 9) for x in (*weights, low, high)]
    [0.5, 0.8, 0.5, 0.1, 0.1]
    """
    edges = np.concatenate([[0.0], np.asarray(levels, dtype=float), [1.0]])
    return edges[2:] - edges[:-2], float(edges[1]), float(1 - edges[-2])


def mase_scale(training: pd.Series, season: int) -> float:
    """Return the mean absolute change over one season of the training part: MASE's unit.

    Parameters
    ----------
    training : pandas.Series
        Values before the test period, in order of time.
    season : int
        Steps of one season, such as 336 half-hours for a week.

    Raises
    ------
    UsageError
        If the season is not shorter than the training part.

    References
    ----------
    Hyndman, Koehler, Another look at measures of forecast accuracy (2006),
    doi:10.1016/j.ijforecast.2006.03.001.
    """
    if not 0 < season < len(training):
        raise UsageError(
            f"The season must have between 1 and {len(training) - 1} steps, got {season}."
        )
    values = training.to_numpy(dtype=float)
    return float(np.nanmean(np.abs(values[season:] - values[:-season])))


def score(table: pd.DataFrame, actual: pd.Series) -> pd.DataFrame:
    """Return the loss of every row of a forecast table.

    Parameters
    ----------
    table : pandas.DataFrame
        Forecast table; errors use `q0.5`, squared errors the column `mean` if present.
    actual : pandas.Series
        Measured values, indexed by UTC time.

    Returns
    -------
    pandas.DataFrame
        `series_id, issued_at, valid_at, model, lead_time_h, actual` and one column per
        loss; NaN where actual or forecast is missing. Direction compares the sign of
        the change since the step before within one issue, so the first step has none.

    Raises
    ------
    DataError
        If the table has no median, or `actual` is not indexed by unique time stamps.
    """
    if "q0.5" not in table.columns:
        raise DataError(f"A forecast table needs the column q0.5, got {', '.join(table.columns)}.")
    if not actual.index.is_unique:
        raise DataError("The actual values must have one row per time stamp, got duplicates.")
    truth = actual.reindex(pd.DatetimeIndex(table["valid_at"])).to_numpy(dtype=float)
    rows = table[["series_id", "issued_at", "valid_at", "model"]].reset_index(drop=True)
    lead = rows["valid_at"] - rows["issued_at"]
    rows = rows.assign(lead_time_h=lead / pd.Timedelta(hours=1), actual=truth)
    losses = _point_losses(table, truth) | _interval_losses(table, truth)
    return rows.assign(**losses, direction=_direction(rows, table["q0.5"].to_numpy(float), truth))


def evaluate(
    table: pd.DataFrame,
    actual: pd.Series,
    *,
    unit: str,
    scale: float | None = None,
    by: Mapping[str, pd.Series] | Sequence[str] = (),
) -> pd.DataFrame:
    """Return all metrics of a forecast table, one row per model and group.

    Parameters
    ----------
    table : pandas.DataFrame
        Forecast table.
    actual : pandas.Series
        Measured values, indexed by UTC time.
    unit : str
        Unit of the values as it stands in column names, such as `mw`.
    scale : float, optional
        What `mase_scale` returns; without it MASE is NaN.
    by : mapping of Series, or names of columns of `score`
        Further groups: each Series is indexed by UTC time and names a group for a time
        stamp; `("lead_time_h",)` groups by lead time.

    Returns
    -------
    pandas.DataFrame
        Indexed by model (and groups): `mae_<unit>, mse_<unit>2, rmse_<unit>,
        mape_percent, smape_percent, r2, mase, directional_accuracy_percent,
        pinball_<unit>, crps_<unit>, coverage_80_percent, width_80_<unit>,
        winkler_80_<unit>, the same three for 95, rows, missing`.

    Raises
    ------
    UsageError
        If a group is not a column of the scored table.
    """
    return summarise(score(table, actual), unit=unit, scale=scale, by=by)


def summarise(
    scored: pd.DataFrame,
    *,
    unit: str,
    scale: float | None = None,
    by: Mapping[str, pd.Series] | Sequence[str] = (),
) -> pd.DataFrame:
    """Average the rows that `score` returned: `evaluate` for tables scored already."""
    rows, keys = with_groups(scored, by)
    grouped = rows.groupby(["model", *keys], observed=True, sort=True)
    mean = grouped.mean(numeric_only=True)
    known = rows[rows["absolute"].notna()]
    spread = known.groupby(["model", *keys], observed=True)["actual"].var(ddof=0)
    means = {
        name: factor * mean[loss]
        for name, (loss, factor) in mean_metrics(unit).items()
        if loss in mean
    }
    result = pd.DataFrame(means, index=mean.index)
    result.insert(2, f"rmse_{unit}", np.sqrt(mean["squared"]))
    result.insert(5, "r2", (1 - mean["squared"] / spread.where(spread > 0)).reindex(mean.index))
    result.insert(6, "mase", mean["absolute"] / scale if scale else np.nan)
    result["rows"] = grouped["absolute"].count()
    result["missing"] = grouped.size() - result["rows"]
    return result


def mean_metrics(unit: str) -> dict[str, tuple[str, float]]:
    """Return the metrics that are plain means: name to column of `score` and factor.

    RMSE, R2 and MASE are not among them.
    """
    names = {
        f"mae_{unit}": ("absolute", 1.0),
        f"mse_{unit}2": ("squared", 1.0),
        "mape_percent": ("percentage", PERCENT),
        "smape_percent": ("symmetric", PERCENT),
        "directional_accuracy_percent": ("direction", PERCENT),
        f"pinball_{unit}": ("pinball", 1.0),
        f"crps_{unit}": ("crps", 1.0),
    }
    for nominal in INTERVALS:
        names[f"coverage_{nominal}_percent"] = (f"inside_{nominal}", PERCENT)
        names[f"width_{nominal}_{unit}"] = (f"width_{nominal}", 1.0)
        names[f"winkler_{nominal}_{unit}"] = (f"winkler_{nominal}", 1.0)
    return names


def reliability(table: pd.DataFrame, actual: pd.Series) -> pd.DataFrame:
    """Return how often the actual value lay below each quantile.

    Returns
    -------
    pandas.DataFrame
        Indexed by model, one column per level, shares from 0 to 1; a calibrated
        forecast has the level itself everywhere. Rows with missing values do not count.
    """
    truth = actual.reindex(pd.DatetimeIndex(table["valid_at"])).to_numpy(dtype=float)
    levels = levels_of(table.columns)
    quantiles = table[list(levels.values())].to_numpy(dtype=float)
    usable = np.isfinite(truth) & np.isfinite(quantiles).all(axis=1)
    below = pd.DataFrame(truth[usable, None] <= quantiles[usable], columns=list(levels))
    names = table["model"].astype(str).to_numpy()[usable]
    return below.groupby(names).mean().rename_axis("model")


def overall(scores: pd.DataFrame) -> dict[str, dict[str, float]]:
    """Return `{model: {metric: value}}` for the metrics file, without the row counts."""
    kept = scores.drop(columns=["rows", "missing"])
    return {
        str(model): {str(name): float(value) for name, value in row.items()}
        for model, row in kept.iterrows()
    }


def _point_losses(table: pd.DataFrame, truth: np.ndarray) -> dict[str, np.ndarray]:
    """Return the losses of the median, and of the mean where the table has one."""
    median = table["q0.5"].to_numpy(dtype=float)
    centre = table["mean"].to_numpy(dtype=float) if "mean" in table.columns else median
    absolute = np.abs(truth - median)
    total = np.abs(truth) + np.abs(median)
    with np.errstate(divide="ignore", invalid="ignore"):
        percentage = np.where(truth == 0, np.nan, absolute / np.abs(truth))
        symmetric = np.where(total == 0, 0.0, 2 * absolute / total)
    return {
        "absolute": absolute,
        "squared": (truth - centre) ** 2,
        "percentage": percentage,
        "symmetric": symmetric,
    }


def _interval_losses(table: pd.DataFrame, truth: np.ndarray) -> dict[str, np.ndarray]:
    """Return mean pinball loss, CRPS, and hit, width and score of each interval.

    The Winkler (interval) score is the width, plus 2 / alpha times the distance of a value
    outside: 2 / alpha times the pinball losses of both ends (Winkler 1972,
    doi:10.1080/01621459.1972.10481224).
    """
    values = {
        level: table[name].to_numpy(dtype=float) for level, name in levels_of(table.columns).items()
    }
    each = {level: pinball(truth, q, level) for level, q in values.items()}
    losses = {"pinball": np.mean(list(each.values()), axis=0), "crps": _crps(truth, values, each)}
    missing = np.isnan(losses["pinball"])
    for nominal, (low, high) in INTERVALS.items():
        if low in values and high in values:
            inside = (truth >= values[low]) & (truth <= values[high])
            winkler = (each[low] + each[high]) / low
            losses[f"inside_{nominal}"] = np.where(missing, np.nan, inside)
            losses[f"width_{nominal}"] = np.where(missing, np.nan, values[high] - values[low])
            losses[f"winkler_{nominal}"] = np.where(missing, np.nan, winkler)
    return losses


def _crps(
    truth: np.ndarray, values: dict[float, np.ndarray], each: dict[float, np.ndarray]
) -> np.ndarray:
    """Return the CRPS of every row, from its quantiles and their pinball losses by level."""
    levels = list(values)
    weights, low, high = crps_weights(levels)
    total = np.sum([w * loss for w, loss in zip(weights, each.values(), strict=True)], axis=0)
    tails = low * pinball(truth, values[levels[0]], 0) + high * pinball(
        truth, values[levels[-1]], 1
    )
    return np.asarray(total + tails)


def _direction(rows: pd.DataFrame, median: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Return 1 where forecast and actual move the same way since the step before, else 0."""
    frame = rows[["series_id", "model", "issued_at"]].assign(forecast=median, truth=truth)
    # As whole numbers: an array of time stamps with a zone is one of objects.
    order = np.argsort(pd.DatetimeIndex(rows["valid_at"]).asi8, kind="stable")
    ordered = frame.iloc[order]
    change = ordered.groupby(["series_id", "model", "issued_at"], observed=True).diff()
    hit = (np.sign(change["forecast"]) == np.sign(change["truth"])).astype(float)
    return hit.where(change.notna().all(axis=1)).reindex(rows.index).to_numpy()


def with_groups(
    scored: pd.DataFrame, by: Mapping[str, pd.Series] | Sequence[str]
) -> tuple[pd.DataFrame, list[str]]:
    """Attach the groups that are not columns yet; return the rows and the group names."""
    if isinstance(by, Mapping):
        times = pd.DatetimeIndex(scored["valid_at"])
        groups = {name: of.reindex(times).to_numpy() for name, of in by.items()}
        return scored.assign(**groups), list(by)
    if unknown := [name for name in by if name not in scored.columns]:
        raise UsageError(
            f"Unknown group {unknown[0]!r}; choose a column of the scored table "
            f"({', '.join(scored.columns[:5])}) or give a Series by time."
        )
    return scored, list(by)
