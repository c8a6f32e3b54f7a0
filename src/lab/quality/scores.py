"""How well a rule finds labelled faults."""

import numpy as np
import pandas as pd


def score(found: np.ndarray, labelled: np.ndarray) -> dict[str, float]:
    """Compare what a rule flags with what the labels say, sample by sample.

    Parameters
    ----------
    found, labelled : numpy.ndarray of bool
        Same length.

    Returns
    -------
    dict
        labelled, found, right (counts); precision_percent (of the flagged samples, those
        labelled), recall_percent (of the labelled samples, those flagged) and f1_percent.
        NaN where there is nothing to divide by.
    """
    found, labelled = np.asarray(found, dtype=bool), np.asarray(labelled, dtype=bool)
    right, flagged, faults = (int(x.sum()) for x in (found & labelled, found, labelled))
    nothing = float("nan")
    return {
        "labelled": faults,
        "found": flagged,
        "right": right,
        "precision_percent": 100.0 * right / flagged if flagged else nothing,
        "recall_percent": 100.0 * right / faults if faults else nothing,
        "f1_percent": 200.0 * right / (flagged + faults) if flagged + faults else nothing,
    }


def same_as_before(series: pd.Series) -> np.ndarray:
    """Return true where a value equals the one before it: the naive rule for stuck meters."""
    return (series == series.shift()).to_numpy()


def same_slope_as_before(series: pd.Series) -> np.ndarray:
    """Return true where the change equals the one before it: the naive rule for fill-ins."""
    change = series.diff()
    return (change == change.shift()).to_numpy()


def far_from_mean(series: pd.Series, deviations: float = 3.0) -> np.ndarray:
    """Return true beyond three standard deviations from the mean: the naive rule for outliers."""
    return ((series - series.mean()).abs() > deviations * series.std()).to_numpy()
