"""Check a study's parameters before any kernel starts."""

from collections.abc import Container, Iterable, Mapping
from typing import Any

import yaml

from lab import notebooks, settings
from lab.errors import UsageError
from lab.runner.study import Study, parse_yaml, read_yaml

COMPUTE = {"threads": 1, "seed": 0, "workers": 1}
OPTIONAL = {"workers": 1}


def resolve(study: Study, overrides: Iterable[str] = ()) -> dict[str, Any]:
    """Return the parameters a run of `study` uses.

    Parameters
    ----------
    study : Study
        The study to run.
    overrides : iterable of str
        `key=value` pairs as typed after `-p`; the value is read as YAML, and a dotted
        key reaches into a mapping.

    Returns
    -------
    dict
        Value of every name in the notebook's parameters cell.

    Raises
    ------
    UsageError
        If the section is missing, a key is unknown or missing, or a value is of another
        type than the notebook's default, or no day, time zone or cadence where that is one,
        or days are out of order, or the stage's matrix has a key that is no parameter.
    """
    defaults = notebooks.parameters(notebooks.read(study.notebook), study.notebook.name)
    values = _section(study, defaults)
    names = _naming(study, defaults)
    for pair in overrides:
        key, value = _pair(pair, names)
        values = _with(values, key.split("."), value, study.name, key)
    for key, value in values.items():
        _check_type(study.name, key, defaults[key], value)
        settings.check_value(value, defaults[key], key)
    settings.check_order(values)
    return {key: values[key] for key in defaults}


def is_experiment(study: Study, overrides: Iterable[str]) -> bool:
    """Tell whether a run is not the stage's own: it has no stage, or other values.

    The keys of a stage's matrix choose which of its variants runs, so they alone make
    no experiment.
    """
    keys = {pair.partition("=")[0].strip() for pair in overrides}
    return not study.stage or not keys <= set(study.matrix)


def compute(study: Study) -> dict[str, Any]:
    """Return the section `compute` of params.yaml, checked.

    Raises
    ------
    UsageError
        If threads or seed is missing or not a whole number, threads or workers is not
        positive, or the scheduler is neither null nor an address.
    """
    section = read_yaml(study.root / "params.yaml").get("compute")
    if not isinstance(section, dict):
        raise UsageError("params.yaml lacks the section 'compute' with threads and seed.")
    for key, least in COMPUTE.items():
        value = section.get(key, OPTIONAL.get(key))
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            raise UsageError(
                f"compute.{key} in params.yaml must be a whole number from {least}, got {value!r}."
            )
    scheduler = section.get("scheduler")
    if scheduler is not None and not (isinstance(scheduler, str) and "://" in scheduler):
        raise UsageError(
            "compute.scheduler in params.yaml must be null or an address such as "
            f"tcp://127.0.0.1:8786, got {scheduler!r}."
        )
    return section


def _section(study: Study, defaults: Mapping[str, Any]) -> dict[str, Any]:
    """Return the study's section of params.yaml, which names exactly the defaults' keys."""
    params = read_yaml(study.root / "params.yaml")
    if study.name not in params:
        raise UsageError(f"params.yaml lacks the section {study.name!r}, which the study reads.")
    section = params[study.name] or {}
    if not isinstance(section, dict):
        kind = type(section).__name__
        raise UsageError(
            f"The section {study.name!r} of params.yaml must be a mapping, got {kind}."
        )
    for key in section:
        if key not in defaults:
            raise _unknown(study.name, str(key), defaults)
    for key in defaults:
        if key not in section:
            raise UsageError(
                f"The section {study.name!r} of params.yaml lacks {key!r}, "
                "which the notebook's parameters cell names."
            )
    return section


def _naming(study: Study, defaults: Mapping[str, Any]) -> set[str]:
    """Return the matrix keys whose values are text; all must be parameters."""
    for key in study.matrix:
        if key not in defaults:
            raise UsageError(
                f"The matrix of stage {study.name!r} has the key {key!r}, which the notebook's "
                f"parameters cell does not name; it names {', '.join(defaults) or 'none'}."
            )
    return {key for key in study.matrix if isinstance(defaults[key], str)}


def _pair(pair: str, names: Container[str] = ()) -> tuple[str, Any]:
    """Split `key=value` and read the value as YAML; those of `names` stay text, such as NO."""
    key, separator, text = pair.partition("=")
    if not separator or not key.strip():
        raise UsageError(f"A parameter is given as key=value, got {pair!r}.")
    try:
        value = parse_yaml(text)
    except yaml.YAMLError:
        raise UsageError(f"The value of {key.strip()!r} is not valid YAML, got {text!r}.") from None
    is_name = key.strip() in names and not isinstance(value, str)
    return key.strip(), text.strip() if is_name else value


def _with(
    values: Mapping[str, Any], path: list[str], value: Any, study: str, key: str
) -> dict[str, Any]:
    """Return a copy of `values` in which the entry at `path` is `value`."""
    first, *rest = path
    if not isinstance(values, Mapping) or first not in values:
        raise _unknown(study, key, values if isinstance(values, Mapping) else {})
    inner = _with(values[first], rest, value, study, key) if rest else value
    return {**values, first: inner}


def _unknown(study: str, key: str, allowed: Mapping[str, Any]) -> UsageError:
    choices = ", ".join(map(str, allowed)) or "none"
    return UsageError(f"Unknown parameter {key!r} for {study}; its parameters are: {choices}.")


def _check_type(study: str, key: str, default: Any, value: Any) -> None:
    """Refuse a value whose type differs from the default's; a whole number may be a float.

    What a mapping or a list of equal things holds is checked likewise.
    """
    if default is None or (isinstance(default, float) and _is_number(value)):
        return
    if type(value) is not type(default):
        raise UsageError(
            f"Parameter {key!r} of {study} must be of type {type(default).__name__} "
            f"(like {default!r}), got {value!r}."
        )
    if isinstance(default, dict):
        for inner in default.keys() & value.keys():
            _check_type(study, f"{key}.{inner}", default[inner], value[inner])
    if isinstance(default, list) and len({type(item) for item in default}) == 1:
        like = 0.5 if _is_number(default[0]) else default[0]
        for item in value:
            _check_type(study, f"an element of {key}", like, item)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
