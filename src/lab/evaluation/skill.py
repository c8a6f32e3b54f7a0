"""How much better than a naive rule: relative error and skill, in total and by group.

References
----------
Hyndman, Koehler, Another look at measures of forecast accuracy (2006),
doi:10.1016/j.ijforecast.2006.03.001; Lago, Marcjasz, De Schutter, Weron, Forecasting
day-ahead electricity prices (2021), doi:10.1016/j.apenergy.2021.116983.
"""

from collections.abc import Sequence

import pandas as pd

from lab.errors import UsageError

PERCENT = 100.0


def best_naive(scores: pd.DataFrame, rules: Sequence[str], metric: str) -> str:
    """Return the naive rule with the smallest score, the first of equals.

    Parameters
    ----------
    scores : pandas.DataFrame
        Scores of the validation period, indexed by model: the test period has no say.
    rules : sequence of str
        Names of the rules.
    metric : str
        Column to compare, smaller is better.

    Raises
    ------
    UsageError
        If a rule or the metric is not in the scores, or no rule has a score.
    """
    _check_metric(scores, metric)
    if missing := [rule for rule in rules if rule not in scores.index]:
        raise UsageError(
            f"The naive rule {missing[0]!r} has no score; there are "
            f"{', '.join(str(name) for name in scores.index)}."
        )
    known = scores.loc[list(rules), metric].dropna()
    if known.empty:
        raise UsageError(f"None of the {len(rules)} naive rules has a score of {metric}.")
    return str(known.idxmin())


def relative_score(scores: pd.DataFrame, naive: str, metric: str) -> pd.Series:
    """Return each score over that of a naive rule in the same group.

    Parameters
    ----------
    scores : pandas.DataFrame
        What `lab.metrics.summarise` returns: indexed by model, or by model and groups.
    naive : str
        The rule compared with.
    metric : str
        Column to compare, smaller is better.

    Returns
    -------
    pandas.Series
        1 for the rule itself; NaN in a group that the rule has not, or where its score
        is 0.

    Raises
    ------
    UsageError
        If the metric or the rule is not in the scores.
    """
    _check_metric(scores, metric)
    models = scores.index.get_level_values("model").astype(str)
    own = scores.loc[models == naive, metric]
    if own.empty:
        raise UsageError(
            f"Unknown naive rule {naive!r}; choose one of {', '.join(dict.fromkeys(models))}."
        )
    if scores.index.nlevels == 1:
        base = pd.Series(float(own.iloc[0]), index=scores.index)
    else:
        groups = scores.index.droplevel("model")
        base = own.droplevel("model").reindex(groups).set_axis(scores.index)
    return scores[metric] / base.where(base > 0)


def skill(scores: pd.DataFrame, naive: str, *, unit: str) -> pd.DataFrame:
    """Return relative errors and skills, the rule in the names of the columns.

    Parameters
    ----------
    scores : pandas.DataFrame
        What `lab.metrics.summarise` returns, in total or by group. All models should have
        forecast the same rows (`lab.evaluation.issues.common_rows`).
    naive : str
        The rule compared with, such as the best on the validation period.
    unit : str
        Unit as it stands in the names.

    Returns
    -------
    pandas.DataFrame
        `rmae_against_<naive>` (1 as good as the rule, 0 perfect) and in percent
        `mae_skill_against_<naive>_percent`, `rmse_skill_...`, `crps_skill_...`: 100 perfect,
        0 as good, negative worse.

    Raises
    ------
    UsageError
        If the rule or a metric is not in the scores.
    """
    relative = {
        name: relative_score(scores, naive, f"{name}_{unit}")
        for name in ("mae", "rmse", "crps")
        if name == "mae" or f"{name}_{unit}" in scores.columns
    }
    result = pd.DataFrame({f"rmae_against_{naive}": relative["mae"]})
    for name, share in relative.items():
        result[f"{name}_skill_against_{naive}_percent"] = PERCENT * (1 - share)
    return result


def _check_metric(scores: pd.DataFrame, metric: str) -> None:
    """Refuse a metric that was not scored."""
    if metric not in scores.columns:
        raise UsageError(
            f"Unknown score {metric!r}; choose one of "
            f"{', '.join(str(name) for name in scores.columns)}."
        )
