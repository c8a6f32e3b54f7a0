"""The best plan of storage, when everything is known beforehand."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial

import numpy as np

from lab.checks import one_of
from lab.errors import SolveError
from lab.optimise.storage import dynamic, model, search
from lab.optimise.storage.battery import Battery
from lab.optimise.storage.bill import Weights, counted, doing_nothing, scale
from lab.optimise.storage.outcome import Dispatch, following, settled, several
from lab.optimise.storage.reach import followed, require_reachable
from lab.optimise.storage.site import Site
from lab.solver import Solved, check_limits, out_of_time

METHODS = ("auto", "highs", "dynamic")


def perfect_foresight(
    site: Site,
    batteries: Battery | Sequence[Battery],
    weights: Weights | None = None,
    *,
    daily: bool = False,
    method: str = "auto",
    limit_s: float | None = None,
    gap: float = 0.0,
) -> Dispatch:
    """Return the best schedule when all of a site's table is known beforehand.

    Parameters
    ----------
    site : Site
    batteries : Battery or sequence of Battery
        Names differ.
    weights : Weights, optional
        0.7 for cost and 0.3 for carbon unless given; cost alone where the site has no carbon
        intensity.
    daily : bool
        Whether batteries with a `soc_end` hold it after every local day, not only at the end.
    method : str
        `highs` (linear and mixed-integer), `dynamic` (one battery, exact and faster), or `auto`:
        the second where it applies.
    limit_s : float, optional
        Seconds for HiGHS; then the best possible schedule so far is returned, not proven. That is
        what doing nothing comes to, where nothing better was found.
    gap : float
        Proven gap at which a mixed-integer search may stop [1].

    Returns
    -------
    Dispatch

    Raises
    ------
    InfeasibleError
        When no schedule keeps all limits; a `soc_end` out of reach is named.
    SolveError
        When the time ends without a possible schedule, or the check finds a broken rule.
    UsageError
        For an unknown method, `dynamic` where it does not apply, or a bad limit or gap.
    """
    owned = several(batteries)
    one_of(method, METHODS, "method")
    check_limits(limit_s, gap)
    nothing = doing_nothing(site)
    scales = scale(nothing, counted(site, weights))
    pays = model.objective(site, scales)
    tried, solved = best_powers(
        site, owned, pays, daily=daily, method=method, limit_s=limit_s, gap=gap
    )
    result = partial(
        settled, site, owned, nothing=nothing, scales=scales, solved=solved, daily=daily
    )
    return result(tried[0]) if solved.proven else _best_in_time(site, owned, tried, result, limit_s)


def best_powers(
    site: Site,
    owned: tuple[Battery, ...],
    pays: model.Objective,
    *,
    daily: bool = False,
    method: str = "auto",
    limit_s: float | None = None,
    gap: float = 0.0,
    peak_so_far_kw: float = 0.0,
) -> tuple[list[model.Powers], Solved]:
    """Return the cheapest powers when all of a site's table is known, and their proof.

    Parameters
    ----------
    site, owned, daily, method, limit_s, gap
        As for `perfect_foresight`.
    pays : Objective
        What counts.
    peak_so_far_kw : float
        Highest import of the first local month before the table begins [kW].

    Returns
    -------
    list of Powers
        The best one where it is proven. Otherwise, what was tried until time ended, possible or
        not, doing nothing among it.
    Solved
    """
    fits = dynamic.applies(site, owned, pays)
    if method == "dynamic":
        dynamic.require(site, owned, pays, "The method 'dynamic' (choose 'highs' otherwise)")
    require_reachable(site, owned, daily=daily)
    if fits and method != "highs":
        energy = dynamic.energies(site, owned[0], pays, daily=daily)
        return [following(site, owned, [energy], pays)], Solved(np.nan, "optimal", 0.0, True)
    tried, solved = search.dispatch(
        site, owned, pays, daily=daily, limit_s=limit_s, gap=gap, peak_so_far_kw=peak_so_far_kw
    )
    if not solved.proven:
        energies = [list(one.energy_kwh.T) for one in tried]
        with suppress(SolveError):  # who stays idle may lose more than can be charged
            energies.append([followed(site, b, np.zeros(len(site.table))) for b in owned])
        # Charging and discharging at once is netted in what follows the same energies.
        tried = [*tried, *(following(site, owned, e, pays) for e in energies)]
    return tried, solved


def _best_in_time(
    site: Site,
    owned: tuple[Battery, ...],
    tried: list[model.Powers],
    result: Callable[[model.Powers], Dispatch],
    limit_s: float | None,
) -> Dispatch:
    """Return the best possible schedule of what was tried."""
    possible = []
    for powers in tried:
        with suppress(SolveError):  # what was not settled in time breaks a rule
            possible.append(result(powers))
    if not possible:
        raise SolveError(f"The dispatch of site {site.name!r} {out_of_time(limit_s)}")
    return min(possible, key=lambda one: one.objective)
