"""Files of Keras networks: an archive with `.keras` members, read in safe mode."""

import io
import json
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from lab import modelfile
from lab.forecast.lstm import Lstm, deterministic_keras

LSTM_SETTINGS = (
    "units",
    "dropout",
    "epochs",
    "patience",
    "validation_days",
    "step_hours",
    "learning_rate",
    "batch",
)
KERAS_MEMBERS = ("config.json", "metadata.json", "model.weights.h5")


def write_lstm(model: Lstm) -> bytes:
    """Return an LSTM as a `.keras` archive with our header."""
    settings = {name: getattr(model, name) for name in LSTM_SETTINGS}
    head = modelfile.header("Lstm", settings=settings, history=model.history_)
    return modelfile.archive(head, keras_members(model.network_))


def read_lstm(header: dict[str, Any], content: bytes) -> Lstm:
    """Return the LSTM of a file."""
    model = Lstm(**header["settings"])
    model.history_ = header["history"]
    model.best_epoch_ = int(np.argmin(model.history_["val_loss"])) + 1
    keras = deterministic_keras()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "model.keras"
        file.write_bytes(content)
        model.network_ = keras.models.load_model(file, safe_mode=True)
    return model


def keras_members(network: Any) -> dict[str, bytes]:
    """Return the members of a network's `.keras` archive without clock and addresses.

    `shared_object_id`, a memory address by which Keras shares equal settings, is left out;
    Keras still loads the archive in safe mode.
    """
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "model.keras"
        network.save(file)
        with zipfile.ZipFile(io.BytesIO(file.read_bytes())) as archive:
            members = {name: archive.read(name) for name in KERAS_MEMBERS}
    config = _without_addresses(json.loads(members["config.json"]))
    members["config.json"] = json.dumps(config).encode()
    metadata = json.loads(members["metadata.json"])
    metadata["date_saved"] = "1980-01-01@00:00:00"
    members["metadata.json"] = json.dumps(metadata, sort_keys=True).encode()
    return members


def _without_addresses(config: Any) -> Any:
    """Return a configuration without the entries that hold memory addresses."""
    if isinstance(config, dict):
        return {k: _without_addresses(v) for k, v in config.items() if k != "shared_object_id"}
    return [_without_addresses(item) for item in config] if isinstance(config, list) else config


KINDS: modelfile.Kinds = {Lstm: (write_lstm, read_lstm)}
