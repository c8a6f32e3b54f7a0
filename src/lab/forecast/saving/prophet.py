"""Files of Prophet: its own JSON without the training rows."""

import copy
import json
from typing import Any

from lab import modelfile
from lab.forecast.model import shapes_read, shapes_told
from lab.forecast.prophet import Prophet

SETTINGS = (
    "yearly_order",
    "weekly_order",
    "daily_order",
    "seasonality_prior",
    "changepoint_prior",
    "growth",
    "mode",
)


def write_prophet(model: Prophet) -> bytes:
    """Return Prophet's own JSON inside ours."""
    from prophet.serialize import model_to_json

    shapes, settings = shapes_told(model), {name: getattr(model, name) for name in SETTINGS}
    # The training rows are 98 % of the file, and a forecast needs none of them.
    lean = copy.copy(model.model_)
    lean.history = lean.history.head(2)
    lean.history_dates = lean.history_dates.head(2)
    held = json.loads(model_to_json(lean))
    return modelfile.header("Prophet", shapes=shapes, settings=settings, model=held)


def read_prophet(header: dict[str, Any], content: bytes) -> Prophet:
    """Return the Prophet model of a file."""
    from prophet.serialize import model_from_json

    model = Prophet(**header["settings"])
    model.shapes_ = shapes_read(header)
    model.model_ = model_from_json(json.dumps(header["model"]))
    return model


KINDS: modelfile.Kinds = {Prophet: (write_prophet, read_prophet)}
