"""One page over all studies: the model of each task, its skill, calibration and cost.

Reads the metrics files that the studies wrote; nothing here is measured anew.
"""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from lab import paths, style
from lab.errors import DataError
from lab.evaluation import kept
from lab.evaluation.timed import NO_COST

PERCENT = 100.0
# What a study keeps of its test of the model against its simple rule.
P_VALUE = "p_against_rule"
INTERVALS = (80, 95)
# Where more values than these are scored, an honest share also lies within so many points.
POINTS, MANY_VALUES = 2.0, 5000
# What a study calls the mean of those that could be chosen.
MEANS = ("combination", "plain_mean")
RULE_ERROR = "its MAE [MW]"


def tasks(
    specs: Mapping[str, Mapping[str, Any]],
    costs: Mapping[str, Mapping[str, Any]] | None = None,
    root: Path | None = None,
) -> pd.DataFrame:
    """Return one row a task: chosen model, best with hindsight, skill, coverage, cost.

    Parameters
    ----------
    specs : mapping
        Title to `study`, `variant`, `metric` (smaller is better) and optionally `model`, the
        one that the study chose, `baseline`, its simple rule (both its headline's by
        default), `takes`, what the model consists of where the study's notes do not say it,
        `cost_of`, the members whose costs of a forecast add up where the model has no file of
        its own, and `named`: where the study names both, a `table` of a row a lead, with the
        columns `best rule` and `choice`, and its `row`.
    costs : mapping, optional
        Study to model to `fit_s` and `forecast_ms`, as `benchmarks/costs.json` holds them.
    root : path, optional
        The project.

    Returns
    -------
    pandas.DataFrame
        By task: `study`, `model`, what it `takes` in words, `metric`, `value`, `baseline`,
        `baseline_takes`, `baseline_value`, `skill_percent`, `p_against_rule`, `hindsight`,
        `hindsight_value`, `fit_s`, `forecast_ms`; NaN where a study has none.
    """
    rows = {title: _task(spec, costs or {}, root) for title, spec in specs.items()}
    return pd.DataFrame.from_dict(rows, orient="index")


def intervals(
    specs: Mapping[str, Mapping[str, Any]],
    apart: Mapping[str, Mapping[str, Any]] | None = None,
    root: Path | None = None,
) -> pd.DataFrame:
    """Return one row an interval: what it promises, what it held, and how wide it is.

    Parameters
    ----------
    specs : mapping
        Title to `study`, `variant` and optionally `model`, the headline's by default, and
        `values`: how many values were scored, a number, or where a study tells it a `table`
        with the columns `model` and `rows`, and the one `lead_days` that counts; `levels`:
        where not both intervals are promised, those that are; `apart` is true of a study by
        name.
    apart : mapping, optional
        Metrics of the studies by name, as `benchmarks/costs.json` holds them.
    root : path, optional
        The project.

    Returns
    -------
    pandas.DataFrame
        `task`, `study`, `nominal_percent`, `coverage_percent`, `coverage_se_percent`, `width`,
        `winkler`, `unit` and `within`: at most two standard errors from what is promised, and
        at most two points where more than 5,000 values are scored, or nothing tells how many.
        Without a standard error it is None: nobody can say.
    """
    rows = []
    for title, spec in specs.items():
        study = spec["study"]
        held = kept.held_apart(study, apart or {}) if spec.get("apart") else kept.read(study, root)
        model = spec.get("model", held["headline"]["model"])
        scores = held["overall"][spec["variant"]][model]
        points = POINTS if _values(spec, model, root) > MANY_VALUES else math.inf
        for nominal in spec.get("levels", INTERVALS):
            row = _interval(scores, nominal, points)
            rows.append({"task": title, "study": study} | row)
    return pd.DataFrame(rows)


def _task(
    spec: Mapping[str, Any], costs: Mapping[str, Mapping[str, Any]], root: Path | None
) -> dict[str, Any]:
    """Return the row of one task."""
    metrics = kept.read(spec["study"], root)
    variant, metric = spec["variant"], spec["metric"]
    model = spec.get("model", metrics["headline"]["model"])
    own = kept.value(metrics, variant, model, metric)
    baseline = spec.get("baseline", metrics["headline"]["baseline"])
    rule = kept.value(metrics, variant, baseline, metric)
    scored = {n: m[metric] for n, m in metrics["overall"][variant].items() if metric in m}
    known = {name: number for name, number in scored.items() if number is not None}
    # What was chosen may stand among the others under its own name, too.
    best = min(known, key=lambda name: (known[name], name == "chosen"))
    return {
        "study": spec["study"],
        "model": model,
        "takes": _takes(spec, metrics, model, root),
        "metric": metric,
        "value": own,
        "baseline": baseline,
        "baseline_takes": _rule(spec, metrics, baseline, root),
        "baseline_value": rule,
        "skill_percent": PERCENT * (1 - own / rule),
        P_VALUE: metrics["overall"][variant][model].get(P_VALUE),
        "hindsight": best,
        "hindsight_value": known[best],
        **_cost(costs.get(spec["study"], {}), model, spec.get("cost_of", ())),
    }


