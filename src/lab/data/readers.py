"""Read a file as its source declares it: one function per shape of table.

Values stay as delivered, a missing one stays NaN: filling is the work of the study
data_quality. What a reader changes (order, clock, percent to share) it counts in
`frame.attrs["reading"]`.
"""

import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyarrow as pa

from lab.data import cells, clocks, hour_ending, text, validate
from lab.data.records import Column, Source, shown
from lab.data.text import Text, fault
from lab.errors import DataError

TIME = "time"
ID = r"[0-9A-Za-z]{1,32}"


def read(path: Path | str, source: Source, all_ids: bool = False) -> pd.DataFrame:
    """Return the table of the file at `path`, laid out as `source` declares.

    Parameters
    ----------
    path : path
        A .csv or .csv.gz file; `source.file` and `source.sha256` are not looked at.
    source : Source
        The layout: clock, columns with units, shape.
    all_ids : bool
        Whether a family of columns must have every id that `source` lists, or any one.

    Returns
    -------
    pandas.DataFrame
        For shape `series` and `hour_ending` indexed by UTC `time`; for `events` one row a
        record, ordered by its first time; for `market24` a long table with `delivery_date`
        and `hour`. A missing number is NaN.

    Raises
    ------
    DataError
        If anything in the file contradicts the declaration, naming file, column and row.
    """
    data = text.read_bytes(Path(path), str(path))
    return from_bytes(data, str(path), source, all_ids)


def load(path: Path, source: Source) -> pd.DataFrame:
    """Return the table of `source`, whose file of record lies at `path`.

    Raises
    ------
    DataError
        As `read`, and if the SHA-256 is not the declared one; then the sentence also says
        what is wrong inside, if anything is.
    """
    data = text.read_bytes(path, source.file)
    got = text.sha256(data)
    if got == source.sha256:
        return from_bytes(data, source.file, source, all_ids=True)
    checksum = f"its SHA-256 is {got}, the register declares {source.sha256}"
    try:
        from_bytes(data, source.file, source, all_ids=True)
    except DataError as error:
        raise DataError(f"{str(error).rstrip('.')}; {checksum}.") from None
    raise fault(source.file, f"{checksum}; restore the file, nothing of it is used.")


def from_bytes(data: bytes, file: str, source: Source, all_ids: bool = False) -> pd.DataFrame:
    """Return the table held by the bytes of a file, called `file` in messages; see `read`."""
    table = text.parse(text.unzip(data, file), file)
    columns = declared(list(table.columns), source, file, all_ids)
    frame = SHAPES[source.shape](table, source, columns)
    frame.attrs["reading"] = {
        "rows_in_file": table.rows,
        "missing_cells": int(frame.isna().sum().sum()),
        "reordered_rows": frame.attrs.pop("reordered_rows", 0),
        "clock": source.clock.kind,
        "divided": {c.name: c.divide_by for c in columns if c.divide_by != 1},
    }
    return frame


def parquet(path: Path, file: str) -> pd.DataFrame:
    """Return a table that a study wrote, called `file` in messages.

    Raises
    ------
    DataError
        If it is not there or damaged.
    """
    if not path.is_file():
        raise fault(file, "not there yet; `lab run data_quality` or `make repro` writes it.")
    try:
        return pd.read_parquet(path)
    except (pa.ArrowException, OSError, ValueError, KeyError, TypeError) as error:
        reason = " ".join(str(error).split())[:200]
        raise fault(file, f"damaged ({reason}); `lab run data_quality` writes it anew.") from None


def declared(header: list[str], source: Source, file: str, all_ids: bool) -> list[Column]:
    """Return the declared columns with the header each has in this file, families unfolded.

    Raises
    ------
    DataError
        If a declared column is missing or the file has one that is not declared.
    """
    if source.by_position:
        return _in_order(header, source, file)
    if source.shape == "hour_ending":
        return hour_ending.declared(header, source, file)
    keys = [key for key in (source.clock.time, source.by) if key is not None]
    found = [column for each in source.columns for column in _present(each, header, file, all_ids)]
    known = {*keys, *(column.source for column in found)}
    missing = next((key for key in keys if key not in header), None)
    if missing is not None:
        raise absent(file, missing, header)
    extra = next((name for name in header if name not in known.union(source.unused)), None)
    if extra is not None:
        problem = "the register does not declare this column; add it to 'columns' or 'unused'."
        raise fault(file, problem, column=extra, row=1)
    return found


