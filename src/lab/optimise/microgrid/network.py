"""A microgrid as a whole: what hangs together, and the matrices that say who stands where."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from lab.calendar import check_utc, in_zone, step_of
from lab.errors import DataError, UsageError
from lab.optimise.microgrid.parts import (
    FlexibleDemand,
    Generator,
    GridConnection,
    Line,
    Node,
    Store,
)

KINDS = ("nodes", "lines", "generators", "stores", "demands", "connections")


@dataclass(frozen=True, eq=False)
class Microgrid:
    """Everything that a plan needs to know.

    Attributes
    ----------
    index : pandas.DatetimeIndex
        UTC starts of the steps ("hours"), one step apart.
    nodes, lines, generators, stores, demands, connections : tuple
        The parts, each kind with names of its own. Every node must reach a connection over
        lines; without any connection all nodes must reach each other.
    islanded : array of bool, shape (hours,), optional
        Hours in which no connection carries anything; then every node with a load needs the
        value of lost load.
    zone : str
        IANA zone whose days are the windows of flexible demand.
    """

    index: pd.DatetimeIndex
    nodes: Sequence[Node]
    lines: Sequence[Line] = ()
    generators: Sequence[Generator] = ()
    stores: Sequence[Store] = ()
    demands: Sequence[FlexibleDemand] = ()
    connections: Sequence[GridConnection] = ()
    islanded: Sequence[bool] | np.ndarray | None = None
    zone: str = "UTC"
    mask: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        for kind in KINDS:
            object.__setattr__(self, kind, tuple(getattr(self, kind)))
        given = self.islanded if self.islanded is not None else np.zeros(len(self.index), bool)
        object.__setattr__(self, "mask", np.array(given, dtype=bool))
        steps_are_whole(self.index)
        names_are_unique(self)
        series_have_all_hours(self)
        parts_stand_on_nodes(self)
        nodes_are_connected(self)
        islands_value_lost_load(self)

    @property
    def hours(self) -> int:
        """Number of steps."""
        return len(self.index)

    @cached_property
    def step_h(self) -> float:
        """Length of a step [h]."""
        if len(self.index) < 2:
            return 1.0
        return step_of(self.index) / pd.Timedelta(hours=1)

    @property
    def node_names(self) -> list[str]:
        """Names of the nodes, in order."""
        return [node.name for node in self.nodes]

    @cached_property
    def occupied(self) -> set[str]:
        """Nodes with a load or a device."""
        kinds = (self.generators, self.stores, self.demands)
        devices = {part.node for kind in kinds for part in kind}
        return devices | {node.name for node in self.nodes if np.asarray(node.load_kw).any()}

    @cached_property
    def load_kw(self) -> np.ndarray:
        """Demand that does not move, shape (nodes, hours) [kW]."""
        return np.array([node.load_kw for node in self.nodes], dtype=float)

    @cached_property
    def baseline_kw(self) -> np.ndarray:
        """Flexible demand before anything moves, shape (demands, hours) [kW]."""
        return rows([demand.baseline_kw for demand in self.demands], self.hours)

    @cached_property
    def available_kw(self) -> np.ndarray:
        """What generators may give, shape (generators, hours) [kW]."""
        return rows([g.available_kw for g in self.generators], self.hours)

    @cached_property
    def groups(self) -> np.ndarray:
        """Number of the group of nodes, joined by lines, to which each node belongs."""
        joined = self.ends("start") @ self.ends("end").T
        return connected_components(joined, directed=False)[1]

    def reach(self, nodes: Sequence[str]) -> np.ndarray:
        """Return the share that each connection has in nodes, shape (connections, nodes).

        Connections to one group share its nodes equally; of other groups they have nothing.
        """
        own = {name: int(group) for name, group in zip(self.node_names, self.groups, strict=True)}
        theirs = np.array([own[c.node] for c in self.connections])[:, None]
        same = theirs == np.array([own[node] for node in nodes])[None, :]
        return same / np.maximum(same.sum(axis=0), 1)

    def places(self, kind: str) -> sparse.csr_matrix:
        """Return the matrix, nodes x parts, with a 1 where a part of this kind stands.

        A kind of which there is nothing has one column of zeros.
        """
        parts = getattr(self, kind)
        where = [self.node_names.index(part.node) for part in parts]
        return _ones(where, range(len(parts)), (len(self.nodes), max(len(parts), 1)))

    def ends(self, which: str) -> sparse.csr_matrix:
        """Return the matrix, nodes x lines, with a 1 at the `start` or the `end` of a line."""
        where = [self.node_names.index(getattr(line, which)) for line in self.lines]
        return _ones(where, range(len(self.lines)), (len(self.nodes), max(len(self.lines), 1)))

    def windows(self, demand: FlexibleDemand) -> np.ndarray:
        """Return the number of the window in which each hour lies, shape (hours,)."""
        if demand.window_hours is None:
            days = in_zone(self.index, self.zone).tz_localize(None).normalize()
            return np.unique(days, return_inverse=True)[1]
        return (np.arange(self.hours) * self.step_h / demand.window_hours + 1e-9).astype(int)

    def with_parts(self, **changed: Any) -> "Microgrid":
        """Return the same microgrid with some of its parts or its mask exchanged."""
        return replace(self, **changed)


def rows(values: Iterable[Any], hours: int) -> np.ndarray:
    """Stack series or constants to shape (parts, hours); one row of zeros if there are none."""
    found = [np.broadcast_to(np.asarray(value, dtype=float), (hours,)) for value in values]
    return np.array(found) if found else np.zeros((1, hours))


def _ones(where: Sequence[int], parts: Iterable[int], shape: tuple[int, int]) -> sparse.csr_matrix:
    return sparse.csr_matrix((np.ones(len(where)), (list(where), list(parts))), shape=shape)


def steps_are_whole(index: pd.DatetimeIndex) -> None:
    """Refuse an index that is empty, not UTC, or has gaps."""
    if not len(check_utc(index)):
        raise DataError("A microgrid needs at least one hour, got an empty index.")
    apart = np.diff(index.asi8)
    wrong = (apart != apart[:1]) | (apart <= 0)
    if wrong.any():
        at = int(np.argmax(wrong)) + 1
        raise DataError(
            f"The hours of a microgrid must follow each other in equal steps, but the step to "
            f"{index[at]:%Y-%m-%d %H:%M} UTC is another one."
        )


def names_are_unique(grid: Microgrid) -> None:
    """Refuse two parts of one kind with one name, and a microgrid without nodes."""
    if not grid.nodes:
        raise UsageError("A microgrid needs at least one node, got none.")
    for kind in KINDS:
        often = Counter(part.name for part in getattr(grid, kind)).most_common(1)
        if often and often[0][1] > 1:
            raise UsageError(
                f"The {kind} of a microgrid need different names, got {often[0][0]!r} twice."
            )


def series_have_all_hours(grid: Microgrid) -> None:
    """Refuse a part whose series is longer or shorter than the index."""
    if grid.mask.shape != (grid.hours,):
        raise DataError(
            f"The mask of islanded hours must have {grid.hours} entries, got {grid.mask.size}."
        )
    for kind in KINDS:
        for part in getattr(grid, kind):
            for key, value in vars(part).items():
                if isinstance(value, np.ndarray) and len(value) != grid.hours:
                    raise DataError(
                        f"{key} of {part.name!r} must have {grid.hours} hours, got {len(value)}."
                    )


def parts_stand_on_nodes(grid: Microgrid) -> None:
    """Refuse a part that stands on a node which is not there."""
    known = set(grid.node_names)
    for kind in KINDS[1:]:
        for part in getattr(grid, kind):
            named = (part.start, part.end) if isinstance(part, Line) else (part.node,)
            for node in named:
                if node not in known:
                    raise UsageError(
                        f"{part.name!r} of the {kind} stands on the node {node!r}, which is not "
                        f"among {', '.join(grid.node_names)}."
                    )


def nodes_are_connected(grid: Microgrid) -> None:
    """Refuse nodes that nothing can reach.

    A node must reach a connection to the grid; if there is none at all, the first node.
    """
    group, names = grid.groups, grid.node_names
    anchors = {group[names.index(c.node)] for c in grid.connections} or {group[0]}
    lost = [name for name, own in zip(names, group, strict=True) if own not in anchors]
    if lost:
        goal = "a connection to the grid" if grid.connections else f"node {names[0]!r}"
        raise UsageError(
            f"Node {lost[0]!r} is disconnected: no line leads from it to {goal}"
            + (f" (nor from {', '.join(map(repr, lost[1:]))})." if lost[1:] else ".")
        )


def islands_value_lost_load(grid: Microgrid) -> None:
    """Refuse islanded hours in which a node has a demand but no value of lost load."""
    if not grid.mask.any():
        return
    flexible = {demand.node for demand in grid.demands}
    for node in grid.nodes:
        asked = np.asarray(node.load_kw)[grid.mask].any() or node.name in flexible
        if asked and node.value_of_lost_load_usd_per_kwh is None:
            raise UsageError(
                f"Node {node.name!r} needs a value of lost load: {int(grid.mask.sum())} hours are "
                "islanded, and what cannot be served then must have a price."
            )
