"""What the reports of the forecasting studies say in words: rules, chances, edges of a grid."""

from collections.abc import Iterable

from lab.evaluation.shown import RULES, rule

__all__ = ["RULES", "at_edge", "chance", "joined", "rule"]

LEAST_P = 0.001


def chance(p: float) -> str:
    """Return a p-value as it stands in a sentence, two digits and no smaller than 0.001.

    Examples
    --------
    >>> chance(0.4321), chance(0.00004), chance(float("nan"))
    ('p = 0.43', 'p < 0.001', 'too few issues for a p')
    """
    if p != p:  # noqa: PLR0124
        return "too few issues for a p"
    return f"p < {LEAST_P}" if p < LEAST_P else f"p = {p:.2g}"


def at_edge(value: float, tried: Iterable[float]) -> bool:
    """Return whether a choice is the smallest or the largest of two or more that were tried.

    Examples
    --------
    >>> at_edge(1, [1, 3, 10]), at_edge(3, [1, 3, 10]), at_edge(5, [5])
    (True, False, False)
    """
    grid = set(tried)
    return len(grid) > 1 and value in (min(grid), max(grid))


def joined(parts: Iterable[str]) -> str:
    """Return parts as a list in a sentence.

    Examples
    --------
    >>> joined(["MAE", "CRPS", "width"]), joined(["MAE"]), joined([])
    ('MAE, CRPS and width', 'MAE', '')
    """
    *first, last = list(parts) or [""]
    return f"{', '.join(first)} and {last}" if first else last
