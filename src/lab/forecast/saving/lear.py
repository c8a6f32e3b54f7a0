"""Files of LEAR: settings, scales and coefficients as JSON."""

from typing import Any

import numpy as np

from lab import modelfile
from lab.forecast.lear import Lear
from lab.forecast.model import shapes_read, shapes_told
from lab.forecast.scaling import AsinhScale

ARRAYS = ("coef_", "intercept_", "penalty_", "noise_")
SCALES = ("x_scale_", "y_scale_")


def write(model: Lear) -> bytes:
    """Return a LEAR as JSON."""
    scales = {name: getattr(model, name) for name in SCALES}
    return modelfile.header(
        "Lear",
        shapes=shapes_told(model),
        settings={"target": model.target, "others": model.others}
        | {"name": model.name, "noise": model.noise},
        arrays={name: getattr(model, name).tolist() for name in ARRAYS},
        scales={n: [one.middle.tolist(), one.spread.tolist()] for n, one in scales.items()},
        highest=float(model.highest_),
    )


def read(header: dict[str, Any], content: bytes) -> Lear:
    """Return the LEAR of a file."""
    model = Lear(**header["settings"])
    model.shapes_ = shapes_read(header)
    for name in ARRAYS:
        setattr(model, name, np.array(header["arrays"][name]))
    for name in SCALES:
        middle, spread = header["scales"][name]
        setattr(model, name, AsinhScale(np.array(middle), np.array(spread)))
    model.highest_ = header["highest"]
    return model


KINDS: modelfile.Kinds = {Lear: (write, read)}
