"""Files of forecasting models, one module per family; the writer itself is `lab.modelfile`."""

from pathlib import Path

from lab import modelfile
from lab.forecast.model import Model
from lab.forecast.published import Combined, Published
from lab.forecast.saving import (
    daily,
    linear,
    meters,
    networks,
    profile,
    prophet,
    published,
    rules,
    statistical,
    trees,
)

SINGLE: modelfile.Kinds = {
    **rules.KINDS,
    **linear.KINDS,
    **meters.KINDS,
    **trees.KINDS,
    **prophet.KINDS,
    **statistical.KINDS,
    **networks.KINDS,
    **profile.KINDS,
    **daily.KINDS,
}
KINDS: modelfile.Kinds = {**SINGLE, **published.kinds(SINGLE)}


def file_name(model: Model) -> str:
    """Return the name of a model's file, such as `ridge.json`."""
    if isinstance(model, (Published, Combined)):
        return model.name + ".zip"
    return model.name + (".keras" if type(model) in networks.KINDS else ".json")


def save(model: Model, path: Path) -> Path:
    """Write a fitted model; the same model gives the same bytes.

    Raises
    ------
    UsageError
        If the kind of model cannot be saved.
    """
    return modelfile.save(model, path, KINDS)


def load(path: Path) -> Model:
    """Read a model file; it forecasts what the model forecast that was saved, to the bit.

    Raises
    ------
    DataError
        If the file is damaged, or of another format, version or kind.
    """
    model: Model = modelfile.load(path, KINDS)
    return model
