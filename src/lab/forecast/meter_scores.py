"""How far forecasts of many meters are off, each against its own best simple rule."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd

from lab import metrics
from lab.errors import UsageError
from lab.forecast.table import MEDIAN, Forecasts, concat

Found = Mapping[tuple[str, str, int], Forecasts]
METER = ["meter", "lead_days"]


def absolute_errors(forecasts: Found, loads: pd.DataFrame) -> pd.DataFrame:
    """Return every absolute error, one column a model.

    Parameters
    ----------
    forecasts : mapping of Forecasts
        By meter, model and lead; all models of a meter and lead over the same rows.
    loads : pandas.DataFrame
        What `lab.forecast.meters.measured_loads` returns.

    Returns
    -------
    pandas.DataFrame
        [W], a row for each measured hour of a meter and lead, with `meter`, `lead_days`,
        `issued_at` and `valid_at` in front; NaN where a model has no forecast. Flagged hours
        have no row.
    """
    parts: dict[tuple[str, int], dict[str, object]] = {}
    for (meter, model, lead), one in forecasts.items():
        if (meter, lead) not in parts:
            known = {"issued_at": one.issued_at, "valid_at": one.valid_at}
            parts[meter, lead] = {"meter": meter, "lead_days": lead, **known}
        truth = loads[meter].reindex(one.valid_at).to_numpy(dtype=float)
        parts[meter, lead]["measured"] = np.isfinite(truth)
        parts[meter, lead][model] = np.abs(one.median - truth)
    table = pd.concat([pd.DataFrame(part) for part in parts.values()], ignore_index=True)
    return table[table["measured"]].drop(columns="measured").reset_index(drop=True)


def best_rules(errors: pd.DataFrame, rules: Sequence[str]) -> pd.Series:
    """Return the rule with the smallest mean error of each meter and lead.

    Parameters
    ----------
    errors : pandas.DataFrame
        What `absolute_errors` returns, of the days of choices alone. Only hours in which
        every rule has a forecast count.
    rules : sequence of str
        Of equals the first is taken.
    """
    names = list(rules)
    known = errors.dropna(subset=names)
    return known.groupby(METER)[names].mean().idxmin(axis=1).rename("rule")


def best_rule_of_all(errors: pd.DataFrame, rules: Sequence[str]) -> pd.Series:
    """Return the rule with the smallest mean error over all meters, by lead."""
    names = list(rules)
    means = errors.dropna(subset=names).groupby(METER)[names].mean()
    return means.groupby("lead_days").mean().idxmin(axis=1).rename("rule")


def gains(errors: pd.DataFrame, models: Sequence[str], base: str) -> pd.DataFrame:
    """Return by how much each model is below a base [%], by meter and lead.

    Parameters
    ----------
    errors : pandas.DataFrame
        Hours in which all of them have a forecast.
    models : sequence of str
    base : str
        Positive gains are errors smaller than this column's.
    """
    means = errors.groupby(METER)[[*models, base]].mean()
    return 100 * (1 - means[list(models)].div(means[base], axis=0))


def over_meters(gain: pd.DataFrame, model: str) -> pd.DataFrame:
    """Return a model's mean gain by lead, how sure it is, and what it is without one meter.

    Parameters
    ----------
    gain : pandas.DataFrame
        What `gains` returns.
    model : str
        A column of it.

    Returns
    -------
    pandas.DataFrame
        By `lead_days`: `gain_percent`, the mean over the meters, `gain_se_percent`, its
        standard error over them (NaN of a single one), `meter`, the one that gains most, and
        `gain_without_percent`, the mean of the others.
    """
    table = gain[model].unstack("lead_days")
    most = table.idxmax()
    found = {
        "gain_percent": table.mean(),
        "gain_se_percent": table.std() / np.sqrt(table.count()),
        "meter": most,
        "gain_without_percent": {k: table[k].drop(name).mean() for k, name in most.items()},
    }
    return pd.DataFrame(found)


def relative_errors(errors: pd.DataFrame, models: Sequence[str], base: str) -> pd.DataFrame:
    """Return errors in units of the base's mean error of the same meter and lead.

    Parameters
    ----------
    errors : pandas.DataFrame
        What `absolute_errors` returns.
    models : sequence of str
        Columns to divide, the base among them if it is to be kept.
    base : str
    """
    mean = errors.groupby(METER)[base].transform("mean")
    return errors.assign(**{name: errors[name] / mean for name in models})


def scored_by_lead(
    forecasts: Sequence[Forecasts], leads: Sequence[int], loads: pd.DataFrame
) -> pd.DataFrame:
    """Return what `lab.metrics.score` gives of every meter, with `lead_days`.

    Parameters
    ----------
    forecasts : sequence of Forecasts
        One meter and lead each, with all quantiles.
    leads : sequence of int
        The lead of each, in days.
    loads : pandas.DataFrame
        One column a meter [W].
    """
    parts = [
        metrics.score(concat([one]), loads[one.series_id]).assign(lead_days=lead)
        for one, lead in zip(forecasts, leads, strict=True)
    ]
    for part in parts:
        part[["series_id", "model"]] = part[["series_id", "model"]].astype(str)
    return pd.concat(parts, ignore_index=True)


def reliability(forecasts: Sequence[Forecasts], loads: pd.DataFrame) -> pd.DataFrame:
    """Return how often the load lay below each quantile, over all meters together.

    Parameters
    ----------
    forecasts : sequence of Forecasts
    loads : pandas.DataFrame
        One column a meter [W].

    Returns
    -------
    pandas.DataFrame
        As `lab.metrics.reliability`: one row a model, one column a level.
    """
    # Errors of several meters fit one table: a value lies below its quantile if 0 lies
    # below the quantile less the value.
    short = [
        replace(
            one, values=one.values - loads[one.series_id].reindex(one.valid_at).to_numpy()[:, None]
        )
        for one in forecasts
    ]
    times = short[0].valid_at.append([one.valid_at for one in short[1:]]).unique()
    nothing = pd.Series(0.0, index=times)
    return metrics.reliability(concat(short), nothing)


def mixture_scores(
    forecasts: Found, loads: pd.DataFrame, members: Sequence[str], base: str, steps: int
) -> pd.DataFrame:
    """Return how every mixture of the members fares against a base, over all meters.

    Parameters
    ----------
    forecasts : mapping of Forecasts
        Of the days of choices.
    loads : pandas.DataFrame
    members : sequence of str
        Models to mix.
    base : str
        A model; the error of each meter counts in units of its error.
    steps : int
        Weights are multiples of one over this.

    Returns
    -------
    pandas.DataFrame
        A row a mixture and lead: `lead_days`, the weights by member and
        `relative_mae`, the mean over the meters. One weight for all meters: with a choice
        for each there would be as many chances to be lucky as there are meters.
    """
    weights = pd.DataFrame(mixtures(members, steps))
    parts = []
    for lead in dict.fromkeys(key[2] for key in forecasts):
        meters = dict.fromkeys(key[0] for key in forecasts if key[2] == lead)
        ratios = [
            _relative(forecasts, loads[m], (m, lead), (*members, base), weights) for m in meters
        ]
        relative = np.nanmean(ratios, axis=0)
        parts.append(weights.assign(lead_days=lead, relative_mae=relative))
    return pd.concat(parts, ignore_index=True)


def weighted(
    members: Mapping[str, Forecasts], weights: Mapping[str, float], name: str
) -> Forecasts:
    """Return the weighted mean of several models' medians; members of weight 0 are not read.

    Raises
    ------
    UsageError
        If the weights do not name members, or do not sum to 1.
    """
    if not set(weights) <= set(members) or not np.isclose(sum(weights.values()), 1):
        raise UsageError(
            f"Weights must name members ({', '.join(members)}) and sum to 1, got {dict(weights)}."
        )
    used = {member: weight for member, weight in weights.items() if weight}
    values = np.sum([weight * members[member].median for member, weight in used.items()], axis=0)
    return replace(members[next(iter(used))], model=name, levels=(MEDIAN,), values=values[:, None])


def mixtures(members: Sequence[str], steps: int) -> list[dict[str, float]]:
    """Return all weights of the members in `steps` equal steps that sum to 1.

    Examples
    --------
    >>> mixtures(["a", "b"], 2)
    [{'a': 0.0, 'b': 1.0}, {'a': 0.5, 'b': 0.5}, {'a': 1.0, 'b': 0.0}]
    """
    counts = product(range(steps + 1), repeat=len(members))
    return [
        {name: one / steps for name, one in zip(members, count, strict=True)}
        for count in counts
        if sum(count) == steps
    ]


def _relative(
    forecasts: Found,
    load: pd.Series,
    place: tuple[str, int],
    models: Sequence[str],
    weights: pd.DataFrame,
) -> np.ndarray:
    """Return each mixture's error over that of the last model, NaN without a common hour."""
    meter, lead = place
    each = [forecasts[meter, model, lead] for model in models]
    truth = load.reindex(each[0].valid_at).to_numpy(dtype=float)
    values = np.stack([one.median for one in each], axis=1)
    rows = np.isfinite(truth) & np.isfinite(values).all(axis=1)
    if not rows.any():
        return np.full(len(weights), np.nan)
    mixed = values[rows, :-1] @ weights.to_numpy().T
    base = np.abs(values[rows, -1] - truth[rows]).mean()
    return np.asarray(np.abs(mixed - truth[rows, None]).mean(axis=0) / base)
