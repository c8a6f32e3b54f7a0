"""Model files: same model, same bytes; loading one never executes code.

Regressions and the simple rules are JSON, XGBoost, LightGBM and Prophet their own formats
inside ours, the LSTM a `.keras` file rewritten so that it holds no clock and no memory address.
Each names its format, version and kind; another version is refused.
"""

import copy
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from lab.errors import DataError, UsageError
from lab.forecast.kernel import KernelRidge
from lab.forecast.lightgbm import LightGBM, booster_of
from lab.forecast.linear import Ridge
from lab.forecast.lstm import Lstm, deterministic_keras
from lab.forecast.model import Model
from lab.forecast.naive import Naive
from lab.forecast.prophet import Prophet
from lab.forecast.trees import XGBoost

FORMAT, VERSION = "lab.forecast", 1
SUFFIX = {"lstm": ".keras"}
RIDGE_ARRAYS = ("coef_", "intercept_", "mean_", "scale_")
KERNEL_SETTINGS = ("penalty", "length", "linear")
KERNEL_ARRAYS = ("constant_", "mean_", "scale_", "support_", "dual_", "intercept_")
LIGHTGBM_SETTINGS = ("trees", "leaves", "learning_rate", "share", "input_share")
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
HEADER_MEMBER = "lab.json"
ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)


def file_name(model: Model) -> str:
    """Return the name of a model's file, such as `ridge.json`."""
    return model.name + SUFFIX.get(model.name, ".json")


def save(model: Model, path: Path) -> Path:
    """Write a fitted model; the same model gives the same bytes.

    Raises
    ------
    UsageError
        If the kind of model cannot be saved.
    """
    for kind, (write, _) in KINDS.items():
        if type(model) is kind:
            path.write_bytes(write(model))
            return path
    raise UsageError(
        f"A model of type {type(model).__name__} cannot be saved; it must be one of "
        f"{', '.join(kind.__name__ for kind in KINDS)}."
    )


def load(path: Path) -> Model:
    """Read a model file.

    Raises
    ------
    DataError
        If the file is damaged, or of another format, version or kind.
    """
    content = path.read_bytes()
    header = _check_header(_header(content, path), path)
    readers = {kind.__name__: read for kind, (_, read) in KINDS.items()}
    if header["kind"] not in readers:
        raise DataError(
            f"{path.name} holds a model of kind {header['kind']!r}; this version reads "
            f"{', '.join(readers)}."
        )
    try:
        return readers[header["kind"]](header, content)
    except (KeyError, TypeError, ValueError, OSError) as error:
        raise DataError(
            f"{path.name} is not a complete {header['kind']} model: {error}."
        ) from error


def _header(content: bytes, path: Path) -> Any:
    """Return the part of a model file that says what it is."""
    try:
        if content.startswith(b"PK"):
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                return json.loads(archive.read(HEADER_MEMBER))
        return json.loads(content)
    except (ValueError, KeyError, zipfile.BadZipFile) as error:
        raise DataError(
            f"{path.name} is not a model file of this project: it must be JSON, or a .keras "
            f"archive with {HEADER_MEMBER}."
        ) from error


def _check_header(header: Any, path: Path) -> dict[str, Any]:
    """Refuse another format or version."""
    if not isinstance(header, dict) or header.get("format") != FORMAT or "kind" not in header:
        raise DataError(f"{path.name} is not a model file of this project: no format {FORMAT!r}.")
    if header.get("version") != VERSION:
        raise DataError(
            f"{path.name} has version {header.get('version')!r} of the model format; this code "
            f"reads version {VERSION}. Run the stage again to write it anew."
        )
    return header


def _json(kind: str, **content: Any) -> bytes:
    """Return a model as canonical JSON."""
    header = {"format": FORMAT, "version": VERSION, "kind": kind}
    return (json.dumps(header | content, sort_keys=True, allow_nan=False) + "\n").encode()


def _write_naive(model: Naive) -> bytes:
    return _json("Naive", rule=model.name)


def _read_naive(header: dict[str, Any], content: bytes) -> Naive:
    return Naive(header["rule"])


def _write_ridge(model: Ridge) -> bytes:
    arrays = {name: getattr(model, name).tolist() for name in RIDGE_ARRAYS}
    return _json("Ridge", alpha=model.alpha, season_days=model.season_days, **arrays)


def _read_ridge(header: dict[str, Any], content: bytes) -> Ridge:
    model = Ridge(header["alpha"], header["season_days"])
    for name in RIDGE_ARRAYS:
        setattr(model, name, np.array(header[name]))
    return model


def _write_kernel_ridge(model: KernelRidge) -> bytes:
    settings = {name: getattr(model, name) for name in KERNEL_SETTINGS}
    arrays = {name: getattr(model, name).tolist() for name in KERNEL_ARRAYS}
    return _json("KernelRidge", settings=settings, **arrays)


