"""The unknowns of a schedule as columns of sparse matrices: starts, slots and powers.

A continuous run is one whole-number column per feasible start, which makes the linear
relaxation tight; an interruptible one has a column per slot. Only adjustable powers are not
whole numbers, and they have an on-and-off column only where a rule asks for one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.sparse as sp

from lab.optimise.appliances.appliance import Appliance
from lab.optimise.appliances.site import Site


@dataclass(frozen=True)
class Block:
    """Columns of one appliance.

    Attributes
    ----------
    item : Appliance
    first, last : int
        Its window: first slot, and the one after the last.
    steps : int
        Slots of its run.
    run, power : slice
        Its columns among the whole-number ones and among the powers; empty slices for none.
    use : int or None
        Column that says whether an optional one runs at all.
    """

    item: Appliance
    first: int
    last: int
    steps: int
    run: slice
    power: slice
    use: int | None

    @property
    def width(self) -> int:
        """Slots that one column covers."""
        return self.steps if self.item.kind == "continuous" else 1

    @property
    def slots(self) -> np.ndarray:
        """Slot of each of its columns: where a continuous run starts, else the slot itself."""
        return np.arange(self.first, self.last - self.width + 1)


@dataclass(frozen=True)
class Columns:
    """All columns of some appliances at a site."""

    site: Site
    blocks: Mapping[str, Block]
    runs: int
    powers: int

    def on(self, name: str) -> sp.csr_matrix:
        """Return whether an appliance is on, (slots, runs): one entry per covered slot."""
        block = self.blocks[name]
        return _covering([block], self.site.slots, self.runs, [1.0])

    @cached_property
    def load_of_runs(self) -> sp.csr_matrix:
        """Power [kW] by slot of the whole-number columns, (slots, runs)."""
        fixed = [block for block in self.blocks.values() if not block.item.adjustable]
        sizes = [block.item.power_kw for block in fixed]
        return _covering(fixed, self.site.slots, self.runs, sizes)

    @cached_property
    def load_of_powers(self) -> sp.csr_matrix:
        """Power [kW] by slot of the adjustable columns, (slots, powers): zeros and ones."""
        rows, columns = [], []
        for block in self.blocks.values():
            if block.item.adjustable:
                rows.append(block.slots)
                columns.append(np.arange(block.power.start, block.power.stop))
        return _sparse(rows, columns, [np.ones(len(row)) for row in rows], self._size_of_powers)

    @property
    def _size_of_powers(self) -> tuple[int, int]:
        return self.site.slots, self.powers

    @cached_property
    def need(self) -> tuple[sp.csr_matrix, sp.csr_matrix, np.ndarray]:
        """Matrices of runs and powers, and the right side, one row per appliance."""
        run_parts: list[tuple[int, np.ndarray, float]] = []
        power_parts: list[tuple[int, np.ndarray, float]] = []
        right = np.zeros(len(self.blocks))
        for row, block in enumerate(self.blocks.values()):
            item = block.item
            amount = item.needs_kwh if item.adjustable else float(block.steps // block.width)
            if item.adjustable:
                one = np.arange(block.power.start, block.power.stop)
                power_parts.append((row, one, self.site.step_h))
            else:
                run_parts.append((row, np.arange(block.run.start, block.run.stop), 1.0))
            if block.use is None:
                right[row] = amount
            else:
                run_parts.append((row, np.array([block.use]), -amount))
        size = len(self.blocks)
        return _rows(run_parts, (size, self.runs)), _rows(power_parts, (size, self.powers)), right


def lay_out(items: Mapping[str, Appliance], site: Site) -> Columns:
    """Return the columns of appliances, given so that predecessors come first."""
    waited_for = {name for item in items.values() for name in item.after}
    blocks: dict[str, Block] = {}
    runs = powers = 0
    for name, item in items.items():
        first, last = site.window(item)
        steps = site.steps(item)
        width = steps if item.kind == "continuous" else 1
        slots = last - first - width + 1
        switched = not item.adjustable or needs_switch(item) or name in waited_for
        run = slice(runs, runs + (slots if switched else 0))
        power = slice(powers, powers + (slots if item.adjustable else 0))
        use = run.stop if item.optional else None
        runs, powers = run.stop + (use is not None), power.stop
        blocks[name] = Block(item, first, last, steps, run, power, use)
    return Columns(site, blocks, runs, powers)


def needs_switch(item: Appliance) -> bool:
    """Tell whether a rule asks when an adjustable appliance is on."""
    bound = item.ruled or item.min_power_kw > 0
    return item.adjustable and (bound or item.group is not None or bool(item.after))


def _covering(blocks: list[Block], slots: int, runs: int, sizes: list[float]) -> sp.csr_matrix:
    """Return a matrix with a size in every slot that a column covers."""
    rows, columns, values = [], [], []
    for block, size in zip(blocks, sizes, strict=True):
        covered = block.slots[:, None] + np.arange(block.width)
        which = np.arange(block.run.start, block.run.stop)
        rows.append(covered.ravel())
        columns.append(np.repeat(which, block.width))
        values.append(np.full(covered.size, size))
    return _sparse(rows, columns, values, (slots, runs))


def _rows(parts: list[tuple[int, np.ndarray, float]], shape: tuple[int, int]) -> sp.csr_matrix:
    """Return a matrix from parts: row, columns and the value that they share."""
    rows = [np.full(len(columns), row) for row, columns, _ in parts]
    values = [np.full(len(columns), value) for _, columns, value in parts]
    return _sparse(rows, [columns for _, columns, _ in parts], values, shape)


def _sparse(
    rows: list[np.ndarray],
    columns: list[np.ndarray],
    values: list[np.ndarray],
    shape: tuple[int, int],
) -> sp.csr_matrix:
    """Return a sparse matrix from pieces; empty for none."""
    if not rows:
        return sp.csr_matrix(shape)
    place = (np.concatenate(rows), np.concatenate(columns))
    return sp.csr_matrix((np.concatenate(values), place), shape=shape)
