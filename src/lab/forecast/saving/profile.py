"""Files of the models for series that may be zero: JSON, LightGBM's text inside."""

from typing import Any

import numpy as np

from lab import modelfile
from lab.forecast.boosters import booster_of
from lab.forecast.model import shapes_read, shapes_told
from lab.forecast.profile_linear import LEARNED, ProfileRidge
from lab.forecast.profile_trees import ProfileTrees

RIDGE_SETTINGS = ("target", "alpha", "neighbours", "year")
TREE_SETTINGS = ("target", "trees", "leaves", "learning_rate", "min_rows", "threads", "year")


def write_ridge(model: ProfileRidge) -> bytes:
    """Return a ridge as JSON."""
    return modelfile.header(
        "ProfileRidge",
        shapes=shapes_told(model),
        settings=_settings(model, RIDGE_SETTINGS),
        arrays={name: getattr(model, name).tolist() for name in LEARNED},
    )


def read_ridge(header: dict[str, Any], content: bytes) -> ProfileRidge:
    """Return the ridge of a file."""
    model = ProfileRidge(**_with_least(header["settings"]))
    model.shapes_ = shapes_read(header)
    for name in LEARNED:
        setattr(model, name, np.array(header["arrays"][name], dtype=float))
    return model


def write_trees(model: ProfileTrees) -> bytes:
    """Return the boosters' own text inside our JSON."""
    return modelfile.header(
        "ProfileTrees",
        shapes=shapes_told(model),
        settings=_settings(model, TREE_SETTINGS) | {"levels": list(model.levels)},
        boosters=[one.model_to_string() for one in model.boosters_],
    )


def read_trees(header: dict[str, Any], content: bytes) -> ProfileTrees:
    """Return the boosters of a file."""
    settings = _with_least(header["settings"])
    model = ProfileTrees(**settings | {"levels": tuple(settings["levels"])})
    model.shapes_ = shapes_read(header)
    model.boosters_ = [booster_of(one) for one in header["boosters"]]
    if len(model.boosters_) != len(model.levels):
        raise ValueError(f"{len(model.levels)} levels, {len(model.boosters_)} boosters")
    return model


def _settings(model: ProfileRidge | ProfileTrees, names: tuple[str, ...]) -> dict[str, Any]:
    """Return settings as JSON takes them: no lowest value is null."""
    least = None if np.isneginf(model.least) else model.least
    return {name: getattr(model, name) for name in names} | {"least": least}


def _with_least(settings: dict[str, Any]) -> dict[str, Any]:
    """Return settings as a constructor takes them: no lowest value is -inf."""
    return settings | {"least": -np.inf if settings["least"] is None else settings["least"]}


KINDS: modelfile.Kinds = {
    ProfileRidge: (write_ridge, read_ridge),
    ProfileTrees: (write_trees, read_trees),
}
