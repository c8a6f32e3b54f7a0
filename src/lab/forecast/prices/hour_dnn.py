"""A network with one output for the price of an hour: all hours of all days teach it.

A network with 24 outputs sees each day once. Here a day is 24 rows that share all weights: what
is learnt of one hour serves the others, and an hour sees what lies around it.
"""

from collections.abc import Iterator, Sequence
from typing import ClassVar

import numpy as np

from lab.forecast.perceptron import Learning
from lab.forecast.prices.network import Course, PriceNetwork

# What inputs weigh: of the hour itself and of hours beside it, on the day and on days before.
NOW, BESIDE, PRICE, BACK, PRICE_BESIDE = 0.8, 0.5, 0.6, 0.5, 0.3
# Of a day's mean, and of its extremes; of the last hours that are known; of the calendar.
DAY, EXTREME, DAY_BACK, EXTREME_BACK, LATEST, PLACE = 0.7, 0.4, 0.4, 0.2, 0.4, 0.7
# Slots around the hour that are seen of the day itself, and of yesterday's prices.
AROUND, AROUND_PRICE = 3, 2
HARMONICS = 2


class HourDnn(PriceNetwork):
    """One row an hour, which tells its place in the day; more on all of this in `PriceNetwork`.

    An hour sees the prices of the same hour on the days before, of yesterday also those beside
    it and the latest, each day's mean and extremes; of the exogenous series of the day what lies
    around it, of days before the same hour, and the means.
    """

    course: ClassVar[Course] = Course(first=((0.6, 1.0), (0.25, 0.3), (0.15, 0.1)), daily=0.1)

    def __init__(
        self,
        target: str,
        others: Sequence[str] = (),
        *,
        units: Sequence[int] = (256, 128),
        learning: Learning | None = None,
        first_passes: int = 30,
        daily_passes: int = 1,
        half_life_days: float = 365.0,
        fresh_after: int = 182,
        scale: str = "linear",
        levelled: bool = False,
        left_out: float = 0.0,
        number: int = 0,
        name: str = "hour_dnn",
    ) -> None:
        super().__init__(
            target,
            others,
            units=units,
            learning=learning or Learning(rate=0.001, dropout=0.5, decay=0.01, batch=256),
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

    def _parts(self, blocks: np.ndarray) -> list[tuple[np.ndarray, float]]:
        found = []
        for k in self.kept_blocks():
            name, lag = self.inputs.blocks[k]
            tell = self._price if name == self.target else self._other
            found += [(part[:, :, None], weight) for part, weight in tell(blocks[:, k], lag)]
        return found

    def _price(self, block: np.ndarray, lag: int) -> Iterator[tuple[np.ndarray, float]]:
        """Yield inputs of a day's prices, each of shape (days, slots)."""
        yield block, PRICE
        yield from _day(block, DAY_BACK, EXTREME_BACK)
        if lag == 1:
            for apart in range(1, AROUND_PRICE + 1):
                yield _beside(block, -apart), PRICE_BESIDE
                yield _beside(block, apart), PRICE_BESIDE
            for late in (-4, -2, -1):
                yield np.broadcast_to(block[:, late, None], block.shape), LATEST

    def _other(self, block: np.ndarray, lag: int) -> Iterator[tuple[np.ndarray, float]]:
        """Yield inputs of an exogenous series on a day, each of shape (days, slots)."""
        if lag:
            yield block, BACK
            yield np.broadcast_to(block.mean(axis=1, keepdims=True), block.shape), DAY_BACK
            return
        yield block, NOW
        for apart in range(1, AROUND + 1):
            yield _beside(block, -apart), BESIDE
            yield _beside(block, apart), BESIDE
        yield from _day(block, DAY, EXTREME)

    def _calendar(self, weekday: np.ndarray) -> np.ndarray:
        slots = self.y_scale_.middle.size
        angle = 2 * np.pi * np.arange(slots) / slots
        waves = [wave(n * angle) for n in range(1, HARMONICS + 1) for wave in (np.sin, np.cos)]
        place = np.concatenate([np.eye(slots), np.stack(waves, axis=1)], axis=1)
        days = len(weekday)
        return PLACE * np.concatenate(
            [
                np.broadcast_to(place, (days, *place.shape)),
                np.broadcast_to(weekday[:, None], (days, slots, weekday.shape[1])),
            ],
            axis=2,
        )


def _beside(block: np.ndarray, apart: int) -> np.ndarray:
    """Return the values so many slots later; at the ends of the day its first or last."""
    slots = np.arange(block.shape[1])
    return block[:, np.clip(slots + apart, 0, slots[-1])]


def _day(block: np.ndarray, mean: float, extreme: float) -> Iterator[tuple[np.ndarray, float]]:
    """Yield a day's mean, lowest and highest value at all its slots."""
    for told, weight in ((block.mean, mean), (block.min, extreme), (block.max, extreme)):
        yield np.broadcast_to(told(axis=1, keepdims=True), block.shape), weight
