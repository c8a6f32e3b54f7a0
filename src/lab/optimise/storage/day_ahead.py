"""Plans made the day before on a forecast table, and what they earn at the real prices."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from lab.checks import each
from lab.errors import DataError
from lab.optimise.storage import dynamic, model
from lab.optimise.storage.battery import Battery
from lab.optimise.storage.bill import Bill, Weights, counted, doing_nothing, scale
from lab.optimise.storage.outcome import Dispatch, carried_out, following, several
from lab.optimise.storage.plan import best_powers
from lab.optimise.storage.site import Site


def forecast_of(forecasts: pd.DataFrame, site: Site, quantile: str = "q0.5") -> np.ndarray:
    """Return one quantile of one model's forecast at the times of a site.

    Parameters
    ----------
    forecasts : pandas.DataFrame
        Forecast table of one series and one model: `valid_at`, `issued_at` and quantiles.
    site : Site
        Its times are asked for, and its clock says when a day begins.
    quantile : str

    Returns
    -------
    numpy.ndarray, shape (steps,)

    Raises
    ------
    DataError
        If a column or the quantile is not in the table, a time has no zone, is forecast twice or
        not at all, or a forecast was issued after the local day began that it is for.
    """
    _check_times(forecasts)
    if quantile not in forecasts:
        levels = [c for c in forecasts if str(c).startswith("q")]
        raise DataError(f"The forecast has no {quantile}; it has {', '.join(levels) or 'none'}.")
    valid = pd.DatetimeIndex(forecasts["valid_at"]).tz_convert(site.clock)
    late = np.asarray(pd.DatetimeIndex(forecasts["issued_at"]) > valid.normalize())
    if late.any():
        raise DataError(
            f"A plan for a day needs forecasts issued before it begins, got {int(late.sum())} that "
            f"were issued later, the first for {valid[late.argmax()]:%Y-%m-%d %H:%M %Z}."
        )
    index = site.table.index
    twice = forecasts["valid_at"].duplicated()
    if twice.any():
        raise DataError(
            f"A plan needs one forecast for each time, of one model and series: got several for "
            f"{forecasts['valid_at'][twice].iloc[0]:%Y-%m-%d %H:%M %Z}."
        )
    values = forecasts.set_index("valid_at")[quantile].reindex(index)
    lacking = values.isna().to_numpy()
    if lacking.any():
        raise DataError(
            f"The forecast is shorter than the plan: {int(lacking.sum())} of {len(index)} steps "
            f"have none, the first at {index[lacking.argmax()]:%Y-%m-%d %H:%M %Z}."
        )
    return values.to_numpy(float)


def _check_times(forecasts: pd.DataFrame) -> None:
    """Refuse a forecast table whose times are missing, or have no zone."""
    for column in ("valid_at", "issued_at"):
        if column not in forecasts:
            raise DataError(
                f"A forecast table needs a column {column}, got "
                f"{', '.join(map(str, forecasts.columns)) or 'none'}."
            )
        if not isinstance(forecasts[column].dtype, pd.DatetimeTZDtype):
            raise DataError(
                f"{column} of a forecast table must be times with a zone, got "
                f"{forecasts[column].dtype}."
            )


def planned_on(
    site: Site,
    batteries: Battery | Sequence[Battery],
    bought_at: np.ndarray,
    sold_at: np.ndarray | None = None,
    weights: Weights | None = None,
    *,
    load_kw: np.ndarray | None = None,
    pv_kw: np.ndarray | None = None,
    base: Bill | None = None,
) -> Dispatch:
    """Plan each local day on expected prices, and settle the plan on the real ones.

    A day is planned when it begins: nothing that is expected of later days changes it. Where peaks
    count, the highest import of its month so far is known, as the meter shows it.

    Parameters
    ----------
    site : Site
        With the values that came true.
    batteries : Battery or sequence of Battery
        Their `soc_end` is held after every local day; it equals `soc_start`, so that each day is
        planned alone.
    bought_at, sold_at : numpy.ndarray, shape (steps,)
        Expected price of what is bought and of what is sold [currency/kWh]; the same unless given.
        A robust plan buys at a high quantile and sells at a low one: it moves energy only where the
        spread pays even then.
    weights : Weights, optional
    load_kw, pv_kw : numpy.ndarray, optional
        Expected load and PV; known unless given.
    base : Bill, optional
        What cost, carbon and peak are divided by: that of doing nothing at this site unless given
        (a constant, which only balances the weights).

    Returns
    -------
    Dispatch
        Of the plan carried out at the real prices.

    Raises
    ------
    DataError
        If a battery does not end its days as it starts them, or what is expected is no number for
        each step.
    InfeasibleError
        When no schedule of a day keeps all limits.
    """
    owned = several(batteries)
    for battery in owned:
        if battery.soc_end is None or abs(battery.soc_end - battery.soc_start) > 1e-12:
            raise DataError(
                f"Battery {battery.name!r} must end its days as it starts them to be planned by "
                f"day: soc_start is {battery.soc_start:g}, soc_end {battery.soc_end}."
            )
    given = {
        "import_price": bought_at,
        "export_price": bought_at if sold_at is None else sold_at,
        "load_kw": load_kw,
        "pv_kw": pv_kw,
    }
    columns = {
        c: each(values, f"The expected {c} of site {site.name!r}", len(site.table))
        for c, values in given.items()
        if values is not None
    }
    seen = replace(site, table=site.table.assign(**columns))
    scales = scale(base or doing_nothing(site), counted(site, weights))
    if dynamic.applies(seen, owned, model.objective(seen, scales)):
        # The exact programme keeps days apart by itself.
        found, _ = best_powers(seen, owned, model.objective(seen, scales), daily=True)
        return carried_out(site, owned, list(found[0].energy_kwh.T), weights)
    days = np.concatenate(list(_day_by_day(site, seen, owned, scales)))
    return carried_out(site, owned, list(days.T), weights)


def _day_by_day(
    site: Site, seen: Site, owned: tuple[Battery, ...], scales: tuple[float, float, float]
) -> Iterator[np.ndarray]:
    """Give the planned energies of each local day [kWh], knowing the month's peak until then."""
    month, peak = None, 0.0
    for rows in np.split(np.arange(len(site.table)), np.flatnonzero(site.day_ends())[:-1] + 1):
        real, day = (replace(s, table=s.table.iloc[rows]) for s in (site, seen))
        day = replace(day, name=f"{site.name} on {day.local('day')[0]}")
        if month != (month := day.local("month")[0]):
            peak = 0.0
        pays = model.objective(day, scales)
        found, _ = best_powers(day, owned, pays, peak_so_far_kw=peak)
        energy = found[0].energy_kwh
        done = following(real, owned, list(energy.T), model.objective(real, scales))
        peak = max(peak, float(done.import_kw.max()))
        yield energy