def absent(file: str, column: str, header: list[str]) -> Exception:
    """Return the error for a declared `column` that the header lacks."""
    names = ", ".join(map(shown, header[:8])) + (", ..." if len(header) > 8 else "")
    return fault(file, f"this column is missing; the file has {names}.", column=column, row=1)


def _in_order(header: list[str], source: Source, file: str) -> list[Column]:
    expected = 1 + len(source.columns)
    if len(header) != expected:
        names = ", ".join([source.clock.time, *(column.source for column in source.columns)])
        raise fault(file, f"{len(header)} columns, expected {expected}: {names}.", row=1)
    renamed = zip(header[1:], source.columns, strict=True)
    return [Column(each.name, name, each.unit, each.divide_by) for name, each in renamed]


def _present(column: Column, header: list[str], file: str, all_ids: bool) -> list[Column]:
    if "{id}" not in column.source:
        if column.source not in header:
            raise absent(file, column.source, header)
        return [column]
    before, after = map(re.escape, column.source.split("{id}"))
    matches = [re.fullmatch(f"{before}({ID}){after}", name) for name in header]
    ids = [match[1] for match in matches if match]
    for wanted in column.ids if all_ids else ():
        if wanted not in ids:
            raise absent(file, column.source.replace("{id}", wanted), header)
    if not ids:
        raise absent(file, column.source, header)
    return [
        Column(
            column.name.replace("{id}", each),
            column.source.replace("{id}", each),
            column.unit,
            column.divide_by,
        )
        for each in ids
    ]


def _series(table: Text, source: Source, columns: list[Column]) -> pd.DataFrame:
    clock = source.clock
    time = clocks.to_utc(table.columns[clock.time], clock, clock.time, table.file)
    frame = pd.DataFrame({TIME: time, **_values(table, columns)})
    validate.check(frame, columns, table.file, {TIME: clock.time}, step=clock.step)
    return frame.set_index(TIME)


def _events(table: Text, source: Source, columns: list[Column]) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            column.name: clocks.to_utc(
                table.columns[column.source], source.clock, column.source, table.file
            )
            if column.unit == "time"
            else cells.values(table.columns[column.source], column, table.file)
            for column in columns
        }
    )
    validate.check(frame, columns, table.file, {}, ordered=False)
    first = next(column.name for column in columns if column.source == source.clock.time)
    late = int((frame[first].diff() < pd.Timedelta(0)).sum())
    frame = frame.sort_values(first, kind="stable", ignore_index=True)
    frame.attrs["reordered_rows"] = late
    return frame


def _market24(table: Text, source: Source, columns: list[Column]) -> pd.DataFrame:
    header = next(iter(table.columns)) if source.by_position else source.clock.time
    stamp = clocks.naive(table.columns[header], header, table.file, source.clock.kind)
    keys = {"delivery_date": stamp.dt.normalize(), "hour": stamp.dt.hour.astype("int64")}
    if source.by is not None:
        keys = {"zone": cells.texts(table.columns[source.by], source.by, table.file), **keys}
    frame = pd.DataFrame({**keys, TIME: stamp, **_values(table, columns)})
    by = "zone" if source.by is not None else None
    validate.check(frame, columns, table.file, {TIME: header}, step="1h", by=by, whole_days=True)
    return frame.drop(columns=TIME)


def _values(table: Text, columns: list[Column]) -> dict[str, pd.Series]:
    return {
        column.name: cells.values(table.columns[column.source], column, table.file)
        for column in columns
    }


SHAPES: dict[str, Callable[[Text, Source, list[Column]], pd.DataFrame]] = {
    "series": _series,
    "events": _events,
    "market24": _market24,
    "hour_ending": hour_ending.table,
}
