"""Names for readers: models and metrics of the solar study in tables and figures."""

import math

from lab import style

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
SHORT = {"mae": "MAE", "rmse": "RMSE", "smape": "sMAPE", "r2": "R²", "mase": "MASE", "crps": "CRPS"}
SHORT |= {"rmae": "rMAE", "coverage": "in", "winkler": "Winkler"}
PARTS = {
    "tilt": "tilt",
    "azimuth": "facing, 180 is south",
    "offset_minutes": "power stamps before the sun",
    "watts_per_w_per_m2": "power per radiation on the plane",
    "per_kelvin": "change of power with temperature",
}


def model(name: str) -> str:
    """Return a model's name in words.

    Examples
    --------
    >>> model("index_trees"), model("xgboost on physics")
    ('trees on past indices', 'XGBoost on physics')
    """
    words = name.replace("_", " ").replace("xgboost", style.label("xgboost"))
    return MODELS.get(name, words)


def part(name: str) -> str:
    """Return what a fitted part of the site, such as a plane's tilt, is called in words.

    Examples
    --------
    >>> part("watts_per_w_per_m2"), part("latitude")
    ('power per radiation on the plane', 'latitude')
    """
    return PARTS.get(name, name.replace("_", " "))


def estimate(value: float, error: float) -> tuple[str, str]:
    """Return an estimate and its standard error, to the error's second digit.

    Examples
    --------
    >>> estimate(-0.004587, 0.000123), estimate(39.7391, 0.021), estimate(2.0, 0.0)
    (('-0.00459', '0.00012'), ('39.739', '0.021'), ('2', '0'))
    """
    if not (math.isfinite(error) and error > 0):
        return f"{value:.4g}", f"{error:.2g}"
    digits = max(0, 1 - math.floor(math.log10(error)))
    return f"{value:.{digits}f}", f"{error:.{digits}f}"


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
    {'mae_w': 'MAE [W]', 'coverage_80_percent': 'in 80 % [%]',
     'coverage_80_percent_se': '± 80 [%]', 'r2': 'R²'}
    """
    return {name: _heading(name, unit, sign) for name in columns}


def _heading(name: str, unit: str, sign: str) -> str:
    base, measure = name.removesuffix("_se"), ""
    for ending, shown in ((f"_{unit}", f" [{sign}]"), ("_percent", " [%]")):
        if base.endswith(ending):
            base, measure = base.removesuffix(ending), shown
    words = base.split("_")
    if name.endswith("_se"):
        # Beside the score itself the last word tells which one it belongs to.
        return f"± {SHORT.get(words[-1], words[-1])}{measure}"
    words = [SHORT.get(w, f"{w} %" if w in ("80", "95") else w) for w in words]
    return " ".join(words) + measure
