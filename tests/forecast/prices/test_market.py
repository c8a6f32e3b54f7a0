"""Markets of the benchmark's layout: read whole, refused in one sentence, naive as published."""

import numpy as np
import pandas as pd
import pytest

from lab.errors import DataError, LabError, UsageError
from lab.forecast.prices import market

DAYS = 40


@pytest.fixture
def root(project_files, tmp_path):
    return tmp_path


@pytest.fixture
def project_files(tmp_path):
    """A project with the register alone, and a folder for markets."""
    from lab import paths

    (tmp_path / "data").mkdir()
    register = (paths.root() / "data" / "sources.yaml").read_text(encoding="utf-8")
    (tmp_path / "data" / "sources.yaml").write_text(register, encoding="utf-8")
    (tmp_path / market.FOLDER).mkdir(parents=True)


def hours():
    """Whole days of prices, some below zero, in a file's own words."""
    rng = np.random.default_rng(3)
    index = pd.date_range("2013-01-01", periods=24 * DAYS, freq="h")
    frame = pd.DataFrame(index=index.strftime("%Y-%m-%d %H:%M:%S"))
    frame["Prices"] = rng.normal(30, 30, len(index)).round(2)
    frame["Load"], frame["Wind"] = rng.normal(9e3, 9e2, len(index)), rng.gamma(2, 300, len(index))
    return frame.rename_axis("Date")


def put(root, frame, name="XX"):
    frame.to_csv(root / market.FOLDER / f"{name}.csv")


def test_a_market_is_whole_days_with_two_forecasts_known_ahead(root):
    frame = hours()
    put(root, frame)
    table = market.market("XX", root)
    assert market.names(root) == ["XX"]
    assert (len(table), table.slots, table.series_id) == (DAYS, 24, "XX")
    np.testing.assert_array_equal(table.days["price"].ravel(), frame["Prices"])
    view = table.view(10)
    np.testing.assert_array_equal(view.future["exogenous_2"], frame["Wind"][240:264])
    assert "price" not in view.future


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda f: f.drop(f.index[100]), "2013-01-05"),
        (lambda f: pd.concat([f.iloc[:101], f.iloc[100:]]), "2013-01-05"),
        (lambda f: f.drop(f.index[96:120]), "2013-01-05"),
        (
            lambda f: f.assign(
                Prices=f["Prices"].astype(object).where(f.index != f.index[50], "n/a")
            ),
            "n/a",
        ),
        (lambda f: f.assign(Load=f["Load"].where(f.index != f.index[50])), "exogenous_1|Load"),
        (lambda f: f.drop(columns="Wind"), "Exogenous 2|columns"),
        (lambda f: f.assign(More=1.0), "column"),
        (lambda f: f.assign(Prices=20.0), "same price, 20, in every hour"),
    ],
    ids=[
        "hour missing",
        "25 hours",
        "day missing",
        "text",
        "gap",
        "one less",
        "one more",
        "constant",
    ],
)
def test_a_damaged_market_is_one_sentence(root, damage, words):
    put(root, damage(hours()))
    with pytest.raises(DataError, match=words) as error:
        market.market("XX", root)
    assert "\n" not in str(error.value)


def test_an_unknown_market_names_those_that_are_there(root):
    put(root, hours())
    with pytest.raises(UsageError, match="no market 'NP' .* there is XX. `lab fetch epf"):
        market.market("NP", root)
    with pytest.raises(LabError):
        market.market("../XX", root)


def test_windows_that_reach_beyond_the_table_are_dropped(root):
    put(root, hours())
    table = market.market("XX", root)
    assert market.windows_that_fit(table, [10, 20, 30, 31], 10) == ([10, 20, 30], [31])
    with pytest.raises(UsageError, match="has 40 days, 5 of them before the 35 of the test"):
        market.windows_that_fit(table, [10, 20], 35)


def test_the_naive_forecast_goes_by_the_day_of_the_week(root):
    frame = hours()
    put(root, frame)
    table = market.market("XX", root)
    found, prices = market.naive(table), table.days["price"]
    assert np.isnan(found[:7]).all()
    # 8 January 2013 was a Tuesday, the 12th a Saturday, the 14th a Monday.
    for day, back in ((7, 1), (11, 7), (12, 7), (13, 7), (10, 1)):
        np.testing.assert_array_equal(found[day], prices[day - back])


def test_published_forecasts_are_read_where_they_lie_beside(root):
    assert market.published("XX", root) is None
    index = hours().index[:48]
    names = ["Real price", *(f"DNN {n}" for n in range(1, 5)), "DNN Ensemble", *map(str, range(5))]
    frame = pd.DataFrame(1.0, index=index, columns=names)
    frame.to_csv(root / market.FOLDER / "published_forecasts_XX.csv")
    found = market.published("XX", root)
    assert found.columns[0] == "real_price"
    assert len(found) == 48
    assert str(found.index.tz) == "UTC"
    assert market.names(root) == []


def test_the_test_is_the_last_days_and_forecasts_begin_before_it(root):
    put(root, hours())
    table = market.market("XX", root)
    assert market.span(table, 7, 5, 20) == market.Span("2013-01-29", "2013-02-03", "2013-02-09")
    # The file has 40 days, of which seven have no lags: errors of five days are all there are.
    assert market.span(table, 7, 9, 21).forecast_from == "2013-01-29"
    assert market.span(table, 2, 1, 20, 7) == market.Span("2013-01-31", "2013-02-01", "2013-02-02")


@pytest.mark.parametrize("wrong", [(40, 5, 20), (7, 5, 26), (0, 5, 20), (7, 0, 20), (7, 5, 20, -1)])
def test_a_test_that_does_not_fit_is_refused(root, wrong):
    put(root, hours())
    with pytest.raises(UsageError, match="got"):
        market.span(market.market("XX", root), *wrong)
