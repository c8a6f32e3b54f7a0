"""Files of the models of the next hours: JSON, same model same bytes, nothing is executed."""

from pathlib import Path
from typing import Any

import numpy as np

from lab import modelfile
from lab.forecast.lightgbm import booster_of
from lab.forecast.nowcast.linear import NowcastRidge
from lab.forecast.nowcast.rules import NowcastRule
from lab.forecast.nowcast.trees import NowcastTrees

RIDGE_SETTINGS = ("alpha", "neighbours")
RIDGE_ARRAYS = ("coef_", "intercept_", "mean_", "scale_")
TREE_SETTINGS = ("trees", "leaves", "learning_rate", "row_share", "input_share")
TREE_ARRAYS = ("kept_", "size_")


def save(model: object, path: Path) -> Path:
    """Write a fitted model; the same model gives the same bytes.

    Raises
    ------
    UsageError
        If the kind of model cannot be saved.
    """
    return modelfile.save(model, path, KINDS)


def load(path: Path) -> NowcastRule | NowcastRidge | NowcastTrees:
    """Read a model file; it forecasts what the model forecast that was saved, to the bit.

    Raises
    ------
    DataError
        If the file is damaged, or of another format, version or kind.
    """
    model: NowcastRule | NowcastRidge | NowcastTrees = modelfile.load(path, KINDS)
    return model


def write_rule(model: NowcastRule) -> bytes:
    """Return a simple rule as JSON."""
    return modelfile.header("NowcastRule", rule=model.name, target=model.inputs.target)


def read_rule(header: dict[str, Any], content: bytes) -> NowcastRule:
    """Return the rule of a file."""
    return NowcastRule(header["rule"], header["target"])


def write_ridge(model: NowcastRidge) -> bytes:
    """Return a ridge as JSON."""
    arrays = {name: _short(getattr(model, name)) for name in RIDGE_ARRAYS}
    settings = {name: getattr(model, name) for name in RIDGE_SETTINGS}
    return modelfile.header("NowcastRidge", settings=settings, arrays=arrays)


def read_ridge(header: dict[str, Any], content: bytes) -> NowcastRidge:
    """Return the ridge of a file."""
    model = NowcastRidge(**header["settings"])
    for name in RIDGE_ARRAYS:
        setattr(model, name, np.array(header["arrays"][name], dtype=np.float32))
    return model


def write_trees(model: NowcastTrees) -> bytes:
    """Return trees as JSON around LightGBM's own text."""
    return modelfile.header(
        "NowcastTrees",
        settings={name: getattr(model, name) for name in TREE_SETTINGS},
        arrays={name: getattr(model, name).tolist() for name in TREE_ARRAYS},
        booster=model.booster_.model_to_string(),
    )


def read_trees(header: dict[str, Any], content: bytes) -> NowcastTrees:
    """Return the trees of a file."""
    model = NowcastTrees(**header["settings"])
    for name in TREE_ARRAYS:
        setattr(model, name, np.array(header["arrays"][name]))
    model.booster_ = booster_of(header["booster"])
    return model


def _short(values: np.ndarray) -> Any:
    """Return float32 values as nested lists of the shortest decimals that give them back."""
    if values.ndim == 0:
        return float(str(values))
    return [_short(part) for part in values]


KINDS: modelfile.Kinds = {
    NowcastRule: (write_rule, read_rule),
    NowcastRidge: (write_ridge, read_ridge),
    NowcastTrees: (write_trees, read_trees),
}
