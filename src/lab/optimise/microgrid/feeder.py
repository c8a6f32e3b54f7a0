"""Homes on one street: each alone behind its own meter, or together behind one transformer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from lab.checks import setting, whole
from lab.data.homes import Homes, homes_of
from lab.errors import UsageError
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

TRANSFORMER = "transformer"
# Between the roofs of 4 and of 5 kW in the schema of the CityLearn challenge 2022.
USUAL_PV_KW = 4.5


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
        whole(self.laterals, "laterals of a street", 1)
        for name in ("flexible_share", "round_trip_efficiency"):
            setting(getattr(self, name), f"{name} of a street", 0, 1)
        for name in ("line_loss_share", "line_kw", "transformer_kw", "service_kw", "battery_kwh"):
            setting(getattr(self, name), f"{name} of a street", 0)


def alone(
    table: pd.DataFrame,
    street: Street,
    without: Sequence[str] = (),
    islanded: Sequence[bool] | np.ndarray | None = None,
) -> Microgrid:
    """Return the homes without lines between them, each with its own connection to the grid."""
    homes = homes_of(table, installed_kw=1.0)
    return Microgrid(
        index=pd.DatetimeIndex(table.index),
        nodes=_nodes(homes, street, without),
        connections=[_connection(table, street, f"grid {n}", n) for n in homes.load_kwh],
        islanded=islanded,
        zone=street.zone,
        **_devices(homes, street, without),
    )


def together(
    table: pd.DataFrame,
    street: Street,
    without: Sequence[str] = (),
    islanded: Sequence[bool] | np.ndarray | None = None,
) -> Microgrid:
    """Return the homes on the laterals of one transformer, through which they reach the grid.

    Parameters
    ----------
    table : pandas.DataFrame
        As california_homes, in the hours of the plan. A home is left out of an hour in which a
        value of it is missing, as `lab.data.homes.homes_of` has it.
    street : Street
    without : sequence of str
        Homes that keep their place on the street but have no load, roof or battery.
    islanded : array of bool, optional
        Hours in which the transformer carries nothing.
    """
    homes = homes_of(table, installed_kw=1.0)
    head = Node(TRANSFORMER, np.zeros(len(table)))
    return Microgrid(
        index=pd.DatetimeIndex(table.index),
        nodes=[head, *_nodes(homes, street, without)],
        lines=_laterals(list(homes.load_kwh), street),
        connections=[_connection(table, street, "grid", TRANSFORMER)],
        islanded=islanded,
        zone=street.zone,
        **_devices(homes, street, without),
    )


def _nodes(homes: Homes, street: Street, without: Sequence[str]) -> list[Node]:
    """Return the homes with the part of their load that does not move."""
    value, stays = street.value_of_lost_load_usd_per_kwh, 1 - street.flexible_share
    return [
        Node(name, load.to_numpy() * (0.0 if name in without else stays), value)
        for name, load in homes.load_kwh.items()
    ]


def _devices(homes: Homes, street: Street, without: Sequence[str]) -> dict[str, Any]:
    """Return roofs, batteries and flexible demand of the homes."""
    way = float(np.sqrt(street.round_trip_efficiency))
    there = [name for name in homes.load_kwh if name not in without]
    missing = [name for name in there if name not in street.pv_kw]
    if missing:
        raise UsageError(
            f"pv_kw of a street must name {missing[0]!r}, got {', '.join(street.pv_kw)}."
        )
    roofs = {n: street.pv_kw[n] * homes.pv_kwh[n].to_numpy() for n in there}
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


def _connection(table: pd.DataFrame, street: Street, name: str, node: str) -> GridConnection:
    """Return a connection at the tariff of the table."""
    limit = street.transformer_kw if node == TRANSFORMER else street.service_kw
    price = table["price_usd_per_kwh"].to_numpy()
    paid = np.full(len(price), street.export_price_usd_per_kwh)
    return GridConnection(name, node, limit, limit, price, paid, table["carbon_kg_per_kwh"])


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


def case(hours: int = 168, first: int = 864, pv_kw: float = USUAL_PV_KW) -> Microgrid:
    """Return the case that is timed: 17 homes of the embedded data on a street, a week or so.

    Parameters
    ----------
    hours : int
    first : int
        First hour, by its place in the table.
    pv_kw : float
        PV of every home [kW]; `USUAL_PV_KW` by default.

    Examples
    --------
    >>> grid = case(24)
    >>> len(grid.nodes), len(grid.lines), grid.hours
    (18, 17, 24)
    """
    from lab import data

    table = data.load("california_homes").iloc[first : first + hours]
    names = list(homes_of(table, installed_kw=1.0).load_kwh)
    return together(table, Street(dict.fromkeys(names, pv_kw)))