def by_day(dispatch: Dispatch) -> pd.Series:
    """Return the cost of each local day [currency], without demand charge; the day is its index."""
    site, schedule = dispatch.site, dispatch.schedule
    paid = site.array("import_price") * schedule["import_kw"].to_numpy()
    earned = site.array("export_price") * schedule["export_kw"].to_numpy()
    wear = sum(
        b.wear_per_kwh * (held["charge_kw"] + held["discharge_kw"]).to_numpy()
        for b, held in ((b, dispatch.held[b.name]) for b in dispatch.batteries)
    )
    return pd.Series((paid - earned + wear) * site.step_h).groupby(site.local("day")).sum()


def spread_error(expected: np.ndarray, real: np.ndarray, days: Sequence[int] | np.ndarray) -> float:
    """Return the mean absolute error of the daily price spread, maximum less minimum.

    Examples
    --------
    >>> spread_error(np.array([1.0, 3, 2, 2]), np.array([1.0, 4, 2, 5]), [0, 0, 1, 1])
    2.0
    """
    by = lambda v: pd.Series(np.asarray(v)).groupby(np.asarray(days))  # noqa: E731
    spreads = [by(v).max() - by(v).min() for v in (expected, real)]
    return float((spreads[0] - spreads[1]).abs().mean())