def _read_kernel_ridge(header: dict[str, Any], content: bytes) -> KernelRidge:
    model = KernelRidge(**header["settings"])
    for name in KERNEL_ARRAYS:
        setattr(model, name, np.array(header[name]))
    model.support_ = model.support_.astype(np.float32)
    return model


def _write_lightgbm(model: LightGBM) -> bytes:
    settings = {name: getattr(model, name) for name in LIGHTGBM_SETTINGS}
    return _json("LightGBM", settings=settings, booster=model.booster_.model_to_string())


def _read_lightgbm(header: dict[str, Any], content: bytes) -> LightGBM:
    model = LightGBM(**header["settings"])
    model.booster_ = booster_of(header["booster"])
    return model


def _write_prophet(model: Prophet) -> bytes:
    from prophet.serialize import model_to_json

    orders = (model.yearly_order, model.weekly_order, model.daily_order)
    # The training rows are 98 % of the file, and a forecast needs none of them.
    lean = copy.copy(model.model_)
    lean.history = lean.history.head(2)
    lean.history_dates = lean.history_dates.head(2)
    return _json("Prophet", orders=orders, model=json.loads(model_to_json(lean)))


def _read_prophet(header: dict[str, Any], content: bytes) -> Prophet:
    from prophet.serialize import model_from_json

    model = Prophet(*header["orders"])
    model.model_ = model_from_json(json.dumps(header["model"]))
    return model


def _write_xgboost(model: XGBoost) -> bytes:
    settings = {n: getattr(model, n) for n in ("trees", "depth", "learning_rate", "subsample")}
    booster = json.loads(bytes(model.booster_.save_raw("json")))
    return _json("XGBoost", settings=settings | {"names": model.names}, booster=booster)


def _read_xgboost(header: dict[str, Any], content: bytes) -> XGBoost:
    import xgboost

    model = XGBoost(**header["settings"])
    model.booster_ = xgboost.Booster(model_file=bytearray(json.dumps(header["booster"]).encode()))
    return model


def _write_lstm(model: Lstm) -> bytes:
    settings = {name: getattr(model, name) for name in LSTM_SETTINGS}
    header = _json("Lstm", settings=settings, history=model.history_)
    return canonical_keras(model.network_, header)


def _read_lstm(header: dict[str, Any], content: bytes) -> Lstm:
    import tempfile

    model = Lstm(**header["settings"])
    model.history_ = header["history"]
    model.best_epoch_ = int(np.argmin(model.history_["val_loss"])) + 1
    keras = deterministic_keras()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "model.keras"
        file.write_bytes(content)
        model.network_ = keras.models.load_model(file, safe_mode=True)
    return model


def canonical_keras(network: Any, header: bytes) -> bytes:
    """Return a network as a `.keras` archive without clock, addresses or archive times.

    Members come in a fixed order with a fixed date; `shared_object_id`, a memory address
    by which Keras shares equal settings, is left out. Keras still loads it in safe mode.
    """
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "model.keras"
        network.save(file)
        with zipfile.ZipFile(file) as archive:
            members = {name: archive.read(name) for name in KERAS_MEMBERS}
    config = _without_addresses(json.loads(members["config.json"]))
    members["config.json"] = json.dumps(config).encode()
    metadata = json.loads(members["metadata.json"])
    metadata["date_saved"] = "1980-01-01@00:00:00"
    members["metadata.json"] = json.dumps(metadata, sort_keys=True).encode()
    return _archive({HEADER_MEMBER: header} | members)


def _without_addresses(config: Any) -> Any:
    """Return a configuration without the entries that hold memory addresses."""
    if isinstance(config, dict):
        return {k: _without_addresses(v) for k, v in config.items() if k != "shared_object_id"}
    return [_without_addresses(item) for item in config] if isinstance(config, list) else config


def _archive(members: dict[str, bytes]) -> bytes:
    """Return a zip archive whose bytes depend on the members alone."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name, content in members.items():
            entry = zipfile.ZipInfo(name, date_time=ZIP_EPOCH)
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            archive.writestr(entry, content)
    return target.getvalue()


KINDS: dict[type, tuple[Callable[[Any], bytes], Callable[[dict[str, Any], bytes], Model]]] = {
    Naive: (_write_naive, _read_naive),
    Ridge: (_write_ridge, _read_ridge),
    KernelRidge: (_write_kernel_ridge, _read_kernel_ridge),
    LightGBM: (_write_lightgbm, _read_lightgbm),
    Prophet: (_write_prophet, _read_prophet),
    XGBoost: (_write_xgboost, _read_xgboost),
    Lstm: (_write_lstm, _read_lstm),
}
