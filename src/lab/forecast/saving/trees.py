"""Files of XGBoost and LightGBM: settings, and the booster in its own text."""

import json
from typing import Any

from lab import modelfile
from lab.forecast import boosters
from lab.forecast.lightgbm import LightGBM
from lab.forecast.model import shapes_read, shapes_told
from lab.forecast.table import QUANTILES
from lab.forecast.trees import XGBoost

XGBOOST_SETTINGS = ("trees", "depth", "learning_rate", "subsample")
LIGHTGBM_SETTINGS = ("trees", "leaves", "learning_rate", "share", "input_share", "depth")


def write_xgboost(model: XGBoost) -> bytes:
    """Return XGBoost's own JSON inside ours."""
    shapes, settings = shapes_told(model), {name: getattr(model, name) for name in XGBOOST_SETTINGS}
    # Files of the usual levels do not name them.
    settings |= {} if model.levels == QUANTILES else {"levels": list(model.levels)}
    settings |= {"names": model.names}
    booster = json.loads(bytes(model.booster_.save_raw("json")))
    return modelfile.header("XGBoost", shapes=shapes, settings=settings, booster=booster)


def read_xgboost(header: dict[str, Any], content: bytes) -> XGBoost:
    """Return the XGBoost model of a file."""
    import xgboost

    model = XGBoost(**header["settings"])
    model.shapes_ = shapes_read(header)
    model.booster_ = xgboost.Booster(model_file=bytearray(json.dumps(header["booster"]).encode()))
    return model


def write_lightgbm(model: LightGBM) -> bytes:
    """Return LightGBM's own text inside our JSON, one for each level."""
    return modelfile.header(
        "LightGBM",
        shapes=shapes_told(model),
        settings={name: getattr(model, name) for name in LIGHTGBM_SETTINGS},
        **boosters.told(model.levels, model.boosters_),
    )


def read_lightgbm(header: dict[str, Any], content: bytes) -> LightGBM:
    """Return the LightGBM model of a file."""
    model = LightGBM(**header["settings"], levels=boosters.levels_of(header))
    model.shapes_, model.boosters_ = shapes_read(header), boosters.trees_of(header)
    return model


KINDS: modelfile.Kinds = {
    XGBoost: (write_xgboost, read_xgboost),
    LightGBM: (write_lightgbm, read_lightgbm),
}
