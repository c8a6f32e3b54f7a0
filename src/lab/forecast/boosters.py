"""What models of boosted trees share: same trees again, quantile levels, as if from a file."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lab import compute
from lab.errors import UsageError
from lab.forecast.intervals import MEDIAN, ascending

if TYPE_CHECKING:
    import lightgbm


def check_shares(model: str, **shares: float) -> None:
    """Refuse a learning rate or a share that is not above 0 up to 1.

    Raises
    ------
    UsageError
        Naming the model, the setting and its value.
    """
    for name, share in shares.items():
        if not 0 < share <= 1:
            raise UsageError(f"{model} needs a {name} above 0 up to 1, got {share}.")


def check_names(model: str, names: Sequence[str], width: int) -> None:
    """Refuse names that are not one for each input.

    Raises
    ------
    UsageError
        Naming the model, the names and the number of inputs.
    """
    if len(names) != width:
        raise UsageError(
            f"{model} needs one name for each of its {width} inputs, got {len(names)}: "
            f"{', '.join(names)}."
        )


def check_levels(model: str, levels: Sequence[float]) -> tuple[float, ...]:
    """Return quantile levels, ascending between 0 and 1 with 0.5 among them.

    Raises
    ------
    UsageError
        If they are not.
    """
    steps = np.diff([0.0, *levels, 1.0])
    if MEDIAN not in levels or not (steps > 0).all():
        raise UsageError(
            f"The levels of {model} must ascend between 0 and 1 and contain 0.5, got "
            f"{list(levels)}."
        )
    return tuple(levels)


def objective(level: float) -> dict[str, Any]:
    """Return LightGBM's loss of a level: the absolute error of the median, else the pinball loss.

    LightGBM takes the median to be what minimises the absolute error, so that forecasts of
    the median do not depend on which other levels are asked for.
    """
    if level == MEDIAN:
        return {"objective": "regression_l1"}
    return {"objective": "quantile", "alpha": level}


def grown_levels(
    told: Callable[[float], dict[str, Any]],
    rows: "lightgbm.Dataset",
    trees: int,
    levels: Sequence[float],
) -> "list[lightgbm.Booster]":
    """Return `grown` trees for each level; `told` gives LightGBM's parameters of a level."""
    return [grown(told(level), rows, trees) for level in levels]


def together(found: Sequence[np.ndarray], levels: tuple[float, ...]) -> np.ndarray:
    """Return forecasts of each level with the levels last, ascending, the median its own."""
    return ascending(np.stack(found, axis=-1), levels)


def repeatable(threads: int) -> dict[str, Any]:
    """Return what LightGBM must be told to grow the same trees again, the project's seed included.

    Parameters
    ----------
    threads : int
        Part of it: with another number of threads sums are rounded otherwise.
    """
    return {
        "num_threads": threads,
        "seed": compute.seed() % 2**31,
        "deterministic": True,
        "force_row_wise": True,
        "verbosity": -1,
    }


def grown(told: dict[str, Any], rows: "lightgbm.Dataset", trees: int) -> "lightgbm.Booster":
    """Return trees as from a file: a model saved and loaded forecasts the same bytes.

    Parameters
    ----------
    told : dict
        LightGBM's parameters.
    rows : lightgbm.Dataset
    trees : int
        Boosting rounds.
    """
    import lightgbm

    return booster_of(lightgbm.train(told, rows, trees).model_to_string())


def booster_of(text: str) -> "lightgbm.Booster":
    """Return the booster that LightGBM's text format describes.

    Raises
    ------
    ValueError
        If the text is cut off or damaged: LightGBM itself prints errors and fails late.
    """
    import lightgbm

    if not text.startswith("tree\n") or "end of trees" not in text:
        raise ValueError("LightGBM's text is cut off or damaged")
    try:
        return lightgbm.Booster(model_str=text)
    except lightgbm.basic.LightGBMError as error:
        raise ValueError(f"LightGBM's text is damaged: {error}") from error


def told(levels: Sequence[float], boosters: "Sequence[lightgbm.Booster]") -> dict[str, Any]:
    """Return levels and trees as a model file holds them; the median alone has no levels."""
    texts = [one.model_to_string() for one in boosters]
    if tuple(levels) == (MEDIAN,):
        return {"booster": texts[0]}
    return {"levels": list(levels), "boosters": texts}


def levels_of(header: dict[str, Any]) -> tuple[float, ...]:
    """Return the levels of a model file: the median alone if it names none."""
    return tuple(header.get("levels", (MEDIAN,)))


def trees_of(header: dict[str, Any]) -> "list[lightgbm.Booster]":
    """Return the trees of a model file, one booster for each level.

    Raises
    ------
    ValueError
        If a text is damaged, or there is not one for each level.
    """
    levels = levels_of(header)
    texts = header["boosters"] if "levels" in header else [header["booster"]]
    if len(texts) != len(levels):
        raise ValueError(f"{len(levels)} levels, {len(texts)} boosters")
    return [booster_of(text) for text in texts]
