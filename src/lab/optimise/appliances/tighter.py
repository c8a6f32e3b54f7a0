"""Rules that follow from the limit for two appliances at a time; they make the relaxation tight.

They cut off no schedule. For a handful of appliances the mixed-integer search ends two or three
times sooner with them; for many they would be too many.
"""

from itertools import combinations, permutations
from typing import Any

import numpy as np
import scipy.sparse as sp

from lab.optimise.appliances.columns import Block, Columns

FEW = 12


def two_that_do_not_fit_take_turns(columns: Columns, run: Any, room: np.ndarray) -> list[Any]:
    """Two appliances of fixed power that exceed the limit together are not on at one time."""
    rules = []
    for one, other in combinations(_switched(columns), 2):
        at = _common(one, other)
        at = at[one.item.power_kw + other.item.power_kw > room[at] + 1e-9]
        if len(at):
            both = columns.on(one.item.name)[at] + columns.on(other.item.name)[at]
            rules.append(both @ run <= 1)
    return rules


def adjustable_power_yields(columns: Columns, run: Any, power: Any, room: np.ndarray) -> list[Any]:
    """Beside an appliance of fixed power that is on, an adjustable one takes what is left."""
    rules = []
    for one, other in permutations(columns.blocks.values(), 2):
        if one.item.adjustable or not other.item.adjustable:
            continue
        at = _common(one, other)
        over = np.maximum(one.item.power_kw + other.item.power_kw - room[at], 0.0)
        at, over = at[over > 1e-9], over[over > 1e-9]
        if len(at):
            yielded = sp.diags_array(np.minimum(over, other.item.power_kw))
            own = power[other.power.start + at - other.first]
            rules.append(own <= other.item.power_kw - yielded @ columns.on(one.item.name)[at] @ run)
    return rules


def _switched(columns: Columns) -> list[Block]:
    """Return the appliances of fixed power."""
    return [block for block in columns.blocks.values() if not block.item.adjustable]


def _common(one: Block, other: Block) -> np.ndarray:
    """Return the slots that lie in both windows."""
    return np.arange(max(one.first, other.first), min(one.last, other.last))
