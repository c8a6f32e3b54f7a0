"""Files of published forecasts: an archive of the members' own files and the state as JSON."""

import dataclasses
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from lab import modelfile
from lab.forecast.band import Band
from lab.forecast.difficulty import Announced
from lab.forecast.published import Evening, Published

LEARNT = ("mean", "scale", "weight")


def writer(members: modelfile.Kinds) -> Callable[[Published], bytes]:
    """Return the function that writes a published forecast of members of such kinds."""

    def write(model: Published) -> bytes:
        told, evening = model.band.announced, model.evening
        head = modelfile.header(
            "Published",
            name=model.name,
            members=len(model.members),
            weights=None if model.weights is None else list(model.weights),
            move=model.move.tolist(),
            quantiles=model.band.quantiles.tolist(),
            recent=model.band.recent,
            announced=told and {name: getattr(told, name).tolist() for name in LEARNT},
            evening=evening and dataclasses.asdict(evening),
        )
        with tempfile.TemporaryDirectory() as folder:
            files = [
                modelfile.save(member, Path(folder) / _member(number), members)
                for number, member in enumerate(model.members)
            ]
            return modelfile.archive(head, {file.name: file.read_bytes() for file in files})

    return write


def reader(members: modelfile.Kinds) -> Callable[[dict[str, Any], bytes], Published]:
    """Return the function that builds a published forecast from header and archive."""

    def read(header: dict[str, Any], content: bytes) -> Published:
        held, told, evening = modelfile.members(content), header["announced"], header["evening"]
        models = []
        with tempfile.TemporaryDirectory() as folder:
            for name in map(_member, range(header["members"])):
                file = Path(folder) / name
                file.write_bytes(held[name])
                models.append(modelfile.load(file, members))
        return Published(
            header["name"],
            models,
            np.array(header["move"], dtype=float),
            Band(
                np.array(header["quantiles"], dtype=float),
                float(header["recent"]),
                told and Announced(*(np.array(told[name], dtype=float) for name in LEARNT)),
            ),
            weights=header["weights"],
            evening=evening and Evening(**evening),
        )

    return read


def _member(number: int) -> str:
    """Return the name of a member in the archive."""
    return f"member-{number}"


def kinds(members: modelfile.Kinds) -> modelfile.Kinds:
    """Return the kind that holds members of other kinds."""
    return {Published: (writer(members), reader(members))}
