"""From text cells to numbers, flags and texts; the first cell that does not fit is named."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from lab.data.records import Column, shown
from lab.data.text import FIRST_DATA_ROW, fault

MISSING = ("", "nan", "NaN")
FLAGS = ("false", "true")


def values(cells: pa.ChunkedArray, column: Column, file: str) -> pd.Series:
    """Return the cells of a declared `column` in its type.

    Returns
    -------
    pandas.Series
        bool for unit `flag`, str for `text`, else float64 with NaN where a cell is empty.

    Raises
    ------
    DataError
        If a cell is not what the unit asks for, naming column and row.
    """
    if column.unit == "flag":
        return flags(cells, column.source, file)
    if column.unit == "text":
        return texts(cells, column.source, file)
    found = numbers(cells, column.source, file)
    return found if column.divide_by == 1 else found / column.divide_by


def numbers(cells: pa.ChunkedArray, source: str, file: str) -> pd.Series:
    """Return `cells` as float64; an empty cell and NaN are missing, infinity stays itself."""
    missing = pc.is_in(cells, value_set=pa.array(MISSING))
    present = pc.if_else(missing, pa.scalar(None, pa.string()), cells)
    try:
        found = pc.cast(present, pa.float64())
        # `is_nan` keeps null: what is left are spellings of NaN that nobody declared.
        first = first_false(pc.invert(pc.fill_null(pc.is_nan(found), False)))
    except pa.ArrowInvalid:
        first = _first_unreadable(present)
    if first is not None:
        problem = (
            f"{shown(cells[first].as_py())} is not a number; allowed are decimal numbers such as "
            "-12.5 or 1.2e3, and an empty cell where nothing was measured."
        )
        raise fault(file, problem, source, FIRST_DATA_ROW + first)
    return pd.Series(found.to_numpy(), dtype=np.float64)


def flags(cells: pa.ChunkedArray, source: str, file: str) -> pd.Series:
    """Return `cells` as bool; true and false in any case, nothing else."""
    lower = pc.ascii_lower(cells)
    known = pc.is_in(lower, value_set=pa.array(FLAGS))
    first = first_false(known)
    if first is not None:
        problem = f"{shown(cells[first].as_py())} is not a flag; allowed are True and False."
        raise fault(file, problem, source, FIRST_DATA_ROW + first)
    return pd.Series(pc.equal(lower, "true").to_numpy(), dtype=bool)


def texts(cells: pa.ChunkedArray, source: str, file: str) -> pd.Series:
    """Return `cells` as text; an empty cell is refused, since a text names something."""
    first = first_false(pc.not_equal(cells, ""))
    if first is not None:
        raise fault(file, "the cell is empty; a text is expected.", source, FIRST_DATA_ROW + first)
    return pd.Series(cells.to_pandas(), dtype="str")


def first_false(truth: pa.ChunkedArray) -> int | None:
    """Return the position of the first False in `truth`, None where all are True."""
    position: int = pc.index(truth, pa.scalar(False)).as_py()
    return None if position < 0 else position


def _first_unreadable(cells: pa.ChunkedArray) -> int:
    """Return the position of the first cell that is no number, by halving."""
    low, high = 0, len(cells)
    while high - low > 1:
        middle = (low + high) // 2
        try:
            pc.cast(cells.slice(low, middle - low), pa.float64())
            low = middle
        except pa.ArrowInvalid:
            high = middle
    return low
