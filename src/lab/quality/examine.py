"""Every rule over one table."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from lab.quality import bounds, clock, interpolated, outliers, sessions, siblings, stuck, timing
from lab.quality.findings import Finding, tidy
from lab.quality.roles import families, measured, middle_panel, role, sunlight
from lab.quality.rules import Rules
from lab.settings import check_zone


def examine(name: str, table: pd.DataFrame, rules: Rules, zone: str | None = None) -> pd.DataFrame:
    """Apply every rule to a table with a UTC index.

    Parameters
    ----------
    name : str
        Name of the table.
    table : pandas.DataFrame
        Units in the column names; flags and texts are not looked at.
    rules : Rules
        Thresholds.
    zone : str, optional
        Zone of the local clock; without it, clock changes are not checked.

    Returns
    -------
    pandas.DataFrame
        See `tidy`.
    """
    if zone is not None:
        check_zone(zone)
    light, panel = sunlight(table), middle_panel(table, name)
    found = [
        *_rows(name, table),
        *_silence(name, table, rules, zone),
        *_copies(name, table, rules),
        *_clocks(name, table, light, rules, zone),
    ]
    watched = {finding.column for finding in found if finding.check in ("dead", "silent_days")}
    runs = stuck_table(name, table, rules)
    found += [*_stuck(name, runs, watched | _clipped(table, rules)), *_together(name, runs)]
    for column in measured(table):
        found += _column(name, table[column], light, light if panel is None else panel, rules)
    return tidy(found)


def _clipped(table: pd.DataFrame, rules: Rules) -> set[str]:
    """Return the columns cut off at a value: that they rest there is told once."""
    columns = measured(table)
    return {name for name in columns if bounds.clipped_at(table[name], rules.bounds) is not None}


def stuck_table(name: str, table: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """Return the stuck stretches of all columns, with their names in `column`."""
    parts = []
    for column in measured(table):
        rests = role(column, name) in ("solar", "irradiance")
        runs = stuck.stuck_runs(table[column], rules.stuck, rests_at_zero=rests)
        parts.append(runs.assign(column=column))
    return pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)


def faulty_cells(name: str, table: pd.DataFrame, rules: Rules) -> dict[str, np.ndarray]:
    """Return, per column, true where the value was not measured, by the rules to blank."""
    cells = {}
    runs = stuck_table(name, table, rules)
    runs = runs[runs["kind"].isin(rules.repair.blank)]
    for column in measured(table):
        flags = stuck.mask(table.index, runs[runs["column"] == column])
        if "impossible" in rules.repair.blank:
            wrong = bounds.outside(table[column], rules.bounds, name)
            flags |= table.index.isin(wrong.index)
        if flags.any():
            cells[column] = flags
    return cells


def _rows(name: str, table: pd.DataFrame) -> Iterator[Finding]:
    """Missing rows, duplicates and missing values."""
    index = table.index
    repeated = index[index.duplicated()]
    if len(repeated):
        text = f"{len(repeated)} stamps occur more than once."
        yield Finding(name, "", "duplicates", repeated[0], repeated[-1], 0.0, len(repeated), text)
    step = timing.step_of(index)
    holes = [("", "missing_rows", timing.gaps(index))]
    holes += [
        (column, "missing_values", timing.missing_runs(table[column]))
        for column in measured(table)
        if table[column].isna().any()
    ]
    for column, check, gaps in holes:
        if len(gaps):
            longest = gaps.loc[gaps["hours"].idxmax()]
            text = (
                f"{int(gaps['samples'].sum()):,} missing in {len(gaps)} stretches, the longest "
                f"{longest['hours']:.4g} h from {longest['start']:%Y-%m-%d %H:%M}."
            )
            end = gaps["start"].iloc[-1] + (gaps["samples"].iloc[-1] - 1) * step
            total = (float(gaps["hours"].sum()), int(gaps["samples"].sum()))
            yield Finding(name, column, check, gaps["start"].iloc[0], end, *total, text)


def _stuck(name: str, runs: pd.DataFrame, watched: set[str]) -> Iterator[Finding]:
    """Stuck stretches; long rests only where siblings did not already tell."""
    for run in runs.itertuples():
        if run.kind == "long_rest" and run.column in watched:
            continue
        text = f"The value stays at {run.value:.6g} for {run.hours:.4g} h."
        yield Finding(name, run.column, run.kind, run.start, run.end, run.hours, run.samples, text)


def _together(name: str, runs: pd.DataFrame) -> Iterator[Finding]:
    """Columns that freeze in the same minute."""
    for group in stuck.frozen_together(runs).itertuples():
        text = f"All stop at {group.start:%Y-%m-%d %H:%M} and move again together."
        count = group.columns.count(",") + 1
        yield Finding(
            name, group.columns, "frozen_together", group.start, group.end, group.hours, count, text
        )


def _column(
    name: str, series: pd.Series, light: pd.Series | None, day: pd.Series | None, rules: Rules
) -> Iterator[Finding]:
    """Everything that one column shows by itself or against the sun."""
    kind = role(str(series.name), name)
    yield from _straight(name, series, rules)
    wrong = bounds.outside(series, rules.bounds, name)
    if len(wrong):
        low, high = bounds.limits_of(str(series.name), rules.bounds, name)
        text = f"From {wrong.min():.6g} to {wrong.max():.6g}; allowed are {low} to {high}."
        yield _samples(name, series, "impossible", wrong.index, text)
    extreme = bounds.clipped_at(series, rules.bounds)
    if extreme is not None and not stuck.is_stepwise(series, rules.stuck):
        there = series.index[series == extreme]
        text = f"{100 * len(there) / len(series):.1f} % of all values are {extreme:g}, none beyond."
        yield _samples(name, series, "clipped", there, text)
    if kind == "solar" and light is not None:
        yield from _dark(name, series, light, rules)
    if kind == "load":
        yield from _zeros(name, series, day, rules)
        yield from _sun_like(name, series, day, rules)
    far = outliers.outlying(series, rules.outliers) if _has_rhythm(series, rules) else series[:0]
    if len(far):
        worst = far.abs().idxmax()
        text = f"The farthest is {series[worst]:.6g} on {worst:%Y-%m-%d %H:%M}; kept."
        yield _samples(name, series, "outliers", far.index, text)


def _has_rhythm(series: pd.Series, rules: Rules) -> bool:
    """Tell whether a comparison with the days around makes sense."""
    days = (series.index[-1] - series.index[0]) / outliers.DAY
    return days >= 3 and not stuck.is_stepwise(series, rules.stuck)


def _straight(name: str, series: pd.Series, rules: Rules) -> Iterator[Finding]:
    if stuck.is_rounded(series, rules.stuck):
        return
    lines = interpolated.straight_runs(series, rules.interpolated)
    if len(lines):
        longest = lines.loc[lines["hours"].idxmax()]
        text = (
            f"{len(lines)} straight stretches, the longest {longest['hours']:.4g} h "
            f"from {longest['start']:%Y-%m-%d %H:%M}."
        )
        total = (float(lines["hours"].sum()), int(lines["samples"].sum()))
        first, last = lines["start"].iloc[0], lines["end"].iloc[-1]
        yield Finding(name, str(series.name), "interpolated", first, last, *total, text)


def _dark(name: str, power: pd.Series, light: pd.Series, rules: Rules) -> Iterator[Finding]:
    dark = bounds.dark_power(power, light, rules.bounds)
    if len(dark.samples):
        text = (
            f"Power up to {dark.samples.max():.4g} with the sun down: {dark.before_sunrise} before "
            f"sunrise, {dark.after_sunset} after sunset."
        )
        yield _samples(name, power, "dark_power", dark.samples.index, text)


def _zeros(name: str, load: pd.Series, light: pd.Series | None, rules: Rules) -> Iterator[Finding]:
    count = bounds.zeros(load, light)
    if count.share < rules.bounds.zero_share:
        return
    text = f"Exactly 0 in {100 * count.share:.1f} % of all samples."
    if light is not None:
        night, day = 100 * count.share_by_night, 100 * count.share_by_day
        text = f"{text[:-1]}: {night:.0f} % by night, {day:.0f} % by day."
    yield _samples(name, load, "zero_load", load.index[load == 0], text)


def _sun_like(name: str, load: pd.Series, day: pd.Series | None, rules: Rules) -> Iterator[Finding]:
    """A load that rises and falls with the sun is somebody's production."""
    if day is None or load.nunique() < 3:
        return
    alike = load.corr(day)
    if alike > rules.siblings.sun_correlation:
        text = f"Correlates at {alike:.2f} with the PV or the light beside it: a production?"
        yield _samples(name, load, "sun_like_load", load.index, text)


