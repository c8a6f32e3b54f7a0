"""Files of the models for household meters: settings, and LightGBM's own text."""

from typing import Any

from lab import modelfile
from lab.forecast.boosters import booster_of
from lab.forecast.meter_trees import MeterTrees
from lab.forecast.model import shapes_read, shapes_told

SETTINGS = ("target", "name", "trees", "leaves", "min_rows", "learning_rate", "threads")


def write(model: MeterTrees) -> bytes:
    """Return settings and the booster's text as JSON; no lowest value is null."""
    settings = {name: getattr(model, name) for name in SETTINGS}
    settings |= {
        "weather": list(model.weather),
        "least": None if model.least == -float("inf") else model.least,
    }
    shapes = shapes_told(model)
    text = model.booster_.model_to_string()
    return modelfile.header("MeterTrees", shapes=shapes, settings=settings, booster=text)


def read(header: dict[str, Any], content: bytes) -> MeterTrees:
    """Return the model of a file."""
    settings = dict(header["settings"])
    least = -float("inf") if settings["least"] is None else settings["least"]
    model = MeterTrees(**settings | {"least": least, "weather": tuple(settings["weather"])})
    model.shapes_, model.booster_ = shapes_read(header), booster_of(header["booster"])
    return model


KINDS: modelfile.Kinds = {MeterTrees: (write, read)}
