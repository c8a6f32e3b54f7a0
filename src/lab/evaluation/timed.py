"""Accuracy beside cost: the models whose fits and forecasts were timed, and those that were not."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from lab import paths, style
from lab.errors import UsageError
from lab.evaluation import kept

# Seconds of a fit, milliseconds of a forecast; what nobody measured is None.
NO_COST: dict[str, float | None] = {"fit_s": None, "forecast_ms": None}


def timed_models(
    specs: Mapping[str, Mapping[str, Any]],
    costs: Mapping[str, Mapping[str, Any]],
    root: Path | None = None,
) -> pd.DataFrame:
    """Return accuracy beside cost: one row for each timed model of each study.

    Parameters
    ----------
    specs : mapping
        Title of a task to its `study`, `variant` and `metric`; of the tasks of a study the first
        counts.
    costs : mapping
        Study to model to `fit_s` and `forecast_ms`, as `benchmarks/costs.json` holds them.
    root : path, optional
        The project.

    Returns
    -------
    pandas.DataFrame
        `study`, `model`, `metric`, `value`, `fit_s`, `forecast_ms`, the least error of a study
        first; models whose error the study's metrics do not hold are left out.
    """
    first: dict[str, Mapping[str, Any]] = {}
    for spec in specs.values():
        first.setdefault(spec["study"], spec)
    rows = []
    for study, spec in first.items():
        scores = kept.read(study, root)["overall"][spec["variant"]]
        for model, cost in costs.get(study, {}).items():
            value = scores.get(model, {}).get(spec["metric"])
            if value is not None:
                row = {"study": study, "model": model, "metric": spec["metric"], "value": value}
                rows.append(row | {name: cost.get(name) for name in NO_COST})
    columns = ["study", "model", "metric", "value", *NO_COST]
    table = pd.DataFrame(rows, columns=columns)
    order = {study: number for number, study in enumerate(first)}
    by_study = table.sort_values("value", kind="stable").sort_values(
        "study", key=lambda names: names.map(order), kind="stable"
    )
    return by_study.reset_index(drop=True)


def untimed(
    studies: Iterable[str], costs: Mapping[str, Mapping[str, Any]], root: Path | None = None
) -> list[str]:
    """Return the saved models of which `benchmarks/costs.json` knows no forecast's time.

    Parameters
    ----------
    studies : iterable of str
    costs : mapping
        Study to model to `forecast_ms`.
    root : path, optional
        The project.

    Returns
    -------
    list of str
        `model (study)`, readable, in order.
    """
    saved = [
        (study, path.stem)
        for study in sorted(set(studies))
        for path in sorted(((root or paths.root()) / "models" / study).glob("*"))
    ]
    return [
        f"{style.label(model)} ({study.replace('_', ' ')})"
        for study, model in saved
        if costs.get(study, {}).get(model, {}).get("forecast_ms") is None
    ]


def slowest(costs: Mapping[str, Mapping[str, Any]], cost: str) -> tuple[float, str, str]:
    """Return the largest cost of a model: the number, study and model.

    Raises
    ------
    UsageError
        If no model has that cost.
    """
    known = [
        (told[cost], study, model)
        for study, models in costs.items()
        for model, told in models.items()
        if told.get(cost) is not None
    ]
    if not known:
        raise UsageError(f"No model has a cost {cost!r}; run `python benchmarks/costs.py`.")
    return max(known)
