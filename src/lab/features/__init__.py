"""Causal features: from a raw table to a wide one, chosen by family and window.

One convention holds for every feature: **the row at t uses values up to and including
t, and nothing later**. A lag of 1 h is the value at t - 1 h; a window of 24 h is
(t - 24 h, t]. Windows are durations in UTC, so a missing row or a daylight-saving day
never shifts them; calendar features read the local clock.

`build` makes the table, `names` and `catalogue` say what it holds, `ahead` and
`to_sequences` pair it with a target that lies after it, and the classes of
`lab.features.preprocess` learn their parameters on the training part only.
"""

from lab.features.feature import Feature
from lab.features.preprocess import Imputer, OutlierLimiter, Preprocessor, Scaler
from lab.features.registry import FAMILIES, build, catalogue, features_of, names
from lab.features.sequences import Sequences, to_sequences
from lab.features.spec import Spec
from lab.features.target import ahead

__all__ = [
    "FAMILIES",
    "Feature",
    "Imputer",
    "OutlierLimiter",
    "Preprocessor",
    "Scaler",
    "Sequences",
    "Spec",
    "ahead",
    "build",
    "catalogue",
    "features_of",
    "names",
    "to_sequences",
]
