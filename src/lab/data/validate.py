"""Hold a table that was just read against its contract, with a pandera schema.

The table comes with a RangeIndex, one row per data row of the file, so that a broken rule
names the row.
"""

from collections.abc import Callable, Mapping, Sequence

import pandas as pd
import pandera.pandas as pa

from lab.data.records import LIMITS, Column
from lab.data.text import FIRST_DATA_ROW, fault
from lab.errors import DataError

TIME = "time"
HOURS_OF_MARKET_DAY = 24
DTYPES = {"flag": bool, "text": "str", "time": pd.DatetimeTZDtype("us", "UTC")}


def check(
    frame: pd.DataFrame,
    columns: Sequence[Column],
    file: str,
    headers: Mapping[str, str],
    *,
    step: str | None = None,
    by: str | None = None,
    ordered: bool = True,
    whole_days: bool = False,
) -> None:
    """Raise unless `frame` keeps its contract.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per data row of the file, `time` among its columns where `ordered`.
    columns : sequence of Column
        The declared columns: their type and the limits of their unit are checked.
    file, headers : str, mapping
        Names for the message: the file, and the provider's header of a column of ours.
    step : str, optional
        Grid that `time` must lie on.
    by : str, optional
        Column within whose values time is ordered; the whole table when omitted.
    ordered : bool
        Whether `time` must increase strictly.
    whole_days : bool
        Whether every `delivery_date` must have 24 hours.

    Raises
    ------
    DataError
        For the first broken rule, naming file, column and row.
    """
    schema = pa.DataFrameSchema({column.name: _column(column) for column in columns})
    if ordered:
        rules = _time_rules(frame, by, step, whole_days)
        schema = schema.add_columns({TIME: pa.Column(None, rules)})
    try:
        schema.validate(frame, inplace=True)
    except pa.errors.SchemaError as error:
        names = {column.name: column.source for column in columns} | dict(headers)
        raise _sentence(error, file, names) from None


def _column(column: Column) -> pa.Column:
    if column.unit in DTYPES:
        return pa.Column(DTYPES[column.unit])
    low, high = LIMITS[column.unit]
    outside = f"is outside {low:g} to {high:g}, what a cell in {column.unit} can hold"
    return pa.Column(float, pa.Check.in_range(low, high, error=outside), nullable=True)


def _time_rules(
    frame: pd.DataFrame, by: str | None, step: str | None, whole_days: bool
) -> list[pa.Check]:
    """Return the rules for the column `time`; each sees one series of a table of one zone."""
    group = frame[by] if by else pd.Series(0, index=frame.index)
    rules = [
        _rule(lambda time: ~_pairs(group, time).duplicated(), "comes twice; a time comes once"),
        _rule(lambda time: _step_back(group, time), "is earlier than the row before it"),
    ]
    if step:
        offset = pd.Timedelta(step)
        off = f"is not on the declared grid of {step}"
        rules.append(_rule(lambda time: time == time.dt.floor(offset), off))
    if whole_days:
        wrong = "begins or ends a delivery day that has not exactly 24 hours"
        rules.append(_rule(lambda time: _whole_day(group, time), wrong))
    return rules


def _rule(holds: Callable[[pd.Series], pd.Series], otherwise: str) -> pa.Check:
    # One failure is enough for a sentence; collecting all of them can take minutes.
    return pa.Check(holds, error=otherwise, n_failure_cases=1)


def _pairs(group: pd.Series, time: pd.Series) -> pd.DataFrame:
    return pd.DataFrame({"group": group, TIME: time})


def _step_back(group: pd.Series, time: pd.Series) -> pd.Series:
    distance = time.groupby(group, sort=False).diff()
    return distance.isna() | (distance > pd.Timedelta(0))


def _whole_day(group: pd.Series, time: pd.Series) -> pd.Series:
    hours = time.groupby([group, time.dt.normalize()], sort=False).transform("size")
    return hours == HOURS_OF_MARKET_DAY


def _sentence(error: pa.errors.SchemaError, file: str, names: Mapping[str, str]) -> DataError:
    """Turn pandera's first failure into one sentence with the row it happened in."""
    column = names.get(str(error.schema.name))
    cases = error.failure_cases
    if not isinstance(cases, pd.DataFrame) or cases["index"].isna().all():
        return fault(file, " ".join(str(error).split())[:200], column)
    case = cases.iloc[0]
    problem = f"{case['failure_case']} {getattr(error.check, 'error', error.check)}."
    return fault(file, problem, column, FIRST_DATA_ROW + int(case["index"]))
