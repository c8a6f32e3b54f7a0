"""What all models of LightGBM's trees share: the same trees again, and as if from a file."""

from typing import TYPE_CHECKING, Any

from lab import compute

if TYPE_CHECKING:
    import lightgbm


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
