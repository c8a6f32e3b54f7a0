"""What a column measures, told by its unit and its name: never by whose meter it is."""

import re

import pandas as pd

SOLAR_WORDS = {"pv", "solar"}
SIGNED_WORDS = {"net", "battery", "exchange", "flow"}
POWER_UNITS = ("_w", "_kw", "_mw", "_kwh", "_mwh", "_w_per_kw", "_normalised")
# `home_12_load_kwh` and `meter_81fb_w` belong to families; the number or hex id tells them apart.
MEMBER = re.compile(r"^(?P<head>[a-z]+(?:_[a-z]+)*_)(?P<id>\d+|[0-9a-f]{4})(?P<tail>_.+)$")


def role(column: str, table: str = "") -> str:
    """Return what `column` measures.

    Parameters
    ----------
    column : str
        Column name that ends in its unit.
    table : str
        Name of the table: in a table of PV data a bare `power_w` is PV power.

    Returns
    -------
    str
        One of `irradiance`, `solar` (PV power or energy), `load` (power or energy that is
        never negative), `signed` (power that may be negative) or `other`.

    Examples
    --------
    >>> role("home_3_pv_w_per_kw"), role("power_w", "pv_nrel"), role("meter_81fb_w")
    ('solar', 'solar', 'load')
    """
    words = set(column.split("_"))
    if column.endswith("_w_per_m2"):
        return "irradiance"
    if not column.endswith(POWER_UNITS) or "per_mwh" in column or "per_kwh" in column:
        return "other"
    if words & SOLAR_WORDS or ("power" in words and set(table.split("_")) & SOLAR_WORDS):
        return "solar"
    return "signed" if words & SIGNED_WORDS else "load"


def measured(table: pd.DataFrame) -> list[str]:
    """Return the columns that hold numbers, in order: flags, texts and stamps are left out."""
    numbers = table.select_dtypes("number").columns
    return [name for name in numbers if not name.endswith("_imputed")]


def families(columns: list[str]) -> dict[str, list[str]]:
    """Group columns that differ only in the number or id of a meter.

    Returns
    -------
    dict
        `{"home_*_pv_w_per_kw": ["home_1_pv_w_per_kw", ...]}`, families of one left out.

    Examples
    --------
    >>> families(["home_1_load_kwh", "home_2_load_kwh", "temperature_c"])
    {'home_*_load_kwh': ['home_1_load_kwh', 'home_2_load_kwh']}
    """
    found: dict[str, list[str]] = {}
    for name in columns:
        match = MEMBER.match(name)
        if match:
            found.setdefault(f"{match['head']}*{match['tail']}", []).append(name)
    return {pattern: names for pattern, names in found.items() if len(names) > 1}


def sunlight(table: pd.DataFrame) -> pd.Series | None:
    """Return the irradiance [W/m2] that tells day from night: zero means that the sun is down.

    Clear-sky irradiance comes first, as no cloud and no meter disturbs it; then the sum of the
    measured irradiances.

    Returns
    -------
    pandas.Series or None
        Indexed like `table`; None where no column knows about the sun.
    """
    light = [column for column in measured(table) if role(column) == "irradiance"]
    clear = [column for column in light if "ghi_clear" in column]
    if clear:
        return table[clear[0]]
    return table[light].sum(axis=1) if light else None


def middle_panel(table: pd.DataFrame, name: str = "") -> pd.Series | None:
    """Return the middle one of at least three PV columns, None where there are fewer.

    It tells day from night by the same meters, and so by the same clock, as the loads.
    """
    panels = [column for column in measured(table) if role(column, name) == "solar"]
    return table[panels].median(axis=1) if len(panels) >= 3 else None
