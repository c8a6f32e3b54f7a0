"""One page over all studies: the model of each task, its skill, calibration and cost.

Reads the metrics files that the studies wrote; nothing here is measured anew.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from lab import paths, style
from lab.errors import DataError, UsageError

PERCENT = 100.0
NO_COST = {"fit_s": None, "forecast_ms": None}
COSTS = Path("benchmarks") / "costs.json"


def read(study: str, root: Path | None = None) -> dict[str, Any]:
    """Return a study's metrics file.

    Raises
    ------
    DataError
        If the study has not run, or its file is damaged.
    """
    return _held(Path("reports") / "metrics" / f"{study}.json", f"lab run {study}", root)


def costs(root: Path | None = None) -> dict[str, Any]:
    """Return what `benchmarks/costs.py` measured: `machine`, and `studies` to models.

    Raises
    ------
    DataError
        If the file is missing or damaged.
    """
    return _held(COSTS, f"python {COSTS.with_suffix('.py')}", root)


def value(metrics: Mapping[str, Any], variant: str, model: str, metric: str) -> float:
    """Return one number of a metrics file.

    Parameters
    ----------
    metrics : mapping
        As `read` returns it.
    variant, model, metric : str
        Model `headline` stands for the one that the study names.

    Raises
    ------
    UsageError
        If there is no such number; the sentence says what there is.
    """
    at: Any = metrics["overall"]
    name = metrics["headline"]["model"] if model == "headline" else model
    for key in (variant, name, metric):
        if key not in at:
            raise UsageError(f"The metrics hold no {key!r}; there is {', '.join(map(str, at))}.")
        at = at[key]
    return float(at)


def tasks(
    specs: Mapping[str, Mapping[str, str]],
    costs: Mapping[str, Mapping[str, Any]] | None = None,
    root: Path | None = None,
) -> pd.DataFrame:
    """Return one row a task: chosen model, best with hindsight, skill, coverage, cost.

    Parameters
    ----------
    specs : mapping
        Title to `study`, `variant`, `metric` (smaller is better) and optionally `model`, the
        one that the study chose, and `baseline`, its simple rule (both its headline's by
        default).
    costs : mapping, optional
        Study to model to `fit_s` and `forecast_ms`, as `benchmarks/costs.json` holds them.
    root : path, optional
        The project.

    Returns
    -------
    pandas.DataFrame
        By task: `study`, `model`, `metric`, `value`, `baseline`, `baseline_value`,
        `skill_percent`, `hindsight`, `hindsight_value`, `coverage_80_percent`,
        `coverage_95_percent`, `fit_s`, `forecast_ms`; NaN where a study has none.
    """
    rows = {title: _task(spec, costs or {}, root) for title, spec in specs.items()}
    return pd.DataFrame.from_dict(rows, orient="index")


def targets(
    specs: Mapping[str, Mapping[str, Any]],
    costs: Mapping[str, Mapping[str, Any]] | None = None,
    root: Path | None = None,
) -> pd.DataFrame:
    """Return one row a target: what is allowed, what was measured, whether it is reached.

    Parameters
    ----------
    specs : mapping
        Target to `study`, `variant`, `model`, `metric` and `most` or `least`; to `slowest`,
        the cost of which no single model may have more than `most`; or to `open`, the reason
        why nothing is measured yet.
    costs : mapping, optional
        As for `tasks`.
    root : path, optional
        The project.

    Returns
    -------
    pandas.DataFrame
        By target: `study`, `allowed`, `measured`, `state` (`reached`, `missed`, `open`) and
        `reason`.

    Raises
    ------
    UsageError
        If a target has not exactly one of `most`, `least` and `open`.
    """
    rows = {target: _target(target, spec, costs or {}, root) for target, spec in specs.items()}
    return pd.DataFrame.from_dict(rows, orient="index")


def _task(
    spec: Mapping[str, str], costs: Mapping[str, Mapping[str, Any]], root: Path | None
) -> dict[str, Any]:
    """Return the row of one task."""
    metrics = read(spec["study"], root)
    variant, metric = spec["variant"], spec["metric"]
    model = spec.get("model", metrics["headline"]["model"])
    own = value(metrics, variant, model, metric)
    baseline = spec.get("baseline", metrics["headline"]["baseline"])
    rule = value(metrics, variant, baseline, metric)
    scored = {n: m[metric] for n, m in metrics["overall"][variant].items() if metric in m}
    known = {name: number for name, number in scored.items() if number is not None}
    best = min(known, key=lambda name: known[name])
    scores = metrics["overall"][variant][model]
    cost = costs.get(spec["study"], {}).get(model, NO_COST)
    return {
        "study": spec["study"],
        "model": model,
        "metric": metric,
        "value": own,
        "baseline": baseline,
        "baseline_value": rule,
        "skill_percent": PERCENT * (1 - own / rule),
        "hindsight": best,
        "hindsight_value": known[best],
        **{f"coverage_{n}_percent": scores.get(f"coverage_{n}_percent") for n in (80, 95)},
        **{name: cost.get(name) for name in NO_COST},
    }


def slowest(costs: Mapping[str, Mapping[str, Any]], cost: str) -> tuple[float, str, str]:
    """Return the largest cost of a single model: the number, study and model.

    Raises
    ------
    UsageError
        If no model has that cost.
    """
    known = [
        (told[cost], study, model)
        for study, models in costs.items()
        for model, told in models.items()
        if told.get(cost) is not None and model != "combination"
    ]
    if not known:
        raise UsageError(f"No model has a cost {cost!r}; run `python benchmarks/costs.py`.")
    return max(known)


def _held(place: Path, command: str, root: Path | None) -> dict[str, Any]:
    """Return the JSON that a command left in the project."""
    try:
        held: dict[str, Any] = json.loads(((root or paths.root()) / place).read_text("utf-8"))
    except FileNotFoundError as error:
        raise DataError(f"{place} does not exist; run `{command}` first.") from error
    except ValueError as error:
        raise DataError(f"{place} is not JSON; run `{command}` again.") from error
    return held


def _target(
    target: str,
    spec: Mapping[str, Any],
    costs: Mapping[str, Mapping[str, Any]],
    root: Path | None,
) -> dict[str, Any]:
    """Return the row of one target."""
    kinds = [kind for kind in ("most", "least", "open") if kind in spec]
    if len(kinds) != 1:
        raise UsageError(
            f"The target {target!r} must have one of most, least and open, got "
            f"{', '.join(kinds) or 'none'}."
        )
    if "open" in spec:
        return _row("", "", None, "open", spec["open"])
    if "slowest" in spec:
        measured, study, model = slowest(costs, spec["slowest"])
        remark = f"the slowest is {style.label(model)}"
    else:
        study, remark = spec["study"], spec.get("reason", "")
        measured = value(read(study, root), spec["variant"], spec["model"], spec["metric"])
    most = "most" in spec
    reached = measured <= spec["most"] if most else measured >= spec["least"]
    allowed = f"at most {spec['most']:g}" if most else f"at least {spec['least']:g}"
    state = "reached" if reached else "missed"
    return _row(study, allowed, measured, state, remark)


def _row(
    study: str, allowed: str, measured: float | None, state: str, reason: str
) -> dict[str, Any]:
    names = ("study", "allowed", "measured", "state", "reason")
    return dict(zip(names, (study, allowed, measured, state, reason), strict=True))
