"""Files of LASSO, SARIMAX, smoothing and MSTL: settings and parameters as JSON.

The state of the last three is no part of a file: it is rebuilt from the history of every
view, by the filter or the smoothing with the parameters of the file.
"""

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np

from lab import modelfile
from lab.forecast.ets import Ets, Smoothing
from lab.forecast.lasso import Lasso
from lab.forecast.model import shapes_read, shapes_told
from lab.forecast.mstl import Mstl
from lab.forecast.sarimax import Sarimax

SETTINGS: dict[type, tuple[str, ...]] = {
    Lasso: ("penalty", "season_days"),
    Sarimax: (
        "target",
        "temperature",
        "order",
        "seasonal_order",
        "window_days",
        "history_days",
    ),
    Ets: ("target", "history_days", "window_days"),
    Mstl: ("target", "windows", "order", "seasonal_order", "history_days", "window_days"),
}
NUMBERS = {Lasso: ("share_",), Sarimax: ("scale_",), Ets: (), Mstl: ("scale_",)}
ARRAYS = {
    Lasso: ("coef_", "intercept_", "mean_", "scale_"),
    Sarimax: ("coef_", "effect_", "params_", "spread_"),
    Ets: ("spread_",),
    Mstl: ("params_", "spread_"),
}


def write(model: Any) -> bytes:
    """Return a model as JSON."""
    kind = type(model)
    content: dict[str, Any] = {
        "shapes": shapes_told(model),
        "settings": {name: getattr(model, name) for name in SETTINGS[kind]},
        "numbers": {name: getattr(model, name) for name in NUMBERS[kind]},
        "arrays": {name: getattr(model, name).tolist() for name in ARRAYS[kind]},
    }
    if isinstance(model, Ets):
        content["smoothing"] = dataclasses.asdict(model.smoothing_)
    return modelfile.header(kind.__name__, **content)


def reader(kind: type) -> Callable[[dict[str, Any], bytes], Any]:
    """Return the function that builds a model of a kind from a file's header."""

    def read(header: dict[str, Any], content: bytes) -> Any:
        settings = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in header["settings"].items()
        }
        model = kind(**settings)
        model.shapes_ = shapes_read(header)
        for name in NUMBERS[kind]:
            setattr(model, name, float(header["numbers"][name]))
        for name in ARRAYS[kind]:
            setattr(model, name, np.array(header["arrays"][name], dtype=float))
        if kind is Ets:
            model.smoothing_ = Smoothing(**header["smoothing"])
        return model

    return read


KINDS: modelfile.Kinds = {kind: (write, reader(kind)) for kind in SETTINGS}
