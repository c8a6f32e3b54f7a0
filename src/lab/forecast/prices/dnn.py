"""A network with 24 outputs for tomorrow's prices, which goes on learning every day."""

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from lab.forecast.perceptron import Learning
from lab.forecast.prices.network import Course, PriceNetwork

# What inputs weigh: the smaller, the more slowly their weights are learnt.
TODAY, BACK = 0.7, 0.35


class PriceDnn(PriceNetwork):
    """One row a day, all hours at once; more on all of this in `PriceNetwork`.

    Parameters
    ----------
    shapes : bool
        Whether each block also shows its mean, its lowest and its highest value.
    """

    course: ClassVar[Course] = Course(first=((0.7, 1.0), (0.3, 0.3)), daily=0.3)

    def __init__(
        self,
        target: str,
        others: Sequence[str] = (),
        *,
        units: Sequence[int] = (256, 128),
        learning: Learning | None = None,
        first_passes: int = 100,
        daily_passes: int = 1,
        half_life_days: float = 365.0,
        fresh_after: int = 182,
        scale: str = "asinh",
        levelled: bool = False,
        left_out: float = 0.0,
        shapes: bool = False,
        number: int = 0,
        name: str = "dnn",
    ) -> None:
        super().__init__(
            target,
            others,
            units=units,
            learning=learning or Learning(),
            first_passes=first_passes,
            daily_passes=daily_passes,
            half_life_days=half_life_days,
            fresh_after=fresh_after,
            scale=scale,
            levelled=levelled,
            left_out=left_out,
            number=number,
            name=name,
        )
        self.shapes = shapes

    def _parts(self, blocks: np.ndarray) -> list[tuple[np.ndarray, float]]:
        found = []
        for k in self.kept_blocks():
            block, weight = blocks[:, k], BACK if self.inputs.blocks[k][1] else TODAY
            found.append((block, weight))
            if self.shapes:
                shape = [block.mean(axis=1), block.min(axis=1), block.max(axis=1)]
                found.append((np.stack(shape, axis=1), weight))
        return found

    def _calendar(self, weekday: np.ndarray) -> np.ndarray:
        return TODAY * weekday
