"""What the study `model_tuning` chose, for the studies that use it."""

import json
from typing import Any

from lab import paths
from lab.errors import DataError, UsageError

FILE = "models/model_tuning/chosen.json"


def chosen(task: str, model: str) -> dict[str, Any]:
    """Return the hyperparameters that were chosen for a model on a task.

    Parameters
    ----------
    task : str
        Such as `vic_demand`.
    model : str
        Such as `lightgbm`.

    Raises
    ------
    DataError
        If the study has not run, or its file is damaged.
    UsageError
        If task or model were not tuned.
    """
    try:
        held = json.loads((paths.root() / FILE).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise DataError(f"{FILE} does not exist; run `lab run model_tuning` first.") from error
    except ValueError as error:
        raise DataError(f"{FILE} is not JSON; run `lab run model_tuning` again.") from error
    if model not in held.get(task, {}):
        tuned = ", ".join(f"{t} {m}" for t, models in held.items() for m in models)
        raise UsageError(f"No tuned values for {task} {model}; there are those of {tuned}.")
    return dict(held[task][model])
