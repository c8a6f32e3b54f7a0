"""Standard errors of mean scores by a circular block bootstrap over issues.

Scores of neighbouring days are alike (a heat wave, a holiday season), so whole blocks of
consecutive issues are drawn; those of all series and lead times of an issue stay together.
Every model and group is drawn with the same issues.

References
----------
Politis, Romano, A circular block-resampling procedure for stationary data (1992), in
Exploring the Limits of Bootstrap; Kunsch, The jackknife and the bootstrap for general
stationary observations (1989), doi:10.1214/aos/1176347265; Hall, Horowitz, Jing, On blocking
rules for the bootstrap with dependent data (1995), doi:10.1093/biomet/82.3.561.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from lab import compute, metrics
from lab.errors import UsageError

DRAWS = 1000
WEEK = 7


def block_length(issues: int) -> int:
    """Return the default length of a block: the cube root of the issues, at least 7.

    Seven daily issues hold the working week together.

    Examples
    --------
    >>> block_length(365), block_length(1000)
    (7, 10)
    """
    return max(WEEK, round(issues ** (1 / 3)))


def circular_weights(
    issues: int, block: int, draws: int = DRAWS, seed: int | None = None
) -> np.ndarray:
    """Return how often each issue stands in each draw.

    Parameters
    ----------
    issues, block, draws : int
        Issues in order of time, issues of a block, and draws.
    seed : int, optional
        Without it that of the project.

    Returns
    -------
    numpy.ndarray, shape (draws, issues)
        Rows sum to `issues`; blocks that pass the end go on at the beginning.

    Raises
    ------
    UsageError
        If one of the numbers is below 1.
    """
    if min(issues, block, draws) < 1:
        raise UsageError(
            f"A bootstrap needs at least one issue, a block of 1 and one draw, got {issues}, "
            f"{block} and {draws}."
        )
    rng = np.random.default_rng(compute.seed() if seed is None else seed)
    starts = rng.integers(issues, size=(draws, -(-issues // block)))
    drawn = (starts[:, :, None] + np.arange(block)).reshape(draws, -1)[:, :issues] % issues
    numbers = drawn + issues * np.arange(draws)[:, None]
    return np.bincount(numbers.ravel(), minlength=draws * issues).reshape(draws, issues)


def standard_error_of_mean(
    values: np.ndarray, counts: np.ndarray | None = None, *, block: int | None = None,
    draws: int = DRAWS, seed: int | None = None,
) -> np.ndarray:  # fmt: skip
    """Return the standard error of the mean over issues, column by column.

    Parameters
    ----------
    values : numpy.ndarray, shape (issues, ...)
        One value per issue in order of time, NaN where there is none; with `counts` the
        sum over the rows of each issue.
    counts : numpy.ndarray, optional
        Rows behind each sum: the mean is that of all rows, an issue with more of them
        weighing more.
    block : int, optional
        Issues of a block, by default `block_length`.
    draws : int
    seed : int, optional
        Without it that of the project.

    Returns
    -------
    numpy.ndarray, shape (...)
        NaN where fewer than two blocks of issues have a value: there is nothing to learn
        the spread from.
    """
    known = np.isfinite(values)
    rows = known.astype(float) if counts is None else np.where(known, counts, 0)
    sums = np.where(known, values, 0.0)
    length = block_length(len(sums)) if block is None else block
    weights = circular_weights(len(sums), length, draws, seed).astype(float)
    flat = (len(sums), -1)
    total, weight = weights @ sums.reshape(flat), weights @ rows.reshape(flat)
    # A draw without a single row of a rare group has no mean.
    means = np.divide(total, weight, out=np.full_like(total, np.nan), where=weight > 0)
    enough = (rows.reshape(flat) > 0).sum(axis=0) >= 2 * length
    found = np.full(means.shape[1], np.nan)
    found[enough] = np.nanstd(means[:, enough], axis=0, ddof=1)
    return found.reshape(sums.shape[1:])


def standard_errors(
    scored: pd.DataFrame,
    columns: Sequence[str] | None = None,
    by: Mapping[str, pd.Series] | Sequence[str] = (),
    *,
    unit: str,
    block: int | None = None,
    draws: int = DRAWS,
) -> pd.DataFrame:
    """Return mean scores, each with its standard error in the column beside it.

    Parameters
    ----------
    scored : pandas.DataFrame
        What `lab.metrics.score` returns.
    columns : sequence of str, optional
        Names of metrics that are plain means (`lab.metrics.mean_metrics`), by default all
        that the table has.
    by : mapping of Series, or names of columns
        Groups, as in `lab.metrics.summarise`.
    unit : str
        Unit as it stands in the names.
    block, draws : int, optional
        Issues of a block and number of draws.

    Returns
    -------
    pandas.DataFrame
        Indexed by model (and groups): `<metric>` as `summarise` gives it, `<metric>_se`,
        and `issues` with a value. The error is NaN below two blocks of issues.

    Raises
    ------
    UsageError
        If a metric is unknown, or a group is not a column of the scored table.
    """
    names = _chosen(scored, columns, unit)
    scores = metrics.summarise(scored, unit=unit, by=by)
    rows, keys = metrics.with_groups(scored, by)
    losses = list(dict.fromkeys(loss for loss, _ in names.values()))
    grouped = rows.groupby(["issued_at", "model", *keys], observed=True)[losses]
    order = pd.Index(np.unique(rows["issued_at"]), name="issued_at")
    sums = _by_issue(grouped.sum(min_count=1), order, scores.index, losses)
    counts = _by_issue(grouped.count(), order, scores.index, losses)
    errors = standard_error_of_mean(sums, counts, block=block, draws=draws)
    result = {}
    for name, (loss, factor) in names.items():
        result[name] = scores[name]
        result[f"{name}_se"] = factor * errors[:, losses.index(loss)]
    issues = (np.nan_to_num(counts[:, :, 0]) > 0).sum(axis=0)
    return pd.DataFrame(result, index=scores.index).assign(issues=issues)


def coverage(
    scored: pd.DataFrame,
    by: Mapping[str, pd.Series] | Sequence[str] = (),
    *,
    unit: str,
    block: int | None = None,
) -> pd.DataFrame:
    """Return whether intervals hold what they promise, one row per interval.

    Parameters
    ----------
    scored, by, unit, block
        As in `standard_errors`; `by={"hour": hour}` gives coverage by hour.

    Returns
    -------
    pandas.DataFrame
        `model`, groups, `nominal_percent, coverage_percent, coverage_se_percent,
        within_two_se, width_<unit>, winkler_<unit>, issues`, and `width_se_<unit>` and
        `winkler_se_<unit>`. Without a standard error nothing is within two of them.
    """
    found = standard_errors(scored, None, by, unit=unit, block=block)
    parts = []
    for nominal in (n for n in metrics.INTERVALS if f"coverage_{n}_percent" in found):
        part = pd.DataFrame({"nominal_percent": float(nominal)}, index=found.index)
        part["coverage_percent"] = found[f"coverage_{nominal}_percent"]
        part["coverage_se_percent"] = found[f"coverage_{nominal}_percent_se"]
        away = (part["coverage_percent"] - nominal).abs()
        part["within_two_se"] = away <= 2 * part["coverage_se_percent"]
        for kind in ("width", "winkler"):
            part[f"{kind}_{unit}"] = found[f"{kind}_{nominal}_{unit}"]
            part[f"{kind}_se_{unit}"] = found[f"{kind}_{nominal}_{unit}_se"]
        parts.append(part.assign(issues=found["issues"]).reset_index())
    return pd.concat(parts, ignore_index=True)


def with_errors(
    overall: Mapping[str, Mapping[str, float]], held: pd.DataFrame
) -> dict[str, dict[str, float]]:
    """Return the scores of a metrics file with the standard error beside each coverage.

    Parameters
    ----------
    overall : mapping
        Model to metric to value, as `lab.metrics.overall` returns it.
    held : pandas.DataFrame
        What `coverage` returns without groups; of models that are not in it, nothing is added.

    Returns
    -------
    dict
        With `coverage_<nominal>_se_percent`, NaN where there are too few issues to tell.
    """
    found = {model: dict(scores) for model, scores in overall.items()}
    for row in held.itertuples():
        if row.model in found:
            key = f"coverage_{row.nominal_percent:.0f}_se_percent"
            found[row.model][key] = float(row.coverage_se_percent)
    return found


def _chosen(
    scored: pd.DataFrame, columns: Sequence[str] | None, unit: str
) -> dict[str, tuple[str, float]]:
    """Return the metrics asked for, with their loss and factor."""
    offered = {
        name: source
        for name, source in metrics.mean_metrics(unit).items()
        if source[0] in scored.columns
    }
    if unknown := [name for name in columns or () if name not in offered]:
        raise UsageError(f"Unknown mean score {unknown[0]!r}; choose one of {', '.join(offered)}.")
    return offered if columns is None else {name: offered[name] for name in columns}


def _by_issue(
    frame: pd.DataFrame, order: pd.Index, groups: pd.Index, losses: list[str]
) -> np.ndarray:
    """Return values as an array of shape (issues, groups, losses), NaN where none."""
    numbers = order.get_indexer(frame.index.get_level_values(0))
    rest = frame.index.droplevel(0)
    cube = np.full((len(order), len(groups), len(losses)), np.nan)
    cube[numbers, groups.get_indexer(rest)] = frame.to_numpy(dtype=float)
    return cube
