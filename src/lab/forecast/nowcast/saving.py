"""Files of the models of the next hours: JSON, same model same bytes, nothing is executed."""

import base64
from pathlib import Path
from typing import Any

import numpy as np

from lab import modelfile
from lab.forecast import boosters
from lab.forecast.model import shapes_read, shapes_told
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
    return modelfile.header(
        "NowcastRidge",
        shapes=shapes_told(model),
        settings={name: getattr(model, name) for name in RIDGE_SETTINGS},
        arrays={name: _packed(getattr(model, name)) for name in RIDGE_ARRAYS},
    )


def read_ridge(header: dict[str, Any], content: bytes) -> NowcastRidge:
    """Return the ridge of a file."""
    model = NowcastRidge(**header["settings"])
    model.shapes_ = shapes_read(header)
    for name in RIDGE_ARRAYS:
        setattr(model, name, _unpacked(header["arrays"][name]))
    return model


def write_trees(model: NowcastTrees) -> bytes:
    """Return trees as JSON around LightGBM's own text."""
    return modelfile.header(
        "NowcastTrees",
        shapes=shapes_told(model),
        settings={name: getattr(model, name) for name in TREE_SETTINGS},
        arrays={name: getattr(model, name).tolist() for name in TREE_ARRAYS},
        **boosters.told(model.levels, model.boosters_),
    )


def read_trees(header: dict[str, Any], content: bytes) -> NowcastTrees:
    """Return the trees of a file."""
    model = NowcastTrees(**header["settings"], levels=boosters.levels_of(header))
    for name in TREE_ARRAYS:
        setattr(model, name, np.array(header["arrays"][name]))
    model.shapes_, model.boosters_ = shapes_read(header), boosters.trees_of(header)
    return model


def _packed(values: np.ndarray) -> dict[str, Any]:
    """Return float32 values as their shape and bytes: a third of their decimals."""
    content = base64.b64encode(values.astype("<f4").tobytes()).decode()
    return {"shape": list(values.shape), "float32": content}


def _unpacked(held: dict[str, Any]) -> np.ndarray:
    """Return the values of `_packed`; bytes that do not fill the shape are refused."""
    content = base64.b64decode(held["float32"], validate=True)
    return np.frombuffer(content, dtype="<f4").reshape(held["shape"]).astype(np.float32)


KINDS: modelfile.Kinds = {
    NowcastRule: (write_rule, read_rule),
    NowcastRidge: (write_ridge, read_ridge),
    NowcastTrees: (write_trees, read_trees),
}
