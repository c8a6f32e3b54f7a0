"""Files of solar models: JSON, XGBoost's own inside; the writer itself is `lab.modelfile`."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lab import modelfile
from lab.forecast.model import check_fitted
from lab.solar.indices import IndexInputs
from lab.solar.physics import Boosted
from lab.solar.tomorrow import IndexBlend, IndexTrees, SmartPersistence

if TYPE_CHECKING:
    import xgboost

BOOSTED = (
    "adjusts",
    "trees",
    "depth",
    "learning_rate",
    "min_rows",
    "row_share",
    "input_share",
    "members",
    "bins",
)
BLEND, LEARNED = ("names", "columns", "penalty", "name"), ("coef_", "mean_", "scale_")
TREES = ("names", "trees", "depth", "learning_rate", "subsample")
INPUTS = ("target", "weather", "envelope_days")
SolarModel = Boosted | SmartPersistence | IndexBlend | IndexTrees


def save(model: SolarModel, path: Path) -> Path:
    """Write a fitted model; the same model gives the same bytes.

    Raises
    ------
    UsageError
        If the kind of model cannot be saved.
    """
    return modelfile.save(model, path, KINDS)


def load(path: Path) -> SolarModel:
    """Read a model file; it forecasts what the model forecast that was saved, to the bit.

    Raises
    ------
    DataError
        If the file is missing, damaged, or of another format, version or kind.
    """
    model: SolarModel = modelfile.load(path, KINDS)
    return model


def write_boosted(model: Boosted) -> bytes:
    """Return the settings and every member's booster as JSON."""
    check_fitted(model, "boosters_")
    return modelfile.header(
        "Boosted",
        settings=_of(model, BOOSTED) | {"inputs": model.inputs},
        peak=model.peak_,
        boosters=_texts(model.boosters_),
    )


def read_boosted(header: dict[str, Any], content: bytes) -> Boosted:
    """Return the boosters of a file."""
    settings = header["settings"]
    model = Boosted(**settings | {"inputs": tuple(settings["inputs"])})
    model.peak_, model.boosters_ = float(header["peak"]), _boosters(header)
    if len(model.boosters_) != model.members:
        raise ValueError(f"{model.members} members, {len(model.boosters_)} boosters")
    return model


def write_persistence(model: SmartPersistence) -> bytes:
    """Return what smart persistence goes by, as JSON."""
    return modelfile.header(
        "SmartPersistence", settings={"by": model.by}, inputs=_of(model.inputs, INPUTS)
    )


def read_persistence(header: dict[str, Any], content: bytes) -> SmartPersistence:
    """Return the smart persistence of a file."""
    return SmartPersistence(inputs=_inputs(header), **header["settings"])


def write_blend(model: IndexBlend) -> bytes:
    """Return a line's settings and coefficients as JSON."""
    return modelfile.header(
        "IndexBlend",
        settings=_of(model, BLEND),
        inputs=_of(model.inputs, INPUTS),
        arrays={name: getattr(model, name).tolist() for name in LEARNED},
    )


def read_blend(header: dict[str, Any], content: bytes) -> IndexBlend:
    """Return the line of a file."""
    model = IndexBlend(inputs=_inputs(header), **header["settings"])
    for name in LEARNED:
        setattr(model, name, np.array(header["arrays"][name], dtype=float))
    return model


def write_trees(model: IndexTrees) -> bytes:
    """Return the settings and the booster as JSON."""
    check_fitted(model, "booster_")
    return modelfile.header(
        "IndexTrees",
        settings=_of(model, TREES),
        inputs=_of(model.inputs, INPUTS),
        boosters=_texts([model.booster_]),
    )


def read_trees(header: dict[str, Any], content: bytes) -> IndexTrees:
    """Return the trees of a file."""
    model = IndexTrees(inputs=_inputs(header), **header["settings"])
    (model.booster_,) = _boosters(header)
    return model


def _of(thing: object, names: Iterable[str]) -> dict[str, Any]:
    """Return attributes by name."""
    return {name: getattr(thing, name) for name in names}


def _inputs(header: dict[str, Any]) -> IndexInputs:
    """Return the inputs of a file's header."""
    inputs = header["inputs"]
    return IndexInputs(**inputs | {"weather": tuple(inputs["weather"])})


def _texts(boosters: "Iterable[xgboost.Booster]") -> list[Any]:
    """Return boosters as XGBoost's own JSON."""
    return [json.loads(bytes(one.save_raw("json"))) for one in boosters]


def _boosters(header: dict[str, Any]) -> "list[xgboost.Booster]":
    """Return the boosters of a file's header."""
    import xgboost

    raw = (bytearray(json.dumps(one).encode()) for one in header["boosters"])
    return [xgboost.Booster(model_file=one) for one in raw]


KINDS: modelfile.Kinds = {
    Boosted: (write_boosted, read_boosted),
    SmartPersistence: (write_persistence, read_persistence),
    IndexBlend: (write_blend, read_blend),
    IndexTrees: (write_trees, read_trees),
}
