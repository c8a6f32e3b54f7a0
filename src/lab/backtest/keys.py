"""What a finished unit of work depends on, as one hash.

Two units with the same key have the same result: the table's bytes, the model's
parameters, the period, the code of this package and of the libraries that compute.
"""

import dataclasses
import hashlib
import json
import os
import platform
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

import lab
from lab.compute import X86_64
from lab.errors import UsageError
from lab.forecast.view import DayTable

LIBRARIES = (
    "numpy",
    "pandas",
    "scikit-learn",
    "statsmodels",
    "prophet",
    "xgboost",
    "xgboost-cpu",
    "lightgbm",
    "tensorflow",
    "tensorflow-cpu",
    "pvlib",
    "numba",
    "scipy",
    "keras",
)
# Floors that compute a forecast; how studies are run and shown does not change one.
CODE = (
    "calendar.py",
    "compute.py",
    "metrics.py",
    "backtest",
    "features",
    "forecast",
    "scale",
    "simulate",
    "solar",
)


def digest(content: Any) -> str:
    """Return the hash of what JSON can say."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def table_digest(table: DayTable) -> str:
    """Return the hash of a table's rows, times and knowledge times."""
    found = hashlib.sha256()
    declared = [table.series_id, table.target, table.history_days, list(table.knowledge.items())]
    found.update(json.dumps(declared).encode())
    for values in (table.index.as_unit("ns").asi8, table.start, table.slot, table.dates):
        found.update(np.ascontiguousarray(values).tobytes())
    for values in table.flat.values():
        found.update(values.tobytes())
    return found.hexdigest()


def described(value: Any) -> Any:
    """Return a model or one of its parameters as JSON; what it has learned is left out.

    Raises
    ------
    UsageError
        If a parameter has no lasting name, such as a function without one.
    """
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, np.ndarray):
        return [str(value.dtype), value.shape, hashlib.sha256(value.tobytes()).hexdigest()]
    if isinstance(value, Mapping):
        return {
            "mapping": sorted(([described(k), described(v)] for k, v in value.items()), key=str)
        }
    if isinstance(value, list | tuple | set | frozenset):
        held = [described(one) for one in value]
        return held if isinstance(value, list | tuple) else sorted(held, key=str)
    return value.isoformat() if hasattr(value, "isoformat") else _thing(value)


def _thing(value: Any) -> Any:
    """Return an object as its class and parameters, or a function or class as its name."""
    named = value if hasattr(value, "__qualname__") else type(value)
    name = f"{named.__module__}.{named.__qualname__}"
    if "<" in name or (named is not value and not hasattr(value, "__dict__")):
        raise UsageError(f"A model's parameters must be named values to be kept, got {value!r}.")
    if named is value:
        return {"name": name}
    if dataclasses.is_dataclass(value):
        held = {one.name: getattr(value, one.name) for one in dataclasses.fields(value)}
    else:
        held = {k: v for k, v in vars(value).items() if not k.endswith("_")}
    return {"name": name, **{k: described(v) for k, v in held.items()}}


@cache
def code() -> dict[str, str]:
    """Return the versions of everything that computes: machine, libraries, this package."""
    found = {"python": platform.python_version(), "machine": platform.machine()}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found | {"lab": _sources(Path(lab.__file__).parent)}


def surroundings() -> dict[str, str]:
    """Return `code` and the instruction sets that this process was told to use."""
    return code() | {name: os.environ.get(name, "") for name in X86_64}


def _sources(package: Path) -> str:
    """Return the hash of the modules in `CODE`."""
    found = hashlib.sha256()
    for part in CODE:
        place = package / part
        for file in [place] if place.is_file() else sorted(place.rglob("*.py")):
            found.update(file.relative_to(package).as_posix().encode() + file.read_bytes())
    return found.hexdigest()
