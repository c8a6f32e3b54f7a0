"""What counts as the failure of a model's fit, and what is left of a model that failed."""

import copy
import sys
from typing import Any

import numpy as np

from lab.errors import LabError

FAILURES = (LabError, ValueError, ArithmeticError, IndexError, RuntimeError, np.linalg.LinAlgError)
# Errors of libraries that derive from none of these, looked up only where they are loaded.
LIBRARY_FAILURES = (
    ("lightgbm.basic", "LightGBMError"),
    ("xgboost.core", "XGBoostError"),
    ("tensorflow.python.framework.errors_impl", "OpError"),
)


def failures() -> tuple[type[Exception], ...]:
    """Return what a fit that fails may raise, by the libraries that this process has loaded.

    A fault of the program, such as a wrong type, is not among them.
    """
    found = (getattr(sys.modules.get(module), name, None) for module, name in LIBRARY_FAILURES)
    return (*FAILURES, *(kind for kind in found if kind is not None))


def reason_of(error: Exception) -> str:
    """Return what a failure says, on one line, or else its kind."""
    return " ".join(str(error).split()) or type(error).__name__


def unlearn(model: Any) -> None:
    """Take from a model what it has learned; its parameters stay."""
    for name in [name for name in vars(model) if name.endswith("_")]:
        del vars(model)[name]


def unfitted(model: Any) -> Any:
    """Return a copy of a model without what it has learned; parameters are shared."""
    bare = copy.copy(model)
    unlearn(bare)
    return bare
