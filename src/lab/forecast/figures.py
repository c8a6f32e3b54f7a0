"""The figure of a week, and the rules by which weeks are chosen."""

from typing import TYPE_CHECKING

import pandas as pd

from lab import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LEGEND_COLUMNS = 5


def weeks(valid_at: pd.DatetimeIndex, zone: str) -> pd.Series:
    """Return the local Monday of each time stamp's week; NaT in weeks that are not complete.

    A week is complete with 7 local days of forecasts.
    """
    local = valid_at.tz_convert(zone).tz_localize(None)
    monday = pd.Series(local.to_period("W").start_time, index=valid_at)
    days = pd.Series(local.normalize(), index=valid_at).groupby(monday).nunique()
    return monday.where(monday.map(days) == 7)


def hottest_week(week: pd.Series, temperature_c: pd.Series, zone: str) -> pd.Timestamp:
    """Return the week whose daily maxima are highest on average."""
    day = week.index.tz_convert(zone).date
    peaks = temperature_c.reindex(week.index).groupby([week.to_numpy(), day]).max()
    return peaks.groupby(level=0).mean().idxmax()


def median_week(week: pd.Series, error: pd.Series) -> pd.Timestamp:
    """Return the week whose mean error is the median of all weeks (the lower of two)."""
    means = error.reindex(week.index).groupby(week.to_numpy()).mean().sort_values()
    return means.index[(len(means) - 1) // 2]


def draw_week(forecast: pd.DataFrame, actual: pd.Series, zone: str, model: str) -> None:
    """Draw median, 80 % and 95 % band and the measured values over local time.

    Parameters
    ----------
    forecast : pandas.DataFrame
        Rows of a forecast table of one model, indexed by valid_at.
    actual : pandas.Series
        Measured values [MW], indexed by UTC time.
    zone : str
        IANA zone of the axis.
    model : str
        Gives colour and label.
    """
    import matplotlib.dates as mdates
    import matplotlib.pyplot as plt

    time = forecast.index.tz_convert(zone).tz_localize(None)
    tint = style.colour(model)
    _, axis = plt.subplots()
    for low, high, alpha, label in (
        ("q0.025", "q0.975", 0.15, "95 %"),
        ("q0.1", "q0.9", 0.3, "80 %"),
    ):
        axis.fill_between(
            time, forecast[low], forecast[high], color=tint, alpha=alpha, lw=0, label=label
        )
    axis.plot(time, forecast["q0.5"], color=tint, label=style.label(model))
    measured = actual.reindex(forecast.index)
    axis.plot(time, measured, color=style.colour("fact"), lw=1.0, label="measured")
    axis.xaxis.set_major_formatter(mdates.DateFormatter("%a %d %b"))
    axis.set(ylabel="demand [MW]", xlabel="local time [day]")
    legend_above(axis)


def draw_curves(curves: pd.DataFrame, models: list[str], x_label: str, y_label: str) -> None:
    """Draw one line per model over the index of `curves`, in the model's colour."""
    import matplotlib.pyplot as plt

    _, axis = plt.subplots()
    for name in models:
        axis.plot(
            curves.index,
            curves[name],
            "o-" if len(curves) < 12 else "-",
            ms=4,
            color=style.colour(name),
            label=style.label(name),
        )
    axis.set(xlabel=x_label, ylabel=y_label)
    legend_above(axis)


def legend_above(axis: "Axes") -> None:
    """Put the legend above the axes, five entries a row, where it hides no line."""
    entries = len(axis.get_legend_handles_labels()[1])
    columns = min(entries, LEGEND_COLUMNS)
    axis.legend(ncol=columns, loc="lower left", bbox_to_anchor=(0, 1), borderaxespad=0.2)
