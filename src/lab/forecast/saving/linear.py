"""Files of ridge and kernel ridge: settings and arrays as JSON."""

from typing import Any

import numpy as np

from lab import modelfile
from lab.forecast.kernel import KernelRidge
from lab.forecast.linear import Ridge
from lab.forecast.model import shapes_read, shapes_told

RIDGE_SETTINGS = ("alpha", "season_days")
RIDGE_ARRAYS = ("coef_", "intercept_", "mean_", "scale_")
KERNEL_SETTINGS = ("penalty", "length", "linear")
KERNEL_ARRAYS = ("constant_", "mean_", "scale_", "support_", "dual_", "intercept_")


def write_ridge(model: Ridge) -> bytes:
    """Return a ridge as JSON."""
    return modelfile.header("Ridge", **_parts(model, RIDGE_SETTINGS, RIDGE_ARRAYS))


def read_ridge(header: dict[str, Any], content: bytes) -> Ridge:
    """Return the ridge of a file."""
    model = Ridge(**header["settings"])
    _restore(model, header, RIDGE_ARRAYS)
    return model


def write_kernel_ridge(model: KernelRidge) -> bytes:
    """Return a kernel ridge as JSON."""
    return modelfile.header("KernelRidge", **_parts(model, KERNEL_SETTINGS, KERNEL_ARRAYS))


def read_kernel_ridge(header: dict[str, Any], content: bytes) -> KernelRidge:
    """Return the kernel ridge of a file."""
    model = KernelRidge(**header["settings"])
    _restore(model, header, KERNEL_ARRAYS)
    model.support_ = model.support_.astype(np.float32)
    return model


def _parts(model: object, settings: tuple[str, ...], arrays: tuple[str, ...]) -> dict[str, Any]:
    """Return the settings and learned arrays of a model as JSON takes them."""
    return {
        "shapes": shapes_told(model),
        "settings": {name: getattr(model, name) for name in settings},
        "arrays": {name: getattr(model, name).tolist() for name in arrays},
    }


def _restore(model: Ridge | KernelRidge, header: dict[str, Any], arrays: tuple[str, ...]) -> None:
    """Give a model its learned arrays and the shapes of its inputs back."""
    model.shapes_ = shapes_read(header)
    for name in arrays:
        setattr(model, name, np.array(header["arrays"][name]))


KINDS: modelfile.Kinds = {
    Ridge: (write_ridge, read_ridge),
    KernelRidge: (write_kernel_ridge, read_kernel_ridge),
}