def _cost(
    costs: Mapping[str, Mapping[str, float]], model: str, members: Sequence[str]
) -> dict[str, float | None]:
    """Return a model's costs; without a file of its own a forecast costs what its members' do."""
    if not members:
        return {name: costs.get(model, {}).get(name) for name in NO_COST}
    each = [costs.get(member, {}).get("forecast_ms") for member in members]
    known = [cost for cost in each if cost is not None]
    return NO_COST | {"forecast_ms": sum(known) if len(known) == len(each) else None}


def _takes(
    spec: Mapping[str, Any], metrics: Mapping[str, Any], model: str, root: Path | None
) -> str:
    """Return what a task's model consists of, in words."""
    if "takes" in spec:
        return str(spec["takes"])
    if model == metrics["headline"]["model"]:
        return kept.notes(spec["study"], root)["takes"]
    row = _named(spec, root)
    if row is None:
        return style.label(model)
    choice = str(row["choice"])
    if choice not in MEANS:
        return style.label(choice)
    # The table has the error of each that could be chosen, under its own name.
    single = [str(name).removesuffix(" [MW]") for name in row.index if str(name) != RULE_ERROR]
    return "mean of " + style.listed(
        n for n in single if n in style.MODEL_COLOURS and n not in MEANS
    )


def _rule(
    spec: Mapping[str, Any], metrics: Mapping[str, Any], baseline: str, root: Path | None
) -> str:
    """Return what a task's simple rule is, in words."""
    row = _named(spec, root)
    if row is not None:
        return style.label(str(row["best rule"]))
    if baseline == metrics["headline"]["baseline"] and "model" not in spec:
        return kept.notes(spec["study"], root)["baseline_takes"]
    # What was best may stand under its own name beside that alias.
    scores = metrics["overall"][spec["variant"]]
    own = (name for name, one in scores.items() if name != baseline and one == scores[baseline])
    return style.label(next(own, baseline))


def _named(spec: Mapping[str, Any], root: Path | None) -> "pd.Series[Any] | None":
    """Return the row of a study's table that names rule and choice; None where there is none."""
    told = spec.get("named")
    place = (root or paths.root()) / told["table"] if told else None
    if told is None or place is None or not place.is_file():
        return None
    table = pd.read_parquet(place)
    rows = table[table.iloc[:, 0] == told["row"]]
    return rows.iloc[0] if len(rows) and {"choice", "best rule"} <= set(table) else None


def _values(spec: Mapping[str, Any], model: str, root: Path | None) -> float:
    """Return how many values an interval is scored on; infinite where nothing tells."""
    told = spec.get("values")
    if told is None:
        return math.inf
    if isinstance(told, int):
        return float(told)
    table = pd.read_parquet((root or paths.root()) / told["table"])
    of_it = (table["model"] == model) & (table["lead_days"] == told["lead_days"])
    return float(table.loc[of_it, "rows"].sum())


def _interval(scores: Mapping[str, Any], nominal: int, points: float) -> dict[str, Any]:
    """Return what one model's interval held."""
    held, error = (scores.get(f"coverage_{nominal}_{end}") for end in ("percent", "se_percent"))
    width = next((name for name in scores if name.startswith(f"width_{nominal}_")), None)
    if width is None:
        raise DataError(
            f"A study's metrics hold no width of its {nominal} % interval; run it again."
        )
    unit = width.removeprefix(f"width_{nominal}_")
    within = None
    if held is not None and error is not None:
        within = abs(held - nominal) <= min(2 * error, points)
    return {
        "nominal_percent": nominal,
        "coverage_percent": held,
        "coverage_se_percent": error,
        "width": scores[width],
        "winkler": scores[f"winkler_{nominal}_{unit}"],
        "unit": unit,
        "within": within,
    }
