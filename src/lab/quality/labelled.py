"""Our rules and naive ones on the tables that carry labelled faults."""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from lab.errors import UsageError
from lab.quality.bounds import outside
from lab.quality.interpolated import straight_runs
from lab.quality.outliers import outlying
from lab.quality.rules import Rules
from lab.quality.scores import far_from_mean, same_as_before, same_slope_as_before, score
from lab.quality.stuck import mask, stuck_runs

Flags = Callable[[pd.Series], np.ndarray]


def detectors(rules: Rules) -> dict[str, dict[str, Flags]]:
    """Return, per kind of label, our rules by name and the naive rule, last."""
    return {
        "stale": {
            "value still for hours": lambda series: _stuck(series, rules),
            "naive: equal to the value before": same_as_before,
        },
        "interpolated": {
            "straight line": lambda series: mask(
                pd.DatetimeIndex(series.index), straight_runs(series, rules.interpolated)
            ),
            "naive: change equal to the change before": same_slope_as_before,
        },
        "outlier": {
            "far from the same time of other days": lambda series: np.asarray(
                series.index.isin(outlying(series, rules.outliers).index)
            ),
            "outside what the unit allows": lambda series: np.asarray(
                series.index.isin(outside(series, rules.bounds, "pv").index)
            ),
            "naive: three standard deviations": far_from_mean,
        },
    }


def _stuck(series: pd.Series, rules: Rules) -> np.ndarray:
    found = stuck_runs(series, rules.stuck, rests_at_zero=True)
    return mask(pd.DatetimeIndex(series.index), found[found["kind"] == "stuck"])


def compare(
    tables: Mapping[str, pd.DataFrame], labels: Mapping[str, str], rules: Rules
) -> pd.DataFrame:
    """Score every rule on the table that is labelled for it.

    Parameters
    ----------
    tables : mapping
        Tables by name: the first column is measured, the label is a boolean column.
    labels : mapping
        Name of the label column per table.
    rules : Rules
        Thresholds.

    Returns
    -------
    pandas.DataFrame
        Indexed by label and rule; columns as in `scores.score`.

    Raises
    ------
    UsageError
        If a label is of a kind that no rule looks for.
    """
    known = detectors(rules)
    rows = {}
    for name, label in labels.items():
        if label not in known:
            raise UsageError(f"Unknown label {label!r} of {name}; known are {', '.join(known)}.")
        table = tables[name]
        for rule, flags in known[label].items():
            rows[label, rule] = score(flags(table.iloc[:, 0]), table[label].to_numpy())
    return pd.DataFrame(rows).T.rename_axis(["label", "rule"])
