"""Figures of learned control."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from lab.optimise.control.dynamics import ACTIONS
from lab.optimise.control.policy import Policy

TINTS = ("#4263eb", "#adb5bd", "#e8590c")


def met(policy: Policy) -> np.ndarray:
    """Return the action of every state, -1 where an agent never was.

    Returns
    -------
    numpy.ndarray, shape (levels, price bins, 24, move bins)
    """
    acts = policy.table.reshape(policy.values.shape[:-1])
    return np.where(np.any(policy.values, axis=-1), acts, -1)


def policy_map(panels: Mapping[str, tuple[Policy, int]]) -> Any:
    """Draw what policies do by charge and price, at an hour each; return the figure.

    Parameters
    ----------
    panels : mapping of str to tuple of Policy and int
        Title, policy and local hour of each panel. Where forecasts are seen, they expect no
        move; states that were never met stay blank.
    """
    import matplotlib.pyplot as plt
    from matplotlib.colors import ListedColormap

    colours = ListedColormap(list(TINTS)).with_extremes(under=(0, 0, 0, 0))
    fig, axes = plt.subplots(1, len(panels), figsize=(9, 3.6), sharex=True, squeeze=False)
    for axis, (title, (policy, hour)) in zip(axes[0], panels.items(), strict=True):
        many, _, moves = policy.bins.shape
        axis.imshow(
            met(policy)[:, :, hour, moves // 2].T, origin="lower", aspect="auto", cmap=colours,
            vmin=0, vmax=2, extent=(policy.soc_min, policy.soc_max, 0, many),
        )  # fmt: skip
        axis.grid(False)
        axis.set(title=title, xlabel="charge [1]", yticks=range(1, many))
        scale = 100 if policy.bins.shares else 1000
        axis.set_yticklabels([f"{scale * edge:+.0f}" for edge in policy.bins.edges])
    unit = "[%]" if next(iter(panels.values()))[0].bins.shares else "[USD/MWh]"
    axes[0, 0].set_ylabel(f"price above worth {unit}")
    patches = [plt.Rectangle((0, 0), 1, 1, color=tint) for tint in TINTS]
    fig.legend(patches, ACTIONS, loc="outside lower center", ncols=len(ACTIONS))
    return fig
