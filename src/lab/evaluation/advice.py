"""Which of two forecasts to take: the published one, or a simpler part of it alone."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from lab.evaluation.diebold_mariano import diebold_mariano

LEVEL, LEAST_P = 0.05, 0.001


@dataclass(frozen=True)
class Verdict:
    """What the test says about a whole and its best part.

    Attributes
    ----------
    take, other : str
        The model to take, and the one left.
    loss, other_loss : float
        Their mean losses, in the loss's unit.
    p : float
        One-sided if the difference is shown, else two-sided.
    shown : bool
        Whether `take` is better at the 5 % level; if not it is taken because it is simpler.
    unproven : mapping of float
        Where the combination is taken: the other parts that it is not shown to be better
        than, with their one-sided p-values.
    """

    take: str
    other: str
    loss: float
    other_loss: float
    p: float
    shown: bool
    unproven: Mapping[str, float] = field(default_factory=dict)


def verdict(losses: pd.DataFrame, whole: str, parts: Sequence[str], *, horizon: int = 1) -> Verdict:
    """Return whether a combination is worth more than the best of its parts alone.

    Parameters
    ----------
    losses : pandas.DataFrame
        One row per issue in order of time, one column per model.
    whole : str
        The combination.
    parts : sequence of str
        Models that cost less. The one with the smallest mean loss is compared: it is picked
        on the same losses, which favours it.
    horizon : int
        As in `lab.evaluation.diebold_mariano.diebold_mariano`.
    """
    means = losses.mean()
    part = str(means[list(parts)].idxmin())
    pair = diebold_mariano(losses[part].to_numpy(), losses[whole].to_numpy(), horizon=horizon)
    whole_better = pair.p_second_better < LEVEL
    part_better = pair.p_first_better < LEVEL
    take, other = (whole, part) if whole_better else (part, whole)
    p = min(pair.p_second_better, pair.p_first_better)
    shown = bool(whole_better or part_better)
    unproven = {}
    if whole_better:
        for name in (n for n in parts if n != part):
            rival = diebold_mariano(
                losses[name].to_numpy(), losses[whole].to_numpy(), horizon=horizon
            )
            if not rival.p_second_better < LEVEL:
                unproven[name] = rival.p_second_better
    p = p if shown else pair.p_differs
    return Verdict(take, other, means[take], means[other], p, shown, unproven)


def sentence(
    verdicts: Mapping[int, Verdict],
    unit: str,
    label: Callable[[str], str],
    digits: int = 2,
) -> str:
    """Return verdicts in words, as the beginning of a sentence.

    Parameters
    ----------
    verdicts : mapping of Verdict
        By horizon [h].
    unit : str
        Of the losses, as a reader writes it.
    label : callable
        Gives a model its name for a reader.
    digits : int
        Of the losses.
    """
    groups: dict[tuple[str, str, bool], list[int]] = {}
    for hours, one in verdicts.items():
        groups.setdefault((one.take, one.other, one.shown), []).append(hours)
    parts = []
    for (take, other, shown), hours_of in groups.items():
        pairs = "; ".join(_pair(verdicts[hours], unit, label, digits) for hours in hours_of)
        how = "better than" if shown else "simpler and not shown to differ from"
        parts.append(
            f"take {label(take)} {_places(hours_of)} h ahead, {how} {label(other)} ({pairs})"
        )
    text = "; ".join(parts)
    return text[:1].upper() + text[1:]


def hindsight(verdicts: Mapping[int, Verdict], chosen: str) -> str:
    """Return where a verdict takes another model than the one chosen before the test.

    Parameters
    ----------
    verdicts : mapping of Verdict
        By horizon [h].
    chosen : str

    Returns
    -------
    str
        A sentence; "" where every verdict takes what was chosen.
    """
    hours_of = [hours for hours, one in verdicts.items() if one.take != chosen]
    if not hours_of:
        return ""
    return (
        f"At {_places(hours_of)} h this is hindsight: the model was picked on the test itself and "
        "has to be confirmed on new data."
    )


def chances(losses: Mapping[int, pd.DataFrame], model: str, others: Sequence[str]) -> pd.DataFrame:
    """Return the one-sided p-values that a model is better than others.

    Parameters
    ----------
    losses : mapping of pandas.DataFrame
        By lead in days, which is the horizon of the test too: one row per issue in order of
        time, one column per model.
    model : str
    others : sequence of str

    Returns
    -------
    pandas.DataFrame
        A row a lead, a column for each of the others.
    """
    found = {
        lead: {
            other: diebold_mariano(
                table[other].to_numpy(), table[model].to_numpy(), horizon=lead
            ).p_second_better
            for other in others
        }
        for lead, table in losses.items()
    }
    return pd.DataFrame.from_dict(found, orient="index", columns=list(others))


def against(p_values: pd.DataFrame, label: Callable[[str], str]) -> str:
    """Return in words which of the others a model is shown to be better than.

    Examples
    --------
    >>> against(pd.DataFrame({"trees": [0.01, 0.0002], "ridge": [0.09, 0.2]}, index=[1, 2]), str)
    ... # doctest: +NORMALIZE_WHITESPACE
    'better than trees (one-sided p 0.010, < 0.001),
     not shown to be better than ridge (one-sided p 0.090, 0.200)'
    """
    parts = []
    for name, values in p_values.items():
        shown = int((values < LEVEL).sum())
        how = f"shown to be better at {shown} of {len(values)} leads than"
        how = {0: "not shown to be better than", len(values): "better than"}.get(shown, how)
        listed = ", ".join("< 0.001" if p < LEAST_P else f"{p:.3f}" for p in values)
        parts.append(f"{how} {label(str(name))} (one-sided p {listed})")
    return ", ".join(parts)


def _places(hours_of: Sequence[int]) -> str:
    """Return horizons as a list in a sentence."""
    *first, last = map(str, hours_of)
    return f"{', '.join(first)} and {last}" if first else last


def _pair(one: Verdict, unit: str, label: Callable[[str], str], digits: int) -> str:
    """Return both losses and the p-value, and what is not shown."""
    doubts = [f"not shown against {label(name)}, {_said(p)}" for name, p in one.unproven.items()]
    losses = f"{one.loss:.{digits}f} against {one.other_loss:.{digits}f} {unit}"
    return ", ".join([losses, _said(one.p, "one" if one.shown else "two"), *doubts])


def _said(p: float, sides: str = "one") -> str:
    """Return a p-value in words."""
    return f"{sides}-sided p {'< 0.001' if p < LEAST_P else f'= {p:.3f}'}"
