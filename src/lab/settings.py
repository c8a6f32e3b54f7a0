"""What settings may be: names of a class's own, time zones, cadences of refits, days in order."""

import inspect
from collections.abc import Callable, Collection, Mapping
from datetime import date
from itertools import pairwise
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from lab.errors import UsageError

Built = TypeVar("Built")
CADENCES = ("once", "yearly", "quarterly", "monthly", "weekly", "daily")
# Days of a study in their order of time, as its parameters name them.
DAYS = (
    *("learn_from", "choose_from", "validate_from", "test_from"),
    *("test_to", "last_day"),
)


def build(kind: Callable[..., Built], settings: Mapping[str, Any], name: str) -> Built:
    """Return `kind(**settings)`.

    Parameters
    ----------
    kind : class or function
    settings : mapping
        Its keyword arguments.
    name : str
        Of the parameter that holds them, for the message.

    Raises
    ------
    UsageError
        If a setting is unknown, or one without a default is missing.
    """
    known = inspect.signature(kind).parameters
    for key in settings:
        if key not in known:
            raise UsageError(f"Unknown setting {key!r} in {name}; it may hold: {', '.join(known)}.")
    for key, one in known.items():
        if one.default is inspect.Parameter.empty and key not in settings:
            raise UsageError(f"The setting {key!r} is missing in {name}, got {dict(settings)}.")
    return kind(**settings)


def check_zone(zone: str, name: str = "") -> str:
    """Return `zone` if it is the name of an IANA time zone.

    Raises
    ------
    UsageError
        If there is no such zone.
    """
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, TypeError, OSError) as error:
        whose = f" of {name}" if name else ""
        raise UsageError(
            f"Unknown time zone {zone!r}{whose}; use an IANA name such as 'Europe/Brussels'."
        ) from error
    return zone


def is_zone(value: Any) -> bool:
    """Tell whether a value is the name of a zone in a region, such as `Europe/Brussels`."""
    try:
        return "/" in value and bool(check_zone(value))
    except (TypeError, UsageError):
        return False


def check_day(day: str, name: str) -> date:
    """Return the day that an ISO string such as `2014-01-31` names.

    Raises
    ------
    UsageError
        If it names none.
    """
    try:
        found = date.fromisoformat(day)
    except (TypeError, ValueError):
        found = None
    if found is None or found.isoformat() != day:
        raise UsageError(f"{name} must be a day such as '2014-01-31', got {day!r}.")
    return found


def is_day(value: Any) -> bool:
    """Tell whether a value is an ISO string of a day."""
    try:
        return bool(check_day(value, ""))
    except UsageError:
        return False


def check_cadence(cadence: str, name: str = "") -> str:
    """Return `cadence` if models can be refitted at it.

    Raises
    ------
    UsageError
        If there is no such cadence.
    """
    if cadence not in CADENCES:
        whose = f" of {name}" if name else ""
        raise UsageError(
            f"Unknown refit cadence {cadence!r}{whose}; choose one of {', '.join(CADENCES)}."
        )
    return cadence


def check_value(value: Any, like: Any, name: str) -> None:
    """Refuse a value that is no zone, day or cadence where the declared one is.

    Parameters
    ----------
    value : object
        Mappings and lists are looked into. A key that the declared mapping lacks is taken
        for the name of one thing more, where all that it has are of one meaning.
    like : object
        The declared value.
    name : str
        For the message, dots between the keys.

    Raises
    ------
    UsageError
    """
    if isinstance(value, Mapping) and isinstance(like, Mapping):
        for key, inner in value.items():
            check_value(inner, like.get(key, _pattern(like.values())), f"{name}.{key}")
    elif isinstance(value, list) and isinstance(like, list):
        for inner in value:
            check_value(inner, _pattern(like), f"an element of {name}")
    elif value is not None:
        CHECKS.get(_meaning(like), _any)(value, name)


def _meaning(value: Any) -> str:
    """Return what kind of word a declared value is."""
    if isinstance(value, Mapping):
        return "mapping"
    if isinstance(value, str) and value in CADENCES:
        return "cadence"
    return "zone" if is_zone(value) else "day" if is_day(value) else ""


def _pattern(values: Collection[Any]) -> Any:
    """Return the first of values that have one meaning, else None."""
    meanings = {_meaning(value) for value in values}
    return next(iter(values)) if len(meanings) == 1 else None


def _any(value: Any, name: str) -> None:
    """Accept every value."""


CHECKS: dict[str, Callable[[Any, str], object]] = {
    "cadence": check_cadence,
    "zone": check_zone,
    "day": check_day,
}


def check_order(values: Mapping[str, Any], name: str = "") -> None:
    """Refuse days of `DAYS` that do not follow each other, in a mapping and all that it holds.

    A prefix, as in `homes_test_from`, makes a row of days of its own. Choices and test must
    be at least a day apart; the test may end on its first day.

    Raises
    ------
    UsageError
        Naming both days.
    """
    for key, inner in values.items():
        if isinstance(inner, Mapping):
            check_order(inner, f"{name}{key}.")
    prefixes = {key[: -len(day)] for key in values for day in DAYS if str(key).endswith(day)}
    for prefix in sorted(prefixes):
        row = [f"{prefix}{day}" for day in DAYS if is_day(values.get(f"{prefix}{day}"))]
        for earlier, later in pairwise(row):
            first, second = values[earlier], values[later]
            if second < first or (first == second and later.endswith("_from")):
                raise UsageError(
                    f"{name}{earlier} must lie before {name}{later}, got {first} and {second}."
                )
