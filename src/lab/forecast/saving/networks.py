"""Files of Keras networks: an archive with `.keras` members, read in safe mode.

The settings are the fields of the model, a dataclass; inputs and outcome are frozen values,
named in the header and looked up among those listed here: a file names no code to run.
"""

import dataclasses
import io
import json
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from lab import modelfile
from lab.errors import DataError, UsageError
from lab.forecast.inputs import DayInputs
from lab.forecast.model import shapes_read, shapes_told
from lab.forecast.networks.base import Network
from lab.forecast.networks.cnn_lstm import CnnLstm
from lab.forecast.networks.dnn import Dnn
from lab.forecast.networks.engine import deterministic_keras
from lab.forecast.networks.gru import Gru
from lab.forecast.networks.inputs import DayVector, SequenceInputs
from lab.forecast.networks.lstm import Lstm, StackedLstm
from lab.forecast.networks.outcomes import Deviation, LogDeviation, RootDeviation
from lab.forecast.networks.transformer import Transformer
from lab.forecast.profile import ProfileInputs

ARCHITECTURES: tuple[type[Network], ...] = (Dnn, Lstm, StackedLstm, Gru, Transformer, CnnLstm)
VALUES: dict[str, Any] = {
    kind.__name__: kind
    for kind in (
        DayInputs,
        DayVector,
        ProfileInputs,
        SequenceInputs,
        Deviation,
        LogDeviation,
        RootDeviation,
    )
}
NAMED = ("inputs", "outcome")
KERAS_MEMBERS = ("config.json", "metadata.json", "model.weights.h5")


def write_network(model: Network) -> bytes:
    """Return a network as a `.keras` archive with our header.

    Raises
    ------
    UsageError
        If its inputs or outcome are of no kind that a file can name.
    """
    settings = {one.name: getattr(model, one.name) for one in dataclasses.fields(model)}
    settings |= {name: _value(settings[name]) for name in NAMED}
    kind = type(model).__name__
    shapes = shapes_told(model)
    head = modelfile.header(kind, shapes=shapes, settings=settings, histories=model.histories_)
    return modelfile.archive(head, keras_members(model.network_))


def read_network(header: dict[str, Any], content: bytes) -> Network:
    """Return the network of a file."""
    kind = next(one for one in ARCHITECTURES if one.__name__ == header["kind"])
    settings = dict(header["settings"])
    settings |= {name: _read_value(settings[name]) for name in NAMED}
    model = kind(**settings)
    model.shapes_, model.histories_ = shapes_read(header), header["histories"]
    keras = deterministic_keras()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "model.keras"
        file.write_bytes(content)
        return model.hold(keras.models.load_model(file, safe_mode=True))


def _value(value: Any) -> dict[str, Any]:
    """Return inputs or an outcome as their kind and fields."""
    kind = type(value).__name__
    if VALUES.get(kind) is not type(value):
        raise UsageError(
            f"A network with {kind} cannot be saved; a file can name {', '.join(VALUES)}."
        )
    return {"kind": kind} | dataclasses.asdict(value)


def _read_value(held: dict[str, Any]) -> Any:
    """Return inputs or an outcome of their kind and fields."""
    if held["kind"] not in VALUES:
        raise DataError(
            f"The model file names {held['kind']!r} as inputs or outcome; this version reads "
            f"{', '.join(VALUES)}."
        )
    return VALUES[held["kind"]](**{name: v for name, v in held.items() if name != "kind"})


def keras_members(network: Any) -> dict[str, bytes]:
    """Return the members of a network's `.keras` archive without clock and addresses.

    `shared_object_id`, a memory address by which Keras shares equal settings, is left out,
    and so are the names of layers within layers, which count how many were built before.
    Keras still loads the archive in safe mode.
    """
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "model.keras"
        network.save(file)
        with zipfile.ZipFile(io.BytesIO(file.read_bytes())) as archive:
            members = {name: archive.read(name) for name in KERAS_MEMBERS}
    config = _without_addresses(json.loads(members["config.json"]))
    members["config.json"] = json.dumps(config).encode()
    members["model.weights.h5"] = _without_attributes(members["model.weights.h5"])
    metadata = json.loads(members["metadata.json"])
    metadata["date_saved"] = "1980-01-01@00:00:00"
    members["metadata.json"] = json.dumps(metadata, sort_keys=True).encode()
    return members


def _without_addresses(config: Any) -> Any:
    """Return a configuration without the entries that hold memory addresses."""
    if isinstance(config, dict):
        return {k: _without_addresses(v) for k, v in config.items() if k != "shared_object_id"}
    return [_without_addresses(item) for item in config] if isinstance(config, list) else config


def _without_attributes(weights: bytes) -> bytes:
    """Return an HDF5 file with its arrays alone."""
    import h5py

    target = io.BytesIO()
    with h5py.File(io.BytesIO(weights)) as source, h5py.File(target, "w") as copy:
        for name in source:
            source.copy(name, copy, without_attrs=True)
    return target.getvalue()


KINDS: modelfile.Kinds = {kind: (write_network, read_network) for kind in ARCHITECTURES}
