"""Scores as a report shows them: one style of heads, units in brackets, no internal names."""

from collections.abc import Collection, Mapping

import pandas as pd

from lab.evaluation import bootstrap, issues, skill

# From here on numbers of a table are shown without tenths.
HUNDREDS = 300.0
RULES = {
    "last_value": "last value before the issue",
    "yesterday": "value 24 hours before",
    "last_week": "value a week before",
    "same_day_type": "last day of the same type (workday, Saturday, Sunday or holiday)",
    "mean_of_four": "mean of the last four days of the same type",
    "median_of_28_days": "median of the last 28 days at that time",
}


def coverage(
    table: pd.DataFrame, keys: Mapping[str, str], unit: str, column: str | None = None
) -> pd.DataFrame:
    """Return a table of coverage for the eye.

    Parameters
    ----------
    table : pandas.DataFrame
        What `lab.evaluation.bootstrap.coverage` returns.
    keys : mapping of str
        Columns that name a row, and what they are called.
    unit : str
        As a reader writes it, such as `kWh`.
    column : str, optional
        As the table's columns have it, such as `usd_per_mwh`; the unit in small letters by default.

    Returns
    -------
    pandas.DataFrame
        Text: `nominal [%]`, `inside ± s.e. [%]`, whether that is within two standard errors,
        width and Winkler score with theirs, indexed by the keys.
    """
    small = column or unit.lower()
    heads = {
        "nominal [%]": table["nominal_percent"].astype(int),
        "inside ± s.e. [%]": _with_error(table["coverage_percent"], table["coverage_se_percent"]),
        "within 2 s.e.": table["within_two_se"].map({True: "yes", False: "no"}),
    }
    for kind, name in (("width", "width"), ("winkler", "Winkler")):
        values = table[f"{kind}_{small}"], table[f"{kind}_se_{small}"]
        heads[f"{name} ± s.e. [{unit}]"] = _with_error(*values)
    named = {name: table[column] for column, name in keys.items()}
    return pd.DataFrame(named | heads).set_index(list(named))


def _with_error(values: "pd.Series[float]", errors: "pd.Series[float]") -> "pd.Series[str]":
    """Return numbers with their standard errors, in as many digits as the largest needs."""
    digits = 0 if values.abs().max() >= HUNDREDS else 1
    told = [
        f"{value:,.{digits}f}" + (f" ± {error:,.{digits}f}" if pd.notna(error) else "")
        for value, error in zip(values, errors, strict=True)
    ]
    return pd.Series(told, values.index, dtype=object)


def probabilistic(scored: pd.DataFrame, naive: str, called: str, unit: str) -> pd.DataFrame:
    """Return relative error, pinball loss and CRPS by model, with their standard errors.

    Parameters
    ----------
    scored : pandas.DataFrame
        What `lab.metrics.score` returns; hours that a model lacks count for none.
    naive : str
        The rule compared with, a model of the table.
    called : str
        Its name for a reader.
    unit : str
        As in `coverage`.

    Returns
    -------
    pandas.DataFrame
        Indexed by model, the least error first; scores as text, such as `10.21 ± 0.50`.
    """
    small = unit.lower()
    names = [f"mae_{small}", f"pinball_{small}", f"crps_{small}"]
    rows = issues.common_rows(scored)
    found = bootstrap.standard_errors(rows, names, unit=small).sort_values(names[0])
    relative = skill.relative_score(found, naive, names[0])
    told = {f"rMAE against {called}": relative.map("{:.3f}".format)}
    for name, head in zip(names, ("MAE", "pinball loss", "CRPS"), strict=True):
        pairs = zip(found[name], found[f"{name}_se"], strict=True)
        told[f"{head} ± s.e. [{unit}]"] = [f"{value:.2f} ± {error:.2f}" for value, error in pairs]
    return pd.DataFrame(told, index=found.index)


def place(value: float, tried: Collection[float], limits: Collection[float] = ()) -> str:
    """Return where a choice lies in what was tried, as the end of a sentence.

    Parameters
    ----------
    value : float
    tried : collection of float
    limits : collection of float
        Ends beyond which nothing is possible, such as weights of 0 and 1.

    Examples
    --------
    >>> place(10, [1, 10, 100]), place(100, [1, 10, 100]), place(0, [0, 0.5, 1], [0, 1])
    ('inside the grid', 'at the upper edge of the grid', 'at the end of what is possible')
    """
    if value in limits:
        return "at the end of what is possible"
    if len(tried) == 1:
        return "the only one tried"
    ends = {min(tried): "lower", max(tried): "upper"}
    return f"at the {ends[value]} edge of the grid" if value in ends else "inside the grid"


def rule(name: str) -> str:
    """Return what a simple rule takes as its forecast, in words.

    Examples
    --------
    >>> rule("yesterday"), rule("smart_persistence")
    ('value 24 hours before', 'smart persistence')
    """
    return RULES.get(name, name.replace("_", " "))
