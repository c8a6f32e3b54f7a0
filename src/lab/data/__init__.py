"""The data register and its tables: `load` what was measured, `clean` what a study repaired.

Importing this package is cheap; pandas, pyarrow and pandera come with the first table.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from lab import paths
from lab.data.records import Source
from lab.data.register import choose, read_register, sources

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["clean", "layout", "load", "read", "sources"]


def load(name: str, root: Path | str | None = None) -> "pd.DataFrame":
    """Return the raw table `name`, checked against its checksum and its contract.

    Parameters
    ----------
    name : str
        A table of data/sources.yaml.
    root : path, optional
        Root of the project; found from the current folder when omitted.

    Returns
    -------
    pandas.DataFrame
        Values as measured: gaps, stuck runs and NaN are still in it. See
        `lab.data.readers.read` for the index of each shape.

    Raises
    ------
    UsageError
        If the register has no such table.
    DataError
        If the file is missing or damaged, or breaks what the register declares.

    Examples
    --------
    >>> load("vic_demand")["demand_mw"].iloc[:2].tolist()
    [4382.825174, 4263.365526]
    """
    base = Path(root) if root is not None else paths.root()
    source: Source = choose("table", name, sources(base))
    from lab.data import readers

    return readers.load(base / source.file, source)


def clean(name: str, root: Path | str | None = None) -> "pd.DataFrame":
    """Return the table that study data_quality wrote to data/clean/<name>.parquet.

    Raises
    ------
    UsageError
        If the register has no such table.
    DataError
        If the study has not run yet or the file is damaged.
    """
    base = Path(root) if root is not None else paths.root()
    choose("table", name, sources(base))
    from lab.data import readers

    return readers.parquet(
        base / "data" / "clean" / f"{name}.parquet", f"data/clean/{name}.parquet"
    )


def read(path: Path | str, source: Source) -> "pd.DataFrame":
    """Return the table of any file laid out as `source` declares; see `lab.data.readers.read`."""
    from lab.data import readers

    return readers.read(path, source)


def layout(name: str, root: Path | str | None = None) -> Source:
    """Return the layout `name` of the register, for `read` on a file of a benchmark set.

    Raises
    ------
    UsageError
        If the register has no such layout.
    """
    found: Source = choose("layout", name, read_register(root).layouts)
    return found
