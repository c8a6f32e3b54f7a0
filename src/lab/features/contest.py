"""Features against simple rules: the same contest for every market and every part."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lab import calendar
from lab.features.linear import linear_forecast, scores
from lab.features.preprocess import Preprocessor
from lab.features.spec import HOURS_OF_WEEK
from lab.features.target import TARGET, ahead

MONDAY = 0
TODAY, LAST_WEEK, MIXED = "today's price", "last week's price", "benchmark's rule"


@dataclass(frozen=True)
class Contest:
    """What rules and families told, and how far off they were.

    Attributes
    ----------
    train, test : pandas.DataFrame
        Features and target of the rows learned from and of the rows told.
    rules : pandas.DataFrame
        What each rule says for the rows of both parts.
    baseline : str
        The rule with the least mean absolute error on `train`.
    told : pandas.DataFrame
        Forecast of each rule and each family for the rows of `test`.
    result : pandas.DataFrame
        Scores on `test`, one row for each column of `told`.
    """

    train: pd.DataFrame
    test: pd.DataFrame
    rules: pd.DataFrame
    baseline: str
    told: pd.DataFrame
    result: pd.DataFrame


def day_ahead_pairs(
    built: pd.DataFrame, catalogue: pd.DataFrame, target: pd.Series, lead_h: float, zone: str
) -> pd.DataFrame:
    """Return the pairs of `ahead` whose target belongs to the next delivery day.

    Only for those is all that the row holds known when the auction closes.

    Parameters
    ----------
    built, catalogue, target, lead_h
        As for `lab.features.ahead`.
    zone : str
        IANA time zone of the market.
    """
    pairs = ahead(built, catalogue, target, lead_h)
    later = pairs.index + pd.Timedelta(hours=lead_h)
    day, next_day = (
        calendar.utc_to_market24(index, zone)["delivery_date"].to_numpy()
        for index in (pairs.index, later)
    )
    return pairs[next_day - day == np.timedelta64(1, "D")]


def simple_rules(
    target: pd.Series, index: pd.DatetimeIndex, lead_h: float, zone: str
) -> pd.DataFrame:
    """Return what three rules without features say about the target at t + lead.

    Parameters
    ----------
    target : pandas.Series
        UTC index.
    index : pandas.DatetimeIndex, shape (rows,)
        The times t.
    lead_h : float
        How far ahead the target lies [h].
    zone : str
        IANA time zone of the market, for the day of the week.

    Returns
    -------
    pandas.DataFrame, shape (rows, 3)
        Today's price; last week's; and the benchmark's rule, which is last week's on Monday,
        Saturday and Sunday and today's on the other days. Rows that a rule cannot tell are
        left out.

    References
    ----------
    J. Lago et al., Forecasting day-ahead electricity prices, Applied Energy 293 (2021)
    116983, doi:10.1016/j.apenergy.2021.116983
    """
    today = target.reindex(index)
    last_week = target.reindex(index - pd.Timedelta(hours=HOURS_OF_WEEK - lead_h)).set_axis(index)
    weekday = (index + pd.Timedelta(hours=lead_h)).tz_convert(zone).day_of_week
    weekly = np.isin(weekday, [calendar.SATURDAY, calendar.SUNDAY, MONDAY])
    rules = {TODAY: today, LAST_WEEK: last_week, MIXED: last_week.where(weekly, today)}
    return pd.DataFrame(rules).dropna()


def split_at(
    pairs: pd.DataFrame, first_day: str, lead_h: float, zone: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Cut pairs into those whose target lies before a local day, and those from it on.

    Rows of the day before, whose target lies within the second part, belong to neither.
    """
    cut = pd.Timestamp(first_day, tz=zone)
    return pairs[pairs.index + pd.Timedelta(hours=lead_h) < cut], pairs[pairs.index >= cut]


def contest(
    train: pd.DataFrame,
    test: pd.DataFrame,
    rules: pd.DataFrame,
    groups: Mapping[str, list[str]],
    treatment: Callable[[], Preprocessor],
) -> Contest:
    """Let each group of features correct the rule that is strongest on the training part.

    Parameters
    ----------
    train, test : pandas.DataFrame
        As `split_at` returns them; rows that a rule cannot tell are left out.
    rules : pandas.DataFrame
        As `simple_rules` returns them.
    groups : mapping
        Name to feature columns.
    treatment : callable
        Makes a preprocessor that is not yet fitted.
    """
    train, test = (part.loc[part.index.intersection(rules.index)] for part in (train, test))
    missed = rules.loc[train.index].sub(train[TARGET], axis=0).abs().mean()
    baseline = str(missed.idxmin())
    told = {name: rules.loc[test.index, name] for name in rules}
    for name, columns in groups.items():
        wanted = [*columns, TARGET]
        told[name] = linear_forecast(train[wanted], test[wanted], rules[baseline], treatment())
    result = pd.DataFrame({name: scores(one, test[TARGET]) for name, one in told.items()}).T
    return Contest(train, test, rules, baseline, pd.DataFrame(told), result)


def saving(found: Contest, name: str) -> tuple[float, float]:
    """Return the absolute error that a forecast saves against the baseline, and its error.

    Returns
    -------
    float
        Mean over the hours of the test part, in the unit of the target; negative for a loss.
    float
        Its standard error. Hours of one week move together and count as one observation
        (weeks of seven days from the first row; at least two are needed, else NaN).
    """
    missed = found.told.sub(found.test[TARGET], axis=0).abs()
    saved = missed[found.baseline] - missed[name]
    mean = float(saved.mean())
    weeks = (saved - mean).groupby((saved.index - saved.index[0]) // pd.Timedelta(days=7)).sum()
    if len(weeks) < 2:
        return mean, float("nan")
    spread = float((weeks**2).sum()) * len(weeks) / (len(weeks) - 1)
    return mean, float(np.sqrt(spread)) / len(saved)
