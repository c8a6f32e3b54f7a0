import pytest

from lab.report.headline import better, comparison, metric_name, number, side_by_side

HEADLINE = {
    "model": "ridge",
    "metric": "mape_percent",
    "value": 3.0,
    "unit": "%",
    "baseline": "same_day_type",
    "baseline_value": 6.0,
    "sentence": "x",
}


def test_bars_are_as_long_as_the_numbers():
    html = comparison(HEADLINE)
    assert '<p class="lab-metric">MAPE · less is better</p>' in html
    assert html.index("width: 50.0%") < html.index("width: 100.0%")
    assert ">3 %<" in html
    assert ">same day type<" in html


@pytest.mark.parametrize(
    ("change", "bars"),
    [
        ({"baseline_value": None}, 0),
        ({"value": -1.0}, 0),
        ({"value": 0, "baseline_value": 0}, 0),
        ({"value": 0}, 2),
    ],
    ids=["no-baseline", "negative", "all-zero", "zero-beside-a-number"],
)
def test_bars_only_where_lengths_mean_something(change, bars):
    assert comparison(HEADLINE | change).count("lab-fill") == bars


@pytest.mark.parametrize("value", [None, "3", True], ids=["none", "text", "truth"])
def test_no_comparison_without_a_number(value):
    assert comparison(HEADLINE | {"value": value}) == ""


def test_names_are_escaped():
    html = comparison(HEADLINE | {"model": "<b>", "unit": "<i>", "metric": "<u>"})
    assert not {"<b>", "<i>", "<u>"} & set(html.replace(">", "> ").split())
    assert "&lt;b&gt;" in html


@pytest.mark.parametrize(
    ("metric", "unit", "name"),
    [
        ("mae_mw", "MW", "MAE"),
        ("fit_s", "s", "Fit"),
        ("r2", "", "R²"),
        ("smape_percent", "%", "sMAPE"),
        ("", "", ""),
    ],
)
def test_metric_names(metric, unit, name):
    assert metric_name(metric, unit) == name


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (0.00012345, "0.0001234"), (999.96, "1000"), (1234.5, "1,234"), (-2.5, "-2.5")],
)
def test_numbers(value, text):
    assert number(value) == text


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ([37.302, 36.24], ["37.30 %", "36.24 %"]),
        ([9.5, 130.25], ["9.5 %", "130.2 %"]),
        ([1829.5, 12.25], ["1,830 %", "12.25 %"]),
        ([1e-9, 1.5], ["1e-09 %", "1.5 %"]),
    ],
    ids=["zeros stay", "fewest that four digits need", "thousands", "tiny"],
)
def test_numbers_side_by_side_have_equal_decimals(values, texts):
    assert side_by_side(values, "%") == texts


@pytest.mark.parametrize(
    ("metric", "good"),
    [("lost_percent", "less"), ("cost_per_home_usd", "less"), ("r2", "more"), ("figures", "")],
)
def test_a_metric_tells_what_is_better(metric, good):
    assert better(metric) == good
    assert (f"{good} is better" in comparison(HEADLINE | {"metric": metric})) == bool(good)


def test_one_number_alone_is_not_compared():
    assert "better" not in comparison(HEADLINE | {"baseline_value": None})
