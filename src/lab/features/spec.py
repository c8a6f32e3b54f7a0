"""What to compute: families, windows and columns, as params.yaml gives them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from lab.errors import UsageError

STANDARD_FAMILIES = (
    "temporal",
    "cyclical",
    "lags",
    "rolling",
    "dynamics",
    "weather",
    "generation",
    "seasonal",
)
WEATHER_ROLES = ("temperature", "humidity", "wind", "irradiance")
GENERATION_ROLES = ("renewable", "fossil", "nuclear")
HOURS_OF_WEEK = 168


@dataclass(frozen=True)
class Spec:
    """Which features to build; the defaults give the standard price set of 73.

    Attributes
    ----------
    target : str
        Column that lags, windows, dynamics and the decomposition are taken of.
    families : sequence of str
        Families to build, in this order.
    lags_h : sequence of float
        Lags [h].
    rolling_h : sequence of float
        Trailing windows [h] of mean, std, min, max and range.
    differences_h : sequence of float
        Differences of the target against its value so long ago [h].
    peak_hours : (int, int)
        Local clock hours at which peak begins and ends [h].
    weather_columns : mapping
        Role (temperature, humidity, wind, irradiance) to column. Only roles named here
        give features, and a column named here must exist.
    heating_base_c, cooling_base_c : float
        Temperatures below and above which degree hours count [degC]. The defaults are the
        thresholds of the UK Met Office's climate indices.
    generation_columns : mapping
        Group (renewable, fossil, nuclear) to a list of columns [MW].
    regions : sequence of str
        Columns of neighbouring prices, in the unit of the target.
    published : sequence of str
        Columns published before delivery, such as day-ahead forecasts.
    battery : mapping
        `soc`: column of the state of charge (0 to 1); `capacity_kwh`: usable capacity.
    min_share : float
        Share of a window that must be observed (above 0, at most 1).
    """

    target: str = "price_eur_per_mwh"
    families: tuple[str, ...] = STANDARD_FAMILIES
    lags_h: tuple[float, ...] = (1, 2, 3, 24, 48, 168)
    rolling_h: tuple[float, ...] = (3, 6, 12, 24, 168)
    differences_h: tuple[float, ...] = (1, 24, 168)
    peak_hours: tuple[int, ...] = (8, 20)
    weather_columns: Mapping[str, str] = field(
        default_factory=lambda: {
            "temperature": "temperature_c",
            "humidity": "humidity",
            "wind": "wind_speed_m_per_s",
            "irradiance": "ghi_w_per_m2",
        }
    )
    heating_base_c: float = 15.5
    cooling_base_c: float = 22.0
    generation_columns: Mapping[str, Any] = field(
        default_factory=lambda: {
            "renewable": ["renewable_mw"],
            "fossil": ["fossil_mw"],
            "nuclear": ["nuclear_mw"],
        }
    )
    regions: tuple[str, ...] = ()
    published: tuple[str, ...] = ()
    battery: Mapping[str, Any] = field(default_factory=dict)
    min_share: float = 0.9

    @classmethod
    def of(cls, given: "Mapping[str, Any] | Spec | None" = None) -> "Spec":
        """Check what params.yaml gives and fill in the defaults.

        Raises
        ------
        UsageError
            If a key is unknown or a value has the wrong type.
        """
        if isinstance(given, Spec):
            return given
        if not isinstance(given or {}, Mapping):
            raise UsageError(f"A feature spec must be a mapping, got {given!r}.")
        allowed = [item.name for item in fields(cls)]
        for key in given or {}:
            if key not in allowed:
                raise UsageError(
                    f"Unknown key {key!r} in the feature spec; choose from {', '.join(allowed)}."
                )
        return cls(**{key: _check(key, value) for key, value in (given or {}).items()})


def _check(key: str, value: Any) -> Any:
    """Return the checked value of one key of the spec."""
    if key in ("lags_h", "rolling_h", "differences_h"):
        return _hours(key, value)
    if key in ("families", "regions", "published"):
        return _strings(key, value)
    if key in ("heating_base_c", "cooling_base_c"):
        return _number(key, value, -100, 100)
    if key == "min_share":
        return _number(key, value, 1e-9, 1)
    return _OTHERS[key](key, value)


def _hours(key: str, value: Any) -> tuple[float, ...]:
    """Accept a list of different positive numbers of hours."""
    items = _items(key, value, "positive numbers of hours")
    if not all(_is_number(item) and 0 < item < float("inf") for item in items):
        raise UsageError(f"{key} must be a list of positive numbers of hours, got {value!r}.")
    return _unique(key, items)


def _strings(key: str, value: Any) -> tuple[str, ...]:
    """Accept a list of different names."""
    items = _items(key, value, "names")
    if not all(isinstance(item, str) and item for item in items):
        raise UsageError(f"{key} must be a list of names, got {value!r}.")
    return _unique(key, items)


def _items(key: str, value: Any, what: str) -> list[Any]:
    """Accept any sequence but a string or a mapping."""
    if isinstance(value, str | Mapping) or not isinstance(value, Iterable):
        raise UsageError(f"{key} must be a list of {what}, got {value!r}.")
    return list(value)


def _unique(key: str, items: list[Any]) -> tuple[Any, ...]:
    """Refuse an entry that comes twice."""
    if len(set(items)) < len(items):
        raise UsageError(f"{key} must not name the same entry twice, got {items!r}.")
    return tuple(items)


def _number(key: str, value: Any, low: float, high: float) -> float:
    """Accept a number from `low` to `high`."""
    if not (_is_number(value) and low <= value <= high):
        raise UsageError(f"{key} must be a number from {low:g} to {high:g}, got {value!r}.")
    return float(value)


def _is_number(value: Any) -> bool:
    """Tell whether a value is a number; True and False are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _target(key: str, value: Any) -> str:
    """Accept the name of a column."""
    if not isinstance(value, str) or not value:
        raise UsageError(f"{key} must be the name of a column, got {value!r}.")
    return value


def _peak(key: str, value: Any) -> tuple[int, ...]:
    """Accept two clock hours in order."""
    items = _items(key, value, "two clock hours")
    whole = all(isinstance(item, int) and not isinstance(item, bool) for item in items)
    if not (whole and len(items) == 2 and 0 <= items[0] < items[1] <= 24):
        raise UsageError(f"{key} must be two clock hours in order such as [8, 20], got {value!r}.")
    return tuple(items)


def _roles(key: str, value: Any) -> Mapping[str, Any]:
    """Accept a mapping from known roles to columns."""
    roles = WEATHER_ROLES if key == "weather_columns" else GENERATION_ROLES
    if not isinstance(value, Mapping) or not value or not set(value) <= set(roles):
        raise UsageError(f"{key} must map some of {', '.join(roles)} to columns, got {value!r}.")
    if key == "weather_columns":
        return {role: _target(f"{key}.{role}", value[role]) for role in roles if role in value}
    return {role: _strings(f"{key}.{role}", value[role]) for role in roles if role in value}


def _battery(key: str, value: Any) -> Mapping[str, Any]:
    """Accept a state-of-charge column and a positive capacity."""
    if not isinstance(value, Mapping) or (value and set(value) != {"soc", "capacity_kwh"}):
        raise UsageError(f"{key} must map soc and capacity_kwh, got {value!r}.")
    if value:
        _target(f"{key}.soc", value["soc"])
        _number(f"{key}.capacity_kwh", value["capacity_kwh"], 1e-9, 1e12)
    return dict(value)


_OTHERS = {
    "target": _target,
    "peak_hours": _peak,
    "weather_columns": _roles,
    "generation_columns": _roles,
    "battery": _battery,
}
