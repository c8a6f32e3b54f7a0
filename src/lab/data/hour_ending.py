"""Read a long price table with delivery date, hour ending and repeated-hour flag.

ERCOT writes local wall-clock hours by their end, 01:00 to 24:00. On the day that the clock
goes forward hour ending 03:00 does not exist; on the day it goes back hour ending 02:00
comes twice, the second time with the flag Y.
"""

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from lab.data import cells, clocks, validate
from lab.data.records import Column, Source, shown
from lab.data.text import FIRST_DATA_ROW, Text, fault

COLUMNS = {
    "Delivery Date": "delivery_date",
    "Hour Ending": "hour_ending",
    "Repeated Hour Flag": "repeated",
    "Settlement Point": "point",
    "Settlement Point Price": "price",
}
PROVIDER = {ours: theirs for theirs, ours in COLUMNS.items()}


def declared(header: list[str], source: Source, file: str) -> list[Column]:
    """Return the declared settlement points; the header is fixed by the provider."""
    for name in COLUMNS:
        if name not in header:
            names = ", ".join(map(shown, header[:8]))
            problem = f"this column is missing; the file has {names}."
            raise fault(file, problem, column=name, row=1)
    extra = next((name for name in header if name not in (*COLUMNS, *source.unused)), None)
    if extra is not None:
        problem = "the register does not declare this column; add it to 'columns' or 'unused'."
        raise fault(file, problem, column=extra, row=1)
    return list(source.columns)


def table(raw: Text, source: Source, columns: list[Column]) -> pd.DataFrame:
    """Return one price column per settlement point, indexed by UTC `time` (hour start)."""
    point = _points(raw, columns)
    price = Column("price", PROVIDER["price"], columns[0].unit)
    long = pd.DataFrame(
        {
            "point": point,
            "time": hour_start(raw, source.clock.zone or ""),
            "price": cells.values(raw.columns[price.source], price, raw.file),
        }
    )
    header = {"time": PROVIDER["hour_ending"]}
    validate.check(long, [price], raw.file, header, step=source.clock.step, by="point")
    wide = long.pivot(index="time", columns="point", values="price")
    wide.columns.name = None
    return wide[[column.name for column in columns]]


def hour_start(raw: Text, zone: str) -> pd.Series:
    """Return the UTC instant at which each row's hour begins.

    Raises
    ------
    DataError
        If a date, hour or flag is malformed, the hour does not exist on the clock of
        `zone`, or the flag calls an hour repeated that comes only once.
    """
    date, ending = (raw.columns[PROVIDER[key]] for key in ("delivery_date", "hour_ending"))
    _well_formed(date, r"^\d{2}/\d{2}/\d{4}$", "a date such as 03/14/2021", "delivery_date", raw)
    _well_formed(ending, r"^(0[1-9]|1\d|2[0-4]):00$", "01:00 to 24:00", "hour_ending", raw)
    flag = raw.columns[PROVIDER["repeated"]]
    _well_formed(flag, "^[YN]$", "Y or N", "repeated", raw)
    day = pd.to_datetime(date.to_pandas(), format="%m/%d/%Y", errors="coerce")
    day = clocks.plausible(day, date, PROVIDER["delivery_date"], raw.file)
    hours = pd.Series(pc.cast(pc.utf8_slice_codeunits(ending, 0, 2), pa.int64()).to_numpy())
    local = day + pd.to_timedelta(hours - 1, unit="h")
    second = pd.Series(pc.equal(flag, "Y").to_numpy())
    return clocks.local_to_utc(local, second, zone, PROVIDER["hour_ending"], raw.file)


def _points(raw: Text, columns: list[Column]) -> pd.Series:
    """Return our column name for each row's settlement point."""
    points = cells.texts(raw.columns[PROVIDER["point"]], PROVIDER["point"], raw.file)
    ours = {column.source: column.name for column in columns}
    known = points.isin(list(ours))
    if not known.all():
        row = int(known.to_numpy().argmin())
        problem = f"{shown(points[row])} is not declared; allowed are {', '.join(ours)}."
        raise fault(raw.file, problem, PROVIDER["point"], FIRST_DATA_ROW + row)
    missing = next((name for name in ours if name not in set(points)), None)
    if missing is not None:
        raise fault(raw.file, f"no row is about {shown(missing)}.", PROVIDER["point"])
    return points.map(ours)


def _well_formed(
    found: pa.ChunkedArray, pattern: str, allowed: str, column: str, raw: Text
) -> None:
    first = cells.first_false(pc.match_substring_regex(found, pattern))
    if first is not None:
        problem = f"{shown(found[first].as_py())} is not {allowed}."
        raise fault(raw.file, problem, PROVIDER[column], FIRST_DATA_ROW + first)
