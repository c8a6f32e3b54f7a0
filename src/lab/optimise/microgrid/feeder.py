"""Homes on one street: each alone behind its own meter, or together behind one transformer."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lab.calendar import in_zone, midnights
from lab.errors import DataError, UsageError
from lab.optimise.microgrid.network import Microgrid
from lab.optimise.microgrid.parts import (
    HOURLY_SHARE,
    FlexibleDemand,
    Generator,
    GridConnection,
    Line,
    Node,
    Store,
)

LOAD = re.compile(r"home_(\d+)_load_kwh")
# Findings of study data_quality that make a home's numbers mean nothing all year ...
FAULTS = ("dead", "weak", "sun_like_load", "zero_load")
# ... and those that do so while they last.
PASSING_FAULTS = ("silent_days",)
TRANSFORMER = "transformer"


@dataclass(frozen=True)
class Street:
    """What the table of the homes does not say: assumptions, all of them parameters of the study.

    Attributes
    ----------
    pv_kw : mapping of str to float
        Installed PV of each home [kW].
    laterals : int
        Lines that leave the transformer; homes stand on them in turn.
    line_kw, line_loss_share : float
        Capacity [kW] and share lost [1] of each stretch from one home to the next.
    transformer_kw, service_kw : float
        Most power, both ways, of the transformer and of a home's own connection [kW].
    battery_kwh, hourly_share, round_trip_efficiency : float
        Battery of every home: capacity [kWh], power as a share of it [1/h], and efficiency [1],
        half of whose loss falls on each way.
    flexible_share, flexible_cost_usd_per_kwh : float
        Share of every load that may move within its local day [1], and what a kWh moved costs.
    export_price_usd_per_kwh : float
        What the grid pays [USD/kWh].
    value_of_lost_load_usd_per_kwh : float, optional
    zone : str
        IANA zone of the local days.
    """

    pv_kw: Mapping[str, float]
    laterals: int = 3
    line_kw: float = 24.0
    line_loss_share: float = 0.005
    transformer_kw: float = 75.0
    service_kw: float = 24.0
    battery_kwh: float = 6.4
    hourly_share: float = HOURLY_SHARE
    round_trip_efficiency: float = 0.9
    flexible_share: float = 0.1
    flexible_cost_usd_per_kwh: float = 0.02
    export_price_usd_per_kwh: float = 0.05
    value_of_lost_load_usd_per_kwh: float | None = None
    zone: str = "America/Los_Angeles"

    def __post_init__(self) -> None:
        if self.laterals < 1:
            raise UsageError(f"A street needs at least one lateral, got {self.laterals}.")
        for name in ("flexible_share", "round_trip_efficiency"):
            value = getattr(self, name)
            if not 0 <= value <= 1:
                raise UsageError(f"{name} of a street must lie from 0 to 1, got {value:g}.")


@dataclass(frozen=True, eq=False)
class Homes:
    """What was measured.

    Attributes
    ----------
    load_kwh : pandas.DataFrame
        Hours x homes [kWh].
    pv_w_per_kw : pandas.DataFrame
        Power of the roof per kW installed, hours x homes [W].
    price_usd_per_kwh, carbon_kg_per_kwh : pandas.Series
        Of what is imported.
    """

    load_kwh: pd.DataFrame
    pv_w_per_kw: pd.DataFrame
    price_usd_per_kwh: pd.Series
    carbon_kg_per_kwh: pd.Series

    @property
    def names(self) -> list[str]:
        """Names of the homes, in order."""
        return list(self.load_kwh.columns)

    def during(self, index: pd.DatetimeIndex) -> "Homes":
        """Return the same homes in some hours."""
        return Homes(
            self.load_kwh.loc[index],
            self.pv_w_per_kw.loc[index],
            self.price_usd_per_kwh.loc[index],
            self.carbon_kg_per_kwh.loc[index],
        )


def read(table: pd.DataFrame, pv_w_per_kw: pd.DataFrame | None = None) -> Homes:
    """Return the homes of table california_homes.

    Parameters
    ----------
    table : pandas.DataFrame
    pv_w_per_kw : pandas.DataFrame, optional
        Power of the roofs with their clock put right, columns `home_1` and so on.

    Raises
    ------
    DataError
        If there are no homes in the table.
    """
    names = [f"home_{found[1]}" for column in table if (found := LOAD.fullmatch(str(column)))]
    if not names:
        raise DataError("The table holds no homes: there is no column like home_1_load_kwh.")
    roofs = (
        table[[f"{name}_pv_w_per_kw" for name in names]].set_axis(names, axis=1)
        if pv_w_per_kw is None
        else pv_w_per_kw[names]
    )
    loads = table[[f"{name}_load_kwh" for name in names]].set_axis(names, axis=1)
    return Homes(loads, roofs, table["price_usd_per_kwh"], table["carbon_kg_per_kwh"])


def faulty(
    findings: pd.DataFrame, names: Sequence[str], during: Sequence[pd.DatetimeIndex] = ()
) -> dict[str, list[str]]:
    """Return the homes whose meters are not to be trusted, each with the checks that say so.

    Parameters
    ----------
    findings : pandas.DataFrame
        Of study data_quality: column, check, start, end.
    names : sequence of str
        Homes that are asked about.
    during : sequence of DatetimeIndex
        Periods of interest; faults that pass count only if they touch one.
    """

    def touches(row: pd.Series) -> bool:
        return any(len(p) and row["start"] <= p[-1] and p[0] <= row["end"] for p in during)

    found: dict[str, list[str]] = {}
    for name in names:
        own = findings[findings["column"].str.startswith(f"{name}_")]
        lasting = own["check"].isin(FAULTS)
        passing = own["check"].isin(PASSING_FAULTS) & [touches(row) for _, row in own.iterrows()]
        if (lasting | passing).any():
            found[name] = sorted(own.loc[lasting | passing, "check"].unique())
    return found


def first_full_weeks(
    index: pd.DatetimeIndex, starts: Mapping[str, str], zone: str, days: int = 7
) -> dict[str, pd.DatetimeIndex]:
    """Return for each start the hours of the first whole week, Monday to Sunday, from it on.

    Parameters
    ----------
    index : pandas.DatetimeIndex
        UTC.
    starts : mapping of str to str
        Name of a season, and its first local date.
    zone : str
    days : int
        Days of the week that are taken, from Monday on.

    Returns
    -------
    dict of str to DatetimeIndex
        A week with a clock change has 167 or 169 hours.

    Raises
    ------
    DataError
        If the index does not hold such a week.
    """
    weeks = {}
    for season, start in starts.items():
        first = pd.Timestamp(start)
        monday = first + pd.Timedelta(days=(7 - first.weekday()) % 7)
        last = monday + pd.Timedelta(days=days)
        begin, end = midnights(str(monday.date()), str(last.date()), zone)[[0, -1]]
        own = index[(index >= begin) & (index < end)]
        if not len(own) or own[0] != begin or len(own) != (end - begin) // pd.Timedelta(hours=1):
            raise DataError(
                f"The week of {season} from {monday.date()} on must be whole, but the table has "
                f"{len(own)} of its {(end - begin) // pd.Timedelta(hours=1)} hours."
            )
        weeks[season] = own
    return weeks


def alone(
    homes: Homes,
    street: Street,
    without: Sequence[str] = (),
    islanded: Sequence[bool] | np.ndarray | None = None,
) -> Microgrid:
    """Return the homes without lines between them, each with its own connection to the grid."""
    return Microgrid(
        index=pd.DatetimeIndex(homes.load_kwh.index),
        nodes=_nodes(homes, street, without),
        connections=[_connection(homes, street, f"grid {n}", n) for n in homes.names],
        islanded=islanded,
        zone=street.zone,
        **_devices(homes, street, without),
    )


def together(
    homes: Homes,
    street: Street,
    without: Sequence[str] = (),
    islanded: Sequence[bool] | np.ndarray | None = None,
) -> Microgrid:
    """Return the homes on the laterals of one transformer, through which they reach the grid.

    Parameters
    ----------
    homes : Homes
    street : Street
    without : sequence of str
        Homes that keep their place on the street but have no load, roof or battery.
    islanded : array of bool, optional
        Hours in which the transformer carries nothing.
    """
    index = pd.DatetimeIndex(homes.load_kwh.index)
    head = Node(TRANSFORMER, np.zeros(len(index)))
    return Microgrid(
        index=index,
        nodes=[head, *_nodes(homes, street, without)],
        lines=_laterals(homes.names, street),
        connections=[_connection(homes, street, "grid", TRANSFORMER)],
        islanded=islanded,
        zone=street.zone,
        **_devices(homes, street, without),
    )


def island(index: pd.DatetimeIndex, day: int, hour: int, hours: int, zone: str) -> np.ndarray:
    """Return the mask of hours in which the grid is away.

    Parameters
    ----------
    index : pandas.DatetimeIndex
        UTC.
    day, hour : int
        Local day of the index, 0 the first, and hour of the local clock at which it begins.
    hours : int
        How long it lasts.
    zone : str

    Raises
    ------
    UsageError
        If it does not lie within the index.
    """
    local = in_zone(index, zone)
    days = pd.Index(local.date).unique()
    begin = (
        np.flatnonzero((local.date == days[day]) & (local.hour == hour))
        if 0 <= day < len(days)
        else np.array([], dtype=int)
    )
    if not len(begin) or begin[0] + hours > len(index):
        raise UsageError(
            f"The island of {hours} hours from hour {hour} of day {day} on does not lie within "
            f"the {len(index)} hours of the plan."
        )
    mask = np.zeros(len(index), dtype=bool)
    mask[begin[0] : begin[0] + hours] = True
    return mask


def _nodes(homes: Homes, street: Street, without: Sequence[str]) -> list[Node]:
    stays = 1 - street.flexible_share
    loads = {
        n: homes.load_kwh[n].to_numpy() * (stays if n not in without else 0) for n in homes.names
    }
    return [Node(name, load, street.value_of_lost_load_usd_per_kwh) for name, load in loads.items()]


def _devices(homes: Homes, street: Street, without: Sequence[str]) -> dict:
    """Return roofs, batteries and flexible demand of the homes."""
    way = float(np.sqrt(street.round_trip_efficiency))
    there = [name for name in homes.names if name not in without]
    missing = [name for name in there if name not in street.pv_kw]
    if missing:
        raise UsageError(
            f"pv_kw of a street must name {missing[0]!r}, got {', '.join(street.pv_kw)}."
        )
    roofs = {n: street.pv_kw[n] * homes.pv_w_per_kw[n].to_numpy() / 1000 for n in there}
    moves = {n: street.flexible_share * homes.load_kwh[n].to_numpy() for n in there}
    return {
        "generators": [Generator(f"roof {n}", n, kw, renewable=True) for n, kw in roofs.items()],
        "stores": [_battery(n, street, way) for n in there],
        "demands": [_flexible(n, kw, street) for n, kw in moves.items() if kw.any()],
    }


def _battery(home: str, street: Street, one_way: float) -> Store:
    """Return a battery that is empty at the start, so that nobody ends with less."""
    return Store(
        f"battery {home}",
        home,
        street.battery_kwh,
        street.hourly_share,
        one_way,
        one_way,
        initial_soc=0.0,
    )


def _flexible(home: str, baseline_kw: np.ndarray, street: Street) -> FlexibleDemand:
    """Return flexible demand that may be left out wholly and doubled at its highest."""
    most, cost = float(baseline_kw.max()), street.flexible_cost_usd_per_kwh
    return FlexibleDemand(f"flexible {home}", home, baseline_kw, 1.0, most, cost)


def _connection(homes: Homes, street: Street, name: str, node: str) -> GridConnection:
    limit = street.transformer_kw if node == TRANSFORMER else street.service_kw
    price = homes.price_usd_per_kwh.to_numpy()
    paid = np.full(len(price), street.export_price_usd_per_kwh)
    return GridConnection(name, node, limit, limit, price, paid, homes.carbon_kg_per_kwh.to_numpy())


def _laterals(names: Sequence[str], street: Street) -> list[Line]:
    """Return the stretches of line, homes standing on the laterals in turn."""
    lines = []
    for lateral in range(street.laterals):
        own = list(names[lateral :: street.laterals])
        for before, name in zip([TRANSFORMER, *own], own, strict=False):
            lines.append(
                Line(f"{before} to {name}", before, name, street.line_kw, street.line_loss_share)
            )
    return lines


def case(hours: int = 168, first: int = 864) -> Microgrid:
    """Return the case that is timed: 17 homes of the embedded data on a street, a week or so.

    Parameters
    ----------
    hours : int
    first : int
        First hour of the table.

    Examples
    --------
    >>> grid = case(24)
    >>> len(grid.nodes), len(grid.lines), grid.hours
    (18, 17, 24)
    """
    from lab import data

    homes = read(data.load("california_homes").iloc[first : first + hours])
    return together(homes, Street({name: 4.5 for name in homes.names}))
