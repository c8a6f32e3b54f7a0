"""Figures of calibration: coverage by group."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lab import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def draw_coverage(table: pd.DataFrame, group: str, label: str, model: str) -> "Axes":
    """Draw the coverage of both intervals over a group, with two standard errors.

    Parameters
    ----------
    table : pandas.DataFrame
        What `lab.evaluation.bootstrap.coverage` returns.
    group : str
        Column along the axis, such as `hour`.
    label : str
        Label of the axis, with its unit.
    model : str
        The model to draw.

    Returns
    -------
    matplotlib.axes.Axes
    """
    import matplotlib.pyplot as plt

    _, axis = plt.subplots()
    own = table[table["model"].astype(str) == model]
    for nominal, part in own.groupby("nominal_percent"):
        places = part[group] if pd.api.types.is_numeric_dtype(part[group]) else np.arange(len(part))
        axis.axhline(nominal, color=style.MUTED, lw=1, ls="--")
        axis.errorbar(
            places, part["coverage_percent"], 2 * part["coverage_se_percent"].fillna(0), fmt="o",
            ms=4, lw=1, capsize=2, color=style.colour(model),
            mfc=style.colour(model) if nominal > 90 else "white", label=f"nominal {nominal:g} %",
        )  # fmt: skip
        if not pd.api.types.is_numeric_dtype(part[group]):
            axis.set_xticks(places, [str(name) for name in part[group]])
    axis.set(xlabel=label, ylabel="coverage, ± 2 standard errors [%]")
    axis.legend(ncol=2, loc="lower left", bbox_to_anchor=(0, 1), borderaxespad=0.2)
    return axis
