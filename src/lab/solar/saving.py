"""Solar model files: JSON, same model same bytes, nothing in them is executed."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from lab.errors import DataError, UsageError
from lab.solar.indices import IndexInputs
from lab.solar.physics import Boosted
from lab.solar.tomorrow import IndexBlend, IndexTrees

FORMAT, VERSION = "lab.solar", 2
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
BLEND, LEARNED = ("columns", "penalty", "name"), ("coef", "mean", "scale")
TREES = ("trees", "depth", "learning_rate", "subsample")
INPUTS = ("target", "weather", "envelope_days")
SolarModel = Boosted | IndexBlend | IndexTrees


def save(model: SolarModel, path: Path) -> Path:
    """Write a fitted model; the same model gives the same bytes.

    Raises
    ------
    UsageError
        If the kind of model cannot be saved.
    """
    if isinstance(model, Boosted):
        content = {"inputs": model.inputs, "peak": model.peak_, "settings": _of(model, BOOSTED)}
    elif isinstance(model, IndexBlend):
        content = {"settings": _of(model, BLEND)}
        content |= {name: getattr(model, f"{name}_").tolist() for name in LEARNED}
    elif isinstance(model, IndexTrees):
        content = {"settings": _of(model, TREES)}
    else:
        raise UsageError(f"A model of type {type(model).__name__} is no solar model file.")
    if not isinstance(model, IndexBlend):
        found = model.boosters_ if isinstance(model, Boosted) else [model.booster_]
        content["boosters"] = [json.loads(bytes(one.save_raw("json"))) for one in found]
    if not isinstance(model, Boosted):
        content |= {"names": model.names, "inputs": _of(model.inputs, INPUTS)}
    header = {"format": FORMAT, "version": VERSION, "kind": type(model).__name__}
    text = json.dumps(header | content, sort_keys=True, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")
    return path


def load(path: Path) -> SolarModel:
    """Read a model file.

    Raises
    ------
    DataError
        If the file is damaged, or of another format, version or kind.
    """
    content = _read(path)
    try:
        return READERS[content["kind"]](content)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise DataError(f"{path.name} is not a complete solar model file: {error}.") from error


def _of(thing: object, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(thing, name) for name in names}


def _read(path: Path) -> dict[str, Any]:
    """Return the content of a model file of this format and version."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise DataError(f"{path.name} is not a solar model file: it must be JSON.") from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise DataError(f"{path.name} is not a solar model file: no format {FORMAT!r}.")
    if content.get("version") != VERSION:
        raise DataError(
            f"{path.name} has version {content.get('version')!r} of the solar model format; this "
            f"code reads version {VERSION}. Run the stage again to write it anew."
        )
    return content


def _boosters(content: dict[str, Any]) -> list[Any]:
    import xgboost

    raw = (bytearray(json.dumps(one).encode()) for one in content["boosters"])
    return [xgboost.Booster(model_file=one) for one in raw]


def _inputs(content: dict[str, Any]) -> IndexInputs:
    inputs = content["inputs"]
    return IndexInputs(inputs["target"], tuple(inputs["weather"]), inputs["envelope_days"])


def _read_boosted(content: dict[str, Any]) -> Boosted:
    model = Boosted(tuple(content["inputs"]), **content["settings"])
    model.peak_, model.boosters_ = content["peak"], _boosters(content)
    return model


def _read_blend(content: dict[str, Any]) -> IndexBlend:
    model = IndexBlend(content["names"], _inputs(content), **content["settings"])
    for name in LEARNED:
        setattr(model, f"{name}_", np.array(content[name]))
    return model


def _read_trees(content: dict[str, Any]) -> IndexTrees:
    model = IndexTrees(content["names"], inputs=_inputs(content), **content["settings"])
    (model.booster_,) = _boosters(content)
    return model


READERS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "Boosted": _read_boosted,
    "IndexBlend": _read_blend,
    "IndexTrees": _read_trees,
}
