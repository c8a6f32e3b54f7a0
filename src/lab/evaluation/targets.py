"""Targets held against what the studies and `benchmarks/costs.py` measured.

A target is read, never measured anew: from metrics files, from the table of intervals or from
the costs, which also keep the metrics of the studies that run by name. What nobody measured is
open.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from lab import style
from lab.errors import UsageError
from lab.evaluation import kept, scorecard, timed

AIM, MUST, MISSED = "aim reached", "must reached", "missed"
OPEN = "open"
PAIR, THOUSANDS = 2, 1e4
KINDS = ("parts", "cost", "stages", "intervals", "open")
# Costs of stages, in the units of the targets: minutes and GB.
SCALES = {"seconds": 1 / 60, "peak_mb": 1 / 1000}
Limits = Sequence[float | None]


@dataclass(frozen=True)
class Known:
    """What targets are held against.

    Attributes
    ----------
    costs : mapping
        `studies`, `stages` and `apart`, as `benchmarks/costs.json` holds them.
    intervals : pandas.DataFrame
        What `scorecard.intervals` returns.
    untimed : sequence of str
        Saved models without a time.
    stages : sequence of str
        Stages of the default pipeline, of which every one must be measured.
    root : path, optional
        The project.
    """

    costs: Mapping[str, Any]
    intervals: pd.DataFrame
    untimed: Sequence[str] = ()
    stages: Sequence[str] = ()
    root: Path | None = field(default=None)


def judge(specs: Mapping[str, Mapping[str, Any]], known: Known) -> pd.DataFrame:
    """Return one row a target: must, aim, what was measured, the verdict.

    Parameters
    ----------
    specs : mapping
        Target to one of `parts` (numbers of metrics files: `study`, `variant`, `model`,
        `metric`, and `baseline` for the percentage saved against it, `over` for the difference
        from another model or `nominal` for the distance from it in standard errors, in `points`
        if that is true; `apart` is true of a study by name), `cost` (the most that a model
        takes), `stages` (the `largest` or the `sum` of a cost of all stages or of `only` some),
        `intervals` (those within their errors, or the `least` held) and `open` (the reason);
        `must` and optionally `aim`, a limit for each part, each the `most` or, by default, the
        `least` that counts; `unit`, `asks` and `wants` (must and aim in words), `remark`, and
        `shown_by`, parts whose numbers say more.
    known : Known

    Returns
    -------
    pandas.DataFrame
        By target: `must`, `aim`, `measured` (text), `verdict` and `remark`.

    Raises
    ------
    UsageError
        If a target has not exactly one of the kinds.
    """
    rows = {target: _row(target, spec, known) for target, spec in specs.items()}
    return pd.DataFrame.from_dict(rows, orient="index")


def verdict(values: Sequence[float], must: Limits, aim: Limits, *, most: bool) -> str:
    """Return what is reached by values of which each has a limit; None asks for nothing.

    Examples
    --------
    >>> verdict([3.3], [3.4], [3.1], most=True)
    'must reached'
    >>> verdict([0.87, 0.91], [0.86, 0.9], [0.85, None], most=False)
    'aim reached'
    """

    def reached(limits: Limits) -> bool:
        pairs = zip(values, limits, strict=True)
        return all(at is None or (v <= at if most else v >= at) for v, at in pairs)

    if not reached(must):
        return MISSED
    return AIM if list(aim) and reached(aim) else MUST


def _row(target: str, spec: Mapping[str, Any], known: Known) -> dict[str, str]:
    """Return the row of one target."""
    kinds = [kind for kind in KINDS if kind in spec]
    if len(kinds) != 1:
        raise UsageError(
            f"The target {target!r} must have one of {', '.join(KINDS)}, got "
            f"{', '.join(kinds) or 'none'}."
        )
    found = {"must": _asked(spec, "must", "asks"), "aim": _asked(spec, "aim", "wants")}
    measured, state, more = WAYS[kinds[0]](spec, known)
    remark = " ".join(text for text in (more, spec.get("remark", "")) if text)
    return found | {"measured": measured, "verdict": state, "remark": remark}


def _asked(spec: Mapping[str, Any], limits: str, words: str) -> str:
    """Return a limit in words."""
    if words in spec:
        return str(spec[words])
    numbers = [_told(at) for at in spec.get(limits, ()) if at is not None]
    each = " each" if len(numbers) > PAIR and len(set(numbers)) == 1 else ""
    sign, unit = "≤" if _most(spec) else "≥", spec.get("unit", "")
    told = f"{sign} {'; '.join(numbers[:1] if each else numbers)} {unit}"
    return told.strip() + each if numbers else ""


def _told(value: float, digits: int = 6) -> str:
    """Return a number with some significant digits, a large one whole."""
    return f"{value:,.0f}" if value >= THOUSANDS else f"{value:.{digits}g}"


def _most(spec: Mapping[str, Any]) -> bool:
    """Return whether small numbers are good."""
    return spec.get("counts", "least") == "most"


def _judged(spec: Mapping[str, Any], values: Sequence[float]) -> tuple[str, str]:
    """Return measured numbers in words, and the verdict on them."""
    most = _most(spec)
    told = "; ".join(_told(value, 3) for value in values)
    state = verdict(values, spec["must"], spec.get("aim", ()), most=most)
    return f"{told} {spec.get('unit', '')}".strip(), state


def _parts(spec: Mapping[str, Any], known: Known) -> tuple[str, str, str]:
    """Judge numbers of metrics files; of several that miss, say how many reach what must be."""
    if missing := _not_run(spec["parts"], known):
        told = style.listed(missing)
        return "", OPEN, f"Nothing is kept of {told}: run it, then benchmarks/costs.py."
    values = [_part(part, known) for part in spec["parts"]]
    measured, state = _judged(spec, values)
    more = [f"{told['says']}: {_part(told, known):.3g}" for told in spec.get("shown_by", ())]
    shown = ["; ".join(more) + "."] if more else []
    if state == MISSED and len(values) > 1:
        pairs = zip(values, spec["must"], strict=True)
        well = [verdict([v], [at], (), most=_most(spec)) for v, at in pairs]
        shown = [f"Reached by {well.count(MUST)} of {len(values)}.", *shown]
    return measured, state, " ".join(shown)


def _not_run(parts: Sequence[Mapping[str, Any]], known: Known) -> list[str]:
    """Return the studies by name among the parts of which nothing is kept."""
    there = known.costs.get("apart", {})
    asked = [part["study"] for part in parts if part.get("apart")]
    return list(dict.fromkeys(name for name in asked if name not in there))


def _part(part: Mapping[str, Any], known: Known) -> float:
    """Return one number, the percentage that it saves, or how many errors it is off."""
    study, root = part["study"], known.root
    metrics = (
        kept.held_apart(study, known.costs.get("apart", {}))
        if part.get("apart")
        else kept.read(study, root)
    )
    at = (metrics, part["variant"])
    own = kept.value(*at, part["model"], part["metric"])
    if "nominal" in part and part.get("points"):
        return abs(own - part["nominal"])
    if "nominal" in part:
        error = part["metric"].replace("_percent", "_se_percent")
        return abs(own - part["nominal"]) / kept.value(*at, part["model"], error)
    if "over" in part:
        return own - kept.value(*at, part["over"], part["metric"])
    if "baseline" not in part:
        return own
    rule = kept.value(*at, part["baseline"], part["metric"])
    return scorecard.PERCENT * (1 - own / rule)


def _cost(spec: Mapping[str, Any], known: Known) -> tuple[str, str, str]:
    """Judge the most that any model takes; open while a saved one is not timed."""
    models = known.costs["studies"]
    worst, study, model = timed.slowest(models, spec["cost"])
    every = [one.get(spec["cost"]) for told in models.values() for one in told.values()]
    count = len(every) - every.count(None)
    more = f"{count} timed; the slowest is {style.label(model)} ({study.replace('_', ' ')})."
    measured, state = _judged(spec, [worst])
    if known.untimed:
        return measured, OPEN, f"{more} Saved but not timed: {', '.join(known.untimed)}."
    return measured, state, more


def _stages(spec: Mapping[str, Any], known: Known) -> tuple[str, str, str]:
    """Judge the largest or the sum of a cost of the stages; open while one is not measured."""
    counted = spec.get("only", known.stages)
    told = {name: known.costs["stages"].get(name, {}).get(spec["stages"]) for name in counted}
    costs = {name: cost for name, cost in told.items() if cost is not None}
    missing = [name for name in told if name not in costs]
    if not costs:
        return "", OPEN, "No stage was measured."
    top = max(costs, key=lambda name: costs[name])
    value = SCALES[spec["stages"]] * (sum(costs.values()) if spec["of"] == "sum" else costs[top])
    more = f"{len(costs)} stages; the largest is {style.label(top)}."
    measured, state = _judged(spec, [value])
    if missing:
        return measured, OPEN, f"{more} Not measured: {style.listed(missing)}."
    return measured, state, more


def _intervals(spec: Mapping[str, Any], known: Known) -> tuple[str, str, str]:
    """Judge the intervals of all studies: within their errors, or the least that one holds."""
    table = known.intervals
    if "least" in spec["intervals"]:
        table = table[table["nominal_percent"] == max(scorecard.INTERVALS)]
        low = table.loc[table["coverage_percent"].astype(float).idxmin()]
        measured, state = _judged(spec, [float(low["coverage_percent"])])
        return measured, state, f"{len(table)} intervals; least in: {low['task']}."
    inside = table["within"].map(lambda held: held is True)
    unsaid = table.loc[table["within"].isna(), "task"].unique()
    measured = f"{int(inside.sum())} of {len(table)}"
    if outside := list(table.loc[~inside & table["within"].notna(), "task"].unique()):
        return measured, MISSED, f"Outside: {', '.join(outside)}."
    if len(unsaid):
        return measured, OPEN, f"No standard error: {', '.join(unsaid)}."
    return measured, MUST, ""


def _open(spec: Mapping[str, Any], known: Known) -> tuple[str, str, str]:
    """Say why nothing was measured."""
    return "", OPEN, f"{spec['open']}."


WAYS = {
    "parts": _parts,
    "cost": _cost,
    "stages": _stages,
    "intervals": _intervals,
    "open": _open,
}