def _silence(name: str, table: pd.DataFrame, rules: Rules, zone: str | None) -> Iterator[Finding]:
    """Dead, weak and silent columns within their families."""
    for columns in families(measured(table)).values():
        family = table[columns]
        share = siblings.weak_columns(family, rules.siblings)
        for column, value in share.items():
            check = "dead" if value < rules.siblings.dead_share else "weak"
            text = f"Carries {100 * value:.1f} % of what its middle sibling does."
            yield _samples(name, table[column], check, table.index, text)
        if siblings.is_alike(family, rules.siblings):
            awake = family.drop(columns=share.index[share < rules.siblings.dead_share])
            yield from _silent(name, awake, zone or "UTC", rules)


def _silent(name: str, family: pd.DataFrame, zone: str, rules: Rules) -> Iterator[Finding]:
    for row in siblings.silent_days(family, zone, rules.siblings).itertuples():
        start = pd.Timestamp(row.first_day, tz=zone).tz_convert("UTC")
        end = pd.Timestamp(row.last_day, tz=zone) + pd.Timedelta("1D")
        inside = family.index[(family.index >= start) & (family.index < end)]
        text = f"Silent on {row.days} days, {row.first_day} to {row.last_day}, while siblings work."
        yield _samples(name, family[row.column], "silent_days", inside, text)


