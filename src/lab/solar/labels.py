"""Names for readers: models and metrics of the solar study in tables and figures."""

MODELS = {
    "smart_persistence": "smart persistence, by slot",
    "smart_persistence_daily": "smart persistence, whole day",
    "index_blend": "line through past indices",
    "index_blend_few": "line through five past indices",
    "index_blend_others": "line, also the other homes",
    "index_blend_each": "line of each home alone",
    "index_trees": "trees on past indices",
    "combination": "mean of line and trees",
    "yesterday": "yesterday",
    "last_week": "last week",
    "last_value": "last value",
    "same_day_type": "last day of the same type",
    "mean_of_four": "mean of four weeks",
    "median_of_28_days": "median of 28 days",
}
POINT, BANDS = ("mae", "rmse", "smape_percent", "r2", "mase"), ("coverage", "width", "winkler")
SHORT = {"mae": "MAE", "rmse": "RMSE", "smape": "sMAPE", "r2": "R²", "mase": "MASE", "crps": "CRPS"}


def model(name: str) -> str:
    """Return a model's name in words.

    Examples
    --------
    >>> model("index_trees"), model("something_else")
    ('trees on past indices', 'something else')
    """
    return MODELS.get(name, name.replace("_", " "))


def headings(columns: list[str], unit: str, sign: str) -> dict[str, str]:
    """Return the heading, with its unit, of every column of scores.

    Parameters
    ----------
    columns : list of str
        Names as `lab.metrics` and `lab.evaluation` give them.
    unit : str
        Unit as it stands in those names, such as `w`.
    sign : str
        As readers know it, such as `W`.

    Examples
    --------
    >>> headings(["mae_w", "coverage_80_percent", "coverage_80_percent_se", "r2"], "w", "W")
    ... # doctest: +NORMALIZE_WHITESPACE
    {'mae_w': 'MAE [W]', 'coverage_80_percent': 'coverage 80 % [%]',
     'coverage_80_percent_se': 'coverage 80 % s.e. [%]', 'r2': 'R²'}
    """
    return {name: _heading(name, unit, sign) for name in columns}


def _heading(name: str, unit: str, sign: str) -> str:
    error = " s.e." if name.endswith("_se") else ""
    base, measure = name.removesuffix("_se"), ""
    for ending, shown in ((f"_{unit}", f" [{sign}]"), ("_percent", " [%]")):
        if base.endswith(ending):
            base, measure = base.removesuffix(ending), shown
    words = base.split("_")
    words = [SHORT.get(w, f"{w} %" if w in ("80", "95") else w) for w in words]
    return " ".join(words) + error + measure
