"""Model-predictive control: plan ahead on forecasts, do the first step, look again."""

from dataclasses import replace

import numpy as np
import pandas as pd

from lab.checks import floats, number, one_of, whole
from lab.errors import DataError, SolveError, UsageError
from lab.optimise.storage import dynamic, model
from lab.optimise.storage.battery import Battery
from lab.optimise.storage.bill import Bill, Weights, counted, doing_nothing, scale
from lab.optimise.storage.outcome import Dispatch, carried_out
from lab.optimise.storage.reach import loses_too_fast
from lab.optimise.storage.site import COLUMNS, Site

compiled = dynamic.compiled


def rolling(
    site: Site,
    battery: Battery,
    expected: dict[str, np.ndarray],
    weights: Weights | None = None,
    *,
    horizon: int = 48,
    sees_now: bool = False,
    base: Bill | None = None,
    value_per_kwh: float = 0.0,
) -> Dispatch:
    """Re-plan before every step on that step's forecasts, and carry out the first step only.

    Parameters
    ----------
    site : Site
        What really comes; it settles the plan and nothing else.
    battery : Battery
        A `soc_end` is not asked for: the horizon recedes.
    expected : dict of str to numpy.ndarray, shape (steps, horizon)
        For columns of the site (`import_price`, `load_kw`, ...) what is expected at each step for
        itself and the following ones; columns that are left out are taken as known, others than
        the site's are refused. Forecasts
        reach beyond the end of the site's table; what is known ends there, and so does the plan.
    weights : Weights, optional
    horizon : int
        Steps that a plan looks ahead.
    sees_now : bool
        Whether the step that begins is known when it is decided, as for an inverter that follows
        its meter within the hour; a forecast of it is used otherwise.
    base : Bill, optional
        What cost and carbon are divided by: that of doing nothing at this site unless given (a
        constant, which only balances the weights).
    value_per_kwh : float
        What energy held at the end of the horizon is worth, in currency per kWh.

    Returns
    -------
    Dispatch

    Raises
    ------
    DataError
        For forecasts of another shape, shorter than the horizon, or with NaN.
    SolveError
        When the battery loses its energy faster than it may be charged.
    UsageError
        For a forecast of no column of the site, or where the dynamic programme does not apply.

    Notes
    -----
    Every plan is exact (`lab.optimise.storage.dynamic`), so 8,760 plans take about a second.
    """
    n = len(site.table)
    whole(horizon, "horizon", 1)
    number(value_per_kwh, "value_per_kwh")
    for column in expected:
        one_of(column, COLUMNS, "A column that is expected")
    expected = _with_export_price(site, expected)
    ahead = {c: _ahead(site, c, expected.get(c), horizon) for c in COLUMNS}
    scales = scale(base or doing_nothing(site), counted(site, weights))
    pays = model.objective(site, scales)
    dynamic.require(site, [battery], pays, "A rolling plan")
    steps = np.stack([
        pieces_expected(site, battery, scales, {c: v[:, k] for c, v in ahead.items()})
        for k in range(horizon)
    ], axis=1)  # fmt: skip
    if sees_now:
        steps[:, 0] = dynamic.pieces(site, battery, pays)
    left = np.minimum(horizon, n - np.arange(n))
    size = battery.capacity_kwh
    energy = _recede(
        steps, left, battery.kept(site.step_h), battery.soc_min * size, battery.soc_max * size,
        battery.soc_start * size, scales[0] * value_per_kwh,
    )  # fmt: skip
    if np.isnan(energy).any():
        raise SolveError(loses_too_fast(battery))
    free = replace(battery, soc_end=None)
    return carried_out(site, free, [energy], weights)


def _with_export_price(site: Site, expected: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return the forecasts with one of the export price: it must not stay known beside another."""
    if "import_price" not in expected or "export_price" in expected:
        return expected
    if not np.array_equal(site.array("import_price"), site.array("export_price")):
        raise DataError(
            f"Site {site.name!r} has an export price of its own: with a forecast of import_price, "
            f"give one of export_price too, got {', '.join(sorted(expected))}."
        )
    return expected | {"export_price": expected["import_price"]}


def _ahead(site: Site, column: str, given: np.ndarray | None, horizon: int) -> np.ndarray:
    """Return what is expected of a column, of shape (steps, horizon)."""
    n = len(site.table)
    if given is None:
        known = site.array(column)
        padded = np.append(known, np.full(horizon - 1, known[-1]))
        return np.lib.stride_tricks.sliding_window_view(padded, horizon)
    values = floats(given, f"The forecast of {column}")
    if values.ndim != 2 or values.shape[0] != n or values.shape[1] < horizon:
        raise DataError(
            f"The forecast of {column} must give {horizon} steps ahead at each of the {n} steps of "
            f"site {site.name!r}, got shape {values.shape}."
        )
    if not np.isfinite(values).all():
        raise DataError(
            f"The forecast of {column} must be a number everywhere, got "
            f"{int((~np.isfinite(values)).sum())} that are not."
        )
    return values[:, :horizon]


def pieces_expected(
    site: Site, battery: Battery, scales: tuple[float, float, float], values: dict[str, np.ndarray]
) -> np.ndarray:
    """Return the linear pieces of every step's cost with these values, of shape (steps, 4, 2)."""
    as_seen = Site(pd.DataFrame(values, index=site.table.index), clock=site.clock, name=site.name)
    pays = model.objective(as_seen, scales)
    if not dynamic.applies(as_seen, [battery], pays):
        raise UsageError(
            "Rolling plans need expected import prices of at least the expected export prices."
        )
    return dynamic.pieces(as_seen, battery, pays)


@compiled
def _recede(steps, left, kept, low, high, start, value):  # type: ignore[no-untyped-def]  # noqa: PLR0917
    """Return the energy after each step when every plan's first step is carried out."""
    n = len(steps)
    energy, held = np.empty(n), start
    for t in range(n):
        held = dynamic.first_step(steps[t, : left[t]], kept, low, high, held, np.nan, value)
        energy[t] = held
    return energy


def seasonal(values: np.ndarray, horizon: int, period: int = 24, over: int = 1) -> np.ndarray:
    """Return seasonal naive forecasts: the mean of what was last seen at the phase of each step.

    Parameters
    ----------
    values : numpy.ndarray, shape (steps,)
        What came true.
    horizon, period : int
    over : int
        How many periods back the mean goes; fewer at the beginning, where fewer were seen.

    Returns
    -------
    numpy.ndarray, shape (steps, horizon)
        At step t only values before t are used; 0 where none was seen at that phase.

    Examples
    --------
    >>> seasonal(np.array([1.0, 2.0, 3.0, 4.0]), horizon=3, period=2)
    array([[0., 0., 0.],
           [0., 1., 0.],
           [1., 2., 1.],
           [2., 3., 2.]])
    """
    values = np.asarray(values, float)
    steps, ahead = np.arange(len(values))[:, None], np.arange(horizon)[None, :]
    latest = steps + ahead - (1 + ahead // period) * period
    total, count = np.zeros(latest.shape), np.zeros(latest.shape)
    for back in range(over):
        source = latest - back * period
        seen = source >= 0
        total += np.where(seen, values[np.maximum(source, 0)], 0.0)
        count += seen
    return total / np.maximum(count, 1)
