"""Files of the statistical models: settings, parameters and state as JSON."""

from typing import Any

import numpy as np

from lab import modelfile
from lab.forecast.lasso import Lasso

LASSO_SETTINGS = ("penalty", "season_days")
LASSO_ARRAYS = ("coef_", "intercept_", "mean_", "scale_")


def write_lasso(model: Lasso) -> bytes:
    """Return a LASSO as JSON."""
    settings = {name: getattr(model, name) for name in LASSO_SETTINGS}
    arrays = {name: getattr(model, name).tolist() for name in LASSO_ARRAYS}
    return modelfile.header("Lasso", settings=settings, share=model.share_, arrays=arrays)


def read_lasso(header: dict[str, Any], content: bytes) -> Lasso:
    """Return the LASSO of a file."""
    model = Lasso(**header["settings"])
    model.share_ = float(header["share"])
    for name in LASSO_ARRAYS:
        setattr(model, name, np.array(header["arrays"][name]))
    return model


KINDS: modelfile.Kinds = {Lasso: (write_lasso, read_lasso)}
