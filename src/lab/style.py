"""One look for every figure: the same colour per model, readable in light and dark."""

from collections.abc import Iterable
from typing import Any

MODEL_COLOURS = {
    "fact": "#1f2933",
    "yesterday": "#b8b0a2",
    "last_week": "#9a8f80",
    "same_day_type": "#7b6f5d",
    "mean_of_four": "#5f5446",
    "last_value": "#cfc8bc",
    "median_of_28_days": "#463e33",
    "ridge": "#0b7285",
    "kernel_ridge": "#4263eb",
    "prophet": "#9c36b5",
    "xgboost": "#e8590c",
    "lightgbm": "#f08c00",
    "lstm": "#2b8a3e",
    "lasso": "#12b886",
    "dnn": "#2b8a3e",
    "gru": "#74b816",
    "transformer": "#087f5b",
    "cnn_lstm": "#66a80f",
    "stacked_lstm": "#5c940d",
    "sarimax": "#862e9c",
    "ets": "#a61e4d",
    "mstl": "#e64980",
    "combination": "#c2255c",
    "daily_ridge": "#0b7285",
    "daily_trees": "#f08c00",
    "lag_trees": "#9c36b5",
    "day_ahead": "#862e9c",
    "best_naive": "#5f5446",
    "smart_persistence": "#9a8f80",
    "smart_persistence_daily": "#7b6f5d",
    "physics": "#0b7285",
    "index_blend": "#1971c2",
    "index_trees": "#e8590c",
    "mixture": "#c2255c",
    "lear_ensemble": "#0b7285",
    "dnn_ensemble": "#2b8a3e",
    "kernel": "#4263eb",
    "naive": "#7b6f5d",
    "global": "#0b7285",
    "by_cluster": "#f08c00",
    "per_meter": "#7048e8",
}
# How a model is called in a sentence or a table, where its name alone does not do.
LABELS = {
    "xgboost": "XGBoost",
    "lightgbm": "LightGBM",
    "lstm": "LSTM",
    "gru": "GRU",
    "dnn": "dense network",
    "mid_market_rate": "mid-market rate",
    "cnn_lstm": "CNN-LSTM",
    "prophet": "Prophet",
    "lasso": "LASSO",
    "sarimax": "SARIMAX",
    "ets": "exponential smoothing",
    "mstl": "MSTL",
    "transformer": "Transformer",
    "best_naive": "best simple rule",
    "index_trees": "trees on past indices",
    "index_blend": "line through past indices",
    "smart_persistence_daily": "smart persistence",
    "day_ahead": "day ahead, not updated",
    "dnn_days": "DNN of days",
    "dnn_hours": "DNN of hours",
    "published_mean": "mean of published ensembles",
    "trailing_weights": "error-weighted mean",
    "weekly_or_daily": "benchmark's rule",
    "inherited": "mean of LEAR, kernel and dense networks",
    "nbeatsx": "NBEATSx",
}
# Words of longer names that are written in capitals.
CAPITALS = {"lear": "LEAR", "dnn": "DNN"}
ACCENT = "#0b7285"
WARNING = "#c92a2a"
MUTED = "#868e96"

RC: dict[str, Any] = {
    "figure.figsize": (9.0, 3.8),
    "figure.dpi": 110,
    "savefig.dpi": 110,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "savefig.facecolor": "none",
    "figure.constrained_layout.use": True,
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#868e96",
    "grid.alpha": 0.25,
    "grid.linewidth": 0.6,
    "lines.linewidth": 1.4,
    "legend.frameon": False,
    "svg.hashsalt": "lab",
    # A `$` in a label from data must stay a dollar sign.
    "text.parse_math": False,
}


def use() -> None:
    """Apply the style to every figure drawn after this call."""
    import matplotlib.pyplot as plt

    settings: Any = plt.rcParams
    settings.update(RC)


def colour(model: str) -> str:
    """Return the colour of `model`, the muted one for a model without its own."""
    return MODEL_COLOURS.get(model, MUTED)


def label(model: str) -> str:
    """Return what a model is called in text.

    Examples
    --------
    >>> label("same_day_type"), label("xgboost"), label("lear_ensemble")
    ('same day type', 'XGBoost', 'LEAR ensemble')
    """
    return LABELS.get(model) or " ".join(CAPITALS.get(w, w) for w in model.split("_"))


def listed(models: Iterable[str]) -> str:
    """Return models as a list in a sentence.

    Examples
    --------
    >>> listed(["ridge", "kernel_ridge", "xgboost"])
    'ridge, kernel ridge and XGBoost'
    """
    *first, last = [label(model) for model in models]
    return f"{', '.join(first)} and {last}" if first else last
