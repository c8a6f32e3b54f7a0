"""Ridge regression per slot for series that may be zero, and the model files of profiles.

Like `lab.forecast.linear`, but on the scale of `lab.forecast.profile` and with days whose
history or target is missing in part.
"""

import json
from pathlib import Path
from typing import Any, Self

import numpy as np

from lab.errors import DataError, UsageError
from lab.forecast.model import CLOCK, Stacked
from lab.forecast.profile import ProfileInputs, from_scale, to_scale, usable_rows

FORMAT, VERSION = "lab.forecast.profile", 1
ARRAYS = ("coef_", "intercept_", "mean_", "scale_")


class ProfileRidge:
    """Ridge per slot on the deviation from the usual day; never below 0 unless asked.

    Missing inputs count as average. The forecast is the median if errors are even on the
    square-root scale.

    Parameters
    ----------
    target : str
        Column of the table.
    alpha : float
        Penalty on standardised coefficients, above 0.
    neighbours : int
        Slots on either side whose days are learnt from too.
    year : bool
        Waves of the year among the inputs.
    least : float
        Lowest possible value, in the target's unit; -inf for none.

    Attributes
    ----------
    coef_, mean_, scale_ : numpy.ndarray, shape (slots, inputs)
        Of standardised inputs.
    intercept_ : numpy.ndarray, shape (slots,)

    References
    ----------
    Hoerl, Kennard, Ridge regression (1970), doi:10.1080/00401706.1970.10488634.
    """

    name = "ridge"
    levels = (0.5,)
    layout = CLOCK
    coef_: np.ndarray
    intercept_: np.ndarray
    mean_: np.ndarray
    scale_: np.ndarray

    def __init__(
        self,
        target: str = "energy_kwh",
        *,
        alpha: float = 100.0,
        neighbours: int = 1,
        year: bool = True,
        least: float = 0.0,
    ) -> None:
        if not alpha > 0 or neighbours < 0:
            raise UsageError(
                "The ridge penalty alpha must be above 0 and neighbours at least 0, got "
                f"{alpha} and {neighbours}."
            )
        self.target, self.alpha, self.neighbours = target, alpha, neighbours
        self.year, self.least = year, least
        self.inputs = ProfileInputs(target, year)

    def fit(self, inputs: Stacked, target: np.ndarray) -> Self:
        """Fit on x (days, slots, inputs), base (days, slots), level (days, 1)."""
        from threadpoolctl import threadpool_limits

        deviation = to_scale(target, inputs["level"]) - inputs["base"]
        rows = usable_rows(inputs["base"], deviation)
        # Matrices this small are slower on two threads, and ten times so on a busy machine.
        with threadpool_limits(1):
            fits = [self._fit_slot(inputs["x"], deviation, rows, s) for s in range(rows.shape[1])]
        for name, values in zip(ARRAYS, zip(*fits, strict=True), strict=True):
            setattr(self, name, np.array(values))
        return self

    def predict(self, inputs: Stacked) -> np.ndarray:
        """Return forecasts, shape (days, slots, 1); NaN where the base is missing."""
        x = np.where(np.isfinite(inputs["x"]), inputs["x"], self.mean_)
        deviation = np.einsum("dsf,sf->ds", (x - self.mean_) / self.scale_, self.coef_)
        scaled = inputs["base"] + self.intercept_ + deviation
        return from_scale(scaled, inputs["level"], self.least)[:, :, None]

    def _fit_slot(
        self, x: np.ndarray, y: np.ndarray, rows: np.ndarray, slot: int
    ) -> tuple[np.ndarray, float, np.ndarray, np.ndarray]:
        """Return coefficients, intercept, means and scales of one slot."""
        near = range(slot - self.neighbours, slot + self.neighbours + 1)
        pool = [n % x.shape[1] for n in near]
        keep = rows[:, pool].ravel()
        if not keep.any():
            zeros = np.zeros(x.shape[2])
            return zeros, 0.0, zeros, np.ones(x.shape[2])
        z, target = x[:, pool].reshape(-1, x.shape[2])[keep], y[:, pool].ravel()[keep]
        known = np.isfinite(z)
        count = np.maximum(known.sum(axis=0), 1)
        mean = np.where(known, z, 0.0).sum(axis=0) / count
        z = np.where(known, z, mean) - mean
        spread = z.std(axis=0)
        scale = np.where(spread > 1e-9, spread, 1.0)
        z = z / scale
        intercept = float(target.mean())
        gram = z.T @ z + self.alpha * np.eye(z.shape[1])
        return np.linalg.solve(gram, z.T @ (target - intercept)), intercept, mean, scale

    def save(self, path: Path) -> Path:
        """Write the fitted model as JSON; the same model gives the same bytes."""
        settings = {n: getattr(self, n) for n in ("target", "alpha", "neighbours", "year")}
        least = None if np.isneginf(self.least) else self.least
        arrays = {name: getattr(self, name).tolist() for name in ARRAYS}
        content = {"settings": settings | {"least": least}, "arrays": arrays}
        path.write_text(header("ProfileRidge") + "\n" + canonical(content), encoding="utf-8")
        return path

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a model file.

        Raises
        ------
        DataError
            If the file is damaged, or of another format, version or kind.
        """
        try:
            content = json.loads(body(path, "ProfileRidge"))
            model = cls(**with_least(content["settings"]))
            for name in ARRAYS:
                setattr(model, name, np.array(content["arrays"][name], dtype=float))
        except (KeyError, TypeError, ValueError) as error:
            raise DataError(
                f"{path.name} is not a complete ProfileRidge model: {error}."
            ) from error
        return model


def header(kind: str) -> str:
    """Return the first line of a model file: format, version and kind."""
    return json.dumps({"format": FORMAT, "version": VERSION, "kind": kind}, sort_keys=True)


def canonical(content: dict[str, Any]) -> str:
    """Return JSON that is the same for the same content, one line."""
    return json.dumps(content, sort_keys=True, allow_nan=False) + "\n"


def body(path: Path, kind: str) -> str:
    """Return what follows the first line of a model file of this kind and version.

    Raises
    ------
    DataError
        If the file is of another format, version or kind.
    """
    try:
        first, _, rest = path.read_text(encoding="utf-8").partition("\n")
        found = json.loads(first)
    except ValueError as error:
        raise DataError(f"{path.name} is not a model file of this project: {error}.") from error
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise DataError(f"{path.name} is not a model file of this project: no format {FORMAT!r}.")
    if found.get("version") != VERSION:
        raise DataError(
            f"{path.name} has version {found.get('version')!r} of the model format; this code "
            f"reads version {VERSION}. Run the stage again to write it anew."
        )
    if found.get("kind") != kind:
        raise DataError(f"{path.name} holds a {found.get('kind')!r}; a {kind} is needed.")
    return rest


def with_least(settings: dict[str, Any]) -> dict[str, Any]:
    """Return settings as a constructor takes them: no lowest value is -inf."""
    return settings | {"least": -np.inf if settings["least"] is None else settings["least"]}
