"""The forecast table's contract."""

import numpy as np
import pandas as pd
import pytest

from lab.errors import DataError
from lab.forecast.table import QUANTILES, Forecasts, concat, mean_of, validate


def forecasts(model="a", values=(1.0, 2.0, 3.0), start="2014-01-01"):
    times = pd.date_range(start, periods=3, freq="30min", tz="UTC")
    quantiles = np.asarray(values, dtype=float)[:, None] + np.arange(-4, 5) / 10
    return Forecasts(
        model,
        "s",
        pd.DatetimeIndex([times[0]] * 3),
        times,
        np.zeros(3, int),
        np.arange(3),
        QUANTILES,
        quantiles,
    )


def test_concat_keeps_order_and_contract():
    table = concat([forecasts("b"), forecasts("a")])
    assert list(table["model"].cat.categories) == ["b", "a"]
    assert len(table) == 6
    assert table["q0.5"].dtype == np.float32
    assert table["q0.5"].tolist() == [1, 2, 3, 1, 2, 3]


def test_mean_of_is_the_mean_of_medians():
    found = mean_of([forecasts("a"), forecasts("b", (3, 4, 5))], "both")
    assert found.model == "both"
    assert found.median.tolist() == [2, 3, 4]
    assert found.levels == (0.5,)


def test_mean_of_other_times_is_refused():
    with pytest.raises(DataError, match="a and b differ"):
        mean_of([forecasts("a"), forecasts("b", start="2015-01-01")], "both")
    with pytest.raises(DataError, match="at least one member"):
        mean_of([], "none")


def test_between_counts_issues_anew():
    one = forecasts()
    two = Forecasts(
        "a",
        "s",
        one.issued_at.append(one.issued_at + pd.Timedelta(days=1)),
        one.valid_at.append(one.valid_at + pd.Timedelta(days=1)),
        np.repeat([0, 1], 3),
        np.tile(np.arange(3), 2),
        QUANTILES,
        np.vstack([one.values, one.values + 1]),
    )
    kept = two.between(pd.Timestamp("2014-01-02", tz="UTC"), pd.Timestamp("2014-01-03", tz="UTC"))
    assert kept.day.tolist() == [0, 0, 0]
    assert kept.median.tolist() == [2, 3, 4]


def broken(change):
    table = forecasts().to_table()
    change(table)
    return table


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda t: t.pop("q0.9"), "q0.9 missing"),
        (lambda t: t.__setitem__("valid_at", t["valid_at"].dt.tz_localize(None)), "must be in UTC"),
        (
            lambda t: t.__setitem__("issued_at", t["issued_at"] + pd.Timedelta("1h")),
            "must be issued before the time it is for",
        ),
        (lambda t: t.__setitem__("valid_at", t["valid_at"].iloc[0]), "comes twice"),
        (lambda t: t.__setitem__("q0.9", 0.0), "crosses quantiles"),
        (lambda t: t.__setitem__("q0.025", np.nan), "has only some quantiles"),
    ],
    ids=["column", "zone", "late", "twice", "crossing", "partial"],
)
def test_broken_tables_are_refused(change, words):
    with pytest.raises(DataError, match=words):
        validate(broken(change))


def test_rows_without_any_quantile_are_allowed():
    table = forecasts().to_table()
    table.loc[0, [c for c in table if c.startswith("q")]] = np.nan
    assert validate(table) is table
