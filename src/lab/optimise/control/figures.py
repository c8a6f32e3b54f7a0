"""Figures of learned control."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from lab.optimise.control.dynamics import ACTIONS
from lab.optimise.control.policy import Policy

TINTS = ("#4263eb", "#adb5bd", "#e8590c")
MOVES = ("price falls", "price stays", "price rises")


def met(policy: Policy) -> np.ndarray:
    """Return the action of every state, -1 where an agent never was.

    Returns
    -------
    numpy.ndarray, shape (levels, price bins, 24, move bins)
    """
    acts = policy.table.reshape(policy.values.shape[:-1])
    return np.where(np.any(policy.values, axis=-1), acts, -1)


def policy_map(policy: Policy, levels: Sequence[int]) -> Any:
    """Draw what a policy does, by hour and price, at some charge levels; return the figure.

    One row for each bin of expected moves; states that were never met stay blank.
    """
    import matplotlib.pyplot as plt
    from matplotlib.colors import ListedColormap

    acts, bins = met(policy), policy.bins
    many, hours, rows = bins.shape
    scale = 100 if bins.shares else 1000
    colours = ListedColormap(list(TINTS)).with_extremes(under=(0, 0, 0, 0))
    fig, axes = plt.subplots(
        rows, len(levels), figsize=(9, 1.4 + 2.3 * rows), sharex=True, sharey=True, squeeze=False
    )
    for (row, column), axis in np.ndenumerate(axes):
        shown = acts[levels[column], :, :, row]
        axis.imshow(
            shown, origin="lower", aspect="auto", cmap=colours, vmin=0, vmax=2,
            extent=(0, hours, 0, many),
        )  # fmt: skip
        axis.grid(False)
        axis.set(xticks=range(0, hours + 1, 6), yticks=range(1, many, 2))
        axis.set_yticklabels([f"{scale * edge:+.0f}" for edge in bins.edges[::2]])
    _named(axes, policy, levels)
    patches = [plt.Rectangle((0, 0), 1, 1, color=tint) for tint in TINTS]
    fig.legend(patches, ACTIONS, loc="outside lower center", ncols=len(ACTIONS))
    return fig


def _named(axes: np.ndarray, policy: Policy, levels: Sequence[int]) -> None:
    """Write titles and labels."""
    wide = (policy.soc_max - policy.soc_min) / len(policy.values)
    for column, level in enumerate(levels):
        low = policy.soc_min + wide * level
        axes[0, column].set_title(f"soc {low:.2f} to {low + wide:.2f}")
        axes[-1, column].set_xlabel("local hour [h]")
    unit = "[%]" if policy.bins.shares else "[USD/MWh]"
    for row in range(len(axes)):
        name = f"{MOVES[row]}\n" if len(axes) == len(MOVES) else ""
        axes[row, 0].set_ylabel(f"{name}price above worth {unit}")