def _copies(name: str, table: pd.DataFrame, rules: Rules) -> Iterator[Finding]:
    for columns, weakest in siblings.near_copies(table[measured(table)], rules.siblings):
        text = f"The least alike linked pair correlates at {weakest:.5f}: not independent."
        whole = table[columns[0]].rename(", ".join(columns))
        yield _samples(name, whole, "near_copies", table.index, text)


def _clocks(
    name: str, table: pd.DataFrame, light: pd.Series | None, rules: Rules, zone: str | None
) -> Iterator[Finding]:
    """Rows on days of 23 and 25 hours, and PV whose clock follows daylight saving."""
    if zone is None:
        return
    for change in clock.whole_changes(table.index, zone).itertuples():
        rows, expected = clock.rows_on(table, change.starts, change.hours)
        if rows != expected:
            text = f"{change.day} has {change.hours} hours, so {expected} rows; got {rows}."
            yield Finding(
                name, "", "dst_rows", change.starts, change.starts, 0.0, abs(rows - expected), text
            )
    panels = [column for column in measured(table) if role(column, name) == "solar"]
    if panels and light is not None:
        yield from _sun_clock(name, table[panels], light, rules, zone)


def _sun_clock(
    name: str, panels: pd.DataFrame, light: pd.Series, rules: Rules, zone: str
) -> Iterator[Finding]:
    """PV that comes earlier or later in summer time than in winter time, against the light."""
    delays = {name: clock.sun_delay(panels[name], light) for name in panels}
    shift = pd.Series({name: clock.seasonal_shift(delays[name], zone) for name in panels})
    if abs(shift.median()) > rules.clock.sun_shift_minutes:
        text = (
            f"In summer time power comes {shift.median():.0f} min later against the light than in "
            f"winter time (middle one of {len(shift)}): the two do not keep the same clock."
        )
        column = f"{len(shift)} PV columns" if len(shift) > 1 else str(shift.index[0])
        yield _samples(name, panels.iloc[:, 0].rename(column), "clock_shift", panels.index, text)


def _samples(
    name: str, series: pd.Series, check: str, stamps: pd.DatetimeIndex, text: str
) -> Finding:
    """Return a finding about single samples of a column, each as long as one step."""
    hours = len(stamps) * (timing.step_of(series.index) / timing.HOUR)
    return Finding(name, str(series.name), check, stamps[0], stamps[-1], hours, len(stamps), text)


SESSION_TEXTS = {
    "over_delivered": "more delivered than requested",
    "unclaimed": "no user, and so no request of their own",
    "nothing_requested": "nothing requested",
    "backwards": "departure before arrival",
    "too_powerful": "a mean power that no charger of the sites gives",
    "overlapping": "arrival before the last car left the same station",
    "repeated": "the id of another session",
}


def examine_sessions(name: str, table: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """Apply the rules for charging sessions (see `sessions.faults`) to an event table."""
    found = []
    for row in sessions.quiet_periods(table, rules.sessions).itertuples():
        text = f"No arrival for {row.days:.0f} days."
        hours = float(row.days) * 24.0
        found.append(Finding(name, "arrival", "quiet_period", row.start, row.end, hours, 0, text))
    for check, flags in sessions.faults(table, rules.sessions).items():
        if flags.any():
            there = table.loc[flags, "arrival"]
            share = 100 * flags.mean()
            text = f"Sessions with {SESSION_TEXTS[check]}: {share:.2f} % of all."
            ends = (there.min(), there.max())
            found.append(Finding(name, "", check, *ends, 0.0, int(flags.sum()), text))
    return tidy(found)


def widen_market(table: pd.DataFrame) -> pd.DataFrame:
    """Lay a `market24` table out with one row per delivery hour and one column per zone and value.

    The stamps count delivery hours: every day has 24, so they are regular and carry the
    label UTC only to fit the rules; no clock change can be checked on them.
    """
    hour = pd.to_datetime(table["delivery_date"], utc=True) + pd.to_timedelta(
        table["hour"].astype("int64"), unit="h"
    )
    values = table.drop(columns=["delivery_date", "hour"]).assign(time=hour)
    wide = values.set_index(["time", "zone"]).unstack("zone")
    wide.columns = [f"{zone.lower()}_{column}" for column, zone in wide.columns]
    return wide
