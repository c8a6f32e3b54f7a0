"""Files of the daily models: settings, effects, and coefficients or the trees' own text."""

from typing import Any, TypeVar

import numpy as np

from lab import modelfile
from lab.forecast.boosters import booster_of
from lab.forecast.daily.models import Daily, DailyRidge, DailyTrees
from lab.forecast.daily.peer import LagTrees
from lab.forecast.model import shapes_read, shapes_told

Kind = TypeVar("Kind", bound=Daily)
TREES_SETTINGS = ("trees", "leaves", "learning_rate")
LAG_SETTINGS = ("lags", *TREES_SETTINGS)


def write_ridge(model: DailyRidge) -> bytes:
    """Return a daily ridge as JSON."""
    return modelfile.header(
        "DailyRidge",
        shapes=shapes_told(model),
        settings={"alpha": model.alpha},
        usual=model.usual_.tolist(),
        coef=model.coef_.tolist(),
        intercept=model.intercept_,
    )


def read_ridge(header: dict[str, Any], content: bytes) -> DailyRidge:
    """Return the daily ridge of a file."""
    model = _with_effects(DailyRidge(**header["settings"]), header)
    model.coef_, model.intercept_ = np.array(header["coef"]), header["intercept"]
    return model


def write_trees(model: DailyTrees) -> bytes:
    """Return LightGBM's own text inside our JSON."""
    return modelfile.header(
        "DailyTrees",
        shapes=shapes_told(model),
        settings={name: getattr(model, name) for name in TREES_SETTINGS},
        usual=model.usual_.tolist(),
        booster=model.booster_.model_to_string(),
    )


def read_trees(header: dict[str, Any], content: bytes) -> DailyTrees:
    """Return the daily trees of a file."""
    model = _with_effects(DailyTrees(**header["settings"]), header)
    model.booster_ = booster_of(header["booster"])
    return model


def write_lag_trees(model: LagTrees) -> bytes:
    """Return the trees of all levels inside our JSON."""
    settings = {name: getattr(model, name) for name in LAG_SETTINGS}
    shapes = shapes_told(model)
    boosters = [booster.model_to_string() for booster in model.boosters_]
    return modelfile.header("LagTrees", shapes=shapes, settings=settings, boosters=boosters)


def read_lag_trees(header: dict[str, Any], content: bytes) -> LagTrees:
    """Return the lag trees of a file."""
    model = LagTrees(**header["settings"])
    model.shapes_ = shapes_read(header)
    model.boosters_ = [booster_of(text) for text in header["boosters"]]
    return model


def _with_effects(model: Kind, header: dict[str, Any]) -> Kind:
    """Return a model with the effects of calendar and weather that its file holds."""
    model.shapes_, model.usual_ = shapes_read(header), np.array(header["usual"])
    return model


KINDS: modelfile.Kinds = {
    DailyRidge: (write_ridge, read_ridge),
    DailyTrees: (write_trees, read_trees),
    LagTrees: (write_lag_trees, read_lag_trees),
}
